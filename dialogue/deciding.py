"""From what the NLU understood and what was said before to one decision: answer, offer, or admit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dialogue.following import bare_aspects
from dialogue.hours import asks_for_hours
from faq.entries import EMERGENCY, OUTSIDE_TOPIC, SCAM_TOPIC, SMALL_TALK_TOPIC, topic_of
from faq.live import Live
from nlu.understanding import Guess, Understanding

OFFERED = 3
CONTACT = "chitchat.lien-he"
"""The entry that says where the office is, and when it is open, as far as that is known."""
ANY_TIME = "cong-dich-vu-cong.moi-luc"


@dataclass(frozen=True, slots=True)
class Limits:
    """How sure is sure enough. Confidences are calibrated: 0.5 is right every other time."""

    sure: float = 0.5
    clear: float = 0.3
    lead: float = 2.5
    sure_of_topic: float = 0.7
    """Of one topic, whatever is asked about it: then its likeliest entry is given, and the others beside it."""
    leading: float = 0.25
    beyond_doubt: float = 0.9
    sure_of_each: float = 0.75
    """Of each of several questions in one message."""
    worth_naming: float = 0.03
    worth_offering: float = 0.2
    bare: float = 0.5
    outside: float = 0.5
    scam: float = 0.25
    scam_and: float = 0.6
    """Of another topic: from here on its answer follows the warning in the same message."""
    scam_worth_naming: float = 0.1
    emergency: float = 0.3
    urgent_whatever_before: float = 0.5
    """Of a scam or an emergency: below it, what was talked about may explain the message better."""
    small_talk_words: int = 5
    careful: float = 0.8
    """Of an answer to what was put together from several messages: below it, asking back is better."""
    case: float = 0.75
    """Of a particular case in what a message says beside asking for its fee, time, place or papers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Give this entry; `others` may have been meant and are named beside it."""

    entry: str
    confidence: float
    others: tuple[str, ...] = ()
    case: str | None = None
    """A particular case that the message names, where `entry` tells what is asked for in general."""


@dataclass(frozen=True, slots=True)
class Several:
    """Give all of these: the message asks more than one thing."""

    entries: tuple[str, ...]
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


Decision = Answer | Several | Offer | OutOfScope | NotUnderstood


def decide(understanding: Understanding, words: list[str], live: Live, *, limits: Limits) -> Decision:
    """Decide what a message gets; `words` are its words without accents."""
    known = understanding.only(lambda intent: intent in live.entries or topic_of(intent) == OUTSIDE_TOPIC)
    first = urgent(known, live, limits)
    if first is not None:
        return first
    outside = known.sums(topic_of).get(OUTSIDE_TOPIC, 0)
    if outside >= limits.outside:
        return OutOfScope(outside)
    inside = known.only(lambda intent: intent in live.entries)
    bare = bare_aspects(understanding)
    if sum(bare.values()) >= limits.bare:
        return _of_which_topic(max(bare, key=lambda aspect: bare[aspect]), inside, live)
    return _beside_a_warning(_decide_inside(_question_in(inside, words, limits), live, limits), inside, limits)


def about_hours(decision: Decision, words: list[str], live: Live) -> Decision:
    """Let whoever asks when an office is open read where to ask that, and that the portal never closes."""
    warned = isinstance(decision, Answer | Several) and topic_of(first_of(decision)) in {SCAM_TOPIC, SMALL_TALK_TOPIC}
    if warned or CONTACT not in live.entries or not asks_for_hours(words):
        return decision
    return Answer(CONTACT, 1.0, tuple(key for key in (ANY_TIME,) if key in live.entries))


def first_of(decision: Answer | Several) -> str:
    """Return the entry that is told first."""
    return decision.entry if isinstance(decision, Answer) else decision.entries[0]


def carefully(decision: Decision, *, limits: Limits) -> Decision:
    """Ask back rather than answer where somebody may have been misunderstood."""
    if not isinstance(decision, Answer) or decision.confidence >= limits.careful or not decision.others:
        return decision
    if topic_of(decision.entry) in {SCAM_TOPIC, SMALL_TALK_TOPIC}:
        return decision
    return Offer((decision.entry, *decision.others)[:OFFERED], decision.confidence)


def together(whole: Decision, parts: Sequence[Understanding], live: Live, *, limits: Limits) -> Decision:
    """Return the answers to several questions of one message, if each is sure and the whole does not speak against."""
    found = [part.best for part in parts]
    sure = [g for g in found if g is not None and g.confidence >= limits.sure_of_each and g.intent in live.entries]
    keys = tuple(dict.fromkeys(g.intent for g in sure if topic_of(g.intent) != SMALL_TALK_TOPIC))
    if len(sure) < len(parts) or len(keys) < 2 or not isinstance(whole, Answer | Offer):  # noqa: PLR2004
        return whole
    if isinstance(whole, Answer) and (topic_of(whole.entry) == SCAM_TOPIC or _speaks_against(whole, keys, limits)):
        return whole
    first = [whole.entry] if isinstance(whole, Answer) and whole.entry in keys else []
    return Several(tuple(dict.fromkeys((*first, *keys))), min(g.confidence for g in sure))


def _speaks_against(whole: Answer, keys: Sequence[str], limits: Limits) -> bool:
    """Whether the whole message is understood as something that none of its questions is about."""
    return whole.entry not in keys and whole.confidence >= limits.sure


def urgent(understanding: Understanding, live: Live, limits: Limits) -> Answer | Several | None:
    """Return what comes before all else, if a message calls for it: warnings of scams, and 113, 114, 115."""
    topics = understanding.sums(topic_of)
    if topics.get(SCAM_TOPIC, 0) >= max(limits.scam, topics.get(OUTSIDE_TOPIC, 0)):
        scams = understanding.only(lambda intent: topic_of(intent) == SCAM_TOPIC and intent in live.entries)
        if scams.best is not None:
            return _with_what_else_is_asked(_answer(scams.best, scams, limits), understanding, live, limits)
    emergency = understanding.confidence(EMERGENCY)
    return Answer(EMERGENCY, emergency) if emergency >= limits.emergency and EMERGENCY in live.entries else None


def _with_what_else_is_asked(
    warning: Answer, understanding: Understanding, live: Live, limits: Limits
) -> Answer | Several:
    """Let the answer to a question follow the warning, where the message is rather likelier to ask it."""
    services = understanding.only(lambda intent: topic_of(intent) not in {SCAM_TOPIC, SMALL_TALK_TOPIC})
    asked = services.only(lambda intent: intent in live.entries).best
    if asked is None or services.sums(topic_of)[topic_of(asked.intent)] < limits.scam_and:
        return warning
    return Several((warning.entry, asked.intent), warning.confidence)


def _beside_a_warning(decision: Decision, inside: Understanding, limits: Limits) -> Decision:
    """Name a warning of scams first among what else may be meant, where there is any suspicion."""
    if not isinstance(decision, Answer) or inside.sums(topic_of).get(SCAM_TOPIC, 0) < limits.scam_worth_naming:
        return decision
    warning = inside.only(lambda intent: topic_of(intent) == SCAM_TOPIC).best
    if warning is None or warning.intent == decision.entry:
        return decision
    others = dict.fromkeys((warning.intent, *decision.others))
    return replace(decision, others=tuple(others)[:OFFERED])


def _decide_inside(inside: Understanding, live: Live, limits: Limits) -> Decision:
    best = inside.best
    if best is None:
        return NotUnderstood((), 0.0)
    second = inside.guesses[1].confidence if len(inside.guesses) > 1 else 0.0
    if best.confidence >= limits.sure or (best.confidence >= limits.clear and best.confidence >= limits.lead * second):
        return _answer(best, inside, limits)
    topics = inside.sums(topic_of)
    topic = topic_of(best.intent)
    if topics[topic] >= limits.sure_of_topic and best.confidence >= limits.leading and topic != SMALL_TALK_TOPIC:
        return _answer(best, inside, limits)
    likely = [g for g in inside.guesses if topic_of(g.intent) != SMALL_TALK_TOPIC][:OFFERED]
    if sum(g.confidence for g in likely) >= limits.worth_offering:
        return Offer(tuple(g.intent for g in likely), best.confidence)
    nearest = (t for t in topics if t in live.topics and t != SMALL_TALK_TOPIC)
    return NotUnderstood(tuple(nearest)[:OFFERED], best.confidence)


def _of_which_topic(aspect: str, inside: Understanding, live: Live) -> Offer:
    """Ask back what a question that names nothing but an aspect is about: the likeliest topics first."""
    topics = dict.fromkeys((*inside.sums(topic_of), *live.topics))
    general = (live.general(topic, aspect) for topic in topics if topic not in {SMALL_TALK_TOPIC, SCAM_TOPIC})
    keys = [entry.key for entry in general if entry is not None and entry.aspect == aspect]
    return Offer(tuple(keys)[:OFFERED], max((g.confidence for g in inside.guesses), default=0.0))


def _answer(best: Guess, understanding: Understanding, limits: Limits) -> Answer:
    """Give the best guess, and name what else may be meant unless it is beyond doubt."""
    if best.confidence >= limits.beyond_doubt:
        return Answer(best.intent, best.confidence)
    rest = (g for g in understanding.guesses if g.intent != best.intent and g.confidence >= limits.worth_naming)
    others = (g.intent for g in rest if topic_of(g.intent) not in {SMALL_TALK_TOPIC, OUTSIDE_TOPIC})
    return Answer(best.intent, best.confidence, tuple(others)[:OFFERED])


def _question_in(inside: Understanding, words: list[str], limits: Limits) -> Understanding:
    """Look past the courtesies of a message that says more than they do: their share goes to the question."""
    question = inside.only(lambda intent: topic_of(intent) != SMALL_TALK_TOPIC)
    asked = sum(guess.confidence for guess in question.guesses)
    if len(words) <= limits.small_talk_words or asked < limits.worth_offering:
        return inside
    share = sum(guess.confidence for guess in inside.guesses) / asked
    return Understanding.of((Guess(g.intent, min(g.confidence * share, 1.0)) for g in question.guesses), inside.model)
