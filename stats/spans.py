"""Days, weeks, months and quarters of the place, and which of them together make a period."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import NamedTuple

DAY, WEEK, MONTH, QUARTER = "d", "w", "m", "q"
MONTHS_OF_A_QUARTER = 3
A_DAY, A_WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)


class Span(NamedTuple):
    """A day, a week, a month or a quarter."""

    level: str
    first_day: dt.date

    @property
    def last_day(self) -> dt.date:
        """Its last day."""
        match self.level:
            case "w":
                return self.first_day + A_DAY * 6
            case "m":
                return _months_later(self.first_day, 1) - A_DAY
            case "q":
                return _months_later(self.first_day, MONTHS_OF_A_QUARTER) - A_DAY
            case _:
                return self.first_day

    @property
    def days(self) -> Iterator[dt.date]:
        """Its days."""
        return days_between(self.first_day, self.last_day)


def span_of(level: str, day: dt.date) -> Span:
    """Return the day, week, month or quarter in which a day lies."""
    match level:
        case "w":
            return Span(level, monday_of(day))
        case "m":
            return Span(level, day.replace(day=1))
        case "q":
            return Span(level, quarter_of(day))
        case _:
            return Span(level, day)


def monday_of(day: dt.date) -> dt.date:
    """Return the first day of the ISO week of `day`."""
    return day - A_DAY * day.weekday()


def quarter_of(day: dt.date) -> dt.date:
    """Return the first day of the quarter of `day`."""
    return day.replace(month=(day.month - 1) // MONTHS_OF_A_QUARTER * MONTHS_OF_A_QUARTER + 1, day=1)


def days_between(since: dt.date, until: dt.date) -> Iterator[dt.date]:
    """Yield each day, both included."""
    return (since + A_DAY * number for number in range((until - since).days + 1))


def pieces(since: dt.date, until: dt.date, at_hand: Collection[Span]) -> list[Span]:
    """Return as few spans as make up a period: the longest of those at hand, and days for the rest.

    None reaches over the end of a quarter, for there pseudonyms change.
    """
    left = set(days_between(since, until))
    found = []
    for level in (QUARTER, MONTH, WEEK):
        for span in sorted(span for span in at_hand if span.level == level):
            days = set(span.days)
            if days <= left and quarter_of(span.first_day) == quarter_of(span.last_day):
                found.append(span)
                left -= days
    return [*found, *(Span(DAY, day) for day in sorted(left))]


def _months_later(day: dt.date, months: int) -> dt.date:
    years, month = divmod(day.month - 1 + months, 12)
    return day.replace(year=day.year + years, month=month + 1)
