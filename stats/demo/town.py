"""The made-up messages of a ward, day by day; the same seed makes the same."""

import datetime as dt
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from faq.database import VIETNAM
from faq.entries import SCAM_TOPIC, SMALL_TALK_TOPIC, Faq
from faq.folding import fold
from stats.campaigns import CODE_LENGTH, CODE_LETTERS
from stats.demo.seasons import busyness, hours, in_season
from stats.demo.themes import (
    DRIVES,
    ENDS,
    RELEASES,
    SCAM_DAYS,
    SCAM_SENTENCES,
    SCAM_WAVE,
    STARTS,
    THEMES,
    Drive,
    Theme,
)
from stats.endings import Ending
from stats.feedback import HELPFUL, NOT_HELPFUL, REMARK
from stats.masking import mask
from stats.spans import quarter_of

A_TALK = 2.3
"""Messages that somebody sends on a day, on average."""
STAFF = 3
PRESSED, GREETED, MASKED, TESTED, BY_STAFF, OUTSIDE, SCAMS = 0.20, 0.07, 0.006, 0.015, 0.008, 0.05, 0.04
RATED, HELPED = 0.07, 0.84
REMARKED = 0.0015
REGULARS = 0.35
"""Share of talks that regulars begin."""
ON_THE_WEB = 0.08
AWAY = 0.008
"""Share of days on which the understanding was away for a while."""
LONGEST_TALK = 400
"""Seconds between two messages of a talk."""
SENTENCES = 12
"""Of an entry."""
DAY_SECONDS = 86_400

SHARES = {
    SMALL_TALK_TOPIC: GREETED,
    Ending.OUT_OF_SCOPE: OUTSIDE,
    SCAM_TOPIC: SCAMS,
    "entries": 1 - GREETED - OUTSIDE - SCAMS - PRESSED,
}
"""Of all messages; what is left over is made of the rest."""
Weights = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
QuestionRow = tuple[Any, ...]
FeedbackRow = tuple[Any, ...]


NO_THEME, WAVE = -1, -2


class Source(NamedTuple):
    """Where messages come from: sentences, and what becomes of them."""

    kind: str
    ending: Ending
    topic: str | None
    entry: str | None
    aspect: str | None
    texts: tuple[str, ...]
    theme: int = NO_THEME


@dataclass
class Heard:
    """What was heard of a theme while there was no answer."""

    times: int = 0
    people: set[str] = field(default_factory=set)
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None
    texts: dict[str, int] = field(default_factory=dict)


@dataclass
class Day:
    """The rows of a day, in the order of the tables' columns."""

    questions: list[QuestionRow]
    feedback: list[FeedbackRow]


@dataclass
class Town:
    """A ward of so many messages from `since` on."""

    faq: Faq
    since: dt.date
    days: int
    records: int
    seed: int = 1
    salt: int = 0
    """Set apart from what the same seed wrote before."""
    heard: dict[str, Heard] = field(default_factory=lambda: {theme.id: Heard() for theme in THEMES})

    @property
    def until(self) -> dt.date:
        """Its last day."""
        return self.since + dt.timedelta(days=self.days - 1)

    @cached_property
    def drives(self) -> tuple[tuple[str, Drive], ...]:
        """Its campaigns, with their codes."""
        rng = np.random.default_rng((self.seed, 7))
        return tuple((_code(rng), drive) for drive in DRIVES)

    @cached_property
    def releases(self) -> tuple[tuple[dt.date, str], ...]:
        """When which release went live."""
        begins = (self.since + dt.timedelta(days=int(part * self.days)) for part in RELEASES)
        return tuple((day, f"{day}-1") for day in sorted(set(begins)))

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """What messages are made of."""
        return (*self._entries(), *self._outside(), *self._themes(), self.wave, _MASKED, _PRESSED)

    @cached_property
    def wave(self) -> Source:
        """What is asked while many are called by the same swindlers."""
        entry = next(entry for entry in self.faq.entries if entry.topic == SCAM_TOPIC)
        return Source("text", Ending.ANSWERED, SCAM_TOPIC, entry.key, entry.aspect, SCAM_SENTENCES, WAVE)

    def staff(self, quarter: dt.date) -> list[str]:
        """Return the pseudonyms of the staff in a quarter."""
        return [self.pseudonym(quarter, -1 - number) for number in range(STAFF)]

    def pseudonym(self, quarter: dt.date, number: int) -> str:
        """Return the pseudonym that somebody has in a quarter."""
        words = f"demo:{self.seed}:{quarter}:{number}".encode()
        return hashlib.blake2b(words, digest_size=16).hexdigest()

    def answers(self, theme: Theme) -> Source:
        """Return the entry that answers a theme in the end."""
        return next(source for source in self.sources if source.topic == theme.topic and source.entry)

    def all_days(self) -> Iterator[Day]:
        """Make each day."""
        rng = np.random.default_rng((self.seed, 1))
        weights = np.array([busyness(day, self.since, self.days) for day in self._dates()])
        weights *= rng.gamma(30, 1 / 30, self.days)
        for number, count in enumerate(rng.multinomial(self.records, weights / weights.sum())):
            yield _Morning(self, number).day(int(count))

    def _dates(self) -> Iterator[dt.date]:
        return (self.since + dt.timedelta(days=number) for number in range(self.days))

    def _entries(self) -> Iterator[Source]:
        for entry in self.faq.entries:
            chat = entry.topic == SMALL_TALK_TOPIC
            ending = Ending.SMALL_TALK if chat else Ending.ANSWERED
            yield Source("text", ending, entry.topic, entry.key, entry.aspect, _some(entry.examples))

    def _outside(self) -> Iterator[Source]:
        for group in self.faq.outside:
            yield Source("text", Ending.OUT_OF_SCOPE, None, None, None, _some(group.examples))

    def _themes(self) -> Iterator[Source]:
        for number, theme in enumerate(THEMES):
            yield Source("text", Ending.NOT_UNDERSTOOD, None, None, None, theme.sentences, number)


_MASKED = Source(
    "text", Ending.PERSONAL_DATA, None, None, None, ("[số định danh]", "[số điện thoại]", "[họ tên] [số định danh]")
)
_PRESSED = Source("button", Ending.MENU, None, None, None, ("menu", "quay lại", "xem thêm", "le-phi", "ho-so"))


def noon(day: dt.date) -> dt.datetime:
    """Return when a day's release goes live: noon in Vietnam."""
    return dt.datetime.combine(day, dt.time(5), dt.UTC)


class _Morning:
    """Makes one day."""

    def __init__(self, town: Town, number: int) -> None:
        self.town = town
        self.number = number
        self.part = number / town.days
        self.date = town.since + dt.timedelta(days=number)
        self.rng = np.random.default_rng((town.seed, 2, number))
        self.quarter = quarter_of(self.date)
        self.midnight = dt.datetime.combine(self.date, dt.time(), VIETNAM).astimezone(dt.UTC)
        self.releases = sorted((noon(day), name) for day, name in town.releases)
        self.away = self.rng.random() < AWAY
        self.left_unclear = 0.11 * (1 - 0.55 * self.part)
        """Share of questions that are not understood: examples are added all the time."""

    def day(self, count: int) -> Day:
        """Make `count` messages."""
        if not count:
            return Day([], [])
        talks = np.sort(self.rng.integers(max(1, round(count / A_TALK)), size=count))
        people = self._people(int(talks[-1]) + 1)
        codes = self._codes(len(people))
        seconds = self._seconds(talks, len(people))
        chosen = self.rng.choice(len(self.town.sources), size=count, p=self._weights)
        lots = self.rng.random((4, count))
        day = Day([], [])
        rated: set[tuple[str, str]] = set()
        before = -1
        for number, (talk, second, source) in enumerate(
            zip(talks.tolist(), seconds.tolist(), chosen.tolist(), strict=True)
        ):
            comes_with = codes[talk]
            opens = comes_with is not None and talk != before
            before = talk
            where = _SCANNED if opens else self.town.sources[source]
            row = self._message(number, where, people[talk], comes_with, second, *lots[:, number].tolist())
            day.questions.append(row)
            if where.entry and row[6] == Ending.ANSWERED and lots[2, number] < RATED:
                self._rate(day, rated, row, lots[3, number])
        return day

    @cached_property
    def _weights(self) -> Weights:
        weights = np.array([self._weight(source) for source in self.town.sources])
        parts = np.array([_part(source) for source in self.town.sources])
        for part, share in SHARES.items():
            weights[parts == part] *= share / weights[parts == part].sum()
        shares: Weights = weights / weights.sum()
        return shares

    def _weight(self, source: Source) -> float:
        if source is _PRESSED:
            return PRESSED
        if source is _MASKED:
            return MASKED
        if source.theme == WAVE:
            days = self.number - int(SCAM_WAVE * self.town.days)
            return 0.28 * (1 - days / SCAM_DAYS / 2) if 0 <= days < SCAM_DAYS else 0.001
        if source.theme >= 0:
            theme = THEMES[source.theme]
            return theme.weight if self.part >= theme.appears else 0.0
        return _liking(source.entry or source.texts[0]) * in_season(source.topic or "", self.date)

    def _people(self, talks: int) -> list[str | None]:
        regulars = max(8, int(self.town.records / self.town.days * 1.5))
        often = np.minimum(self.rng.zipf(1.35, talks), regulars)
        once = 1_000_000 * (1 + self.number) + np.arange(talks)
        numbers = np.where(self.rng.random(talks) < REGULARS, often, once)
        staff = self.rng.random(talks) < BY_STAFF
        numbers = np.where(staff, -1 - self.rng.integers(STAFF, size=talks), numbers)
        return [self.town.pseudonym(self.quarter, number) for number in numbers.tolist()]

    def _codes(self, talks: int) -> list[str | None]:
        """Return with which campaign each talk began."""
        codes: list[str | None] = [None] * talks
        for code, drive in self.town.drives:
            days = (self.date - drive.first_day(self.town.since, self.town.days)).days
            if 0 <= days < drive.days:
                came = self.rng.random(talks) < drive.weight * (1 - 0.7 * days / drive.days)
                for talk in np.flatnonzero(came).tolist():
                    codes[talk] = code
        return codes

    def _seconds(self, talks: Numbers, count: int) -> Numbers:
        """Return at which second of the day each message comes; those of a talk one after another."""
        weights = np.array(hours(self.date), dtype=float)
        begins = self.rng.choice(24, size=count, p=weights / weights.sum()) * 3600 + self.rng.integers(3600, size=count)
        first = np.concatenate(([True], talks[1:] != talks[:-1]))
        steps = np.where(first, 0, self.rng.integers(15, LONGEST_TALK, size=len(talks))).cumsum()
        since = steps - np.maximum.accumulate(np.where(first, steps, 0))
        seconds: Numbers = np.minimum(begins[talks] + since, DAY_SECONDS - 60)
        return seconds

    def _message(  # noqa: PLR0917 - the lots of one message
        self,
        number: int,
        source: Source,
        person: str | None,
        code: str | None,
        second: int,
        word: float,
        luck: float,
        way: float,
        sure: float,
    ) -> QuestionRow:
        asked_at = self.midnight + dt.timedelta(seconds=second)
        test = way > 1 - TESTED
        ending, entry, topic, aspect, offered = self._ended(source, luck)
        text = _worded(source, word, way) if source.kind == "text" else source.texts[int(word * len(source.texts))]
        if source.theme >= 0 and ending == Ending.NOT_UNDERSTOOD and not test:
            _hear(self.town.heard[THEMES[source.theme].id], text, person, asked_at)
        return (
            self._id(number),
            asked_at,
            None if test or ending == Ending.PERSONAL_DATA else person,
            "test" if test else "web" if way < ON_THE_WEB else "telegram",
            source.kind,
            text,
            str(ending),
            entry,
            topic,
            aspect,
            offered,
            _confidence(ending, sure) if source.kind == "text" else None,
            self._live(asked_at),
            20 + int(60 * sure),
            code,
            "[]" if ending != Ending.PERSONAL_DATA else '["identity"]',
            "vi",
        )

    def _live(self, moment: dt.datetime) -> str | None:
        """Return the release of which somebody got the answer: none before the first went live."""
        return next((name for live, name in reversed(self.releases) if live <= moment), None)

    def _ended(self, source: Source, luck: float) -> tuple[Ending, str | None, str | None, str | None, str]:
        """Return the ending, the entry, topic and aspect that were recognised, and what was offered."""
        if self.away and luck > 0.9 and source.kind == "text":  # noqa: PLR2004
            return Ending.UNAVAILABLE, None, None, None, "[]"
        if source.theme >= 0:
            return self._ended_theme(source, luck)
        if source.ending != Ending.ANSWERED or source.kind != "text":
            return source.ending, source.entry, source.topic, source.aspect, "[]"
        if luck < self.left_unclear * 0.5:
            return Ending.NOT_UNDERSTOOD, None, None, None, "[]"
        if luck < self.left_unclear * 1.6:
            return Ending.OFFERED, None, source.topic, None, f'["{source.entry}"]'
        return Ending.ANSWERED, source.entry, source.topic, source.aspect, "[]"

    def _ended_theme(self, source: Source, luck: float) -> tuple[Ending, str | None, str | None, str | None, str]:
        theme = THEMES[source.theme]
        if theme.answered is not None and self.part >= theme.answered and luck > 0.12:  # noqa: PLR2004
            found = self.town.answers(theme)
            return Ending.ANSWERED, found.entry, found.topic, found.aspect, "[]"
        if luck > 0.8:  # noqa: PLR2004 - what comes nearest is offered
            return Ending.OFFERED, None, theme.topic, None, f'["{self.town.answers(theme).entry}"]'
        return Ending.NOT_UNDERSTOOD, None, None, None, "[]"

    def _rate(self, day: Day, rated: set[tuple[str, str]], row: QuestionRow, luck: float) -> None:
        asked_at, person, channel, entry = row[1], row[2], row[3], row[7]
        if person is None or channel == "test" or (person, entry) in rated:
            return
        rated.add((person, entry))
        kind = HELPFUL if luck < HELPED * (0.75 + 0.25 * _liking(f"good {entry}") ** 0.2) else NOT_HELPFUL
        reason = int(luck * 100) % 3 if kind == NOT_HELPFUL else None
        self._say(day, asked_at, (person, channel, kind, entry, reason, row[5]))
        if luck < REMARKED / RATED:
            self._say(day, asked_at, (person, channel, REMARK, None, None, "hướng dẫn dễ hiểu, cảm ơn cán bộ"))

    def _say(self, day: Day, asked_at: dt.datetime, what: tuple[Any, ...]) -> None:
        moment = asked_at + dt.timedelta(seconds=30)
        day.feedback.append((self._id(len(day.feedback), "f"), moment, *what, self._live(moment)))

    def _id(self, number: int, table: str = "a") -> str:
        """Return an id that grows with the days: rows go to the end of the table and its index."""
        return f"{self.date.toordinal():07x}{table}{number:08x}{self.town.seed:08x}{self.town.salt:08x}"


_SCANNED = Source("command", Ending.MENU, None, None, None, ("/start",))


def _part(source: Source) -> str | None:
    """Return which of the shares a source has a part in; nothing if it has its own."""
    if source.theme != NO_THEME or source in {_PRESSED, _MASKED}:
        return None
    return next((part for part in (source.ending, source.topic) if part in SHARES), "entries")


@lru_cache(maxsize=4096)
def _liking(key: str) -> float:
    """Return how much something is asked about, from 0.05 to 5: a few entries make most of the questions."""
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest())
    return 0.05 + 5 * (number / 2**32) ** 4


def _some(examples: Sequence[str]) -> tuple[str, ...]:
    """Return a few sentences from all over a list, as they are kept of citizens."""
    return tuple(map(_kept, examples[:: max(1, len(examples) // SENTENCES)][:SENTENCES]))


@cache
def _kept(text: str) -> str:
    return mask(text).text


def _worded(source: Source, word: float, way: float) -> str:
    text = source.texts[int(word * len(source.texts))]
    if source.theme == NO_THEME:
        return text
    spread = int(way * 1_000)
    text = f"{STARTS[spread % len(STARTS)]}{text}{ENDS[spread % len(ENDS)]}"
    return fold(text) if spread % 4 == 0 else text


def _confidence(ending: Ending, sure: float) -> float | None:
    lowest = _LOWEST.get(ending)
    return None if lowest is None else round(lowest + 0.35 * math.sqrt(sure), 4)


_LOWEST = {
    Ending.ANSWERED: 0.64,
    Ending.SMALL_TALK: 0.64,
    Ending.OUT_OF_SCOPE: 0.6,
    Ending.OFFERED: 0.3,
    Ending.NOT_UNDERSTOOD: 0.05,
}


def _hear(heard: Heard, text: str, person: str | None, at: dt.datetime) -> None:
    heard.times += 1
    if person and len(heard.people) < MOST_PEOPLE:
        heard.people.add(person)
    heard.first_at = heard.first_at or at
    heard.last_at = max(at, heard.last_at or at)
    heard.texts[text] = heard.texts.get(text, 0) + 1


MOST_PEOPLE = 300


def _code(rng: np.random.Generator) -> str:
    letters = CODE_LETTERS[:-8]  # without digits: masking takes it for nobody's number
    while True:
        code = "".join(letters[number] for number in rng.integers(len(letters), size=CODE_LENGTH).tolist())
        if not mask(code).kinds:
            return code


QUESTION_COLUMNS: Sequence[str] = (
    *("id", "asked_at", "person", "channel", "kind", "text", "ending", "entry", "topic", "aspect", "offered"),
    *("confidence", "release", "milliseconds", "campaign", "masked_kinds", "language"),
)
FEEDBACK_COLUMNS: Sequence[str] = ("id", "said_at", "person", "channel", "kind", "entry", "reason", "text", "release")
