"""The address of a page as a QR code (ISO/IEC 18004), for paper: the way from the printed sheet back to the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass

import segno

QUIET = 4
"""Modules of white that the standard asks for around the symbol."""

MASK = 4
"""All eight masks of the standard can be read. The trial of each for the evenest picture would cost four times as much as the rest."""

_DARK = re.compile(rb"\x01+")


@dataclass(frozen=True, slots=True)
class Code:
    """A symbol of ``side`` modules including the quiet zone; ``path`` are the runs of dark modules as strokes of width 1."""

    side: int
    path: str


def qr_code(address: str) -> Code:
    """The symbol of ``address``, readable with 15 % of it lost (level M), as paper is folded and copied.

    Raises:
        segno.DataOverflowError: the address has more than 2,331 bytes.
    """
    symbol = segno.make_qr(address, error="m", mask=MASK, boost_error=False)
    runs = (
        f"M{run.start() + QUIET} {y + QUIET}.5h{run.end() - run.start()}"
        for y, row in enumerate(symbol.matrix)
        for run in _DARK.finditer(row)
    )
    return Code(len(symbol.matrix) + 2 * QUIET, "".join(runs))
