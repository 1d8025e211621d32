"""A made-up year: the same from the same seed, like a ward's, of nobody's data, and never beside real questions."""

import argparse
import asyncio
import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import VIETNAM, Base, Sessions, connect
from faq.database import sessions as sessions_on
from faq.entries import SCAM_TOPIC, Faq
from stats.__main__ import main
from stats.commands import rebuild
from stats.demo.filling import fill
from stats.demo.seasons import TET, around_tet, busyness
from stats.demo.town import Day, Town, noon
from stats.endings import Ending
from stats.feedback import Feedback
from stats.figuring import Period, by, excluded, total
from stats.inbox import InboxGroup, InboxMessage
from stats.masking import mask
from stats.questions import Question, row
from stats.rolling import COUNTED, DayCell, Roller
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture
from tests.stats.builders import asked

SINCE = dt.date(2025, 12, 1)


def town(faq: Faq, *, seed: int = 1, days: int = 365, records: int = 6_000) -> Town:
    return Town(faq=faq, since=SINCE, days=days, records=records, seed=seed)


@pytest.fixture(scope="module")
def year(shipped: Faq) -> list[Day]:
    return list(town(shipped).all_days())


def test_same_seed_makes_the_same(shipped: Faq) -> None:
    one, same, other = (list(town(shipped, seed=seed, days=20, records=200).all_days()) for seed in (5, 5, 6))

    assert one == same
    assert one != other
    assert sum(len(day.questions) for day in one) == 200


def test_every_ending_every_channel_tests_and_words_on_answers_occur(year: list[Day]) -> None:
    rows = [row for day in year for row in day.questions]

    assert {row[6] for row in rows} == {str(ending) for ending in Ending}
    assert {row[3] for row in rows} == {"telegram", "web", "test"}
    assert {row[4] for row in rows} == {"text", "button", "command"}
    assert {said[4] for day in year for said in day.feedback} == {"helpful", "not_helpful", "remark"}
    assert len({row[0] for row in rows}) == len(rows)


def test_questions_belong_to_the_release_that_was_live(year: list[Day], shipped: Faq) -> None:
    live = {name: noon(day) for day, name in town(shipped).releases}
    rows = [(row[1], row[12]) for day in year for row in day.questions]

    assert all(release is None or live[release] <= moment for moment, release in rows)
    assert all(live[release] == max(at for at in live.values() if at <= moment) for moment, release in rows if release)
    assert {release for _, release in rows if release} == set(live)


def test_rows_lie_on_their_days_and_name_what_there_is(year: list[Day], shipped: Faq) -> None:
    keys = {entry.key for entry in shipped.entries}

    for number, day in enumerate(year):
        assert {row[1].astimezone(VIETNAM).date() for row in day.questions} <= {SINCE + dt.timedelta(days=number)}
        assert {row[7] for row in day.questions} - {None} <= keys


def test_texts_hold_nobodys_data(year: list[Day]) -> None:
    texts = {row[5] for day in year for row in day.questions}

    assert not [text for text in texts if mask(text).text != text]


def test_people_get_another_name_in_another_quarter(year: list[Day]) -> None:
    first, second = (
        {row[2] for day in days for row in day.questions if row[2]} for days in (year[31:121], year[121:212])
    )

    assert not first & second
    often = Counter(row[2] for day in year[31:121] for row in day.questions if row[2])
    assert often.most_common(1)[0][1] >= 20
    assert sum(1 for times in often.values() if times <= 3) > len(often) / 2


def test_a_year_has_its_seasons(year: list[Day]) -> None:
    new_year = TET[3]
    monday = dt.date(2026, 3, 9)

    assert busyness(new_year, SINCE, 365) < busyness(monday, SINCE, 365) / 5
    assert around_tet(new_year + dt.timedelta(days=8)) > 1 > around_tet(new_year)
    wave = [
        sum(row[8] == SCAM_TOPIC for day in days for row in day.questions) for days in (year[200:214], year[226:240])
    ]
    assert wave[1] > 3 * wave[0]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Both databases: each takes many rows in a way of its own."""
    url = f"sqlite:///{tmp_path}/test.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql"))
    engine = connect(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


async def test_what_was_written_is_rolled_up(shipped: Faq, either: AsyncEngine) -> None:
    made, sessions = town(shipped, days=40, records=800), sessions_on(either)

    await fill(either, made)

    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Question)) == 800
        period = Period(made.since, made.until)
        whole, apart = await total(session, period), await excluded(session, period)
        assert whole.counts.messages + sum(figure.counts.messages for figure in apart.values()) == 800
        assert set(apart) == {"tests", "staff"}
        assert set(await by(session, period, "campaign")) <= {code for code, _ in made.drives}
        assert len(await by(session, period, "release")) > 3
        assert await session.scalar(select(func.count()).select_from(InboxGroup))
        messages = await session.scalars(select(InboxMessage.group_id).distinct())
        groups = await session.scalars(select(InboxGroup.id).where(InboxGroup.wordings > 0))
        assert set(messages) == set(groups)  # so that there is something to tick in each
        assert await session.scalar(select(func.count()).select_from(Feedback))
    roller = Roller(sessions)
    assert await roller.rebuild(await roller.days()) == []


def test_command_makes_it_once_and_never_beside_questions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = f"sqlite:///{tmp_path}/new/demo.db"
    command = ["demo-data", "--days", "3", "--per-day", "10", "--until", "2026-11-29", "--into", into]

    assert main(command) == 0
    assert "30 tin nhắn giả, từ 27/11/2026 đến 29/11/2026" in capsys.readouterr().out
    assert main(command) == 1
    assert "đã có câu hỏi của người dân" in capsys.readouterr().err
    assert main([*command, "--anyway"]) == 0


async def test_rebuilding_tells_each_difference(sessions: Sessions, capsys: pytest.CaptureFixture[str]) -> None:
    async with sessions.begin() as session:
        session.add(Question(**row(asked())))
        engine = session.bind
    options = argparse.Namespace(since=None, until=None)
    console = Console(soft_wrap=True)
    assert await rebuild(engine, options, console) == 0  # type: ignore[arg-type]
    async with sessions.begin() as session:
        session.add(Question(**row(asked(topic="vneid"))))  # by somebody who told nobody

    found = await rebuild(engine, options, console)  # type: ignore[arg-type]

    assert found > 0
    told = capsys.readouterr().out
    assert "ngày 20/11/2026, topic vneid: answered 0 → 1" in told
    assert await rebuild(engine, options, console) == 0  # type: ignore[arg-type]


def test_status_says_whether_anything_was_wrong(
    engine: AsyncEngine, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del engine  # its tables are enough
    monkeypatch.setenv("DATABASE_URL", database)

    async def spoil() -> None:
        spoiled = connect(database)
        async with sessions_on(spoiled).begin() as session:
            session.add(DayCell(**dict.fromkeys(COUNTED, 0), **NOWHERE_AT_ALL))
        await spoiled.dispose()

    assert main(["rebuild"]) == 0
    asyncio.run(spoil())
    assert main(["rebuild", "--to", "2026-11-19"]) == 0
    assert main(["rebuild", "--from", "2026-11-20"]) == 1
    assert main(["rebuild"]) == 0
    assert "chỗ khác, đã sửa lại" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--days", "0"], ["--per-day", "x"], ["--until", "29/11/2026"]])
def test_what_makes_no_sense_is_said_in_a_sentence(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo-data", *wrong])

    assert f"“{wrong[1]}” không phải là" in capsys.readouterr().err


NOWHERE_AT_ALL = {
    "level": "d",
    "first_day": dt.date(2026, 11, 20),
    "topic": "",
    "dim": "all",
    "key": "",
    "people": b"\x01\x00\x00\x00",
}
