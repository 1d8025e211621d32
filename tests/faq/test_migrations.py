"""The tables that migrations make are those that the code expects, on both databases."""

import asyncio
from collections.abc import Callable

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable, delete, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from faq.audit import Deed, note
from faq.database import Base, connect, sessions
from faq.editing import drafted_pieces
from faq.entries import Faq
from faq.migrating import _config, migrate
from faq.models import Draft
from faq.sheets import pieces
from tests.faq.samples import AUTHOR, NOW


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    server = str(request.getfixturevalue("postgresql"))
    name = f"test_{abs(hash(request.node.nodeid)):x}"
    asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
    return server.removesuffix("/postgres") + f"/{name}"


async def _execute(url: str, statement: str) -> None:
    engine = connect(url)
    async with engine.connect() as plain:
        connection: AsyncConnection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(statement))
    await engine.dispose()


def on(url: str, ask: Callable[[Connection], object]) -> object:
    async def run() -> object:
        engine = connect(url)
        async with engine.connect() as connection:
            found = await connection.run_sync(ask)
        await engine.dispose()
        return found

    return asyncio.run(run())


def tables(url: str) -> set[str]:
    return set(on(url, lambda connection: inspect(connection).get_table_names()))  # type: ignore[call-overload]


def test_upgrade_from_empty_makes_what_all_rooms_expect(url: str) -> None:
    migrate(url)

    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert on(url, differences) == []
    assert tables(url) == {*Base.metadata.tables, "alembic_version"}


def test_upgrading_twice_changes_nothing_and_loses_nothing(url: str, shipped: Faq) -> None:
    migrate(url)
    asyncio.run(_fill(url, shipped))

    migrate(url)

    assert asyncio.run(_drafts(url)) == len(pieces(shipped))


def test_content_and_instants_come_back_as_they_were(url: str, shipped: Faq) -> None:
    migrate(url)
    asyncio.run(_fill(url, shipped))

    async def read() -> tuple[object, object]:
        engine = connect(url)
        async with sessions(engine)() as session:
            found = await drafted_pieces(session), await session.scalar(select(Draft.updated_at).limit(1))
        await engine.dispose()
        return found

    assert asyncio.run(read()) == (pieces(shipped), NOW)


def test_downgrade_leaves_nothing_behind_and_upgrade_comes_back(url: str) -> None:
    migrate(url)

    command.downgrade(_config(url), "base")

    assert tables(url) == {"alembic_version"}
    migrate(url)
    assert tables(url) == {*Base.metadata.tables, "alembic_version"}


@pytest.mark.parametrize("change", [update(Deed).values(author="ai đó"), delete(Deed)])
def test_what_staff_did_cannot_be_changed_or_removed(url: str, change: Executable) -> None:
    migrate(url)

    async def try_it() -> list[str]:
        engine = connect(url)
        made = sessions(engine)
        async with made.begin() as session:
            note(session, "lan", "draft.saved", "vneid.la-gi", now=NOW, why="sửa lệ phí")
        with pytest.raises(DBAPIError):
            async with made.begin() as session:
                await session.execute(change)
        async with made() as session:
            kept = [f"{deed.author} {deed.act} {deed.details['why']}" for deed in await session.scalars(select(Deed))]
        await engine.dispose()
        return kept

    assert asyncio.run(try_it()) == ["lan draft.saved sửa lệ phí"]


def test_there_is_one_head_and_a_number_on_each_migration() -> None:
    script = ScriptDirectory.from_config(_config("sqlite://"))

    assert len(script.get_heads()) == 1
    assert [r.revision for r in reversed(list(script.walk_revisions()))] == [
        f"{number:04}" for number, _ in enumerate(script.walk_revisions(), start=1)
    ]


async def _fill(url: str, faq: Faq) -> None:
    engine = connect(url)
    async with sessions(engine).begin() as session:
        for piece in pieces(faq).values():
            session.add(Draft(key=piece.key, kind=piece.kind, content=piece.content, author=AUTHOR, updated_at=NOW))
    await engine.dispose()


async def _drafts(url: str) -> int:
    engine = connect(url)
    async with sessions(engine)() as session:
        count = await session.scalar(select(func.count()).select_from(Draft))
    await engine.dispose()
    return count or 0
