"""What staff have to tell everybody: a dated notice above the answers, or a full stop with its reason.

Both are seen in chat within `FRESH` seconds, without a restart.
"""

import asyncio
import datetime as dt
import logging
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from faq.audit import note
from faq.checking import asks_for_secrets
from faq.database import VIETNAM, Base, Sessions

log = logging.getLogger(__name__)

FRESH = 10.0
"""Seconds for which what was read holds."""
PATIENCE = 3.0
"""Seconds that a message waits for the database to say what holds."""
LONGEST_NAME = 80
OFFICIAL = ".gov.vn"
_SCHEME = re.compile(r"\w*://([^\s/?#]*)")
_HOST = re.compile(r"(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[a-z0-9-]+)|(?:\d{1,3}\.){3}\d{1,3}")
"""What a messenger makes a link of without being asked."""
_ENDS = ".,;:!?)]»”’\"'"
LONGEST = 300
"""Characters of a notice or a reason: it stands above an answer on a small screen."""


class NoticeKind(StrEnum):
    """What staff do: say something, or stop the guide."""

    NOTICE = "notice"
    STOP = "stop"


class NoticeRow(Base):
    """A row of `notices`; rows are ended, never deleted: who stopped the guide, when and why stays known."""

    __tablename__ = "notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(LONGEST))
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date | None]
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell; with its last day, if it has one."""

    id: int
    text: str
    last_day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing is answered for now, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Announced:
    """What holds at this moment."""

    stop: Stop | None = None
    notices: tuple[Notice, ...] = ()


NOTHING = Announced()


class UnfitNoticeError(ValueError):
    """A notice that cannot be given as it is; the text says why, in one Vietnamese sentence."""


class Notices:
    """The notices of a running service."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._timer = timer
        self._read_at: float | None = None
        self._last = NOTHING
        self._first = asyncio.Lock()

    async def now(self) -> Announced:
        """Return what holds; what held last if the database is away."""
        if self._read_at is None:
            async with self._first:  # a guide that was stopped stays so after a restart, also for the first burst
                return await self._read()
        return await self._read()

    async def _read(self) -> Announced:
        if self._read_at is not None and self._timer() - self._read_at < FRESH:
            return self._last
        if self._read_at is not None:
            self._read_at = self._timer()  # citizens must not wait for a database that is away with each message
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self.standing()
        except Exception as error:  # noqa: BLE001 - a driver's own errors too
            log.warning("notices cannot be read (%s)", type(error).__name__)
            self._read_at = self._timer()
            return self._last
        self._read_at = self._timer()
        stops = [Stop(row.text) for row in found if row.kind == NoticeKind.STOP]
        notices = tuple(Notice(row.id, row.text, row.last_day) for row in found if row.kind == NoticeKind.NOTICE)
        self._last = Announced(stops[0] if stops else None, notices)
        return self._last

    async def standing(self) -> list[NoticeRow]:
        """Return the rows that hold today, oldest first."""
        today = self._today()
        begun = select(NoticeRow).where(NoticeRow.ended_at.is_(None), NoticeRow.first_day <= today)
        query = begun.where(or_(NoticeRow.last_day.is_(None), NoticeRow.last_day >= today)).order_by(NoticeRow.id)
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def coming(self) -> list[NoticeRow]:
        """Return the notices of which the first day is still ahead, soonest first."""
        ahead = select(NoticeRow).where(NoticeRow.ended_at.is_(None), NoticeRow.first_day > self._today())
        async with self._sessions() as session:
            return list(await session.scalars(ahead.order_by(NoticeRow.first_day, NoticeRow.id)))

    async def past(self, most: int) -> list[NoticeRow]:
        """Return what was told or stopped and is over, the newest first."""
        over = or_(NoticeRow.ended_at.is_not(None), NoticeRow.last_day < self._today())
        query = select(NoticeRow).where(over).order_by(NoticeRow.id.desc()).limit(most)
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def give(
        self, text: str, *, author: str, first_day: dt.date | None = None, last_day: dt.date | None = None
    ) -> int:
        """Tell everybody `text` between two days; return its number. Raises `UnfitNoticeError`."""
        first_day = first_day or self._today()
        if last_day is not None and last_day < first_day:
            raise UnfitNoticeError("Ngày cuối của thông báo phải bằng hoặc sau ngày đầu.")
        if last_day is not None and last_day < self._today():
            raise UnfitNoticeError("Ngày cuối của thông báo đã qua.")
        return await self._add(NoticeKind.NOTICE, text, author, first_day, last_day)

    async def stop(self, reason: str, *, author: str) -> int:
        """Stop the guide for everybody; a reason is due. Raises `UnfitNoticeError`."""
        return await self._add(NoticeKind.STOP, reason, author, self._today(), None)

    async def resume(self, *, author: str) -> bool:
        """Let the guide answer again; say whether it was stopped."""
        return await self._end(NoticeRow.kind == NoticeKind.STOP, author, "stop.ended")

    async def withdraw(self, number: int, *, author: str) -> bool:
        """Take a notice back; say whether it stood."""
        return await self._end(
            (NoticeRow.kind == NoticeKind.NOTICE) & (NoticeRow.id == number), author, "notice.withdrawn"
        )

    async def _add(self, kind: NoticeKind, text: str, author: str, first_day: dt.date, last_day: dt.date | None) -> int:
        text, author = fit(text, kind), author.strip()
        if not author or len(author) > LONGEST_NAME:
            raise UnfitNoticeError("Phải ghi ai thông báo.")
        row = NoticeRow(
            kind=kind, text=text, first_day=first_day, last_day=last_day, author=author, created_at=self._clock()
        )
        days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat() if last_day else None}
        async with self._sessions.begin() as session:
            session.add(row)
            await session.flush()
            note(session, author, f"{kind}.set", str(row.id), now=self._clock(), text=text, **days)
        self._read_at = None
        return row.id

    async def _end(self, which: ColumnElement[bool], author: str, act: str) -> bool:
        standing = select(NoticeRow).where(NoticeRow.ended_at.is_(None), which).with_for_update()
        async with self._sessions.begin() as session:
            ended = list(await session.scalars(standing))
            for row in ended:
                row.ended_at, row.ended_by = self._clock(), author
                note(session, author, act, str(row.id), now=self._clock(), text=row.text)
        self._read_at = None
        return bool(ended)

    def _today(self) -> dt.date:
        return self._clock().astimezone(VIETNAM).date()


def fit(text: str, kind: NoticeKind) -> str:
    """Return a text as it will be told, on one line. Raises `UnfitNoticeError`."""
    told = " ".join(text.split())
    if not told:
        raise UnfitNoticeError("Phải ghi lý do." if kind is NoticeKind.STOP else "Thông báo đang trống.")
    if len(told) > LONGEST:
        raise UnfitNoticeError(f"Dài quá {LONGEST} ký tự; người dân đọc trên màn hình nhỏ, xin viết ngắn lại.")
    read = as_read(told)
    if any(not host.endswith(OFFICIAL) for host in _hosts(read)):
        raise UnfitNoticeError("Chỉ được nêu địa chỉ trang chính thức (.gov.vn).")
    if asks_for_secrets(told) or asks_for_secrets(read):
        raise UnfitNoticeError("Không được xin người dân số giấy tờ, ảnh, mã hay mật khẩu.")
    return told


def as_read(text: str) -> str:
    """Return a text as a browser or a messenger reads its addresses: other letters for the same, and hidden ones."""
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").lower()
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")


def _hosts(text: str) -> Iterator[str]:
    """Yield where the addresses in a text lead; of one that is no plain host, all that stands in its place."""
    for place in _SCHEME.findall(text):
        host = place.rstrip(_ENDS)
        yield host if _HOST.fullmatch(host) else ""
    yield from (host for host in _HOST.findall(_SCHEME.sub(" ", text)) if not _is_vietnamese(host.rpartition(".")[2]))


def _is_vietnamese(ending: str) -> bool:
    """Whether it is the first word of the next sentence, written without a space: no host ends so."""
    letters = [letter for letter in ending if letter.isalpha()]
    return not ending.isascii() and all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
