"""Moments and short days as pages write them; numbers, shares and days come from `stats.figures`."""

import datetime as dt

from faq.database import VIETNAM


def short_day(value: dt.date) -> str:
    """Return a day without its year: 23/11."""
    return f"{value:%d/%m}"


def vn_day(value: dt.datetime) -> str:
    """Return the day of an instant in Vietnam: 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%d/%m/%Y}"


def moment(value: dt.datetime) -> str:
    """Return an instant in Vietnam: 14:05 ngày 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"
