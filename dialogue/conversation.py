"""One turn of a conversation: hide personal data, understand, decide, reply, and note what was asked."""

import datetime as dt
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from dialogue.composing import Composer, with_warning
from dialogue.deciding import (
    Answer,
    Decision,
    Limits,
    NotUnderstood,
    Offer,
    OutOfScope,
    Several,
    decide,
    together,
    urgent,
)
from dialogue.english import looks_english
from dialogue.following import Leaning, TopicNames, average, bare_aspects, in_context, is_talk, leaning
from dialogue.memory import Memories, Memory
from dialogue.replies import Press, Reply, Turn
from dialogue.several import questions_in
from dialogue.wording import DEFAULT, wording
from faq.database import VIETNAM
from faq.entries import EMERGENCY, Entry, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.rasa_client import NluUnavailableError
from nlu.understanding import Understanding
from stats.endings import Ending
from stats.masking import TOKENS, Masked, mask
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked, Channel, InputKind, new_id

log = logging.getLogger(__name__)

LONGEST_TELEGRAM_MESSAGE = 4_096
_FOUR_DIGITS = re.compile(r"\d{4}")
LONGEST_MESSAGE = 1_000
"""Characters of a message that are read: what comes later is story."""


MOST_DIGITS = 3
"""Of the number of a page."""


class Recogniser(Protocol):
    """Whatever turns a sentence into guesses."""

    async def parse(self, text: str) -> Understanding:
        """Return all guesses for `text`; raise `NluUnavailableError` if that cannot be done."""
        ...


class KnowsFaq(Protocol):
    """Whatever gives the FAQ that is live at this moment."""

    async def now(self) -> Live:
        """Return what is live."""
        ...


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who talks, and through which door."""

    channel: Channel
    person: str
    conversation: str

    @property
    def key(self) -> str:
        """Name of the conversation among those of all doors."""
        return f"{self.channel}:{self.conversation}"


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a message ended, before it is written down."""

    reply: Reply
    ending: Ending
    entry: Entry | None = None
    topic: str | None = None
    offered: tuple[str, ...] = ()
    confidence: float | None = None


@dataclass(slots=True)
class _Hearing:
    """Everything needed while one message is dealt with."""

    speaker: Speaker
    live: Live
    memory: Memory
    say: Composer
    language: str
    started: float = field(default_factory=time.perf_counter)


class Dialogue:
    """Talks with citizens; knows neither Telegram nor the web."""

    def __init__(
        self,
        faq: KnowsFaq,
        recogniser: Recogniser,
        pseudonyms: Pseudonyms,
        record: Callable[[Asked], Awaitable[None]],
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        memories: Memories | None = None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        zone: dt.tzinfo = VIETNAM,
    ) -> None:
        self._faq = faq
        self._recogniser = recogniser
        self._pseudonyms = pseudonyms
        self._record = record
        self._limits = limits
        self._memories = memories if memories is not None else Memories()
        self._clock = clock
        self._zone = zone

    async def answer(self, speaker: Speaker, text: str) -> Turn:
        """Answer a message in the citizen's own words."""
        masked = mask(text[:LONGEST_TELEGRAM_MESSAGE])
        hearing = await self._hear(speaker)
        ended = await self._end(hearing, masked)
        if masked.kinds and ended.ending is not Ending.PERSONAL_DATA:
            ended = replace(ended, reply=with_warning(ended.reply, hearing.say.warning()))
        self._remember(hearing, ended)
        return Turn(ended.reply, self._note(hearing, ended, kind="text", masked=masked))

    async def press(self, speaker: Speaker, pressed: str) -> Turn:
        """Do what a button asks for; what it led to may be gone."""
        hearing = await self._hear(speaker)
        kind, _, value = pressed.partition(":")
        ended = self._pressed(hearing, kind, value)
        self._remember(hearing, ended)
        counted = (
            None
            if kind == Press.LANGUAGE
            else self._note(hearing, ended, kind="button", masked=Masked("", frozenset()))
        )
        return Turn(ended.reply, counted)

    async def start(self, speaker: Speaker, campaign: str | None = None) -> Turn:
        """Welcome somebody; `campaign` is the code of the leaflet that brought them, if it has the form of one."""
        if campaign is not None and _is_code(campaign):
            self._memories[speaker.key] = replace(self._memories[speaker.key], campaign=campaign)
        return await self._plain(speaker, lambda say: say.welcome(), Ending.MENU)

    async def help(self, speaker: Speaker) -> Turn:
        """Explain how to use this."""
        return await self._plain(speaker, lambda say: say.help(), Ending.MENU)

    async def menu(self, speaker: Speaker) -> Turn:
        """List the topics."""
        return await self._plain(speaker, lambda say: say.menu(), Ending.MENU)

    async def languages(self, speaker: Speaker) -> Turn:
        """Offer the languages."""
        return await self._plain(speaker, lambda say: say.languages(), Ending.MENU)

    async def only_text(self, speaker: Speaker) -> Turn:
        """Answer what is not text: it is never looked at."""
        return await self._plain(speaker, lambda say: say.only_text(), Ending.NOT_UNDERSTOOD, kind="other")

    async def unknown_command(self, speaker: Speaker) -> Turn:
        """Answer a command that does not exist."""
        return await self._plain(speaker, lambda say: say.unknown_command(), Ending.NOT_UNDERSTOOD)

    async def record(self, turn: Turn) -> None:
        """Write down what was asked, after the reply is on its way."""
        if turn.asked is not None:
            await self._record(turn.asked)

    async def _plain(
        self, speaker: Speaker, compose: Callable[[Composer], Reply], ending: Ending, kind: InputKind = "command"
    ) -> Turn:
        hearing = await self._hear(speaker)
        ended = _Ended(compose(hearing.say), ending)
        return Turn(ended.reply, self._note(hearing, ended, kind=kind, masked=Masked("", frozenset())))

    async def _hear(self, speaker: Speaker) -> _Hearing:
        live = (await self._faq.now()).on(self._today())
        memory = self._memories[speaker.key]
        language = memory.language or DEFAULT
        return _Hearing(speaker, live, memory, self._composer(live, language), language)

    def _composer(self, live: Live, language: str) -> Composer:
        return Composer(live, wording(language), self._today())

    def _today(self) -> dt.date:
        """Return the day that it is here: rules change at midnight of the place, not of the server."""
        return self._clock().astimezone(self._zone).date()

    async def _end(self, hearing: _Hearing, masked: Masked) -> _Ended:
        words = _words(masked.text)
        if not words:
            return _nothing_left(hearing, masked)
        if looks_english(words):
            return _Ended(self._composer(hearing.live, "en").in_english(), Ending.OUT_OF_SCOPE)
        text = masked.text[:LONGEST_MESSAGE]
        try:
            understanding = await self._understand(hearing, text, words)
            decision = decide(understanding, words, hearing.live, limits=self._limits)
            parts = [await self._of_part(hearing, part, text) for part in questions_in(text)]
        except NluUnavailableError as error:
            # The error's own text may quote what the server was asked.
            log.warning("NLU does not answer: %s", type(error).__name__)
            return _by_words(hearing, text)
        return _carry_out(hearing, together(decision, parts, hearing.live, limits=self._limits))

    async def _told(self, leans: Leaning) -> Understanding:
        return average([await self._recogniser.parse(sentence) for sentence in leans.sentences])

    async def _of_part(self, hearing: _Hearing, part: str, whole: str) -> Understanding:
        """Return what one of several questions means: what it leaves out, an earlier one of them has said."""
        alone = await self._recogniser.parse(part)
        begins = whole.find(part)
        before = whole[:begins].strip() if begins > 0 else ""
        if not before or sum(bare_aspects(alone).values()) < self._limits.bare:
            return alone
        topic = await self._recogniser.parse(before)
        if topic.best is None or topic_of(topic.best.intent) not in hearing.live.by_topic:
            return alone
        memory = replace(hearing.memory, topic=topic_of(topic.best.intent), aspect=None)
        names = TopicNames.of(hearing.live.faq.taxonomy)
        leans = leaning(alone, part, _words(part), memory, live=hearing.live, names=names)
        if leans is None:
            return alone
        return in_context(alone, await self._told(leans), leans, hearing.live)

    async def _understand(self, hearing: _Hearing, text: str, words: list[str]) -> Understanding:
        """Return what a message means by itself or, if it leans on what was said before, together with that."""
        live, alone = hearing.live, await self._recogniser.parse(text)
        if (
            not (hearing.memory.topic or hearing.memory.aspect)
            or urgent(alone, live, self._limits)
            or is_talk(alone, live)
        ):
            return alone
        leans = leaning(alone, text, words, hearing.memory, live=live, names=TopicNames.of(live.faq.taxonomy))
        if leans is None:
            return alone
        return in_context(alone, await self._told(leans), leans, live)

    def _pressed(self, hearing: _Hearing, kind: str, value: str) -> _Ended:
        live, say = hearing.live, hearing.say
        if kind == Press.ENTRY and value in live.entries:
            entry = live.entries[value]
            return _Ended(say.answer(entry), Ending.ANSWERED, entry)
        page, _, key = value.partition(":")
        if kind == Press.DETAILS and key in live.entries:
            entry = live.entries[key]
            return _Ended(say.details(entry, _page(page)), Ending.ANSWERED, entry)
        if kind == Press.TOPIC and value in live.by_topic and value in live.topics:
            return _Ended(say.topic(value), Ending.MENU, topic=value)
        if kind == Press.MENU:
            return _Ended(say.menu(), Ending.MENU)
        if kind == Press.LANGUAGE:
            hearing.memory = replace(hearing.memory, language=wording(value).language)
            return _Ended(self._composer(live, value).menu(), Ending.MENU)
        return _Ended(say.gone(), Ending.MENU)

    def _remember(self, hearing: _Hearing, ended: _Ended) -> None:
        memory = hearing.memory
        if ended.entry is not None and (not ended.entry.is_small_talk or ended.entry.key == EMERGENCY):
            entry = ended.entry
            memory = memory.after(topic=entry.topic, aspect=entry.aspect, entry=entry.key)
        elif ended.topic is not None:
            memory = memory.after(topic=ended.topic, aspect=None, entry=None)
        elif len(topics := {topic_of(key) for key in ended.offered}) == 1:
            memory = memory.after(topic=topics.pop(), aspect=None, entry=None)
        elif ended.entry is None and len(aspects := {hearing.live.aspect_of(key) for key in ended.offered}) == 1:
            memory = memory.after(topic=None, aspect=aspects.pop(), entry=None)
        self._memories[hearing.speaker.key] = memory

    def _note(self, hearing: _Hearing, ended: _Ended, *, kind: InputKind, masked: Masked) -> Asked:
        entry = ended.entry
        return Asked(
            id=new_id(),
            asked_at=self._clock(),
            person=self._pseudonyms.of(hearing.speaker.channel, hearing.speaker.person),
            channel=hearing.speaker.channel,
            kind=kind,
            text=masked.text[:LONGEST_MESSAGE],
            ending=ended.ending,
            entry=entry.key if entry else None,
            topic=entry.topic if entry else ended.topic,
            aspect=entry.aspect if entry else None,
            offered=ended.offered,
            confidence=ended.confidence,
            release=hearing.live.release,
            milliseconds=round((time.perf_counter() - hearing.started) * 1000),
            campaign=hearing.memory.campaign,
            masked_kinds=tuple(sorted(masked.kinds)),
            language=hearing.language,
        )


def _carry_out(hearing: _Hearing, decision: Decision) -> _Ended:
    live, say = hearing.live, hearing.say
    match decision:
        case Answer(key, confidence, others):
            entry = live.entries[key]
            if entry.is_small_talk:
                return _Ended(say.small_talk(entry), Ending.SMALL_TALK, entry, confidence=confidence)
            reply = say.answer(entry, [live.entries[other] for other in others])
            return _Ended(reply, Ending.ANSWERED, entry, offered=others, confidence=confidence)
        case Several(keys, confidence):
            entries = [live.entries[key] for key in keys]
            return _Ended(say.several(entries), Ending.ANSWERED, entries[0], offered=keys[1:], confidence=confidence)
        case Offer(keys, confidence):
            reply = say.offer([live.entries[key] for key in keys])
            return _Ended(reply, Ending.OFFERED, offered=keys, confidence=confidence)
        case OutOfScope(confidence):
            return _Ended(say.out_of_scope(), Ending.OUT_OF_SCOPE, confidence=confidence)
        case NotUnderstood(topics, confidence):
            return _Ended(say.not_understood(topics), Ending.NOT_UNDERSTOOD, confidence=confidence)


def _by_words(hearing: _Hearing, text: str) -> _Ended:
    found: Sequence[Entry] = hearing.live.search(text)
    keys = tuple(entry.key for entry in found)
    return _Ended(hearing.say.unavailable(found), Ending.UNAVAILABLE, offered=keys)


def _nothing_left(hearing: _Hearing, masked: Masked) -> _Ended:
    """Answer a message that has no words, or none but the personal data that was hidden."""
    if masked.kinds:
        return _Ended(hearing.say.personal_data(), Ending.PERSONAL_DATA)
    return _Ended(hearing.say.empty(), Ending.NOT_UNDERSTOOD)


def _words(text: str) -> list[str]:
    """Return the words of a masked text without accents and without the marks that stand for what was hidden."""
    for token in TOKENS.values():
        text = text.replace(token, " ")
    words = fold(text).split()
    return words if any(c.isalpha() for c in "".join(words)) else []


def _page(number: str) -> int:
    return int(number) if number.isdecimal() and len(number) <= MOST_DIGITS else 1


def _is_code(campaign: str) -> bool:
    """Whether a `?start=` code has the form that Telegram allows, and is not somebody's number typed behind /start."""
    allowed = 1 <= len(campaign) <= 64 and all(c.isascii() and (c.isalnum() or c in "_-") for c in campaign)  # noqa: PLR2004
    return allowed and not mask(campaign).kinds and not _FOUR_DIGITS.search(campaign)
