"""Figures of a period: from as few cells as there are, people counted once in a quarter."""

import datetime as dt

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import VIETNAM, Sessions
from stats.figuring import Period, by, by_day, by_hour, total
from stats.questions import Question, row
from stats.rolling import ENTRY, Roller, mark_changed
from stats.spans import DAY, MONTH, QUARTER, WEEK, Span, pieces
from tests.stats.builders import asked


async def store(sessions: Sessions, *days: dt.date, person: str = "a") -> None:
    async with sessions.begin() as session:
        for day in days:
            moment = dt.datetime.combine(day, dt.time(9), VIETNAM)
            session.add(Question(**row(asked(asked_at=moment, person=person * 32))))
            await mark_changed(session, [moment])
    await Roller(sessions, clock=lambda: dt.datetime(2027, 6, 1, tzinfo=VIETNAM)).refresh()


@pytest.mark.parametrize(
    ("since", "until", "people"),
    [
        (dt.date(2026, 11, 24), dt.date(2026, 11, 25), 1),  # two days
        (dt.date(2026, 11, 23), dt.date(2026, 12, 1), 1),  # a week and days
        (dt.date(2026, 11, 1), dt.date(2026, 12, 31), 1),  # two months
        (dt.date(2026, 12, 28), dt.date(2027, 1, 3), 2),  # a week in two quarters
        (dt.date(2026, 10, 1), dt.date(2027, 3, 31), 2),  # two quarters
    ],
)
async def test_people_count_once_in_a_quarter(sessions: Sessions, since: dt.date, until: dt.date, people: int) -> None:
    first, last = dt.date(2026, 11, 24), dt.date(2027, 1, 1)
    await store(sessions, first, first + dt.timedelta(days=1), dt.date(2026, 12, 30), last)

    async with sessions() as session:
        assert (await total(session, Period(since, until))).people == people


def test_period_is_made_of_as_few_spans_as_there_are() -> None:
    quarter, month, week = (
        Span(QUARTER, dt.date(2026, 7, 1)),
        Span(MONTH, dt.date(2026, 10, 1)),
        Span(WEEK, dt.date(2026, 11, 2)),
    )
    within = Span(WEEK, dt.date(2026, 10, 12))

    found = pieces(dt.date(2026, 6, 30), dt.date(2026, 11, 9), {quarter, month, week, within})

    assert found == [
        quarter,
        month,
        week,
        *(Span(DAY, d) for d in (dt.date(2026, 6, 30), dt.date(2026, 11, 1), dt.date(2026, 11, 9))),
    ]


def test_week_in_two_quarters_is_made_of_days() -> None:
    monday = dt.date(2026, 12, 28)

    assert {span.level for span in pieces(monday, dt.date(2027, 1, 3), {Span(WEEK, monday)})} == {DAY}


async def test_days_and_hours_without_questions(sessions: Sessions) -> None:
    await store(sessions, dt.date(2026, 11, 24), dt.date(2026, 12, 1))
    period = Period(dt.date(2026, 11, 23), dt.date(2026, 12, 6))

    async with sessions() as session:
        days, hours = await by_day(session, period), await by_hour(session, period)

    assert [figure.questions for figure in days.values()] == [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    assert {at: (figure.questions, figure.people) for at, figure in hours.items()} == {(1, 9): (2, 1)}


async def test_no_more_cells_are_looked_at_than_belong_to_the_period(engine: AsyncEngine, sessions: Sessions) -> None:
    """SQLite must find each day by the index; looking through all days of an entry takes ten times as long."""
    await store(sessions, dt.date(2026, 11, 24), dt.date(2026, 12, 1))
    asks: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *a: asks.append((a[2], a[3])))

    async with sessions() as session:
        await by(session, Period(dt.date(2026, 11, 20), dt.date(2026, 12, 1)), ENTRY)
    statement, values = asks[-1]
    async with engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [step.detail for step in plan if "day_cells" in step.detail]

    assert steps
    assert all("(topic=? AND dim=? AND level=? AND first_day=?)" in step for step in steps)
