"""Example sentences as Rasa reads them: one intent per entry, the pipeline beside them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NORMALIZER = "nlu.server.normalizer.VietnameseNormalizer"
_ANNOTATIONS = str.maketrans("[]{}", "()()")
"""Rasa would read `[word](entity)` as an annotation, even in plain sentences."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and the intent it stands for."""

    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The sentences a model is trained on, and the pipeline that trains it."""

    examples: tuple[Example, ...]
    pipeline: Mapping[str, Any]
    components: str = ""

    @property
    def fingerprint(self) -> str:
        """A name for the content: the same whatever the order of the sentences."""
        rows = sorted((e.intent, e.text) for e in self.examples)
        canonical = json.dumps([rows, self.pipeline, self.components], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @property
    def intents(self) -> tuple[str, ...]:
        """Names of the intents, sorted."""
        return tuple(sorted({e.intent for e in self.examples}))

    def as_yaml(self) -> str:
        """Return the body of `POST /model/train`: pipeline, domain and sentences in one document."""
        return _dump({**self.pipeline, "intents": list(self.intents), "nlu": _nlu_items(self.examples)})


def sentences_as_yaml(examples: Iterable[Example]) -> str:
    """Return the body of `POST /model/test/intents`."""
    return _dump({"version": "3.1", "nlu": _nlu_items(examples)})


def read_pipeline(text: str) -> dict[str, Any]:
    """Return the pipeline of `config.yml` as data; raise ValueError if it is not a mapping."""
    data = yaml.safe_load(text)
    if not isinstance(data, dict) or "pipeline" not in data:
        raise ValueError("config.yml must be a mapping with a pipeline")
    return {"version": "3.1", **data}


def with_short_forms(pipeline: Mapping[str, Any], forms: Mapping[str, str]) -> dict[str, Any]:
    """Return `pipeline` whose normalizer also knows `forms`, which staff keep beside the FAQ."""

    def filled(component: Mapping[str, Any]) -> dict[str, Any]:
        if component["name"] != NORMALIZER:
            return dict(component)
        return {**component, "short_forms": {**component.get("short_forms", {}), **forms}}

    return {**pipeline, "pipeline": [filled(component) for component in pipeline.get("pipeline", ())]}


def components_version(folder: Path = Path(__file__).parent / "server") -> str:
    """Return a name for the code of our components: a model belongs to the code that trained it."""
    sources = (path.read_bytes() for path in sorted(folder.glob("*.py")))
    return hashlib.sha256(b"".join(sources)).hexdigest()[:16]


def plain(text: str) -> str:
    """Return a sentence without what Rasa's formats give a meaning to, on one line, as UTF-8 can hold it."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(whole.translate(_ANNOTATIONS).split()).lstrip("/ ")


class _Block(str):
    """Text written as a block of lines. Rasa reads its YAML slowly, node by node: a list a sentence takes a minute."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes `_Block`s as blocks."""


_Dumper.add_representer(
    _Block, lambda dumper, block: dumper.represent_scalar("tag:yaml.org,2002:str", str(block), style="|")
)


def _nlu_items(examples: Iterable[Example]) -> list[dict[str, str]]:
    by_intent: dict[str, list[str]] = {}
    for example in sorted(examples, key=lambda e: (e.intent, e.text)):
        text = plain(example.text)
        if text:
            by_intent.setdefault(example.intent, []).append(f"- {text}\n")
    return [{"intent": intent, "examples": _Block("".join(lines))} for intent, lines in by_intent.items()]


def _dump(data: Mapping[str, Any]) -> str:
    return yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
