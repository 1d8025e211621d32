"""Figures of a period and a topic, read from the roll-ups: of each part the longest cells there are."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, LargeBinary, and_, cast, func, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from stats.rolling import ALL, BYTES, COUNTED, EVERYTHING, EXCLUDED, HOUR, MADE_OF, MILLION, Counts, DayCell, united
from stats.spans import A_DAY, DAY, Span, days_between, pieces, quarter_of

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
    return (await by_each(session, period, (dim,)))[dim]


async def by_each(session: AsyncSession, period: Period, dims: Collection[str]) -> dict[str, dict[str, Figure]]:
    """Return what `by` does for each of several kinds of things, in one reading."""
    found = await _read(session, period, and_(DayCell.topic == period.topic, DayCell.dim.in_(dims)))
    return {dim: _most_asked_first(found.get((dim, period.topic), {})) for dim in dims}


async def by_topic(session: AsyncSession, period: Period, dim: str) -> dict[str, dict[str, Figure]]:
    """Return the figures of each value of a kind of thing in each topic, whatever the period's own topic."""
    found = await _read(session, period, and_(DayCell.topic != EVERYTHING, DayCell.dim == dim))
    return {topic: _most_asked_first(figures) for (_, topic), figures in sorted(found.items())}


def _most_asked_first(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return dict(sorted(figures.items(), key=lambda item: (-item[1].questions, item[0])))


async def _read(
    session: AsyncSession, period: Period, where: ColumnElement[bool]
) -> dict[tuple[str, str], dict[str, Figure]]:
    """Return the figures of cells, by their kind and topic, and then by their key."""
    parts = pieces(period.since, period.until, await _at_hand(session, period))
    counts: dict[tuple[str, str, str], Sequence[int]] = {}
    asked: dict[tuple[str, str, str], list[_Asked]] = defaultdict(list)
    for dim, topic, key, first_day, number, stored, *numbers in await session.execute(_cells(session, where, parts)):
        cell = dim, topic, key
        counts[cell] = list(map(add, counts[cell], numbers)) if cell in counts else numbers
        if number:
            asked[cell].append((quarter_of(first_day), number, stored))
    found: dict[tuple[str, str], dict[str, Figure]] = defaultdict(dict)
    for cell, sums in counts.items():
        dim, topic, key = cell
        found[dim, topic][key] = Figure(key, Counts(*sums), _different(asked[cell]))
    return found


async def by_day(session: AsyncSession, period: Period) -> dict[dt.date, Figure]:
    """Return the figures of each day; of a day without any, too."""
    query = select(DayCell.first_day, _people(session), *_COLUMNS).where(_of(period, ALL), DayCell.level == DAY)
    between = query.where(DayCell.first_day.between(period.since, period.until))
    found = {
        day: Figure(day.isoformat(), Counts(*numbers), people)
        for day, people, *numbers in await session.execute(between)
    }
    none = Counts()
    return {day: found.get(day, Figure(day.isoformat(), none, 0)) for day in days_between(period.since, period.until)}


async def by_hour(session: AsyncSession, period: Period) -> dict[tuple[int, int], Figure]:
    """Return the figures of each weekday (0 is Monday) and hour in which anything was asked."""
    found = await by(session, period, HOUR)
    return {(int(key[0]), int(key[2:])): found[key] for key in sorted(found)}


async def first_day(session: AsyncSession) -> dt.date | None:
    """Return the first day that has figures; a month or a quarter begins before it."""
    return await session.scalar(select(func.min(DayCell.first_day)).where(DayCell.level == DAY))


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
_Asked = tuple[dt.date, int, bytes | None]
"""Of a cell: its quarter, how many people asked, and who, where that matters."""


def _different(cells: Iterable[_Asked]) -> int:
    """Count different people: once in each quarter."""
    counted, to_unite = 0, defaultdict[dt.date, list[bytes]](list)
    for quarter, number, stored in cells:
        if stored is None:
            counted += number
        else:
            to_unite[quarter].append(stored)
    return counted + sum(united(people) for people in to_unite.values())


async def _at_hand(session: AsyncSession, period: Period) -> list[Span]:
    """Return the weeks, months and quarters within the period that were added up; these stay once they are there."""
    query = select(DayCell.level, DayCell.first_day).where(DayCell.topic == EVERYTHING, DayCell.dim == ALL)
    query = query.where(DayCell.level.in_(MADE_OF), DayCell.first_day.between(period.since, period.until))
    return [Span(*row) for row in await session.execute(query)]


def _of(period: Period, dim: str) -> ColumnElement[bool]:
    return and_(DayCell.topic == period.topic, DayCell.dim == dim)


def _cells(session: AsyncSession, where: ColumnElement[bool], parts: Collection[Span]) -> CompoundSelect[Any]:
    """Select the cells of some spans; who asked is read only where somebody may stand in two cells of a quarter.

    One part for each level: otherwise SQLite reads all cells of a topic and looks at their days afterwards.
    """
    times = Counter(quarter_of(part.first_day) for part in parts)
    days: dict[tuple[str, bool], list[dt.date]] = defaultdict(list)
    for level, first_day in parts:
        days[level, times[quarter_of(first_day)] > 1].append(first_day)
    at = (DayCell.dim, DayCell.topic, DayCell.key, DayCell.first_day)
    return union_all(
        *(
            select(*at, _people(session), DayCell.people if to_unite else cast(null(), LargeBinary), *_COLUMNS).where(
                where, DayCell.level == level, DayCell.first_day.in_(first_days)
            )
            for (level, to_unite), first_days in days.items()
        )
    )


def _people(session: AsyncSession) -> ColumnElement[int]:
    """Return the number of people of a cell: neither database reads the set for it."""
    length = func.octet_length if session.get_bind().dialect.name == "postgresql" else func.length
    return length(DayCell.people) // BYTES
