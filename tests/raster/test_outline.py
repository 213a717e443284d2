"""The outline of a mask has the shape that GDAL finds by walking over every cell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from rasterio.features import shapes
from shapely.geometry import Polygon, shape

from catalog_builder.raster import outline


def by_gdal(mask: NDArray[np.bool_]) -> list[Polygon]:
    return [shape(g) for g, _ in shapes(mask.astype(np.uint8), mask=mask, connectivity=4)]


def masks() -> dict[str, NDArray[np.bool_]]:
    rng = np.random.default_rng(7)
    y, x = np.indices((60, 90))
    ring = (np.hypot(x - 45, y - 30) < 28) & (np.hypot(x - 45, y - 30) > 15)
    return {
        "corners cut": (x + y > 20) & (x + y < 130),
        "ring with an island": ring | (np.hypot(x - 45, y - 30) < 6),
        "touching at corners": (x // 10 + y // 10) % 2 == 0,
        "speckled": rng.random((60, 90)) > 0.02,
        "noise": rng.random((60, 90)) > 0.5,
        "one cell": (x == 89) & (y == 0),
        "one row": np.arange(90)[None, :] % 7 > 2,
    }


@pytest.mark.parametrize("name", masks())
@pytest.mark.parametrize("most", [outline.MAX_EDGES, 0])
def test_parts_are_those_of_gdal(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "MAX_EDGES", most)
    mask = masks()[name]
    found, expected = outline.parts_of(mask), by_gdal(mask)
    assert len(found) == len(expected)
    assert sum(p.area for p in found) == mask.sum()
    assert all(any(p.equals(q) for q in expected if q.area == p.area) for p in found)
