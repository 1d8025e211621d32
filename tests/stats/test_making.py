"""The weekly report is made on Mondays at seven, made up once when missed, and never twice."""

import asyncio
import datetime as dt
import random
from pathlib import Path

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import VIETNAM, Sessions
from nlu.rasa_client import NluUnavailableError
from stats.inbox import InboxMark
from stats.inbox_reading import MARK
from stats.reports import making
from stats.reports.making import (
    AlreadyMadeError,
    CannotMakeError,
    ChangedFileError,
    WeeklyReports,
    digest,
    monday_named,
    week_name,
)
from stats.weekly import WeeklyReport
from tests.stats.weeks import MONDAY, ask

SEVEN = dt.datetime(2026, 11, 23, 7, 0, tzinfo=VIETNAM)
NAMES = ["bao-cao-2026-W47.docx", "bao-cao-2026-W47.pdf", "bao-cao-2026-W47.xlsx"]


def reports(sessions: Sessions, folder: Path, now: dt.datetime = SEVEN) -> WeeklyReports:
    return WeeklyReports(sessions, folder, clock=lambda: now)


async def mondays(sessions: Sessions) -> list[dt.date]:
    async with sessions() as session:
        return list(await session.scalars(select(WeeklyReport.monday).order_by(WeeklyReport.monday)))


@pytest.fixture
async def asked(sessions: Sessions) -> None:
    await ask(sessions, random.Random(1), MONDAY, 40, 20)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the files out where only the weeks matter."""
    monkeypatch.setattr(WeeklyReports, "_written", lambda *_: making._Files({"x.pdf": b"x"}, ""))


async def test_report_is_made_with_its_files(sessions: Sessions, tmp_path: Path, asked: None) -> None:
    assert await reports(sessions, tmp_path).catch_up() == [MONDAY]

    async with sessions() as session:
        made = await session.get(WeeklyReport, MONDAY)
        (deed,) = await session.scalars(select(Deed))
    assert made is not None
    assert sorted(made.files) == NAMES
    files = {path.name: path.read_bytes() for path in (tmp_path / "reports/2026-11-16").iterdir()}
    assert {name: {"size": len(data), "sha256": digest(data)} for name, data in files.items()} == made.files
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["2026-11-16"]
    assert (deed.author, deed.act, deed.subject) == ("dịch vụ", "report.made", "2026-W47")


@pytest.mark.usefixtures("quick", "asked")
class TestWhen:
    async def test_not_before_seven(self, sessions: Sessions, tmp_path: Path) -> None:
        assert await reports(sessions, tmp_path, SEVEN - dt.timedelta(seconds=1)).catch_up() == []
        assert await reports(sessions, tmp_path, SEVEN).catch_up() == [MONDAY]

    async def test_never_twice(self, sessions: Sessions, tmp_path: Path) -> None:
        kept = reports(sessions, tmp_path)
        await kept.catch_up()

        assert await kept.catch_up() == []
        with pytest.raises(AlreadyMadeError, match="2026-W47 đã được lập"):
            await kept.make(MONDAY, author="lan")

    async def test_missed_weeks_are_made_up_the_oldest_first(self, sessions: Sessions, tmp_path: Path) -> None:
        await reports(sessions, tmp_path).catch_up()

        made = await reports(sessions, tmp_path, SEVEN + dt.timedelta(days=22)).catch_up()

        assert made == [MONDAY + dt.timedelta(7 * n) for n in (1, 2, 3)]
        assert await reports(sessions, tmp_path, SEVEN + dt.timedelta(days=22)).catch_up() == []

    async def test_years_that_were_missed_are_not_made_up(self, sessions: Sessions, tmp_path: Path) -> None:
        await reports(sessions, tmp_path).catch_up()

        assert len(await reports(sessions, tmp_path, SEVEN + dt.timedelta(days=700)).catch_up()) == 8

    async def test_of_two_who_make_it_at_once_one_does(self, sessions: Sessions, tmp_path: Path) -> None:
        async def one() -> str:
            try:
                await reports(sessions, tmp_path).make(MONDAY, author="x")
            except AlreadyMadeError:
                return "too late"
            return "made"

        assert sorted(await asyncio.gather(*(one() for _ in range(3)))) == ["made", "too late", "too late"]
        assert [path.name for path in (tmp_path / "reports").iterdir()] == ["2026-11-16"]
        async with sessions() as session:
            assert len(list(await session.scalars(select(Deed)))) == 1

    async def test_week_that_is_not_over_is_refused(self, sessions: Sessions, tmp_path: Path) -> None:
        with pytest.raises(CannotMakeError, match="chưa kết thúc"):
            await reports(sessions, tmp_path).make(dt.date(2026, 11, 23), author="lan")

    async def test_missing_weeks_are_offered(self, sessions: Sessions, tmp_path: Path) -> None:
        kept = reports(sessions, tmp_path, SEVEN + dt.timedelta(days=14))
        await kept.make(MONDAY, author="lan")

        assert await kept.can_be_made() == [dt.date(2026, 11, 30), dt.date(2026, 11, 23)]

    async def test_what_was_published_stays_whatever_comes_in_late(self, sessions: Sessions, tmp_path: Path) -> None:
        await reports(sessions, tmp_path).catch_up()
        await ask(sessions, random.Random(2), MONDAY, 30, 15)

        await reports(sessions, tmp_path, SEVEN + dt.timedelta(days=7)).catch_up()

        async with sessions() as session:
            first, second = list(await session.scalars(select(WeeklyReport).order_by(WeeklyReport.monday)))
        assert second.figures["earlier"][0] == first.figures["week"]

    async def test_job_runs_until_cancelled(self, sessions: Sessions, tmp_path: Path) -> None:
        job = asyncio.ensure_future(reports(sessions, tmp_path).run())
        while not await mondays(sessions):
            await asyncio.sleep(0.02)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

    async def test_nothing_is_made_of_nothing(self, sessions: Sessions, tmp_path: Path) -> None:
        assert await reports(sessions, tmp_path, SEVEN - dt.timedelta(days=365)).catch_up() == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("week", "monday"),
    [
        ("2026-W53", dt.date(2026, 12, 28)),
        ("2027-W01", dt.date(2027, 1, 4)),
        ("2025-W01", dt.date(2024, 12, 30)),
        ("2026-W01", dt.date(2025, 12, 29)),
    ],
)
async def test_year_ends(sessions: Sessions, tmp_path: Path, week: str, monday: dt.date) -> None:
    await ask(sessions, random.Random(1), monday, 40, 20)
    now = dt.datetime.combine(monday + dt.timedelta(7), dt.time(7), VIETNAM)

    assert monday_named(week) == monday
    assert week_name(monday) == week
    assert await reports(sessions, tmp_path, now).catch_up() == [monday]


@pytest.mark.parametrize("name", ["2027-W53", "2026-47", "", "2026-W00", "../etc"])
def test_names_that_are_no_week(name: str) -> None:
    with pytest.raises(CannotMakeError, match="không phải là tuần"):
        monday_named(name)


async def test_changed_or_lost_file_is_refused(sessions: Sessions, tmp_path: Path, asked: None, quick: None) -> None:
    kept = reports(sessions, tmp_path)
    await kept.catch_up()
    path = tmp_path / "reports/2026-11-16/x.pdf"

    assert await kept.read(MONDAY, "x.pdf", author="lan") == b"x"
    assert await kept.read(MONDAY, "../x.pdf", author="lan") is None
    path.write_bytes(b"y")
    with pytest.raises(ChangedFileError):
        await kept.read(MONDAY, "x.pdf", author="lan")
    path.unlink()
    with pytest.raises(ChangedFileError):
        await kept.read(MONDAY, "x.pdf", author="lan")

    async with sessions() as session:
        deeds = list(await session.scalars(select(Deed).where(Deed.act == "report.downloaded")))
    assert [(deed.author, deed.subject, deed.details) for deed in deeds] == [("lan", "2026-W47", {"file": "x.pdf"})]


async def test_week_is_only_told_once_the_inbox_has_read_all_of_it(
    sessions: Sessions, tmp_path: Path, asked: None, quick: None
) -> None:
    read_until = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)

    async def read() -> None:
        async with sessions.begin() as session:
            await session.merge(InboxMark(source=MARK, read_until=read_until))

    kept = WeeklyReports(sessions, tmp_path, clock=lambda: SEVEN, inbox=read)
    with pytest.raises(CannotMakeError, match="Hộp câu hỏi chưa đọc hết"):
        await kept.catch_up()
    assert await mondays(sessions) == []

    read_until = SEVEN.astimezone(dt.UTC)
    assert await kept.catch_up() == [MONDAY]


async def test_report_waits_for_the_nlu_server(sessions: Sessions, tmp_path: Path, asked: None, quick: None) -> None:
    async def read() -> None:
        raise NluUnavailableError("away")

    with pytest.raises(CannotMakeError, match="máy hiểu ngôn ngữ"):
        await WeeklyReports(sessions, tmp_path, clock=lambda: SEVEN, inbox=read).make(MONDAY, author="lan")
