"""How alike questions are: by what the understanding makes of them, and by their words. And groups of alike ones.

A question is a vector whose products are likenesses: the square roots of its intents' shares (their product is the
Bhattacharyya coefficient of two distributions) beside its words, the rare ones heavier. Shares are evened out first,
for what a model thinks second and third says more of a question it does not know than how sure it is of the first.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from faq.folding import fold
from nlu.understanding import Understanding

Vector = Mapping[str, float]

INTENT, WORD = "?", "="
"""What the names of a vector's two kinds of features begin with."""
OF_INTENTS, OF_WORDS = 0.6, 0.4
EVENED = 0.5
"""Power of the confidences: below 1 the second and third guesses count for more."""
MOST_INTENTS, MOST_FEATURES = 20, 80
ALIKE = 0.2
"""Mean likeness from which a question belongs to a group; chosen on check sentences (`python -m tests.bench inbox`)."""


@dataclass(frozen=True, slots=True)
class WordWeights:
    """How much each word tells: rare ones much, those of every other sentence nearly nothing."""

    sentences: int
    times: Mapping[str, int]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "WordWeights":
        """Count the words of sentences."""
        every = [set(fold(text).split()) for text in texts]
        return cls(len(every), Counter(word for words in every for word in words))

    def __call__(self, word: str) -> float:
        """Return the weight of a folded word."""
        return math.log((self.sentences + 2) / (self.times.get(word, 0) + 1))


def vector(folded: str, understood: Understanding, weights: WordWeights) -> Vector:
    """Return what a question is compared by."""
    guesses = [guess for guess in understood.guesses[:MOST_INTENTS] if guess.confidence > 0]
    shares = {INTENT + guess.intent: guess.confidence**EVENED for guess in guesses}
    total = sum(shares.values()) or 1.0
    intents = {name: math.sqrt(OF_INTENTS * share / total) for name, share in shares.items()}
    words = {WORD + word: count * weights(word) for word, count in Counter(folded.split()).items()}
    length = math.sqrt(sum(weight * weight for weight in words.values())) or 1.0
    return intents | {name: math.sqrt(OF_WORDS) * weight / length for name, weight in words.items()}


def added_up(vectors: Iterable[Vector]) -> Vector:
    """Return the sum of vectors, but for the features that hardly count."""
    total: Counter[str] = Counter()
    for one in vectors:
        total.update(one)
    return dict(total.most_common(MOST_FEATURES))


def likeliest(total: Vector) -> list[str]:
    """Return the intents of a vector, the likeliest first."""
    intents = [name for name in total if name.startswith(INTENT)]
    return [name.removeprefix(INTENT) for name in sorted(intents, key=lambda name: (-total[name], name))]


class Groups:
    """Groups of vectors, found by what they have in common."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._sums: dict[int, Vector] = {}
        self._having: dict[str, set[int]] = defaultdict(set)

    def put(self, group: int, size: int, total: Vector) -> None:
        """Know a group by the sum of its vectors."""
        self.remove(group)
        self._sizes[group], self._sums[group] = size, total
        for name in total:
            self._having[name].add(group)

    def add(self, group: int, one: Vector) -> None:
        """Add a vector to a group, which may be new."""
        self.put(group, self._sizes.get(group, 0) + 1, added_up((self._sums.get(group, {}), one)))

    def remove(self, group: int) -> None:
        """Forget a group."""
        self._sizes.pop(group, None)
        for name in self._sums.pop(group, {}):
            self._having[name].discard(group)

    def merge(self, group: int, into: int) -> None:
        """Make two groups one."""
        total = added_up((self._sums[group], self._sums[into]))
        self.put(into, self._sizes[group] + self._sizes[into], total)
        self.remove(group)

    def nearest(self, one: Vector) -> int | None:
        """Return the group that a vector belongs to."""
        return self._best(one, 1)

    def twin(self, group: int, *, but: Collection[int] = ()) -> int | None:
        """Return another group that wants the same as `group`, none of `but`."""
        return self._best(self._sums[group], self._sizes[group], but={group, *but})

    def _best(self, total: Vector, size: int, *, but: Collection[int] = ()) -> int | None:
        products: dict[int, float] = defaultdict(float)
        for name, value in total.items():
            for group in self._having.get(name, ()):
                products[group] += value * self._sums[group][name]
        means = (
            (product / size / self._sizes[group], -group) for group, product in products.items() if group not in but
        )
        likeness, negative = max(means, default=(0.0, 0))
        return -negative if likeness >= ALIKE else None
