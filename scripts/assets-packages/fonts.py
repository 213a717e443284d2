"""Fonts with Vietnamese: one file per weight, Latin and Vietnamese together, so that kerning works across the seam."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TEXT = "U+0020-007E,U+00A0-017F,U+01A0-01A1,U+01AF-01B0,U+02BC,U+02C6,U+02DA,U+02DC,U+0300-0304,U+0306-030A,U+0323,U+1EA0-1EF9"
SIGNS = (
    "U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AB,U+20AC,U+2122,U+2190-2193,U+2212,U+2264-2265"
)
WEIGHTS = {"400": "Regular", "600": "SemiBold", "700": "Bold"}


def write_fonts(be_vietnam_pro: Path, jetbrains_mono: Path, target: Path) -> None:
    """Be Vietnam Pro in three weights from its TrueType files, JetBrains Mono (variable) from its two subsets."""
    target.mkdir(parents=True, exist_ok=True)
    for weight, style in WEIGHTS.items():
        subset(be_vietnam_pro / f"BeVietnamPro-{style}.ttf", target / f"be-vietnam-pro-{weight}.woff2")
    for name in ("latin", "vietnamese"):
        source = jetbrains_mono / f"jetbrains-mono-{name}-wght-normal.woff2"
        suffix = "" if name == "latin" else f"-{name}"
        (target / f"jetbrains-mono{suffix}.woff2").write_bytes(source.read_bytes())


def subset(source: Path, target: Path) -> None:
    """``source`` with the characters of Vietnamese and English only; no timestamp, so the bytes depend on nothing else."""
    options = ["--flavor=woff2", "--layout-features=*", "--no-hinting", "--no-recalc-timestamp", "--name-IDs=0,1,2,3,4,5,6,13,14"]
    command = [sys.executable, "-m", "fontTools.subset", str(source), f"--unicodes={TEXT},{SIGNS}", *options, f"--output-file={target}"]
    subprocess.run(command, check=True)
