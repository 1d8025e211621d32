"""Asking on: "thế lệ phí bao nhiêu" names no topic, "còn tạm vắng thì sao" nothing but one.

What such a message leaves out is said in its place, and the NLU reads both together: "đăng ký tạm trú thế lệ phí bao
nhiêu". What people call the topics, and how they ask about aspects, staff keep in `topics.yml`.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogue.focusing import asked_aspect
from dialogue.memory import Memory
from faq.entries import BARE_TOPIC, SMALL_TALK_TOPIC, topic_of
from faq.live import Live
from nlu.understanding import Guess, Understanding

LONGEST_FOLLOW_UP = 18
"""Words: whoever writes more says what it is about."""
BARE = 0.5
"""Share of questions that name nothing but an aspect, from which a message is one of them."""
WEIGHT_OF_BARE = 0.5
"""Of the aspect that such a message asks about, against what is understood with its topic before it."""
MEANT = 0.5
"""Share of the topic talked about, in what is understood with its name before the message, from which it is meant."""
SURE_ALONE = 0.9
"""From here on a message that names a topic says all by itself."""
LIKELY_ASPECT = 0.4
"""Share of the aspect asked about before, in what is understood with it after the message, from which it is meant."""
NAME_ALONE = 7
"""Words: so few that name nothing but a topic ("phạt nguội thì sao") take the aspect, whatever they suggest."""
TALK = 0.6
"""From here on a message is thanks or complaint, whatever was talked about."""
_SOMEBODY = re.compile(
    r"\b(?:bo|ba|me|ma|cha|ong|vo|chong|con|chau|anh|chi|be|cu|cau|di|bac|co|chu|thim|mu)"
    r"(?: (?:trai|gai|noi|ngoai|nho|be|gia|ut|ca|re|dau|con))* (?:toi|tui|em|minh|chau|choa|con|nha|to|bac|no)\b"
    r"|\b\d{1,3} tuoi\b|\b(?:tre (?:em|con|nho)|nguoi (?:gia|nha|khac|cao tuoi|khuyet tat)|sinh vien|vo con|em be)\b"
    r"|\b(?:bo me|cha me|ba me|(?:thang|dua) (?:con|cu|chau|em)|con (?:trai|gai|dau|re))\b"
    r"|\b(?:di|lam|nop|khai|dang ky|xin|lay|nhan) (?:ho|thay|giup|gium|dum)\b"
)
_ASKS_ON = re.compile(
    r"\b(?:thi|the) (?:sao|seo|rang|ran|the nao|nao|ntn|lam sao)\b"
    r"|\b(?:duoc|dc) (?:khong|ko|k|hong|hok|mien|ha|chu|a)\b"
    r"|\bco (?:duoc|dc|can|phai|mien|lam)\b|\bmien\b|^(?:(?:the|vay|rua|ma|a) )*con\b.*\b(?:sao|rang|nao|khong|ko)$"
)
_WHAT_ABOUT = re.compile(
    r"^(?:\w+ ){2,9}thi (?:sao|seo|rang|ran|the nao|ntn)(?: (?:a|ha|ad|nhi|em|chau|vay|rua|he|hay|nho))*$"
)
NOT_FOR_SOMEBODY = frozenset({"loi-ich", "phap-ly", "lien-he"})
"""Aspects that "thế còn bố tôi thì sao" never asks about, whatever it sounds like."""
ASKING_TALK = frozenset({"lien-he", "cach-lam"})
"""Aspects of small talk that ask something: "gọi ai" may well be about what was talked about."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a message leaves out because it was said before: its topic, or the aspect asked about.

    `named` are the topics that it names, and `nothing_else` says whether it says nothing more.
    """

    topic: str | None
    aspect: str | None
    sentences: tuple[str, ...]
    """The message with what it leaves out: the topic and, if a particular case was talked about, that case."""
    named: frozenset[str] = frozenset()
    nothing_else: bool = False
    asks_on: bool = False
    """Whether it asks the same for somebody or something else: "thế còn bố tôi 80 tuổi thì sao"."""


def leaning(understanding: Understanding, text: str, words: list[str], memory: Memory, *, live: Live) -> Leaning | None:
    """Return what the message `text` (`words` are its words without accents) seems to leave out, if anything."""
    if len(words) > LONGEST_FOLLOW_UP:
        return None
    named = live.names.named(words)
    best = understanding.best
    if memory.topic in live.topics and (not named or sum(bare_aspects(understanding).values()) >= BARE):
        case = live.entries.get(memory.entry or "")
        particular = case is not None and not case.is_general
        said = (live.topics[memory.topic].said, *([case.title] if case is not None and particular else []))
        sentences = [f"{phrase} {text}" for phrase in said]
        other = asks_on(words)
        if other and memory.aspect in live.aspects and asked_aspect(words, live.aspects) is None:
            sentences.append(f"{said[0]} {text} {live.aspects[memory.aspect].said}")
        return Leaning(memory.topic, None, tuple(sentences), asks_on=other)
    aspect = live.aspects.get(memory.aspect or "")
    nothing_else = len(words) <= NAME_ALONE and not live.names.rest(words)
    sure = best is not None and best.confidence >= SURE_ALONE and not nothing_else
    if aspect is None or not named or memory.topic in named or sure:
        return None
    return Leaning(None, aspect.id, (f"{text} {aspect.said}",), named, nothing_else)


def asks_on(words: list[str]) -> bool:
    """Whether a message (its words without accents) asks what holds for somebody, as a relative, or something else."""
    text = " ".join(words)
    if len(words) > LONGEST_FOLLOW_UP:
        return False
    somebody = _SOMEBODY.search(text) is not None and _ASKS_ON.search(text) is not None
    return somebody or _WHAT_ABOUT.search(text) is not None


def in_context(alone: Understanding, told: Understanding, leans: Leaning, live: Live) -> Understanding:
    """Return what a message means, given what it means by itself and with what it leaves out."""
    if leans.topic is not None:
        bare = bare_aspects(alone)
        meant = told.only(lambda intent: topic_of(intent) == leans.topic and _may_be_asked(intent, leans, live))
        if sum(g.confidence for g in meant.guesses) < MEANT and sum(bare.values()) < BARE:
            return alone
        # Whoever brings in somebody else asks the same as before: that it sounds like "who may" says nothing.
        return _with_aspects(meant, {} if leans.asks_on else bare, leans.topic, live)
    asked = told.only(lambda intent: live.aspect_of(intent) == leans.aspect and topic_of(intent) in leans.named)
    likely = sum(g.confidence for g in asked.guesses) >= LIKELY_ASPECT
    if not asked.guesses or not (likely or leans.nothing_else):
        return alone
    total = sum(g.confidence for g in asked.guesses) or 1.0
    return asked.weighed(lambda guess: guess.confidence / total)


def _may_be_asked(intent: str, leans: Leaning, live: Live) -> bool:
    return not leans.asks_on or live.aspect_of(intent) not in NOT_FOR_SOMEBODY


def bare_aspects(understanding: Understanding) -> dict[str, float]:
    """Return how likely a message asks about each aspect and names nothing else."""
    bare = understanding.only(lambda intent: topic_of(intent) == BARE_TOPIC)
    return {guess.intent.removeprefix(f"{BARE_TOPIC}."): guess.confidence for guess in bare.guesses}


def _with_aspects(meant: Understanding, bare: Mapping[str, float], topic: str, live: Live) -> Understanding:
    """Return guesses of one topic, the aspects' general entries raised by how likely nothing but them is asked."""
    entries = {aspect: live.general(topic, aspect) for aspect in bare}
    raised: dict[str, float] = defaultdict(float)
    for aspect, share in bare.items():
        entry = entries[aspect]
        if entry is not None:
            raised[entry.key] += share
    weight = WEIGHT_OF_BARE * sum(raised.values())
    total = sum(g.confidence for g in meant.guesses) or 1.0
    keys = {g.intent: g.confidence / total for g in meant.guesses}
    found = (
        Guess(key, (1 - weight) * keys.get(key, 0.0) + WEIGHT_OF_BARE * raised.get(key, 0.0))
        for key in {*keys, *raised}
    )
    return Understanding.of(found, meant.model)


def average(understandings: Sequence[Understanding]) -> Understanding:
    """Return what several ways of saying the same mean on average."""
    totals: dict[str, float] = defaultdict(float)
    for understanding in understandings:
        for guess in understanding.guesses:
            totals[guess.intent] += guess.confidence / len(understandings)
    return Understanding.of(Guess(intent, share) for intent, share in totals.items())


def is_talk(understanding: Understanding, live: Live) -> bool:
    """Whether a message is small talk that asks nothing."""
    best = understanding.best
    if best is None or topic_of(best.intent) != SMALL_TALK_TOPIC:
        return False
    return best.confidence >= TALK and live.aspect_of(best.intent) not in ASKING_TALK
