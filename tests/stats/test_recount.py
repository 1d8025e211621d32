"""Every figure is what a slow count of the records says, however and in whatever order the records came.

`RECOUNT_EXAMPLES=500` tries more data sets than a run of all tests does; `make bench` does so.
"""

import asyncio
import datetime as dt
import os
import uuid
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from stats.definitions import METRICS
from stats.endings import Ending
from stats.feedback import Feedback
from stats.figuring import Figure, Period, by, by_day, by_hour, excluded, total
from stats.questions import Question
from stats.rolling import ChangedDay, DayCell, PersonNumber, Roller, StaffPerson, mark_changed
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture
from tests.stats.recounting import HERE, Recount, Values, recount_stored

EXAMPLES = int(os.environ.get("RECOUNT_EXAMPLES", "20"))
TURNS = [
    *(dt.date(2024, 2, 29), dt.date(2024, 12, 30), dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 5, 4)),
    *(dt.date(2026, 10, 1), dt.date(2026, 12, 28), dt.date(2027, 1, 1), dt.date(2027, 1, 4)),
]
"""Days at which weeks, months, quarters or ISO years begin."""
NOWHERE = ("", None, "?")
TOPICS = ("can-cuoc", "canh-bao-lua-dao", "thuế đất", "🐟", *NOWHERE)
ENTRIES = ("can-cuoc.la-gi", "can-cuoc.le-phi", "canh-bao-lua-dao.gia-danh", "🐟.mắm", *NOWHERE)
PEOPLE = (*(letter * 32 for letter in "abcde"), None)
DIMS = ("topic", "aspect", "entry", "channel", "campaign", "release")

Row = dict[str, Any]


@dataclass
class Batch:
    """What happens before the roll-ups are looked after once more."""

    questions: list[Row] = field(default_factory=list)
    feedback: list[Row] = field(default_factory=list)
    forgotten: str | None = None
    staff: str | None = None
    today: dt.date = dt.date(2027, 6, 1)
    restarted: bool = False


@st.composite
def moments(draw: st.DrawFn, turn: dt.date) -> dt.datetime:
    midnight = dt.datetime.combine(turn, dt.time(), HERE)
    near = st.sampled_from(
        [dt.timedelta(microseconds=-1), dt.timedelta(0), dt.timedelta(hours=7), dt.timedelta(hours=17)]
    )
    close = st.integers(-5 * 24 * 60, 5 * 24 * 60).map(lambda minutes: dt.timedelta(minutes=minutes))
    far = st.integers(-60 * 24 * 60, 100 * 24 * 60).map(lambda minutes: dt.timedelta(minutes=minutes))
    return (midnight + draw(near | close | far)).astimezone(dt.UTC)


def questions(turn: dt.date) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "id": st.uuids().map(lambda one: one.hex),
            "asked_at": moments(turn),
            "person": st.sampled_from(PEOPLE),
            "channel": st.sampled_from(["telegram", "telegram", "web", "test"]),
            "kind": st.sampled_from(["text", "text", "text", "button", "command", "other"]),
            "text": st.just("…"),
            "ending": st.sampled_from([str(ending) for ending in Ending]),
            "entry": st.sampled_from(ENTRIES),
            "topic": st.sampled_from(TOPICS),
            "aspect": st.sampled_from(["le-phi", "ở đâu", *NOWHERE]),
            "offered": st.just([]),
            "confidence": st.none() | st.floats(0, 1),
            "release": st.sampled_from(["r1", "r2", *NOWHERE]),
            "milliseconds": st.just(1),
            "campaign": st.sampled_from(["chợ", "trường", "", None, None]),
            "masked_kinds": st.just([]),
            "language": st.just("vi"),
        }
    )


def words(turn: dt.date) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {
            "said_at": moments(turn),
            "person": st.sampled_from(PEOPLE),
            "channel": st.sampled_from(["telegram", "web", "test"]),
            "kind": st.sampled_from(["helpful", "not_helpful", "not_helpful", "remark"]),
            "entry": st.sampled_from(ENTRIES),
            "text": st.just(""),
        }
    )


def batches(turn: dt.date) -> st.SearchStrategy[list[Batch]]:
    one = st.builds(
        Batch,
        questions=st.lists(questions(turn), max_size=12),
        feedback=st.lists(words(turn), max_size=3),
        forgotten=st.none() | st.sampled_from(PEOPLE),
        staff=st.none() | st.sampled_from(PEOPLE),
        today=st.integers(-30, 200).map(lambda days: turn + dt.timedelta(days=days)),
        restarted=st.booleans(),
    )
    return st.lists(one, min_size=1, max_size=4)


def periods(turn: dt.date) -> st.SearchStrategy[Period]:
    def days_from(since: int, days: int) -> tuple[dt.date, dt.date]:
        return turn + dt.timedelta(days=since), turn + dt.timedelta(days=since + days)

    monday = -turn.weekday()
    whole = st.sampled_from([days_from(monday, 6), days_from(monday, 13), days_from(-1, 1), days_from(-1, 31)])
    months = st.tuples(st.integers(0, 2), st.integers(0, 4)).map(lambda m: (_month(turn, -m[0]), _month(turn, m[1])))
    ended = months.map(lambda m: (m[0], max(m[0], m[1] - dt.timedelta(days=1))))
    anyhow = st.builds(days_from, st.integers(-60, 60), st.sampled_from([6, 7, 30, 91, 181]) | st.integers(0, 300))
    topics = st.sampled_from(["", "", "", "", *TOPICS[:4], "?"])
    return st.builds(lambda days, topic: Period(*days, topic), whole | ended | anyhow, topics)


def _month(turn: dt.date, later: int) -> dt.date:
    years, month = divmod(turn.month - 1 + later, 12)
    return dt.date(turn.year + years, month + 1, 1)


@dataclass
class Tried:
    """Some history, and what is asked about it."""

    history: list[Batch]
    periods: list[Period]


@st.composite
def trials(draw: st.DrawFn) -> Tried:
    turn = draw(st.sampled_from(TURNS))
    return Tried(draw(batches(turn)), draw(st.lists(periods(turn), min_size=1, max_size=3)))


Run = Callable[[Callable[[Sessions], Coroutine[Any, Any, None]]], None]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Run something on one database, empty each time."""
    url = f"sqlite:///{tmp_path_factory.mktemp('recount')}/recount.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql"))
    engine = connect(url)

    async def made() -> None:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)

    async def emptied() -> None:
        async with engine.begin() as connection:
            for table in (Question, Feedback, StaffPerson, DayCell, ChangedDay, PersonNumber):
                await connection.execute(delete(table))

    with asyncio.Runner() as runner:
        runner.run(made())

        def once(task: Callable[[Sessions], Coroutine[Any, Any, None]]) -> None:
            runner.run(emptied())
            runner.run(task(sessions_on(engine)))

        yield once
        runner.run(engine.dispose())


@given(tried=trials())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_roll_ups_say_what_the_records_say(run: Run, tried: Tried) -> None:
    run(lambda sessions: _try(sessions, tried))


async def _try(sessions: Sessions, tried: Tried) -> None:
    days = [batch.today for batch in tried.history]
    roller = None
    for batch, today in zip(tried.history, sorted(days), strict=True):
        clock = dt.datetime.combine(today, dt.time(12), HERE)
        if roller is None or batch.restarted:
            roller = Roller(sessions)
        roller._clock = lambda clock=clock: clock  # type: ignore[misc]
        await _happens(sessions, batch)
        await roller.refresh()
    assert roller is not None
    for period in tried.periods:
        async with sessions() as session:
            slow = await recount_stored(session, period.since, period.until, period.topic)
            event(f"{'some' if slow['all'] else 'no'} questions")
            assert await _figures(sessions, period) == _approximate(slow)
    assert await roller.rebuild(await roller.days()) == []


async def _happens(sessions: Sessions, batch: Batch) -> None:
    async with sessions.begin() as session:
        if batch.questions:
            await session.execute(insert(Question), batch.questions)
        for word in batch.feedback:
            await session.merge(Feedback(id=uuid.uuid4().hex, **word))
        await mark_changed(session, [q["asked_at"] for q in batch.questions])
        await mark_changed(session, [f["said_at"] for f in batch.feedback])
        if batch.forgotten:
            for table, moment in ((Question, Question.asked_at), (Feedback, Feedback.said_at)):
                gone = await session.scalars(delete(table).where(table.person == batch.forgotten).returning(moment))
                await mark_changed(session, gone.all())
        if batch.staff:
            await session.merge(StaffPerson(person=batch.staff))
            for table, moment in ((Question, Question.asked_at), (Feedback, Feedback.said_at)):
                theirs = await session.scalars(select(moment).where(table.person == batch.staff))
                await mark_changed(session, theirs.all())


async def _figures(sessions: Sessions, period: Period) -> Recount:
    async with sessions() as session:
        whole = await total(session, period)
        found = {dim: await by(session, period, dim) for dim in DIMS if not (period.topic and dim == "topic")}
        found["hour"] = {f"{day} {hour:02}": f for (day, hour), f in (await by_hour(session, period)).items()}
        found["day"] = {day.isoformat(): f for day, f in (await by_day(session, period)).items() if any_of(f)}
        found["excluded"] = await excluded(session, period)
        found["all"] = {"": whole} if any_of(whole) else {}
    return {table: {key: _values(figure) for key, figure in rows.items()} for table, rows in found.items()}


def any_of(figure: Figure) -> bool:
    """Whether anything at all was counted."""
    return bool(figure.counts.messages or figure.counts.helpful or figure.counts.not_helpful)


def _values(figure: Figure) -> Values:
    return {name: metric.value(figure) for name, metric in METRICS.items()}


def _approximate(slow: Recount) -> Recount:
    """Allow for confidences that are kept in millionths; all else is exact."""
    for rows in slow.values():
        for row in rows.values():
            row["mean_confidence"] = pytest.approx(row["mean_confidence"], abs=1e-6)  # type: ignore[assignment]
    return slow
