"""When people ask, and what: weekdays, hours, holidays, Tết, seasons, growth."""

import datetime as dt
from collections.abc import Mapping

TET = tuple(
    map(
        dt.date.fromisoformat,
        (
            *("2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06"),
            *("2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11"),
        ),
    )
)
"""First days of lunar years."""
HOLIDAYS = {(1, 1), (4, 30), (5, 1), (9, 2)}
WEEKDAYS = (1.25, 1.1, 1.05, 1.05, 1.0, 0.6, 0.45)
WORKDAY_HOURS = (2, 1, 1, 1, 2, 5, 14, 38, 70, 82, 74, 52, 38, 50, 66, 64, 56, 44, 40, 52, 56, 42, 22, 8)
FREE_HOURS = (4, 2, 1, 1, 1, 3, 8, 20, 38, 48, 52, 46, 36, 34, 38, 42, 42, 38, 44, 60, 66, 54, 32, 12)
QUIET = 0.12
"""What is left of an ordinary day's questions on the days of Tết."""
MONTHS: Mapping[str, tuple[float, ...]] = {
    "khai-bao-tam-vang": (1.6, 1.5, 1.2, 0.8, 0.8, 0.9, 0.9, 1.2, 1.1, 0.8, 0.8, 1.1),
    "thong-bao-luu-tru": (0.4, 0.5, 0.5, 1.2, 2.2, 3.0, 3.0, 2.2, 1.0, 0.5, 0.4, 0.4),  # a town by the sea
    "dang-ky-thuong-tru": (0.9, 0.8, 0.9, 1.0, 1.1, 1.4, 1.8, 2.0, 1.3, 0.9, 0.9, 1.0),  # before school begins
    "dang-ky-tam-tru": (0.8, 0.9, 1.1, 0.9, 1.0, 1.1, 1.3, 1.9, 2.1, 1.1, 0.9, 0.8),
    "can-cuoc": (0.9, 0.8, 1.0, 1.2, 1.4, 1.7, 1.2, 1.0, 0.9, 0.9, 1.0, 1.2),  # before examinations
    "dang-ky-xe": (1.5, 0.7, 0.9, 0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 1.0, 1.1, 1.5),
    "nop-phat-giao-thong": (1.5, 1.0, 0.9, 1.0, 1.0, 1.0, 1.0, 0.9, 1.0, 1.0, 1.0, 1.3),
    "cong-dich-vu-cong": (1.0, 0.8, 1.0, 1.0, 1.0, 1.1, 1.2, 1.2, 1.0, 1.0, 1.1, 1.5),
    "vneid": (1.0, 0.9, 1.0, 1.0, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 1.0, 1.2),
}
"""How much a topic is asked about in each month; others stay as they are."""


def is_free(day: dt.date) -> bool:
    """Whether offices are closed."""
    return day.weekday() >= 5 or (day.month, day.day) in HOLIDAYS or around_tet(day) == QUIET  # noqa: PLR2004 - Saturday


def around_tet(day: dt.date) -> float:
    """Return how much is asked because of Tết: little during it, more in the three weeks after."""
    for first in TET:
        days = (day - first).days
        if -2 <= days <= 6:  # noqa: PLR2004 - from the 29th of the twelfth month to the 7th of the first
            return QUIET
        if 6 < days <= 27:  # noqa: PLR2004
            return 1.5 - (days - 7) * 0.02
        if -16 <= days < -2:  # noqa: PLR2004 - people come home
            return 1.15
    return 1.0


def busyness(day: dt.date, since: dt.date, days: int) -> float:
    """Return how much is asked on a day; use doubles within the period."""
    growth = 0.65 + 0.7 * (day - since).days / max(days, 1)
    holiday = 0.35 if (day.month, day.day) in HOLIDAYS else 1.0
    return growth * WEEKDAYS[day.weekday()] * holiday * around_tet(day)


def hours(day: dt.date) -> tuple[int, ...]:
    """Return how much is asked in each hour."""
    return FREE_HOURS if is_free(day) else WORKDAY_HOURS


def in_season(topic: str, day: dt.date) -> float:
    """Return how much a topic is asked about on a day, beside its mean."""
    months = MONTHS.get(topic)
    return months[day.month - 1] if months else 1.0
