"""The printed sheet: a code that can be read, and corners in the grid of the image."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import segno
import zxingcpp

from catalog_builder.site.qr import MASK, QUIET, qr_code
from catalog_builder.site.scene import Scene
from catalog_builder.site.sheet import LONGEST, printed_sheet
from catalog_builder.site.wording import Wording
from tests.site import factories as make
from tests.stac import factories as stac

ADDRESS = "https://anh.example.vn/kho/spot/2019/06/c%E1%BA%A3nh-1/index.html"


def drawn(path: str, side: int, scale: int = 4) -> np.ndarray:
    """The strokes of a code as black on white."""
    paper = np.full((side, side), 255, np.uint8)
    x = y = 0
    for column, row, stroke, move in re.findall(r"M(\d+) (\d+)\.5|h(\d+)|m(\d+) 0", path):
        if column:
            x, y = int(column), int(row)
        elif stroke:
            paper[y, x : x + int(stroke)] = 0
        x += int(stroke or move or 0)
    return paper.repeat(scale, 0).repeat(scale, 1)


@pytest.mark.parametrize("address", ["https://a.vn/", ADDRESS, "https://a.vn/" + "x" * (LONGEST - 13)])
def test_a_code_says_the_address_and_has_its_margin(address: str) -> None:
    code = qr_code(address)
    paper = drawn(code.path, code.side)
    assert [found.text for found in zxingcpp.read_barcodes(paper)] == [address]
    edge = QUIET * 4
    assert paper[:edge].min() == paper[-edge:].min() == paper[:, :edge].min() == paper[:, -edge:].min() == 255


def test_codes_that_are_summed_up_are_those_of_the_encoder() -> None:
    """Many addresses of one length: nearly all come from symbols that are known, none differs from what the encoder says."""
    for n in [*range(0, 400, 7), 2**31, 5, 0]:
        address = f"https://anh.example.vn/kho/spot/2019/06/{n * 7919:012x}-{n % 13:x}/index.html"
        encoded = segno.make_qr(address, error="m", mask=MASK, boost_error=False).matrix
        code = qr_code(address)
        modules = drawn(code.path, code.side, scale=1)[QUIET:-QUIET, QUIET:-QUIET]
        assert np.array_equal(modules == 0, np.array([list(row) for row in encoded], bool)), address


def scene(root: Path) -> Scene:
    definition = stac.definition()
    json = make.scene(root, "one", "spot", definition)
    return Scene(make.placed(root, json), json, definition)


def test_the_sheet_has_address_code_and_corners(tmp_path: Path) -> None:
    sheet = printed_sheet(scene(tmp_path), ADDRESS, Wording("en"))
    assert sheet.address == ADDRESS and sheet.code == qr_code(ADDRESS) and sheet.identifier == "one"
    assert sheet.corners is not None and [c.name for c in sheet.corners.rows] == ["Upper left", "Upper right", "Lower right", "Lower left"]


def test_no_code_without_an_address_or_with_an_endless_one(tmp_path: Path) -> None:
    made = scene(tmp_path)
    for address in (None, "https://a.vn/" + "x" * LONGEST):
        sheet = printed_sheet(made, address, Wording("vi"))
        assert sheet.code is None and sheet.address == address


def test_corners_in_wgs84_itself_are_told_once(tmp_path: Path) -> None:
    made = scene(tmp_path)
    main = made.json["assets"][made.main_asset.key]  # type: ignore[union-attr]
    main |= {"proj:code": "EPSG:4326", "proj:transform": [0.001, 0.0, 107.0, 0.0, -0.001, 21.0]}
    made.json["properties"]["vn:crs"] = {"resolved": "EPSG:4326"}
    corners = printed_sheet(made, None, Wording("en")).corners
    assert corners is not None and corners.grid == "" and corners.rows[0].own == ()
    assert corners.rows[0].wgs84 == ("21.000000°N", "107.000000°E")


@pytest.mark.parametrize(
    "damage",
    [
        {"proj:transform": None},
        {"proj:transform": [1, 2]},
        {"proj:code": "EPSG:0"},
        {"proj:shape": "x"},
        {"proj:transform": [1, 0, 1e30, 0, -1, 1e30]},
    ],
)
def test_corners_that_are_not_stated_are_not_printed(tmp_path: Path, damage: dict[str, object]) -> None:
    made = scene(tmp_path)
    made.json["assets"][made.main_asset.key] |= damage  # type: ignore[union-attr]
    again = Scene(made.item, made.json, made.definition)
    assert printed_sheet(again, None, Wording("vi")).corners is None
