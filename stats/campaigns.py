"""Campaigns: a leaflet or poster has a code; who comes with it sees its answer, and only that they came is counted."""

import datetime as dt
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.audit import note
from faq.database import VIETNAM, Base, Sessions
from stats.figuring import Figure, Period, by
from stats.masking import mask
from stats.questions import OPENING, TEST_CHANNEL, Question
from stats.rolling import CAMPAIGN, Counts

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
        return self.first_day <= day and not self.is_over(day)

    def is_over(self, day: dt.date) -> bool:
        """Whether it has ended before `day`."""
        return self.last_day is not None and self.last_day < day


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a campaign brought: how often its code was opened, and what was asked by those who came with it."""

    openings: int
    asked: Figure
    topics: dict[str, Figure]


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
    now: dt.datetime | None = None,
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
        created_at=now or dt.datetime.now(dt.UTC),
    )
    async with made.begin() as session:
        session.add(campaign)
        about = {"place": place, "entry": entry or "", "first_day": str(first_day), "last_day": str(last_day or "")}
        note(session, author, "campaign.made", name, now=campaign.created_at, **about)
    return campaign


async def end(made: Sessions, code: str, *, author: str, now: dt.datetime) -> bool:
    """End a campaign at once; return whether it was still to go on. Yesterday becomes its last day."""
    today = now.astimezone(VIETNAM).date()
    async with made.begin() as session:
        campaign = await session.get(Campaign, code, with_for_update=True)
        if campaign is None or campaign.is_over(today):
            return False
        campaign.last_day = today - dt.timedelta(days=1)
        note(session, author, "campaign.ended", campaign.name, now=now)
        return True


async def every(made: Sessions) -> list[Campaign]:
    """Return all campaigns, the newest first."""
    async with made() as session:
        return list(await session.scalars(select(Campaign).order_by(Campaign.created_at.desc())))


async def find(made: Sessions, code: str) -> Campaign | None:
    """Return the campaign of a code, under way or not."""
    async with made() as session:
        return await session.scalar(select(Campaign).where(Campaign.code == code))


async def openings(session: AsyncSession, codes: Collection[str]) -> dict[str, int]:
    """Return how often each code was opened."""
    query = select(Question.campaign, func.count()).where(OPENING, Question.campaign.in_(codes))
    rows = await session.execute(query.where(Question.channel != TEST_CHANNEL).group_by(Question.campaign))
    return {str(code): count for code, count in rows}


async def asked_after(session: AsyncSession, first: dt.date, last: dt.date) -> dict[str, Figure]:
    """Return what was asked by those who came with a code, by the code."""
    return await by(session, Period(first, max(first, last)), CAMPAIGN)


async def outcome(session: AsyncSession, campaign: Campaign, topics: Collection[str], today: dt.date) -> Outcome:
    """Return what a campaign brought so far; who comes with its code after its end counts too."""
    code, first, last = campaign.code, campaign.first_day, max(campaign.first_day, today)
    none = Figure(code, Counts(), 0)
    opened = await openings(session, [code])
    found = {topic: (await by(session, Period(first, last, topic), CAMPAIGN)).get(code, none) for topic in topics}
    asked = (await asked_after(session, first, last)).get(code, none)
    return Outcome(
        opened.get(code, 0), asked, {t: replace(figure, key=t) for t, figure in found.items() if figure.questions}
    )
