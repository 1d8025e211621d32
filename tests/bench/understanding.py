"""What share of the check sentences gets the right answer: the likeliest intent alone, and through the dialogue."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from dialogue.conversation import Dialogue, Recogniser, Speaker
from dialogue.deciding import OFFERED
from faq.entries import OUTSIDE_TOPIC, SCAM_TOPIC, CheckSentence, Faq, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.understanding import Guess
from stats.endings import Ending
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked

BINS = 10


@dataclass
class Share:
    """So many of so many."""

    good: int = 0
    total: int = 0

    def count(self, *, good: bool) -> None:
        """Count one more."""
        self.good += good
        self.total += 1

    @property
    def value(self) -> float:
        """The share itself (0 if there is nothing)."""
        return self.good / self.total if self.total else 0.0

    def __str__(self) -> str:
        """The share with its 95 % interval (Wilson) and count."""
        if not self.total:
            return "–"
        z, n, p = 1.96, self.total, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return f"{p:6.1%}  [{middle - half:.1%}–{middle + half:.1%}]  n={n}"


@dataclass(frozen=True)
class Failure:
    """A check sentence that did not get at first what it should have."""

    said: str
    way: str
    wanted: str
    got: str

    def __str__(self) -> str:
        """One line to read."""
        return f"{self.way}\t{self.wanted}\t{self.got}\t{self.said}"


@dataclass
class Ranked:
    """How good the likeliest intents are by themselves, before the dialogue weighs anything."""

    first: Share = field(default_factory=Share)
    three: Share = field(default_factory=Share)
    outside: Share = field(default_factory=Share)
    scam: Share = field(default_factory=Share)
    calibration: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def bins(self) -> list[tuple[int, float, float]]:
        """Ten bins of confidence: how many, mean confidence, share right."""
        found: dict[int, list[tuple[float, bool]]] = {}
        for confidence, right in self.calibration:
            found.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
        return [
            (len(b), sum(c for c, _ in b) / len(b), sum(r for _, r in b) / len(b))
            for b in (found.get(number, []) for number in range(BINS))
            if b
        ]

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the likeliest intent."""
        total = len(self.calibration)
        return sum(count * abs(said - right) for count, said, right in self.bins) / total if total else 0.0


@dataclass
class Result:
    """All shares of one pipeline behind the dialogue."""

    first: Share = field(default_factory=Share)
    three: Share = field(default_factory=Share)
    wrong_topic: Share = field(default_factory=Share)
    refused: Share = field(default_factory=Share)
    accented: Share = field(default_factory=Share)
    folded: Share = field(default_factory=Share)
    near: Share = field(default_factory=Share)
    far: Share = field(default_factory=Share)
    scam: Share = field(default_factory=Share)
    follow_ups: Share = field(default_factory=Share)
    ways: dict[str, Share] = field(default_factory=dict)
    topics: dict[str, Share] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


class Fixed:
    """A live FAQ that never changes."""

    def __init__(self, faq: Faq) -> None:
        self._live = Live(faq)

    async def now(self) -> Live:
        """Return it."""
        return self._live


async def rank(recogniser: Recogniser, faq: Faq, sentences: Iterable[CheckSentence]) -> Ranked:
    """Judge the likeliest intents for single sentences."""
    aspects = {entry.key: entry.aspect for entry in faq.entries}
    result = Ranked()
    for sentence in sentences:
        if sentence.before:
            continue
        guesses = (await recogniser.parse(sentence.text)).guesses[:OFFERED]
        best = guesses[0] if guesses else Guess(OUTSIDE_TOPIC, 0.0)
        if sentence.outside:
            result.outside.count(good=topic_of(best.intent) == OUTSIDE_TOPIC)
        elif sentence.safety:
            result.scam.count(good=topic_of(best.intent) == SCAM_TOPIC)
        else:
            right = _acceptable(sentence, best.intent, aspects)
            result.first.count(good=right)
            result.three.count(good=any(_acceptable(sentence, guess.intent, aspects) for guess in guesses))
            result.calibration.append((best.confidence, right))
    return result


async def measure(recogniser: Recogniser, faq: Faq, sentences: Iterable[CheckSentence]) -> Result:
    """Ask every check sentence through the dialogue and count."""
    asking = _Asking(Dialogue(Fixed(faq), recogniser, Pseudonyms("bench"), _forget))
    aspects = {entry.key: entry.aspect for entry in faq.entries}
    result = Result()
    for sentence in sentences:
        asked = await asking(*sentence.before, sentence.text)
        right = is_right(sentence, asked, aspects)
        if sentence.outside:
            right = asked.ending is not Ending.ANSWERED
            (result.near if sentence.outside == "near" else result.far).count(good=right)
        elif sentence.safety and not sentence.before:
            right = asked.topic == SCAM_TOPIC
            result.scam.count(good=right)
        elif sentence.before:
            result.follow_ups.count(good=right)
        else:
            _count_inside(result, sentence, asked, aspects)
            if fold(sentence.text) != sentence.text.lower():
                result.accented.count(good=right)
                bare = await asking(fold(sentence.text))
                result.folded.count(good=is_right(sentence, bare, aspects))
        if not right:
            got = asked.entry or f"{asked.ending} {' '.join(asked.offered)}".strip()
            said = " → ".join((*sentence.before, sentence.text))
            result.failures.append(Failure(said, sentence.way, sentence.entry or str(sentence.outside), got))
    return result


class _Asking:
    """Has each conversation with somebody new."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._numbers = iter(range(10**9))

    async def __call__(self, *turns: str) -> Asked:
        name = str(next(self._numbers))
        for text in turns:
            turn = await self._dialogue.answer(Speaker("test", name, name), text)
        assert turn.asked is not None
        return turn.asked


def is_right(sentence: CheckSentence, asked: Asked, aspects: dict[str, str]) -> bool:
    """Whether the answer given is an accepted entry, or one of the same topic and aspect."""
    if asked.entry is None:
        return False
    wanted = {(topic_of(key), aspects.get(key)) for key in sentence.accepted}
    return _acceptable(sentence, asked.entry, aspects) or (asked.topic, asked.aspect) in wanted


def _acceptable(sentence: CheckSentence, entry: str, aspects: dict[str, str]) -> bool:
    wanted = {(topic_of(key), aspects.get(key)) for key in sentence.accepted}
    return entry in sentence.accepted or (topic_of(entry), aspects.get(entry)) in wanted


def _count_inside(result: Result, sentence: CheckSentence, asked: Asked, aspects: dict[str, str]) -> None:
    right = is_right(sentence, asked, aspects)
    result.first.count(good=right)
    result.ways.setdefault(sentence.way, Share()).count(good=right)
    result.topics.setdefault(topic_of(str(sentence.entry)), Share()).count(good=right)
    result.three.count(good=right or any(_acceptable(sentence, key, aspects) for key in asked.offered))
    topics = {topic_of(key) for key in sentence.accepted}
    result.wrong_topic.count(good=asked.entry is not None and asked.topic not in topics)
    result.refused.count(good=asked.ending in {Ending.OUT_OF_SCOPE, Ending.NOT_UNDERSTOOD})


async def _forget(_asked: Asked) -> None:
    """Record nothing."""
