"""The one database of the service: connection, table base, migrations. SQLite or PostgreSQL.

It stands in `faq` because that is the lowest room that stores anything; `stats` and `web` add their tables to it.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, MetaData, TypeDecorator, event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 15
VIETNAM = dt.timezone(dt.timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Vietnam has had no summer time since 1975."""

Sessions = async_sessionmaker[AsyncSession]


class UtcTime(TypeDecorator[dt.datetime]):
    """An instant, stored in UTC and returned with its time zone (SQLite forgets it)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's hook
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002, D102 - SQLAlchemy's hook
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(AsyncAttrs, DeclarativeBase):
    """Base of every table of every room."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UtcTime, dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy reads it so


def connect(url: str) -> AsyncEngine:
    """Return the engine for `url`, as people write it (`sqlite:///…`, `postgresql://…`)."""
    try:
        engine = create_async_engine(async_url(url), pool_pre_ping=True, hide_parameters=True)
    except (ImportError, ValueError):
        raise ArgumentError("neither SQLite nor PostgreSQL, or no number for a port") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def sessions(engine: AsyncEngine) -> Sessions:
    """Return the factory of sessions on `engine`."""
    return async_sessionmaker(engine, expire_on_commit=False)


def async_url(url: str) -> str:
    """Name the asyncio driver in a database address."""
    for plain, driver in (
        ("sqlite:", "sqlite+aiosqlite:"),
        ("postgresql:", "postgresql+asyncpg:"),
        ("postgres:", "postgresql+asyncpg:"),
    ):
        if url.startswith(plain):
            return driver + url.removeprefix(plain)
    return url


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
