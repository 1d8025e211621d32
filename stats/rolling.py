"""Roll-ups: what was asked, counted by day and by week, so that no page has to read the records.

A day's cells follow from its records alone (`cells_of`): a day in which anything changed is counted again as a whole,
which makes late records, deleted people and rebuilding one and the same thing. Distinct people are exact: each cell
keeps the numbers of its people, and cells of several days are united, not added. Pseudonyms change with the quarter
(`stats.pseudonyms`): over more than one quarter somebody counts once in each.
"""

import asyncio
import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, Index, LargeBinary, String, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import VIETNAM, Base, Sessions
from faq.entries import SCAM_TOPIC
from stats.endings import Ending
from stats.feedback import HELPFUL, NOT_HELPFUL, Feedback
from stats.questions import TEST_CHANNEL, Question

log = logging.getLogger(__name__)

DAY, WEEK = "d", "w"
EVERYTHING = ""
"""Stands where a cell is about all topics, or about all values of its kind."""
UNKNOWN = "?"
"""Key of what has no topic, aspect or entry."""
BATCH = 500
MILLION = 1_000_000
PAUSE = 3.0
"""Seconds between two looks for days to count again."""
REST = 9
"""Times as long as counting took, it rests: on a busy day, too, it takes a tenth of a core at most."""


class DayCell(Base):
    """A row of `day_cells`: counts of a day or of a week, of one topic or of all, by one kind of thing."""

    __tablename__ = "day_cells"
    __table_args__ = (Index("ix_day_cells_topic_dim", "topic", "dim", "level", "first_day"),)

    level: Mapped[str] = mapped_column(String(1), primary_key=True)
    first_day: Mapped[dt.date] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    dim: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    answered: Mapped[int]
    offered: Mapped[int]
    not_understood: Mapped[int]
    out_of_scope: Mapped[int]
    personal_data: Mapped[int]
    unavailable: Mapped[int]
    small_talk: Mapped[int]
    pressed: Mapped[int]
    """Buttons, commands, and whatever else is no typed message."""
    scam: Mapped[int]
    """Of the questions: about scams."""
    helpful: Mapped[int]
    not_helpful: Mapped[int]
    sure_sum: Mapped[int] = mapped_column(BigInteger)
    """Of the confidences, in millionths: whole numbers add up the same in any order."""
    sure_count: Mapped[int]
    people: Mapped[bytes] = mapped_column(LargeBinary)
    """Numbers of the people who asked, as sorted unsigned 32-bit integers, the lowest byte first."""


class PersonNumber(Base):
    """Gives each pseudonym a short number, so that sets of people stay small."""

    __tablename__ = "person_numbers"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    person: Mapped[str] = mapped_column(String(32), unique=True)


class ChangedDay(Base):
    """A day whose records changed since it was counted; `times` grows with each change."""

    __tablename__ = "changed_days"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(BigInteger)


class StaffPerson(Base):
    """A pseudonym under which somebody of the staff writes: what they ask is no citizen's question."""

    __tablename__ = "staff_people"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)


class Where(NamedTuple):
    """Which cell: of a topic (or all), by one kind of thing (dim), for one value of it."""

    topic: str
    dim: str
    key: str


ALL, TOPIC, ASPECT, ENTRY, HOUR, CHANNEL, CAMPAIGN, RELEASE, EXCLUDED = (
    "all",
    "topic",
    "aspect",
    "entry",
    "hour",
    "channel",
    "campaign",
    "release",
    "excluded",
)
TESTS, STAFF = "tests", "staff"


@dataclass(slots=True)
class Counts:
    """What a cell counts; a question is a typed message that is no small talk."""

    answered: int = 0
    offered: int = 0
    not_understood: int = 0
    out_of_scope: int = 0
    personal_data: int = 0
    unavailable: int = 0
    small_talk: int = 0
    pressed: int = 0
    scam: int = 0
    helpful: int = 0
    not_helpful: int = 0
    sure_sum: int = 0
    sure_count: int = 0

    @property
    def questions(self) -> int:
        """Number of questions: the six endings of a typed message add up to it."""
        return sum(getattr(self, name) for name in QUESTION_ENDINGS)

    @property
    def messages(self) -> int:
        """Number of messages of every kind."""
        return self.questions + self.small_talk + self.pressed

    def add(self, other: "Counts") -> None:
        """Add what another one counted."""
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


COUNTED = tuple(f.name for f in fields(Counts))
QUESTION_ENDINGS = ("answered", "offered", "not_understood", "out_of_scope", "personal_data", "unavailable")
_TYPED = {str(ending) for ending in Ending} - {Ending.MENU}


@dataclass(slots=True)
class Cell:
    """Counts and the people behind the questions."""

    counts: Counts = field(default_factory=Counts)
    people: set[int] = field(default_factory=set)


class Record(NamedTuple):
    """What of a record is counted."""

    asked_at: dt.datetime
    person: str | None
    channel: str
    kind: str
    ending: str
    topic: str | None
    aspect: str | None
    entry: str | None
    campaign: str | None
    release: str | None
    confidence: float | None


class Said(NamedTuple):
    """Whether an answer helped somebody."""

    kind: str
    entry: str | None
    channel: str
    person: str | None


Cells = dict[Where, Cell]
Stored = Mapping[Where, tuple[Counts, bytes]]


def cells_of(
    records: Iterable[Record], said: Iterable[Said], numbers: Mapping[str, int], staff: Collection[str] = ()
) -> Cells:
    """Count the records of a day."""
    cells: Cells = defaultdict(Cell)
    for record in records:
        excluded = TESTS if record.channel == TEST_CHANNEL else STAFF if record.person in staff else None
        places = [Where(EVERYTHING, EXCLUDED, excluded)] if excluded else _places(record)
        counts, number = _counts(record), numbers.get(record.person or "")
        asked = counts.questions > 0
        for place in places:
            cell = cells[place]
            cell.counts.add(counts)
            if asked and number is not None:
                cell.people.add(number)
    for one in said:
        if one.channel != TEST_CHANNEL and one.person not in staff and one.kind in {HELPFUL, NOT_HELPFUL}:
            counts = Counts(helpful=int(one.kind == HELPFUL), not_helpful=int(one.kind == NOT_HELPFUL))
            for place in _places_of_answer(one.entry):
                cells[place].counts.add(counts)
    return dict(cells)


def _places(record: Record) -> list[Where]:
    keys = {
        ASPECT: record.aspect or UNKNOWN,
        ENTRY: record.entry or UNKNOWN,
        HOUR: f"{record.asked_at.astimezone(VIETNAM).hour:02}",
        CHANNEL: record.channel,
        RELEASE: record.release or UNKNOWN,
        **({CAMPAIGN: record.campaign} if record.campaign else {}),
    }
    topic = record.topic or UNKNOWN
    crossed = [Where(t, dim, key) for t in (EVERYTHING, topic) for dim, key in {ALL: EVERYTHING, **keys}.items()]
    return [Where(EVERYTHING, TOPIC, topic), *crossed]


def _places_of_answer(entry: str | None) -> list[Where]:
    topic = entry.partition(".")[0] if entry else UNKNOWN
    crossed = [Where(t, *at) for t in (EVERYTHING, topic) for at in ((ALL, EVERYTHING), (ENTRY, entry or UNKNOWN))]
    return [Where(EVERYTHING, TOPIC, topic), *crossed]


def _counts(record: Record) -> Counts:
    if record.kind != "text" or record.ending not in _TYPED:
        return Counts(pressed=1)
    counts = Counts(scam=int(record.topic == SCAM_TOPIC and record.ending != Ending.SMALL_TALK))
    setattr(counts, record.ending, 1)
    if record.confidence is not None and record.ending != Ending.SMALL_TALK:
        counts.sure_sum, counts.sure_count = round(record.confidence * MILLION), 1
    return counts


def packed(people: Iterable[int]) -> bytes:
    """Return a set of people as it is stored."""
    return np.fromiter(sorted(people), dtype="<u4").tobytes()


def united(stored: Iterable[bytes]) -> int:
    """Count the different people of several cells."""
    joined = b"".join(stored)
    return len(np.unique(np.frombuffer(joined, dtype="<u4"))) if joined else 0


def monday_of(day: dt.date) -> dt.date:
    """Return the first day of the ISO week of `day`."""
    return day - dt.timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A cell that is not what its records say."""

    level: str
    first_day: dt.date
    where: Where
    stored: Counts | None
    counted: Counts | None


class Roller:
    """Keeps the roll-ups up to date."""

    def __init__(self, sessions: Sessions, zone: dt.tzinfo = VIETNAM) -> None:
        self._sessions = sessions
        self._zone = zone
        self._one_by_one = asyncio.Lock()

    async def run(self, pause: float = PAUSE) -> None:
        """Count changed days again until cancelled."""
        while True:
            began = time.monotonic()
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001 - a driver's own errors too; the next look may do better
                log.warning("roll-ups are late (%s)", type(error).__name__)
            await asyncio.sleep(max(pause, REST * (time.monotonic() - began)))

    async def refresh(self) -> int:
        """Count every changed day again; return how many there were."""
        async with self._one_by_one:
            async with self._sessions() as session:
                changed = (await session.execute(select(ChangedDay.day, ChangedDay.times))).all()
            for day, times in changed:
                await self._count_again(day, times)
            return len(changed)

    async def rebuild(self, days: Collection[dt.date]) -> list[Mismatch]:
        """Count days again from their records and return what was stored otherwise."""
        found = []
        for day in sorted(days):
            async with self._sessions() as session:
                stored = await _stored(session, DAY, day)
            counted = await self._counted(day)
            found += _mismatches(DAY, day, stored, counted)
            async with self._sessions.begin() as session:
                await _replace(session, DAY, day, counted)
        for monday in sorted({monday_of(day) for day in days}):
            async with self._sessions() as session:
                stored, counted = await _stored(session, WEEK, monday), await _week(session, monday)
            found += _mismatches(WEEK, monday, stored, counted)
            async with self._sessions.begin() as session:
                await _replace(session, WEEK, monday, counted)
        return found

    async def _count_again(self, day: dt.date, times: int) -> None:
        """Count a day and its week; what changes meanwhile leaves the day marked."""
        counted, monday = await self._counted(day), monday_of(day)
        # What was read is written in a transaction of its own: SQLite lets nobody who has read become a writer if
        # another one has written meanwhile, and recording must not wait while a day is counted.
        async with self._sessions.begin() as session:
            await _replace(session, DAY, day, counted)
            await _replace(session, WEEK, monday, await _week(session, monday))
            await session.execute(delete(ChangedDay).where(ChangedDay.day == day, ChangedDay.times == times))

    async def _counted(self, day: dt.date) -> Stored:
        first, behind = bounds(day, self._zone)
        columns = [getattr(Question, name) for name in Record._fields]
        asked = select(*columns).where(Question.asked_at >= first, Question.asked_at < behind)
        rated = select(Feedback.kind, Feedback.entry, Feedback.channel, Feedback.person)
        rated = rated.where(Feedback.said_at >= first, Feedback.said_at < behind)
        async with self._sessions() as session:
            records = [Record(*row) for row in await session.execute(asked)]
            said = [Said(*row) for row in await session.execute(rated)]
            staff = frozenset(await session.scalars(select(StaffPerson.person)))
        numbers = await self._numbered({record.person for record in records if record.person})
        cells = await asyncio.to_thread(cells_of, records, said, numbers, staff)
        return {where: (cell.counts, packed(cell.people)) for where, cell in cells.items()}

    async def _numbered(self, people: Collection[str]) -> dict[str, int]:
        """Return the numbers of people; who has none gets one."""
        async with self._sessions() as session:
            known = await _known(session, people)
        new = sorted(set(people) - set(known))
        if not new:
            return known
        async with self._sessions.begin() as session:
            for start in range(0, len(new), BATCH):
                rows = [{"person": person} for person in new[start : start + BATCH]]
                await session.execute(_upsert(session)(PersonNumber).values(rows).on_conflict_do_nothing())
            return {**known, **await _known(session, new)}


def bounds(day: dt.date, zone: dt.tzinfo = VIETNAM) -> tuple[dt.datetime, dt.datetime]:
    """Return the first instant of a day of the place, and the first one after it."""
    midnight = dt.datetime.combine(day, dt.time.min, tzinfo=zone)
    return midnight, midnight + dt.timedelta(days=1)


async def mark_changed(session: AsyncSession, moments: Iterable[dt.datetime], zone: dt.tzinfo = VIETNAM) -> None:
    """Note that records of these moments were written or removed, in the transaction that does it."""
    for day in sorted({moment.astimezone(zone).date() for moment in moments}):
        statement = _upsert(session)(ChangedDay).values(day=day, times=1)
        again = {"times": ChangedDay.times + 1}
        await session.execute(statement.on_conflict_do_update(index_elements=[ChangedDay.day], set_=again))


async def _known(session: AsyncSession, people: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    wanted = sorted(people)
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        rows = await session.execute(
            select(PersonNumber.person, PersonNumber.number).where(PersonNumber.person.in_(batch))
        )
        found.update((person, number) for person, number in rows)
    return found


async def _week(session: AsyncSession, monday: dt.date) -> Stored:
    """Return the cells of a week, from those of its days."""
    query = select(DayCell).where(DayCell.level == DAY, DayCell.first_day >= monday)
    rows = await session.scalars(query.where(DayCell.first_day < monday + dt.timedelta(days=7)))
    counts: dict[Where, Counts] = defaultdict(Counts)
    people: dict[Where, list[bytes]] = defaultdict(list)
    for row in rows:
        where = Where(row.topic, row.dim, row.key)
        counts[where].add(_counts_of(row))
        people[where].append(row.people)
    return {where: (counts[where], _joined(people[where])) for where in counts}


def _joined(stored: Sequence[bytes]) -> bytes:
    return np.unique(np.frombuffer(b"".join(stored), dtype="<u4")).astype("<u4").tobytes()


async def _stored(session: AsyncSession, level: str, first_day: dt.date) -> Stored:
    rows = await session.scalars(select(DayCell).where(DayCell.level == level, DayCell.first_day == first_day))
    return {Where(row.topic, row.dim, row.key): (_counts_of(row), row.people) for row in rows}


async def _replace(session: AsyncSession, level: str, first_day: dt.date, cells: Stored) -> None:
    await session.execute(delete(DayCell).where(DayCell.level == level, DayCell.first_day == first_day))
    rows: list[dict[str, Any]] = [
        {
            "level": level,
            "first_day": first_day,
            **where._asdict(),
            **{name: getattr(counts, name) for name in COUNTED},
            "people": people,
        }
        for where, (counts, people) in cells.items()
    ]
    if rows:
        await session.execute(insert(DayCell), rows)


def _counts_of(row: DayCell) -> Counts:
    return Counts(**{name: getattr(row, name) for name in COUNTED})


def _mismatches(
    level: str,
    first_day: dt.date,
    stored: Stored,
    counted: Stored,
) -> list[Mismatch]:
    return [
        Mismatch(level, first_day, where, *(cells[where][0] if where in cells else None for cells in (stored, counted)))
        for where in {**stored, **counted}
        if stored.get(where) != counted.get(where)
    ]


def _upsert(session: AsyncSession) -> Any:
    """Return the insert that can update instead: both databases have it, each its own."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
