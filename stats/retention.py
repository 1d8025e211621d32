"""How long masked words are kept: after that only what was counted stays. Each run leaves its own proof."""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from faq.database import VIETNAM, Base, Sessions
from stats.feedback import Feedback
from stats.inbox import drop_undecided
from stats.questions import HAS_WORDS, Question
from stats.sampling import Sample

log = logging.getLogger(__name__)

KEEP_DAYS = 90
"""Unless the settings say otherwise."""
EVERY = dt.timedelta(days=1)
LATE = dt.timedelta(hours=36)
BATCH = 500
PAUSE = 0.05
"""Seconds after each batch, for others who want to write."""


class RetentionRun(Base):
    """A row of `retention_runs`: when the job ran, what it removed, and what was left."""

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ran_at: Mapped[dt.datetime]
    days: Mapped[int]
    """For so many days words were to be kept."""
    removed: Mapped[int]
    """Texts that were removed."""
    oldest: Mapped[dt.datetime | None]
    """When the oldest words that are left were written."""


class Retention:
    """Removes words that have been kept long enough; what is counted from the rows stays as it is."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        days: int = KEEP_DAYS,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._sessions = sessions
        self._days = days
        self._clock = clock

    async def remove_if_due(self) -> RetentionRun | None:
        """Remove what is due if that has not been done for a day; at the first start, too."""
        return await self.remove() if await self._is_time() else None

    async def remove(self) -> RetentionRun:
        """Remove all words that are older than is promised, and leave the proof."""
        now = self._clock()
        until = now - dt.timedelta(days=self._days)
        removed = 0
        for key, words, written, more in _WORDS:
            while done := await self._batch(key, words, written < _as(written, until), more):
                removed += done
                await asyncio.sleep(PAUSE)
        async with self._sessions.begin() as session:
            await drop_undecided(session, until)
            proof = RetentionRun(ran_at=now, days=self._days, removed=removed, oldest=await oldest_words(session))
            session.add(proof)
        log.info("words older than %s days: %s removed", self._days, removed)
        return proof

    async def _is_time(self) -> bool:
        async with self._sessions() as session:
            last = await last_run(session)
        return last is None or self._clock() - last.ran_at >= EVERY or last.days > self._days

    async def _batch(self, key: Sequence[InstrumentedAttribute[Any]], words: Any, old: Any, more: Any) -> int:
        """Remove the words of some rows; return of how many."""
        # What is read is written in a transaction of its own: SQLite lets no reader become a writer behind another.
        async with self._sessions() as session:
            rows = (await session.execute(select(*key).where(old, more).limit(BATCH))).all()
        if not rows:
            return 0
        these = or_(*(and_(*(column == value for column, value in zip(key, row, strict=True))) for row in rows))
        async with self._sessions.begin() as session:
            await session.execute(update(words.class_).where(these).values({words: ""}))
        return len(rows)


async def last_run(session: AsyncSession) -> RetentionRun | None:
    """Return the proof of the last run."""
    return await session.scalar(select(RetentionRun).order_by(RetentionRun.ran_at.desc()).limit(1))


async def oldest_words(session: AsyncSession) -> dt.datetime | None:
    """Return when the oldest words that are kept were written."""
    asked = await session.scalar(select(func.min(Question.asked_at)).where(HAS_WORDS))
    said = await session.scalar(select(func.min(Feedback.said_at)).where(Feedback.text != ""))
    return min((moment for moment in (asked, said) if moment is not None), default=None)


async def is_late(session: AsyncSession, *, days: int, now: dt.datetime) -> bool:
    """Whether words are kept longer than is promised, or nobody can say."""
    last = await last_run(session)
    if last is not None:
        return now - last.ran_at > LATE
    oldest = await oldest_words(session)
    return oldest is not None and now - oldest > dt.timedelta(days=days) + LATE


def _as(column: Any, moment: dt.datetime) -> dt.datetime | dt.date:
    """Return a moment as the column holds such: samples are dated by the Monday of their week, which goes as a day."""
    return moment.astimezone(VIETNAM).date() + dt.timedelta(days=1) if column is Sample.monday else moment


_WORDS: Sequence[tuple[Sequence[Any], Any, Any, Any]] = (
    ((Question.id,), Question.text, Question.asked_at, HAS_WORDS),
    ((Feedback.id,), Feedback.text, Feedback.said_at, Feedback.text != ""),
    ((Sample.monday, Sample.number), Sample.text, Sample.monday, Sample.text != ""),
)
"""Where words stand: the key of a row, its words, when they were written, and whether there are any."""
