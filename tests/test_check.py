"""``check`` on trees that others wrote, or a disk damaged: findings, whatever stands where a link should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog_builder.check import check_tree
from catalog_builder.errors import EnvironmentProblem, UsageError
from catalog_builder.files import write_bytes, write_json
from catalog_builder.progress import Progress
from catalog_builder.release.write import MANIFEST, ReleaseWriter, read_manifest

CATALOG = {"type": "Catalog", "stac_version": "1.1.0", "id": "x", "description": "d", "links": []}
ITEM = CATALOG | {"type": "Feature"}


def codes(folder: Path) -> set[str]:
    return {f.code for f in check_tree(folder, pixels=True, progress=Progress()).findings}


@pytest.mark.parametrize(
    ("root", "code"),
    [
        (CATALOG | {"links": None}, "stac.schema-violation"),
        (CATALOG | {"links": [1, "x", None]}, "stac.schema-violation"),
        (CATALOG | {"links": {"a": 1}}, "stac.schema-violation"),
        (CATALOG | {"links": [{"rel": "child", "href": "http://[x"}]}, "check.link-broken"),
        (CATALOG | {"links": [{"rel": "child", "href": "a" * 5000}]}, "check.link-broken"),
        (CATALOG | {"links": [{"rel": ["x"], "href": "a\0b"}]}, "check.link-broken"),
        (CATALOG | {"links": [{"rel": "child", "href": "../outside.json"}]}, "check.link-broken"),
        (CATALOG | {"type": ["Catalog"]}, "check.not-stac"),
        (ITEM | {"assets": [1]}, "stac.schema-violation"),
        (ITEM | {"assets": {"a": 1}}, "stac.schema-violation"),
        (ITEM | {"assets": {"a": {"href": "./catalog.json", "bands": None}}}, "stac.schema-violation"),
        (ITEM | {"assets": {"a": {"href": "./catalog.json", "bands": [1]}}}, "stac.schema-violation"),
    ],
)
def test_whatever_stands_there_is_a_finding(tmp_path: Path, root: dict[str, Any], code: str) -> None:
    write_json(tmp_path / "catalog.json", root)
    assert code in codes(tmp_path)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[]", b"{}", b'{"files": [1], "id": "x", "items": 1}'])
def test_what_only_has_the_name_of_a_manifest_is_none(tmp_path: Path, data: bytes) -> None:
    """A catalogue of another program may have such a file; one that a disk tore is told. Nothing is ever published over either."""
    write_json(tmp_path / "catalog.json", CATALOG)
    write_bytes(tmp_path / MANIFEST, data)
    assert read_manifest(tmp_path) is None
    assert ("check.not-json" in codes(tmp_path)) == (data[:1] not in (b"[", b"{") or data == b"{")
    with pytest.raises(EnvironmentProblem, match="site-occupied"):
        ReleaseWriter(tmp_path)


def test_a_folder_without_a_catalogue_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check_tree(tmp_path, pixels=False, progress=Progress())
    assert [(f.code, f.subject) for f in caught.value.findings] == [("check.no-tree", str(tmp_path))]


def test_pixels_are_read_from_a_geotiff_and_nothing_else(tmp_path: Path) -> None:
    """A raster that only refers to others would lead out of the tree."""
    (tmp_path / "image.vrt").write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    item = ITEM | {"assets": {"a": {"href": "./image.vrt", "bands": [{"cb:pixel_checksum": "1e20" + "0" * 64}]}}}
    write_json(tmp_path / "catalog.json", item)
    assert "check.not-readable" in codes(tmp_path) and "check.pixels-differ" not in codes(tmp_path)
