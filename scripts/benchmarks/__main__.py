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
@click.option("--rounds", default=3, show_default=True, help="Paired runs per measurement.")
@click.option("--size", default=10_000, show_default=True, help="Side of the large scene in pixels.")
@click.option("--huge", default=0, help="Side of a scene measured once for its memory; 40000 takes 40 GB of disk and some minutes.")
@click.option("--work", type=click.Path(path_type=Path), default=ROOT / "build/bench", help="Inputs and tools; kept [build/bench].")
@click.option("--report", "target", type=click.Path(path_type=Path), default=ROOT / "BENCHMARKS.md", help="[BENCHMARKS.md]")
def main(what: str, items: str, rounds: int, size: int, huge: int, work: Path, target: Path) -> None:
    """Measure scenes (conversion) and scale (catalogue without pixels); write the report.

    What one kind has measured is kept beside the inputs, so the other can be run alone and the report is complete.
    """
    work.mkdir(parents=True, exist_ok=True)
    noisy, facts = is_noisy(), (*machine(), ("Rounds per measurement", str(rounds)))
    measured = _kept(work / "scenes.pickle", lambda: _scenes(work, rounds, size), anew=what != "scale")
    measured |= _kept(work / "huge.pickle", lambda: {"huge": scenes.huge(work, huge)}, anew=huge > 0)
    scales = _kept(work / "scale.pickle", lambda: [_scale(int(n)) for n in items.split(",")], anew=what != "scenes")
    report.write(target, measured, scales, facts=facts, noisy=noisy)
    click.echo(target.read_text(encoding="utf-8"))


def _scenes(work: Path, rounds: int, size: int) -> dict[str, scenes.SceneCosts]:
    tools = scenes.tools(work)
    out = {"large": scenes.large(work, tools, rounds, size), "small": scenes.small(work, tools, rounds)}
    out["jpeg"] = scenes.jpeg(work, rounds, size * 6 // 5)
    scenes.free(work)
    return out


def _scale(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as folder:
        command = [sys.executable, "-m", "scripts.benchmarks.scale", str(count), folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
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
