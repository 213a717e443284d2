"""Reading a definition folder: every file, every error at once, each with its file and key or line."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from catalog_builder.definition import findings as found
from catalog_builder.definition.mistakes import mistakes
from catalog_builder.definition.model import CollectionDefinition, Definition, Order, Override
from catalog_builder.definition.registers import AdminUnit, Agency, Holiday, Project, RefreshRule, Theme
from catalog_builder.errors import UsageError
from catalog_builder.findings import Finding

Row = TypeVar("Row", bound=BaseModel)

REGISTERS: Mapping[str, type[BaseModel]] = {
    "agencies": Agency,
    "admin_units": AdminUnit,
    "themes": Theme,
    "projects": Project,
    "refresh_rules": RefreshRule,
    "holidays": Holiday,
}
"""Registers by field of :class:`Definition`; each is ``registers/<name>.csv`` and may be absent."""


def load_definition(folder: Path) -> Definition:
    """The definition in ``folder`` (or in the folder of the given ``catalog.toml``).

    Raises:
        UsageError: with one finding per mistake, of all files.
    """
    folder = folder.parent if folder.name == "catalog.toml" else folder
    main = folder / "catalog.toml"
    if not main.is_file():
        raise UsageError(found.MISSING(str(folder), path=str(main)))
    problems: list[Finding] = []
    data: dict[str, Any] = {"folder": folder.resolve(), **_toml(main, problems)}
    can_be_read = not problems
    data["collections"] = [m for _, m in _models(folder / "collections", CollectionDefinition, problems)]
    data["orders"] = [m for _, m in _models(folder / "orders", Order, problems)]
    data["overrides"] = list(_overrides(folder / "overrides", problems))
    for name, model in REGISTERS.items():
        data[name] = list(_rows(folder / "registers" / f"{name}.csv", model, problems))
    definition: Definition | None = None
    try:
        definition = Definition.model_validate(data) if can_be_read else None  # else every key of it would be missing as well
    except ValidationError as error:
        problems += mistakes(error, Definition, "catalog.toml")
    if definition is not None:
        problems += _references(definition)
    if problems or definition is None:
        raise UsageError(*problems)
    return definition


def _toml(path: Path, problems: list[Finding]) -> dict[str, Any]:
    text = _text(path, problems)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(_syntax(path, text, str(error)))
        return {}


def _text(path: Path, problems: list[Finding]) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(found.NOT_UTF8(_name(path), byte=error.start + 1))
    except OSError as error:
        problems.append(found.UNREADABLE(_name(path), problem=error.strerror or str(error)))
    return ""


def _syntax(path: Path, text: str, problem: str) -> Finding:
    """Where the parser stopped; ``(at end of document)`` is after the last line."""
    place = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", problem, re.DOTALL)
    what, line, column = place.groups() if place else (problem, None, None)
    return found.SYNTAX(_name(path), line=int(line or text.count("\n") + 1), column=int(column or 1), problem=what)


def _models(folder: Path, model: type[Row], problems: list[Finding]) -> Iterator[tuple[Path, Row]]:
    """One object per ``*.toml`` of ``folder``; its ``id`` is the name of the file unless the file says otherwise."""
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        before = len(problems)
        data = {"id": path.stem, **_toml(path, problems)}
        if len(problems) > before:
            continue
        identifier = str(data["id"])
        if (other := seen.get(identifier)) is not None:
            problems.append(found.DUPLICATE(_name(path), kind=path.parent.name, code=identifier, other=_name(other)))
            continue
        seen[identifier] = path
        try:
            yield path, model.model_validate(data)
        except ValidationError as error:
            problems += mistakes(error, model, _name(path))


def _overrides(folder: Path, problems: list[Finding]) -> Iterator[Override]:
    """``[[override]]`` tables of every file, in the order of files and tables; later ones win field by field."""
    for path in sorted(folder.glob("*.toml")):
        data = _toml(path, problems)
        tables = data.pop("override", [])
        strange = [*data, *(["override"] if not isinstance(tables, list) else [])]
        problems += [found.NO_OVERRIDES(_name(path), key=key) for key in strange]
        for number, table in enumerate(tables if isinstance(tables, list) else (), start=1):
            try:
                yield Override.model_validate(table)
            except ValidationError as error:
                problems += mistakes(error, Override, f"{_name(path)} [[override]] {number}")


def _rows(path: Path, model: type[Row], problems: list[Finding]) -> Iterator[Row]:
    """Rows of a CSV register: UTF-8 with or without mark, comma or semicolon, empty cells are absent values."""
    if not path.is_file():
        return
    text = _text(path, problems)
    header = next((line for line in text.splitlines() if line and not line.startswith("#")), "")
    lines = ((n, line) for n, line in enumerate(text.splitlines(), start=1) if line.strip() and not line.startswith("#"))
    numbers: list[int] = []

    def body() -> Iterator[str]:
        for number, line in lines:
            numbers.append(number)
            yield line

    for cells in csv.DictReader(body(), delimiter=";" if header.count(";") > header.count(",") else ","):
        values = {k: v for k, v in cells.items() if k is not None and v not in (None, "")}
        try:
            yield model.model_validate(values)
        except ValidationError as error:
            problems += mistakes(error, model, f"{_name(path)}:{numbers[-1]}")


def _references(definition: Definition) -> Iterator[Finding]:
    """Codes that name nothing."""
    agencies = {a.code for a in definition.agencies}
    collections = {c.id for c in definition.collections}
    themes = {t.code for t in definition.themes}
    orders = {o.id for o in definition.orders}
    projects = {p.code for p in definition.projects}
    uses: list[tuple[str, str, str | None, set[str], str]] = [
        ("catalog.toml", "host", definition.host, agencies, "registers/agencies.csv"),
        ("catalog.toml", "fallback_collection", definition.fallback_collection, collections, "collections/"),
    ]
    for c in definition.collections:
        where = f"collections/{c.id}.toml"
        uses += [(where, "providers.agency", p.agency, agencies, "registers/agencies.csv") for p in c.providers]
        uses += [(where, "themes", t, themes, "registers/themes.csv") for t in c.themes]
        uses += [(where, "match.order", o, orders, "orders/") for m in c.match for o in m.order]
    uses += [(f"orders/{o.id}.toml", "project", o.project, projects, "registers/projects.csv") for o in definition.orders]
    for number, o in enumerate(definition.overrides, start=1):
        uses += [
            (f"overrides/ [[override]] {number}", "collection", o.collection, collections, "collections/"),
            (f"overrides/ [[override]] {number}", "project", o.project, projects, "registers/projects.csv"),
        ]
    return _dangling(uses)


def _dangling(uses: Iterable[tuple[str, str, str | None, set[str], str]]) -> Iterator[Finding]:
    for where, key, code, known, register in uses:
        if code is not None and code not in known:
            yield found.UNKNOWN_REFERENCE(where, key=key, code=code, register=register)


def _name(path: Path) -> str:
    """``collections/x.toml``: the part of the path a person knows the file by."""
    return path.name if path.name == "catalog.toml" else f"{path.parent.name}/{path.name}"
