"""The address of a page as a QR code (ISO/IEC 18004), for paper: the way from the printed sheet back to the catalogue.

With length, level and mask given, each module of a symbol is a sum modulo 2 of bits of the text and a constant: padding, error correction
(Reed-Solomon) and mask are all exclusive or. So the symbol of an address that is the sum of three others is the sum of their symbols,
and a site, whose addresses differ in some digits, needs the encoder only for a few dozens of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import segno

QUIET = 4
"""Modules of white that the standard asks for around the symbol."""

MASK = 4
"""All eight masks of the standard can be read. The trial of each for the evenest picture would cost four times as much as the rest."""


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
    data = address.encode()
    symbols = _symbols(len(data))
    return Code(symbols.side + 2 * QUIET, _path(symbols.modules(data), symbols.side))


class _Symbols:
    """The symbols of texts of ``length`` bytes, which all have ``side`` modules.

    ``_known`` has sums of texts that were encoded, by the place of their highest bit; the modules of the sum stand below it in the same
    number. So known symbols add up while the bits of a new text are cleared from the highest down.
    """

    def __init__(self, length: int) -> None:
        self.side = len(segno.make_qr(bytes(length), **_OPTIONS).matrix)
        self._known: dict[int, int] = {}

    def modules(self, text: bytes) -> bytes:
        """The symbol of ``text`` row by row, a byte of 0 or 1 for each module."""
        size = self.side**2
        left = int.from_bytes(b"\1" + text) << 8 * size  # a bit that all texts have stands for what is constant in all symbols
        while (known := self._known.get(left.bit_length())) is not None:
            left ^= known
        if left.bit_length() <= 8 * size:
            return left.to_bytes(size)
        made = b"".join(segno.make_qr(text, **_OPTIONS).matrix)
        self._known[left.bit_length()] = left ^ int.from_bytes(made)
        return made


_OPTIONS: dict[str, Any] = {"error": "m", "mode": "byte", "mask": MASK, "boost_error": False}


@cache  # addresses that are printed have no more than LONGEST (sheet.py) bytes
def _symbols(length: int) -> _Symbols:
    return _Symbols(length)


def _path(modules: bytes, side: int) -> str:
    rows = np.zeros((side, side + 1), np.int8)  # the light module behind each row ends its last run
    rows[:, :side] = np.frombuffer(modules, np.int8).reshape(side, side)
    edges = np.flatnonzero(np.diff(rows.ravel(), prepend=0)).tolist()
    moves = _moves(side)
    return "".join([f"{moves[start]}{end - start}" for start, end in zip(edges[::2], edges[1::2], strict=True)])


@cache
def _moves(side: int) -> tuple[str, ...]:
    """The beginning of a stroke from each module of a symbol, and from the light one behind each row."""
    return tuple(f"M{x + QUIET} {y + QUIET}.5h" for y in range(side) for x in range(side + 1))
