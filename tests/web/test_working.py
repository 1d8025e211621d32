"""What the office does beside serving its pages."""

import asyncio
import datetime as dt

from sqlalchemy import select

from faq.database import Sessions
from stats.questions import Question, row
from stats.rolling import DayCell, Roller
from tests.stats.builders import asked
from web.working import background


async def test_jobs_run_until_the_office_closes() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with background(job, job):
        await began.wait()

    assert ended.is_set()


async def test_questions_of_a_database_from_before_the_roll_ups_are_counted(database: Sessions) -> None:
    old = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
    async with database.begin() as session:
        session.add(Question(**row(asked(asked_at=old))))

    async with background(Roller(database).run):
        async with asyncio.timeout(10):
            while not (days := await _days(database)):
                await asyncio.sleep(0.02)

    assert days == {old.date()}


async def _days(database: Sessions) -> set[dt.date]:
    async with database() as session:
        return set(await session.scalars(select(DayCell.first_day).where(DayCell.level == "d")))


async def test_job_that_fails_stops_nothing() -> None:
    async def job() -> None:
        raise RuntimeError

    async with background(job):
        await asyncio.sleep(0.01)
