"""Every training sentence, folded once: who else has one like it? Quick enough to ask while somebody types."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from faq.checking import NEAR_COPY
from faq.folding import fold

_SHORTEST, _LONGEST = NEAR_COPY / (200 - NEAR_COPY), (200 - NEAR_COPY) / NEAR_COPY
"""Times the length of a sentence: what is shorter or longer cannot be as alike as `NEAR_COPY`."""

MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Owned:
    """A training sentence: under which intent, as it was typed, and folded."""

    intent: str
    text: str
    folded: str

    @classmethod
    def by(cls, intent: str, text: str) -> "Owned":
        """Fold a sentence."""
        return cls(intent, text, fold(text))


class Sentences:
    """A prepared set of sentences; what was asked once is remembered as long as the set."""

    def __init__(self, owned: Iterable[Owned]) -> None:
        self._owned = sorted(owned, key=lambda sentence: len(sentence.folded))
        self._folded = [sentence.folded for sentence in self._owned]
        self._lengths = [len(folded) for folded in self._folded]
        self._same: dict[str, list[Owned]] = defaultdict(list)
        for sentence in self._owned:
            self._same[sentence.folded].append(sentence)
        self._alike: dict[str, tuple[Owned, ...]] = {}

    def same(self, text: str) -> tuple[Owned, ...]:
        """Return the sentences that are `text` but for accents, capitals and punctuation."""
        return tuple(self._same.get(fold(text), ()))

    def alike(self, text: str) -> tuple[Owned, ...]:
        """Return the sentences that are `text`, typed a little differently or not, the likest first."""
        folded = fold(text)
        if len(self._alike) > MOST_REMEMBERED:
            self._alike.clear()
        if folded not in self._alike:
            self._alike[folded] = self._find(folded) if folded else ()
        return self._alike[folded]

    def _find(self, folded: str) -> tuple[Owned, ...]:
        start = bisect_left(self._lengths, int(len(folded) * _SHORTEST))
        end = bisect_right(self._lengths, int(len(folded) * _LONGEST) + 1)
        near = self._folded[start:end]
        hits = process.extract(folded, near, scorer=fuzz.ratio, score_cutoff=NEAR_COPY, limit=None)
        return tuple(self._owned[start + place] for _, _, place in hits)


class Overlaid:
    """A prepared set in which the sentences of some intents are replaced: quick to make again when a draft changes."""

    def __init__(self, below: Sentences, above: Sentences, replaced: Collection[str]) -> None:
        self._below = below
        self._above = above
        self._replaced = frozenset(replaced)

    def same(self, text: str) -> tuple[Owned, ...]:
        """Return the sentences that are `text` but for accents, capitals and punctuation."""
        return (*self._above.same(text), *self._kept(self._below.same(text)))

    def alike(self, text: str) -> tuple[Owned, ...]:
        """Return the sentences that are `text`, typed a little differently or not."""
        return (*self._above.alike(text), *self._kept(self._below.alike(text)))

    def _kept(self, found: Iterable[Owned]) -> Iterator[Owned]:
        return (sentence for sentence in found if sentence.intent not in self._replaced)
