"""Mutation of real deliveries: whatever is done to the files, a scan of them gives deliveries and coded findings, nothing else.

``scripts/fuzz FOLDER… --seconds N`` runs it over any folders of samples. A case that ends otherwise is kept with its seed.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from catalog_builder.archive.assemble import assemble, with_unique_ids
from catalog_builder.archive.containers import Containers
from catalog_builder.archive.find import Found, find_scenes
from catalog_builder.archive.registry import FORMATS
from catalog_builder.archive.scan import arrived, read_scene
from catalog_builder.archive.walk import walk
from catalog_builder.workers import Limited, LocalWorkers, TaskTimeout, WorkerDied

COPIED = 1 << 18
"""Bytes copied of each file: metadata whole, of rasters what their headers need."""

CASE_SECONDS, CASE_MEMORY = 60.0, 2 << 30
SURPRISES = ("archive.reader-failed", "archive.reader-died", "archive.reader-timeout")
"""Codes that say: a reader met something it had not foreseen. Fine for a user, a bug for whoever fuzzes."""

NUMBERS = (
    b"1e999",
    b"-1e999",
    b"NaN",
    b"inf",
    b"-1",
    b"0",
    b"999",
    b"99999999999999999999999",
    b"1e308",
    b"",
    b"0x10",
    b"1,5",
    b"\xd9\xa1",
)
TEXTS = (b"", b"N/A", b"\x00", b"\xff\xfe", b"../../../etc/passwd", b"/etc/passwd", b"=1+1", b"<b>", b"A" * 70_000, b"2021-02-31T25:61:61Z")
TEXTS += (b"0000-00-00", b"\xe1\xba\xa3nh", b"]]>", b"&lt;", b"%s{0}{x}", b"file:///etc/passwd", b"\n\n")


@dataclass(frozen=True)
class Sample:
    """The files of one delivery: name relative to its folder, and bytes."""

    name: str
    files: tuple[tuple[str, bytes], ...]


def collect(folders: Sequence[Path], work: Path) -> list[Sample]:
    """The deliveries in ``folders``, archive files opened."""
    samples: list[Sample] = []
    for folder in folders:
        tree = walk(folder, Containers(work)).folder
        found, _ = find_scenes(tree, FORMATS)
        samples += [_sample(f) for f in found]
    return sorted(samples, key=lambda s: s.name)


def _sample(found: Found) -> Sample:
    scene = found.scene
    start = f"{scene.folder.name}/" if scene.folder.name else ""
    files = tuple((f.name.removeprefix(start).replace("!/", "/"), f.head(COPIED)) for f, _ in scene.files)
    return Sample(f"{found.format.name}:{scene.key.name}", files)


# mutations: bytes in, bytes out


def _flip(data: bytearray, rng: random.Random, _: bytes) -> None:
    for _i in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _truncate(data: bytearray, rng: random.Random, _: bytes) -> None:
    del data[rng.randrange(len(data)) :]


def _cut(data: bytearray, rng: random.Random, _: bytes) -> None:
    start = rng.randrange(len(data))
    del data[start : start + rng.randint(1, max(1, len(data) // 4))]


def _repeat(data: bytearray, rng: random.Random, _: bytes) -> None:
    start = rng.randrange(len(data))
    piece = data[start : start + rng.randint(1, 400)]
    data[start:start] = piece * rng.choice((1, 2, 50))


def _splice(data: bytearray, rng: random.Random, other: bytes) -> None:
    if other:
        start, from_ = rng.randrange(len(data)), rng.randrange(len(other))
        data[start : start + rng.randint(0, 200)] = other[from_ : from_ + rng.randint(1, 2000)]


def _replace(pattern: bytes, values: Sequence[bytes]) -> Callable[[bytearray, random.Random, bytes], None]:
    def mutate(data: bytearray, rng: random.Random, _: bytes) -> None:
        spots = [m.span(m.lastindex or 0) for m in re.finditer(pattern, bytes(data))]
        for start, end in sorted(rng.sample(spots, min(len(spots), rng.choice((1, 1, 3, 20)))), reverse=True):
            data[start:end] = rng.choice(values)

    return mutate


def _encode(data: bytearray, rng: random.Random, _: bytes) -> None:
    text = bytes(data).decode("utf-8", "replace")
    codec = rng.choice(("utf-16", "utf-16-be", "utf-8-sig", "latin-1", "utf-32", "cp1258"))
    data[:] = text.encode(codec, "replace")


def _drop_line(data: bytearray, rng: random.Random, _: bytes) -> None:
    lines = bytes(data).splitlines(keepends=True)
    for _i in range(rng.randint(1, 5)):
        if lines:
            del lines[rng.randrange(len(lines))]
    data[:] = b"".join(lines)


def _shuffle_lines(data: bytearray, rng: random.Random, _: bytes) -> None:
    lines = bytes(data).splitlines(keepends=True)
    rng.shuffle(lines)
    data[:] = b"".join(lines)


def _deepen(data: bytearray, rng: random.Random, _: bytes) -> None:
    start = rng.randrange(len(data))
    data[start:start] = rng.choice((b"<a>", b"[", b"{", b"(", b"GROUP = a\n", b'"')) * rng.choice((3, 300, 30_000))


MUTATIONS: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    _flip,
    _truncate,
    _cut,
    _repeat,
    _splice,
    _replace(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", NUMBERS),
    _replace(rb">([^<>]{1,200})<", TEXTS + NUMBERS),
    _replace(rb"[=:]\s*([^\r\n]{1,200})", TEXTS + NUMBERS),
    _replace(rb"</?([A-Za-z_:]+)", (b"X", b"", b"a:b")),
    _encode,
    _drop_line,
    _shuffle_lines,
    _deepen,
)


def mutate(sample: Sample, others: Sequence[Sample], rng: random.Random) -> dict[str, bytes]:
    """The files of ``sample`` with one to three harms done to them."""
    files = dict(sample.files)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        name = rng.choice(sorted(files))
        harm = rng.random()
        if harm < 0.03 and len(files) > 1:
            del files[name]
        elif harm < 0.05:
            files[name] = b""
        elif files[name]:
            data = bytearray(files[name])
            rng.choice(MUTATIONS)(data, rng, rng.choice(rng.choice(others).files)[1])
            files[name] = bytes(data[: 4 * COPIED])
    return files


def write_case(files: dict[str, bytes], folder: Path) -> None:
    """Write ``files`` below the new folder ``folder``."""
    folder.mkdir(parents=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def run_case(folder: Path) -> list[str]:
    """Scan ``folder`` in this process; what went otherwise than it must, or nothing."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as work:
        tree = walk(folder, Containers(Path(work) / "work"))
        found, findings = find_scenes(tree.folder, FORMATS)
        assembled = [assemble(arrived(f, read_scene(f)), ()) for f in found]
    deliveries = [d for _, d in with_unique_ids(assembled)]
    everything = [*tree.findings, *findings, *(f for d in deliveries for f in d.findings)]
    for finding in everything:
        orjson.dumps(finding.to_json())
        if finding.code in SURPRISES:
            problems.append(f"{finding.code} {finding.subject}: {finding.message('en')}")
    problems += [f"{d.id}: no date and nothing said" for d in deliveries if d.facts.acquired is None and not d.findings]
    return problems


def fuzz(samples: Sequence[Sample], seconds: float, seed: int, kept: Path, workers: LocalWorkers) -> Iterator[tuple[int, list[str]]]:
    """Cases until the time is over: seed and problems of each; a case with problems is copied below ``kept``."""
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as scratch:
        while time.monotonic() < end:
            rng = random.Random(seed)
            sample = rng.choice(samples)
            case = Path(scratch) / str(seed)
            write_case(mutate(sample, samples, rng), case)
            problems = _run_guarded(case, workers)
            if problems:
                shutil.copytree(case, kept / f"{sample.name.partition(':')[0]}-{seed}", dirs_exist_ok=True)
            shutil.rmtree(case)
            yield seed, [f"{sample.name}: {p}" for p in problems]
            seed += 1


def _run_guarded(case: Path, workers: LocalWorkers) -> list[str]:
    try:
        return workers.submit(Limited(run_case, CASE_SECONDS, CASE_MEMORY), case).result()
    except (TaskTimeout, WorkerDied) as error:
        return [f"{type(error).__name__}: {error}"]
    except Exception as error:  # an exception that escapes the guarded path is what this looks for
        return [f"escaped: {type(error).__name__}: {error}"]


def main() -> None:
    """The command ``scripts/fuzz``."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, help="folders of real deliveries")
    parser.add_argument("--seconds", type=float, default=60.0, help="time to spend (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="first seed; each case has its own")
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz"), help="where cases with problems are kept")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work, LocalWorkers(1) as workers:
        samples = collect(arguments.folders, Path(work))
        if not samples:
            sys.exit("no deliveries in these folders")
        count, seen = 0, dict[str, str]()
        for seed, problems in fuzz(samples, arguments.seconds, arguments.seed, arguments.corpus, workers):
            count += 1
            for problem in problems:
                kind = re.sub(r"\d+", "#", problem)[:160]
                if seen.setdefault(kind, problem) is problem:
                    print(f"seed {seed}: {problem}", flush=True)
    print(f"{count} cases over {len(samples)} deliveries, {len(seen)} kinds of problem")
    sys.exit(1 if seen else 0)
