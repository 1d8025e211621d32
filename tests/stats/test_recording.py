"""A question is written once, whatever happens to the database and to the process."""

import asyncio
import dataclasses
import datetime as dt
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from stats.endings import Ending
from stats.questions import Asked, Forgotten, Question, from_json, new_id
from stats.recording import Recorder, Replayed, Spool
from tests.stats.builders import asked


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def away(tmp_path: Path) -> Sessions:
    """Sessions on a database that cannot be opened."""
    return sessions_on(connect(f"sqlite:///{tmp_path}/nowhere/service.db"))


Recording = Callable[[Sessions, Path], Recorder]


@pytest.fixture
def on() -> Iterator[Recording]:
    """Make recorders that are closed after the test."""
    with ExitStack() as open_ones:
        yield lambda sessions, spool: open_ones.enter_context(closing(Recorder(sessions, spool)))


async def rows(sessions: Sessions) -> list[Question]:
    async with sessions() as session:
        return list(await session.scalars(select(Question).order_by(Question.id)))


async def spooled(away: Sessions, spool: Path, *questions: Asked) -> None:
    with closing(Recorder(away, spool)) as recorder:
        for question in questions:
            await recorder.record(question)


def spool_file(spool: Path) -> Path:
    (file,) = spool.glob("*.jsonl")
    return file


async def test_question_is_written_with_all_its_fields(on: Recording, sessions: Sessions, spool: Path) -> None:
    question = asked(offered=("a.b", "c.d"), masked_kinds=("phone",), campaign="to-roi-1", release="r1")

    await on(sessions, spool).record(question)

    (row,) = await rows(sessions)
    stored = {field.name: getattr(row, field.name) for field in dataclasses.fields(Asked)}
    assert stored == dataclasses.asdict(question) | {"offered": ["a.b", "c.d"], "masked_kinds": ["phone"]}


async def test_writing_the_same_question_twice_leaves_one(on: Recording, sessions: Sessions, spool: Path) -> None:
    question, recorder = asked(), on(sessions, spool)

    await recorder.record(question)
    await recorder.record(question)

    assert len(await rows(sessions)) == 1
    assert recorder.waiting() == 0


async def test_text_is_masked_once_more(on: Recording, sessions: Sessions, spool: Path) -> None:
    await on(sessions, spool).record(asked(text="gọi 0912345678", masked_kinds=("email",)))

    (row,) = await rows(sessions)
    assert (row.text, row.masked_kinds) == ("gọi [số điện thoại]", ["email", "phone"])


async def test_text_no_database_can_hold_is_written_without_the_odd_parts(
    on: Recording, sessions: Sessions, spool: Path
) -> None:
    await on(sessions, spool).record(asked(text="a\x00b \ud800c"))

    assert [row.text for row in await rows(sessions)] == ["ab ?c"]


async def test_database_away_keeps_the_masked_question_for_the_owner_only(
    on: Recording, away: Sessions, spool: Path
) -> None:
    recorder = on(away, spool)

    await recorder.record(asked(text="gọi 0912345678"))

    file = spool_file(spool)
    assert json.loads(file.read_text())["text"] == "gọi [số điện thoại]"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert recorder.waiting() == 1


async def test_replay_writes_what_waits_exactly_once(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    questions = [asked(text=f"câu {number}") for number in range(450)]
    await spooled(away, spool, *questions)
    recorder = on(sessions, spool)

    first, second = await recorder.replay(), await recorder.replay()

    assert (first, second) == (Replayed(written=450), Replayed())
    assert {row.id for row in await rows(sessions)} == {question.id for question in questions}
    assert list(spool.iterdir()) == []


async def test_replay_of_rows_already_written_changes_nothing(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    question = asked()
    await on(sessions, spool).record(question)
    await spooled(away, spool, question, asked())

    await on(sessions, spool).replay()

    assert len(await rows(sessions)) == 2


async def test_replay_while_the_database_is_away_loses_nothing(
    on: Recording, away: Sessions, sessions: Sessions, spool: Path
) -> None:
    recorder = on(away, spool)
    await recorder.record(asked())

    assert await recorder.replay() == Replayed(waiting=1)

    await recorder.record(asked())
    recorder.close()
    assert await on(sessions, spool).replay() == Replayed(written=2)


async def test_own_file_is_replayed_while_new_questions_go_to_another(
    on: Recording, engine: AsyncEngine, sessions: Sessions, spool: Path
) -> None:
    recorder = on(sessions, spool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all, tables=[Base.metadata.tables[Question.__tablename__]])
    await recorder.record(asked())
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    assert await recorder.replay() == Replayed(written=1)
    assert len(await rows(sessions)) == 1


async def test_broken_lines_are_set_aside_and_the_rest_is_written(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    await spooled(away, spool, asked(), asked())
    strange = [b"{half a li", b'{"id": 7}', b"\xff\xfe", b"[" * 5000]
    file = spool_file(spool)
    file.write_bytes(b"\n".join(strange) + b"\n\n" + file.read_bytes() + b"cut off")

    done = await on(sessions, spool).replay()

    assert done == Replayed(written=2, set_aside=5)
    bad = spool.with_name("spool.bad")
    assert bad.read_bytes().splitlines() == [*strange, b"cut off"]
    assert stat.S_IMODE(bad.stat().st_mode) == 0o600


async def test_row_the_database_refuses_is_set_aside(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    await spooled(away, spool, asked(milliseconds=2**70), asked())

    assert await on(sessions, spool).replay() == Replayed(written=1, set_aside=1)


async def test_file_of_a_living_process_is_left_alone(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    living = on(away, spool)
    await living.record(asked())

    assert await on(sessions, spool).replay() == Replayed(waiting=1)

    living.close()
    assert await on(sessions, spool).replay() == Replayed(written=1)


async def test_cancelled_while_writing_still_counts(on: Recording, sessions: Sessions, spool: Path) -> None:
    recorder = on(sessions, spool)
    task = asyncio.create_task(recorder.record(asked()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await recorder.replay()

    assert len(await rows(sessions)) == 1


async def test_run_replays_until_cancelled(on: Recording, sessions: Sessions, away: Sessions, spool: Path) -> None:
    await spooled(away, spool, asked())
    recorder = on(sessions, spool)

    task = asyncio.create_task(recorder.run(0.01))
    while recorder.waiting():
        await asyncio.sleep(0.01)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(await rows(sessions)) == 1


async def test_disk_that_takes_nothing_does_not_stop_the_answer(on: Recording, away: Sessions, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    await on(away, tmp_path / "file" / "spool").record(asked())


KILLED = """
import asyncio, sys
from pathlib import Path
from faq.database import connect, sessions
from stats.recording import Recorder
from tests.stats.builders import asked

async def main():
    away = Recorder(sessions(connect("sqlite:////nowhere/at/all.db")), Path(sys.argv[1]))
    for number in range(10_000):
        await away.record(asked(id=f"{number:032x}"))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_killed_process_leaves_its_questions_to_others(on: Recording, sessions: Sessions, spool: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(spool)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        noted = [int(child.stdout.readline()) for _ in range(20)]
        os.kill(child.pid, signal.SIGKILL)
        noted += [int(line) for line in child.stdout.read().split()]

    await on(sessions, spool).replay()

    assert {f"{number:032x}" for number in noted} <= {row.id for row in await rows(sessions)}


async def test_several_recorders_replay_one_spool_together(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    for _ in range(5):
        await spooled(away, spool, asked(), asked())

    await asyncio.gather(*(on(sessions, spool).replay() for _ in range(4)))

    assert len(await rows(sessions)) == 10
    assert list(spool.iterdir()) == []


def test_question_survives_the_trip_through_json() -> None:
    question = asked(offered=("a.b",), ending=Ending.OFFERED, confidence=None, text='"\n\u2028ơ')

    assert from_json(json.dumps(question.as_json()).encode()) == question


def test_ids_differ() -> None:
    assert len({new_id() for _ in range(100)}) == 100
    assert len(new_id()) == 32


async def test_what_waits_of_somebody_who_wanted_to_be_forgotten_is_dropped_wherever_it_waits(
    on: Recording, sessions: Sessions, away: Sessions, spool: Path
) -> None:
    before, other = asked(person="a" * 32), asked(person="b" * 32)
    await spooled(away, spool, before, other)
    async with sessions.begin() as session:
        session.add(Forgotten(person="a" * 32, at=before.asked_at + dt.timedelta(seconds=1)))

    await on(sessions, spool).replay()

    assert [row.person for row in await rows(sessions)] == ["b" * 32]


def test_line_that_is_set_aside_no_longer_says_whose_it_was(spool: Path) -> None:
    Spool(spool).set_aside(b'{"person": "aaaa", "text": "?"}')

    assert spool.with_name("spool.bad").read_bytes() == b'{"person": null, "text": "?"}\n'
