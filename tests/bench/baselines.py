"""What plain search makes of the same sentences: BM25 over words, and rapidfuzz over letters. No training, no model."""

from collections.abc import Iterable, Sequence

import bm25s
import numpy as np
from rapidfuzz import fuzz, process

from faq.folding import fold
from nlu.training_set import TrainingSet
from nlu.understanding import Guess, Understanding


class Bm25:
    """The intent of the example sentence that BM25 (on words without accents) finds first."""

    def __init__(self, training: TrainingSet) -> None:
        self._intents = [example.intent for example in training.examples]
        self._index = bm25s.BM25()
        self._index.index([fold(example.text).split() for example in training.examples], show_progress=False)

    async def parse(self, text: str) -> Understanding:
        """Return every intent with its best sentence's score as a share of all."""
        words = fold(text).split()
        return _best(self._intents, self._index.get_scores(words)) if words else Understanding()


class Alike:
    """The intent of the example sentence with the most similar letters (rapidfuzz, token set ratio)."""

    def __init__(self, training: TrainingSet) -> None:
        self._intents = [example.intent for example in training.examples]
        self._texts = [fold(example.text) for example in training.examples]

    async def parse(self, text: str) -> Understanding:
        """Return every intent with its best sentence's score as a share of all."""
        scores = process.cdist([fold(text)], self._texts, scorer=fuzz.token_set_ratio)[0]
        return _best(self._intents, scores)


def _best(intents: Sequence[str], scores: Iterable[float]) -> Understanding:
    best: dict[str, float] = {}
    for intent, score in zip(intents, np.asarray(scores, dtype=float), strict=True):
        best[intent] = max(best.get(intent, 0.0), float(score))
    total = sum(best.values()) or 1.0
    return Understanding.of(Guess(intent, score / total) for intent, score in best.items())
