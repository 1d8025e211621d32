"""Roll-ups: what was asked, counted by day, so that no page has to read the records; and by week, month and quarter.

A day's cells follow from its records alone (`cells_of`): a day in which anything changed is counted again as a whole,
which makes late records, deleted people and rebuilding one and the same thing. Weeks, months and quarters are added up
from them once they are over, and again when a day of theirs changes. Distinct people are exact: each cell keeps the
numbers of its people, and cells of a quarter are united, not added. Pseudonyms change with the quarter
(`stats.pseudonyms`): over more than one quarter somebody counts once in each.

Several processes may count at a time: a mark on a day (`ChangedDay`) goes only when what was counted for it stands.
"""

import asyncio
import datetime as dt
import logging
import math
import secrets
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Index, LargeBinary, String, delete, func, insert, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import VIETNAM, Base, Sessions
from faq.entries import SCAM_TOPIC
from stats.endings import Ending
from stats.feedback import HELPFUL, NOT_HELPFUL, Feedback
from stats.questions import TEST_CHANNEL, Question
from stats.spans import DAY, MONTH, QUARTER, WEEK, Span, span_of

log = logging.getLogger(__name__)

MADE_OF = {WEEK: DAY, MONTH: DAY, QUARTER: MONTH}
"""Of which cells those of a level are added up; those of it that are over are kept."""
EVERYTHING = ""
"""Stands where a cell is about all topics, or about all values of its kind."""
UNKNOWN = "?"
"""Key of what has no topic, aspect or entry."""
BATCH = 500
MILLION = 1_000_000
PAUSE = 3.0
"""Seconds between two looks for days to count again."""
BYTES = 4
"""Of a person's number as it is stored."""
CLOSE = 64
"""Numbers that lie no further apart than this on average are ticked off, others are sorted."""
TRIES = 5
ONE_WRITER = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(30112026)"}
REST = 9
"""Times as long as counting took, it rests: on a busy day, too, it takes a tenth of a core at most."""


class DayCell(Base):
    """A row of `day_cells`: counts of a day or a longer span, of one topic or of all, by one kind of thing."""

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
    """A day whose records changed since it was counted; `times` is another number after each change."""

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


ALL, TOPIC, ASPECT, ENTRY, HOUR, CHANNEL, CAMPAIGN, RELEASE, ENDING, EXCLUDED = (
    "all",
    "topic",
    "aspect",
    "entry",
    "hour",
    "channel",
    "campaign",
    "release",
    "ending",
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
_QUESTION_ENDINGS = frozenset(QUESTION_ENDINGS)
_SURE = {Ending.ANSWERED, Ending.OFFERED}
"""Endings of which the model's confidence is counted: of the others it says that there was no good guess."""
_TYPED = {str(ending) for ending in Ending} - {Ending.MENU}


@dataclass(slots=True)
class Cell:
    """Counts and the people behind the questions."""

    counts: Counts = field(default_factory=Counts)
    people: set[int] = field(default_factory=set)

    def count(self, counted: Mapping[str, int], number: int | None) -> None:
        """Count a message or a word about an answer, and who asked."""
        counts = self.counts
        for name, count in counted.items():
            setattr(counts, name, getattr(counts, name) + count)
        if number is not None:
            self.people.add(number)

    def unite(self, other: "Cell") -> None:
        """Add what another cell counted."""
        self.counts.add(other.counts)
        self.people |= other.people


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
People = np.ndarray[Any, np.dtype[np.uint32]]
Stored = Mapping[Where, tuple[Counts, bytes]]


def cells_of(
    records: Iterable[Record], said: Iterable[Said], numbers: Mapping[str, int], staff: Collection[str] = ()
) -> Cells:
    """Count the records of a day."""
    cells: Cells = defaultdict(Cell)
    for record in records:
        excluded = TESTS if record.channel == TEST_CHANNEL else STAFF if record.person in staff else None
        places = [Where(EVERYTHING, EXCLUDED, excluded)] if excluded else _places(record)
        counted = _counted_of(record)
        number = numbers.get(record.person or "") if counted.keys() & _QUESTION_ENDINGS else None
        for place in places:
            cells[place].count(counted, number)
    for one in said:
        if one.channel != TEST_CHANNEL and one.person not in staff:
            topic = one.entry.partition(".")[0] if one.entry else UNKNOWN
            for place in (Where(topic, ALL, EVERYTHING), Where(topic, ENTRY, one.entry or UNKNOWN)):
                cells[place].count({one.kind: 1}, None)
    return _with_all_topics(cells)


def _places(record: Record) -> list[Where]:
    topic = record.topic or UNKNOWN
    found = [
        Where(topic, ALL, EVERYTHING),
        Where(topic, ASPECT, record.aspect or UNKNOWN),
        Where(topic, ENTRY, record.entry or UNKNOWN),
        Where(topic, HOUR, hour_key(record.asked_at)),
        Where(topic, CHANNEL, record.channel),
        Where(topic, RELEASE, record.release or UNKNOWN),
    ]
    if record.kind == "text" and record.ending in _QUESTION_ENDINGS:  # of the others nobody is counted
        found.append(Where(topic, ENDING, record.ending))
    return [*found, Where(topic, CAMPAIGN, record.campaign)] if record.campaign else found


def _with_all_topics(cells: Cells) -> Cells:
    """Add the cells of all topics together."""
    found: Cells = defaultdict(Cell, cells)
    for (topic, dim, key), cell in cells.items():
        if dim != EXCLUDED:
            found[Where(EVERYTHING, dim, key)].unite(cell)
        if dim == ALL:
            found[Where(EVERYTHING, TOPIC, topic)].unite(cell)
    return dict(found)


def hour_key(moment: dt.datetime) -> str:
    """Return the key of an hour of the week: its weekday (0 is Monday) and the hour, as "0 08"."""
    local = moment.astimezone(VIETNAM)
    return f"{local.weekday()} {local.hour:02}"


def _counted_of(record: Record) -> dict[str, int]:
    if record.kind != "text" or record.ending not in _TYPED:
        return {"pressed": 1}
    counted = {record.ending: 1}
    if record.ending == Ending.SMALL_TALK:
        return counted
    if record.topic == SCAM_TOPIC:
        counted["scam"] = 1
    if record.ending in _SURE and record.confidence is not None and math.isfinite(record.confidence):
        counted |= {"sure_sum": round(record.confidence * MILLION), "sure_count": 1}
    return counted


def packed(people: Iterable[int]) -> bytes:
    """Return a set of people as it is stored."""
    return np.fromiter(sorted(people), dtype="<u4").tobytes()


def united(stored: Iterable[bytes]) -> int:
    """Count the different people of several cells."""
    return len(_different(stored))


def _different(stored: Iterable[bytes]) -> People:
    """Return the numbers of several cells' people, each once, in order.

    `np.unique` does it too, and takes a hundred times as long: it knows nothing of how close the numbers lie together.
    """
    numbers = np.frombuffer(b"".join(stored), dtype="<u4")
    if not len(numbers):
        return numbers
    lowest, spread = numbers.min(), int(np.ptp(numbers)) + 1
    if spread <= CLOSE * len(numbers):
        seen = np.zeros(spread, dtype=bool)
        seen[numbers - lowest] = True
        ticked: People = (np.flatnonzero(seen) + lowest).astype("<u4")
        return ticked
    in_order: People = np.sort(numbers)
    first = np.concatenate(([True], in_order[1:] != in_order[:-1]))
    return in_order[first]


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

    def __init__(
        self, sessions: Sessions, *, clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._one_by_one = asyncio.Lock()
        self._caught_up_on: dt.date | None = None

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
            if self._caught_up_on != self._today:
                await self._catch_up()
            async with self._sessions() as session:
                found = await session.execute(select(ChangedDay.day, ChangedDay.times).order_by(ChangedDay.day))
                changed = {row.day: row.times for row in found}
            for day, times in changed.items():
                await self._count_again(day, times)
            await self._add_up(changed)
            if changed:
                await self._unmark(changed)
            return len(changed)

    async def days(self) -> list[dt.date]:
        """Return every day that has records or cells, in order."""
        async with self._sessions() as session:
            return sorted(await _days_asked(session) | await _days_counted(session))

    async def rebuild(
        self, days: Collection[dt.date], tell: Callable[[dt.date], object] = lambda _day: None
    ) -> list[Mismatch]:
        """Count days again from their records and return what was stored otherwise; it is put right.

        `tell` hears of each day that is done. Records may arrive meanwhile: they are no difference.
        """
        await self.refresh()
        found = []
        for day in sorted(days):
            found += await self._put_right(day)
            tell(day)
        for span in self._over(days):
            async with self._writing() as session:
                stored, counted = await _stored(session, span), await _added_up(session, span)
                if stored != counted:
                    await _replace(session, span, counted)
                found += _mismatches(span, stored, counted)
        await self.refresh()
        return found

    @property
    def _today(self) -> dt.date:
        return self._clock().astimezone(VIETNAM).date()

    def _over(self, days: Iterable[dt.date]) -> list[Span]:
        """Return the weeks, months and quarters of days, as far as they are over, those that others need first."""
        found = {span_of(level, day) for day in days for level in MADE_OF}
        return sorted((s for s in found if s.last_day < self._today), key=lambda s: (s.level == QUARTER, s))

    async def _catch_up(self) -> None:
        """Mark days that have records but were never counted; add up what has come to its end."""
        today = self._today
        async with self._sessions() as session:
            counted = await _days_counted(session)
            missing = await _days_asked(session) - counted
            known = await _spans_kept(session)
        await self._add_up(day for day in counted if not known.issuperset(self._over([day])))
        async with self._sessions.begin() as session:
            for day in sorted(missing):
                await _mark(session, day)
        self._caught_up_on = today

    async def _count_again(self, day: dt.date, times: int) -> None:
        """Count a day; what changes meanwhile leaves it marked."""
        counted = await self._counted(day)
        # What was read is written in a transaction of its own: recording must not wait while a day is counted.
        async with self._writing() as session:
            now = await session.scalar(select(ChangedDay.times).where(ChangedDay.day == day))
            if now is None:  # another process has counted it meanwhile
                return
            await _replace(session, Span(DAY, day), counted)
            if now != times:  # another one may have counted more than this and believe that it stands
                await _mark(session, day)

    async def _add_up(self, days: Iterable[dt.date]) -> None:
        for span in self._over(days):
            async with self._writing() as session:
                await _replace(session, span, await _added_up(session, span))

    async def _unmark(self, changed: Mapping[dt.date, int]) -> None:
        async with self._writing() as session:
            counted = tuple_(ChangedDay.day, ChangedDay.times).in_(list(changed.items()))
            await session.execute(delete(ChangedDay).where(counted))

    async def _put_right(self, day: dt.date) -> list[Mismatch]:
        span = Span(DAY, day)
        for _ in range(TRIES):
            async with self._sessions() as session:
                stored = await _stored(session, span)
            counted = await self._counted(day)
            if stored == counted:
                return []
            async with self._writing() as session:
                marked = await session.scalar(select(ChangedDay.times).where(ChangedDay.day == day))
                if marked is None and await _stored(session, span) == stored:  # nothing arrived since it was read
                    await _replace(session, span, counted)
                    await _mark(session, day)
                    return _mismatches(span, stored, counted)
            await self.refresh()
        return []  # so much arrives that it is counted again all the time

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        """Give a transaction beside which nobody else writes roll-ups."""
        async with self._sessions.begin() as session:
            await session.execute(text(ONE_WRITER[session.get_bind().dialect.name]))
            yield session

    async def _counted(self, day: dt.date) -> Stored:
        first, behind = bounds(day)
        columns = [getattr(Question, name) for name in Record._fields]
        asked = select(*columns).where(Question.asked_at >= first, Question.asked_at < behind)
        words = Feedback.kind.in_((HELPFUL, NOT_HELPFUL)), Feedback.said_at >= first, Feedback.said_at < behind
        rated = select(Feedback.kind, Feedback.entry, Feedback.channel, Feedback.person).where(*words)
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


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the first instant of a day of the place, and the first one after it."""
    midnight = dt.datetime.combine(day, dt.time.min, tzinfo=VIETNAM)
    return midnight, midnight + dt.timedelta(days=1)


async def mark_changed(session: AsyncSession, moments: Iterable[dt.datetime]) -> None:
    """Note that records of these moments were written or removed, in the transaction that does it."""
    for day in sorted({moment.astimezone(VIETNAM).date() for moment in moments}):
        await _mark(session, day)


async def _mark(session: AsyncSession, day: dt.date) -> None:
    # A day that was counted and is marked anew must not look like the one that somebody else is still counting.
    statement = _upsert(session)(ChangedDay).values(day=day, times=secrets.randbits(62))
    again = {"times": ChangedDay.times + 1}
    await session.execute(statement.on_conflict_do_update(index_elements=[ChangedDay.day], set_=again))


async def _days_asked(session: AsyncSession) -> set[dt.date]:
    """Return the days that have records: the index is asked once a day, not once a record."""
    found: set[dt.date] = set()
    rated = [select(func.min(Feedback.said_at)).where(Feedback.kind == kind) for kind in (HELPFUL, NOT_HELPFUL)]
    moments = (Question.asked_at, Feedback.said_at, Feedback.said_at)
    for query, moment in zip((select(func.min(Question.asked_at)), *rated), moments, strict=True):
        first = await session.scalar(query)
        while first is not None:
            day = first.astimezone(VIETNAM).date()
            found.add(day)
            first = await session.scalar(query.where(moment >= bounds(day)[1]))
    return found


async def _days_counted(session: AsyncSession) -> set[dt.date]:
    query = select(DayCell.first_day).where(DayCell.topic == EVERYTHING, DayCell.dim.in_((ALL, EXCLUDED)))
    return set(await session.scalars(query.where(DayCell.level == DAY)))


async def _spans_kept(session: AsyncSession) -> set[Span]:
    query = select(DayCell.level, DayCell.first_day).where(DayCell.topic == EVERYTHING, DayCell.dim == ALL)
    return {Span(*row) for row in await session.execute(query.where(DayCell.level != DAY))}


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


_COLUMNS = tuple(getattr(DayCell, name) for name in ("topic", "dim", "key", *COUNTED, "people"))


async def _added_up(session: AsyncSession, span: Span) -> Stored:
    """Return the cells of a week, a month or a quarter, from those it is made of."""
    parts: dict[Where, list[tuple[Counts, bytes]]] = defaultdict(list)
    within = DayCell.first_day.between(span.first_day, span.last_day)
    for where, counted in await _read(session, DayCell.level == MADE_OF[span.level], within):
        parts[where].append(counted)
    return {where: (_sum(c for c, _ in counted), _joined([p for _, p in counted])) for where, counted in parts.items()}


def _sum(parts: Iterable[Counts]) -> Counts:
    total = Counts()
    for part in parts:
        total.add(part)
    return total


def _joined(stored: Sequence[bytes]) -> bytes:
    return stored[0] if len(stored) == 1 else _different(stored).tobytes()


async def _stored(session: AsyncSession, span: Span) -> Stored:
    return dict(await _read(session, DayCell.level == span.level, DayCell.first_day == span.first_day))


async def _read(session: AsyncSession, *which: ColumnElement[bool]) -> list[tuple[Where, tuple[Counts, bytes]]]:
    rows = await session.execute(select(*_COLUMNS).where(*which))
    return [(Where(*row[:3]), (Counts(*row[3:-1]), row[-1])) for row in rows]


async def _replace(session: AsyncSession, span: Span, cells: Stored) -> None:
    of_span = DayCell.level == span.level, DayCell.first_day == span.first_day
    await session.execute(delete(DayCell).where(*of_span))
    rows: list[dict[str, Any]] = [
        {**span._asdict(), **where._asdict(), **{name: getattr(counts, name) for name in COUNTED}, "people": people}
        for where, (counts, people) in cells.items()
    ]
    if rows:
        await session.execute(insert(Base.metadata.tables[DayCell.__tablename__]), rows)


def _mismatches(span: Span, stored: Stored, counted: Stored) -> list[Mismatch]:
    return [
        Mismatch(*span, where, *(cells[where][0] if where in cells else None for cells in (stored, counted)))
        for where in {**stored, **counted}
        if stored.get(where) != counted.get(where)
    ]


def _upsert(session: AsyncSession) -> Any:
    """Return the insert that can update instead: both databases have it, each its own."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
