"""Making a survey from a database: roll-ups brought up to date first, and whoever takes it out noted."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from faq import audit
from faq.content_files import ContentFiles
from faq.database import VIETNAM, Sessions
from faq.editing import live_faq
from stats.figuring import Period
from stats.freshness import Freshness
from stats.published import Names
from stats.suppressing import FEWEST
from stats.survey import Survey, survey


class UnknownTopicError(ValueError):
    """Nothing that is live has this topic."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def exported(
    made: Sessions,
    period: Period,
    *,
    author: str,
    forms: Iterable[str],
    clock: Callable[[], dt.datetime] = _now,
    fewest: int = FEWEST,
) -> Survey:
    """Return the survey of a period, all records counted; each form in which it is taken out is noted."""
    as_of = await Freshness(made, clock=clock).as_of(None)
    async with made.begin() as session:
        live = await live_faq(session)
        names = Names.of(await asyncio.to_thread(ContentFiles().read) if live is None else live)
        if period.topic and period.topic not in names.topics:
            raise UnknownTopicError
        today = clock().astimezone(VIETNAM).date()
        said = await survey(session, period, names, today=today, counted_at=as_of, fewest=fewest)
        for form in forms:
            note_export(said.period, form, author=author, session=session, now=clock())
        return said


def note_export(period: Period, form: str, *, author: str, session: AsyncSession, now: dt.datetime) -> None:
    """Write down who took figures out, in which form, of which days and topic; in the transaction of the session."""
    asked = {"from": period.since.isoformat(), "to": period.until.isoformat(), "topic": period.topic}
    audit.note(session, author, "export.made", form, now=now, **asked)
