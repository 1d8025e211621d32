"""Gaps closed, on both databases."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

import bot.handled  # noqa: F401 - adds its table
import dialogue.kept  # noqa: F401 - adds its tables
from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from stats.gaps import Gap, closed_gaps
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture
from tests.stats.weeks import close_gap

SUNDAY = dt.date(2026, 11, 22)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def either(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Sessions]:
    url = database if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))
    engine = connect(url)
    async with engine.begin() as connection:
        if request.param == "postgresql":
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(Base.metadata.create_all)
    yield sessions_on(engine)
    await engine.dispose()


async def gaps(sessions: Sessions, until: dt.date, fewest: int = 5) -> tuple[Gap, ...]:
    async with sessions() as session:
        return await closed_gaps(session, until, fewest=fewest)


async def test_gap_is_told_for_four_weeks_after_its_answer_went_live(either: Sessions) -> None:
    await close_gap(either)

    (gap,) = await gaps(either, SUNDAY)

    assert (gap.entry, gap.first_day, gap.live_day) == (
        "dang-ky-xe.xe-dien",
        dt.date(2026, 11, 10),
        dt.date(2026, 11, 18),
    )
    assert (gap.before, gap.after) == ("khoảng 80 % (10–19 câu)", "khoảng 0 % (5–9 câu)")
    assert await gaps(either, dt.date(2026, 11, 17)) == ()
    assert len(await gaps(either, dt.date(2026, 12, 15))) == 1
    assert await gaps(either, dt.date(2026, 12, 16)) == ()


async def test_what_fewer_asked_than_the_threshold_has_no_share(either: Sessions) -> None:
    await close_gap(either)

    (gap,) = await gaps(either, SUNDAY, fewest=10)

    assert (gap.before, gap.after) == ("khoảng 80 % (10–19 câu)", "chưa đủ số liệu (< 10 người)")
