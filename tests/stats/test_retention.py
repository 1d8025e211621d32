"""Words go when they have been kept as long as was promised; counts stay, and each run leaves its proof."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from stats import retention
from stats.feedback import HELPFUL, NOT_HELPFUL, REMARK, Feedback
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting
from stats.questions import Question, row
from stats.retention import Retention, RetentionRun, is_late, oldest_words
from stats.rolling import ChangedDay, DayCell, Roller, mark_changed
from stats.sampling import Sample
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture
from tests.stats.builders import asked

NOW = dt.datetime(2026, 11, 30, 2, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def sessions(request: pytest.FixtureRequest, database: str) -> AsyncIterator[Sessions]:
    """An empty database, of each kind."""
    url = database if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))
    engine = connect(url)
    async with engine.begin() as connection:
        if request.param == "postgresql":
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await connection.run_sync(Base.metadata.create_all)
    yield sessions_on(engine)
    await engine.dispose()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PAUSE", 0)


async def store(sessions: Sessions, *ages: dt.timedelta) -> None:
    """A question and a word on its answer, of each age."""
    async with sessions.begin() as session:
        for number, age in enumerate(ages):
            moment = NOW - age
            session.add(Question(**row(asked(text=f"câu {number}", asked_at=moment))))
            kind = (HELPFUL, NOT_HELPFUL, REMARK)[number % 3]
            said = {"kind": kind, "channel": "telegram", "text": f"lời {number}"}
            session.add(Feedback(id=f"{number:032}", said_at=moment, person="a" * 32, **said))
        await mark_changed(session, [NOW - age for age in ages])


async def words(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        found = [*await session.scalars(select(Question.text)), *await session.scalars(select(Feedback.text))]
    return sorted(found)


async def proofs(sessions: Sessions) -> list[RetentionRun]:
    async with sessions() as session:
        return list(await session.scalars(select(RetentionRun).order_by(RetentionRun.id)))


async def test_words_go_on_their_day_and_counts_stay(sessions: Sessions) -> None:
    second = dt.timedelta(seconds=1)
    await store(sessions, 90 * DAY + second, 90 * DAY - second, 2 * DAY)
    await Roller(sessions).refresh()
    async with sessions() as session:
        before = {(c.first_day, c.topic, c.dim, c.key): c.answered for c in await session.scalars(select(DayCell))}

    await Retention(sessions, clock=lambda: NOW).remove()

    assert await words(sessions) == ["", "", "câu 1", "câu 2", "lời 1", "lời 2"]
    (proof,) = await proofs(sessions)
    assert (proof.ran_at, proof.days, proof.removed, proof.oldest) == (NOW, 90, 2, NOW - 90 * DAY + second)
    assert await Roller(sessions).rebuild([(NOW - age).date() for age in (90 * DAY, 2 * DAY)]) == []
    async with sessions() as session:
        after = {(c.first_day, c.topic, c.dim, c.key): c.answered for c in await session.scalars(select(DayCell))}
        assert list(await session.scalars(select(ChangedDay))) == []  # nothing to count again
    assert after == before


async def test_more_than_a_batch_goes_in_one_run(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 7)
    await store(sessions, *[(100 + number) * DAY for number in range(30)])

    assert (await Retention(sessions, clock=lambda: NOW).remove()).removed == 60
    assert set(await words(sessions)) == {""}
    assert (await Retention(sessions, clock=lambda: NOW).remove()).removed == 0


async def test_words_of_samples_go_and_their_verdicts_stay(sessions: Sessions) -> None:
    old, kept = dt.date(2026, 8, 31), dt.date(2026, 9, 7)
    async with sessions.begin() as session:
        for monday in (old, kept):
            session.add(
                Sample(monday=monday, number=1, question_id="a" * 32, text="câu", ending="answered", verdict="right")
            )

    await Retention(sessions, clock=lambda: NOW).remove()

    async with sessions() as session:
        found = {s.monday: (s.text, s.verdict) for s in await session.scalars(select(Sample))}
    assert found == {old: ("", "right"), kept: ("câu", "right")}


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [(None, 90, True), (DAY, 90, True), (DAY / 2, 90, False), (DAY / 2, 120, True), (DAY / 2, 30, False)],
)
async def test_it_is_time_once_a_day_and_when_less_is_promised(
    sessions: Sessions, last: dt.timedelta | None, days: int, due: bool
) -> None:
    if last is not None:
        async with sessions.begin() as session:
            session.add(RetentionRun(ran_at=NOW - last, days=days, removed=0))

    assert await Retention(sessions, clock=lambda: NOW)._is_time() is due


async def test_late_is_what_has_not_run_for_a_day_and_a_half(sessions: Sessions) -> None:
    async with sessions() as session:
        assert not await is_late(session, days=90, now=NOW)  # nothing is kept
    await store(sessions, 91 * DAY)
    async with sessions() as session:
        assert not await is_late(session, days=90, now=NOW)
        assert await is_late(session, days=90, now=NOW + DAY)
    await Retention(sessions, clock=lambda: NOW).remove()
    async with sessions() as session:
        assert not await is_late(session, days=90, now=NOW + retention.LATE)
        assert await is_late(session, days=90, now=NOW + retention.LATE + dt.timedelta(seconds=1))


async def test_the_oldest_words_are_found_by_an_index(engine: AsyncEngine) -> None:
    """However many records without words there are, they are not looked at."""
    asked_of: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: asked_of.append(call[2]))
    async with sessions_on(engine)() as session:
        await oldest_words(session)
        statement = next(s for s in asked_of if "FROM questions" in s)
        plan = " ".join(str(line) for line in await session.execute(text(f"EXPLAIN QUERY PLAN {statement}")))

    assert "ix_questions_words" in plan


async def test_what_nobody_decided_on_leaves_the_inbox_and_what_is_newer_stays(sessions: Sessions) -> None:
    decided = {"old": Decision.OPEN, "new": Decision.OPEN, "added": Decision.ADDED}
    async with sessions.begin() as session:
        for number, (name, decision) in enumerate(decided.items(), 1):
            at = NOW - (2 if name == "new" else 91) * DAY
            session.add(InboxGroup(id=number, text=name, decision=decision, first_at=at, last_at=at))
            session.add(InboxMessage(folded=name, group_id=number, text=name, vector={}))
            session.add(InboxSighting(id=name, folded=name, person="a" * 32, at=at, why="offered", doubt=0.5))

    await Retention(sessions, clock=lambda: NOW).remove()

    async with sessions() as session:
        assert set(await session.scalars(select(InboxMessage.text))) == {"new", "added"}
        assert set(await session.scalars(select(InboxSighting.folded))) == {"new", "added"}
