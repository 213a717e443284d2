"""The words of the search index: which items a word, or the beginning of one, leads to.

Words stand in files by their beginning, each file small. A beginning with too many words has a file with the items of all of them,
for those who type no more than that, and its words in the files of the longer beginnings. So every word asked for needs one file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from catalog_builder.ids import fold
from catalog_builder.release.model import PlacedItem

WORDS_LIMIT = 120_000
"""Length of a file of words before it is packed, about, beyond which it is split. Packed it is a third of that."""

ALL = "*"
"""The key of the items of a beginning that has been split."""

_WORD = re.compile(r"[a-z0-9]+")

Postings = dict[str, list[int]]


@dataclass(frozen=True)
class Words:
    """Files of words by beginning; ``split`` are the beginnings that went on into longer ones."""

    files: dict[str, Postings] = field(default_factory=dict)
    split: list[str] = field(default_factory=list)


def tokens(text: str) -> list[str]:
    """The words of ``text`` in lower case without diacritics, đ as d; the browser does the same."""
    return _WORD.findall(fold(text))


def words(items: Sequence[PlacedItem]) -> Words:
    """The words of titles, identifiers and platforms. Item numbers ascend and are written as differences."""
    postings: Postings = defaultdict(list)
    for number, item in enumerate(items):
        for token in {*tokens(item.title), *tokens(item.id), *tokens(item.platform or "")}:
            postings[token].append(number)
    made = Words()
    _shelve(sorted(postings), 1, postings, made)
    return made


def differences(numbers: Sequence[int]) -> list[int]:
    """Ascending numbers as the first one and the steps between them."""
    steps: list[int] = np.diff(np.asarray(numbers, dtype=np.int64), prepend=0).tolist()
    return steps


def _shelve(found: Sequence[str], length: int, postings: Mapping[str, list[int]], made: Words) -> None:
    """Put ``found`` (sorted) into files by their first ``length`` letters. A word no longer than that is among the items of all."""
    for beginning, group in groupby(found, key=lambda token: token[:length]):
        mine = list(group)
        if len(mine) == 1 or sum(len(t) + 6 + 3 * len(postings[t]) for t in mine) <= WORDS_LIMIT:
            made.files[beginning] = {token: differences(postings[token]) for token in mine}
            continue
        made.split.append(beginning)
        made.files[beginning] = {ALL: differences(np.unique(np.concatenate([postings[t] for t in mine])).tolist())}
        _shelve([t for t in mine if len(t) > length], length + 1, postings, made)
