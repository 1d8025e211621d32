"""How fresh the figures are: roll-ups are brought up to date before they are read, if that does not take long."""

import asyncio
import datetime as dt
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from faq.database import Sessions
from stats.rolling import ChangedDay, Roller

PATIENCE = 0.2
"""Seconds that a page waits for the newest records."""
LONGER = 2.0
"""Seconds that a file does."""
Clock = Callable[[], dt.datetime]


class Freshness:
    """Knows since when the roll-ups hold all records."""

    def __init__(self, sessions: Sessions, *, clock: Clock) -> None:
        self._sessions = sessions
        self._roller = Roller(sessions, clock=clock)
        self._clock = clock
        self._running: asyncio.Task[int] | None = None
        self._as_of: dt.datetime | None = None

    async def as_of(self, patience: float | None = PATIENCE) -> dt.datetime:
        """Return up to when all records are counted, as far as this process knows; count what is new if that is quick.

        `patience` is how many seconds it may take; however long if none. Raise SQLAlchemyError if the database does
        not answer.
        """
        now = self._clock()
        if await self._waiting() and not await self._refreshed(patience):
            return self._as_of or now
        self._as_of = now
        return now

    async def _waiting(self) -> int:
        async with self._sessions() as session:
            return await session.scalar(select(func.count()).select_from(ChangedDay)) or 0

    async def _refreshed(self, patience: float | None) -> bool:
        """Whether the counting came to its end; it goes on meanwhile if not."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._roller.refresh())
        try:
            await asyncio.wait_for(asyncio.shield(self._running), patience)
        except (TimeoutError, SQLAlchemyError):
            return False
        return True
