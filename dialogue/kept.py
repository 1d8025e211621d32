"""All that is kept about a citizen, under a pseudonym: choices, masked questions, what they said of answers.

Shown to them and removed on their word. Where the database is away, choices live in memory and nothing else is lost
that was not told to be.
"""

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialogue.chats import Chat, ChatRow
from faq.database import VIETNAM, Sessions
from stats.campaigns import Campaign, find
from stats.feedback import REMARK, Feedback, Helped
from stats.masking import mask
from stats.questions import Channel, Forgotten, Question, storable
from stats.rolling import mark_changed

log = logging.getLogger(__name__)

FRESH = 30.0
"""Seconds for which choices that were read hold: another process may have changed them."""
PATIENCE = 3.0
PAUSE_AFTER_FAILURE = 5.0
MOST_CHATS = 50_000
ON_A_PAGE = 10
FORGOTTEN_DAYS = 7
"""For so long what still waits on some disk is dropped when it comes; nothing waits longer."""


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A masked question as it is kept."""

    asked_at: dt.datetime
    text: str
    ending: str
    entry: str | None
    kind: str
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class KeptFeedback:
    """What somebody said of an answer or of the guide."""

    said_at: dt.datetime
    kind: str
    entry: str | None
    text: str


@dataclass(frozen=True, slots=True)
class About:
    """A page of all that is kept about somebody, questions first; pages count from 1."""

    chat: Chat
    questions: tuple[KeptQuestion, ...]
    feedback: tuple[KeptFeedback, ...]
    question_count: int
    feedback_count: int
    page: int
    pages: int


class Kept:
    """Reads and writes it; without `sessions`, in memory only.

    `settle` writes down what waits on disk, so that what is shown or removed is all there is.
    """

    def __init__(
        self,
        sessions: Sessions | None = None,
        *,
        settle: Callable[[], Awaitable[object]] | None = None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._settle = settle
        self._clock = clock
        self._timer = timer
        self._ask_again_at = 0.0
        self._chats: OrderedDict[str, tuple[float, Chat]] = OrderedDict()

    async def chat(self, person: str) -> Chat:
        """Return what somebody chose."""
        read_at, known = self._chats.get(person, (-FRESH, Chat()))
        now = self._timer()
        if self._sessions is None or now - read_at < FRESH or now < self._ask_again_at:
            return known
        try:
            async with asyncio.timeout(PATIENCE), self._sessions() as session:
                row = await session.get(ChatRow, person)
        except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
            self._ask_again_at = now + PAUSE_AFTER_FAILURE
            log.warning("choices cannot be read (%s)", type(error).__name__)
            return known
        self._remember(person, row.chat() if row else Chat())
        return self._chats[person][1]

    async def choose(self, person: str, chat: Chat) -> None:
        """Remember what somebody chose."""
        self._remember(person, chat)
        row = ChatRow(
            person=person,
            language=chat.language,
            mode=chat.mode,
            helped=chat.helped,
            helped_on=chat.helped_on,
            changed_at=self._clock(),
        )
        await self._merge(row)

    async def rate(  # noqa: PLR0917 - what a row holds
        self,
        person: str,
        channel: Channel,
        kind: str,
        entry: str,
        reason: int | None,
        question: str,
        release: str | None,
    ) -> bool:
        """Write down whether an answer helped; say whether that could be done. The last word of a day counts."""
        # The day of the place, as the statistics count it: a later word must not move to another day.
        day = self._clock().astimezone(VIETNAM).date()
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{person}:{entry}:{day}").hex
        return await self._merge(
            Feedback(
                id=name,
                said_at=self._clock(),
                person=person,
                channel=channel,
                kind=kind,
                entry=entry,
                reason=reason,
                text=storable(mask(question).text),
                release=release,
            )
        )

    async def remark(self, person: str, channel: Channel, text: str, release: str | None) -> bool:
        """Write down a remark on the guide, already masked; say whether that could be done."""
        return await self._merge(
            Feedback(
                # The same remark twice on a day is one that was sent again, not two.
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"{person}:{self._clock().date()}:{text}").hex,
                said_at=self._clock(),
                person=person,
                channel=channel,
                kind=REMARK,
                entry=None,
                reason=None,
                text=storable(mask(text).text),
                release=release,
            )
        )

    async def helped(self, day: dt.date) -> None:
        """Count one more person who was helped on `day`."""
        if self._sessions is None:
            return
        try:
            async with asyncio.timeout(PATIENCE), self._sessions.begin() as session:
                row = await session.get(Helped, day, with_for_update=True)
                if row is None:
                    session.add(Helped(day=day, people=1))
                else:
                    row.people = Helped.people + 1
        except Exception as error:  # noqa: BLE001 - a count, and the volunteer goes on
            log.warning("a helped person is not counted (%s)", type(error).__name__)

    async def campaign(self, code: str) -> Campaign | None:
        """Return the campaign of a code; none if it is unknown or the database is away."""
        if self._sessions is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE):
                return await find(self._sessions, code)
        except Exception as error:  # noqa: BLE001 - the menu opens instead
            log.warning("campaigns cannot be read (%s)", type(error).__name__)
            return None

    async def about(self, person: str, page: int = 1) -> About | None:
        """Return a page of what is kept about somebody; nothing if the database is away."""
        if self._sessions is None:
            return About(await self.chat(person), (), (), 0, 0, 1, 1)
        try:
            await self._settled()
            async with asyncio.timeout(PATIENCE), self._sessions() as session:
                asked = await _count(session, Question, person)
                said = await _count(session, Feedback, person)
                pages = max(1, -(-(asked + said) // ON_A_PAGE))
                page = min(max(page, 1), pages)
                start = (page - 1) * ON_A_PAGE
                newest = (
                    select(Question).where(Question.person == person).order_by(Question.asked_at.desc(), Question.id)
                )
                rows = list(await session.scalars(newest.offset(start).limit(ON_A_PAGE)))
                questions = tuple(KeptQuestion(q.asked_at, q.text, q.ending, q.entry, q.kind, q.campaign) for q in rows)
                latest = (
                    select(Feedback).where(Feedback.person == person).order_by(Feedback.said_at.desc(), Feedback.id)
                )
                latest = latest.offset(max(0, start - asked)).limit(ON_A_PAGE - len(rows))
                feedback = tuple(
                    KeptFeedback(f.said_at, f.kind, f.entry, f.text) for f in await session.scalars(latest)
                )
                row = await session.get(ChatRow, person)
        except Exception as error:  # noqa: BLE001 - said in the reply
            log.warning("what is kept cannot be read (%s)", type(error).__name__)
            return None
        return About(row.chat() if row else Chat(), questions, feedback, asked, said, page, pages)

    async def forget(self, person: str) -> int | None:
        """Remove all that is kept about somebody; return how many rows went, nothing if the database is away."""
        self._chats.pop(person, None)
        if self._sessions is None:
            return 0
        try:
            await self._settled()
            async with asyncio.timeout(PATIENCE), self._sessions.begin() as session:
                gone = 0
                for table, moment in ((Question, Question.asked_at), (Feedback, Feedback.said_at)):
                    left = await session.scalars(delete(table).where(table.person == person).returning(moment))
                    moments = left.all()
                    await mark_changed(session, moments)
                    gone += len(moments)
                done = await session.execute(delete(ChatRow).where(ChatRow.person == person))
                gone += int(done.rowcount)  # type: ignore[attr-defined]
                now = self._clock()
                old = Forgotten.at < now - dt.timedelta(days=FORGOTTEN_DAYS)
                await session.execute(delete(Forgotten).where(old))
                await session.merge(Forgotten(person=person, at=now))
        except Exception as error:  # noqa: BLE001 - said in the reply
            log.warning("what is kept cannot be removed (%s)", type(error).__name__)
            return None
        return gone

    async def _settled(self) -> None:
        if self._settle is not None:
            await self._settle()

    async def _merge(self, row: Any) -> bool:
        if self._sessions is None:
            return True
        try:
            async with asyncio.timeout(PATIENCE), self._sessions.begin() as session:
                await session.merge(row)
                if isinstance(row, Feedback):
                    await mark_changed(session, [row.said_at])
        except Exception as error:  # noqa: BLE001 - the citizen is answered all the same
            log.warning("%s cannot be written (%s)", type(row).__name__, type(error).__name__)
            return False
        return True

    def _remember(self, person: str, chat: Chat) -> None:
        self._chats[person] = self._timer(), chat
        self._chats.move_to_end(person)
        while len(self._chats) > MOST_CHATS:
            self._chats.popitem(last=False)


async def _count(session: AsyncSession, table: type[Question | Feedback], person: str) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(table.person == person)) or 0
