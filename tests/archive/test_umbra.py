"""Umbra metadata."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog_builder.archive.vendors.umbra import FORMAT
from catalog_builder.errors import UnreadableDelivery
from catalog_builder.facts import Field
from tests.archive.public_samples import box, folder_of, only, scenes, write_tiff

RING = [[-79.6, 8.95, 10], [-79.55, 8.95, 10], [-79.55, 9.0, 10], [-79.6, 9.0, 10], [-79.6, 8.95, 10]]
COLLECT = {
    "id": "5ba5b849",
    "startAtUTC": "2023-07-18T02:30:33+00:00",
    "endAtUTC": "2023-07-18T02:30:36.374803+00:00",
    "radarBand": "X",
    "polarizations": ["VV"],
    "angleAzimuthDegrees": 122.1,
    "angleIncidenceDegrees": 47.4,
    "satelliteTrack": "ASCENDING",
    "observationDirection": "LEFT",
    "footprintPolygonLla": {"coordinates": [RING]},
}
DOCUMENT = {"vendor": "Umbra Space", "imagingMode": "SPOTLIGHT", "umbraSatelliteName": "UMBRA_04", "collects": [COLLECT]}


def test_the_metadata_file(tmp_path: Path) -> None:
    stem = "2023-07-18-02-30-32_UMBRA-04"
    (tmp_path / f"{stem}_METADATA.json").write_text(json.dumps(DOCUMENT))
    write_tiff(tmp_path / f"{stem}_GEC.tif", dtype="uint8")
    _, reading, facts = only(FORMAT, folder_of(tmp_path))
    assert (facts.get(Field.PLATFORM), facts.get(Field.SAR_BAND), facts.get(Field.POLARIZATIONS)) == ("Umbra-04", "X", ("VV",))
    assert (facts.get(Field.INCIDENCE_ANGLE), facts.get(Field.VIEW_AZIMUTH)) == (47.4, 122.1)
    assert (facts.get(Field.LOOK_DIRECTION), facts.get(Field.SCENE_NAME)) == ("left", stem)
    assert box(facts.get(Field.FOOTPRINT)) == (-79.6, 8.95, -79.55, 9.0)
    assert facts.acquired is not None and facts.acquired.end is not None
    assert [r.key for r in reading.rasters] == ["GEC"]


@pytest.mark.parametrize("collects", [None, [], [3], "x"])
def test_metadata_without_a_collect_is_unreadable(tmp_path: Path, collects: object) -> None:
    (tmp_path / "A_METADATA.json").write_text(json.dumps({**DOCUMENT, "collects": collects}))
    (scene,) = scenes(FORMAT, folder_of(tmp_path))
    with pytest.raises(UnreadableDelivery):
        FORMAT.read(scene)


def test_values_of_another_type_are_not_claimed(tmp_path: Path) -> None:
    strange = {"id": 7, "startAtUTC": 5, "angleIncidenceDegrees": "47", "polarizations": "VV", "footprintPolygonLla": [1]}
    (tmp_path / "A_METADATA.json").write_text(json.dumps({**DOCUMENT, "collects": [strange]}))
    _, _, facts = only(FORMAT, folder_of(tmp_path))
    wanted = (Field.ACQUIRED, Field.INCIDENCE_ANGLE, Field.POLARIZATIONS, Field.FOOTPRINT, Field.CATALOG_ID)
    assert [f for f in wanted if facts.get(f) is not None] == []
