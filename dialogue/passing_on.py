"""Answers found by words, to choose from or to pass on in another chat."""

from typing import Protocol

from dialogue.composing import Composer
from dialogue.replies import Found
from dialogue.visiting import SHARED, VisitComposer
from faq.entries import SCAM_TOPIC, SMALL_TALK_TOPIC, Entry, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.rasa_client import NluUnavailableError
from nlu.understanding import Understanding

MOST = 10
LIKELY = 0.02
"""Confidence from which a guess is worth a line in a list."""


class Recogniser(Protocol):
    """Whatever turns a sentence into guesses."""

    async def parse(self, text: str) -> Understanding:
        """Return all guesses for `text`; raise `NluUnavailableError` if that cannot be done."""
        ...


async def searched(recogniser: Recogniser, live: Live, text: str) -> tuple[Entry, ...]:
    """Return up to ten entries that fit some words: of that very name, as understood, and then by words alone."""
    wanted = fold(text)
    named = [entry for entry in live.faq.entries if wanted in {fold(entry.question), fold(entry.title)}]
    if named:
        return tuple(named[:MOST])
    try:
        guesses = (await recogniser.parse(text)).guesses
    except NluUnavailableError:
        guesses = ()
    understood = [live.entries[g.intent] for g in guesses if g.confidence >= LIKELY and g.intent in live.entries]
    found = [*understood, *live.search(text, limit=MOST)]
    entries = {entry.key: entry for entry in found if topic_of(entry.key) != SMALL_TALK_TOPIC}
    return tuple(entries.values())[:MOST]


async def passed_on(recogniser: Recogniser, say: Composer, text: str) -> tuple[Found, ...]:
    """Return what can be passed on: a list that was prepared, what fits the words, or what everybody should know."""
    if text.startswith(SHARED):
        prepared = VisitComposer(say).passed_on(text.strip())
        return (prepared,) if prepared else ()
    if not fold(text):
        return tuple(say.passed_on(entry) for entry in say.live.by_topic.get(SCAM_TOPIC, ())[:MOST])
    return tuple(say.passed_on(entry) for entry in await searched(recogniser, say.live, text))
