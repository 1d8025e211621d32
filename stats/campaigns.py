"""Campaigns: a leaflet or poster has a code; who comes with it sees its answer, and only that they came is counted."""

import datetime as dt
import re
import secrets

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base, Sessions
from stats.masking import mask

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another on paper."""
CODE_LENGTH = 8
_DIGITS_IN_A_ROW = re.compile(r"\d{3}")


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
    """Return a code nobody can guess or misread, and that masking takes for nobody's number."""
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if not mask(code).kinds and not _DIGITS_IN_A_ROW.search(code):
            return code


async def add(
    made: Sessions,
    *,
    name: str,
    place: str,
    author: str,
    first_day: dt.date,
    last_day: dt.date | None = None,
    entry: str | None = None,
) -> Campaign:
    """Begin a campaign that opens `entry`, the menu if there is none, and return it with its code."""
    campaign = Campaign(
        code=new_code(),
        name=name,
        place=place,
        entry=entry,
        first_day=first_day,
        last_day=last_day,
        author=author,
        created_at=dt.datetime.now(dt.UTC),
    )
    async with made.begin() as session:
        session.add(campaign)
    return campaign


async def every(made: Sessions) -> list[Campaign]:
    """Return all campaigns, the newest first."""
    async with made() as session:
        return list(await session.scalars(select(Campaign).order_by(Campaign.created_at.desc())))


async def find(made: Sessions, code: str) -> Campaign | None:
    """Return the campaign of a code, under way or not."""
    async with made() as session:
        return await session.scalar(select(Campaign).where(Campaign.code == code))
