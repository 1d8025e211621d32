"""What may be published of a week, settled once: whoever subtracts all that was ever published finds no small count.

The rule. Each ISO week has one set of cells that are shown (`protect`); it is frozen in the week's report, and every
number of every published file (comparisons with last week, means of four weeks, reports of several weeks) is made of
frozen cells alone, never of records or roll-ups. Weeks have no record in common, so two files that overlap say nothing
together that the weeks did not say already, and it is enough that each week by itself gives no small count away:

* in a table whose rows add up to a number that is told, a larger row is hidden with small ones (`suppressing.hidden`);
* tables in tables (topics hold entries, days hold hours): the same within each of them, and nothing is shown inside of
  what is hidden;
* an entry belongs to a topic and to an aspect, both of which are told: what follows from both together by linear
  algebra is looked for, and more is hidden until nothing follows.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from stats.endings import Ending
from stats.figuring import PERIODS_BEFORE, Figure
from stats.rolling import ASPECT, CAMPAIGN, CHANNEL, ENTRY, HOUR, QUESTION_ENDINGS, TOPIC, UNKNOWN, Counts
from stats.spans import A_WEEK
from stats.suppressing import FEWEST, hidden, is_small, is_small_figure
from stats.weekly import WeeklyReport

ENDING, DAYS = "ending", "day"
REST: Final = ""
"""Stands for the questions that came through no campaign: a row that no table shows."""
WHOLE: Final = "*"
_GROUP = re.compile(r"[. ]")
_NEARLY_ZERO = 1e-9
Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class Counted:
    """A week as it was counted, nothing hidden yet."""

    monday: dt.date
    total: Figure
    flat: Mapping[str, Figures]
    """By kind of thing (topics, aspects, channels, endings, days, campaigns), then by key."""
    entries: Mapping[str, Figures]
    """By topic, then by key."""
    hours: Mapping[str, Figures]
    """By day (2026-11-23), then by day and hour (2026-11-23 08)."""
    aspects: Mapping[str, str]
    """Of each entry."""
    partial: bool = False


@dataclass(frozen=True)
class Table:
    """What is shown of a table, and which rows are not."""

    cells: Mapping[str, int] = field(default_factory=dict)
    small: frozenset[str] = frozenset()
    covers: frozenset[str] = frozenset()
    """Hidden, although not small, so that the small ones do not follow."""
    closed: frozenset[str] = frozenset()
    """Groups of rows (a topic's entries, a day's hours) of which nothing is told, not even which there are."""

    def read(self, key: str) -> int | None:
        """Return a row's number of questions; nothing if it is hidden."""
        if key in self.cells:
            return self.cells[key]
        gone = key in self.small or key in self.covers or not self.closed.isdisjoint((WHOLE, _GROUP.split(key)[0]))
        return None if gone else 0

    def without(self, *keys: str) -> Self:
        """Return the table with more rows hidden."""
        cells = {key: count for key, count in self.cells.items() if key not in keys}
        return replace(self, cells=cells, covers=self.covers.union(keys))

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain data."""
        sets = {name: sorted(getattr(self, name)) for name in ("small", "covers", "closed")}
        return {"cells": dict(self.cells), **sets}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave."""
        return cls(data["cells"], *(frozenset(data[name]) for name in ("small", "covers", "closed")))


CLOSED = Table(closed=frozenset({WHOLE}))


@dataclass(frozen=True)
class Week:
    """What may be published of a week; once frozen it never changes."""

    monday: dt.date
    fewest: int
    tables: Mapping[str, Table]
    numbers: Mapping[str, float | None]
    """Those that stand alone; none if hidden."""
    partial: bool = False

    def table(self, dim: str) -> Table:
        """Return what is shown by one kind of thing."""
        return self.tables.get(dim, Table())

    def as_json(self) -> dict[str, Any]:
        """Return the week as plain data."""
        return {
            "monday": self.monday.isoformat(),
            "fewest": self.fewest,
            "tables": {dim: table.as_json() for dim, table in self.tables.items()},
            "numbers": dict(self.numbers),
            "partial": self.partial,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `as_json` gave."""
        tables = {dim: Table.from_json(table) for dim, table in data["tables"].items()}
        monday = dt.date.fromisoformat(data["monday"])
        return cls(monday, data["fewest"], tables, data["numbers"], data["partial"])


def protect(counted: Counted, fewest: int = FEWEST) -> Week:
    """Return what may be published of a week as it was counted."""
    if is_small(counted.total.people or counted.total.questions, fewest):
        tables = dict.fromkeys((*counted.flat, ENTRY, HOUR), CLOSED)
        return Week(counted.monday, fewest, tables, dict.fromkeys(_numbers(counted, fewest)), counted.partial)
    tables = {dim: _flat(figures, fewest, _OPEN.get(dim, ())) for dim, figures in counted.flat.items()}
    if CAMPAIGN in counted.flat:
        tables[CAMPAIGN] = _campaigns(counted, fewest)
    tables[ENTRY] = _nested(tables[TOPIC], counted.entries, fewest)
    tables[HOUR] = _nested(tables[DAYS], counted.hours, fewest)
    tables = _Crossed(counted, tables, fewest).settled()
    if fewest > FEWEST:
        tables = _within(tables, protect(counted).tables)
    numbers = _numbers(counted, fewest)
    if tables[ENDING].small or tables[ENDING].closed:
        numbers["sure_count"] = None  # it is the sum of some of the endings
    return Week(counted.monday, fewest, tables, numbers, counted.partial)


def _within(tables: Mapping[str, Table], staff: Mapping[str, Table]) -> dict[str, Table]:
    """Return tables without the rows that staff may not see: nobody finds in one what the other hides."""
    return {dim: _beside(table, staff[dim]) for dim, table in tables.items()}


def _beside(table: Table, staff: Table) -> Table:
    """Of what hides small rows from staff, the public is not told either that it is less than the public threshold."""
    less = table.without(*(table.cells.keys() - staff.cells.keys()))
    return replace(less, small=less.small - staff.covers, covers=less.covers | (less.small & staff.covers))


_OPEN: Final[Mapping[str, tuple[str, ...]]] = {
    TOPIC: (UNKNOWN,),
    ASPECT: (UNKNOWN,),
    ENDING: (Ending.ANSWERED,),
}
"""Rows that follow from another table (who has no topic was not answered): they can hide nothing."""


def _flat(figures: Figures, fewest: int, follows: Iterable[str] = ()) -> Table:
    asked = {key: figure for key, figure in figures.items() if figure.questions}
    plain = {key: f for key, f in asked.items() if key in set(follows) and not is_small_figure(f, fewest)}
    risked = {key: f for key, f in asked.items() if key not in plain}
    gone = hidden(risked, fewest)
    if gone and gone == risked.keys():
        few = sum(figure.questions for figure in risked.values()) < 2 * fewest
        return replace(CLOSED, cells={} if few else _counts(plain))
    small = frozenset(key for key in gone if is_small_figure(risked[key], fewest))
    return Table(_counts({key: f for key, f in asked.items() if key not in gone}), small, gone - small)


def _counts(figures: Figures) -> dict[str, int]:
    return {key: figure.questions for key, figure in figures.items()}


def _campaigns(counted: Counted, fewest: int) -> Table:
    """Return the table of campaigns: it does not add up to all questions, but what is missing is known."""
    figures = {key: figure for key, figure in counted.flat[CAMPAIGN].items() if figure.questions}
    rest = counted.total.questions - sum(figure.questions for figure in figures.values())
    risked = {**figures, REST: Figure(REST, Counts(answered=rest), 0)}
    gone = hidden(risked, fewest, {REST} if rest else ()) - {REST}
    if gone == figures.keys() and rest < 2 * fewest:
        return CLOSED if gone else Table()
    small = frozenset(key for key in gone if is_small_figure(figures[key], fewest))
    return Table(_counts({key: f for key, f in figures.items() if key not in gone}), small, gone - small)


def _nested(above: Table, groups: Mapping[str, Figures], fewest: int) -> Table:
    """Return one table of the rows within the rows of another; of none if it is not told which rows that has.

    A hidden row is closed even if nothing is within it: that there is nothing would tell about it.
    """
    if WHOLE in above.closed:
        return CLOSED
    cells: dict[str, int] = {}
    small: frozenset[str] = frozenset()
    covers: frozenset[str] = frozenset()
    closed = set(above.small | above.covers)
    for group, figures in groups.items():
        inside = _inside(figures, above.read(group), fewest)
        cells |= inside.cells
        small, covers = small | inside.small, covers | inside.covers
        closed |= {group} if inside.closed else set()
    return Table(cells, small, covers, frozenset(closed))


def _inside(figures: Figures, above: int | None, fewest: int) -> Table:
    """Return the rows within a row: none to hide where nothing was asked, none at all where that row is hidden."""
    if above is None:
        return CLOSED
    return _flat(figures, fewest) if above else Table()


class _Crossed:
    """Topics, aspects and entries together: hides more until no small row of them follows from the others."""

    def __init__(self, counted: Counted, tables: Mapping[str, Table], fewest: int) -> None:
        self._tables = dict(tables)
        self._topics = {key: topic for topic, figures in counted.entries.items() for key in figures}
        self._aspects = {key: counted.aspects[key] for key in self._topics if key in counted.aspects}
        self._keys = list(self._topics)
        self._of = {
            "": {key: {at} for at, key in enumerate(self._keys)},
            TOPIC: _places(self._keys, self._topics),
            ASPECT: _places(self._keys, self._aspects),
        }
        small = [("", key) for f in counted.entries.values() for key in f if is_small_figure(f[key], fewest)]
        small += [
            (dim, key)
            for dim in (TOPIC, ASPECT)
            for key, figure in counted.flat[dim].items()
            if is_small_figure(figure, fewest) and key != UNKNOWN
        ]
        self._small = small
        self._small_rows = self._rows(self._of[dim].get(key, ()) for dim, key in small)

    def settled(self) -> dict[str, Table]:
        """Return the tables, with as many rows fewer as it takes."""
        while exposed := self._exposed():
            more = self._also(exposed)
            if more is None:
                self._tables[ASPECT] = CLOSED
                break
            self._tables[ENTRY] = self._tables[ENTRY].without(more)
        return self._tables

    def _exposed(self) -> tuple[str, str] | None:
        """Return a small row that follows from what is shown, if there is one: a sum of sums that are told."""
        unknown = np.array([key not in self._tables[ENTRY].cells for key in self._keys], dtype=bool)
        if self._tables[ASPECT].closed or not unknown.any():
            return None
        told = _basis(self._rows([*self._told(TOPIC), *self._told(ASPECT)])[:, unknown])
        rows = self._small_rows[:, unknown]
        rest = np.abs(rows - rows @ told.T @ told).max(axis=1, initial=0)
        found = np.flatnonzero((rest < _NEARLY_ZERO) & rows.any(axis=1))
        return self._small[found[0]] if found.size else None

    def _told(self, dim: str) -> Iterable[Collection[int]]:
        """Yield the entries whose sum a shown row of a table tells, and those whose sum its hidden rows do."""
        shown = self._tables[dim].cells.keys() - {UNKNOWN}
        yield from (places for key, places in self._of[dim].items() if key in shown)
        yield [at for key, places in self._of[dim].items() if key not in shown for at in places]

    def _rows(self, places: Iterable[Collection[int]]) -> NDArray[np.float64]:
        """Return a row for each sum: 1 for each entry in it."""
        found = list(places)
        rows = np.zeros((len(found), len(self._keys)))
        for row, of in zip(rows, found, strict=True):
            row[list(of)] = 1
        return rows

    def _also(self, exposed: tuple[str, str]) -> str | None:
        """Return the smallest shown entry that has to do with an exposed row."""
        dim, name = exposed
        held = [self._keys[at] for at in self._of[dim].get(name, ())]
        touched = {place for key in held for place in self._places(key)}
        near = [key for key in self._tables[ENTRY].cells if touched & self._places(key)]
        return min(near, key=lambda key: (self._tables[ENTRY].cells[key], key), default=None)

    def _places(self, key: str) -> set[tuple[str, str]]:
        return {(TOPIC, self._topics[key]), (ASPECT, self._aspects.get(key, ""))}


def _places(keys: Sequence[str], of: Mapping[str, str]) -> dict[str, set[int]]:
    """Return at which places stand the keys that belong to each row of a table."""
    found: dict[str, set[int]] = {}
    for at, key in enumerate(keys):
        if key in of:
            found.setdefault(of[key], set()).add(at)
    return found


def _basis(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return orthonormal rows of which all `rows` are sums."""
    _, strengths, ways = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(ways[strengths > _NEARLY_ZERO * max(1, len(strengths))])


def _numbers(counted: Counted, fewest: int) -> dict[str, float | None]:
    counts = counted.total.counts
    rated = counts.helpful + counts.not_helpful
    told: dict[str, float | None] = {
        "questions": counted.total.questions,
        "people": counted.total.people,
        "small_talk": _unless_small(counts.small_talk, fewest),
        "pressed": _unless_small(counts.pressed, fewest),
        "rated": _unless_small(rated, fewest),
        "helpful": None if _one_is_small(counts.helpful, counts.not_helpful, fewest) else counts.helpful,
        "few_helpful": float(is_small(counts.helpful, fewest)),
        "few_not_helpful": float(is_small(counts.not_helpful, fewest)),
        "sure": counted.total.mean_confidence if counts.sure_count >= fewest else None,
        "sure_count": _unless_small(counts.sure_count, fewest),
    }
    return told


def _unless_small(count: int, fewest: int) -> float | None:
    return None if is_small(count, fewest) else count


def _one_is_small(count: int, other: int, fewest: int) -> bool:
    return is_small(count, fewest) or is_small(other, fewest)


async def frozen(session: AsyncSession, mondays: Iterable[dt.date]) -> dict[dt.date, Week]:
    """Return what was published of these weeks, in a report of their own or beside another week's."""
    wanted = set(mondays)
    if not wanted:
        return {}
    query = select(WeeklyReport).where(WeeklyReport.monday >= min(wanted))
    rows = await session.scalars(query.where(WeeklyReport.monday <= max(wanted) + A_WEEK * PERIODS_BEFORE))
    found: dict[dt.date, Week] = {}
    for row in rows:
        for data in (row.figures["week"], *row.figures["earlier"]):
            week = Week.from_json(data)
            found.setdefault(week.monday, week)
    return {monday: week for monday, week in found.items() if monday in wanted}


def freeze(week: Week, earlier: Iterable[Week]) -> dict[str, Any]:
    """Return what a report keeps: its own week, and those before it that had no report of their own."""
    return {"week": week.as_json(), "earlier": [one.as_json() for one in earlier]}


def summed(weeks: Sequence[Week], dim: str) -> dict[str, int]:
    """Return the sums of several weeks' rows; a row that is hidden in one of them has none."""
    keys = dict.fromkeys(key for week in weeks for key in week.table(dim).cells)
    read = {key: [week.table(dim).read(key) for week in weeks] for key in keys}
    return {key: sum(filter(None, found)) for key, found in read.items() if None not in found}


def mean(weeks: Sequence[Week], read: Callable[[Week], float | None]) -> float | None:
    """Return the mean of a number over weeks; nothing if there is no week, or one of them hides it."""
    found = [read(week) for week in weeks]
    told = [value for value in found if value is not None]
    return sum(told) / len(told) if told and len(told) == len(found) else None


ENDINGS: Final = QUESTION_ENDINGS
FLAT: Final = (TOPIC, ASPECT, CHANNEL, CAMPAIGN)
