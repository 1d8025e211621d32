"""Tokens with which other programs read the figures: shown once, stored as a hash only."""

import datetime as dt
import secrets
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq import audit
from faq.database import Base

PREFIX = "hddvc_"
"""By which people and programs that look for lost secrets know what it is."""
LONGEST_NAME = 80
MOST_TOKENS = 100


class ApiToken(Base):
    """A row of `api_tokens`."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    """What for."""
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime | None]


class TooManyTokensError(Exception):
    """So many tokens are in use that somebody should look at them first."""


async def make_token(session: AsyncSession, name: str, *, author: str, now: dt.datetime) -> str:
    """Return a new token, for the only time; raise `TooManyTokensError`."""
    if sum(token.revoked_at is None for token in await every_token(session)) >= MOST_TOKENS:
        raise TooManyTokensError
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(token_hash=hash_of(token), name=name[:LONGEST_NAME], author=author, created_at=now)
    session.add(row)
    audit.note(session, author, "token.made", name, now=now)
    return token


async def every_token(session: AsyncSession) -> Sequence[ApiToken]:
    """Return all tokens ever made, those in use first, the newest first."""
    return (
        await session.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc()))
    ).all()


async def revoke_token(session: AsyncSession, token_hash: str, *, author: str, now: dt.datetime) -> bool:
    """Let a token open nothing any more; return whether there was one."""
    token = await session.get(ApiToken, token_hash)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = now
    audit.note(session, author, "token.revoked", token.name, now=now)
    return True


async def find_token(session: AsyncSession, token: str) -> ApiToken | None:
    """Return the row of a token that is in use."""
    row = await session.get(ApiToken, hash_of(token))
    return row if row is not None and row.revoked_at is None else None


async def note_use(session: AsyncSession, token_hash: str, now: dt.datetime) -> None:
    """Write down when a token was used last."""
    await session.execute(update(ApiToken).where(ApiToken.token_hash == token_hash).values(used_at=now))


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
