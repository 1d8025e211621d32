"""The questions to judge are drawn by chance, once, and the same again with the same seed; nobody overwrites anybody."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import VIETNAM, Sessions
from stats.endings import Ending
from stats.questions import Question, row
from stats.rolling import StaffPerson
from stats.sampling import SAMPLE, Sample, Verdict, checked, checked_weeks, draw, drawn, judge, next_one, undo
from tests.stats.builders import asked

MONDAY = dt.date(2026, 11, 16)
MIDNIGHT = dt.datetime(2026, 11, 16, tzinfo=VIETNAM)
NOW = MIDNIGHT + dt.timedelta(days=8)


async def store(sessions: Sessions, number: int, **changes: object) -> None:
    async with sessions.begin() as session:
        for at in range(number):
            fields = {"asked_at": MIDNIGHT + dt.timedelta(minutes=at), "text": f"câu {at}", **changes}
            session.add(Question(**row(asked(**fields))))


async def samples(sessions: Sessions) -> list[Sample]:
    async with sessions() as session:
        return list(await session.scalars(select(Sample).order_by(Sample.number)))


async def test_fifty_are_drawn_once_and_the_noted_seed_draws_them_again(sessions: Sessions) -> None:
    await store(sessions, 200)

    assert await draw(sessions, MONDAY, now=NOW) == SAMPLE
    first = [sample.question_id for sample in await samples(sessions)]
    assert await draw(sessions, MONDAY, now=NOW) == SAMPLE

    async with sessions() as session:
        (deed,) = await session.scalars(select(Deed).where(Deed.act == "sample.drawn"))
        names = sorted(await session.scalars(select(Question.id)))
    assert [sample.question_id for sample in await samples(sessions)] == first == drawn(names, deed.details["seed"])
    assert deed.details["of"] == 200


async def test_drawn_are_citizens_typed_questions_of_the_week_that_got_an_answer(sessions: Sessions) -> None:
    await store(sessions, 3, text="được rút")
    await store(sessions, 2, text="được rút", ending=Ending.OFFERED, person=None)
    for left_out in (
        {"ending": Ending.NOT_UNDERSTOOD},
        {"ending": Ending.SMALL_TALK},
        {"channel": "test"},
        {"kind": "button"},
        {"text": ""},
        {"person": "f" * 32},
        {"asked_at": MIDNIGHT - dt.timedelta(seconds=1)},
        {"asked_at": MIDNIGHT + dt.timedelta(days=7)},
    ):
        await store(sessions, 1, **left_out)
    async with sessions.begin() as session:
        session.add(StaffPerson(person="f" * 32))

    assert await draw(sessions, MONDAY, now=NOW) == 5
    assert {sample.text for sample in await samples(sessions)} == {"được rút"}


async def test_two_who_open_the_page_at_once_get_one_list(sessions: Sessions) -> None:
    await store(sessions, 100)

    assert await asyncio.gather(*(draw(sessions, MONDAY, now=NOW) for _ in range(4))) == [SAMPLE] * 4
    assert len(await samples(sessions)) == SAMPLE


async def test_verdict_is_given_once_and_taken_back_by_its_giver_only(sessions: Sessions) -> None:
    await store(sessions, 10)
    await draw(sessions, MONDAY, now=NOW)

    async with sessions.begin() as session:
        assert await judge(session, MONDAY, 1, Verdict.RIGHT, author="lan", now=NOW)
        assert not await judge(session, MONDAY, 1, Verdict.WRONG, author="hoa", now=NOW)
        assert not await judge(session, MONDAY, 99, Verdict.WRONG, author="hoa", now=NOW)
        assert await undo(session, MONDAY, author="hoa", now=NOW) is None
    assert (await samples(sessions))[0].judged_by == "lan"
    async with sessions.begin() as session:
        assert await undo(session, MONDAY, author="lan", now=NOW) == 1
        assert await undo(session, MONDAY, author="lan", now=NOW) is None
    assert (await samples(sessions))[0].verdict is None


async def test_two_who_judge_begin_apart_and_each_gets_the_rest(sessions: Sessions) -> None:
    await store(sessions, 60)
    await draw(sessions, MONDAY, now=NOW)

    async def step(author: str, begin: int) -> int | None:
        async with sessions.begin() as session:
            sample = await next_one(session, MONDAY, begin=begin)
            if sample is not None:
                await judge(session, MONDAY, sample.number, Verdict.RIGHT, author=author, now=NOW)
            return sample.number if sample else None

    shown = [await step(author, begin) for _ in range(26) for author, begin in (("lan", 17), ("hoa", 34))]

    assert shown[:2] == [18, 35]
    assert sorted(number for number in shown if number) == list(range(1, SAMPLE + 1))
    assert shown[-2:] == [None, None]


async def test_share_leaves_out_what_nobody_can_tell_and_has_its_interval(sessions: Sessions) -> None:
    await store(sessions, 60)
    await draw(sessions, MONDAY, now=NOW)
    given = [Verdict.RIGHT] * 36 + [Verdict.HALF] * 2 + [Verdict.WRONG] * 2 + [Verdict.UNCLEAR] * 5
    async with sessions.begin() as session:
        for number, verdict in enumerate(given, 1):
            await judge(session, MONDAY, number, verdict, author="lan", now=NOW)

    async with sessions() as session:
        week = await checked(session, MONDAY)
        assert await checked_weeks(session, 5) == [week]
        nothing = await checked(session, MONDAY + dt.timedelta(days=7))

    assert (week.drawn, week.judged, week.decided, week.share) == (50, 45, 40, 0.9)
    assert week.interval == (pytest.approx(0.7695, abs=1e-3), pytest.approx(0.9604, abs=1e-3))
    assert (nothing.share, nothing.drawn) == (None, 0)
