"""Figures of a period and a topic, read from the roll-ups: of each part the longest cells there are."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Integer, and_, func, literal, or_, select, true, union_all
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


async def by_each(
    session: AsyncSession, period: Period, dims: Collection[str], *, enough: int | None = None
) -> dict[str, dict[str, Figure]]:
    """Return what `by` does for each of several kinds of things, in one reading.

    With `enough`, people are counted exactly only where they are fewer, and for the period as a whole; elsewhere some
    number of at least `enough` stands for them. Whether a number may be shown can be told from that, many times faster.
    """
    found = await _read(session, period, and_(DayCell.topic == period.topic, DayCell.dim.in_(dims)), enough)
    return {dim: _most_asked_first(found.get((dim, period.topic), {})) for dim in dims}


async def by_topic(
    session: AsyncSession, period: Period, dim: str, *, enough: int | None = None
) -> dict[str, dict[str, Figure]]:
    """Return the figures of each value of a kind of thing in each topic, whatever the period's own topic."""
    found = await _read(session, period, and_(DayCell.topic != EVERYTHING, DayCell.dim == dim), enough)
    return {topic: _most_asked_first(figures) for (_, topic), figures in sorted(found.items())}


def _most_asked_first(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    return dict(sorted(figures.items(), key=lambda item: (-item[1].questions, item[0])))


async def _read(
    session: AsyncSession, period: Period, where: ColumnElement[bool], enough: int | None
) -> dict[tuple[str, str], dict[str, Figure]]:
    """Return the figures of cells, by their kind and topic, and then by their key."""
    parts = _parts(pieces(period.since, period.until, await _at_hand(session, period)))
    counts: dict[_Cell, Sequence[int]] = {}
    asked: dict[_Cell, dict[dt.date, _Asked]] = defaultdict(lambda: defaultdict(_Asked))
    for part, dim, topic, key, most, *summed in await session.execute(_sums(session, where, parts)):
        cell, numbers = (dim, topic, key), list(map(int, summed))  # PostgreSQL adds up to decimals
        counts[cell] = list(map(add, counts[cell], numbers)) if cell in counts else numbers
        of = asked[cell][parts[part].quarter]
        of.most = max(of.most, most or 0)
    for quarter, dim, topic, key, stored in await _sets(session, where, parts, enough):
        asked[dim, topic, key][quarter].sets.append(stored)
    found: dict[tuple[str, str], dict[str, Figure]] = defaultdict(dict)
    for cell, sums in counts.items():
        dim, topic, key = cell
        exact = enough is None or dim == ALL
        people = sum(of.people(None if exact else enough) for of in asked[cell].values())
        found[dim, topic][key] = Figure(key, Counts(*sums), people)
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
_Cell = tuple[str, str, str]


@dataclass(slots=True)
class _Asked:
    """Who asked about one thing in a quarter: the most people of one cell, and sets of cells that may overlap."""

    most: int = 0
    sets: list[bytes] = field(default_factory=list)

    def people(self, enough: int | None) -> int:
        """Return how many different people asked; where that is enough, only of the largest cell."""
        if enough is not None and self.most >= enough:
            return self.most
        return max(self.most, united(self.sets))


@dataclass(frozen=True, slots=True)
class _Part:
    """Cells of one level in a quarter."""

    level: str
    quarter: dt.date
    first_days: tuple[dt.date, ...]
    alone: bool
    """Whether nobody can stand in two cells of the quarter: there is but one."""


def _parts(spans: Collection[Span]) -> list[_Part]:
    times = Counter(quarter_of(span.first_day) for span in spans)
    days: dict[tuple[str, dt.date], list[dt.date]] = defaultdict(list)
    for level, first_day in spans:
        days[level, quarter_of(first_day)].append(first_day)
    return [
        _Part(level, quarter, tuple(first_days), alone=times[quarter] == 1)
        for (level, quarter), first_days in days.items()
    ]


async def _at_hand(session: AsyncSession, period: Period) -> list[Span]:
    """Return the weeks, months and quarters within the period that were added up; these stay once they are there."""
    query = select(DayCell.level, DayCell.first_day).where(DayCell.topic == EVERYTHING, DayCell.dim == ALL)
    query = query.where(DayCell.level.in_(MADE_OF), DayCell.first_day.between(period.since, period.until))
    return [Span(*row) for row in await session.execute(query)]


def _of(period: Period, dim: str) -> ColumnElement[bool]:
    return and_(DayCell.topic == period.topic, DayCell.dim == dim)


_AT = (DayCell.dim, DayCell.topic, DayCell.key)


def _sums(session: AsyncSession, where: ColumnElement[bool], parts: Sequence[_Part]) -> CompoundSelect[Any]:
    """Select sums of cells, each part for itself: SQLite would else read all cells of a topic."""
    most = func.max(_people(session))
    return union_all(
        *(
            select(literal(number), *_AT, most, *map(func.sum, _COLUMNS)).where(where, _of_part(part)).group_by(*_AT)
            for number, part in enumerate(parts)
        )
    )


async def _sets(
    session: AsyncSession, where: ColumnElement[bool], parts: Sequence[_Part], enough: int | None
) -> list[tuple[dt.date, str, str, str, bytes]]:
    """Return who asked, of the cells whose people may stand in another cell of the quarter, too, and matter."""
    matter = true() if enough is None else or_(DayCell.dim == ALL, _people(session) < enough)
    together = [part for part in parts if not part.alone]
    if not together:
        return []
    query = union_all(
        *(
            select(literal(number), *_AT, DayCell.people).where(where, _of_part(part), matter)
            for number, part in enumerate(together)
        )
    )
    found = await session.execute(query)
    return [(together[number].quarter, dim, topic, key, people) for number, dim, topic, key, people in found]


def _of_part(part: _Part) -> ColumnElement[bool]:
    return and_(DayCell.level == part.level, DayCell.first_day.in_(part.first_days))


def _people(session: AsyncSession) -> ColumnElement[int]:
    """Return the number of people of a cell: neither database reads the set for it."""
    length = func.octet_length if session.get_bind().dialect.name == "postgresql" else func.length
    return length(DayCell.people, type_=Integer) // BYTES
