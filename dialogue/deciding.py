"""From what the NLU understood and what was said before to one decision: answer, offer, or admit."""

from collections.abc import Callable
from dataclasses import dataclass

from dialogue.memory import Memory
from faq.entries import OUTSIDE_TOPIC, SCAM_TOPIC, SMALL_TALK_TOPIC
from faq.live import Live
from nlu.understanding import Guess, Understanding

OFFERED = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure is sure enough. Confidences are calibrated: 0.5 is right every other time."""

    sure: float = 0.5
    clear: float = 0.35
    lead: float = 2.5
    worth_offering: float = 0.3
    outside: float = 0.5
    scam: float = 0.25
    follow_up_words: int = 9
    same_topic: float = 15.0
    same_aspect: float = 4.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Give this entry."""

    entry: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask back which of these is meant."""

    entries: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """Nothing this product knows about."""

    confidence: float


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Nothing likely enough; the nearest topics may help."""

    topics: tuple[str, ...]
    confidence: float


Decision = Answer | Offer | OutOfScope | NotUnderstood


def decide(understanding: Understanding, words: int, memory: Memory, live: Live, limits: Limits) -> Decision:
    """Decide what a message of `words` words gets."""
    known = understanding.only(lambda intent: intent in live.entries or topic_of(intent) == OUTSIDE_TOPIC)
    topics = known.sums(topic_of)
    if topics.get(SCAM_TOPIC, 0) >= limits.scam:
        return _best_of_topic(known, SCAM_TOPIC)
    if topics.get(OUTSIDE_TOPIC, 0) >= limits.outside and not _follows_up(words, memory, limits, known):
        return OutOfScope(topics[OUTSIDE_TOPIC])
    if memory.topic and words <= limits.follow_up_words:
        known = _in_context(known, memory, live, limits)
    inside = known.only(lambda intent: intent in live.entries)
    return _decide_inside(inside, live, limits)


def topic_of(intent: str) -> str:
    """Return the topic of an intent."""
    return intent.partition(".")[0]


def _decide_inside(inside: Understanding, live: Live, limits: Limits) -> Decision:
    best = inside.best
    if best is None:
        return NotUnderstood((), 0.0)
    second = inside.guesses[1].confidence if len(inside.guesses) > 1 else 0.0
    if best.confidence >= limits.sure or (best.confidence >= limits.clear and best.confidence >= limits.lead * second):
        return Answer(best.intent, best.confidence)
    likely = [g for g in inside.guesses if topic_of(g.intent) != SMALL_TALK_TOPIC][:OFFERED]
    if sum(g.confidence for g in likely) >= limits.worth_offering:
        return Offer(tuple(g.intent for g in likely), best.confidence)
    nearest = (t for t in inside.sums(topic_of) if t in live.topics and t != SMALL_TALK_TOPIC)
    return NotUnderstood(tuple(nearest)[:OFFERED], best.confidence)


def _best_of_topic(known: Understanding, topic: str) -> Answer:
    best = known.only(lambda intent: topic_of(intent) == topic).guesses[0]
    return Answer(best.intent, best.confidence)


def _follows_up(words: int, memory: Memory, limits: Limits, known: Understanding) -> bool:
    """Whether a few words after an answer may lean on it rather than be off the subject."""
    if memory.topic is None or words > limits.follow_up_words:
        return False
    return known.sums(topic_of).get(memory.topic, 0) * limits.same_topic >= limits.outside


def _in_context(known: Understanding, memory: Memory, live: Live, limits: Limits) -> Understanding:
    """Weigh guesses by what was talked about last: people ask on about a topic, or the same of another one."""

    def weight(guess: Guess) -> float:
        same_topic = limits.same_topic if topic_of(guess.intent) == memory.topic else 1.0
        same_aspect = limits.same_aspect if live.aspect_of(guess.intent) == memory.aspect else 1.0
        return guess.confidence * max(same_topic, same_aspect)

    return _reweighted(known, weight)


def _reweighted(known: Understanding, weight: Callable[[Guess], float]) -> Understanding:
    weights = {guess.intent: weight(guess) for guess in known.guesses}
    total = sum(weights.values()) or 1.0
    return Understanding.of((Guess(intent, w / total) for intent, w in weights.items()), known.model)
