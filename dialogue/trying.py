"""Try a message on a FAQ as it is or as it would be: the same dialogue as citizens have, recorded nowhere."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialogue.conversation import Dialogue, Recogniser, Speaker
from dialogue.replies import Reply
from faq.entries import OUTSIDE_TOPIC
from faq.live import Live
from nlu.rasa_client import RasaClient
from nlu.training_set import Example, plain
from nlu.understanding import Guess, Understanding
from stats.endings import Ending
from stats.masking import mask, without_marks
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked

MOST_GUESSES = 5
_SPEAKER = Speaker("test", "so-sanh", "so-sanh")


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one message."""

    text: str
    """Masked."""
    reply: Reply
    ending: Ending | None
    entry: str | None
    topic: str | None
    aspect: str | None
    guesses: tuple[Guess, ...]
    masked_kinds: tuple[str, ...]


class Fixed:
    """One FAQ, whatever is published meanwhile."""

    def __init__(self, live: Live) -> None:
        self._live = live

    async def now(self) -> Live:
        """Return it."""
        return self._live


class Remembering:
    """A recogniser that remembers what another made of the first thing it was asked."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self.first: Understanding | None = None

    async def parse(self, text: str) -> Understanding:
        """Return what the other makes of `text`."""
        understanding = await self._recogniser.parse(text)
        self.first = self.first if self.first is not None else understanding
        return understanding


class NotLiveYet:
    """A model that is not live, asked through Rasa's judging."""

    def __init__(self, rasa: RasaClient, model: Path) -> None:
        self._rasa = rasa
        self._model = model
        self._known: dict[str, Understanding] = {}

    async def learn(self, texts: Sequence[str]) -> None:
        """Ask for many sentences at once: each time the model is loaded anew."""
        examples = [Example(OUTSIDE_TOPIC, text) for text in dict.fromkeys(map(plain, texts)) if text]
        for judged in await self._rasa.judge(self._model, examples) if examples else ():
            self._known[judged.text] = judged.understanding

    async def parse(self, text: str) -> Understanding:
        """Return the likeliest intents of `text`."""
        if plain(text) not in self._known:
            await self.learn([text])
        return self._known.get(plain(text), Understanding())


async def read(
    live: Live,
    recogniser: Recogniser,
    text: str,
    *,
    clock: Callable[[], dt.datetime],
) -> Reading:
    """Answer `text` as a citizen who says nothing else would be answered."""
    remembering = Remembering(recogniser)
    dialogue = Dialogue(Fixed(live), remembering, Pseudonyms("nobody"), _nowhere, clock=clock)
    turn = await dialogue.answer(_SPEAKER, text)
    asked, understanding = turn.asked, remembering.first or Understanding()
    return Reading(
        text=asked.text if asked else mask(text).text,
        reply=turn.reply,
        ending=asked.ending if asked else None,
        entry=asked.entry if asked else None,
        topic=asked.topic if asked else None,
        aspect=asked.aspect if asked else None,
        guesses=understanding.guesses[:MOST_GUESSES],
        masked_kinds=asked.masked_kinds if asked else (),
    )


def heard(text: str) -> str:
    """Return a message as the recogniser gets it: masked, without the marks of what was hidden."""
    return without_marks(mask(text).text)


def without_accents(text: str) -> str:
    """Return `text` as somebody types it who has no accents, letter for letter."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in bare if not unicodedata.combining(c))


def written_out(text: str, live: Live) -> tuple[tuple[str, str], ...]:
    """Return the short forms that stand in a text, each with what it is read as."""
    lowered = unicodedata.normalize("NFC", text).lower()
    return tuple(
        (form.short, form.means)
        for form in live.faq.short_forms
        if re.search(rf"\b{re.escape(form.short)}\b", lowered) is not None
    )


async def _nowhere(_asked: Asked) -> None:
    """Record nothing."""
