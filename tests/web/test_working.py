"""What the office does beside serving its pages."""

import asyncio
import datetime as dt
import io
import os

from fastapi import FastAPI
from sqlalchemy import select

from faq.database import Sessions
from stats.questions import Question, row
from stats.rolling import DayCell
from tests.stats.builders import asked
from web.office import Office
from web.working import JOBS, Job, roll_up, working


async def test_jobs_run_until_the_office_closes(app: FastAPI) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def job(_office: Office) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with working(app.state.office, (Job("one", every=60, do=job),)):
        await began.wait()

    assert ended.is_set()


async def test_job_that_fails_is_done_again(app: FastAPI) -> None:
    tries = asyncio.Queue[int]()

    async def job(_office: Office) -> None:
        tries.put_nowait(1)
        raise RuntimeError

    async with working(app.state.office, (Job("one", every=0, do=job),)), asyncio.timeout(5):
        await tries.get()
        await tries.get()


async def test_questions_of_a_database_from_before_the_roll_ups_are_counted(
    app: FastAPI, made_sessions: Sessions
) -> None:
    old = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
    async with made_sessions.begin() as session:
        session.add(Question(**row(asked(asked_at=old))))

    async with working(app.state.office, (Job("roll-ups", every=60, do=roll_up),)), asyncio.timeout(10):
        while not (days := await _days(made_sessions)):
            await asyncio.sleep(0.02)

    assert days == {old.date()}


async def test_workbooks_that_nobody_confirmed_are_removed_without_another_upload(app: FastAPI) -> None:
    uploads = app.state.office.uploads
    left = uploads.write(io.BytesIO(b"x"))
    long_ago = (uploads.clock() - dt.timedelta(hours=1)).timestamp()
    os.utime(left, (long_ago, long_ago))
    (job,) = (job for job in JOBS if job.name == "uploads")

    await job.do(app.state.office)

    assert not left.exists()


def test_each_job_has_a_name_of_its_own() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)


async def _days(sessions: Sessions) -> set[dt.date]:
    async with sessions() as session:
        return set(await session.scalars(select(DayCell.first_day).where(DayCell.level == "d")))
