"""From what the NLU understood and what was said before to one decision: answer, offer, or admit."""

from dataclasses import dataclass

from dialogue.following import TopicWords, in_context
from dialogue.memory import Memory
from faq.entries import EMERGENCY, OUTSIDE_TOPIC, SCAM_TOPIC, SMALL_TALK_TOPIC, topic_of
from faq.live import Live
from nlu.understanding import Guess, Understanding

OFFERED = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure is sure enough. Confidences are calibrated: 0.5 is right every other time."""

    sure: float = 0.5
    clear: float = 0.35
    lead: float = 2.5
    worth_offering: float = 0.2
    outside: float = 0.5
    scam: float = 0.25
    emergency: float = 0.3
    small_talk_words: int = 5


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


def decide(
    understanding: Understanding,
    words: list[str],
    memory: Memory,
    live: Live,
    telling: TopicWords,
    *,
    limits: Limits,
) -> Decision:
    """Decide what a message gets; `words` are its words without accents."""
    known = understanding.only(lambda intent: intent in live.entries or topic_of(intent) == OUTSIDE_TOPIC)
    topics = known.sums(topic_of)
    if topics.get(SCAM_TOPIC, 0) >= max(limits.scam, topics.get(OUTSIDE_TOPIC, 0)):
        return _best_of_topic(known, SCAM_TOPIC)
    emergency = known.confidence(EMERGENCY)
    if emergency >= limits.emergency:
        return Answer(EMERGENCY, emergency)
    known = in_context(known, words, memory, live, telling)
    outside = known.sums(topic_of).get(OUTSIDE_TOPIC, 0)
    if outside >= limits.outside:
        return OutOfScope(outside)
    inside = known.only(lambda intent: intent in live.entries)
    return _decide_inside(_question_in(inside, words, limits), live, limits)


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


def _question_in(inside: Understanding, words: list[str], limits: Limits) -> Understanding:
    """Look past the courtesies of a message that says more than they do: their share goes to the question."""
    question = inside.only(lambda intent: topic_of(intent) != SMALL_TALK_TOPIC)
    asked = sum(guess.confidence for guess in question.guesses)
    if len(words) <= limits.small_talk_words or asked < limits.worth_offering:
        return inside
    share = sum(guess.confidence for guess in inside.guesses) / asked
    return Understanding.of((Guess(g.intent, min(g.confidence * share, 1.0)) for g in question.guesses), inside.model)
