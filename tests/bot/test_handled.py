"""An update belongs to one process, once: across restarts, replicas, and a database that is away."""

import datetime as dt
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.handled import Claim, HandledUpdate, HandledUpdates
from bot.replica import take_place
from faq.database import Base, Sessions, connect, sessions
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture

START = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Sessions]:
    """Both databases: claims rest on how each of them inserts or else updates."""
    url = f"sqlite:///{tmp_path}/test.db"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql"))
    engine = connect(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield sessions(engine)
    await engine.dispose()


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now

    def ticks(self) -> float:
        return (self.now - START).total_seconds()

    def pass_by(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def process(database: Sessions, clock: Clock, name: str = "one") -> HandledUpdates:
    return HandledUpdates(database, name, clock=clock, ticks=clock.ticks)


async def numbers(database: Sessions) -> list[int]:
    async with database() as session:
        return list(await session.scalars(select(HandledUpdate.update_id).order_by(HandledUpdate.update_id)))


async def test_what_is_done_is_done_for_all(database: Sessions, clock: Clock) -> None:
    one, two = process(database, clock), process(database, clock, "two")

    assert await one.claim(7) is Claim.OURS
    await one.done(7)

    assert await one.claim(7) is Claim.DONE
    assert await two.claim(7) is Claim.DONE
    assert await process(database, clock).claim(7) is Claim.DONE


async def test_two_replicas_do_not_both_take_an_update(database: Sessions, clock: Clock) -> None:
    one, two = process(database, clock), process(database, clock, "two")

    assert await one.claim(7) is Claim.OURS
    assert await two.claim(7) is Claim.ELSEWHERE
    assert await one.claim(7) is Claim.ELSEWHERE


async def test_replica_that_dies_loses_its_claims_after_a_minute(database: Sessions, clock: Clock) -> None:
    two = process(database, clock, "two")
    await process(database, clock).claim(7)

    clock.pass_by(seconds=59)
    assert await two.claim(7) is Claim.ELSEWHERE
    clock.pass_by(seconds=2)
    assert await two.claim(7) is Claim.OURS


async def test_replica_that_lives_keeps_what_takes_long(database: Sessions, clock: Clock) -> None:
    one, two = process(database, clock), process(database, clock, "two")
    await one.claim(7)

    for _ in range(10):
        clock.pass_by(seconds=20)
        await one.renew()

    assert await two.claim(7) is Claim.ELSEWHERE


async def test_restarted_process_takes_its_own_claims_over_at_once(database: Sessions, clock: Clock) -> None:
    await process(database, clock).claim(7)

    assert await process(database, clock).claim(7) is Claim.OURS


async def test_what_is_given_back_is_free_at_once(database: Sessions, clock: Clock) -> None:
    one, two = process(database, clock), process(database, clock, "two")
    await one.claim(7)

    await one.give_back(7)

    assert await two.claim(7) is Claim.OURS


async def test_old_updates_are_forgotten(database: Sessions, clock: Clock) -> None:
    one = process(database, clock)
    for number in (1, 2):
        await one.claim(number)
        await one.done(number)
        clock.pass_by(days=2)

    await one.renew()

    assert await numbers(database) == [2]


async def test_while_the_database_is_away_this_process_remembers_and_writes_it_down_later(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "data"
    engine = connect(f"sqlite:///{folder}/service.db")
    database = sessions(engine)
    one = process(database, clock)

    assert await one.claim(7) is Claim.OURS
    await one.done(7)
    assert await one.claim(7) is Claim.DONE
    assert caplog.text.count("database away") == 1

    folder.mkdir()
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    clock.pass_by(seconds=10)
    await one.renew()
    assert await process(database, clock, "two").claim(7) is Claim.DONE
    await engine.dispose()


async def test_table_that_is_missing_harms_nobody(database: Sessions, clock: Clock) -> None:
    async with database.begin() as session:
        await session.execute(text("drop table handled_updates"))
    one = process(database, clock)

    assert await one.claim(7) is Claim.OURS
    await one.done(7)
    await one.renew()


async def test_number_no_column_can_hold_is_remembered_in_memory(database: Sessions, clock: Clock) -> None:
    one = process(database, clock)

    assert await one.claim(2**70) is Claim.OURS
    await one.done(2**70)
    assert await one.claim(2**70) is Claim.DONE
    await one.claim(7)
    await one.done(7)
    assert await numbers(database) == [7]


def test_process_that_ends_leaves_its_place_to_the_next(tmp_path: Path) -> None:
    first, second = take_place(tmp_path), take_place(tmp_path)
    assert first.name != second.name

    first.leave()
    third = take_place(tmp_path)

    assert third.name == first.name
    second.leave()
    third.leave()


def test_place_without_a_disk_is_a_new_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "file").write_text("")

    names = {take_place(tmp_path / "file" / "bot").name for _ in range(2)}

    assert len(names) == 2
    assert "no place for this process" in caplog.text
