"""The address of a page as a QR code (ISO/IEC 18004), for paper: the way from the printed sheet back to the catalogue.

With length, level and mask given, each module of a symbol is a sum modulo 2 of bits of the text and a constant: padding, error correction
(Reed-Solomon) and mask are all exclusive or. So the symbol of an address that is the sum of three others is the sum of their symbols,
and a site, whose addresses differ in some digits, needs the encoder only for a few dozens of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
import segno

QUIET = 4
"""Modules of white that the standard asks for around the symbol."""

MASK = 4
"""All eight masks of the standard can be read. The trial of each for the evenest picture would cost four times as much as the rest."""


@dataclass(frozen=True, slots=True)
class Code:
    """A symbol of ``side`` modules including the quiet zone; ``path`` goes over it row by row with strokes of width 1 where it is dark."""

    side: int
    path: str


def qr_code(address: str) -> Code:
    """The symbol of ``address``, readable with 15 % of it lost (level M), as paper is folded and copied.

    Raises:
        segno.DataOverflowError: the address has more than 2,331 bytes.
    """
    text = address.encode()
    symbols = _symbols(len(text))
    data, width = symbols.modules(text), symbols.width
    rows = (map(_STROKES.__getitem__, data[start : start + width]) for start in range(0, len(data), width))
    path = "".join(f"M{QUIET} {y}.5{''.join(strokes)}" for y, strokes in enumerate(rows, QUIET))
    return Code(symbols.side + 2 * QUIET, path)


def _strokes(modules: int) -> str:
    """The way over eight modules, the leftmost of which is the highest bit: strokes over dark ones, moves over light ones."""
    runs = ((bit, len(list(run))) for bit, run in groupby(f"{modules:08b}"))
    return "".join(f"h{length}" if bit == "1" else f"m{length} 0" for bit, length in runs)


_STROKES = tuple(map(_strokes, range(256)))

_OPTIONS: dict[str, Any] = {"error": "m", "mode": "byte", "mask": MASK, "boost_error": False}


class _Symbols:
    """The symbols of texts of ``length`` bytes, which all have ``side`` rows of as many modules, in ``width`` bytes each.

    ``_known`` has sums of texts that were encoded, by the place of their highest bit; the modules of the sum stand below it in the same
    number. So known symbols add up while the bits of a new text are cleared from the highest down.
    """

    def __init__(self, length: int) -> None:
        self.side = len(segno.make_qr(bytes(length), **_OPTIONS).matrix)
        self.width = -(-self.side // 8)
        self._known: dict[int, int] = {}

    def modules(self, text: bytes) -> bytes:
        """The symbol of ``text`` row by row, a bit for each module, 1 for dark; rows end with light ones."""
        size = self.side * self.width
        left = int.from_bytes(b"\1" + text, "big") << 8 * size  # a bit that all texts have stands for what is constant in all symbols
        while (known := self._known.get(left.bit_length())) is not None:
            left ^= known
        if left.bit_length() <= 8 * size:
            return left.to_bytes(size, "big")
        made = np.packbits(np.array(segno.make_qr(text, **_OPTIONS).matrix, np.uint8), axis=1).tobytes()
        self._known[left.bit_length()] = left ^ int.from_bytes(made, "big")
        return made


@cache  # addresses that are printed have no more than LONGEST (sheet.py) bytes
def _symbols(length: int) -> _Symbols:
    return _Symbols(length)
