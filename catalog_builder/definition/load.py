"""Reading a definition folder: every file, every error at once, each with its file and key or line."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from catalog_builder.definition import findings as found
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
    data["collections"] = [m for _, m in _models(folder / "collections", CollectionDefinition, problems)]
    data["orders"] = [m for _, m in _models(folder / "orders", Order, problems)]
    data["overrides"] = list(_overrides(folder / "overrides", problems))
    for name, model in REGISTERS.items():
        data[name] = list(_rows(folder / "registers" / f"{name}.csv", model, problems))
    definition: Definition | None = None
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        problems += _explain(error, "catalog.toml")
    if definition is not None:
        problems += _references(definition)
    if problems or definition is None:
        raise UsageError(*problems)
    return definition


def _toml(path: Path, problems: list[Finding]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(found.SYNTAX(_name(path), problem=str(error)))
        return {}


def _models(folder: Path, model: type[Row], problems: list[Finding]) -> Iterator[tuple[Path, Row]]:
    """One object per ``*.toml`` of ``folder``; its ``id`` is the name of the file unless the file says otherwise."""
    seen: dict[str, Path] = {}
    for path in sorted(folder.glob("*.toml")):
        before = len(problems)
        data = {"id": path.stem, **_toml(path, problems)}
        if len(problems) > before:
            continue
        if (other := seen.get(data["id"])) is not None:
            problems.append(found.DUPLICATE(_name(path), kind=model.__name__, code=data["id"], other=_name(other)))
            continue
        seen[data["id"]] = path
        try:
            yield path, model.model_validate(data)
        except ValidationError as error:
            problems += _explain(error, _name(path))


def _overrides(folder: Path, problems: list[Finding]) -> Iterator[Override]:
    """``[[override]]`` tables of every file, in the order of files and tables; later ones win field by field."""
    for path in sorted(folder.glob("*.toml")):
        for number, table in enumerate(_toml(path, problems).get("override", []), start=1):
            try:
                yield Override.model_validate(table)
            except ValidationError as error:
                problems += _explain(error, f"{_name(path)} [[override]] {number}")


def _rows(path: Path, model: type[Row], problems: list[Finding]) -> Iterator[Row]:
    """Rows of a CSV register: UTF-8 with or without mark, comma or semicolon, empty cells are absent values."""
    if not path.is_file():
        return
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(found.SYNTAX(_name(path), problem=str(error)))
        return
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
            problems += _explain(error, f"{_name(path)}:{numbers[-1]}")


def _explain(error: ValidationError, subject: str) -> Iterator[Finding]:
    for problem in error.errors(include_url=False, include_input=True):
        key = ".".join(str(part) for part in problem["loc"]) or "(file)"
        given = problem.get("input")
        shown = f" ({given!r})" if isinstance(given, str | int | float) else ""
        yield found.INVALID(subject, key=key, problem=f"{problem['msg']}{shown}")


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
