"""Asking on: "thế lệ phí bao nhiêu" names no topic, "còn tạm vắng thì sao" nothing but one.

Which words name a topic is read off the FAQ's own examples, so that it needs no list that staff would have to keep.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from dialogue.memory import Memory
from faq.entries import OUTSIDE_TOPIC, SMALL_TALK_TOPIC, Faq, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.understanding import Guess, Understanding

LONGEST_FOLLOW_UP = 9
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
WEIGHT_OF_ASPECT = 0.6
SURE_OF_ASPECT = 0.4
LEAST_INSIDE = 0.2
SURE_OF_OUTSIDE = 0.3
"""Of one thing out of scope; all of them together are also likely for the vaguest of questions."""


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


def in_context(
    known: Understanding, words: list[str], memory: Memory, live: Live, telling: TopicWords
) -> Understanding:
    """Weigh guesses by what was talked about last, if the message leans on it."""
    if memory.topic is None or len(words) > LONGEST_FOLLOW_UP:
        return known
    named = telling.named(words)
    if not named:
        return _of_topic(known, memory.topic, live)
    if memory.aspect is not None and not telling.rest(words):
        return _same_aspect(known, named, memory, live)
    return known


def _of_topic(known: Understanding, topic: str, live: Live) -> Understanding:
    """Return guesses of one topic only, by the aspect that the message asks for over all topics."""
    aspects = known.only(lambda intent: intent in live.entries and not _is_talk(intent)).sums(live.aspect_of)
    total = sum(aspects.values())
    if total < LEAST_INSIDE or next(iter(aspects.values()), 0.0) < SURE_OF_ASPECT * total:
        return known
    outside = max((g.confidence for g in known.guesses if topic_of(g.intent) == OUTSIDE_TOPIC), default=0.0)
    if outside >= SURE_OF_OUTSIDE or live.general(topic, next(iter(aspects))) is None:
        return known
    inside = [guess for guess in known.guesses if topic_of(guess.intent) == topic]
    own = sum(guess.confidence for guess in inside) or 1.0

    def weight(guess: Guess) -> float:
        aspect = live.aspect_of(guess.intent) or ""
        general = live.general(topic, aspect)
        asked = aspects.get(aspect, 0.0) / total if general is not None and general.key == guess.intent else 0.0
        return WEIGHT_OF_ASPECT * asked + (1 - WEIGHT_OF_ASPECT) * guess.confidence / own

    return Understanding(tuple(inside), known.model).weighed(weight)


def _same_aspect(known: Understanding, named: frozenset[str], memory: Memory, live: Live) -> Understanding:
    """Return the last aspect's entries of the topics that the message names, likeliest topic first."""
    sums = known.sums(topic_of)
    entries = [(topic, live.general(topic, memory.aspect or "")) for topic in named]
    weights = {entry.key: sums.get(topic, 0.0) + 0.01 for topic, entry in entries if entry is not None}
    return _shared(weights, known) if weights else known


def _shared(weights: Mapping[str, float], known: Understanding) -> Understanding:
    total = sum(weights.values()) or 1.0
    return Understanding.of((Guess(intent, weight / total) for intent, weight in weights.items()), known.model)


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


def _is_talk(intent: str) -> bool:
    return topic_of(intent) == SMALL_TALK_TOPIC
