"""What the NLU makes of one message: every intent with its confidence, likeliest first."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guess:
    """An intent and how likely it is meant (0 to 1)."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """All guesses for one message, likeliest first."""

    guesses: tuple[Guess, ...] = ()
    model: str | None = None

    @classmethod
    def of(cls, guesses: Iterable[Guess], model: str | None = None) -> "Understanding":
        """Order `guesses` by confidence (ties by name, so that results are repeatable)."""
        return cls(tuple(sorted(guesses, key=lambda g: (-g.confidence, g.intent))), model)

    @property
    def best(self) -> Guess | None:
        """The likeliest guess, if there is any."""
        return self.guesses[0] if self.guesses else None

    def confidence(self, intent: str) -> float:
        """Return how likely `intent` is; 0 if it was not guessed."""
        return next((g.confidence for g in self.guesses if g.intent == intent), 0.0)

    def sums(self, group: Callable[[str], str | None]) -> dict[str, float]:
        """Sum the confidences by `group(intent)`, likeliest group first; None is left out."""
        totals: dict[str, float] = defaultdict(float)
        for guess in self.guesses:
            name = group(guess.intent)
            if name is not None:
                totals[name] += guess.confidence
        return dict(sorted(totals.items(), key=lambda item: (-item[1], item[0])))

    def weighed(self, weight: Callable[[Guess], float]) -> "Understanding":
        """Return the same guesses with the shares that `weight` gives them."""
        weights = {guess.intent: weight(guess) for guess in self.guesses}
        total = sum(weights.values()) or 1.0
        return Understanding.of((Guess(intent, w / total) for intent, w in weights.items()), self.model)

    def only(self, keep: Callable[[str], bool]) -> "Understanding":
        """Return the guesses whose intent passes `keep`."""
        return Understanding(tuple(g for g in self.guesses if keep(g.intent)), self.model)
