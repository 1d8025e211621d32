"""Campaigns: a leaflet or poster has a code; who comes with it sees its answer, and only that they came is counted."""

import datetime as dt
import secrets

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base, Sessions

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper."""
CODE_LENGTH = 8


class Campaign(Base):
    """A row of `campaigns`; its code says nothing of anybody."""

    __tablename__ = "campaigns"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(120))
    entry: Mapped[str | None] = mapped_column(String(64))
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date | None]
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]

    def holds(self, day: dt.date) -> bool:
        """Whether the campaign is under way on `day`."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


def new_code() -> str:
    """Return a code nobody can guess or misread."""
    # No digits in a row that masking would take for somebody's number.
    return "".join(secrets.choice(CODE_LETTERS[:-8] if place % 2 else CODE_LETTERS) for place in range(CODE_LENGTH))


async def find(made: Sessions, code: str) -> Campaign | None:
    """Return the campaign of a code, under way or not."""
    async with made() as session:
        return await session.scalar(select(Campaign).where(Campaign.code == code))
