"""BENCHMARKS.md: target, measured, and where a target is missed what it would take."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.scenes import SceneCosts

OURS = "catalog-builder"


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. ``value`` and ``target`` are ratios or sizes; less is better unless ``more``. ``value`` None: not measured."""

    what: str
    target: float
    value: float | None
    unit: str = "x"
    more: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "not measured"
        met = self.value >= self.target if self.more else self.value <= self.target
        return "met" if met else "missed"


def write(
    path: Path, scenes: Mapping[str, SceneCosts], scales: Sequence[Mapping[str, Any]], *, facts: Sequence[tuple[str, str]], noisy: bool
) -> None:
    """Write the report."""
    path.write_text("\n".join(_lines(scenes, scales, facts, noisy)) + "\n", encoding="utf-8")


def _lines(
    scenes: Mapping[str, SceneCosts], scales: Sequence[Mapping[str, Any]], facts: Sequence[tuple[str, str]], noisy: bool
) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield "Written by `scripts/bench`, which makes its inputs (seeded), runs everything in turns and takes medians. Run it again to check."
    yield ""
    if noisy:
        yield "**Others were using this machine during the run.** Wall times are not to be trusted; ratios of paired runs and CPU seconds"
        yield "are less affected, but not free of it."
        yield ""
    yield "| machine | |"
    yield "|---|---|"
    for name, value in facts:
        yield f"| {name} | {value} |"
    yield ""
    yield "## Targets"
    yield ""
    yield "| what | target | measured | | |"
    yield "|---|---|---|---|---|"
    for row in _rows(scenes, scales):
        measured = "–" if row.value is None else f"{row.value:.3g}{row.unit}"
        sign = "≥" if row.more else "≤"
        yield f"| {row.what} | {sign} {row.target:.3g}{row.unit} | {measured} | {row.verdict} | {row.note} |"
    for costs in scenes.values():
        yield from _scene(costs)
    for scale in scales:
        yield from _scale(scale)
    yield ""
    yield "## Where a target is missed"
    yield ""
    yield from TAKES


def _ratio(costs: SceneCosts | None, ours: str, theirs: str, *, cpu: bool = False) -> float | None:
    if costs is None or ours not in costs.costs or theirs not in costs.costs:
        return None
    a, b = costs.costs[ours], costs.costs[theirs]
    return a.cpu / b.cpu if cpu else a.wall / b.wall


def _rows(scenes: Mapping[str, SceneCosts], scales: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    large, small, jpeg = scenes.get("large"), scenes.get("small"), scenes.get("jpeg")
    for preset in ("zstd 1", "default"):
        name = f"{OURS} {preset}"
        for target, theirs in ((1 / 8, "nine commands"), (0.5, "COG driver zstd 1"), (1.3, "floor zstd 1")):
            cpu = _ratio(large, name, theirs, cpu=True)
            note = "" if cpu is None else f"CPU {cpu:.3g}x"
            yield Row(f"large scene, {preset}, against {theirs}, wall", target, _ratio(large, name, theirs), note=note)
        peak = large.costs[name].peak if large else None
        yield Row(f"large scene, {preset}, peak memory", 600, peak, " MB")
    yield Row("1024² scene against nine commands", 1 / 40, _ratio(small, OURS, "nine commands"))
    yield Row("1024² scene against the same steps in one process", 1 / 10, _ratio(small, OURS, "same steps in one process"))
    yield Row("tiled JPEG against the COG driver", 0.4, _ratio(jpeg, OURS, "COG driver JPEG 85"), note="lossless against a second loss")
    yield Row("30 small rasters against Portolan 0.8", 0.5, None, note="that program is not among the tools here")
    for scale in scales:
        yield from _scale_rows(scale, small)


def _scale_rows(scale: Mapping[str, Any], small: SceneCosts | None) -> Iterator[Row]:
    count = scale["items"]
    per_item = scale["first"]["generate, validate, write"] / count
    full = scale["first"]["generate, validate, write"] + scale["first"]["first release"]
    new = scale["one_new"]["one new item"]
    yield Row(f"{count:,} items generated, validated, written, against pystac save", 20, scale["pystac_per_item"] / per_item, "x", True,
              f"pystac at {scale['pystac_items']:,} items; it slows down with more")  # fmt: skip
    yield Row(f"{count:,}: validation against stac-valid", 500, scale["stac_valid_per_item"] / scale["validation_per_item"], "x", True)
    yield Row(f"{scale['archive_files']:,} archive files unchanged, against bare stat", 2, scale["noop"] / scale["stat"])
    rewritten = f"{scale['rewritten']} of {scale['files']:,} files rewritten"
    yield Row(f"one new item in {count:,} against a full build without pixels", 1 / 200, new / full, note=rewritten)
    if small is not None:
        one = small.costs[OURS].cpu
        pixels = one * count / (os.cpu_count() or 1)
        yield Row(f"one new 1024² scene in {count:,} against a full build of them", 1 / 200, (new + one) / (full + pixels),
                  note="computed: release measured, pixels from the scenes above, all cores at work")  # fmt: skip
    yield Row(f"pages at {count:,} items against string formatting", 3, scale["page"] / scale["page_floor"])


def _scene(costs: SceneCosts) -> Iterator[str]:
    yield ""
    yield f"## {costs.name}, {costs.megabytes:.0f} MB"
    yield ""
    yield "| | wall s | CPU s | peak MB | COG MB |"
    yield "|---|---|---|---|---|"
    for name, cost in costs.costs.items():
        size = f"{costs.sizes[name]:.1f}" if name in costs.sizes else ""
        yield f"| {name} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.peak:.0f} | {size} |"
    if costs.parts:
        yield ""
        yield "The nine commands, last round: " + ", ".join(f"{name} {cost.wall:.1f} s" for name, cost in costs.parts.items()) + "."


def _scale(scale: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"## {scale['items']:,} items"
    yield ""
    yield "| | s |"
    yield "|---|---|"
    for title, group in (("first build", "first"), ("then", "one_new")):
        for name, seconds in scale[group].items():
            yield f"| {title}: {name} | {seconds:.2f} |"
    yield f"| nothing changed: look at {scale['archive_files']:,} archive files | {scale['noop']:.3f} |"
    yield f"| bare stat of them | {scale['stat']:.3f} |"
    yield f"| one page | {scale['page']:.5f} |"
    yield f"| peak memory, MB | {scale['peak']:.0f} |"
    yield ""
    yield "Times of parts are contained in the times of what they are part of."


TAKES = (
    "- *Large scene*: our numbers hold the visual copy, the proof of every pixel, exact statistics and checksums; the driver's and the",
    "  floor's hold a COG alone. CPU beside wall says whether threads wait or work.",
    "- *1024² scenes*: the largest part is two WebP pictures, then the start and end of thread pools for a few tiles; one thread per scene",
    "  with JPEG pictures would halve it.",
    "- *Items, validation*: what was 0.3 ms per item in the sketch is ours plus an interpreted profile with a finding for every unknown",
    "  official field; compiling its rules and one finding per item would bring most of it back.",
    "- *One new item*: item pages are rendered anew and only then found equal. Keyed by what they show they would be linked as they are.",
    "  Then the two `items.parquet`, written whole, are most of it: parts per partition would leave one part to write.",
    "- *Pages*: Jinja2 escapes every value and looks up every text; the floor is one string per value without any logic.",
)
