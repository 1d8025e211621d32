"""Gaps closed: questions that had no answer, the day they appeared, the day an answer went live, and what that changed.

Held against each other are the questions written exactly as one of the group's: how many of them found no answer
before that day and after it. Shares in steps of ten and sizes in bands: the numbers of single weeks cannot be had by
subtracting one report from the next.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.database import VIETNAM
from faq.models import Release, ReleaseRevision, ReleaseState, Revision
from stats.endings import UNANSWERED
from stats.figures import day as written_day
from stats.inbox import Decision, InboxGroup, InboxMessage
from stats.masking import mask
from stats.questions import TEST_CHANNEL, Question
from stats.rolling import StaffPerson
from stats.suppressing import FEWEST

LOOKS_BACK: Final = dt.timedelta(days=28)
"""A gap stays in the report for four weeks, so that what came after can be seen."""
ANSWERED_BY = (Decision.ADDED, Decision.NEW_ENTRY)
BANDS: Final = (5, 10, 20, 50, 100, 200, 500, 1000)
STEP: Final = 10
MOST_WORDINGS: Final = 200
CLOSED_FOR: Final = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """A group of questions that now has an answer."""

    text: str
    entry: str
    first_day: dt.date
    live_day: dt.date
    before: str
    """Share not understood, with the number of questions, in words."""
    after: str


def band(people: int, fewest: int = FEWEST) -> str:
    """Return how many people, as a band: from one week's report to the next it tells no single number."""
    if people < fewest:
        return f"< {fewest}"
    edges = [edge for edge in BANDS if edge >= fewest]
    for low, high in pairwise(edges):
        if low <= people < high:
            return f"{low}–{high - 1}"
    return f"từ {edges[-1]}" if people >= edges[-1] else f"{fewest}–{edges[0] - 1}"


async def closed_gaps(session: AsyncSession, until: dt.date, *, fewest: int = FEWEST) -> tuple[Gap, ...]:
    """Return the gaps whose answer went live in the four weeks up to `until`, the latest first."""
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), VIETNAM)
    since = dict(await _live_since(session, end))
    if not since:
        return ()
    groups = list(await session.scalars(select(InboxGroup).where(InboxGroup.id.in_(since))))
    groups.sort(key=lambda group: (since[group.id], group.id), reverse=True)
    wordings = await _wordings(session, list(since))
    gaps = []
    for group in groups[:CLOSED_FOR]:
        span = (group.first_at, since[group.id], end)
        before, after = await _unanswered(session, wordings.get(group.id, ()), span, fewest)
        days = (group.first_at.astimezone(VIETNAM).date(), since[group.id].astimezone(VIETNAM).date())
        gaps.append(Gap(mask(group.text).text, group.target or "", *days, before, after))
    return tuple(gaps)


async def _live_since(session: AsyncSession, end: dt.datetime) -> dict[int, dt.datetime]:
    """Return when the first release went live that holds a version of the answer made after the decision."""
    held = (
        select(InboxGroup.id, func.min(Release.live_since))
        .join(Revision, Revision.key == InboxGroup.target)
        .join(ReleaseRevision, ReleaseRevision.revision_id == Revision.id)
        .join(Release, Release.id == ReleaseRevision.release_id)
        .where(InboxGroup.decision.in_(ANSWERED_BY), Release.state != ReleaseState.REJECTED)
        .where(Revision.created_at >= InboxGroup.decided_at, Release.live_since >= InboxGroup.decided_at)
        .group_by(InboxGroup.id)
    )
    rows = await session.execute(held)
    return {ident: at for ident, at in rows if at is not None and end - LOOKS_BACK <= at < end}


async def _wordings(session: AsyncSession, groups: Collection[int]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = {}
    rows = await session.execute(
        select(InboxMessage.group_id, InboxMessage.text)
        .where(InboxMessage.group_id.in_(groups))
        .order_by(InboxMessage.times.desc())
    )
    for group, text in rows:
        found.setdefault(group, []).append(text)
    return found


async def _unanswered(
    session: AsyncSession, texts: Sequence[str], span: tuple[dt.datetime, dt.datetime, dt.datetime], fewest: int
) -> tuple[str, str]:
    """Return, in words, which share of the questions so written found no answer before and after a moment."""
    first, live, end = span
    failed = func.sum(case((Question.ending.in_([str(ending) for ending in UNANSWERED]), 1), else_=0))
    is_after = case((Question.asked_at >= live, 1), else_=0)
    query = (
        select(is_after, func.count(), failed)
        .where(Question.asked_at >= first, Question.asked_at < end, Question.channel != TEST_CHANNEL)
        .where(Question.kind == "text", Question.text.in_(texts[:MOST_WORDINGS]))
        .where(Question.person.is_(None) | Question.person.not_in(select(StaffPerson.person)))
        .group_by(is_after)
    )
    found = {after: (count, missed) for after, count, missed in await session.execute(query)}
    return _words(*found.get(0, (0, 0)), fewest), _words(*found.get(1, (0, 0)), fewest)


def _words(count: int, missed: int, fewest: int) -> str:
    if count < fewest:
        return f"chưa đủ số liệu ({band(count, fewest)} câu)" if count else "chưa ai hỏi"
    return f"khoảng {round(missed / count * 100 / STEP) * STEP} % ({band(count, fewest)} câu)"


def sentence(gap: Gap, title: str) -> str:
    """Return what became of a gap, in a sentence."""
    return (
        f"«{gap.text}»: xuất hiện ngày {written_day(gap.first_day)}, có câu trả lời từ {written_day(gap.live_day)} "
        f"({title}); chưa trả lời được trước: {gap.before}; sau: {gap.after}."
    )
