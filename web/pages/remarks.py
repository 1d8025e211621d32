"""What citizens say of the answers: those that did not help, with why and the masked questions, and remarks."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialogue.composing import REASONS
from dialogue.wording import wording
from faq.live import Live
from stats.feedback import HELPFUL, NOT_HELPFUL, REMARK, Feedback
from stats.questions import TEST_CHANNEL
from web.office import office
from web.showing import show

SHOWN = dt.timedelta(days=30)
MOST_REMARKS = 100
MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Unhelpful:
    """An answer that did not help: how often, why, what was asked, and how often it did help."""

    entry: str
    question: str | None
    times: int
    helped: int
    reasons: tuple[tuple[str, int], ...]
    asked: tuple[str, ...]


async def remarks(request: Request) -> Response:
    """Show the answers that did not help, the most often first, and the remarks, the newest first."""
    here = office(request)
    since = here.clock() - SHOWN
    async with here.parts.sessions() as session:
        said = (await session.execute(_since(since))).all()
        helped = await _helped(session, since)
    live = await here.parts.faq.now()
    return show(
        request,
        "remarks.html",
        days=SHOWN.days,
        unhelpful=_by_entry((row for row in said if row.kind == NOT_HELPFUL), helped, live),
        helped=sum(helped.values()),
        remarks=[row for row in said if row.kind == REMARK][:MOST_REMARKS],
    )


_Said = Row[str, str | None, int | None, str, dt.datetime]
"""Columns alone: to make whole objects of a month takes longer than all the rest."""


def _since(moment: dt.datetime) -> Select[str, str | None, int | None, str, dt.datetime]:
    columns = select(Feedback.kind, Feedback.entry, Feedback.reason, Feedback.text, Feedback.said_at)
    counted = columns.where(Feedback.said_at >= moment, Feedback.channel != TEST_CHANNEL)
    return counted.where(Feedback.kind != HELPFUL).order_by(Feedback.said_at.desc())


async def _helped(session: AsyncSession, since: dt.datetime) -> dict[str, int]:
    query = select(Feedback.entry, func.count()).where(
        Feedback.said_at >= since, Feedback.kind == HELPFUL, Feedback.channel != TEST_CHANNEL
    )
    return {str(entry): count for entry, count in await session.execute(query.group_by(Feedback.entry))}


def _by_entry(rows: Iterable[_Said], helped: dict[str, int], live: Live) -> Sequence[Unhelpful]:
    words, found = wording("vi"), defaultdict[str, list[_Said]](list)
    for row in rows:
        found[row.entry or ""].append(row)

    def item(key: str, said: list[_Said]) -> Unhelpful:
        entry = live.entry(key)
        reasons = Counter(words(REASONS[row.reason]) for row in said if row.reason in range(len(REASONS)))
        asked = tuple(dict.fromkeys(row.text for row in said if row.text))[:MOST_QUESTIONS]
        question = live.faq.place.fill(entry.question) if entry else None
        return Unhelpful(key, question, len(said), helped.get(key, 0), tuple(reasons.most_common()), asked)

    return sorted((item(key, said) for key, said in found.items()), key=lambda one: (-one.times, one.entry))
