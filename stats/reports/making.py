"""Makes the weekly report: each Monday at seven, once and never twice; up again what was missed; on demand."""

import asyncio
import datetime as dt
import hashlib
import logging
import os
import shutil
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from faq import audit
from faq.database import VIETNAM, Sessions
from faq.editing import live_faq
from nlu.rasa_client import NluUnavailableError
from stats.figuring import first_day
from stats.inbox_reading import has_read
from stats.ledger import freeze
from stats.public.content import keep
from stats.public.keeping import PublicPage
from stats.published import Names, Published, publish
from stats.reports.content import parts
from stats.reports.document import docx
from stats.reports.heading import heading_of
from stats.reports.paper import pdf
from stats.reports.workbook import xlsx
from stats.rolling import Roller
from stats.spans import A_WEEK, monday_of
from stats.weekly import WeeklyReport

log = logging.getLogger(__name__)

AT = dt.time(7)
"""On Mondays, in Vietnam."""
PAUSE, PAUSE_AFTER_FAILURE = 60.0, 600.0
MOST_MISSED = 8
"""Weeks that are made up at most; older ones on demand."""
SERVICE = "dịch vụ"
"""Stands as author where nobody asked for the report."""
Clock = Callable[[], dt.datetime]
ReadInbox = Callable[[], Awaitable[object]]
"""Reads into the inbox whatever it has not read yet."""
UNREAD = (
    "Hộp câu hỏi chưa đọc hết câu hỏi của tuần này nên chưa lập báo cáo: số nhóm câu hỏi sẽ thiếu. "
    "Báo cáo được lập ngay sau khi đọc xong; nếu chờ lâu, xem lại dịch vụ và máy hiểu ngôn ngữ có đang chạy không."
)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class CannotMakeError(Exception):
    """Why there is no report, in one Vietnamese sentence."""


class ChangedFileError(Exception):
    """A file is not what was made: the text says so."""


@dataclass(frozen=True, slots=True)
class _Files:
    content: Mapping[str, bytes]
    trouble: str

    def as_json(self) -> dict[str, dict[str, object]]:
        """Return size and checksum of each file."""
        return {name: {"size": len(data), "sha256": digest(data)} for name, data in self.content.items()}


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def week_name(monday: dt.date) -> str:
    """Return a week as `2026-W47`."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def monday_named(name: str) -> dt.date:
    """Return the Monday of a week written as `2026-W47`; raise `CannotMakeError` if it is none."""
    try:
        monday = dt.datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=VIETNAM).date()
    except ValueError:
        monday = None
    if monday is None or week_name(monday) != name:  # Python 3.11 takes week 53 of any year
        raise CannotMakeError(f"«{name[:20]}» không phải là tuần: hãy viết như 2026-W47.")
    return monday


class WeeklyReports:
    """The reports of all weeks, and their files in a folder."""

    def __init__(
        self, sessions: Sessions, var_dir: Path, *, clock: Clock = _now, inbox: ReadInbox | None = None
    ) -> None:
        """Give `inbox` wherever there is one: a week is only told once all of it was read."""
        self._inbox = inbox
        self._sessions = sessions
        self._folder = var_dir / "reports"
        self._template = var_dir / "report-template.docx"
        self._clock = clock
        self._public = PublicPage(sessions, var_dir, clock=clock)

    async def run(self) -> None:
        """Make what is due, until cancelled."""
        await self._show_in_public()
        while True:
            pause = PAUSE
            try:
                await self.catch_up()
            except Exception as error:  # noqa: BLE001 - a driver's or a full disk's errors too; the next look may do better
                log.warning("the weekly report is late (%s)", type(error).__name__)
                pause = PAUSE_AFTER_FAILURE
            await asyncio.sleep(pause)

    async def catch_up(self) -> list[dt.date]:
        """Make the reports that are due and missing, the oldest first; return their Mondays."""
        async with self._sessions() as session:
            missing = await self._missing(session)
        made = []
        for monday in missing:
            try:
                await self.make(monday, author=SERVICE)
                made.append(monday)
            except AlreadyMadeError:
                continue
        return made

    def last_due(self) -> dt.date:
        """Return the Monday of the last week whose report should be there by now."""
        now = self._clock().astimezone(VIETNAM)
        this = monday_of(now.date())
        return this - A_WEEK * (1 if now >= dt.datetime.combine(this, AT, VIETNAM) else 2)

    async def _missing(self, session: AsyncSession) -> list[dt.date]:
        last, due = await session.scalar(select(func.max(WeeklyReport.monday))), self.last_due()
        first = await first_day(session)
        if first is None or first >= due + A_WEEK:
            return []
        # Before the first report of all nothing was missed: only the last week is made.
        begin = due if last is None else max(last + A_WEEK, due - A_WEEK * (MOST_MISSED - 1))
        return [begin + A_WEEK * number for number in range((due - begin).days // 7 + 1)]

    async def can_be_made(self, most: int = 12) -> list[dt.date]:
        """Return the past weeks with records and no report, the latest first."""
        last = monday_of(self._clock().astimezone(VIETNAM).date()) - A_WEEK
        async with self._sessions() as session:
            first = await first_day(session)
            made = set(await session.scalars(select(WeeklyReport.monday)))
        if first is None:
            return []
        weeks = [last - A_WEEK * number for number in range(max(0, (last - monday_of(first)).days // 7 + 1))]
        return [monday for monday in weeks if monday not in made][:most]

    async def every(self) -> list[WeeklyReport]:
        """Return all reports, the latest first."""
        async with self._sessions() as session:
            return list(await session.scalars(select(WeeklyReport).order_by(WeeklyReport.monday.desc())))

    async def make(self, monday: dt.date, *, author: str) -> WeeklyReport:
        """Make the report of a week that is over; raise `CannotMakeError` if it is not, or has one already."""
        now = self._clock()
        if monday != monday_of(monday) or now < dt.datetime.combine(monday + A_WEEK, dt.time(), VIETNAM):
            raise CannotMakeError(f"Tuần {week_name(monday)} chưa kết thúc: báo cáo chỉ lập cho tuần đã qua.")
        await self._refuse_made(monday)
        await self._read_inbox(dt.datetime.combine(monday + A_WEEK, dt.time(), VIETNAM))
        await Roller(self._sessions).refresh()
        async with self._sessions() as session:
            faq = await live_faq(session)
            today = now.astimezone(VIETNAM).date()
            said = await publish(session, monday, Names.of(faq.on(today)) if faq else Names(), now=now)
        files = await asyncio.to_thread(self._written, said, today)
        made = await self._keep(said, files, author)
        await self._show_in_public()
        return made

    async def _read_inbox(self, end: dt.datetime) -> None:
        """Have the inbox read all of the week: else its groups would be those of the week before."""
        if self._inbox is None or await has_read(self._sessions, end):
            return
        try:
            await self._inbox()
        except NluUnavailableError:
            raise CannotMakeError(UNREAD) from None
        if not await has_read(self._sessions, end):
            raise CannotMakeError(UNREAD)

    async def _show_in_public(self) -> None:
        """Bring the public page up to date; a report is made even if that fails."""
        try:
            await self._public.refresh()
        except Exception as error:  # noqa: BLE001 - a driver's or a full disk's errors too
            log.warning("the public page is not up to date (%s)", type(error).__name__)

    async def _refuse_made(self, monday: dt.date) -> None:
        async with self._sessions() as session:
            if await session.get(WeeklyReport, monday) is not None:
                raise AlreadyMadeError(monday)

    def _written(self, said: Published, today: dt.date) -> _Files:
        """Return the files; takes a second or two of a core."""
        form, whole = heading_of(said, today=today), parts(said)
        word = docx(whole, form.as_words(), self._template, made_at=said.counted_at)
        name = f"bao-cao-{week_name(said.monday)}"
        content = {f"{name}.docx": word.content, f"{name}.pdf": pdf(whole, form), f"{name}.xlsx": xlsx(said, whole)}
        return _Files(content, word.trouble)

    async def _keep(self, said: Published, files: _Files, author: str) -> WeeklyReport:
        """Write the row, and put the files in their place before it can be seen: of two who try, one succeeds."""
        made = WeeklyReport(
            monday=said.monday,
            made_at=said.counted_at,
            made_by=author[:80],
            figures={**freeze(said.week, said.earlier), "public": keep(said), "trouble": files.trouble},
            files=files.as_json(),
        )
        waiting = await asyncio.to_thread(self._put_aside, files)
        try:
            async with self._sessions.begin() as session:
                session.add(made)
                await session.flush()  # whoever else makes this week fails here
                audit.note(
                    session,
                    author,
                    "report.made",
                    week_name(said.monday),
                    now=said.counted_at,
                    files={name: digest(data) for name, data in files.content.items()},
                )
                await session.flush()
                await asyncio.to_thread(self._put_in_place, waiting, said.monday)
        except IntegrityError:
            raise AlreadyMadeError(said.monday) from None
        finally:
            await asyncio.to_thread(shutil.rmtree, waiting, ignore_errors=True)
        return made

    def _put_aside(self, files: _Files) -> Path:
        waiting = self._folder / f".{uuid.uuid4().hex}"
        waiting.mkdir(parents=True)
        for name, data in files.content.items():
            with (waiting / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        return waiting

    def _put_in_place(self, waiting: Path, monday: dt.date) -> None:
        target = self._folder / monday.isoformat()
        target.mkdir(exist_ok=True)
        for file in waiting.iterdir():
            file.replace(target / file.name)

    async def read(self, monday: dt.date, name: str, *, author: str) -> bytes | None:
        """Return a file of a report and note who took it; nothing if there is no such file.

        Raises `ChangedFileError` where the file is gone or is not the one that was made.
        """
        async with self._sessions() as session:
            report = await session.get(WeeklyReport, monday)
        if report is None or name not in report.files:
            return None
        data = await asyncio.to_thread(self._read, monday, name)
        if data is None or digest(data) != report.files[name]["sha256"]:
            raise ChangedFileError("Tệp này không còn đúng như khi lập báo cáo (đã bị sửa, hỏng hoặc mất).")
        async with self._sessions.begin() as session:
            audit.note(session, author, "report.downloaded", week_name(monday), now=self._clock(), file=name)
        return data

    def _read(self, monday: dt.date, name: str) -> bytes | None:
        path = self._folder / monday.isoformat() / name
        return path.read_bytes() if path.is_file() else None


class AlreadyMadeError(CannotMakeError):
    """The week has its report."""

    def __init__(self, monday: dt.date) -> None:
        super().__init__(
            f"Báo cáo tuần {week_name(monday)} đã được lập; mỗi tuần chỉ một bản, để các nơi nhận cùng một số liệu."
        )
