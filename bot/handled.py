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
STORABLE = range(-(2**63), 2**63)
"""Numbers that a column can hold; any other would spoil each transaction that it waits for."""

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
        self._one_by_one = asyncio.Lock()
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
        claim = None
        if number in STORABLE:
            claim = await self._unless_away(lambda session: self._claimed(session, number))
        claim = claim or Claim.OURS
        if claim is not Claim.OURS:
            self._in_hand.discard(number)
        return claim

    async def done(self, number: int) -> None:
        """Note that an update is handled; whoever claims it from now on is told so."""
        self._in_hand.discard(number)
        self._done[number] = None
        if len(self._done) > MOST_REMEMBERED:
            self._done.popitem(last=False)
        if number in STORABLE:
            self._unwritten.add(number)
            await self._unless_away()

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
        await self._unless_away(self._renewed)

    async def _unless_away(self, act: Callable[[AsyncSession], Awaitable[_Given]] | None = None) -> _Given | None:
        """Write what is done, also what others have done meanwhile, and act; None if the database is away."""
        async with self._one_by_one:  # SQLite lets writers wait in no order, and some of many for seconds
            if self._ticks() < self._ask_again_at or (act is None and not self._unwritten):
                return None
            done = frozenset(self._unwritten)
            try:
                async with asyncio.timeout(PATIENCE), self._sessions() as session, session.begin():
                    await self._write_done(session, done)
                    given = await act(session) if act else None
            except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
                self._ask_again_at = self._ticks() + PAUSE_AFTER_FAILURE
                log.warning("database away, handled updates are remembered here (%s)", type(error).__name__)
                return None
            self._unwritten -= done
            return given

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

    async def _write_done(self, session: AsyncSession, numbers: Collection[int]) -> None:
        now = self._clock()
        row = {"claimed_at": now, "claimed_by": self._replica, "done_at": now}
        rows = [row | {"update_id": number} for number in numbers]
        if rows:
            statement = _insert(session)  # the claim may not have been written, if the database was away then
            done = {"done_at": statement.excluded.done_at}
            await session.execute(
                statement.on_conflict_do_update(index_elements=[HandledUpdate.update_id], set_=done), rows
            )

    async def _let_go(self, session: AsyncSession, number: int) -> None:
        mine = (HandledUpdate.claimed_by == self._replica) & HandledUpdate.done_at.is_(None)
        await session.execute(delete(HandledUpdate).where(HandledUpdate.update_id == number, mine))

    async def _renewed(self, session: AsyncSession) -> None:
        now = self._clock()
        mine = HandledUpdate.update_id.in_(self._in_hand) & HandledUpdate.done_at.is_(None)
        await session.execute(update(HandledUpdate).where(mine).values(claimed_at=now, claimed_by=self._replica))
        await session.execute(delete(HandledUpdate).where(HandledUpdate.claimed_at < now - KEPT))


def _insert(session: AsyncSession) -> sqlite.Insert | postgresql.Insert:
    """Return the insert that can update instead: both databases have it, each its own."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return insert(HandledUpdate)
