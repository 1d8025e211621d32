"""Public holidays that make a week unlike others: a table, checked in the tests against the moon.

Labour Code 2019, article 112: 1 January, five days of Tết, the 10th of the third lunar month, 30 April and 1 May,
2 September and a day beside it. Which days beside 2 September and around Tết are free is decided anew each year: here
stand New Year's Eve and the first four days of the lunar year, and beside 2 September the day that was announced; of
years for which none is known yet, 2 September alone says that there is another. Lunar dates follow the
Vietnamese calendar (UTC+7), which differs from the Chinese one in 2030.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from stats.figures import day as written

TET: Final = tuple(
    dt.date.fromisoformat(day)
    for day in ("2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-02")
)
"""First day of the lunar year."""
ANCESTORS: Final = tuple(
    dt.date.fromisoformat(day)
    for day in ("2025-04-07", "2026-04-26", "2027-04-16", "2028-04-04", "2029-04-23", "2030-04-12")
)
"""The 10th day of the third lunar month."""
FIXED: Final = {(1, 1): "Tết Dương lịch", (4, 30): "Ngày Chiến thắng", (5, 1): "Quốc tế Lao động", (9, 2): "Quốc khánh"}
NATIONAL_DAY: Final = "Quốc khánh"
BESIDE: Final = {2025: dt.date(2025, 9, 1), 2026: dt.date(2026, 9, 1)}
"""The second day of the National Day's holiday, as announced."""
NOT_ANNOUNCED: Final = f"{NATIONAL_DAY} và một ngày liền kề"
_BEFORE_TET, _AFTER_TET = 1, 3
FIRST_YEAR, LAST_YEAR = TET[0].year, TET[-1].year


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday."""

    day: dt.date
    name: str


def holidays(days: Iterable[dt.date]) -> tuple[Holiday, ...]:
    """Return the holidays among `days`; of years that the table does not hold, only the fixed ones."""
    return tuple(Holiday(day, name) for day in days if (name := _name(day)))


def _name(day: dt.date) -> str:
    if any(-_BEFORE_TET <= (day - tet).days <= _AFTER_TET for tet in TET):
        return "Tết Nguyên đán"
    if day in ANCESTORS:
        return "Giỗ Tổ Hùng Vương"
    if day == BESIDE.get(day.year):
        return NATIONAL_DAY
    name = FIXED.get((day.month, day.day), "")
    return NOT_ANNOUNCED if name == NATIONAL_DAY and day.year not in BESIDE else name


def in_words(found: Iterable[Holiday]) -> str:
    """Return holidays in words, days of one holiday as a span: «Tết Nguyên đán (16/02/2026 – 20/02/2026)»."""
    return ", ".join(_span(name, [one.day for one in days]) for name, days in groupby(found, lambda one: one.name))


def _span(name: str, days: Sequence[dt.date]) -> str:
    last = f" – {written(days[-1])}" if len(days) > 1 else ""
    return f"{name} ({written(days[0])}{last})"
