"""Weighted character and word n-grams of a sentence, with its accents or without them."""

import json
from typing import Any, Dict, List

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.server.normalizer import FOLDED, NORMAL


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(GraphComponent):
    """Adds tf-idf weights of n-grams as sparse features of the sentence.

    Rasa's own CountVectorsFeaturizer counts without weighing, and sees one spelling only.
    Needs `VietnameseNormalizer` before it if `folded` is set.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's default config."""
        return {"folded": True, "analyzer": "char_wb", "min_ngram": 2, "max_ngram": 5, "min_df": 2, "weight": 1.0}

    def __init__(self, config: Dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        """Constructs an untrained featurizer."""
        self._config = config
        self._name = name
        self._model_storage = model_storage
        self._resource = resource
        self._vectorizer = self._new_vectorizer()

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "NgramFeaturizer":
        """Creates a new untrained component (see parent class for full docstring)."""
        merged = {**cls.get_default_config(), **config}
        return cls(merged, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns which n-grams there are and how telling each is."""
        self._vectorizer.fit([self._text(m) for m in training_data.training_examples if m.get(TEXT)])
        with self._model_storage.write_to(self._resource) as folder:
            vocabulary = {ngram: int(index) for ngram, index in self._vectorizer.vocabulary_.items()}
            (folder / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
            np.save(folder / "idf.npy", self._vectorizer.idf_.astype(np.float32))
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "NgramFeaturizer":
        """Loads a trained component (see parent class for full docstring)."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            vocabulary = json.loads((folder / "vocabulary.json").read_text("utf-8"))
            component._vectorizer = component._new_vectorizer(vocabulary)
            component._vectorizer.idf_ = np.load(folder / "idf.npy").astype(np.float64)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to the training sentences."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to messages in place."""
        messages_with_text = [m for m in messages if m.get(TEXT)]
        if not messages_with_text:
            return messages
        rows: csr_matrix = self._vectorizer.transform([self._text(m) for m in messages_with_text])
        rows = rows * self._config["weight"]
        for message, row in zip(messages_with_text, rows):
            message.add_features(Features(row.tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._name))
        return messages

    def _text(self, message: Message) -> str:
        return message.get(FOLDED if self._config["folded"] else NORMAL)

    def _new_vectorizer(self, vocabulary: Any = None) -> TfidfVectorizer:
        config = self._config
        return TfidfVectorizer(
            analyzer=config["analyzer"],
            ngram_range=(config["min_ngram"], config["max_ngram"]),
            min_df=1 if vocabulary else config["min_df"],
            sublinear_tf=True,
            lowercase=False,
            token_pattern=r"(?u)\w+",
            vocabulary=vocabulary,
        )
