"""Asking on: "thế lệ phí bao nhiêu" names no topic, "còn tạm vắng thì sao" nothing but one.

What such a message leaves out is said in its place, and the NLU reads both together: "đăng ký tạm trú thế lệ phí bao
nhiêu". Which words name a topic is read off the FAQ's own examples, so that it needs no list that staff would keep.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from dialogue.memory import Memory
from faq.entries import BARE_TOPIC, SMALL_TALK_TOPIC, Faq, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.understanding import Guess, Understanding

LONGEST_FOLLOW_UP = 14
"""Words: whoever writes more says what it is about."""
FEWEST_MENTIONS = 10
TELLING_SHARE = 0.8
NEIGHBOURS = 2
"""A word may tell of two topics that share it, as "căn cước" does."""
_FILLERS = (
    "a ah ak alo anh ba bac ban bay ben ca cai cau chi chu co con cung da dc do duoc em gi gio ha hoi k khong ko la "
    "luon ma may minh nay nhe nhi ni nua o ong rang roi rua sao tao te the thi toi tui u uh uhm va vay ve voi xin y"
)
FILLERS = frozenset(_FILLERS.split())
BARE = 0.5
"""Share of questions that name nothing but an aspect, from which a message is one of them."""
WEIGHT_OF_BARE = 0.6
"""Of the aspect that such a message asks about, against what is understood with its topic before it."""
MEANT = 0.6
"""Share of the topic talked about, in what is understood with its name before the message, from which it is meant."""
SURE_ALONE = 0.9
"""From here on a message that names a topic says all by itself."""
TALK = 0.6
"""From here on a message is thanks or complaint, whatever was talked about."""
ASKING_TALK = frozenset({"lien-he", "cach-lam"})
"""Aspects of small talk that ask something: "gọi ai" may well be about what was talked about."""


@dataclass(frozen=True)
class TopicWords:
    """Words and pairs of words that tell what topic a message is about."""

    topics: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, faq: Faq) -> "TopicWords":
        """Read them off the examples of `faq`."""
        mentions: dict[str, Counter[str]] = defaultdict(Counter)
        for topic, text in _sentences(faq):
            for gram in set(_grams(fold(text).split())):
                mentions[gram][topic] += 1
        told = {gram: _told(counts) for gram, counts in mentions.items()}
        across = {topic.id for topic in faq.taxonomy.topics if topic.general}
        read = {gram: topics for gram, topics in told.items() if topics and not topics & across}
        return cls({**read, **_given(faq)})

    def named(self, words: list[str]) -> frozenset[str]:
        """Return the topics that `words` (folded) name; those of the most telling words if several do."""
        found = [self.topics[gram] for gram in _grams(words) if gram in self.topics]
        if not found:
            return frozenset()
        common = frozenset.intersection(*found)
        return common or frozenset.union(*found)

    def rest(self, words: list[str]) -> list[str]:
        """Return what `words` say beside topics and fillers."""
        pairs = {i for i in range(len(words) - 1) if " ".join(words[i : i + 2]) in self.topics}
        named = pairs | {i + 1 for i in pairs} | {i for i, word in enumerate(words) if word in self.topics}
        return [word for i, word in enumerate(words) if i not in named and word not in FILLERS]


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a message leaves out because it was said before: its topic, or the aspect asked about."""

    topic: str | None
    aspect: str | None
    sentence: str
    """The message with what it leaves out."""


def leaning(
    understanding: Understanding, text: str, words: list[str], memory: Memory, *, live: Live, telling: TopicWords
) -> Leaning | None:
    """Return what the message `text` (`words` are its words without accents) seems to leave out, if anything."""
    if memory.topic not in live.topics or len(words) > LONGEST_FOLLOW_UP:
        return None
    named = telling.named(words)
    best = understanding.best
    if not named:
        return Leaning(memory.topic, None, f"{live.topics[memory.topic].said} {text}")
    aspect = live.aspects.get(memory.aspect or "")
    if aspect is None or memory.topic in named or (best is not None and best.confidence >= SURE_ALONE):
        return None
    return Leaning(None, aspect.id, f"{text} {aspect.said}")


def in_context(alone: Understanding, told: Understanding, leans: Leaning, live: Live) -> Understanding:
    """Return what a message means, given what it means by itself and with what it leaves out."""
    if leans.topic is not None:
        bare = bare_aspects(alone)
        meant = told.only(lambda intent: topic_of(intent) == leans.topic)
        if sum(g.confidence for g in meant.guesses) < MEANT and sum(bare.values()) < BARE:
            return alone
        return _with_aspects(meant, bare, leans.topic, live)
    best = told.best
    return told if best is not None and live.aspect_of(best.intent) == leans.aspect else alone


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


def is_talk(understanding: Understanding, live: Live) -> bool:
    """Whether a message is small talk that asks nothing."""
    best = understanding.best
    if best is None or topic_of(best.intent) != SMALL_TALK_TOPIC:
        return False
    return best.confidence >= TALK and live.aspect_of(best.intent) not in ASKING_TALK


def _sentences(faq: Faq) -> Iterable[tuple[str, str]]:
    for entry in faq.entries:
        for text in (entry.question, *entry.examples):
            yield entry.topic, text
    for group in faq.outside:
        for text in group.examples:
            yield group.intent, text


def _given(faq: Faq) -> dict[str, frozenset[str]]:
    """Return the names that staff gave to topics; several topics may share one."""
    owners: dict[str, set[str]] = defaultdict(set)
    for topic in faq.taxonomy.topics:
        for name in topic.names:
            owners[fold(name)].add(topic.id)
    return {name: frozenset(topics) for name, topics in owners.items()}


def _grams(words: list[str]) -> list[str]:
    """Return words and pairs; those with fillers tell of how people talk, not of what."""
    pairs = pairwise(words)
    return [
        *(word for word in words if word not in FILLERS),
        *(f"{first} {second}" for first, second in pairs if first not in FILLERS and second not in FILLERS),
    ]


def _told(counts: Counter[str]) -> frozenset[str]:
    """Return the one or two topics that a word tells of, if it does."""
    total = counts.total()
    if total < FEWEST_MENTIONS:
        return frozenset()
    leading = counts.most_common(NEIGHBOURS)
    for number in range(1, len(leading) + 1):
        if sum(count for _, count in leading[:number]) >= TELLING_SHARE * total:
            return frozenset(topic for topic, _ in leading[:number])
    return frozenset()
