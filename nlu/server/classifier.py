"""An intent classifier of two linear models that trains in seconds and knows how sure it is.

A support vector machine reads the n-grams: the words people use. If it is not sure by itself, a logistic regression
reads the sentence vector, which takes longer: what they mean. Their scores are added up and become probabilities; how
much each counts, and how sharply, is fitted on sentences that neither had seen, so that confidences are honest.
"""

import ctypes
import gc
import hashlib
import json
import os
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from nlu.server.vectors import CACHE_FOLDER, VECTOR

SAME = 0.98
"""Share of sentences that two trainings must have in common to share their shares."""
NEVER = -20.0
"""Score of a class that had no sentence in a fold."""


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities row by row."""
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@dataclass
class Features:
    """Sentences as numbers: n-grams (sparse, may have no column) and vectors (dense, may have no column)."""

    sparse: csr_matrix
    dense: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Features":
        """Return some of the sentences."""
        return Features(self.sparse[rows], self.dense[rows])


@dataclass
class Linear:
    """Weights of one score per class: (features and a constant) x classes."""

    weights: np.ndarray

    def scores(self, features: Any) -> np.ndarray:
        """Return sentences x classes."""
        return np.asarray(features @ self.weights[:-1] + self.weights[-1])


@dataclass
class Models:
    """The two models; without vectors among the training sentences there is no model of meaning."""

    words: Linear
    meaning: Optional[Linear]
    centre: np.ndarray

    def scores(self, features: Features) -> np.ndarray:
        """Return models x sentences x classes."""
        found = [self.words.scores(features.sparse)]
        if self.meaning:
            found.append(self.meaning.scores(centred(features.dense, self.centre)))
        return np.stack(found)


@dataclass
class Shares:
    """By how much scores are multiplied before they become probabilities: of words alone, of both models together."""

    alone: np.ndarray
    together: np.ndarray


def centred(vectors: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return vectors of length 1 as seen from `centre`: sentence vectors all point much the same way."""
    moved = vectors - centre
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


class KeptShares:
    """The shares of an earlier training: sentences that are nearly all the same need no new ones.

    Fitting them takes as long as the models themselves, and one edit of an entry does not move them.
    """

    def __init__(self, folder: str, config: Dict[str, Any], sentences: List[str]) -> None:
        """Remember where they are kept (`folder` may be empty for nowhere), and for what they count."""
        self._path = Path(folder) / "shares.json" if folder else None
        self._config = json.dumps(config, sort_keys=True)
        self._sentences = {hashlib.sha256(sentence.encode()).hexdigest()[:16] for sentence in sentences}

    def read(self) -> Optional[Shares]:
        """Return them if they were fitted on nearly these sentences in this way."""
        if self._path is None or not self._path.exists():
            return None
        try:
            about = json.loads(self._path.read_text("utf-8"))
            then = set(about["sentences"])
            if about["config"] != self._config or len(then & self._sentences) < SAME * len(then | self._sentences):
                return None
            return Shares(np.array(about["alone"]), np.array(about["together"]))
        except (ValueError, KeyError, TypeError):  # cut off or of another version: fit anew
            return None

    def keep(self, shares: Shares) -> None:
        """Keep them for the next training."""
        if self._path is None:
            return
        about = {"alone": shares.alone.tolist(), "together": shares.together.tolist()}
        about.update(config=self._config, sentences=sorted(self._sentences))
        with suppress(OSError):  # a full or read-only disk costs the next training time, not this one
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(about), "utf-8")


def fit(
    features: Features, labels: np.ndarray, config: Dict[str, Any], known: Optional[Shares] = None
) -> Tuple[Models, Shares]:
    """Return models of all sentences, and what each one's scores count for: `known`, or fitted on a part held out."""
    classes = int(labels.max()) + 1
    if known is not None:
        return _models(features, labels, classes, config), known
    folds = StratifiedKFold(config["folds"], shuffle=True, random_state=config["seed"])
    seen, unseen = next(folds.split(features.dense, labels))
    with ThreadPoolExecutor(2) as threads:  # the solver lets other threads work meanwhile
        whole = threads.submit(_models, features, labels, classes, config)
        part = threads.submit(_models, features[seen], labels[seen], classes, config)
        scores = part.result().scores(features[unseen])
        shares = Shares(_shares(scores[:1], labels[unseen]), _shares(scores, labels[unseen]))
        return whole.result(), shares


def _models(features: Features, labels: np.ndarray, classes: int, config: Dict[str, Any]) -> Models:
    centre = features.dense.mean(axis=0)
    with ThreadPoolExecutor(1) as thread:
        machine = LinearSVC(C=config["cost"], random_state=config["seed"])
        words = thread.submit(machine.fit, features.sparse, labels)
        meaning = None
        if features.dense.shape[1]:
            regression = LogisticRegression(C=config["meaning_cost"], max_iter=config["meaning_steps"])
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early on purpose: more gains nothing
                regression.fit(centred(features.dense, centre), labels)
            meaning = _linear(regression, classes, absent=NEVER)
        return Models(_linear(words.result(), classes, absent=-1.0), meaning, centre)


def _linear(trained: Any, classes: int, absent: float) -> Linear:
    weights = np.vstack([trained.coef_.T, trained.intercept_])
    everything = np.zeros((weights.shape[0], classes), dtype=np.float32)
    everything[-1] = absent
    two_sided = weights.shape[1] == 1  # with two classes there is one margin for both
    everything[:, trained.classes_] = np.hstack([-weights, weights]) if two_sided else weights
    return Linear(everything)


def _shares(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the factors on each model's scores under which the true labels are likeliest."""
    rows = np.arange(len(labels))

    def surprise(log_factors: np.ndarray) -> float:
        likelihood = softmax(np.tensordot(np.exp(log_factors), scores, axes=1))[rows, labels]
        return float(-np.log(likelihood + 1e-12).mean())

    start = np.zeros(len(scores))
    found = minimize(surprise, start, method="Nelder-Mead", options={"maxiter": 80, "xatol": 0.01, "fatol": 1e-5})
    return np.exp(np.clip(found.x, -5.0, 5.0))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class BlendedIntentClassifier(IntentClassifier, GraphComponent):
    """Classifies sentences by n-grams (sparse sentence features) and vectors; ranks every intent.

    Messages whose words alone leave less than `1 - sure_of_words` of doubt are not turned into vectors. `sharpen`
    multiplies all scores once more: the shares are fitted on a model of fewer sentences than the one that answers.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """None by class: any component that adds sentence features will do."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's default config."""
        return {
            "cost": 0.5,
            "meaning_cost": 30.0,
            "meaning_steps": 30,
            "sure_of_words": 0.9,
            "sharpen": 1.0,
            "folds": 4,
            "seed": 7,
        }

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        models: Optional[Models] = None,
        shares: Optional[Shares] = None,
        intents: Optional[List[str]] = None,
    ) -> None:
        """Constructs a classifier; without models it is untrained."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._models = models
        self._shares = shares or Shares(np.ones(1), np.ones(2))
        self._intents = intents or []

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "BlendedIntentClassifier":
        """Creates a new untrained component (see parent class for full docstring)."""
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on all sentences that have an intent."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        self._intents = sorted({m.get(INTENT) for m in examples})
        index = {intent: i for i, intent in enumerate(self._intents)}
        labels = np.array([index[m.get(INTENT)] for m in examples])
        kept = KeptShares(os.environ.get(CACHE_FOLDER, ""), self._config, [m.get(TEXT) for m in examples])
        known = kept.read()
        self._models, self._shares = fit(_features(examples), labels, self._config, known)
        if known is None:
            kept.keep(self._shares)
        with self._model_storage.write_to(self._resource) as folder:
            weights = {"words": self._models.words.weights, "centre": self._models.centre}
            if self._models.meaning:
                weights["meaning"] = self._models.meaning.weights
            # Half the digits, for the file is packed and unpacked at every publication; scores differ by a thousandth.
            weights = {name: numbers.astype(np.float16) for name, numbers in weights.items()}
            np.savez(folder / "weights.npz", alone=self._shares.alone, together=self._shares.together, **weights)
            (folder / "intents.json").write_text(json.dumps(self._intents, ensure_ascii=False), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "BlendedIntentClassifier":
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            intents = json.loads((folder / "intents.json").read_text("utf-8"))
            with np.load(folder / "weights.npz") as kept:
                weights = {n: kept[n].astype(np.float32) for n in ("words", "meaning", "centre") if n in kept}
                meaning = Linear(weights["meaning"]) if "meaning" in weights else None
                models = Models(Linear(weights["words"]), meaning, weights["centre"])
                shares = Shares(kept["alone"], kept["together"])
        _give_back_memory()
        return cls({**cls.get_default_config(), **config}, model_storage, resource, models, shares, intents)

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the likeliest intent and the ranking of all of them."""
        for message in messages:
            ranking = self._ranking(message)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[str, Any]]:
        if self._models is None or not message.get(TEXT):
            return [{"name": None, "confidence": 0.0}]
        features = _features([message])
        confidences = self._by_words(features)
        if self._models.meaning and VECTOR in message.data and confidences.max() < self._config["sure_of_words"]:
            features.dense = message.get(VECTOR)().reshape(1, -1)
            scores = self._models.scores(features)
            confidences = softmax(self._config["sharpen"] * np.tensordot(self._shares.together, scores, axes=1))[0]
        order = np.argsort(-confidences)
        return [{"name": self._intents[i], "confidence": float(confidences[i])} for i in order]

    def _by_words(self, features: Features) -> np.ndarray:
        assert self._models is not None
        scores = self._shares.alone[0] * self._models.words.scores(features.sparse)
        return softmax(self._config["sharpen"] * scores)[0]


def _features(messages: List[Message]) -> Features:
    """Return the sentence features of messages; each featurizer has added its own to all of them, in one order."""
    found = [[f for f in m.features if f.attribute == TEXT and f.type == "sentence"] for m in messages]
    sparse = [vstack([csr_matrix(f.features) for f in column]) for column in zip(*found) if column[0].is_sparse()]
    dense = [np.vstack([f.features for f in column]) for column in zip(*found) if column[0].is_dense()]
    rows = len(messages)
    return Features(
        hstack(sparse, format="csr", dtype=np.float32) if sparse else csr_matrix((rows, 0), dtype=np.float32),
        np.hstack(dense).astype(np.float32) if dense else np.zeros((rows, 0), dtype=np.float32),
    )


def _give_back_memory() -> None:
    """Return what a training has left behind to the system: a new model is loaded when it is over."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
