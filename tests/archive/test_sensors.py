"""The register of sensors: spellings, bands and their provenance."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from catalog_builder.archive import sensors

EO_COMMON_NAMES = {
    *("pan", "coastal", "blue", "green", "green05", "yellow", "red", "rededge", "rededge071", "rededge075", "rededge078"),
    *("nir", "nir08", "nir09", "cirrus", "swir16", "swir22", "lwir", "lwir11", "lwir12"),
}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("LANDSAT_8", "Landsat-8"), ("Landsat5", "Landsat-5"), ("LE07", "Landsat-7"), ("LANDSAT_5 TM", "Landsat-5")),
        *(("S2A", "Sentinel-2A"), ("Sentinel-2B", "Sentinel-2B"), ("SENTINEL-1A", "Sentinel-1A")),
        *(("SPOT 7", "SPOT-7"), ("SPOT6", "SPOT-6"), ("PHR 1A", "Pleiades-1A"), ("PHR1B", "Pleiades-1B"), ("PNEO3", "PleiadesNeo-3")),
        *(
            ("WV03", "WorldView-3"),
            ("WV3", "WorldView-3"),
            ("WorldView-03", "WorldView-3"),
            ("QB02", "QuickBird-2"),
            ("IKONOS-2", "IKONOS-2"),
        ),
        *(("KOMPSAT2 MSC", "KOMPSAT-2"), ("KOMPSAT-3A", "KOMPSAT-3A"), ("ALOS", "ALOS"), ("ALOS-2", "ALOS-2"), ("RE00", "RapidEye")),
        *(
            ("CBERS-04", "CBERS-4"),
            ("CBERS4A", "CBERS-4A"),
            ("TSX-1", "TerraSAR-X"),
            ("VNREDSAT 1A", "VNREDSat-1"),
            ("UMBRA_04", "Umbra-04"),
        ),
    ],
)
def test_any_spelling_gives_the_published_name(text: str, name: str) -> None:
    found = sensors.platform(text)
    assert found is not None and found.name == name


@pytest.mark.parametrize("text", ["", "SPOT", "SPOT-8", "Landsat", "Sentinel-2", "???"])
def test_an_unknown_platform_is_none(text: str) -> None:
    assert sensors.platform(text) is None


def test_no_spelling_names_two_platforms() -> None:
    owners: dict[str, set[str]] = {}
    for row in sensors.platforms():
        for spelling in (row.name, *row.spellings):
            owners.setdefault(re.sub(r"(?<!\d)0+(?=\d)", "", "".join(c for c in spelling.lower() if c.isalnum())), set()).add(row.name)
    assert {k: v for k, v in owners.items() if len(v) > 1} == {}


def test_every_row_has_a_source() -> None:
    rows = [*sensors.platforms(), *sensors.instrument_rows(), *sensors.band_rows()]
    assert len(rows) > 200
    assert [r.name for r in rows if not r.source.strip()] == []


def test_every_instrument_of_a_platform_or_band_is_in_the_instrument_table() -> None:
    known = {i.name for i in sensors.instrument_rows()}
    used = {i for p in sensors.platforms() for i in p.instruments} | {i for b in sensors.band_rows() for i in b.instruments}
    assert used <= known
    names = {p.name for p in sensors.platforms()}
    assert {p for b in sensors.band_rows() for p in b.platforms} <= names


def test_band_rows_are_physical_and_use_the_eo_vocabulary() -> None:
    for row in sensors.band_rows():
        assert 0.3 < row.lower < row.upper < 15, row
        assert row.gsd > 0
        assert row.common_name is None or row.common_name in EO_COMMON_NAMES, row


def test_unverified_rows_are_flagged_in_the_band() -> None:
    for row in sensors.band_rows():
        assert row.band("x").unverified is not row.verified


def test_bands_come_in_the_order_asked_with_the_vendors_names() -> None:
    nir, pan, green = sensors.bands("SPOT 7", "NAOMI", ["B3", "P", "B1"])
    assert (nir.name, nir.common_name, pan.name, pan.common_name, green.common_name) == ("B3", "nir", "P", "pan", "green")
    assert (pan.gsd, green.gsd) == (1.5, 6)
    assert green.center_wavelength == pytest.approx(0.56)
    assert green.full_width_half_max == pytest.approx(0.06)


def test_an_unknown_or_ambiguous_band_has_only_its_name() -> None:
    (unknown,) = sensors.bands("SPOT-7", None, ["B9"])
    assert unknown == sensors.Band("B9")
    (ambiguous,) = sensors.bands("Landsat-5", None, ["B1"])  # TM blue or MSS green
    assert ambiguous == sensors.Band("B1")
    assert sensors.bands("Landsat-5", "MSS", ["B1"])[0].common_name == "green"
    assert sensors.bands("no such satellite", None, ["B1"]) == (sensors.Band("B1"),)


def test_vendor_lists_of_instruments() -> None:
    assert sensors.instruments("OLI_TIRS") == ("OLI", "TIRS")
    assert sensors.instruments("ETM") == ("ETM+",)
    assert sensors.instruments("HRG 1") == ("HRG",)
    assert sensors.instruments("nonsense") == ()


@pytest.mark.shared
def test_published_names_agree_with_the_truth_of_the_shared_deliveries(shared: Path) -> None:
    overlay = json.loads((shared / "bench" / "truth_overlay.json").read_text())
    known = {"".join(c for c in p.name.lower() if c.isalnum() or c == "+") for p in sensors.platforms()}
    wanted = {k: v["platform"]["any"] for k, v in overlay.items() if isinstance(v, dict) and "any" in v.get("platform", {})}
    assert {k: v for k, v in wanted.items() if not known & set(v)} == {}
    wrong = {}
    for key, names in wanted.items():
        for name in names:
            found = sensors.platform(name)
            if found is not None and "".join(c for c in found.name.lower() if c.isalnum()) not in names:
                wrong[key] = (name, found.name)
    assert wrong == {}


def test_what_somebody_checked_is_told_apart_from_what_nobody_did() -> None:
    (checked,) = sensors.bands("Landsat-8", "OLI", ["B4"])
    (unchecked,) = sensors.bands("VNREDSat-1", "NAOMI", ["PAN"])
    assert (checked.unverified, unchecked.unverified) == (False, True)
    assert all("http" in row.source or "product" in row.source for row in sensors.band_rows() if row.verified)
