"""How the pages speak: texts, numbers, dates, sizes and coordinates in the language of a page.

Formatting is done here, on the server, so that a page needs no script and looks the same in every browser. Times are shown in
Viet Nam time in both languages because the imagery is; the machine-readable UTC stands beside them in ``<time datetime>``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from catalog_builder.i18n import N_, translate
from catalog_builder.times import Precision, in_vietnam

NBSP = "\u00a0"
NOTHING = "–"
SIZE_UNITS = ("B", "kB", "MB", "GB", "TB")
DAY_END = timedelta(days=1) - timedelta(seconds=1)

MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)

_GROUPING = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Wording:
    """One language of the site."""

    language: str

    def __call__(self, text: str, **params: object) -> str:
        """``text`` (marked with ``N_``) in this language, its ``{name}`` filled from ``params``."""
        said = translate(text, self.language)
        return said.format_map(params) if params else said

    def count(self, number: int, one: str, many: str) -> str:
        """``number`` of something: ``one`` and ``many`` are marked texts with ``{n}``."""
        return self(one if number == 1 else many, n=self.number(number))

    def number(self, value: float, decimals: int | None = None) -> str:
        """``value`` grouped by thousands; without ``decimals`` about four significant digits and no trailing zeros."""
        digits = _digits(value, decimals)
        return digits.translate(_GROUPING) if self.language == "vi" else digits

    def percent(self, value: float) -> str:
        """``value`` of 100: ``4,2 %`` and ``4.2%``."""
        text = self.number(round(value, 1))
        return f"{text}{NBSP}%" if self.language == "vi" else f"{text}%"

    def metres(self, value: float) -> str:
        return f"{self.number(value)}{NBSP}m"

    def degrees(self, value: float) -> str:
        return f"{self.number(round(value, 1))}°"

    def size(self, size: int) -> str:
        """A file size in powers of 1000, as disks and download dialogs of most systems count."""
        value, unit = float(size), 0
        while value >= 999.5 and unit < len(SIZE_UNITS) - 1:
            value, unit = value / 1000, unit + 1
        decimals = 1 if unit and value < 9.95 else 0
        return f"{self.number(value, decimals)}{NBSP}{SIZE_UNITS[unit]}"

    def day(self, moment: datetime) -> str:
        """The date that ``moment`` has as it stands (no change of zone)."""
        if self.language == "vi":
            return moment.strftime("%d/%m/%Y")
        return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"

    def month(self, year: int, month: int) -> str:
        return f"{month:02d}/{year}" if self.language == "vi" else f"{MONTHS[month - 1]} {year}"

    def month_name(self, month: int) -> str:
        return self(MONTHS[month - 1])

    def moment(self, moment: datetime) -> str:
        """Date and time to the minute in Viet Nam: ``14/03/2025 10:02 giờ Việt Nam``."""
        local = in_vietnam(moment)
        return self(N_("{day} {time} Viet Nam time"), day=self.day(local), time=local.strftime("%H:%M"))

    def acquired(self, start: datetime, end: datetime, precision: str | None = None) -> str:
        """When a scene was taken, no more exact than the source: an instant, a day, a month, a year, or from … to …."""
        if start == end:
            return self.moment(start)
        match precision or _span_of(start, end):
            case Precision.DAY:
                return self.day(start)
            case Precision.MONTH:
                return self.month(start.year, start.month)
            case Precision.YEAR:
                return str(start.year)
            case Precision.DECADE:
                return self(N_("{year}s"), year=start.year)
            case _:
                return self(N_("between {start} and {end}"), start=self.day(start), end=self.day(end))

    @lru_cache(maxsize=1024)  # noqa: B019 - there are as many wordings as languages
    def acquired_day(self, start: datetime, end: datetime, precision: str | None = None) -> str:
        """As :meth:`acquired`, with an instant shortened to its date in Viet Nam, for titles and cards."""
        return self.day(in_vietnam(start)) if start == end else self.acquired(start, end, precision)

    def month_short(self, month: int) -> str:
        """A month for the edge of a table: ``Th. 3``, ``Mar``."""
        return f"Th.{NBSP}{month}" if self.language == "vi" else MONTHS[month - 1][:3]

    def years(self, first: int, last: int) -> str:
        return str(first) if first == last else f"{first}–{last}"

    def longitude(self, degrees: float, decimals: int = 4) -> str:
        """``107,2500°Đ`` / ``107.2500°E``."""
        return f"{self.number(abs(degrees), decimals)}°{self.east() if degrees >= 0 else self.west()}"

    def latitude(self, degrees: float, decimals: int = 4) -> str:
        return f"{self.number(abs(degrees), decimals)}°{self.north() if degrees >= 0 else self.south()}"

    def minutes(self, degrees: float, is_longitude: bool) -> str:
        """Degrees and minutes for the edge of a map: ``107°30′Đ``."""
        total = round(abs(degrees) * 60)
        whole, minutes = divmod(total, 60)
        half = (self.east() if degrees >= 0 else self.west()) if is_longitude else (self.north() if degrees >= 0 else self.south())
        shown = f"{whole}°{minutes:02d}′" if minutes else f"{whole}°"
        return shown if total == 0 else f"{shown}{half}"

    def east(self) -> str:
        return "Đ" if self.language == "vi" else "E"

    def west(self) -> str:
        return "T" if self.language == "vi" else "W"

    def north(self) -> str:
        return "B" if self.language == "vi" else "N"

    def south(self) -> str:
        return "N" if self.language == "vi" else "S"


@lru_cache(maxsize=4096)
def _digits(value: float, decimals: int | None) -> str:
    """``value`` as English groups it; kept, because the page in the next language has the same numbers."""
    if not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{_decimals(value) if decimals is None else decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def _decimals(value: float) -> int:
    """Decimals that leave about four significant digits; whole numbers need none."""
    if value == int(value):
        return 0
    magnitude = math.floor(math.log10(abs(value)))
    return min(max(3 - magnitude, 0), 12)


def _span_of(start: datetime, end: datetime) -> Precision:
    """What an interval is: exactly a day, a month or a year of UTC, or any other interval."""
    if start.hour or start.minute or start.second or (end.hour, end.minute, end.second) != (23, 59, 59):
        return Precision.INTERVAL
    if end - start == DAY_END:
        return Precision.DAY
    next_day = end + timedelta(seconds=1)
    if start.day == 1 and next_day.day == 1:
        if (next_day.year - start.year) * 12 + next_day.month - start.month == 1:
            return Precision.MONTH
        if (next_day.year, next_day.month, start.month) == (start.year + 1, 1, 1):
            return Precision.YEAR
    return Precision.INTERVAL
