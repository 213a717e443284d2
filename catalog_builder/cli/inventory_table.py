"""The inventory of an archive on the terminal, in the language of the reader: a table, or where it is too wide, some lines per scene."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from unicodedata import combining, east_asian_width, normalize

import click

from catalog_builder.archive.inventory import InventoryRow
from catalog_builder.cli.speech import tell
from catalog_builder.findings import printable
from catalog_builder.i18n import N_

_HEADINGS = (N_("scene"), N_("format"), N_("platform"), N_("acquired"), N_("what is missing"), N_("what will happen"))
_GAP = 2


def show_table(rows: Sequence[InventoryRow]) -> None:
    """A line per scene where a terminal has room for it, and always in a pipe or a file; names are never broken."""
    headings = [tell(heading) for heading in _HEADINGS]
    cells = [[printable(str(cell or "–")) for cell in _cells(row)] for row in rows]
    widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    if sys.stdout.isatty() and sum(widths) + _GAP * (len(widths) - 1) > shutil.get_terminal_size().columns:
        for name, *values in cells:
            click.echo(name)
            for heading, value in zip(headings[1:], values, strict=True):
                if value != "–":
                    click.echo(f"  {heading}: {value}")
    else:
        for line in (headings, *cells):
            padded = (cell + " " * (width + _GAP - _width(cell)) for cell, width in zip(line, widths, strict=True))
            click.echo("".join(padded).rstrip())


def _cells(row: InventoryRow) -> tuple[str | None, ...]:
    return row.id, row.format, row.platform, row.acquired, ", ".join(tell(what) for what in row.missing), tell(row.outcome.value)


def _width(text: str) -> int:
    """Columns that a terminal needs for ``text``."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in normalize("NFC", text))
