"""Alembic's entry: run the migrations on the database that `faq.migrating` names."""

import asyncio

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from faq.database import Base


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


def _main(url: str) -> None:
    if url.startswith("sqlite"):
        # Without the asyncio driver: its thread would report a failed connection to a loop that is closed already.
        engine = create_engine(url.replace("+aiosqlite", ""))
        with engine.connect() as connection:
            _run(connection)
            connection.commit()
        engine.dispose()
    else:
        asyncio.run(_main_async(url))


async def _main_async(url: str) -> None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
            await connection.commit()
    finally:
        await engine.dispose()


_main(str(context.config.get_main_option("sqlalchemy.url")))
