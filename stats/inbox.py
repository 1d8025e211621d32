"""The inbox: what citizens asked and got no good answer to, near-duplicates in one group, for staff to decide on.

All figures are counted from the sightings: one row for each question or complaint that was looked at, so that nothing
is counted twice, however often it is read, and nothing of a person is left once they want to be forgotten.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, Index, String, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base
from stats.likeness import Vector, added_up, likeliest

KEPT = dt.timedelta(days=90)
"""What is still open goes after that long without being asked again."""
AT_ONCE = 500
"""Names in one statement: databases limit them."""


Name = TypeVar("Name", int, str)


class Decision(StrEnum):
    """What becomes of a group of questions."""

    OPEN = "open"
    ADDED = "added"
    """To the examples of an entry."""
    NEW_ENTRY = "new_entry"
    OUTSIDE = "outside"
    """To the examples of a group out of scope."""
    IGNORED = "ignored"


class Why(StrEnum):
    """Why a question is in the inbox."""

    NOT_UNDERSTOOD = "not_understood"
    OFFERED = "offered"
    """It was asked back."""
    OUT_OF_SCOPE = "out_of_scope"
    """It was turned away without being sure of it."""
    NOT_HELPFUL = "not_helpful"


class Unfit(StrEnum):
    """Why a wording can be no example."""

    MASKED = "masked"
    """It holds the marks of personal data."""
    CHECK = "check"
    """It is a check sentence, or nearly one."""
    LONG = "long"


class InboxGroup(Base):
    """Questions that want the same, in one row for staff."""

    __tablename__ = "inbox_groups"
    __table_args__ = (Index("ix_inbox_groups_decision_rank", "decision", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    """The masked question that stands for the group: the one asked most often."""
    decision: Mapped[str] = mapped_column(String(12), default=Decision.OPEN)
    people: Mapped[int] = mapped_column(default=0)
    times: Mapped[int] = mapped_column(default=0)
    wordings: Mapped[int] = mapped_column(default=0)
    doubt: Mapped[float] = mapped_column(default=0.0)
    """From 0 to 1, the mean over its questions: how unsure the understanding was."""
    rank: Mapped[float] = mapped_column(default=0.0)
    """People times doubt."""
    guess: Mapped[str | None] = mapped_column(String(64))
    """Intent that comes nearest."""
    profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The vectors of its wordings, added up."""
    whys: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """How often for which reason."""
    follows: Mapped[int | None]
    """A group that was decided already and wants the same."""
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[dt.datetime | None]
    target: Mapped[str | None] = mapped_column(String(64))
    """Key of the entry, or of the group out of scope, that the questions went to."""
    left: Mapped[int | None]
    """Group of the wordings that staff left out («except these»)."""
    parts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """By number, size and profile of what staff put together in it: new wordings find it by each. Or empty."""
    joined: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was put together last, by whom and when; see `stats.inbox_joining`."""


class InboxMessage(Base):
    """One wording of a group's questions; the same words typed by many are one row."""

    __tablename__ = "inbox_messages"

    folded: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The text without accents and marks: who types so means the same."""
    group_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    times: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    vector: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it is compared by; see `stats.likeness`."""
    unfit: Mapped[str] = mapped_column(String(8), default="")
    """Why it can be no example, if it cannot."""
    part: Mapped[int] = mapped_column(default=0)
    """Which of the parts of its group it is in."""
    taken: Mapped[bool] = mapped_column(default=False)
    """Whether the decision on its group made an example of it."""


class InboxSighting(Base):
    """A question, or a complaint about an answer, that was looked at: the records that all figures count."""

    __tablename__ = "inbox_sightings"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """As in `questions` or `feedback`."""
    folded: Mapped[str | None] = mapped_column(String(200), index=True)
    """Its wording; none if it needs nobody's eyes: it has no words, or an offered answer was chosen."""
    person: Mapped[str | None] = mapped_column(String(32), index=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(String(16))
    doubt: Mapped[float]


class InboxMark(Base):
    """When the inbox last read all there was."""

    __tablename__ = "inbox_marks"

    source: Mapped[str] = mapped_column(String(12), primary_key=True)
    read_until: Mapped[dt.datetime]


async def hold(session: AsyncSession) -> None:
    """Let nobody else put wordings into groups, or move them, until the end of this transaction."""
    await session.execute(update(InboxMark).values(source=InboxMark.source))


async def messages_of(session: AsyncSession, group_id: int) -> list[InboxMessage]:
    """Return the wordings of a group, the most frequent first."""
    of_group = select(InboxMessage).where(InboxMessage.group_id == group_id)
    return list(await session.scalars(of_group.order_by(InboxMessage.times.desc(), InboxMessage.folded)))


async def forget(session: AsyncSession, person: str) -> None:
    """Take somebody's questions out: wordings that only they used disappear, figures shrink."""
    await drop(session, InboxSighting.person == person)


async def drop(session: AsyncSession, which: Any) -> None:
    """Remove sightings, and what nobody was seen to ask any more."""
    touched = set(await session.scalars(select(InboxSighting.folded).where(which).distinct()))
    await session.execute(delete(InboxSighting).where(which))
    await recount(session, {folded for folded in touched if folded is not None})


async def drop_undecided(session: AsyncSession, before: dt.datetime) -> None:
    """Remove what was asked before a moment and nobody has decided on."""
    undecided = select(InboxMessage.folded).join(InboxGroup, InboxGroup.id == InboxMessage.group_id)
    undecided = undecided.where(InboxGroup.decision == Decision.OPEN)
    await drop(session, InboxSighting.folded.in_(undecided) & (InboxSighting.at < before))


async def drop_old(session: AsyncSession, now: dt.datetime) -> None:
    """Remove open groups that nobody has asked about for as long as questions are kept, and old records."""
    old = select(InboxGroup.id).where(InboxGroup.decision == Decision.OPEN, InboxGroup.last_at < now - KEPT)
    wordings = select(InboxMessage.folded).where(InboxMessage.group_id.in_(old))
    await drop(session, InboxSighting.folded.in_(wordings))
    settled = InboxSighting.folded.is_(None) & (InboxSighting.at < now - KEPT)
    await session.execute(delete(InboxSighting).where(settled))


async def recount(session: AsyncSession, wordings: Collection[str]) -> None:
    """Count wordings, and the groups they are in, anew from the sightings; what has none goes."""
    await session.flush()
    groups: set[int] = set()
    for some in _portions(wordings):
        messages = list(await session.scalars(select(InboxMessage).where(InboxMessage.folded.in_(some))))
        people = func.count(func.distinct(func.coalesce(InboxSighting.person, "")))
        counts = select(InboxSighting.folded, func.count(), people).where(InboxSighting.folded.in_(some))
        found = {row[0]: row for row in await session.execute(counts.group_by(InboxSighting.folded))}
        for message in messages:
            groups.add(message.group_id)
            if message.folded in found:
                _, message.times, message.people = found[message.folded]
            else:
                await session.delete(message)
    await regroup(session, groups)


async def regroup(session: AsyncSession, groups: Collection[int]) -> None:
    """Bring groups up to date with the wordings they have; those without any go."""
    await session.flush()
    for some in _portions(groups):
        figures, whys, members = (
            await _figures(session, some),
            await _whys(session, some),
            await _members(session, some),
        )
        for group in await session.scalars(select(InboxGroup).where(InboxGroup.id.in_(some))):
            if group.id not in figures:
                await session.delete(group)
                continue
            _, group.times, group.people, group.doubt, group.first_at, group.last_at = figures[group.id]
            group.rank = group.people * group.doubt
            group.whys = whys[group.id]
            _describe(group, members[group.id])
    await session.flush()


def _describe(group: InboxGroup, members: list[InboxMessage]) -> None:
    group.text = min(members, key=lambda m: (-m.people, -m.times, len(m.text), m.text)).text
    group.wordings = len(members)
    profile: Vector = added_up(m.vector for m in members)
    group.profile = dict(profile)
    group.guess = next(iter(likeliest(profile)), None)
    group.parts = _parts(members)


def _parts(members: list[InboxMessage]) -> dict[str, Any]:
    vectors: dict[int, list[Vector]] = defaultdict(list)
    for message in members:
        vectors[message.part].append(message.vector)
    if set(vectors) == {0}:
        return {}
    return {str(part): {"size": len(some), "profile": dict(added_up(some))} for part, some in sorted(vectors.items())}


async def _figures(session: AsyncSession, groups: list[int]) -> dict[int, Any]:
    people = func.count(func.distinct(func.coalesce(InboxSighting.person, "")))
    seen = InboxSighting
    columns = (func.count(), people, func.avg(seen.doubt), func.min(seen.at), func.max(seen.at))
    query = select(InboxMessage.group_id, *columns).join(InboxMessage, InboxMessage.folded == InboxSighting.folded)
    query = query.where(InboxMessage.group_id.in_(groups)).group_by(InboxMessage.group_id)
    return {row[0]: row for row in await session.execute(query)}


async def _whys(session: AsyncSession, groups: list[int]) -> dict[int, dict[str, int]]:
    query = select(InboxMessage.group_id, InboxSighting.why, func.count())
    query = query.join(InboxMessage, InboxMessage.folded == InboxSighting.folded)
    query = query.where(InboxMessage.group_id.in_(groups)).group_by(InboxMessage.group_id, InboxSighting.why)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for group, why, count in await session.execute(query):
        found[group][why] += count
    return {group: dict(counts.most_common()) for group, counts in found.items()}


async def _members(session: AsyncSession, groups: list[int]) -> dict[int, list[InboxMessage]]:
    found: dict[int, list[InboxMessage]] = defaultdict(list)
    for message in await session.scalars(select(InboxMessage).where(InboxMessage.group_id.in_(groups))):
        found[message.group_id].append(message)
    return found


def _portions(names: Iterable[Name]) -> Iterator[list[Name]]:
    """Deal names out in portions that a statement can hold."""
    every = sorted(names)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
