"""What pydantic says about a value that a person wrote, as findings in the person's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from catalog_builder.definition import findings as found
from catalog_builder.findings import Finding

WRITTEN: Mapping[str, str] = {
    "date": "2026-01-31",
    "datetime": "2026-01-31T08:00:00Z",
    "float": "0.5",
    "int": "10",
    "string": '"…"',
    "path": '"…"',
    "tuple": "[…, …]",
    "dict": '{ vi = "…", en = "…" }',
    "model": "{ … = … }",
}
"""How a value of a kind is written in TOML, by the first word of pydantic's error types (``date_from_datetime_parsing``)."""

_WRONG_KIND = ("_type", "_parsing", "_inexact")
"""Ends of pydantic's error types for a value that is of another kind; others are about its size and the like."""


def mistakes(error: ValidationError, model: type[BaseModel], subject: str) -> Iterator[Finding]:
    """A finding per mistake in one object of ``model`` that stands in ``subject``."""
    for problem in error.errors(include_url=False):
        yield _mistake(problem, model, subject)


def _mistake(problem: Mapping[str, Any], model: type[BaseModel], subject: str) -> Finding:
    *above, last = problem["loc"] or ("?",)
    key, kind, given = ".".join(str(part) for part in (*above, last)), problem["type"], problem["input"]
    if kind == "extra_forbidden":
        return found.UNKNOWN_KEY(subject, key=key, known=", ".join(_by_likeness(str(last), _keys(model, above))))
    if kind == "missing":
        return found.MISSING_KEY(subject, key=key)
    if kind in ("enum", "literal_error"):
        return found.NO_CHOICE(subject, key=key, given=str(given), choices=problem["ctx"]["expected"].replace(" or ", ", "))
    if kind == "string_pattern_mismatch":
        return found.NO_MATCH(subject, key=key, given=str(given), pattern=problem["ctx"]["pattern"])
    if kind.endswith(_WRONG_KIND) and (example := WRITTEN.get(kind.partition("_")[0])) is not None:
        return found.NO_VALUE(subject, key=key, given=str(given), example=example)
    return found.INVALID(subject, key=key, problem=f"{problem['msg']} ({given})")


def _by_likeness(word: str, known: Iterator[str]) -> list[str]:
    """What a misspelt ``word`` may mean, the likeliest first."""
    return sorted(known, key=lambda name: -SequenceMatcher(None, word, name).ratio())


def _keys(model: type[BaseModel], above: list[str | int]) -> Iterator[str]:
    """The keys of the table of ``model`` that the path ``above`` leads to."""
    for part in above:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models(model.model_fields[part].annotation), model)
    yield from model.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models in ``tuple[Match, ...]``, ``Model | None`` or ``Model``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
