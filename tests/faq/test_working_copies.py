"""What somebody is typing: kept for each person, seen by others for a while, forgotten in the end. On both databases."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from faq.database import Sessions, connect, sessions
from faq.models import WorkingCopy
from faq.working_copies import LASTS, LATELY, begun, drop, keep, others, working_copy
from tests.faq.samples import NOW

KEY = "vneid.la-gi"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def made(request: pytest.FixtureRequest, tmp_path) -> AsyncIterator[Sessions]:
    url = request.getfixturevalue("postgresql") if request.param == "postgresql" else f"sqlite:///{tmp_path}/x.db"
    engine = connect(url)
    async with engine.begin() as connection:
        await connection.run_sync(WorkingCopy.__table__.drop, checkfirst=True)
        await connection.run_sync(WorkingCopy.__table__.create)
    yield sessions(engine)
    await engine.dispose()


async def test_each_person_has_one_copy_of_an_entry(made: Sessions) -> None:
    async with made.begin() as session:
        await keep(session, KEY, "lan", {"short": "một"}, base="1-0", now=NOW)
        await keep(session, KEY, "lan", {"short": "hai «ạ»"}, base="1-0", now=NOW)
        await keep(session, KEY, "minh", {"short": "ba"}, base="1-0", now=NOW)

    async with made() as session:
        own = await working_copy(session, KEY, "lan")
        assert own is not None
        assert own.fields == {"short": "hai «ạ»"}
        assert [copy.author for copy in await others(session, KEY, "lan", NOW)] == ["minh"]
        assert not await others(session, KEY, "lan", NOW + LATELY)


async def test_dropped_and_forgotten_copies_are_gone(made: Sessions) -> None:
    async with made.begin() as session:
        await keep(session, KEY, "lan", {}, base="", now=NOW)
        await keep(session, KEY, "minh", {}, base="", now=NOW)
        await drop(session, KEY, "lan")
    async with made.begin() as session:
        await keep(session, "vneid.khac", "tú", {}, base="", now=NOW + LASTS + dt.timedelta(seconds=1))

    async with made() as session:
        assert await working_copy(session, KEY, "lan") is None
        assert await working_copy(session, KEY, "minh") is None


async def test_new_entries_that_were_begun_are_found_the_latest_first(made: Sessions) -> None:
    async with made.begin() as session:
        await keep(session, "moi:00000001", "lan", {}, base="", now=NOW)
        await keep(session, "moi:00000002", "lan", {}, base="", now=NOW + dt.timedelta(minutes=1))
        await keep(session, "moi:00000003", "minh", {}, base="", now=NOW)
        await keep(session, KEY, "lan", {}, base="", now=NOW)

    async with made() as session:
        assert [copy.key for copy in await begun(session, "lan")] == ["moi:00000002", "moi:00000001"]
