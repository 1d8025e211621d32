"""Vietnamese text in one spelling: NFC, lower case, tone marks in one place, short forms written out."""

import re
import unicodedata
from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

NORMAL, FOLDED = "normal_text", "folded_text"
"""Attributes of a message that hold its text in one spelling, with accents and without."""

_STRETCHED = re.compile(r"(?!cccd)(\w)\1{2,}")
_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"\w+", re.UNICODE)
_UNSEEN = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

# "hoà" and "hòa" are one word: the tone mark moves to the first vowel of oa, oe, uy when nothing follows.
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_NEW_STYLE = re.compile(rf"([ou])([aey])([{_TONES}])(?![\w\u0300-\u036f])", re.UNICODE)


_PERSON = (
    "ad|admin|bot|ban|anh|chi|em|bac|co|chu|ong|ba|chau|con|toi|tui|minh|choa|o|di|cac anh|cac chi|anh chi|can bo|"
    "cong an|ca nha|moi nguoi|quy cong an|dong chi"
)
_OPENING = re.compile(
    rf"(?:(?:da|vang|xin|kinh|thua)\W+)*"
    rf"(?:(?:chao|alo|a lo|hello|hi|hey|thua|kinh thua)(?:\W+(?:{_PERSON}|a|oi|nhe))*\W+)?"
    rf"(?:(?:{_PERSON})\W+oi\W+)?"
    rf"(?:(?:xin\W+)?(?:cho|cho phep)\W+(?:{_PERSON})?\W*hoi\W+"
    rf"(?:(?:ti|xiu|chut|voi|cai|la|ve|rang|nhe|a|vay)\W+)*)?"
)
"""Courtesies before a question, without accents: "chào cháu, cho bác hỏi tí" says nothing about what is asked."""

_FEWEST_WORDS_LEFT = 2


def without_opening(text: str) -> str:
    """Return a normalized text without the courtesies before its question, if a question is left."""
    match = _OPENING.match(fold(text))
    rest = text[match.end() :] if match else text  # folding keeps the number of characters of NFC text
    return rest if len(_WORD.findall(rest)) >= _FEWEST_WORDS_LEFT else text


class ShortForms:
    """What people type short or in their dialect, a word or up to three, and what it stands for."""

    def __init__(self, table: Dict[str, str]) -> None:
        """Prepare the table."""
        self._words = {short: means for short, means in table.items() if " " not in short}
        self._phrases = {short: means for short, means in table.items() if " " in short}
        longest_first = sorted(self._phrases, key=len, reverse=True)
        self._any_phrase = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})\b")

    def written_out(self, text: str) -> str:
        """Return a text in lower case and one spacing with its short forms written out; phrases go first."""
        text = self._any_phrase.sub(lambda match: self._phrases[match[0]], text)
        return _WORD.sub(lambda match: self._words.get(match[0], match[0]), text)


def normalize(text: str, short_forms: ShortForms) -> str:
    """Return `text` in one spelling, accents kept."""
    text = _SPACES.sub(" ", _UNSEEN.sub(" ", unicodedata.normalize("NFC", text)).lower())
    # Once before letters are squeezed, for "cccd" is no stretched "cd", and once more when the spelling is one.
    text = _STRETCHED.sub(r"\1", short_forms.written_out(text))
    text = unicodedata.normalize("NFC", _NEW_STYLE.sub(_old_style, unicodedata.normalize("NFD", text)))
    return _SPACES.sub(" ", short_forms.written_out(text)).strip()


def _old_style(match: "re.Match[str]") -> str:
    first, second, tone = match.groups()
    pair = first + second
    return first + tone + second if pair in {"oa", "oe", "uy"} else match[0]


def fold(text: str) -> str:
    """Return `text` without accents."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class VietnameseNormalizer(GraphComponent):
    """Notes each message's text in one spelling, with accents and without; the text itself stays as it was typed.

    `short_forms` maps what people abbreviate to what it stands for.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's default config."""
        return {"short_forms": {}}

    def __init__(self, config: Dict[str, Any]) -> None:
        """Keeps the table of short forms."""
        self._short_forms = ShortForms({str(k): str(v) for k, v in config["short_forms"].items()})

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "VietnameseNormalizer":
        """Creates the component (see parent class for full docstring)."""
        return cls({**cls.get_default_config(), **config})

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Notes the training sentences."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Notes messages in place."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                plain = without_opening(normalize(text, self._short_forms))
                message.set(NORMAL, plain)
                message.set(FOLDED, fold(plain))
        return messages
