"""Folders of the archive for the tests of public missions: from disk, or unpacked from the containers in which they come."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin

from catalog_builder.archive.delivery import ArchiveFile, Folder, Reading, SceneFiles, VendorFormat
from catalog_builder.archive.find import find_scenes
from catalog_builder.facts import Facts, Field, settle
from catalog_builder.findings import Severity
from catalog_builder.times import parse_iso


def folder_of(path: Path, name: str | None = None) -> Folder:
    """``path`` and everything below it as the scanner would hand it over."""
    name = path.name if name is None else name
    files, folders = [], []
    for entry in sorted(path.iterdir(), key=lambda p: p.name):
        if entry.is_dir():
            folders.append(folder_of(entry, f"{name}/{entry.name}"))
        else:
            status = entry.stat()
            files.append(ArchiveFile(entry, f"{name}/{entry.name}", status.st_size, status.st_mtime_ns))
    return Folder(name, tuple(files), tuple(folders))


def unpacked(container: Path, target: Path) -> Folder:
    """A tar or zip as the folder of its members."""
    target.mkdir(exist_ok=True)
    if zipfile.is_zipfile(container):
        with zipfile.ZipFile(container) as archive:
            archive.extractall(target)
    else:
        subprocess.run(["tar", "-xf", str(container), "-C", str(target)], check=True)
    return folder_of(target, f"{container.parent.name}/{container.name}!")


def scenes(fmt: VendorFormat, folder: Folder) -> list[SceneFiles]:
    """Every scene that ``fmt`` finds at or below ``folder``, as the scanner asks it."""
    found, problems = find_scenes(folder, [fmt])
    assert {p.severity for p in problems} <= {Severity.INFO}
    return [f.scene for f in found]


def only(fmt: VendorFormat, folder: Folder) -> tuple[SceneFiles, Reading, Facts]:
    """The one scene in ``folder``, what it says and what follows when its claims are settled; no claim may contradict another."""
    (scene,) = scenes(fmt, folder)
    reading = fmt.read(scene)
    facts, conflicts = settle(reading.claims)
    assert conflicts == ()
    return scene, reading, facts


def overlay(shared: Path, delivery: str) -> dict[str, Any]:
    """What the shared truth knows of a vendor delivery."""
    entry: dict[str, Any] = json.loads((shared / "bench" / "truth_overlay.json").read_text())[f"vendor/{delivery}"]
    return entry


def truth(known: Mapping[str, Any], facts: Facts) -> dict[str, tuple[Any, Any]]:
    """Fields of an entry of the shared truth that ``facts`` get wrong or leave out, as (have, want); {} is perfect."""
    fields = {
        **{"cloud_cover": Field.CLOUD_COVER, "gsd": Field.GSD, "sun_azimuth": Field.SUN_AZIMUTH, "sun_elevation": Field.SUN_ELEVATION},
        **{"off_nadir": Field.OFF_NADIR, "incidence_angle": Field.INCIDENCE_ANGLE, "view_azimuth": Field.VIEW_AZIMUTH},
    }
    wrong: dict[str, tuple[Any, Any]] = {}
    for key, field in fields.items():
        want, have = known.get(key), facts.get(field)
        if want is None:
            continue
        near = have is not None and any(abs(have - w) <= want.get("tol", 0.1) for w in want.get("any", ()))
        good = have is None if want.get("absent") else near
        if not good:
            wrong[key] = (have, want)
    for key, have in (("platform", facts.get(Field.PLATFORM)), ("instrument", facts.get(Field.INSTRUMENTS))):
        want = known.get(key)
        said = [have] if isinstance(have, str) else list(have or ())
        if want and not (said and all("".join(c for c in s.lower() if c.isalnum() or c == "+") in want["any"] for s in said)):
            wrong[key] = (have, want)
    if "datetime" in known and not _time_agrees(known["datetime"], facts):
        wrong["datetime"] = (facts.acquired, known["datetime"])
    crs = facts.get(Field.DECLARED_CRS)
    if crs is not None and "crs" in known and crs not in known["crs"]["any"]:
        wrong["crs"] = (crs, known["crs"])
    return wrong


def _time_agrees(want: Mapping[str, Any], facts: Facts) -> bool:
    have = facts.acquired
    if want.get("absent"):
        return have is None
    if have is None:
        return False
    slack = timedelta(seconds=want.get("tol_s", 2))
    start, end = have.start, have.end or have.start
    if "range" in want:
        first, last = (parse_iso(t).start for t in want["range"])
        return first - slack <= start and end <= last + slack
    if "date" in want:
        return have.start.date().isoformat() == want["date"]
    return any(start - slack <= parse_iso(t).start <= end + slack for t in want["any"]) and end - start <= timedelta(days=1)


def box(ring: tuple[tuple[float, float], ...]) -> tuple[float, float, float, float]:
    lons, lats = [p[0] for p in ring], [p[1] for p in ring]
    return min(lons), min(lats), max(lons), max(lats)


def write_tiff(path: Path, count: int = 1, dtype: str = "uint16", size: int = 4) -> Path:
    """A small GeoTIFF in UTM 48N."""
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "width": size, "height": size, "count": count, "dtype": dtype, "crs": "EPSG:32648"}
    with rasterio.open(path, "w", transform=from_origin(600000, 2300000, 30, 30), **profile) as out:
        out.write(np.arange(count * size * size, dtype=dtype).reshape(count, size, size))
    return path
