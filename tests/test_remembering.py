"""What is remembered comes back on every Python, and what is read back can only be data."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from catalog_builder.facts import Field
from catalog_builder.remembering import dumps, loads


class Asking:
    """Pickled as a call of ``getattr``, the way of Python before 3.11.4 with members of enumerations."""

    def __init__(self, thing: object, name: str) -> None:
        self.asked = (thing, name)

    def __reduce__(self) -> tuple[object, tuple[object, str]]:
        return getattr, self.asked


def test_a_member_of_an_enumeration_comes_back() -> None:
    assert loads(dumps((Field.ACQUIRED, Field.GSD))) == (Field.ACQUIRED, Field.GSD)
    assert loads(pickle.dumps(Asking(Field, "GSD"))) is Field.GSD


@pytest.mark.parametrize(
    "asked", [(Field, "__init__"), (Field, "unheard of"), (Field.GSD, "value"), ("text", "format"), (loads, "__globals__")]
)
def test_nothing_else_has_attributes(asked: tuple[object, str]) -> None:
    assert loads(pickle.dumps(Asking(*asked))) is None


class Impossible:
    """Pickled as a span of time that there is not."""

    def __reduce__(self) -> tuple[type[timedelta], tuple[int]]:
        return timedelta, (10**12,)


def test_what_cannot_be_is_forgotten() -> None:
    assert loads(pickle.dumps(Impossible())) is None
