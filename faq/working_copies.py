"""What somebody is typing into a form: kept every few seconds, so that a closed window or a cut line loses nothing."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from faq.models import WorkingCopy

LASTS = dt.timedelta(days=30)
LATELY = dt.timedelta(minutes=15)
"""Whoever typed within this time is taken to be still at it."""
NEW = "moi:"
"""Begins the key under which an entry is kept that has no key yet."""


async def keep(
    session: AsyncSession, key: str, author: str, fields: dict[str, str], *, base: str, now: dt.datetime
) -> None:
    """Keep the form as it stands; drop what everybody has forgotten."""
    await session.execute(delete(WorkingCopy).where(WorkingCopy.updated_at < now - LASTS))
    copy = await working_copy(session, key, author)
    if copy is not None:
        copy.fields, copy.base, copy.updated_at = fields, base, now
        return
    try:
        async with session.begin_nested():
            session.add(WorkingCopy(key=key, author=author, fields=fields, base=base, updated_at=now))
    except IntegrityError:  # the same form, sent twice at once: either is good
        return


async def working_copy(session: AsyncSession, key: str, author: str) -> WorkingCopy | None:
    """Return what somebody was typing."""
    return await session.get(WorkingCopy, (key, author))


async def drop(session: AsyncSession, key: str, author: str) -> None:
    """Forget what somebody was typing: it is saved, or not wanted."""
    await session.execute(delete(WorkingCopy).where(WorkingCopy.key == key, WorkingCopy.author == author))


async def others(session: AsyncSession, key: str, author: str, now: dt.datetime) -> Sequence[WorkingCopy]:
    """Return what others are typing into the same form at this time."""
    same = select(WorkingCopy).where(WorkingCopy.key == key, WorkingCopy.author != author)
    found = await session.scalars(same.where(WorkingCopy.updated_at > now - LATELY).order_by(WorkingCopy.author))
    return found.all()


async def begun(session: AsyncSession, author: str) -> Sequence[WorkingCopy]:
    """Return the new entries that somebody has begun, the latest first."""
    own = select(WorkingCopy).where(WorkingCopy.key.startswith(NEW), WorkingCopy.author == author)
    return (await session.scalars(own.order_by(WorkingCopy.updated_at.desc()))).all()
