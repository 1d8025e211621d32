"""Figures of a period and a topic, read from the roll-ups: whole weeks from the cells of weeks, the rest from days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from stats.rolling import (
    ALL,
    COUNTED,
    DAY,
    EVERYTHING,
    EXCLUDED,
    MILLION,
    WEEK,
    Counts,
    DayCell,
    monday_of,
    united,
)

A_DAY, A_WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
PERIODS_BEFORE = 4
"""Periods of the same length whose mean a period is held against."""


@dataclass(frozen=True)
class Period:
    """Days of the place, both included; of one topic, or of all."""

    since: dt.date
    until: dt.date
    topic: str = EVERYTHING

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise ValueError("a period cannot end before it begins")

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def before(self, times: int = 1) -> "Period":
        """Return the period of the same length that lies so many times before this one."""
        back = A_DAY * self.days * times
        return Period(self.since - back, self.until - back, self.topic)

    @cached_property
    def mondays(self) -> tuple[dt.date, ...]:
        """The whole ISO weeks within it."""
        first = monday_of(self.since + A_DAY * 6)
        weeks = max(0, (self.until + A_DAY - first).days // 7)
        return tuple(first + A_WEEK * number for number in range(weeks))

    @cached_property
    def single_days(self) -> tuple[dt.date, ...]:
        """The days that belong to no whole week."""
        days = (self.since + A_DAY * number for number in range(self.days))
        weeks = set(self.mondays)
        return tuple(day for day in days if monday_of(day) not in weeks)


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted for one value of a kind of thing, and how many different people asked it."""

    key: str
    counts: Counts
    people: int

    @property
    def questions(self) -> int:
        """Number of questions."""
        return self.counts.questions

    def share(self, name: str) -> float | None:
        """Return which share of the questions ended as `name`; nothing if there were none."""
        return getattr(self.counts, name) / self.questions if self.questions else None

    @property
    def helpful_share(self) -> float | None:
        """Share of those who said whether it helped to whom it did; nothing if nobody said."""
        said = self.counts.helpful + self.counts.not_helpful
        return self.counts.helpful / said if said else None

    @property
    def mean_confidence(self) -> float | None:
        """Mean of what the model itself held its guesses for; nothing if it never guessed."""
        return self.counts.sure_sum / self.counts.sure_count / MILLION if self.counts.sure_count else None


async def total(session: AsyncSession, period: Period) -> Figure:
    """Return the figures of a period as a whole."""
    found = await by(session, period, ALL)
    return found.get(EVERYTHING, Figure(EVERYTHING, Counts(), 0))


async def excluded(session: AsyncSession, period: Period) -> dict[str, Figure]:
    """Return what is left out of all other figures: tests and what staff asked themselves."""
    return await by(session, Period(period.since, period.until), EXCLUDED)


async def by(session: AsyncSession, period: Period, dim: str) -> dict[str, Figure]:
    """Return the figures of each value of a kind of thing, the most asked first."""
    rows = await session.execute(_cells(period, dim, (DayCell.key, *_COLUMNS, DayCell.people)))
    counts: dict[str, Counts] = defaultdict(Counts)
    people: dict[str, list[bytes]] = defaultdict(list)
    for key, *numbers, stored in rows:
        counts[key].add(Counts(*numbers))
        people[key].append(stored)
    figures = (Figure(key, counts[key], united(people[key])) for key in counts)
    return {figure.key: figure for figure in sorted(figures, key=lambda f: (-f.questions, f.key))}


async def by_day(session: AsyncSession, period: Period) -> dict[dt.date, Figure]:
    """Return the figures of each day; of a day without any, too."""
    query = select(DayCell.first_day, *_COLUMNS, DayCell.people).where(_of(period, ALL), DayCell.level == DAY)
    between = query.where(DayCell.first_day >= period.since, DayCell.first_day <= period.until)
    found = {
        day: Figure(day.isoformat(), Counts(*numbers), united([stored]))
        for day, *numbers, stored in await session.execute(between)
    }
    days = (period.since + A_DAY * number for number in range(period.days))
    return {day: found.get(day, Figure(day.isoformat(), Counts(), 0)) for day in days}


async def by_hour(session: AsyncSession, period: Period, dim: str = "hour") -> dict[tuple[int, int], Figure]:
    """Return the figures of each weekday (0 is Monday) and hour in which anything was asked."""
    query = select(DayCell.first_day, DayCell.key, *_COLUMNS, DayCell.people).where(_of(period, dim))
    query = query.where(DayCell.level == DAY, DayCell.first_day >= period.since, DayCell.first_day <= period.until)
    counts: dict[tuple[int, int], Counts] = defaultdict(Counts)
    people: dict[tuple[int, int], list[bytes]] = defaultdict(list)
    for day, hour, *numbers, stored in await session.execute(query):
        at = day.weekday(), int(hour)
        counts[at].add(Counts(*numbers))
        people[at].append(stored)
    return {at: Figure(f"{at[0]} {at[1]:02}", counts[at], united(people[at])) for at in sorted(counts)}


def mean_of(figures: Sequence[Figure]) -> Mapping[str, float]:
    """Return the mean of each count, and of the questions and people, over several periods."""
    names = (*COUNTED, "questions", "people")
    return {name: _mean(_value(figure, name) for figure in figures) for name in names}


def _value(figure: Figure, name: str) -> float:
    return float(getattr(figure if name in {"questions", "people"} else figure.counts, name))


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


_COLUMNS = tuple(getattr(DayCell, name) for name in COUNTED)


def _cells(period: Period, dim: str, columns: Sequence[InstrumentedAttribute[Any]]) -> Select[Any]:
    return select(*columns).where(_of(period, dim), _within(period))


def _of(period: Period, dim: str) -> ColumnElement[bool]:
    return and_(DayCell.topic == period.topic, DayCell.dim == dim)


def _within(period: Period) -> ColumnElement[bool]:
    """Return where the cells are that together make the period."""
    parts: list[ColumnElement[bool]] = [and_(DayCell.level == DAY, DayCell.first_day.in_(period.single_days))]
    if period.mondays:
        weeks = DayCell.first_day.between(period.mondays[0], period.mondays[-1])
        parts.append(and_(DayCell.level == WEEK, weeks))
    return or_(*parts)
