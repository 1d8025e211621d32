"""Reading what was asked and complained of into the inbox: often, a little at a time, and never anything twice.

Rows may come late: what waited on a disk is written hours after it was asked. So each reading looks at all of the last
week again and passes over what it has a sighting of; nothing waits on a disk for longer than that.
"""

import asyncio
import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from rapidfuzz import fuzz, process
from sqlalchemy import Select, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.checking import NEAR_COPY
from faq.database import Sessions
from faq.entries import CheckSentence
from faq.folding import fold
from faq.live import Live
from nlu.rasa_client import NluUnavailableError
from nlu.understanding import Understanding
from stats.endings import Ending
from stats.feedback import NOT_HELPFUL, Feedback
from stats.inbox import (
    KEPT,
    Decision,
    InboxGroup,
    InboxMark,
    InboxMessage,
    InboxSighting,
    Unfit,
    Why,
    drop,
    drop_old,
    hold,
    recount,
    regroup,
)
from stats.likeness import Groups, Vector, WordWeights, vector
from stats.masking import TOKENS
from stats.questions import TEST_CHANNEL, Question

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two readings."""
LATE = dt.timedelta(days=7)
CHOOSING = dt.timedelta(minutes=10)
"""For so long an offered answer may still be chosen; then asking back was no fault."""
UNSURE_OUTSIDE = 0.75
"""Confidence below which what was turned away as out of scope is looked at: a citizen sent off wrongly costs most."""
BATCH = 200
TOGETHER = 2
"""Sentences on their way to the NLU server at once: citizens must not wait for the inbox."""
MARK = "inbox"
LONGEST_FOLDED = 200
LONGEST_EXAMPLE = 400


class Recogniser(Protocol):
    """Whatever turns a sentence into guesses."""

    async def parse(self, text: str) -> Understanding:
        """Return all guesses for `text`; raise `NluUnavailableError` if that cannot be done."""
        ...


class KnowsFaq(Protocol):
    """Whatever tells what is live."""

    async def now(self) -> Live:
        """Return it."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A question or a complaint that is new to the inbox."""

    id: str
    at: dt.datetime
    person: str | None
    text: str
    why: Why
    doubt: float
    offered: tuple[str, ...] = ()
    settled: bool = False
    """Whether it needs nobody's eyes."""

    @property
    def folded(self) -> str | None:
        """Its wording, if it is to be looked at."""
        return None if self.settled else fold(self.text)[:LONGEST_FOLDED].strip() or None


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording that is new to the inbox."""

    folded: str
    text: str
    at: dt.datetime
    vector: Vector
    unfit: str


class InboxReader:
    """Reads questions into the inbox."""

    def __init__(
        self,
        sessions: Sessions,
        recogniser: Recogniser,
        clock: Callable[[], dt.datetime],
        *,
        faq: KnowsFaq,
        checks: Iterable[CheckSentence] = (),
    ) -> None:
        self._sessions = sessions
        self._recogniser = recogniser
        self._clock = clock
        self._faq = faq
        self._checks = tuple(checks)
        self._check_texts: list[str] | None = None
        self._weights: tuple[Any, WordWeights] | None = None
        self._reading = asyncio.Lock()
        self._running: asyncio.Task[int] | None = None
        self._read_at: dt.datetime | None = None

    async def refresh(self, patience: float) -> None:
        """Read if that was a minute ago, and wait for it up to `patience` seconds; it goes on by itself after that."""
        if self._read_at is not None and (self._clock() - self._read_at).total_seconds() < EVERY:
            return
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self.read())
            self._running.add_done_callback(_tell)
        await asyncio.wait({self._running}, timeout=patience)

    async def read(self) -> int:
        """Read all that is new; return how many questions and complaints that were."""
        async with self._reading:
            self._read_at = self._clock()
            async with self._sessions.begin() as session:
                await self._tidy(session)
            total = 0
            while True:
                new = await self._read_some()
                total += new
                if new < BATCH:
                    return total

    async def _tidy(self, session: AsyncSession) -> None:
        await drop_old(session, self._clock())
        helpful = select(Feedback.id).where(Feedback.kind == NOT_HELPFUL)
        taken_back = InboxSighting.why == Why.NOT_HELPFUL, InboxSighting.at >= self._clock() - LATE
        await drop(session, taken_back[0] & taken_back[1] & InboxSighting.id.not_in(helpful))

    async def _read_some(self) -> int:
        """Read up to a batch."""
        now = self._clock()
        async with self._sessions() as session:
            seen = await _unseen(session, now)
            seen = await _settled(session, seen)
            known = await _known(session, {s.folded for s in seen if s.folded})
        if not seen:
            return 0
        wordings = await self._wordings(s for s in seen if s.folded and s.folded not in known)
        async with self._sessions.begin() as session:
            await _write(session, seen, wordings)
            if len(seen) < BATCH:
                await session.merge(InboxMark(source=MARK, read_until=now))
        return len(seen)

    async def _wordings(self, seen: Iterable[Seen]) -> list[Wording]:
        # The one typed with accents, if there is one, stands for all that are the same without them.
        first = {str(s.folded): s for s in sorted(seen, key=lambda s: s.text.isascii(), reverse=True)}
        if not first:
            return []
        weights, checks = await self._known_words(), await self._checked()
        gate = asyncio.Semaphore(TOGETHER)

        async def understood(text: str) -> Understanding | None:
            async with gate:
                try:
                    return await self._recogniser.parse(text)
                except NluUnavailableError:
                    return None

        found = await asyncio.gather(*(understood(s.text) for s in first.values()))
        if not any(found):
            raise NluUnavailableError("the inbox waits for the NLU server")
        # A sentence that the server alone cannot take must not keep the others waiting: its words have to do.
        return [
            Wording(folded, s.text, s.at, vector(folded, one or Understanding(), weights), _unfit(s.text, checks))
            for (folded, s), one in zip(first.items(), found, strict=True)
        ]

    async def _known_words(self) -> WordWeights:
        live = await self._faq.now()
        if self._weights is None or self._weights[0] != live.release:
            texts = [text for entry in live.faq.entries for text in entry.examples]
            self._weights = live.release, await asyncio.to_thread(WordWeights.of, texts)
        return self._weights[1]

    async def _checked(self) -> list[str]:
        if self._check_texts is None:
            self._check_texts = await asyncio.to_thread(lambda: [fold(check.text) for check in self._checks])
        return self._check_texts


async def has_read(sessions: Sessions, end: dt.datetime) -> bool:
    """Whether the inbox has read all that was asked before `end`; what was asked back may be chosen a while later."""
    async with sessions() as session:
        mark = await session.get(InboxMark, MARK)
    return mark is not None and mark.read_until >= end + CHOOSING


def _tell(task: asyncio.Task[int]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.warning("the inbox could not be read (%s)", type(task.exception()).__name__)


def _unfit(text: str, checks: Sequence[str]) -> str:
    if any(token in text for token in TOKENS.values()):
        return Unfit.MASKED
    if len(text.strip()) > LONGEST_EXAMPLE:
        return Unfit.LONG
    near = process.extractOne(fold(text), checks, scorer=fuzz.ratio, score_cutoff=NEAR_COPY)
    return Unfit.CHECK if near else ""


async def _unseen(session: AsyncSession, now: dt.datetime) -> list[Seen]:
    """Return what there is no sighting of, the oldest first."""
    mark = await session.get(InboxMark, MARK)
    since = max(mark.read_until - LATE if mark else now - KEPT, now - KEPT)
    asked = [_of_question(q) for q in await session.scalars(_questions(since, now))]
    said = [_of_feedback(f) for f in await session.scalars(_complaints(since))]
    return sorted((*asked, *said), key=lambda s: (s.at, s.id))[:BATCH]


def _questions(since: dt.datetime, now: dt.datetime) -> Select[Question]:
    looked_at = or_(
        Question.ending == Ending.NOT_UNDERSTOOD,
        (Question.ending == Ending.OFFERED) & (Question.asked_at <= now - CHOOSING),
        (Question.ending == Ending.OUT_OF_SCOPE) & (Question.confidence < UNSURE_OUTSIDE),
    )
    endings = (Ending.NOT_UNDERSTOOD, Ending.OFFERED, Ending.OUT_OF_SCOPE)  # for the index
    query = select(Question).where(Question.ending.in_(endings), Question.asked_at >= since, looked_at)
    query = query.where(Question.channel != TEST_CHANNEL, Question.kind == "text")
    new = ~select(InboxSighting.id).where(InboxSighting.id == Question.id).exists()
    return query.where(new).order_by(Question.asked_at, Question.id).limit(BATCH)


def _complaints(since: dt.datetime) -> Select[Feedback]:
    query = select(Feedback).where(Feedback.kind == NOT_HELPFUL, Feedback.said_at >= since)
    query = query.where(Feedback.channel != TEST_CHANNEL)
    new = ~select(InboxSighting.id).where(InboxSighting.id == Feedback.id).exists()
    return query.where(new).order_by(Feedback.said_at, Feedback.id).limit(BATCH)


def _of_question(asked: Question) -> Seen:
    doubt = 1 - min(max(asked.confidence or 0.0, 0.0), 1.0)
    return Seen(asked.id, asked.asked_at, asked.person, asked.text, Why(asked.ending), doubt, tuple(asked.offered))


def _of_feedback(said: Feedback) -> Seen:
    return Seen(said.id, said.said_at, said.person, said.text, Why.NOT_HELPFUL, 1.0)


async def _settled(session: AsyncSession, seen: list[Seen]) -> list[Seen]:
    """Mark what was asked back if the person then pressed one of the answers that were offered."""
    offered = [s for s in seen if s.why is Why.OFFERED and s.person]
    if not offered:
        return seen
    first, last = min(s.at for s in offered), max(s.at for s in offered) + CHOOSING
    presses = select(Question.person, Question.entry, Question.asked_at).where(
        Question.person.in_({s.person for s in offered}), Question.kind == "button"
    )
    pressed: dict[Any, list[tuple[str | None, dt.datetime]]] = defaultdict(list)
    for person, entry, at in await session.execute(presses.where(Question.asked_at.between(first, last))):
        pressed[person].append((entry, at))

    def chosen(one: Seen) -> bool:
        inside = (entry for entry, at in pressed[one.person] if one.at <= at <= one.at + CHOOSING)
        return one.why is Why.OFFERED and any(entry in one.offered for entry in inside)

    return [replace(one, settled=True) if chosen(one) else one for one in seen]


async def _known(session: AsyncSession, folded: set[str]) -> set[str]:
    return set(await session.scalars(select(InboxMessage.folded).where(InboxMessage.folded.in_(folded))))


async def _write(session: AsyncSession, seen: list[Seen], wordings: list[Wording]) -> None:
    """Write down what was seen, but for what was removed meanwhile, and put new wordings into groups."""
    await hold(session)
    session.add_all(
        InboxSighting(id=s.id, folded=s.folded, person=s.person, at=s.at, why=s.why, doubt=s.doubt) for s in seen
    )
    await session.flush()  # SQLite lets nobody else write from here on: what is there now stays until we are done
    there = await _still_there(session, {s.id for s in seen})
    gone = {s.id for s in seen} - there
    await session.execute(delete(InboxSighting).where(InboxSighting.id.in_(gone)))
    asked = {s.folded for s in seen if s.folded and s.id in there}
    await place(session, [wording for wording in wordings if wording.folded in asked])
    await recount(session, asked)


async def _still_there(session: AsyncSession, ids: set[str]) -> set[str]:
    """Return which rows are there, and hold them: whoever wants to be forgotten now is forgotten after us."""
    found: set[str] = set()
    for table in (Question, Feedback):
        found |= set(await session.scalars(select(table.id).where(table.id.in_(ids)).with_for_update(read=True)))
    return found


async def place(session: AsyncSession, wordings: Sequence[Wording]) -> None:
    """Put each new wording into the group it belongs to, a new one if there is none; then merge open groups alike."""
    if not wordings:
        return
    placing = await _Placing.of(session)
    for wording in wordings:
        await placing.add(wording)
    await regroup(session, await placing.merged())


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a new wording can go: a group, or one of those that staff put together in it."""

    group: int
    part: int = 0


class _Placing:
    """The groups of the inbox while new wordings come in."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._groups: dict[int, tuple[str, int | None]] = {}
        self._alike = Groups()
        self._spots: dict[int, _Spot] = {}
        self._numbers: dict[int, list[int]] = defaultdict(list)
        """Under which numbers the spots of a group are compared."""
        self._fresh: set[int] = set()
        self._touched: set[int] = set()

    @classmethod
    async def of(cls, session: AsyncSession) -> "_Placing":
        """Read how the groups stand."""
        placing = cls(session)
        state = (InboxGroup.id, InboxGroup.decision, InboxGroup.follows)
        columns = (*state, InboxGroup.wordings, InboxGroup.profile, InboxGroup.parts)
        query = select(*columns).order_by(InboxGroup.id)
        for group, decision, follows, size, profile, parts in await session.execute(query):
            placing._groups[group] = (decision, follows)
            for part, held in (parts or {"0": {"size": size, "profile": profile}}).items():
                placing._alike.put(placing._spot(group, int(part)), max(held["size"], 1), held["profile"])
        return placing

    async def add(self, wording: Wording) -> None:
        """Put a wording where it belongs."""
        number = await self._place_of(wording)
        self._alike.add(number, wording.vector)
        spot = self._spots[number]
        self._fresh.add(number)
        self._touched.add(spot.group)
        values = {"text": wording.text, "vector": dict(wording.vector), "unfit": wording.unfit, "part": spot.part}
        self._session.add(InboxMessage(folded=wording.folded, group_id=spot.group, **values))

    async def merged(self) -> set[int]:
        """Merge open groups that turn out to want the same; return the groups that changed."""
        waiting = {number for number in self._fresh if self._is_open(self._spots[number].group)}
        while waiting:
            number = min(waiting)
            twin = self._alike.twin(number, but=self._numbers[self._spots[number].group])
            if twin is None or not self._may_merge(number, twin):
                waiting.discard(number)
                continue
            into, gone = sorted((number, twin), key=lambda n: (not self._is_made_by_hand(n), n))
            await self._merge(gone, into)
            waiting = (waiting - {gone}) | {into}
        return self._touched

    def _may_merge(self, one: int, other: int) -> bool:
        """Whether two spots are of groups that wait for the same; what staff put together only they make larger."""
        same = self._groups[self._spots[one].group] == self._groups[self._spots[other].group]
        return same and not (self._is_made_by_hand(one) and self._is_made_by_hand(other))

    def _is_made_by_hand(self, number: int) -> bool:
        return len(self._numbers[self._spots[number].group]) > 1

    def _is_open(self, group: int) -> bool:
        return self._groups[group][0] == Decision.OPEN

    async def _merge(self, gone: int, into: int) -> None:
        await self._session.flush()
        old, new = self._spots[gone].group, self._spots[into]
        for message in await self._session.scalars(select(InboxMessage).where(InboxMessage.group_id == old)):
            message.group_id, message.part = new.group, new.part
        self._alike.merge(gone, into)
        self._touched |= {old, new.group}

    async def _place_of(self, wording: Wording) -> int:
        number = self._alike.nearest(wording.vector)
        if number is None:
            return await self._new(wording, None)
        group = self._spots[number].group
        if self._is_open(group) or await self._is_near_copy(wording.folded, group):
            return number
        return await self._follower(wording, group)

    async def _is_near_copy(self, folded: str, group: int) -> bool:
        """Whether a decided group has a wording that is the same but for a letter in ten."""
        mates = await self._session.scalars(select(InboxMessage.folded).where(InboxMessage.group_id == group))
        return process.extractOne(folded, list(mates), scorer=fuzz.ratio, score_cutoff=NEAR_COPY) is not None

    async def _follower(self, wording: Wording, group: int) -> int:
        """Return the open group of new wordings of a decided one."""
        found = next((g for g, state in self._groups.items() if state == (Decision.OPEN, group)), None)
        return self._numbers[found][0] if found is not None else await self._new(wording, group)

    async def _new(self, wording: Wording, follows: int | None) -> int:
        row = InboxGroup(follows=follows, first_at=wording.at, last_at=wording.at)
        self._session.add(row)
        await self._session.flush()
        self._groups[row.id] = (Decision.OPEN, follows)
        return self._spot(row.id)

    def _spot(self, group: int, part: int = 0) -> int:
        number = len(self._spots) + 1
        self._spots[number] = _Spot(group, part)
        self._numbers[group].append(number)
        return number
