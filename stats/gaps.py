"""Gaps closed: questions that had no answer, the day they appeared, the day an answer went live, and what that changed.

Held against each other are the questions written exactly as one of the group's: how many of them found no answer
before that day and after it. Shares in steps of ten and sizes in bands: the numbers of single weeks cannot be had by
subtracting one report from the next.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, case, distinct, func, literal, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.database import VIETNAM, UtcTime
from faq.models import Release, ReleaseRevision, ReleaseState, Revision
from stats.endings import UNANSWERED
from stats.inbox import Decision, InboxGroup, InboxMessage
from stats.masking import mask
from stats.questions import HAS_WORDS, TEST_CHANNEL, Question
from stats.rolling import StaffPerson
from stats.suppressing import FEWEST

LOOKS_BACK: Final = dt.timedelta(days=28)
"""A gap stays in the report for four weeks, so that what came after can be seen."""
ANSWERED_BY = (Decision.ADDED, Decision.NEW_ENTRY)
BANDS: Final = (5, 10, 20, 50, 100, 200, 500, 1000)
STEP: Final = 10
CLOSED_FOR: Final = 50
HEAD: Final = ("Câu hỏi", "Trả lời ở mục", "Xuất hiện", "Có trả lời từ", "Chưa trả lời được: trước", "sau")
WIDTHS: Final = (0.24, 0.2, 0.14, 0.14, 0.14, 0.14)
NOTE: Final = (
    "Tỷ lệ câu chưa được trả lời (chưa hiểu, hỏi lại, ngoài phạm vi) trong số câu hỏi viết đúng như một câu của nhóm, "
    "từ ngày xuất hiện đến khi có câu trả lời và từ đó đến hết kỳ; làm tròn đến 10 %."
)


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions written as one of a group's."""

    count: int
    missed: int
    persons: int
    nobodys: int
    """Questions of nobody in particular: of people each."""

    def in_words(self, fewest: int) -> str:
        """Return which share of them found no answer, if enough people asked them."""
        if not self.count:
            return "chưa ai hỏi"
        if self.persons + self.nobodys < fewest:
            return f"chưa đủ số liệu (< {fewest} người)"
        return f"khoảng {round(self.missed / self.count * 100 / STEP) * STEP} % ({band(self.count, fewest)} câu)"


_NOBODY: Final = _Asked(0, 0, 0, 0)


def rows(gaps: Iterable[Gap], titles: Mapping[str, str]) -> tuple[tuple[str | dt.date, ...], ...]:
    """Return gaps as rows of a table under `HEAD`."""
    return tuple(
        (gap.text, titles.get(gap.entry, gap.entry), gap.first_day, gap.live_day, gap.before, gap.after) for gap in gaps
    )


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
    """Return the gaps whose answer went live in the four weeks up to `until`, the latest first.

    In public, a gap that a few people met is not told.
    """
    end = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), VIETNAM)
    since = {ident: at for ident, at in (await live_since(session, end)).items() if at >= end - LOOKS_BACK}
    enough = InboxGroup.people >= (fewest if fewest > FEWEST else 0)
    query = select(InboxGroup.id, InboxGroup.text, InboxGroup.target, InboxGroup.first_at)
    groups = list(await session.execute(query.where(InboxGroup.id.in_(since), enough)))
    shown = sorted(groups, key=lambda group: (since[group.id], group.id), reverse=True)[:CLOSED_FOR]
    asked = await _asked(session, {group.id: since[group.id] for group in shown}, end) if shown else {}
    found = []
    for ident, text, target, first in shown:
        before, after = (one.in_words(fewest) for one in asked.get(ident, (_NOBODY, _NOBODY)))
        first_day, live_day = (moment.astimezone(VIETNAM).date() for moment in (first, since[ident]))
        found.append(Gap(mask(text).text, target or "", first_day, live_day, before, after))
    return tuple(found)


async def live_since(session: AsyncSession, end: dt.datetime) -> dict[int, dt.datetime]:
    """Return when, before `end`, a release first went live with a version of the answer made after the decision.

    By group of the inbox; a group whose answer is only a draft has none.
    """
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
    return {ident: at for ident, at in rows if at is not None and at < end}


async def _asked(
    session: AsyncSession, live: Mapping[int, dt.datetime], end: dt.datetime
) -> dict[int, tuple[_Asked, _Asked]]:
    """Return how the questions written as one of a group's ended, before and after its answer went live.

    All groups in one reading: a question is found by its words (`ix_questions_text`), of which old ones have none.
    """
    moments = case({ident: literal(at, UtcTime) for ident, at in live.items()}, value=InboxMessage.group_id)
    after = Question.asked_at >= moments
    query = (
        select(InboxMessage.group_id, *_counts(not_(after)), *_counts(after))
        .join(InboxGroup, InboxGroup.id == InboxMessage.group_id)
        .join(Question, Question.text == InboxMessage.text)
        .where(InboxMessage.group_id.in_(live), HAS_WORDS, Question.kind == "text", Question.channel != TEST_CHANNEL)
        .where(Question.asked_at >= InboxGroup.first_at, Question.asked_at < end)
        .where(Question.person.is_(None) | Question.person.not_in(select(StaffPerson.person)))
        .group_by(InboxMessage.group_id)
    )
    rows = await session.execute(query)
    return {group: (_Asked(*counts[:4]), _Asked(*counts[4:])) for group, *counts in rows}


def _counts(which: ColumnElement[bool]) -> tuple[ColumnElement[int], ...]:
    """Count the questions of a part: all, those without an answer, different people, those of nobody in particular."""
    failed = which & Question.ending.in_([str(ending) for ending in UNANSWERED])
    nobodys = which & Question.person.is_(None)
    count, missed, of_nobody = (func.count(case((part, 1))) for part in (which, failed, nobodys))
    return count, missed, func.count(distinct(case((which, Question.person)))), of_nobody
