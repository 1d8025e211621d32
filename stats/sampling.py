"""Accuracy by hand: each week some masked questions, drawn by chance, whose answers staff judge."""

import datetime as dt
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, String, Text, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.audit import note
from faq.database import VIETNAM, Base, Sessions
from stats.endings import Ending
from stats.intervals import wilson
from stats.questions import HAS_WORDS, TEST_CHANNEL, Question
from stats.rolling import StaffPerson

SAMPLE = 50
"""Questions a week: some twenty minutes for whoever judges."""
JUDGED_ENDINGS = (Ending.ANSWERED, Ending.OFFERED)
SEEDS = 2**32
A_WEEK = dt.timedelta(days=7)


class Verdict(StrEnum):
    """What staff think of an answer."""

    RIGHT = "right"
    HALF = "half"
    WRONG = "wrong"
    UNCLEAR = "unclear"
    """Nobody can tell what was meant: counted, but neither for nor against."""


VERDICTS: dict[Verdict, str] = {
    Verdict.RIGHT: "Đúng",
    Verdict.HALF: "Đúng một phần",
    Verdict.WRONG: "Sai",
    Verdict.UNCLEAR: "Không rõ",
}
"""In the order of the keys 1 to 4."""


class Sample(Base):
    """A row of `samples`: a masked question with the answer it got, and what staff think of that."""

    __tablename__ = "samples"

    monday: Mapped[dt.date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    ending: Mapped[str] = mapped_column(String(24))
    entry: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    """`right`, `half`, `wrong` or `unclear`; none until judged."""
    judged_by: Mapped[str | None] = mapped_column(String(80))
    judged_at: Mapped[dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What judging the answers of a week came to."""

    monday: dt.date
    drawn: int
    right: int
    half: int
    wrong: int
    unclear: int

    @property
    def judged(self) -> int:
        """How many have been judged."""
        return self.decided + self.unclear

    @property
    def decided(self) -> int:
        """Of how many the share is one: those whose meaning is clear."""
        return self.right + self.half + self.wrong

    @property
    def share(self) -> float | None:
        """Share of wholly right answers."""
        return self.right / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.right, self.decided)


async def draw(sessions: Sessions, monday: dt.date, *, now: dt.datetime, seed: int | None = None) -> int:
    """Draw the questions of a week that is over, once; return how many it has.

    The seed, which is chance unless given, is noted: with it and the records anybody can draw the same again.
    """
    async with sessions() as session:
        there = await session.scalar(select(func.count()).select_from(Sample).where(Sample.monday == monday)) or 0
        names = [] if there else list(await session.scalars(_drawable(monday)))
    if there or not names:
        return there
    seed = secrets.randbelow(SEEDS) if seed is None else seed
    try:
        async with sessions.begin() as session:
            return await _put(session, monday, names, seed, now)
    except IntegrityError:  # somebody else has drawn meanwhile
        return await draw(sessions, monday, now=now)


def drawn(names: Sequence[str], seed: int) -> list[str]:
    """Return which of some questions, in the order of their ids, a seed draws."""
    return random.Random(seed).sample(names, min(SAMPLE, len(names)))  # noqa: S311 - to be repeated, not to be secret


async def _put(session: AsyncSession, monday: dt.date, names: Sequence[str], seed: int, now: dt.datetime) -> int:
    chosen = drawn(names, seed)
    found = {q.id: q for q in await session.scalars(select(Question).where(Question.id.in_(chosen)))}
    questions = [found[name] for name in chosen if name in found]
    for number, question in enumerate(questions, 1):
        kept = {name: getattr(question, name) for name in ("text", "ending", "entry", "confidence")}
        session.add(Sample(monday=monday, number=number, question_id=question.id, **kept))
    note(session, "service", "sample.drawn", monday.isoformat(), now=now, seed=seed, of=len(names))
    await session.flush()
    return len(questions)


def _drawable(monday: dt.date) -> Select[str]:
    midnight = dt.datetime.combine(monday, dt.time.min, tzinfo=VIETNAM)
    within = (Question.asked_at >= midnight, Question.asked_at < midnight + A_WEEK)
    citizens = Question.person.is_(None) | Question.person.not_in(select(StaffPerson.person))
    query = select(Question.id).where(*within, Question.ending.in_(JUDGED_ENDINGS), Question.kind == "text", HAS_WORDS)
    return query.where(Question.channel != TEST_CHANNEL, citizens).order_by(Question.id)


async def next_one(session: AsyncSession, monday: dt.date, *, begin: int = 0) -> Sample | None:
    """Return a question that nobody has judged; who begins elsewhere in the list meets the others late."""
    open_ones = select(Sample).where(Sample.monday == monday, Sample.verdict.is_(None), Sample.text != "")
    found = list(await session.scalars(open_ones.order_by(Sample.number)))
    later = [sample for sample in found if sample.number > begin % SAMPLE]
    return next(iter(later or found), None)


async def judge(
    session: AsyncSession, monday: dt.date, number: int, verdict: Verdict, *, author: str, now: dt.datetime
) -> bool:
    """Write down a verdict, unless somebody was faster; return whether it is this one."""
    mine = update(Sample).where(Sample.monday == monday, Sample.number == number, Sample.verdict.is_(None))
    changed = mine.values(verdict=verdict, judged_by=author, judged_at=now).returning(Sample.number)
    done = await session.scalar(changed) is not None
    if done:
        note(session, author, "sample.judged", _name(monday, number), now=now, verdict=verdict)
    return done


async def last_of(session: AsyncSession, monday: dt.date, author: str) -> Sample | None:
    """Return what somebody judged last."""
    mine = select(Sample).where(Sample.monday == monday, Sample.judged_by == author, Sample.verdict.is_not(None))
    return await session.scalar(mine.order_by(Sample.judged_at.desc(), Sample.number.desc()).limit(1))


async def undo(session: AsyncSession, monday: dt.date, *, author: str, now: dt.datetime) -> int | None:
    """Take back what somebody judged last; return its number."""
    last = await last_of(session, monday, author)
    if last is None:
        return None
    note(session, author, "sample.undone", _name(monday, last.number), now=now, verdict=last.verdict)
    last.verdict = last.judged_by = last.judged_at = None
    return last.number


async def checked(session: AsyncSession, monday: dt.date) -> Checked:
    """Return what judging a week's answers came to."""
    return (await _checked(session, Sample.monday == monday)).get(monday, Checked(monday, 0, 0, 0, 0, 0))


async def checked_weeks(session: AsyncSession, most: int) -> list[Checked]:
    """Return that of the weeks that were drawn, the latest first."""
    mondays = select(Sample.monday).distinct().order_by(Sample.monday.desc()).limit(most)
    found = await _checked(session, Sample.monday.in_(list(await session.scalars(mondays))))
    return sorted(found.values(), key=lambda week: week.monday, reverse=True)


async def _checked(session: AsyncSession, which: ColumnElement[bool]) -> dict[dt.date, Checked]:
    query = select(Sample.monday, Sample.verdict, func.count()).where(which)
    counts: dict[dt.date, dict[str | None, int]] = {}
    for monday, verdict, count in await session.execute(query.group_by(Sample.monday, Sample.verdict)):
        counts.setdefault(monday, {})[verdict] = count
    return {
        monday: Checked(monday, sum(found.values()), *(found.get(verdict, 0) for verdict in Verdict))
        for monday, found in counts.items()
    }


def _name(monday: dt.date, number: int) -> str:
    return f"{monday.isoformat()} {number}"
