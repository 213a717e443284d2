"""The files every page needs: style sheet and icon from the templates, fonts from ``scripts/assets`` where they were built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from catalog_builder.findings import Finding
from catalog_builder.release.model import Page
from catalog_builder.resources import assets_dir, templates_dir
from catalog_builder.site.findings import BASEMAP_MISSING, FONT_MISSING, MAP_MISSING

STYLES = ("tokens", "base", "layout", "parts", "map", "print")
"""Style sources in the order of the cascade; they become one ``assets/site.css``."""

EXPECTED = {
    "fonts/be-vietnam-pro-400.woff2": FONT_MISSING,
    "fonts/jetbrains-mono.woff2": FONT_MISSING,
    "map/map.js": MAP_MISSING,
    "basemap/region.json": BASEMAP_MISSING,
    "basemap/world.json": BASEMAP_MISSING,
}
"""Built assets that pages use, and the finding for each that is not there."""

SHIPPED = ("fonts/*.woff2", "map/*.js", "basemap/*.json", "licences.txt")
"""Built assets that a release carries."""

SCRIPTS = ("search-index", "search-map", "search", "taking", "chosen", "live", "scene-words", "scene")
"""Scripts from the templates, each a file of its own."""


def asset_pages() -> Iterator[Page]:
    """The assets of a release."""
    styles = [(templates_dir() / "css" / f"{name}.css").read_text() for name in STYLES]
    faces = [_font_face(path) for path in sorted((assets_dir() / "fonts").glob("*.woff2"), reverse=True)]
    yield Page("assets/site.css", "\n".join([*faces, *styles]).encode())
    yield Page("assets/icon.svg", (templates_dir() / "icons" / "icon.svg").read_bytes())
    for name in SCRIPTS:
        yield Page(f"assets/{name}.js", lean((templates_dir() / "js" / f"{name}.js").read_text()).encode())
    for pattern in SHIPPED:
        for path in sorted(assets_dir().glob(pattern)):
            yield Page(f"assets/{path.relative_to(assets_dir()).as_posix()}", path.read_bytes())


def lean(script: str) -> str:
    """``script`` without the comments and the indentation of its source: a fifth less to fetch. Comments stand on lines of their own."""
    return _ASIDE.sub("", script)


def missing_assets() -> tuple[Finding, ...]:
    """What ``scripts/assets`` would have built."""
    return tuple(missing(f"assets/{name}", asset=name) for name, missing in EXPECTED.items() if not (assets_dir() / name).is_file())


_ASIDE = re.compile(r"^\s*/\*.*?\*/\s*\n|^\s*//[^\n]*\n|^\s+", re.MULTILINE | re.DOTALL)

VIETNAMESE = (
    "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+1EA0-1EF9"
)
"""Characters of the Vietnamese part of the mono font (unicode.json of its package): fetched only by pages that use them."""


def _font_face(path: Path) -> str:
    """The rule for ``be-vietnam-pro-600.woff2``, or for a part of the variable ``jetbrains-mono.woff2``."""
    if path.stem.startswith("be-vietnam-pro-"):
        family, weights, characters = "Be Vietnam Pro", path.stem.rpartition("-")[2], ""
    else:
        family, weights = "JetBrains Mono", "100 800"
        characters = f";unicode-range:{VIETNAMESE}" if path.stem.endswith("-vietnamese") else ""
    source = f'url(fonts/{path.name}) format("woff2")'
    return f'@font-face{{font-family:"{family}";font-weight:{weights};font-display:swap;src:{source}{characters}}}'
