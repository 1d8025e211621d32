"""Accents put back where people leave them out: "tam tru" becomes "tạm trú", as the FAQ's own sentences write it.

All text is folded first, so that a message typed with accents and the same one without become one; and what is
typed with wrong tones ("đỗi thẻ") is mended on the way. Sentence vectors need it: they were learned from
Vietnamese as it is printed, and make little of "dang ky tam tru".
"""

import json
import math
import re
from collections import Counter, defaultdict
from typing import Any, Dict, Iterable, List, Optional, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.server.normalizer import FOLDED, NORMAL, fold

RESTORED = "restored_text"
"""Attribute of a message that holds its words with accents put back."""

_WORD = re.compile(r"\w+")
_START = ""
_CANDIDATES = 5
_LEAST_ACCENTED = 0.35
"""Share of words with accents from which on a sentence counts as written with them."""
_MOST_KNOWN = 200_000
"""Likelihoods kept: of all pairs that training sentences have, and of the commonest that citizens write."""


class AccentModel:
    """How often each accented word, and each word after another, was seen: a bigram model."""

    def __init__(self, words: Counter, pairs: Counter) -> None:
        """Prepare the choices for every word without accents."""
        self.words = words
        self.pairs = pairs
        self._known: Dict[Tuple[str, str], float] = {}
        choices: Dict[str, List[Tuple[str, int]]] = defaultdict(list)
        for word, count in words.items():
            choices[fold(word)].append((word, count))
        self._choices = {
            bare: [(word, count / sum(n for _, n in found)) for word, count in _commonest(found)]
            for bare, found in choices.items()
        }

    @classmethod
    def of(cls, sentences: Iterable[str]) -> "AccentModel":
        """Learn from those of `sentences` that are written with accents."""
        words: Counter = Counter()
        pairs: Counter = Counter()
        for sentence in sentences:
            found = _WORD.findall(sentence)
            if sum(fold(word) != word for word in found) < _LEAST_ACCENTED * len(found):
                continue
            words.update(found)
            pairs.update(zip([_START, *found], found))
        return cls(words, pairs)

    def restore(self, folded: str) -> str:
        """Return the likeliest words with accents (Viterbi); unknown words stay as they are."""
        paths: Dict[str, Tuple[float, Tuple[Any, ...]]] = {_START: (0.0, ())}
        for bare in _WORD.findall(folded):
            choices = self._choices.get(bare) or [(bare, 1.0)]
            if len(choices) == len(paths) == 1:  # nothing to choose
                paths = {choices[0][0]: (0.0, (choices[0][0], next(iter(paths.values()))[1]))}
                continue
            paths = {word: self._best(paths, word, share) for word, share in choices}
        _, path = max(paths.values(), key=lambda scored: scored[0])
        words: List[str] = []
        while path:
            word, path = path
            words.append(word)
        return " ".join(reversed(words))

    def _best(
        self, paths: Dict[str, Tuple[float, Tuple[Any, ...]]], word: str, share: float
    ) -> Tuple[float, Tuple[Any, ...]]:
        score, path = -math.inf, ()
        for before, (so_far, behind) in paths.items():
            reached = so_far + self._likelihood(before, word, share)
            if reached > score:
                score, path = reached, behind
        return score, (word, path)

    def _likelihood(self, before: str, word: str, share: float) -> float:
        """Return the logarithm of how likely `word` follows `before`, falling back on how common it is by itself."""
        likelihood = self._known.get((before, word))
        if likelihood is None:
            seen = self.words.get(before, 0)
            likelihood = math.log((self.pairs.get((before, word), 0) + share) / (seen + 1.0) + 0.02 * share + 1e-6)
            if len(self._known) < _MOST_KNOWN:
                self._known[before, word] = likelihood
        return likelihood


def _commonest(found: List[Tuple[str, int]]) -> List[Tuple[str, int]]:
    return sorted(found, key=lambda item: (-item[1], item[0]))[:_CANDIDATES]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class AccentRestorer(GraphComponent):
    """Notes each message's words with accents put back; needs `VietnameseNormalizer` before it."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, accents: Optional[AccentModel] = None) -> None:
        """Constructs a component; without `accents` it is untrained."""
        self._model_storage = model_storage
        self._resource = resource
        self._accents = accents or AccentModel(Counter(), Counter())

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "AccentRestorer":
        """Creates a new untrained component (see parent class for full docstring)."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the training sentences that have accents."""
        self._accents = AccentModel.of(m.get(NORMAL) for m in training_data.training_examples if m.get(NORMAL))
        about = {
            "words": self._accents.words,
            "pairs": [[before, word, n] for (before, word), n in self._accents.pairs.items()],
        }
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "accents.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "AccentRestorer":
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            about = json.loads((folder / "accents.json").read_text("utf-8"))
        pairs = Counter({(before, word): n for before, word, n in about["pairs"]})
        return cls(model_storage, resource, AccentModel(Counter(about["words"]), pairs))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Notes the training sentences."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Notes messages in place."""
        for message in messages:
            if message.get(TEXT):
                message.set(RESTORED, self._accents.restore(message.get(FOLDED)))
        return messages
