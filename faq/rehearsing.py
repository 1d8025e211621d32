"""A rehearsal: what was really asked, put to the live model and to a candidate. Which answers would be others?"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from faq.entries import BARE_TOPIC, EMERGENCY, OUTSIDE_TOPIC, SCAM_TOPIC, topic_of
from nlu.rasa_client import Judged
from nlu.training_set import Example, plain

DAYS = 28
MOST_SENTENCES = 2_000
FEWEST_ASKED = 200
"""With fewer questions than these, the check sentences are put instead."""
SHOWN_OF_A_GROUP = 5
SHOWN_OF_A_LOSS = 50
"""Of sentences that lose an answer that keeps somebody safe, (nearly) all are kept to be read."""
SAID = Example(OUTSIDE_TOPIC, "")
ASKED_BACK, NOT_UNDERSTOOD, OUTSIDE = "?back", "?none", "?outside"
"""What stands for an entry where none is given."""


class AskedLately(Protocol):
    """Whatever knows what citizens asked in the last weeks, masked."""

    async def sentences(self, since: dt.datetime, most: int) -> Sequence[str]:
        """Return different sentences, the latest first."""
        ...

    async def answered(self, since: dt.datetime, keys: Collection[str]) -> int:
        """Count the questions that were answered with one of some entries."""
        ...


@dataclass(frozen=True, slots=True)
class Sureness:
    """From which confidence on an entry is given, and from which on it is asked back."""

    sure: float = 0.5
    worth_offering: float = 0.2
    urgent: float = 0.3
    """From which on calls for help and warnings of scams are given."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that go from one answer to another: how many, and a few of them."""

    before: str
    after: str
    count: int
    texts: tuple[str, ...]

    @property
    def loses_safety(self) -> bool:
        """Whether people in danger, or being cheated, are no longer told what helps."""
        return bool(loss_of(self.before, self.after))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many sentences would be answered in another way, and which."""

    sentences: int = 0
    different: int = 0
    from_checks: bool = False
    groups: tuple[Group, ...] = ()
    asked_of_changed: int = 0
    """Questions of the last weeks whose answer will read differently, for its entry was changed."""

    @property
    def losses(self) -> tuple[Group, ...]:
        """The groups that lose an answer that keeps somebody safe."""
        return tuple(group for group in self.groups if group.loses_safety)

    def as_json(self) -> dict[str, Any]:
        """Return the rehearsal as it is stored with its publication."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Rehearsal":
        """Read a stored rehearsal; an empty one stands for none."""
        groups = (Group(**{**group, "texts": tuple(group["texts"])}) for group in data.get("groups", ()))
        return cls(**{**data, "groups": tuple(groups)})


def loss_of(before: str, after: str) -> str:
    """Return what keeps somebody safe and is lost (`EMERGENCY` or `SCAM_TOPIC`), or nothing."""
    kept = keeps_safe(before)
    return kept if kept != keeps_safe(after) else ""


def keeps_safe(outcome: str) -> str:
    """Return which urgent help an answer is: `EMERGENCY`, `SCAM_TOPIC`, or none."""
    if outcome == EMERGENCY:
        return EMERGENCY
    return SCAM_TOPIC if topic_of(outcome) == SCAM_TOPIC else ""


def as_said(texts: Iterable[str]) -> tuple[Example, ...]:
    """Return sentences in the form in which Rasa judges them, each once; what they should mean is not known."""
    return tuple(Example(SAID.intent, text) for text in dict.fromkeys(map(plain, texts)) if text)


def compare(before: Iterable[Judged], after: Iterable[Judged], sureness: Sureness, *, from_checks: bool) -> Rehearsal:
    """Return which sentences end otherwise after than before, the largest group first."""
    was = {judged.text: _outcome(judged, sureness) for judged in before}
    changes: dict[tuple[str, str], list[str]] = defaultdict(list)
    count = 0
    for judged in after:
        old, new = was.get(judged.text), _outcome(judged, sureness)
        count += old is not None
        if old not in {None, new}:
            changes[str(old), new].append(judged.text)
    largest = Counter({pair: len(texts) for pair, texts in changes.items()}).most_common()
    groups = tuple(Group(*pair, count=times, texts=_shown(pair, changes[pair])) for pair, times in largest)
    return Rehearsal(count, sum(times for _, times in largest), from_checks, groups)


def _shown(pair: tuple[str, str], texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(texts[: SHOWN_OF_A_LOSS if loss_of(*pair) else SHOWN_OF_A_GROUP])


def _outcome(judged: Judged, sureness: Sureness) -> str:
    """Return the entry that a sentence gets, or what stands for none."""
    if judged.confidence < sureness.worth_offering or not judged.guessed:
        return NOT_UNDERSTOOD
    if keeps_safe(judged.guessed):
        return judged.guessed if judged.confidence >= sureness.urgent else ASKED_BACK
    if topic_of(judged.guessed) == OUTSIDE_TOPIC:
        return OUTSIDE if judged.confidence >= sureness.sure else ASKED_BACK
    if topic_of(judged.guessed) == BARE_TOPIC or judged.confidence < sureness.sure:
        return ASKED_BACK
    return judged.guessed
