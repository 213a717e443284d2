"""Where the product's own files are, in an installed wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def templates_dir() -> Path:
    """Jinja2 templates, CSS and JS: inside the wheel they are package data, in a checkout they stand beside the package."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"


def assets_dir() -> Path:
    """Bundles, fonts and basemap made by ``scripts/assets``; may be absent in a fresh checkout."""
    return PACKAGE / "assets"


def data_dir() -> Path:
    """Registers that belong to the product (sensors, presets, profile rules), not to one catalogue."""
    return PACKAGE / "data"
