"""One scene at a time: the product against what a user assembles today, against GDAL's best single call, against the floor."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from scripts.benchmarks import inputs, theirs
from scripts.benchmarks.measure import Cost, command, paired

SMALL_SCENES = 96
"""So many that what a process does once is a small part of a scene, as in an archive."""

LIBRARY_SCENES = 24
"""Of these, what the same steps in one process are measured with."""

TOLD = "told.json"
"""What a run of the product says of itself, beside its archive."""


@dataclass(slots=True)
class SceneCosts:
    """Medians. ``parts`` are the nine commands one by one."""

    name: str
    megabytes: float
    costs: dict[str, Cost] = field(default_factory=dict)
    sizes: dict[str, float] = field(default_factory=dict)
    parts: Mapping[str, Cost] = field(default_factory=dict)


def large(work: Path, tools: Path, rounds: int, size: int) -> SceneCosts:
    """The 4-band uint16 scene."""
    source = inputs.made("multispectral", work / f"large-{size}/archive/HaLong_20210605.tif", size)
    out = SceneCosts(f"4 bands uint16, {size} x {size}, uncompressed", source.stat().st_size / 1e6)
    assembled, best, low = theirs.Assembled(tools, work / "schemas"), work / "best.tif", work / "floor.bin"
    parts: dict[str, Cost] = {}

    def nine() -> Cost:
        cost, told = assembled.cost(source, work / "nine")
        parts.update(told)
        return cost

    def floor() -> Cost:
        return command([sys.executable, "-m", "scripts.benchmarks.theirs", source, low, "zstd"])

    names = ("nine commands", "COG driver zstd 1", "floor zstd 1", "catalog-builder zstd 1", "catalog-builder default")
    costs = paired(
        rounds,
        nine,
        lambda: theirs.cog_driver(source, best, "COMPRESS=ZSTD", "LEVEL=1", "PREDICTOR=YES"),
        floor,
        lambda: ours(source.parent.parent, "image-16bit-zstd", out, "catalog-builder zstd 1"),
        lambda: ours(source.parent.parent, "default", out, "catalog-builder default"),
    )
    out.costs = dict(zip(names, costs, strict=True))
    out.parts = parts
    out.sizes |= {"nine commands": _megabytes(work / "nine/x.tif"), "COG driver zstd 1": _megabytes(best), "floor zstd 1": _megabytes(low)}
    return out


def small(work: Path, tools: Path, rounds: int) -> SceneCosts:
    """Scenes of 1024²: cost per scene; the product makes them in one process per core, as a build does, which has started before."""
    folder = work / "small"
    for n in range(SMALL_SCENES):
        source = inputs.made("multispectral", folder / f"archive/HaLong_2021{n // 28 + 1:02}{n % 28 + 1:02}.tif", 1024, seed=n)
    out = SceneCosts(f"4 bands uint16, 1024 x 1024 ({SMALL_SCENES} scenes, per scene)", source.stat().st_size / 1e6)
    assembled = theirs.Assembled(tools, work / "schemas")
    costs = paired(
        rounds,
        lambda: assembled.cost(source, work / "nine")[0],
        lambda: _library(work, folder),
        lambda: _per_scene(ours(folder, "image-16bit-zstd", out, "catalog-builder zstd 1", inside=True), SMALL_SCENES),
        lambda: _per_scene(ours(folder, "default", out, "catalog-builder default", inside=True), SMALL_SCENES),
    )
    names = ("nine commands", "same steps in one process", "catalog-builder zstd 1", "catalog-builder default")
    out.costs = dict(zip(names, costs, strict=True))
    return out


def real(work: Path, rounds: int, rasters: Path) -> SceneCosts:
    """Small real rasters, one below the other in ``rasters``; they get names with a date, which a catalogue asks for."""
    folder = work / "real"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "archive").mkdir(parents=True)
    for source in sorted(rasters.rglob("*.tif")):
        shutil.copyfile(source, folder / "archive" / f"{source.stem}_20210605.tif")
    command(_ours(folder, "default"))
    for refused in json.loads((folder / TOLD).read_text())["drafts"]:  # whose place is in doubt: neither side is to make them
        (folder / "archive" / refused).unlink()
    kept = list((folder / "archive").iterdir())
    out = SceneCosts(f"{len(kept)} small real rasters, per raster", sum(s.stat().st_size for s in kept) / len(kept) / 1e6)
    costs = paired(
        rounds,
        lambda: _library(work, folder),
        lambda: _per_scene(ours(folder, "default", out, "catalog-builder", inside=True), len(kept)),
    )
    out.costs = dict(zip(("same steps in one process", "catalog-builder"), costs, strict=True))
    return out


def _library(work: Path, folder: Path) -> Cost:
    script = Path(__file__).with_name("library.py")
    cost = command([work / "tools/bin/python", script, folder, str(LIBRARY_SCENES)])
    told = json.loads((folder / "library.json").read_text())
    return Cost(told["wall"], told["cpu"], cost.peak)


def _per_scene(cost: Cost, scenes: int) -> Cost:
    return Cost(cost.wall / scenes, cost.cpu / scenes, cost.peak)


def jpeg(work: Path, rounds: int, size: int) -> SceneCosts:
    """The orthophoto whose JPEG tiles pass through."""
    source = inputs.made("orthophoto", work / f"jpeg-{size}/archive/HaLong_20210605.tif", size)
    out = SceneCosts(f"RGB tiled JPEG, {size} x {size}", source.stat().st_size / 1e6)
    target = work / "jpeg.tif"
    costs = paired(
        rounds,
        lambda: theirs.cog_driver(source, target, "COMPRESS=JPEG", "QUALITY=85"),
        lambda: ours(source.parent.parent, "jpeg-kept", out, "catalog-builder"),
    )
    out.costs = dict(zip(("COG driver JPEG 85", "catalog-builder"), costs, strict=True))
    out.sizes["COG driver JPEG 85"] = _megabytes(target)
    return out


def huge(work: Path, size: int) -> SceneCosts:
    """One scene so large that the COG is a BigTIFF, once, for its memory; needs three times its bytes on disk for a while."""
    folder = work / f"huge-{size}"
    try:
        source = inputs.made("enormous", folder / "archive/HaLong_20210605.tif", size)
        out = SceneCosts(f"4 bands uint16, {size} x {size}, uncompressed, once", source.stat().st_size / 1e6)
        out.costs["catalog-builder zstd 1"] = ours(folder, "image-16bit-zstd", out, "catalog-builder zstd 1")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return out


def ours(folder: Path, preset: str, out: SceneCosts, name: str, *, inside: bool = False) -> Cost:
    """The product on every scene of ``folder`` in a process of its own, its start included; ``inside``: without the start."""
    set_aside(folder / "store")
    cost = command(_ours(folder, preset), GDAL_NUM_THREADS="ALL_CPUS")
    result = json.loads((folder / TOLD).read_text())
    if result["drafts"]:
        raise RuntimeError(f"refused: {', '.join(result['drafts'])}")
    out.sizes[name] = result["size"] / 1e6
    return Cost(result["wall"], result["cpu"], cost.peak) if inside else cost


def set_aside(store: Path) -> None:
    """Rename what an earlier run made. Deleting it would burden the next one: ext4 looks through recently deleted files for every one
    that is made."""
    if store.is_dir():
        store.rename(store.with_name(f"store-{len(list(store.parent.glob('store-*')))}"))


def _ours(folder: Path, preset: str) -> list[str | Path]:
    return [sys.executable, "-m", "scripts.benchmarks.ours", folder, preset, folder / TOLD]


def tools(work: Path) -> Path:
    """The environment of today's tools."""
    return theirs.install(work / "tools")


def free(work: Path) -> None:
    """Remove products, keep the inputs."""
    for path in (*work.glob("*/store"), *work.glob("*/store-*"), work / "nine"):
        shutil.rmtree(path, ignore_errors=True)
    for path in (*work.glob("*.tif"), work / "floor.bin"):
        path.unlink(missing_ok=True)


def has_network(work: Path) -> bool:
    """Whether today's tools can be had; without them only the product, the driver and the floor are measured."""
    try:
        tools(work)
    except subprocess.CalledProcessError:
        return False
    return True


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6
