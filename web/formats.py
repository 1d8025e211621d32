"""Moments and short days as pages write them; numbers, shares and days come from `stats.figures`."""

import datetime as dt

from faq.database import VIETNAM


def short_day(value: dt.date) -> str:
    """Return a day without its year: 23/11."""
    return f"{value:%d/%m}"


def clock(value: dt.datetime) -> str:
    """Return an instant in Vietnam to the second: 14:05:03 ngày 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}"


def moment(value: dt.datetime) -> str:
    """Return an instant in Vietnam: 14:05 ngày 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
