"""``scripts/bench``: one command, one report."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from scripts.benchmarks import report, scenes
from scripts.benchmarks.measure import is_noisy, machine

ROOT = Path(__file__).parents[2]


@click.command()
@click.argument("what", type=click.Choice(["all", "scale", "scenes"]), default="all")
@click.option("--items", default="10000", show_default=True, help="Sizes of catalogues for scale, separated by commas.")
@click.option("--index", default="100000", show_default=True, help="Sizes of which only the indexes are measured; 1000000 takes minutes.")
@click.option("--rounds", default=3, show_default=True, help="Paired runs per measurement.")
@click.option("--size", default=10_000, show_default=True, help="Side of the large scene in pixels.")
@click.option("--huge", default=0, help="Side of a scene measured once for its memory; 40000 takes 40 GB of disk and some minutes.")
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of small real rasters to measure too.")
@click.option("--work", type=click.Path(path_type=Path), default=ROOT / "build/bench", help="Inputs and tools; kept [build/bench].")
@click.option("--report", "target", type=click.Path(path_type=Path), default=ROOT / "BENCHMARKS.md", help="[BENCHMARKS.md]")
def main(what: str, items: str, index: str, rounds: int, size: int, huge: int, real: Path | None, work: Path, target: Path) -> None:
    """Measure scenes (conversion) and scale (catalogue without pixels); write the report.

    What one kind has measured is kept beside the inputs, so the other can be run alone and the report is complete.
    """
    work.mkdir(parents=True, exist_ok=True)
    noisy, facts = is_noisy(), (*machine(), ("Rounds per measurement", str(rounds)))
    measured = _kept(work / "scenes.pickle", lambda: _scenes(work, rounds, size), anew=what != "scale")
    measured |= _kept(work / "huge.pickle", lambda: {"huge": scenes.huge(work, huge)}, anew=huge > 0)
    measured |= _kept(work / "real.pickle", lambda: {"real": scenes.real(work, rounds, real)}, anew=real is not None)
    catalogue = _kept(work / "catalogue.pickle", lambda: _catalogue(items, index), anew=what != "scenes") or report.Catalogue()
    scenes.free(work)
    report.write(target, measured, catalogue, facts=facts, noisy=noisy)
    click.echo(target.read_text(encoding="utf-8"))


def _scenes(work: Path, rounds: int, size: int) -> dict[str, scenes.SceneCosts]:
    tools = scenes.tools(work)
    out = {"large": scenes.large(work, tools, rounds, size), "small": scenes.small(work, tools, rounds)}
    out["jpeg"] = scenes.jpeg(work, rounds, size * 6 // 5)
    return out


def _catalogue(items: str, index: str) -> report.Catalogue:
    """Sizes in full and of indexes alone, each a process of its own; items against other tools, pages against joined strings."""
    judged, pages = _measured("items", "10000"), _printed("pages")  # before scale, which deletes files
    return report.Catalogue(
        scales=[_measured("scale", count) for count in items.split(",") if count],
        indexes=[_measured("scale", count, "index") for count in index.split(",") if count],
        items=judged,
        archive=_measured("archive", items.split(",")[0]),
        pages=pages,
    )


def _measured(module: str, count: str, *more: str) -> dict[str, Any]:
    """What a module prints for ``count`` items in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        return _printed(module, count, folder, *more)


def _printed(module: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", f"scripts.benchmarks.{module}", *arguments], stdout=subprocess.PIPE, check=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _kept(path: Path, measure: Callable[[], Any], *, anew: bool) -> Any:
    """What ``measure`` gives, or with ``anew`` False what it gave last time, if ever."""
    if not anew:
        return pickle.loads(path.read_bytes()) if path.is_file() else {}
    result = measure()
    path.write_bytes(pickle.dumps(result))
    return result


main()
