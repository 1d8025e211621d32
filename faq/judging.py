"""Judge a candidate on the check sentences: may it go live?"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from faq.entries import OUTSIDE_TOPIC, CheckSentence, topic_of
from nlu.rasa_client import Judged
from nlu.training_set import Example, plain


@dataclass(frozen=True, slots=True)
class Failure:
    """A check sentence that the candidate took for something else."""

    text: str
    expected: str
    guessed: str
    safety: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How a candidate did: counts of check sentences, and those it failed."""

    inside: int = 0
    inside_right: int = 0
    outside: int = 0
    outside_right: int = 0
    safety: int = 0
    safety_right: int = 0
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0
    """What the training took; 0 if that is not known."""
    examples: int = 0
    """How many sentences it was trained on; 0 if that is not known."""

    @property
    def right(self) -> float:
        """Share of check sentences in scope whose likeliest intent is right (1 if there are none)."""
        return self.inside_right / self.inside if self.inside else 1.0

    @property
    def safe(self) -> float:
        """Share of scam messages that are taken for scams (1 if there are none)."""
        return self.safety_right / self.safety if self.safety else 1.0

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is stored with its release."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Report":
        """Read a stored report; an empty one stands for a release that was never judged."""
        failures = tuple(Failure(**failure) for failure in data.get("failures", ()))
        return cls(**{**data, "failures": failures})


@dataclass(frozen=True, slots=True)
class Gate:
    """What a candidate must reach."""

    least_right: float = 0.8
    least_safe: float = 0.97
    worst_drop: float = 0.02

    def refusal(self, candidate: Report, live: Report | None) -> str | None:
        """Say why `candidate` may not go live, or nothing if it may."""
        if candidate.safe < self.least_safe:
            return f"chỉ nhận ra {percent(candidate.safe)} câu lừa đảo; cần ít nhất {percent(self.least_safe)}"
        if live and candidate.safe < live.safe:
            return f"nhận ra {percent(candidate.safe)} câu lừa đảo, kém bản đang chạy ({percent(live.safe)})"
        if candidate.right < self.least_right:
            return f"chỉ đúng {percent(candidate.right)} câu kiểm tra; cần ít nhất {percent(self.least_right)}"
        if live and live.inside and candidate.right < live.right - self.worst_drop:
            now, before, most = map(percent, (candidate.right, live.right, self.worst_drop))
            return f"đúng {now} câu kiểm tra, kém bản đang chạy ({before}) quá {most}"
        return None


def as_examples(sentences: Iterable[CheckSentence]) -> tuple[Example, ...]:
    """Return check sentences in the form in which Rasa judges them; it knows no conversations."""
    return tuple(Example(s.entry or OUTSIDE_TOPIC, s.text) for s in sentences if not s.before)


def report_on(sentences: Iterable[CheckSentence], judged: Iterable[Judged]) -> Report:
    """Compare what was guessed with what is accepted."""
    guesses = {plain(j.text): j.guessed for j in judged}
    counts = dict.fromkeys(("inside", "inside_right", "outside", "outside_right", "safety", "safety_right"), 0)
    failures = []
    for sentence in (s for s in sentences if not s.before):
        guessed = guesses.get(plain(sentence.text), "")
        right = _is_right(sentence, guessed)
        kind = "safety" if sentence.safety else "outside" if sentence.outside else "inside"
        counts[kind] += 1
        counts[f"{kind}_right"] += right
        if not right:
            failures.append(Failure(sentence.text, sentence.entry or OUTSIDE_TOPIC, guessed, sentence.safety))
    return Report(**counts, failures=tuple(failures))


def percent(share: float) -> str:
    """Return a share as it is written in Vietnamese: 92,5 %."""
    return f"{share * 100:.1f} %".replace(".", ",")


def _is_right(sentence: CheckSentence, guessed: str) -> bool:
    if sentence.outside:
        return topic_of(guessed) == OUTSIDE_TOPIC
    if sentence.safety:
        return bool(sentence.entry) and topic_of(guessed) == topic_of(str(sentence.entry))
    return guessed in sentence.accepted
