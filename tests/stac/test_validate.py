"""Validation: what we write is valid by the official schemas and by two other validators; what is wrong is named briefly."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from catalog_builder.archive.delivery import RasterKind
from catalog_builder.definition.model import Access
from catalog_builder.facts import Field
from catalog_builder.files import read_json, write_json
from catalog_builder.findings import Severity
from catalog_builder.stac.collection import make_catalog, make_collection, summarise
from catalog_builder.stac.extensions import OWN_NAMESPACES, PREFIXES, own_schema_path
from catalog_builder.stac.item import for_audience
from catalog_builder.stac.model import Json
from catalog_builder.stac.schemas import SchemaStore, mirror_path
from catalog_builder.stac.validate import Validator
from catalog_builder.times import When
from tests.stac import factories as make
from tests.stac.tree import write_tree


@pytest.fixture
def validator(shared: Path) -> Validator:
    return Validator(SchemaStore((shared / "schemas",)))


def variety(folder: Path) -> dict[str, Json]:
    own = make.product(folder, "pan", grid=make.Grid(10, 10, (1, 0, 0, 0, -1, 0), make.custom_crs()), ground_control="gcp")
    scan = make.product(folder, "scan", kind=RasterKind.SCAN, rectification={"method": "tps", "gcp_count": 9, "rmse_m": 1.5})
    bare_band = make.band_facts("1", None, None, band=make.Band("1"), histogram=None, bits_per_sample=None, nodata=float("nan"))
    film = make.claims(platform=None, scan_dpi=1200, film_roll="R7", photo_scale=20000, camera="RC30", acquired=When.year(1965))
    radar = make.claims(sar_mode="IW", sar_band="C", polarizations=("VV",), look_direction="right", grid_code="MGRS-48QXJ")
    order = make.assignment(make.order())
    nothing: tuple[Any, ...] = ()
    metadata_only = make.raster(folder, nothing, visual=None, thumbnail=None, preview=None, rendering=None)
    items = {
        "plain": make.item(folder).json,
        "order": make.item(folder, assignment=order, definition=make.definition(as_of=When.year(2026).start)).json,
        "public": for_audience(make.item(folder, assignment=order).json, Access.PUBLIC),
        "classes": make.item(folder, raster=make.raster(folder, (make.categorical(folder),))).json,
        "own crs": make.item(folder, raster=make.raster(folder, (own,))).json,
        "two crs": make.item(folder, raster=make.raster(folder, (make.product(folder), own))).json,
        "film": make.item(folder, delivery=make.delivery(facts=film), raster=make.raster(folder, (scan,))).json,
        "radar": make.item(folder, delivery=make.delivery(facts=radar)).json,
        "bare band": make.item(folder, raster=make.raster(folder, (make.product(folder, bands=(bare_band,), gsd=None),))).json,
        "metadata": make.item(folder, raster=metadata_only, delivery=make.delivery(rasters=())).json,
        "no facts": make.item(folder, delivery=make.delivery(facts=[make.claim(Field.ACQUIRED, When.year(1965))])).json,
        "antimeridian": make.item(folder, raster=make.raster(folder, footprint=make.footprint_across_the_antimeridian())).json,
        "one language": make.item(folder, definition=make.definition(languages=("en",), host=None)).json,
    }
    return items


@pytest.mark.shared
def test_everything_we_write_is_valid(tmp_path: Path, validator: Validator) -> None:
    items = variety(tmp_path)
    objects = items | {
        "collection": make_collection(make.collection_definition(), [summarise(i) for i in items.values()], make.definition()),
        "small collection": make_collection(make.collection_definition(), [summarise(items["no facts"])], make.definition()),
        "catalog": make_catalog(make.definition(as_of=When.year(2026).start)),
    }
    found = {name: [f.message("en") for f in validator.check(obj, name)] for name, obj in objects.items()}
    assert {name: problems for name, problems in found.items() if problems} == {}


SPOILED: list[tuple[str, Any, str, str]] = [
    ("properties/datetime", "2024-13-45T00:00:00Z", "/properties/datetime", "item"),
    ("properties/datetime", "2024-01-01T00:00:00+07:00", "/properties/datetime", "item"),
    ("properties/eo:cloud_cover", 400, "/properties/eo:cloud_cover", "eo v2.0.0"),
    ("properties/view:sun_elevation", -91, "/properties/view:sun_elevation", "view v1.1.0"),
    ("properties/vn:cloud_class", "D", "/properties/vn:cloud_class", "vn v1.0.0"),
    ("properties/vn:unheard", 1, "/properties", "vn v1.0.0"),
    ("properties/vn:received", "1/7/2019", "/properties/vn:received", "vn v1.0.0"),
    ("properties/cb:sources", [], "/properties/cb:sources", "cb v1.0.0"),
    ("assets/ms/proj:shape", [1], "/assets/ms/proj:shape", "projection v2.0.0"),
    ("assets/ms/file:size", "big", "/assets/ms/file:size", "file v2.1.0"),
    ("assets/ms/bands/0/raster:scale", "x", "/assets/ms/bands/0/raster:scale", "raster v2.0.0"),
    ("assets/ms/bands/0/cb:pixel_checksum", "x", "/assets/ms/bands/0/cb:pixel_checksum", "cb v1.0.0"),
    ("id", "", "/id", "item"),
]


@pytest.mark.shared
@pytest.mark.parametrize(("place", "value", "pointer", "schema"), SPOILED, ids=[f"{p}={v}" for p, v, _, _ in SPOILED])
def test_a_violation_names_the_field_and_the_schema(
    tmp_path: Path, validator: Validator, place: str, value: Any, pointer: str, schema: str
) -> None:
    spoilt = copy.deepcopy(make.item(tmp_path).json)
    *path, last = place.split("/")
    node: Any = spoilt
    for step in path:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[last] = value
    findings = validator.check(spoilt, "x")
    assert (pointer, schema) in {(f.params["pointer"], f.params["schema"]) for f in findings}
    assert all(f.code == "stac.schema-violation" and len(str(f.params["problem"])) <= 200 for f in findings)


def test_a_missing_schema_is_a_finding_once(tmp_path: Path) -> None:
    bare = Validator(SchemaStore(()))
    first, second = (bare.check(make.item(tmp_path, i).json, i) for i in ("a", "b"))
    assert {f.code for f in first} == {"stac.schema-missing"} and first == second
    assert PREFIXES["eo"] in {f.subject for f in first} and {f.severity for f in first} == {Severity.WARNING}
    strict = Validator(SchemaStore(()), strict=True).check(make.item(tmp_path).json, "a")
    assert {f.severity for f in strict} == {Severity.ERROR} and len(strict) == len(first)


def test_core_and_our_own_schemas_hold_without_any_other(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    json["properties"]["vn:access"] = "secret"
    del json["properties"]["datetime"]
    codes = [(f.code, f.params.get("schema")) for f in Validator(SchemaStore(())).check(json, "x")]
    assert ("stac.schema-violation", "vn v1.0.0") in codes and ("stac.schema-violation", "item") in codes


@pytest.mark.shared
def test_a_schema_whose_reference_is_missing_does_not_take_the_others_along(shared: Path, tmp_path: Path) -> None:
    place = tmp_path / "example.org" / "x" / "schema.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"$schema": "http://json-schema.org/draft-07/schema#", "allOf": [{"$ref": "https://example.org/gone.json"}]}')
    store = SchemaStore((tmp_path, shared / "schemas"))
    json = make.item(tmp_path / "files").json
    json["stac_extensions"].append("https://example.org/x/schema.json")
    assert [f.code for f in Validator(store).check(json, "x")] == ["stac.schema-missing"]


@pytest.mark.parametrize(
    "obj", [{}, {"type": "Feature"}, {"type": "Feature", "stac_version": "1.0.0"}, {"type": "Thing", "stac_version": "1.1.0"}]
)
def test_what_is_not_stac_is_said(obj: Json) -> None:
    assert [f.code for f in Validator(SchemaStore(())).check(obj, "x")] == ["stac.not-stac"]


def test_a_validator_crosses_processes(tmp_path: Path) -> None:
    validator = pickle.loads(pickle.dumps(Validator(SchemaStore(()))))
    assert validator.check(make.item(tmp_path).json, "a")


@pytest.mark.parametrize("prefix", OWN_NAMESPACES)
def test_our_schemas_are_good_draft_7_and_strict(prefix: str) -> None:
    schema = read_json(own_schema_path(prefix))
    assert jsonschema_rs.meta.is_valid(schema) and schema["$id"] == PREFIXES[prefix]
    check = jsonschema_rs.Draft7Validator(schema, validate_formats=True)

    def item(**properties: Any) -> Json:
        return {"type": "Feature", "stac_extensions": [PREFIXES[prefix]], "properties": properties, "assets": {}}

    assert check.is_valid(item()) and not check.is_valid(item(**{f"{prefix}:unheard": 1}))
    assert not check.is_valid({**item(), "stac_extensions": []})
    for name in schema["definitions"]["fields"]["properties"]:
        assert not check.is_valid(item(**{name: {"no": 7}})), f"{name} takes anything"


@pytest.mark.shared
def test_stac_valid_agrees_as_second_opinion(tmp_path: Path, shared: Path) -> None:
    root = write_tree(tmp_path / "site")
    folder = shared / "schemas"
    known = {
        uri: str(folder / entry["file"]) for uri, entry in read_json(folder / "index.json").items() if (folder / entry["file"]).is_file()
    }
    known |= {PREFIXES[prefix]: str(own_schema_path(prefix)) for prefix in OWN_NAMESPACES}
    write_json(tmp_path / "map.json", known)

    def run() -> tuple[int, str]:
        command = [
            sys.executable,
            "-c",
            "from stac_validator.stac_validator import cli; cli()",
            "validate",
            "-r",
            "--schema-config",
            str(tmp_path / "map.json"),
            str(root / "catalog.json"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        return done.returncode, done.stdout + done.stderr

    code, output = run()
    assert code == 0 and '"valid_stac": false' not in output, output[-3000:]
    assert output.count('"valid_stac": true') >= 5
    item = root / "spot/2019/a/a.json"
    spoilt = read_json(item)
    spoilt["properties"]["vn:cloud_class"] = "D"
    item.write_text(json.dumps(spoilt))
    assert run()[0] == 1


def test_mirror_paths() -> None:
    assert mirror_path("https://stac-extensions.github.io/eo/v2.0.0/schema.json") == "stac-extensions.github.io/eo/v2.0.0/schema.json"
