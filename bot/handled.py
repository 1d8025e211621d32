"""Which of Telegram's updates have been handled, across restarts and replicas. What was in them is never stored."""

import asyncio
import datetime as dt
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection
from enum import Enum, auto
from typing import TypeVar

from sqlalchemy import BigInteger, String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base, Sessions

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that an update waits for the database."""
PAUSE_AFTER_FAILURE = 5.0
"""Seconds without asking a database that just failed: citizens must not wait for it with each message."""
DEAD_AFTER = dt.timedelta(seconds=60)
"""A claim that nobody has renewed for so long belongs to a process that is gone."""
RENEW_SECONDS = 20.0
KEPT = dt.timedelta(days=3)
"""Telegram keeps what it could not deliver for a day, and may begin with new numbers after a week of silence."""
MOST_REMEMBERED = 100_000

_Given = TypeVar("_Given")


class HandledUpdate(Base):
    """A row of `handled_updates`; without `done_at` a process has it in hand."""

    __tablename__ = "handled_updates"

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    claimed_at: Mapped[dt.datetime] = mapped_column(index=True)
    claimed_by: Mapped[str] = mapped_column(String(32))
    done_at: Mapped[dt.datetime | None]


class Claim(Enum):
    """What became of the wish to handle an update."""

    OURS = auto()
    DONE = auto()
    ELSEWHERE = auto()
    """Another process has it in hand; whether that one lives is known a minute later."""


class HandledUpdates:
    """Gives each update to one process, once. While the database is away, this process remembers for itself."""

    def __init__(
        self,
        sessions: Sessions,
        replica: str,
        *,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._replica = replica
        self._clock = clock
        self._ticks = ticks
        self._ask_again_at = 0.0
        self._in_hand: set[int] = set()
        self._done: OrderedDict[int, None] = OrderedDict()
        self._unwritten: set[int] = set()

    async def claim(self, number: int) -> Claim:
        """Take an update in hand, if it is free: new, or left behind by a process that is gone."""
        if number in self._done:
            return Claim.DONE
        if number in self._in_hand:
            return Claim.ELSEWHERE
        self._in_hand.add(number)
        found = await self._unless_away(lambda session: self._claimed(session, number))
        claim = found or Claim.OURS
        if claim is not Claim.OURS:
            self._in_hand.discard(number)
        return claim

    async def done(self, number: int) -> None:
        """Note that an update is handled; whoever claims it from now on is told so."""
        self._in_hand.discard(number)
        self._done[number] = None
        if len(self._done) > MOST_REMEMBERED:
            self._done.popitem(last=False)
        if not await self._unless_away(lambda session: self._write_done(session, (number,))):
            self._unwritten.add(number)

    async def give_back(self, number: int) -> None:
        """Let go of an update that could not be handled; anybody may try again at once."""
        self._in_hand.discard(number)
        await self._unless_away(lambda session: self._let_go(session, number))

    async def keep(self) -> None:
        """Until cancelled: show that this process lives, write what waits, forget what is old."""
        while True:
            await self.renew()
            await asyncio.sleep(RENEW_SECONDS)

    async def renew(self) -> None:
        """Do once what `keep` does again and again."""
        waiting = frozenset(self._unwritten)
        if await self._unless_away(lambda session: self._renewed(session, waiting)):
            self._unwritten -= waiting

    async def _unless_away(self, act: Callable[[AsyncSession], Awaitable[_Given]]) -> _Given | None:
        """Act on the database; None if it is away, or was a moment ago."""
        if self._ticks() < self._ask_again_at:
            return None
        try:
            async with asyncio.timeout(PATIENCE), self._sessions() as session, session.begin():
                return await act(session)
        except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
            self._ask_again_at = self._ticks() + PAUSE_AFTER_FAILURE
            log.warning("database away, handled updates are remembered here (%s)", type(error).__name__)
            return None

    async def _claimed(self, session: AsyncSession, number: int) -> Claim:
        now = self._clock()
        mine = {"claimed_at": now, "claimed_by": self._replica}
        free = HandledUpdate.done_at.is_(None) & (
            (HandledUpdate.claimed_at < now - DEAD_AFTER) | (HandledUpdate.claimed_by == self._replica)
        )
        statement = _insert(session).values(update_id=number, **mine)
        statement = statement.on_conflict_do_update(index_elements=[HandledUpdate.update_id], set_=mine, where=free)
        if await session.scalar(statement.returning(HandledUpdate.update_id)) is not None:
            return Claim.OURS
        done_at = await session.scalar(select(HandledUpdate.done_at).where(HandledUpdate.update_id == number))
        return Claim.ELSEWHERE if done_at is None else Claim.DONE

    async def _write_done(self, session: AsyncSession, numbers: Collection[int]) -> bool:
        now = self._clock()
        rows = [
            {"update_id": number, "claimed_at": now, "claimed_by": self._replica, "done_at": now} for number in numbers
        ]
        statement = _insert(session)  # the claim itself may not have been written, when the database was away
        done = {"done_at": statement.excluded.done_at}
        await session.execute(
            statement.on_conflict_do_update(index_elements=[HandledUpdate.update_id], set_=done), rows
        )
        return True

    async def _let_go(self, session: AsyncSession, number: int) -> None:
        mine = (HandledUpdate.claimed_by == self._replica) & HandledUpdate.done_at.is_(None)
        await session.execute(delete(HandledUpdate).where(HandledUpdate.update_id == number, mine))

    async def _renewed(self, session: AsyncSession, waiting: Collection[int]) -> bool:
        now = self._clock()
        mine = HandledUpdate.update_id.in_(self._in_hand) & HandledUpdate.done_at.is_(None)
        await session.execute(update(HandledUpdate).where(mine).values(claimed_at=now, claimed_by=self._replica))
        if waiting:
            await self._write_done(session, waiting)
        await session.execute(delete(HandledUpdate).where(HandledUpdate.claimed_at < now - KEPT))
        return True


def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    """Return the insert that can update instead: both databases have it, each its own."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(HandledUpdate)
