"""Time: stored in UTC, shown in Vietnam time (UTC+7), with the precision that the source had and no more."""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

VIETNAM = timezone(timedelta(hours=7), "UTC+7")


class Precision(StrEnum):
    """How exact the source is about the acquisition."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    DECADE = "decade"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class When:
    """When a scene was taken: an instant (``end`` is None) or the interval that is known to hold it. Both UTC, aware."""

    start: datetime
    end: datetime | None = None
    precision: Precision = Precision.SECOND

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment is not None and moment.utcoffset() != timedelta(0):
                raise ValueError(f"{moment!r} is not UTC")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"the interval ends ({self.end}) before it starts ({self.start})")

    @property
    def is_instant(self) -> bool:
        return self.end is None

    @property
    def centre(self) -> datetime:
        return self.start if self.end is None else self.start + (self.end - self.start) / 2

    def overlaps(self, other: When, tolerance: timedelta = timedelta(seconds=2)) -> bool:
        """Whether both can be true of one scene. ``tolerance`` counts only where one is an instant, as sources round seconds
        differently; whole days that follow each other are two days."""
        if not (self.is_instant or other.is_instant):
            tolerance = timedelta(0)
        return self.start - tolerance <= (other.end or other.start) and other.start - tolerance <= (self.end or self.start)

    @classmethod
    def instant(cls, moment: datetime) -> When:
        """An instant; a naive ``moment`` is taken as UTC, as every vendor format read here states it."""
        return cls(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))

    @classmethod
    def day(cls, year: int, month: int, day: int) -> When:
        start = datetime(year, month, day, tzinfo=UTC)
        return cls(start, start + timedelta(days=1, seconds=-1), Precision.DAY)

    @classmethod
    def month(cls, year: int, month: int) -> When:
        last = calendar.monthrange(year, month)[1]
        return cls(datetime(year, month, 1, tzinfo=UTC), datetime(year, month, last, 23, 59, 59, tzinfo=UTC), Precision.MONTH)

    @classmethod
    def year(cls, year: int) -> When:
        return cls(datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC), Precision.YEAR)

    @classmethod
    def between(cls, start: datetime, end: datetime) -> When:
        return cls(cls.instant(start).start, cls.instant(end).start, Precision.INTERVAL)


def parse_iso(text: str) -> When:
    """An ISO 8601 date or date-time. A date alone is a day; no zone means UTC; more than six decimals are cut.

    Raises:
        ValueError: it is not a date, or the date does not exist.
    """
    text = text.strip()
    if "T" not in text and " " not in text:
        parts = [int(p) for p in text.rstrip("Zz").split("-")]
        if len(parts) == 3:
            return When.day(*parts)
        if len(parts) == 2:
            return When.month(*parts)
        if len(parts) == 1:
            return When.year(*parts)
        raise ValueError(f"not a date: {text!r}")
    head, dot, rest = text.partition(".")
    if dot:
        digits = len(rest) - len(rest.lstrip("0123456789"))
        text = f"{head}.{rest[: min(digits, 6)].ljust(6, '0')}{rest[digits:]}"
    return When.instant(datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00")))


def to_stac(moment: datetime) -> str:
    """RFC 3339 in UTC with ``Z``, fractions only where there are any: ``2021-06-05T03:12:34.5Z``."""
    utc = moment.astimezone(UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{utc.microsecond:06d}".rstrip("0") + "Z" if utc.microsecond else text + "Z"


def from_stac(text: str) -> datetime:
    return parse_iso(text).start


def in_vietnam(moment: datetime) -> datetime:
    return moment.astimezone(VIETNAM)


def now() -> datetime:
    """This moment by the clock of this machine, UTC. For locks and their like: nothing that is published knows the time of the run."""
    return datetime.now(UTC)


def age(modified_ns: int) -> float:
    """Seconds since a modification time; negative where the clock of another machine that wrote it is ahead."""
    return (time.time_ns() - modified_ns) / 1e9
