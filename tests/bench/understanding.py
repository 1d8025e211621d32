"""What share of the check sentences gets the right answer, through the same dialogue as on Telegram."""

import math
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from dialogue.conversation import Dialogue, Recogniser, Speaker
from faq.entries import CheckSentence, Faq
from faq.folding import fold
from faq.live import Live
from stats.endings import Ending
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked


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


@dataclass
class Result:
    """All shares of one pipeline."""

    first: Share = field(default_factory=Share)
    three: Share = field(default_factory=Share)
    wrong_topic: Share = field(default_factory=Share)
    refused: Share = field(default_factory=Share)
    accented: Share = field(default_factory=Share)
    folded: Share = field(default_factory=Share)
    near: Share = field(default_factory=Share)
    far: Share = field(default_factory=Share)
    scam: Share = field(default_factory=Share)
    ways: dict[str, Share] = field(default_factory=dict)
    calibration: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the likeliest intent, over ten bins."""
        bins: dict[int, list[tuple[float, bool]]] = {}
        for confidence, right in self.calibration:
            bins.setdefault(min(int(confidence * 10), 9), []).append((confidence, right))
        gaps = (abs(sum(c for c, _ in b) - sum(r for _, r in b)) for b in bins.values())
        return sum(gaps) / len(self.calibration) if self.calibration else 0.0


class Fixed:
    """A live FAQ that never changes."""

    def __init__(self, faq: Faq) -> None:
        self._live = Live(faq)

    async def now(self) -> Live:
        """Return it."""
        return self._live


async def measure(recogniser: Recogniser, faq: Faq, sentences: Iterable[CheckSentence]) -> Result:
    """Ask every check sentence and count."""
    dialogue = Dialogue(Fixed(faq), recogniser, Pseudonyms("bench"), _forget)
    aspects = {entry.key: entry.aspect for entry in faq.entries}
    result = Result()

    def ask() -> Callable[[str], Awaitable[Asked]]:
        numbers = iter(range(10**9))

        async def asked(text: str) -> Asked:
            name = str(next(numbers))
            turn = await dialogue.answer(Speaker("test", name, name), text)
            assert turn.asked is not None
            return turn.asked

        return asked

    asking = ask()
    for sentence in sentences:
        asked = await asking(sentence.text)
        if sentence.outside:
            kept_out = asked.ending is not Ending.ANSWERED
            (result.near if sentence.outside == "near" else result.far).count(good=kept_out)
        elif sentence.safety:
            result.scam.count(good=asked.topic == str(sentence.entry).partition(".")[0])
        else:
            _count_inside(result, sentence, asked, aspects)
            if fold(sentence.text) != sentence.text.lower():
                result.accented.count(good=is_right(sentence, asked, aspects))
                bare = await asking(fold(sentence.text))
                result.folded.count(good=is_right(sentence, bare, aspects))
            best = (await recogniser.parse(sentence.text)).best
            if best is not None:
                result.calibration.append((best.confidence, best.intent in sentence.accepted))
    return result


def is_right(sentence: CheckSentence, asked: Asked, aspects: dict[str, str]) -> bool:
    """Whether the answer given is an accepted entry, or one of the same topic and aspect."""
    return asked.entry is not None and _acceptable(sentence, asked.entry, aspects)


def _acceptable(sentence: CheckSentence, entry: str, aspects: dict[str, str]) -> bool:
    wanted = {(key.partition(".")[0], aspects.get(key)) for key in sentence.accepted}
    return entry in sentence.accepted or (entry.partition(".")[0], aspects.get(entry)) in wanted


def _count_inside(result: Result, sentence: CheckSentence, asked: Asked, aspects: dict[str, str]) -> None:
    right = is_right(sentence, asked, aspects)
    result.first.count(good=right)
    result.ways.setdefault(sentence.way, Share()).count(good=right)
    result.three.count(good=right or any(_acceptable(sentence, key, aspects) for key in asked.offered))
    topics = {key.partition(".")[0] for key in sentence.accepted}
    result.wrong_topic.count(good=asked.entry is not None and asked.topic not in topics)
    result.refused.count(good=asked.ending in {Ending.OUT_OF_SCOPE, Ending.NOT_UNDERSTOOD})


async def _forget(_asked: Asked) -> None:
    """Record nothing."""
