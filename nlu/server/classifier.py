"""A linear intent classifier that trains in seconds and knows how sure it is.

A support vector machine on all features of a sentence. Its margins become probabilities by one factor, fitted on
sentences that the machine which scored them had not seen, so that confidences are honest.
"""

import json
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
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return probabilities row by row."""
    exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def fit(features: csr_matrix, labels: np.ndarray, config: Dict[str, Any]) -> Tuple[np.ndarray, float]:
    """Return the weights (features and a constant x classes) and the sharpness of the probabilities."""
    classes = int(labels.max()) + 1
    unseen = np.full((len(labels), classes), -1.0)
    for train, rest in StratifiedKFold(config["folds"], shuffle=True, random_state=config["seed"]).split(
        features, labels
    ):
        weights = _machine(features[train], labels[train], classes, config)
        unseen[rest] = features[rest] @ weights[:-1] + weights[-1]
    return _machine(features, labels, classes, config), _sharpness(unseen, labels)


def _machine(features: csr_matrix, labels: np.ndarray, classes: int, config: Dict[str, Any]) -> np.ndarray:
    machine = LinearSVC(C=config["cost"], random_state=config["seed"]).fit(features, labels)
    weights = np.vstack([machine.coef_.T, machine.intercept_])
    everything = np.full((weights.shape[0], classes), 0.0)
    everything[-1] = -1.0  # a class without a sentence in this fold is never the likeliest
    two_sided = weights.shape[1] == 1  # with two classes there is one margin for both
    everything[:, machine.classes_] = np.hstack([-weights, weights]) if two_sided else weights
    return everything


def _sharpness(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return the factor on `scores` under which the true labels are likeliest."""

    def surprise(log_factor: float) -> float:
        likelihood = softmax(scores * np.exp(log_factor))[np.arange(len(labels)), labels]
        return float(-np.log(likelihood + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(0.0, 5.0), method="bounded").x))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Classifies sentences from all sparse and dense sentence features; ranks every intent."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """None by class: any component that adds sentence features will do."""
        return []

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's default config."""
        return {"cost": 0.5, "folds": 3, "seed": 7}

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        weights: Optional[np.ndarray] = None,
        intents: Optional[List[str]] = None,
        sharpness: float = 1.0,
    ) -> None:
        """Constructs a classifier; without weights it is untrained."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._weights = weights
        self._intents = intents or []
        self._sharpness = sharpness

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LinearIntentClassifier":
        """Creates a new untrained component (see parent class for full docstring)."""
        return cls({**cls.get_default_config(), **config}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Trains on all sentences that have an intent."""
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        self._intents = sorted({m.get(INTENT) for m in examples})
        index = {intent: i for i, intent in enumerate(self._intents)}
        labels = np.array([index[m.get(INTENT)] for m in examples])
        features = vstack([self._features(m) for m in examples]).tocsr()
        weights, self._sharpness = fit(features, labels, self._config)
        self._weights = weights.astype(np.float32)
        with self._model_storage.write_to(self._resource) as folder:
            np.save(folder / "weights.npy", self._weights)
            about = {"intents": self._intents, "sharpness": self._sharpness}
            (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False), "utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """Loads a trained component (see parent class for full docstring)."""
        with model_storage.read_from(resource) as folder:
            about = json.loads((folder / "about.json").read_text("utf-8"))
            weights = np.load(folder / "weights.npy")
        merged = {**cls.get_default_config(), **config}
        return cls(merged, model_storage, resource, weights, about["intents"], about["sharpness"])

    def process(self, messages: List[Message]) -> List[Message]:
        """Sets the likeliest intent and the ranking of all of them."""
        for message in messages:
            ranking = self._ranking(message)
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[str, Any]]:
        if self._weights is None or not message.get(TEXT):
            return [{"name": None, "confidence": 0.0}]
        scores = self._features(message) @ self._weights[:-1] + self._weights[-1]
        confidences = softmax(scores * self._sharpness)[0]
        order = np.argsort(-confidences)
        return [{"name": self._intents[i], "confidence": float(confidences[i])} for i in order]

    @staticmethod
    def _features(message: Message) -> csr_matrix:
        found = [f for f in message.features if f.attribute == TEXT and f.type == "sentence"]
        return hstack([csr_matrix(f.features) for f in found], format="csr", dtype=np.float32)
