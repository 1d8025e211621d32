"""Moments and short days as pages write them, days as forms send them; the rest comes from `stats.figures`."""

import datetime as dt

from faq.database import VIETNAM


def short_day(value: dt.date) -> str:
    """Return a day without its year: 23/11."""
    return f"{value:%d/%m}"


def clock(value: dt.datetime) -> str:
    """Return an instant in Vietnam to the second: 14:05:03 ngày 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}"


def vn_day(value: dt.datetime) -> str:
    """Return the day of an instant in Vietnam: 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%d/%m/%Y}"


def moment(value: dt.datetime) -> str:
    """Return an instant in Vietnam: 14:05 ngày 23/11/2026."""
    return f"{value.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"


def clock_time(value: dt.datetime) -> str:
    """Return an instant of today in Vietnam: 14:05."""
    return f"{value.astimezone(VIETNAM):%H:%M}"


class BadDayError(ValueError):
    """A day in a form that is none; the text says so in one Vietnamese sentence."""


def typed_day(text: str, *, first_year: int = 2000) -> dt.date | None:
    """Return the day that a form sent, if it sent one; raise `BadDayError` for what is no day or far away."""
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise BadDayError("Ngày chưa đúng. Anh/chị vui lòng chọn lại từ lịch.") from None
    if day is not None and not first_year <= day.year <= 2100:  # noqa: PLR2004 - beyond these years there is a slip
        raise BadDayError("Năm chưa đúng. Anh/chị vui lòng chọn lại từ lịch.")
    return day
