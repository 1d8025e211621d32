"""The public page as it is kept: a file that is there only while it is switched on, made anew with each report."""

import asyncio
import datetime as dt
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from faq import audit
from faq.database import VIETNAM, Sessions
from faq.editing import live_faq
from stats.public.content import MOST_WEEKS, Kept, page
from stats.public.writing import html
from stats.published import Names
from stats.weekly import WeeklyReport

NAME = "so-lieu.html"
"""In `var/public`: a town may put the file on a site of its own."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class PublicPage:
    """The page; it is off until staff switch it on."""

    def __init__(self, sessions: Sessions, var_dir: Path, *, clock: Callable[[], dt.datetime] = _now) -> None:
        self._sessions = sessions
        self._path = var_dir / "public" / NAME
        self._clock = clock

    async def read(self) -> bytes | None:
        """Return the file; nothing if the page is off."""
        return await asyncio.to_thread(self._read)

    async def made(self) -> bytes:
        """Return the page as it would be by now, on or off."""
        made_on = self._clock().astimezone(VIETNAM).date()
        query = select(WeeklyReport.figures).order_by(WeeklyReport.monday.desc()).limit(MOST_WEEKS)
        async with self._sessions() as session:
            figures = list(await session.scalars(query))
            faq = await live_faq(session)
        kept = [Kept.from_json(one["public"]) for one in figures if one.get("public")]
        names = Names.of(faq.on(made_on)) if faq else Names()
        return await asyncio.to_thread(html, page(kept, names, made_on=made_on))

    async def refresh(self) -> None:
        """Make it anew, if it is on."""
        if await self.read() is not None:
            await asyncio.to_thread(self._write, await self.made(), only_if_on=True)

    async def switch_on(self, *, author: str) -> None:
        """Let everybody see the page from now on, and note who did."""
        made = await self.made()
        async with self._sessions.begin() as session:
            audit.note(session, author, "public.on", NAME, now=self._clock())
            await session.flush()
            await asyncio.to_thread(self._write, made)

    async def switch_off(self, *, author: str) -> None:
        """Take the page away at once, and note who did."""
        async with self._sessions.begin() as session:
            audit.note(session, author, "public.off", NAME, now=self._clock())
            await session.flush()
            await asyncio.to_thread(self._remove)

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, content: bytes, *, only_if_on: bool = False) -> None:
        waiting = self._path.with_suffix(".new")
        with self._alone():
            if only_if_on and not self._path.exists():
                return
            with waiting.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(self._path)

    def _remove(self) -> None:
        with self._alone():
            self._path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others away, so that a page that is made anew does not come back after it was taken away."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with (self._path.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
