"""What the public page says: made of what was frozen with each weekly report for everybody to see, and of nothing else.

Each week's cells are hidden by the public threshold when its report is made, and stay so (`stats.ledger`): neither two
pages, nor a page and a report, nor all of them together can be subtracted to find a small count. No citizen's words are
kept here or shown.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from stats.charts import Bar
from stats.definitions import METRICS
from stats.figuring import PERIODS_BEFORE
from stats.gaps import Gap
from stats.ledger import ENDING, ENDINGS, Week, summed
from stats.published import Line, Names, Published, Row, Told
from stats.rolling import ENTRY, TOPIC, UNKNOWN
from stats.spans import A_DAY, A_WEEK
from stats.suppressing import FEWEST_IN_PUBLIC

MOST_WEEKS = 8
ADDED_UP = 4
"""Weeks whose questions are also told together."""
MOST_ENTRIES = 10
COUNTED = ("questions", "people", "answered_share", "offered_share", "not_understood_share", "out_of_scope_share")
"""Figures whose making the page explains."""


@dataclass(frozen=True, slots=True)
class Improved:
    """An entry that answers what could not be answered before; what citizens wrote is not told."""

    entry: str
    first_day: dt.date
    live_day: dt.date
    before: str
    after: str

    @classmethod
    def of(cls, gap: Gap) -> "Improved":
        """Take what may be told of a gap."""
        return cls(gap.entry, gap.first_day, gap.live_day, gap.before, gap.after)

    def as_json(self) -> dict[str, str]:
        """Return it as plain data."""
        days = {"first_day": self.first_day.isoformat(), "live_day": self.live_day.isoformat()}
        return {"entry": self.entry, **days, "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "Improved":
        """Return what `as_json` gave."""
        first, live = (dt.date.fromisoformat(data[name]) for name in ("first_day", "live_day"))
        return cls(data["entry"], first, live, data["before"], data["after"])


@dataclass(frozen=True)
class Kept:
    """What a weekly report keeps for the public page."""

    week: Week
    improved: tuple[Improved, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"week": self.week.as_json(), "improved": [one.as_json() for one in self.improved]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Kept":
        """Return what `as_json` gave."""
        return cls(Week.from_json(data["week"]), tuple(Improved.from_json(one) for one in data["improved"]))


def keep(said: Published) -> dict[str, Any] | None:
    """Return what a report keeps for the public page, as plain data; nothing if the week may not be shown on it."""
    if said.public is None:
        return None
    return Kept(said.public, tuple(Improved.of(gap) for gap in said.public_gaps)).as_json()


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of a table: a number of the last week, and of the last weeks together where none of them hides it."""

    row: Row
    together: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """A week in one line."""

    monday: dt.date
    questions: Line
    people: Line
    answered: Line
    partial: bool

    @property
    def sunday(self) -> dt.date:
        """Its last day."""
        return self.monday + A_DAY * 6


@dataclass(frozen=True)
class Page:
    """All that the page says."""

    names: Names
    made_on: dt.date
    past: tuple[Past, ...]
    """The last weeks, the latest first."""
    added_up: int
    """How many weeks are told together."""
    endings: tuple[Row, ...]
    topics: tuple[Asked, ...]
    entries: tuple[Asked, ...]
    improved: tuple[Improved, ...]
    fewest: int = FEWEST_IN_PUBLIC

    @property
    def bars(self) -> list[Bar]:
        """The questions of each week, the earliest first."""
        return [
            Bar(one.monday, None if one.questions.value is None else round(one.questions.value), one.questions.mark)
            for one in reversed(self.past)
        ]


def page(kept: Sequence[Kept], names: Names, *, made_on: dt.date) -> Page:
    """Return what the page says of some weeks, the latest first."""
    if not kept:
        return Page(names, made_on, (), 0, (), (), (), ())
    weeks = [one.week for one in kept[:MOST_WEEKS]]
    running = _in_a_row(weeks)[:ADDED_UP]
    first = weeks[0].monday - A_WEEK * PERIODS_BEFORE
    told = Told(weeks[0], tuple(week for week in weeks[1:] if week.monday >= first), names, {})
    topics = sorted(told.listing(TOPIC).rows, key=lambda row: row.key == UNKNOWN)
    entries = [row for row in told.listing(ENTRY).rows if row.count is not None and row.key != UNKNOWN]
    return Page(
        names=names,
        made_on=made_on,
        past=tuple(_past(week, names) for week in weeks),
        added_up=len(running),
        endings=tuple(told.row(ENDING, name) for name in ENDINGS),
        topics=tuple(_asked(topics, summed(running, TOPIC))),
        entries=tuple(_asked(entries[:MOST_ENTRIES], summed(running, ENTRY))),
        improved=kept[0].improved,
    )


def _in_a_row(weeks: Sequence[Week]) -> list[Week]:
    """Return the weeks up to the last one between which none is missing."""
    due = (weeks[0].monday - A_WEEK * number for number in range(len(weeks)))
    return [week for week, _ in takewhile(lambda pair: pair[0].monday == pair[1], zip(weeks, due, strict=True))]


def _asked(rows: Iterable[Row], together: Mapping[str, int]) -> Iterator[Asked]:
    return (Asked(row, together.get(row.key)) for row in rows)


def _past(week: Week, names: Names) -> Past:
    told = Told(week, (), names, {})
    questions, people, answered = (told.line(METRICS[ident]) for ident in ("questions", "people", "answered_share"))
    return Past(week.monday, questions, people, answered, week.partial)
