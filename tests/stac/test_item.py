"""Items: what is known is written with its source, what is not known is absent, what cannot be true is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_builder.archive.delivery import Band, RasterKind
from catalog_builder.archive.findings import NO_DATE as ARCHIVE_NO_DATE
from catalog_builder.definition.model import Access, Thresholds
from catalog_builder.definition.registers import Holiday
from catalog_builder.facts import Field
from catalog_builder.files import checksum_bytes, json_bytes
from catalog_builder.findings import Severity
from catalog_builder.raster.model import Grid
from catalog_builder.stac import official
from catalog_builder.stac.audience import INTERNAL_ONLY
from catalog_builder.stac.item import for_audience, render
from catalog_builder.stac.profile import check_profile
from catalog_builder.stac.texts import in_language
from catalog_builder.times import When
from tests.stac import factories as make


def properties(folder: Path, **changes: object) -> dict[str, object]:
    claims = make.claims(**changes)
    return make.item(folder, delivery=make.delivery(facts=claims)).json["properties"]  # type: ignore[return-value]


def test_an_item_says_what_the_facts_say(tmp_path: Path) -> None:
    item = make.item(tmp_path)
    p = item.json["properties"]
    assert not item.draft and item.findings == ()
    assert p["datetime"] == "2019-06-05T03:12:34.5Z" and p["vn:datetime_precision"] == "second"
    assert (p["platform"], p["constellation"], p["instruments"], p["gsd"]) == ("SPOT-7", "SPOT", ["NAOMI"], 6.0)
    assert (p["eo:cloud_cover"], p["vn:cloud_class"], p["vn:resolution_class"], p["vn:processing_level"]) == (12.5, "B", "high", "3A")
    assert (p["view:azimuth"], p["view:off_nadir"]) == (180.5, 11.25)
    assert p["title"] == "SPOT-7 · DS_SPOT7_201906050312345_FR1_FR1"
    assert p["processing:software"]["Ground segment"] == "5.2.1" and p["processing:datetime"] == "2019-06-20T08:00:00Z"
    assert item.json["bbox"] == list(make.HA_LONG)


def test_every_property_of_the_item_has_a_source(tmp_path: Path) -> None:
    item = make.item(tmp_path, assignment=make.assignment(make.order()))
    told = item.json["properties"]["cb:provenance"]
    own = {"language", "languages"}
    silent = [n for n in item.json["properties"] if n not in told and not n.startswith("cb:") and n not in own]
    assert silent == []
    assert told["eo:cloud_cover"] == "2019/HD-12/DIM_SPOT7_MS.XML#/Dimap_Document/cloud_cover"
    assert told["vn:received"] == "orders/spot-2019.toml#received"
    assert told["geometry"] == "computed#footprint by nodata"
    assert told == dict(item.provenance)


def test_an_interval_has_no_invented_instant(tmp_path: Path) -> None:
    p = properties(tmp_path, acquired=When.year(1994))
    assert p["datetime"] is None
    assert (p["start_datetime"], p["end_datetime"]) == ("1994-01-01T00:00:00Z", "1994-12-31T23:59:59Z")
    assert p["vn:datetime_precision"] == "year"


def test_impossible_values_are_refused_with_a_finding(tmp_path: Path) -> None:
    claims = make.claims(cloud_cover=999, off_nadir=float("nan"), sun_elevation=-91, sun_azimuth=400, gsd=-1)
    item = make.item(tmp_path, delivery=make.delivery(facts=claims))
    refused = {f.params["field"] for f in item.findings if f.code == "stac.value-refused"}
    assert refused == {"eo:cloud_cover", "view:off_nadir", "view:sun_elevation", "view:sun_azimuth", "gsd"}
    p = item.json["properties"]
    assert not {"eo:cloud_cover", "vn:cloud_class", "view:off_nadir"} & set(p)
    assert p["gsd"] == 6.0, "the raster's own GSD stands in for the refused claim"
    assert not item.draft


def test_a_scene_without_date_is_a_draft_that_invents_nothing(tmp_path: Path) -> None:
    item = make.item(tmp_path, delivery=make.delivery(facts=make.claims(acquired=None)))
    assert item.draft and [f.code for f in item.findings] == ["stac.no-date"]
    p = item.json["properties"]
    assert p["datetime"] is None and "start_datetime" not in p and "vn:datetime_precision" not in p


def test_a_scene_without_footprint_is_a_draft_without_box(tmp_path: Path) -> None:
    item = make.item(tmp_path, raster=make.raster(tmp_path, footprint=None))
    assert item.draft and [f.code for f in item.findings] == ["stac.no-geometry"]
    assert item.json["geometry"] is None and "bbox" not in item.json and "proj:centroid" not in item.json["properties"]


def test_an_error_of_an_earlier_room_makes_a_draft_and_is_not_repeated(tmp_path: Path) -> None:
    delivery = make.delivery(facts=make.claims(acquired=None), findings=(ARCHIVE_NO_DATE("x"),))
    item = make.item(tmp_path, delivery=delivery)
    assert item.draft and item.findings == ()


def test_assets_carry_size_checksum_grid_and_bands(tmp_path: Path) -> None:
    assets = make.item(tmp_path).json["assets"]
    assert list(assets) == ["ms", "visual", "thumbnail", "preview", "metadata"]
    data = assets["ms"]
    assert data["href"] == "./ms.tif" and data["type"].endswith("profile=cloud-optimized") and data["roles"] == ["data"]
    content = (tmp_path / "ms.tif").read_bytes()
    assert (data["file:size"], data["file:checksum"]) == (len(content), checksum_bytes(content))
    assert data["proj:shape"] == [5000, 4000]
    assert data["proj:transform"] == [6.0, 0.0, 400000.0, 0.0, -6.0, 2330000.0]
    assert data["proj:bbox"] == [400000.0, 2300000.0, 424000.0, 2330000.0]
    assert "proj:code" not in data, "the item says it once"
    assert data["raster:spatial_resolution"] == 6.001 and data["gsd"] == 6.0
    blue = data["bands"][0]
    assert (blue["name"], blue["eo:common_name"], blue["eo:center_wavelength"]) == ("B0", "blue", 0.485)
    assert (blue["nodata"], blue["data_type"], blue["raster:bits_per_sample"]) == (0, "uint16", 12)
    assert blue["statistics"]["valid_percent"] == 97.5 and blue["cb:pixel_checksum"] == make.PIXEL_CHECKSUM
    assert blue["raster:histogram"] == {"count": 4, "min": 11.5, "max": 3011.5, "buckets": [10, 200, 30, 4]}
    assert assets["metadata"]["description"] == "DIM_SPOT7_MS.XML"


def test_vn2000_is_stated_in_full(tmp_path: Path) -> None:
    p = make.item(tmp_path).json["properties"]
    assert p["proj:code"] == "EPSG:5899"
    assert p["vn:crs"] == {
        "declared": "VN_2000_TM3_107_45",
        "resolved": "EPSG:5899",
        "confidence": "parameters",
        "operation": "EPSG:6960",
        "accuracy": 0.5,
    }
    assert (p["vn:central_meridian"], p["vn:zone_width"]) == (107.75, 3.0)
    assert p["vn:corners"][0] == [106.9, 21.1]


def test_a_crs_without_code_is_given_whole(tmp_path: Path) -> None:
    product = make.product(tmp_path, grid=Grid(10, 10, (1, 0, 0, 0, -1, 0), make.custom_crs()))
    p = make.item(tmp_path, raster=make.raster(tmp_path, (product,))).json["properties"]
    assert p["proj:code"] is None and p["proj:projjson"]["type"] == "ProjectedCRS"
    assert p["vn:central_meridian"] == 107.5


def test_products_in_two_systems_state_each_their_own(tmp_path: Path) -> None:
    other = make.product(tmp_path, "pan", grid=Grid(10, 10, (1, 0, 0, 0, -1, 0), make.custom_crs()))
    json = make.item(tmp_path, raster=make.raster(tmp_path, (make.product(tmp_path), other))).json
    assert "proj:code" not in json["properties"] and "vn:crs" not in json["properties"]
    assert json["assets"]["ms"]["proj:code"] == "EPSG:5899" and json["assets"]["pan"]["proj:code"] is None


def test_a_grid_without_georeference_has_a_shape_only(tmp_path: Path) -> None:
    product = make.product(tmp_path, grid=Grid(10, 20, None, None), gsd=None, ground_control="rpc")
    asset = make.item(tmp_path, raster=make.raster(tmp_path, (product,))).json["assets"]["ms"]
    assert asset["proj:shape"] == [20, 10] and "proj:transform" not in asset and asset["cb:ground_control"] == "rpc"


def test_a_delivery_of_metadata_only_is_an_item(tmp_path: Path) -> None:
    facts = (*make.claims(), make.claim(Field.DECLARED_CRS, "EPSG:32648"))
    raster = make.raster(
        tmp_path, (), visual=None, thumbnail=None, preview=None, rendering=None, footprint=make.footprint(method="metadata")
    )
    item = make.item(tmp_path, raster=raster, delivery=make.delivery(facts=facts, rasters=()))
    assert not item.draft
    p = item.json["properties"]
    assert (p["proj:code"], p["vn:zone_width"], p["vn:crs"]["confidence"]) == ("EPSG:32648", 6.0, "authority")
    assert list(item.json["assets"]) == ["metadata"] and p["cb:provenance"]["proj:code"].startswith("2019/HD-12/")
    assert "raster/v2.0.0" not in " ".join(item.json["stac_extensions"])


@pytest.mark.parametrize("declared", ["EPSG:99999", "LOCAL_CS[unknown]", "zone 48"])
def test_a_declared_crs_that_is_no_code_is_not_guessed(tmp_path: Path, declared: str) -> None:
    facts = (*make.claims(), make.claim(Field.DECLARED_CRS, declared))
    item = make.item(tmp_path, raster=make.raster(tmp_path, ()), delivery=make.delivery(facts=facts, rasters=()))
    assert "proj:code" not in item.json["properties"]


def test_classes_of_a_categorical_product(tmp_path: Path) -> None:
    asset = make.item(tmp_path, raster=make.raster(tmp_path, (make.categorical(tmp_path),))).json["assets"]["landcover"]
    assert asset["classification:classes"] == [
        {"value": 0, "name": "No-data", "title": "No data"},
        {"value": 1, "name": "Rung-ngap-man", "title": "Rừng ngập mặn", "description": "Mangrove", "color_hint": "00FF7F"},
        {"value": 2, "name": "Water", "title": "Water"},
    ]


def test_bands_hold_no_nan_and_no_unknown_common_name(tmp_path: Path) -> None:
    band = make.band_facts("B0", None, None, band=Band("B0", "deep_blue", unverified=True), nodata=float("nan"), histogram=None)
    out = make.item(tmp_path, raster=make.raster(tmp_path, (make.product(tmp_path, bands=(band,)),))).json["assets"]["ms"]["bands"][0]
    assert out["nodata"] == "nan" and "eo:common_name" not in out and out["cb:unverified"] is True


def test_extensions_are_listed_only_when_used(tmp_path: Path) -> None:
    names = [uri.split("/")[-3] for uri in make.item(tmp_path).json["stac_extensions"]]
    assert names == sorted(names) or len(names) == len(set(names))
    assert {"raster", "eo", "projection", "file", "view", "sat", "processing", "render", "vn", "cb"} <= set(names)
    assert not {"sar", "grid", "timestamps", "classification", "order"} & set(names)


def test_radar_and_grid_fields(tmp_path: Path) -> None:
    facts = make.claims(sar_mode="IW", sar_band="c", polarizations=("vv", "VH"), look_direction="RIGHT", grid_code="MGRS-48QXJ")
    p = make.item(tmp_path, delivery=make.delivery(facts=facts)).json["properties"]
    assert (p["sar:instrument_mode"], p["sar:frequency_band"], p["sar:polarizations"]) == ("IW", "C", ["VV", "VH"])
    assert p["sar:observation_direction"] == "right" and p["grid:code"] == "MGRS-48QXJ"


def test_orders_give_licence_origin_and_the_publishing_clock(tmp_path: Path) -> None:
    item = make.item(tmp_path, assignment=make.assignment(make.order(), Access.INTERNAL))
    p = item.json["properties"]
    assert p["license"] == "other" and p["cb:licence"] == "Airbus multi-user EULA"
    assert item.json["links"] == [
        {"rel": "license", "href": "https://example.org/eula", "type": "text/html", "title": "Airbus multi-user EULA"}
    ]
    assert [f.code for f in item.findings] == ["stac.licence-not-spdx"] and not item.draft
    assert (p["vn:origin"], p["vn:funding_source"], p["vn:contract_no"]) == ("foreign_purchase", ["state_local"], "12/2019/HĐ")
    assert (p["vn:received"], p["vn:publish_due"]) == ("2019-07-01", "2019-08-12")
    assert p["order:status"] == "succeeded" and p["order:date"] == "2019-05-02T00:00:00Z"


def test_working_days_skip_weekends_and_holidays() -> None:
    friday = date(2026, 8, 28)
    assert official.working_day(friday, 1, ()) == date(2026, 8, 31)
    holiday = Holiday(day=date(2026, 9, 2), name_vi="Quốc khánh", source="t", verified="seed")
    assert official.publish_due(friday, ()) == date(2026, 10, 9)
    assert official.publish_due(friday, (holiday,)) == date(2026, 10, 12)


@pytest.mark.parametrize(
    ("gsd", "expected"), [(0.99, "very_high"), (1.0, "high"), (20.0, "high"), (20.1, "medium"), (100.0, "medium"), (100.5, "low")]
)
def test_resolution_classes_of_the_circular(gsd: float, expected: str) -> None:
    assert official.resolution_class(gsd, Thresholds()) == expected


@pytest.mark.parametrize(("cloud", "expected"), [(0.0, "A"), (9.99, "A"), (10.0, "B"), (24.9, "B"), (25.0, "C"), (100.0, "C")])
def test_cloud_classes_of_the_circular(cloud: float, expected: str) -> None:
    assert official.cloud_class(cloud, Thresholds()) == expected


def test_a_public_item_shows_no_contract_and_no_folder(tmp_path: Path) -> None:
    json = make.item(tmp_path, assignment=make.assignment(make.order(id="bi-mat"), Access.PUBLIC)).json
    before = json_bytes(json)
    public = for_audience(json, Access.PUBLIC)
    text = json_bytes(public).decode()
    assert json_bytes(json) == before, "the function is pure"
    assert not INTERNAL_ONLY & set(public["properties"])
    for secret in ("HD-12", "12/2019", "Công ty A", "bi-mat", 'SO19012345"', "2019/"):
        assert secret not in text, secret
    assert "IMG_SPOT7_MS_R1C1.TIF" in text
    assert for_audience(json, Access.INTERNAL) == json


def test_the_item_can_be_turned_into_english(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    assert json["properties"]["language"]["code"] == "vi"
    english = in_language(json, "en")
    assert english["assets"]["thumbnail"]["title"] == "Thumbnail" != json["assets"]["thumbnail"]["title"]
    assert english["properties"]["processing:lineage"].startswith("Pixels written unchanged")
    assert in_language(json, "vi") is json


def test_published_only_when_the_publisher_says_so(tmp_path: Path) -> None:
    assert "published" not in make.item(tmp_path).json["properties"]
    later = make.definition(as_of=datetime(2026, 11, 21, 0, 0, tzinfo=UTC))
    p = make.item(tmp_path, definition=later).json["properties"]
    assert p["published"] == "2026-11-21T00:00:00Z"


def test_the_host_is_the_office_valid_at_the_date(tmp_path: Path) -> None:
    def host(when: datetime | None) -> str:
        p = make.item(tmp_path, definition=make.definition(as_of=when)).json["properties"]
        assert [c["name"] for c in p["contacts"]] == [x["name"] for x in p["providers"] if "host" in x["roles"]]
        assert p["contacts"][0]["phones"][0]["value"] == "+842033835123"
        return str(p["contacts"][0]["name"])

    assert host(None) == host(datetime(2026, 1, 1, tzinfo=UTC)) == "Sở Nông nghiệp và Môi trường"
    assert host(datetime(2024, 1, 1, tzinfo=UTC)) == "Sở Tài nguyên và Môi trường"


def test_two_builds_give_the_same_bytes(tmp_path: Path) -> None:
    assert json_bytes(make.item(tmp_path).json) == json_bytes(make.item(tmp_path).json)


def test_scan_and_aerial_groups(tmp_path: Path) -> None:
    facts = make.claims(
        platform=None, scan_dpi=1200, film_roll="R7", frame="12", photo_scale=20000, focal_length=152.3, flight_height=3050, camera="RC30"
    )
    product = make.product(tmp_path, kind=RasterKind.SCAN, rectification={"method": "polynomial-2", "gcp_count": 9, "rmse_m": 1.25})
    item = make.item(tmp_path, delivery=make.delivery(facts=facts), raster=make.raster(tmp_path, (product,)))
    p = item.json["properties"]
    assert p["vn:scan"] == {"dpi": 1200.0, "roll": "R7", "frame": "12", "bit_depth": 12}
    assert p["vn:aerial"]["photo_scale"] == 20000 and p["vn:aerial"]["camera"] == "RC30"
    assert item.json["assets"]["ms"]["vn:rectification"]["rmse_m"] == 1.25
    assert p["title"] == "DS_SPOT7_201906050312345_FR1_FR1"


def test_a_second_sidecar_of_a_role_gets_a_number(tmp_path: Path) -> None:
    more = tuple((make.stored(tmp_path, f"b{i}.txt", b"x"), "metadata", f"a/b{i}.txt") for i in range(3))
    assets = make.item(tmp_path, raster=make.raster(tmp_path, sidecars=more)).json["assets"]
    assert [k for k in assets if k.startswith("metadata")] == ["metadata", "metadata-2", "metadata-3"]
    assert assets["metadata-2"]["type"] == "text/plain"


def test_the_rendering_names_assets_bands_and_ranges(tmp_path: Path) -> None:
    json = make.item(tmp_path).json
    shown = {"title": "Màu tự nhiên", "assets": ["ms"], "bidx": [3, 2, 1], "rescale": [[301.0, 900.0]] * 3}
    assert json["properties"]["renders"] == {"visual": shown}
    assert in_language(json, "en")["properties"]["renders"]["visual"]["title"] == "True colour"
    keys = {"B4": "B4", "B3": "B3-2"}
    assert render({"assets": ["B4", "B3"], "bands": [1, 1]}, keys, "vi") == {"title": "visual", "assets": ["B4", "B3-2"]}
    assert render({"assets": ["B4", "gone"]}, keys, "vi") is None and render({}, keys, "vi") is None


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.tuples(st.floats(), st.text(max_size=5)),
    st.lists(st.tuples(st.floats(), st.floats()), max_size=5),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(field=st.sampled_from([f for f in Field if f is not Field.ACQUIRED]), value=ANYTHING)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_claim_breaks_the_item_and_nothing_impossible_passes(tmp_path: Path, field: Field, value: object) -> None:
    claims = [c for c in make.claims() if c.field is not field]
    raster = make.raster(tmp_path)
    item = make.item(tmp_path, delivery=make.delivery(facts=[*claims, make.claim(field, value)]), raster=raster)
    errors = [f for f in check_profile(item.json, "x") if f.severity is Severity.ERROR]
    assert errors == []
    assert all(c.isprintable() for c in item.json["properties"]["title"])


def test_texts_of_an_archive_cannot_steer_a_terminal(tmp_path: Path) -> None:
    p = properties(tmp_path, scene_name="a\x1b[31mb\n\u202ec", platform=" ")
    assert p["vn:scene_name"] == "a\N{REPLACEMENT CHARACTER}[31mb \N{REPLACEMENT CHARACTER}c" and "platform" not in p


def test_a_band_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    bands = (make.band_facts("", None, None), make.band_facts("x", None, None))
    asset = make.item(tmp_path, raster=make.raster(tmp_path, (make.product(tmp_path, bands=bands),))).json["assets"]["ms"]
    assert [b["name"] for b in asset["bands"]] == ["1", "x"]


def test_what_is_written_is_plain_json(tmp_path: Path) -> None:
    """What schemas judge is what a reader of the file will see, though it is never turned into text for it."""
    footprint = make.footprint()
    footprint = replace(footprint, geometry={"type": "Polygon", "coordinates": (tuple(map(tuple, footprint.geometry["coordinates"][0])),)})
    rectified = make.product(tmp_path, rectification={"method": "tps", "gcp_count": np.int64(9), "rmse_m": np.float64(1.5)})
    numbers = make.Statistics(*map(np.float64, (12.0, 3011.0, 512.25, 130.5, 97.5, 301.0, 900.0)))
    bands = tuple(replace(b, statistics=numbers, nodata=np.float64(0.5)) for b in make.bands())
    raster = make.raster(tmp_path, (replace(rectified, bands=bands),), footprint=footprint)
    for assignment in (make.assignment(), make.assignment(make.order())):
        json = make.item(tmp_path, raster=raster, assignment=assignment).json
        assert orjson.loads(orjson.dumps(json)) == json
        assert _types(json) <= {dict, list, str, int, float, bool, type(None)}


def _types(node: Any) -> set[type]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return {type(node), *(t for child in children for t in _types(child))}
