"""Rows of the registers that a province keeps as CSV files: offices, units, themes, projects, rules, holidays.

Facts of law and administration are rows with validity and source, never code.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=100)]
"""Identifier of a collection, agency, order, theme, project: URL-safe, kept forever."""


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)  # a worker needs no validators


class Row(Model):
    """A fact with where it comes from, and who vouches for it."""

    source: str
    verified: Literal["seed", "verified", "secondary", "unverified"]


class LastingRow(Row):
    """A fact that holds for some time; an end that is not given is open."""

    valid_from: date | None = None
    valid_to: date | None = None


class Agency(LastingRow):
    """Row of ``registers/agencies.csv``; the same office under a new name is a new row linked by ``successor``."""

    code: Code
    name_vi: str
    name_en: str
    role: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    url: str = ""
    successor: str = ""


class AdminUnit(LastingRow):
    """Row of ``registers/admin_units.csv``. Key is (code, level, valid_from), never the name; codes are strings."""

    code: str
    level: Literal["province", "district", "commune", "area"]
    name_vi: str
    name_en: str
    unit_type: str = ""
    parent: str = ""
    successor: str = ""  # codes joined by |
    predecessor: str = ""
    central_meridian: str = ""
    crs: str = ""


class Theme(LastingRow):
    """Row of ``registers/themes.csv``."""

    code: Code
    name_vi: str
    name_en: str
    lead_agency: str = ""


class Project(LastingRow):
    """Row of ``registers/projects.csv``: where imagery was used before."""

    code: Code
    name_vi: str
    name_en: str = ""
    lead_agency: str = ""
    theme: str = ""


class RefreshRule(LastingRow):
    """Row of ``registers/refresh_rules.csv``: imagery of ``resolution_class`` over ``area`` every ``period_months``."""

    code: Code
    resolution_class: Literal["very_high", "high", "medium", "low"]
    area: str
    period_months: Annotated[int, Field(gt=0)]
    name_vi: str
    name_en: str


class Holiday(Row):
    """Row of ``registers/holidays.csv``: days that do not count as working days."""

    day: date
    name_vi: str
    name_en: str = ""
