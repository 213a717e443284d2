"""Photograph every kind of page of a release: ``gallery_pages.py RELEASE TARGET [KIND ...]``."""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from catalog_builder.preview import make_server

WIDTHS = (1280, 768, 360)
SCHEMES = ("light", "dark")
LAUNCH = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
PLAIN = ("index", "search/index", "guide/index", "changes/index", "licences/index", "accessibility/index", "qa/index", "about/index", "404")
"""Pages that every release has, without the ending."""


def main(release: Path, target: Path, wanted: tuple[str, ...]) -> int:
    target.mkdir(parents=True, exist_ok=True)
    server = make_server(release, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH)
        for kind, path in kinds(release).items():
            languages = ("",) if kind == "404" else ("", "en/")
            for language in languages if not wanted or kind in wanted else ():
                for width in WIDTHS:
                    for scheme in SCHEMES:
                        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
                        page.goto(f"http://127.0.0.1:{server.server_port}/{language}{path}")
                        settle(page)
                        name = f"{kind}-{language.rstrip('/') or 'vi'}-{width}-{scheme}.png"
                        page.screenshot(path=target / name, full_page=True)
                        page.close()
            print(kind, flush=True)
        browser.close()
    server.shutdown()
    return 0


def kinds(release: Path) -> dict[str, str]:
    """A page of each kind: the first of those that repeat."""
    found = {(name.removesuffix("/index") if name != "index" else "home"): f"{name}.html" for name in PLAIN}
    records = sorted(p for p in release.glob("*/*/*/*/*.json") if p.stem == p.parent.name)
    repeated = {
        "collection": sorted(release.glob("*/collection.json")),
        "year": sorted(release.glob("*/[12]*/catalog.json")),
        "month": sorted(release.glob("*/[12]*/[01]*/catalog.json")),
        "cell": sorted(release.glob("cells/*/index.html")),
        "places": sorted(release.glob("places/index.html")),
        "place": sorted(release.glob("places/*/index.html")),
        "item": sorted(records, key=lambda p: -p.stat().st_size),
        "comparison": [p / "x" for p in sorted(release.glob("*/*/*/*/compare"))],
    }
    found |= {kind: str((paths[0].parent / "index.html").relative_to(release)) for kind, paths in repeated.items() if paths}
    return found


def settle(page: Page) -> None:
    """Wait until the page is as a visitor sees it: search answered, map drawn or given up."""
    page.mouse.move(1, 1)  # the live map waits for somebody to be there
    page.wait_for_load_state("networkidle")
    if page.locator("[data-map]").count():
        page.locator("[data-map][data-state]").wait_for()
    page.wait_for_timeout(400)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), tuple(sys.argv[3:])))
