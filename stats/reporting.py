"""Counting what was asked between two days: totals, endings, topics, and the questions that got no answer."""

import asyncio
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from faq.database import VIETNAM, Sessions
from faq.entries import Faq
from faq.folding import fold
from stats.endings import TITLES, UNANSWERED, Ending
from stats.questions import TEST_CHANNEL, Question

T = TypeVar("T")


LONGEST_LIST = 20
NEARLY_THE_SAME = 85.0
LEAST_LENGTH = 0.6
"""`token_set_ratio` calls a part of a sentence equal to the whole: two texts must also be about as long."""
MOST_TEXTS = 3000
"""Grouping compares each with each; rarer wordings than this many are not grouped."""


@dataclass(frozen=True, slots=True)
class Titles:
    """Titles of entries and topics, by key; what has none is shown by its key."""

    entries: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, faq: Faq) -> "Titles":
        """Take the titles of `faq`."""
        return cls({e.key: e.question for e in faq.entries}, {t.id: t.title for t in faq.taxonomy.topics})


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something occurred, and its share of all questions."""

    key: str
    title: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many questions a day brought, in local time."""

    day: dt.date
    count: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A masked question and who asked it."""

    text: str
    person: str | None


@dataclass(frozen=True, slots=True)
class UnansweredGroup:
    """Questions that are nearly the same and got no answer."""

    sample: str
    count: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was asked from `since` to `until`, both days included."""

    since: dt.date
    until: dt.date
    total: int
    people: int
    test_total: int
    mean_confidence: float | None
    endings: tuple[Counted, ...]
    topics: tuple[Counted, ...]
    entries: tuple[Counted, ...]
    days: tuple[DayCount, ...]
    unanswered: tuple[UnansweredGroup, ...]


async def report(
    sessions: Sessions,
    faq_titles: Titles,
    since: dt.date,
    until: dt.date,
    zone: dt.tzinfo = VIETNAM,
    *,
    with_tests: bool = False,
) -> Report:
    """Count the questions of the days `since` to `until` as they are in `zone`; the test channel is left out."""
    if until < since:
        raise ValueError("a report cannot end before it begins")
    period = _between(since, until, zone)
    asked = period if with_tests else period & (Question.channel != TEST_CHANNEL)
    async with sessions() as session:
        moments = (await session.execute(select(Question.asked_at, Question.ending).where(asked))).all()
        total = len(moments)
        wordings = await _unanswered(session, asked)
        return Report(
            since=since,
            until=until,
            total=total,
            people=await _number(session, func.count(Question.person.distinct()), asked) or 0,
            test_total=await _number(session, func.count(), period & (Question.channel == TEST_CHANNEL)) or 0,
            mean_confidence=await _number(session, func.avg(Question.confidence), asked),
            endings=count_endings(ending for _, ending in moments),
            topics=await _top(session, Question.topic, asked, faq_titles.topics, total),
            entries=await _top(session, Question.entry, asked, faq_titles.entries, total),
            days=count_days((moment for moment, _ in moments), since, until, zone),
            unanswered=await asyncio.to_thread(group, wordings),
        )


def count_endings(endings: Iterable[str]) -> tuple[Counted, ...]:
    """Count every ending, also those that did not occur; the counts add up to the number of questions."""
    counts = Counter(endings)
    total = counts.total()
    keys = (*map(str, Ending), *sorted(set(counts) - set(Ending)))
    return tuple(Counted(key, _ending_title(key), counts[key], _share(counts[key], total)) for key in keys)


def count_days(moments: Iterable[dt.datetime], since: dt.date, until: dt.date, zone: dt.tzinfo) -> tuple[DayCount, ...]:
    """Count the questions of each day in `zone`, also of the days without any."""
    counts = Counter(moment.astimezone(zone).date() for moment in moments)
    days = (since + dt.timedelta(days=number) for number in range((until - since).days + 1))
    return tuple(DayCount(day, counts[day]) for day in days)


def group(wordings: Iterable[Wording], longest: int = LONGEST_LIST) -> tuple[UnansweredGroup, ...]:
    """Put questions together that are nearly the same; the commonest group first, shown in its commonest wording."""
    piles = _piles(wordings)
    leaders: dict[tuple[str, ...], list[str]] = defaultdict(list)
    members: dict[str, list[str]] = {}
    for folded in sorted(piles, key=lambda text: (-len(piles[text]), text))[:MOST_TEXTS]:
        # Digits tell questions apart ("mức 1", "mức 2") which are otherwise the same.
        alike = leaders[_digits(folded)]
        leader = _nearest(folded, alike)
        if leader is None:
            alike.append(folded)
        members.setdefault(leader or folded, []).append(folded)
    groups = (_group([wording for text in texts for wording in piles[text]]) for texts in members.values())
    return tuple(sorted(groups, key=lambda g: (-g.count, -g.people, g.sample))[:longest])


def _piles(wordings: Iterable[Wording]) -> dict[str, list[Wording]]:
    piles: dict[str, list[Wording]] = {}
    for wording in wordings:
        folded = fold(wording.text)
        if folded:
            piles.setdefault(folded, []).append(wording)
    return piles


def _nearest(folded: str, leaders: Sequence[str]) -> str | None:
    likely = [text for text in leaders if _about_as_long(text, folded)]
    found = process.extractOne(folded, likely, scorer=fuzz.token_set_ratio, score_cutoff=NEARLY_THE_SAME)
    return found[0] if found else None


def _about_as_long(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= LEAST_LENGTH * max(len(one), len(other))


def _digits(text: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in text.split() if word.isdigit()))


def _group(wordings: Sequence[Wording]) -> UnansweredGroup:
    sample = min(Counter(w.text for w in wordings).items(), key=lambda item: (-item[1], item[0]))[0]
    return UnansweredGroup(sample, len(wordings), len({w.person for w in wordings if w.person is not None}))


def _between(since: dt.date, until: dt.date, zone: dt.tzinfo) -> ColumnElement[bool]:
    first = dt.datetime.combine(since, dt.time.min, tzinfo=zone)
    behind = dt.datetime.combine(until + dt.timedelta(days=1), dt.time.min, tzinfo=zone)
    return (Question.asked_at >= first) & (Question.asked_at < behind)


async def _number(session: AsyncSession, what: ColumnElement[T], where: ColumnElement[bool]) -> T | None:
    return (await session.execute(select(what).select_from(Question).where(where))).scalar()


async def _top(
    session: AsyncSession,
    column: InstrumentedAttribute[str | None],
    where: ColumnElement[bool],
    titles: Mapping[str, str],
    total: int,
) -> tuple[Counted, ...]:
    number = func.count().label("number")
    query = select(column, number).where(where, column.is_not(None)).group_by(column)
    rows: Sequence[Any] = (await session.execute(query.order_by(number.desc(), column).limit(LONGEST_LIST))).all()
    return tuple(_counted(row[0], row[1], titles, total) for row in rows)


def _counted(key: str, count: int, titles: Mapping[str, str], total: int) -> Counted:
    return Counted(key, titles.get(key, key), count, _share(count, total))


async def _unanswered(session: AsyncSession, where: ColumnElement[bool]) -> list[Wording]:
    endings = sorted(str(ending) for ending in UNANSWERED)
    query = select(Question.text, Question.person).where(where, Question.ending.in_(endings), Question.kind == "text")
    return [Wording(text, person) for text, person in (await session.execute(query)).all()]


def _ending_title(key: str) -> str:
    return TITLES[Ending(key)] if key in set(Ending) else key


def _share(count: int, total: int) -> float:
    return count / total if total else 0.0
