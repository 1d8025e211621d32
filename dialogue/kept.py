"""All that is kept about a citizen, under pseudonyms: choices, masked questions, what they said of answers.

Choices are under the pseudonym that does not change (`person`), the rest under that of the quarter (`asker`): to find
all of it, all pseudonyms that somebody ever had are needed (`names`).

Shown to them and removed on their word. Where the database is away, choices live in memory and nothing else is lost
that was not told to be.
"""

import asyncio
import datetime as dt
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialogue.chats import Chat, ChatRow
from faq.database import VIETNAM, Sessions
from stats import inbox
from stats.campaigns import Campaign, find
from stats.feedback import REMARK, Feedback, Helped
from stats.masking import mask
from stats.questions import Channel, Forgotten, Question, storable
from stats.retention import KEEP_DAYS
from stats.rolling import PersonNumber, StaffPerson, mark_changed
from stats.sampling import Sample
from stats.staff_chats import StaffChat, leave_out

log = logging.getLogger(__name__)

FRESH = 30.0
"""Seconds for which choices that were read hold: another process may have changed them."""
PATIENCE = 3.0
PAUSE_AFTER_FAILURE = 5.0
MOST_CHATS = 50_000
ON_A_PAGE = 10
AT_ONCE = 500
"""Names in one statement: databases limit them."""
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

    `settle` writes down what waits on disk, so that what is shown or removed is all there is; words are kept for
    `keep_days`.
    """

    def __init__(
        self,
        sessions: Sessions | None = None,
        *,
        settle: Callable[[], Awaitable[object]] | None = None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        timer: Callable[[], float] = time.monotonic,
        keep_days: int = KEEP_DAYS,
    ) -> None:
        self.keep_days = keep_days
        self._sessions = sessions
        self._settle = settle
        self._clock = clock
        self._timer = timer
        self._ask_again_at = 0.0
        self._chats: OrderedDict[str, tuple[float, Chat]] = OrderedDict()
        self._left_out: set[str] = set()

    async def chat(self, person: str) -> Chat:
        """Return what somebody chose."""
        read_at, known = self._chats.get(person, (-FRESH, Chat()))
        now = self._timer()
        if self._sessions is None or now - read_at < FRESH or now < self._ask_again_at:
            return known
        try:
            async with asyncio.timeout(PATIENCE), self._sessions() as session:
                chat = await _chat(session, person)
        except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
            self._ask_again_at = now + PAUSE_AFTER_FAILURE
            log.warning("choices cannot be read (%s)", type(error).__name__)
            return known
        self._remember(person, chat)
        return chat

    async def leave_out(self, asker: str) -> None:
        """Count what is asked under a pseudonym as asked by staff."""
        if self._sessions is None or asker in self._left_out:
            return
        try:
            async with asyncio.timeout(PATIENCE), self._sessions.begin() as session:
                await leave_out(session, asker)
        except Exception as error:  # noqa: BLE001 - the next message tries again, and counts all before it too
            log.warning("staff cannot be left out of the counts (%s)", type(error).__name__)
            return
        self._left_out.add(asker)

    def forget_choices(self, person: str) -> None:
        """Read anew what somebody chose, and whether they are staff."""
        self._chats.pop(person, None)

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
        asker: str,
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
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{asker}:{entry}:{day}").hex
        return await self._merge(
            Feedback(
                id=name,
                said_at=self._clock(),
                person=asker,
                channel=channel,
                kind=kind,
                entry=entry,
                reason=reason,
                text=storable(mask(question).text),
                release=release,
            )
        )

    async def remark(self, asker: str, channel: Channel, text: str, release: str | None) -> bool:
        """Write down a remark on the guide, already masked; say whether that could be done."""
        day = self._clock().astimezone(VIETNAM).date()
        return await self._merge(
            Feedback(
                # The same remark twice on a day is one that was sent again, not two.
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"{asker}:{day}:{text}").hex,
                said_at=self._clock(),
                person=asker,
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

    async def about(self, person: str, names: Collection[str], page: int = 1) -> About | None:
        """Return a page of what is kept about somebody; nothing if the database is away."""
        if self._sessions is None:
            return About(await self.chat(person), (), (), 0, 0, 1, 1)
        try:
            await self._settled()
            async with asyncio.timeout(PATIENCE), self._sessions() as session:
                asked = await _count(session, Question, names)
                said = await _count(session, Feedback, names)
                pages = max(1, -(-(asked + said) // ON_A_PAGE))
                page = min(max(page, 1), pages)
                start = (page - 1) * ON_A_PAGE
                questions = await _questions(session, names, start)
                feedback = await _feedback(session, names, max(0, start - asked), ON_A_PAGE - len(questions))
                chat = await _chat(session, person)
        except Exception as error:  # noqa: BLE001 - said in the reply
            log.warning("what is kept cannot be read (%s)", type(error).__name__)
            return None
        return About(chat, questions, feedback, asked, said, page, pages)

    async def forget(self, person: str, names: Collection[str], waiting: Collection[str]) -> int | None:
        """Remove all that is kept about somebody; return how many rows went, nothing if the database is away.

        `waiting` are the pseudonyms under which questions may still wait on some disk.
        """
        self._chats.pop(person, None)
        self._left_out -= set(names)
        if self._sessions is None:
            return 0
        try:
            await self._settled()
            async with asyncio.timeout(PATIENCE), self._sessions.begin() as session:
                gone = await _remove(session, person, names)
                now = self._clock()
                old = Forgotten.at < now - dt.timedelta(days=FORGOTTEN_DAYS)
                await session.execute(delete(Forgotten).where(old))
                for name in waiting:
                    await session.merge(Forgotten(person=name, at=now))
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


async def _chat(session: AsyncSession, person: str) -> Chat:
    row, staff = await session.get(ChatRow, person), await session.get(StaffChat, person)
    return replace(row.chat() if row else Chat(), staff=staff.staff_name if staff else None)


async def _count(session: AsyncSession, table: type[Question | Feedback], names: Collection[str]) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(table.person.in_(names))) or 0


async def _questions(session: AsyncSession, names: Collection[str], start: int) -> tuple[KeptQuestion, ...]:
    newest = select(Question).where(Question.person.in_(names)).order_by(Question.asked_at.desc(), Question.id)
    rows = await session.scalars(newest.offset(start).limit(ON_A_PAGE))
    return tuple(KeptQuestion(q.asked_at, q.text, q.ending, q.entry, q.kind, q.campaign) for q in rows)


async def _feedback(session: AsyncSession, names: Collection[str], start: int, most: int) -> tuple[KeptFeedback, ...]:
    latest = select(Feedback).where(Feedback.person.in_(names)).order_by(Feedback.said_at.desc(), Feedback.id)
    rows = await session.scalars(latest.offset(start).limit(most))
    return tuple(KeptFeedback(f.said_at, f.kind, f.entry, f.text) for f in rows)


async def _remove(session: AsyncSession, person: str, names: Collection[str]) -> int:
    """Remove what is kept, and what was made of it; return how many rows of theirs there were."""
    gone = 0
    for table, moment in ((Question, Question.asked_at), (Feedback, Feedback.said_at)):
        left = await session.execute(delete(table).where(table.person.in_(names)).returning(table.id, moment))
        removed = left.all()
        await mark_changed(session, (at for _, at in removed))
        await _unsample(session, [name for name, _ in removed])
        gone += len(removed)
    # After the questions: whoever reads them now is waited for.
    await inbox.drop(session, inbox.InboxSighting.person.in_(names))
    for mine in (ChatRow, StaffChat):
        done = await session.execute(delete(mine).where(mine.person == person))
        gone += int(done.rowcount)  # type: ignore[attr-defined]
    for numbered in (PersonNumber, StaffPerson):  # their days are counted again without them
        await session.execute(delete(numbered).where(numbered.person.in_(names)))
    return gone


async def _unsample(session: AsyncSession, questions: Sequence[str]) -> None:
    """Take questions out of what staff judge; a verdict stays, without the words."""
    for start in range(0, len(questions), AT_ONCE):
        drawn = Sample.question_id.in_(questions[start : start + AT_ONCE])
        await session.execute(delete(Sample).where(drawn, Sample.verdict.is_(None)))
        await session.execute(update(Sample).where(drawn).values(text=""))
