"""Rules of a metadata profile: data in ``data/profile/*.toml``, read into checked objects.

A rule looks at fields of one kind of object and says which type, range, words or pattern they must have, whether they must be
there, and on which condition. Its texts are part of the rule, in both languages.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from catalog_builder.findings import FindingType, Severity
from catalog_builder.prepared import read_toml
from catalog_builder.resources import data_dir

EVERY = "*"
"""In a path: every element of a list or every value of an object."""

Subject = Literal["item", "collection", "catalog", "asset", "item_asset", "band", "link"]
ValueType = Literal["text", "number", "integer", "boolean", "list", "object", "date", "datetime", "url", "number-or-word", "any"]


class Condition(BaseModel):
    """When a rule holds: ``field`` (a dotted path in the same object, without ``*``) is there, absent, null, equal or not equal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    state: Literal["present", "absent", "null"] | None = None
    equals: Any = None
    differs: Any = None


class Rule(BaseModel):
    """One rule. ``fields`` are dotted paths; ``*`` stands for every element of a list or every value of an object."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    severity: Severity = Severity.ERROR
    applies: tuple[Subject, ...]
    fields: tuple[str, ...]
    type: ValueType = "any"
    null: bool = False
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    enum: tuple[Any, ...] = ()
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    required: bool = False
    when: Condition | None = None
    check: str | None = None
    en: str
    vi: str
    hint_en: str
    hint_vi: str
    source: str

    def finding_type(self) -> FindingType:
        """The kind of finding that a violation is."""
        return FindingType(self.id, self.severity, self.en, self.hint_en, self.source, {"vi": (self.vi, self.hint_vi)})


def read_rules(path: Path) -> list[Rule]:
    """The rules of one profile file; its ``[defaults]`` fill what a rule leaves out.

    Raises:
        pydantic.ValidationError: a rule is not well formed.
    """
    data = read_toml(path)
    defaults = data.get("defaults", {})
    return TypeAdapter(list[Rule]).validate_python([defaults | rule for rule in data["rule"]])


def steps_of(path: str) -> list[str]:
    """Names on the way of a rule's path. A final ``**`` only says that the rule's check judges everything below."""
    return path.removesuffix(".**").split(".")


@cache
def profile_rules(name: str) -> tuple[Rule, ...]:
    """The rules of the profile ``name`` (``core``, ``vn``)."""
    return tuple(read_rules(data_dir() / "profile" / f"{name}.toml"))
