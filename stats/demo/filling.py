"""Writing a made-up year into a database, fast: rows in bulk, indexes afterwards, roll-ups at the end."""

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from faq.database import Base, sessions
from faq.folding import fold
from faq.models import Release, ReleaseState
from nlu.understanding import Guess, Understanding
from stats.campaigns import Campaign
from stats.demo.themes import THEMES
from stats.demo.town import FEEDBACK_COLUMNS, QUESTION_COLUMNS, Day, Heard, Town, noon
from stats.feedback import Feedback
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting, Why
from stats.likeness import WordWeights, vector
from stats.questions import TEST_CHANNEL, Question
from stats.rolling import Roller, StaffPerson
from stats.spans import quarter_of

AUTHOR = "demo-data"
A_BATCH = 20_000
DOUBT = 0.8
MOST_WORDINGS, MOST_SEEN = 30, 5
"""Of a theme in the inbox, and records of a wording: enough to decide on."""

Tell = Callable[[str], object]
"""Hears how far it is, in words."""


async def citizens_questions(engine: AsyncEngine) -> int:
    """Count what citizens asked, up to the first few: whether there is any is what matters."""
    some = select(Question.id).where(Question.channel != TEST_CHANNEL).limit(A_BATCH).subquery()
    async with engine.connect() as connection:
        return await connection.scalar(select(func.count()).select_from(some)) or 0


async def fill(engine: AsyncEngine, town: Town, tell: Tell = lambda _: None) -> None:
    """Write a town's messages, campaigns, releases and themes, and roll them up."""
    async with engine.connect() as connection, _without_indexes(connection, wanted=not town.salt):
        waiting = Day([], [])
        for number, day in enumerate(town.all_days(), start=1):
            waiting.questions += day.questions
            waiting.feedback += day.feedback
            if len(waiting.questions) >= A_BATCH or number == town.days:
                await _write(connection, Question, QUESTION_COLUMNS, waiting.questions)
                await _write(connection, Feedback, FEEDBACK_COLUMNS, waiting.feedback)
                waiting = Day([], [])
                tell(f"{number}/{town.days} ngày")
        tell("lập chỉ mục")
    await _surroundings(engine, town)
    tell("tổng hợp theo ngày")
    await Roller(sessions(engine)).refresh()


@asynccontextmanager
async def _without_indexes(connection: AsyncConnection, *, wanted: bool) -> AsyncIterator[None]:
    """Keep empty tables without their indexes meanwhile: making them at the end takes a fraction of the time."""
    indexes = [index for table in _TABLES for index in table.indexes] if wanted else []
    for index in indexes:
        await connection.run_sync(index.drop, checkfirst=True)
    await connection.commit()
    try:
        yield
    finally:
        for index in indexes:
            await connection.run_sync(index.create, checkfirst=True)
        await connection.commit()


async def _write(connection: AsyncConnection, table: type[Base], columns: Sequence[str], rows: list[Any]) -> None:
    if not rows:
        return
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if connection.dialect.name == "postgresql":
        await driver.copy_records_to_table(table.__tablename__, records=rows, columns=columns)
    else:
        marks = ", ".join("?" * len(columns))
        names = ", ".join(f'"{name}"' for name in columns)
        written = ((row[0], row[1].replace(tzinfo=None).isoformat(" ", "microseconds"), *row[2:]) for row in rows)
        await driver.executemany(f"INSERT INTO {table.__tablename__} ({names}) VALUES ({marks})", written)  # noqa: S608 - own names
        await driver.commit()


async def _surroundings(engine: AsyncEngine, town: Town) -> None:
    async with sessions(engine).begin() as session:
        for row in (*_campaigns(town), *_releases(town), *_groups(town), *_wordings(town), *_staff(town)):
            await session.merge(row)


def _campaigns(town: Town) -> list[Campaign]:
    return [
        Campaign(
            code=code,
            name=drive.name,
            place=drive.place,
            entry=next((s.entry for s in town.sources if drive.topic and s.topic == drive.topic), None),
            first_day=drive.first_day(town.since, town.days),
            last_day=drive.first_day(town.since, town.days) + dt.timedelta(days=drive.days - 1),
            author=AUTHOR,
            created_at=noon(drive.first_day(town.since, town.days)),
        )
        for code, drive in town.drives
    ]


def _releases(town: Town) -> list[Release]:
    """Return what was live once; none is live, for there is no model behind it."""
    return [
        Release(
            id=DEMO_IDS + number,
            name=name,
            state=ReleaseState.PAST,
            model_file="",
            fingerprint="",
            report={},
            author=AUTHOR,
            created_at=noon(day),
            live_since=noon(day),
        )
        for number, (day, name) in enumerate(town.releases)
    ]


def _groups(town: Town) -> list[InboxGroup]:
    """Return the themes as groups of the inbox, with what became of them."""
    found = []
    for number, theme in enumerate(THEMES):
        heard = town.heard[theme.id]
        if heard.first_at is None or heard.last_at is None:
            continue
        decided = theme.answered is not None and theme.answered < 1
        day = town.since + dt.timedelta(days=int((theme.answered or 0) * town.days))
        found.append(
            InboxGroup(
                id=DEMO_IDS + number,
                text=theme.sentences[0],
                decision=Decision.NEW_ENTRY if decided else Decision.OPEN,
                people=len(heard.people),
                times=heard.times,
                wordings=len(_frequent(heard)),
                whys={str(Why.NOT_UNDERSTOOD): heard.times},
                doubt=DOUBT,
                rank=DOUBT * len(heard.people),
                guess=town.answers(theme).entry,
                first_at=heard.first_at,
                last_at=heard.last_at,
                decided_by=AUTHOR if decided else None,
                decided_at=noon(day) - dt.timedelta(days=2) if decided else None,
                target=town.answers(theme).entry if decided else None,
            )
        )
    return found


def _wordings(town: Town) -> Iterator[InboxMessage | InboxSighting]:
    """Yield the most frequent wordings of the open themes, and by whom they were seen to be asked."""
    weights = WordWeights.of(text for entry in town.faq.entries for text in entry.examples)
    for number, theme in enumerate(THEMES):
        heard = town.heard[theme.id]
        people: list[str | None] = [*sorted(heard.people)] or [None]
        understood = Understanding((Guess(str(town.answers(theme).entry), 1 - DOUBT),))
        for place, (text, times) in enumerate(_frequent(heard)):
            folded = fold(text)
            shown = {"text": text, "times": times, "people": min(times, len(people)), "unfit": ""}
            yield InboxMessage(
                folded=folded, group_id=DEMO_IDS + number, vector=vector(folded, understood, weights), **shown
            )
            for seen in range(min(times, MOST_SEEN)):
                yield InboxSighting(
                    id=f"demo{number:04}{place:04}{seen:04}",
                    folded=folded,
                    person=people[(place + seen) % len(people)],
                    at=heard.last_at,
                    why=Why.NOT_UNDERSTOOD,
                    doubt=DOUBT,
                )


def _frequent(heard: Heard) -> list[tuple[str, int]]:
    """Return what was heard most often, each wording once."""
    counts: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for text, times in sorted(heard.texts.items(), key=lambda one: (-one[1], one[0])):
        counts[fold(text)] += times
        spelt.setdefault(fold(text), text)
    return [(spelt[folded], times) for folded, times in counts.most_common(MOST_WORDINGS) if folded]


def _staff(town: Town) -> list[StaffPerson]:
    quarters = sorted({quarter_of(town.since + dt.timedelta(days=number)) for number in range(town.days)})
    return [StaffPerson(person=person) for quarter in quarters for person in town.staff(quarter)]


DEMO_IDS = 900_000
"""Far from the numbers that the service gives."""
_TABLES: tuple[Table, ...] = (Base.metadata.tables["questions"], Base.metadata.tables["feedback"])
