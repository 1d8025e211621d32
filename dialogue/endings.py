"""From a decision to how a message ends: the reply, and what is noted of it. Nothing is written down here."""

from collections.abc import Sequence
from dataclasses import replace

from dialogue.deciding import Answer, Decision, NotUnderstood, Offer, OutOfScope, Several
from dialogue.focusing import case_behind, focus, has_part
from dialogue.following import LONGEST_FOLLOW_UP
from dialogue.hearing import Ended, Hearing
from dialogue.layout import join
from dialogue.replies import Reply
from faq.entries import Entry
from stats.endings import Ending
from stats.masking import Masked


def carry_out(hearing: Hearing, decision: Decision, words: list[str]) -> Ended:
    """Give what was decided; `words` are the message's words without accents."""
    live, say = hearing.live, hearing.say
    match decision:
        case Answer(key, confidence, others):
            entry = live.entries[key]
            if entry.is_small_talk:
                reply = say.small_talk(entry, words, [live.entries[other] for other in others])
                return Ended(reply, Ending.SMALL_TALK, entry, confidence=confidence)
            asked = focus(words, entry, live)
            hearing.opened(entry)
            reply = say.answer(entry, [live.entries[other] for other in others], asked)
            return Ended(reply, Ending.ANSWERED, entry, focus=asked, offered=others, confidence=confidence)
        case Several(keys, confidence):
            entries = _with_the_case(hearing, [live.entries[key] for key in keys])
            for entry in reversed(entries):
                hearing.opened(entry)
            others = tuple(entry.key for entry in entries[1:])
            return Ended(say.several(entries), Ending.ANSWERED, entries[0], offered=others, confidence=confidence)
        case Offer(keys, confidence):
            reply = say.offer([live.entries[key] for key in keys])
            return Ended(reply, Ending.OFFERED, offered=keys, confidence=confidence)
        case OutOfScope(confidence):
            return Ended(say.out_of_scope(), Ending.OUT_OF_SCOPE, confidence=confidence)
        case NotUnderstood(topics, confidence):
            return Ended(say.not_understood(topics), Ending.NOT_UNDERSTOOD, confidence=confidence)


def about_the_case(hearing: Hearing, decision: Decision, words: list[str]) -> Ended | None:
    """Answer what is asked of a particular case with its own part; if it lacks it, name the case first."""
    live = hearing.live
    if not isinstance(decision, Answer):
        return None
    general = live.entries[decision.entry]
    case = live.entries.get(decision.case or "") or _talked_about(hearing, general, words)
    if case is None:
        return None
    own = has_part(case.details, general.aspect)
    told, beside = (case, general) if own else (general, case)
    hearing.opened(told)
    others = tuple(dict.fromkeys((beside.key, *(key for key in decision.others if key != told.key))))
    asked = general.aspect if own else None
    reply = hearing.say.answer(told, [live.entries[key] for key in others], asked)
    return Ended(reply, Ending.ANSWERED, told, focus=asked, offered=others, confidence=decision.confidence)


def _with_the_case(hearing: Hearing, entries: list[Entry]) -> list[Entry]:
    """Put the case that is talked about before several general answers, so that each tells its part of that case."""
    cases = {case.key: case for entry in entries if (case := case_behind(entry, hearing.memory, hearing.live))}
    return [*(case for case in cases.values() if case not in entries), *entries]


def _talked_about(hearing: Hearing, general: Entry, words: list[str]) -> Entry | None:
    """Return the case of which a follow-up goes on to speak."""
    if len(words) > LONGEST_FOLLOW_UP or hearing.live.names.named(words):
        return None
    return case_behind(general, hearing.memory, hearing.live)


def announcing(hearing: Hearing, ended: Ended) -> Ended:
    """Put what staff have to tell before a reply, once in a conversation."""
    fresh = [notice for notice in hearing.announced.notices if notice.id not in hearing.memory.told]
    if not fresh or hearing.announced.stop is not None:
        return ended
    hearing.memory = replace(hearing.memory, told=hearing.memory.told | {notice.id for notice in fresh})
    told = join([*hearing.say.announced(fresh), ended.reply.html])
    return replace(ended, reply=Reply(told, ended.reply.buttons))


def stopped(hearing: Hearing) -> Ended:
    """Say that the guide is stopped, and why."""
    assert hearing.announced.stop is not None
    return Ended(hearing.say.stopped(hearing.announced.stop), Ending.UNAVAILABLE)


def by_words(hearing: Hearing, text: str) -> Ended:
    """Offer what a search by words finds, where nothing understands sentences."""
    found: Sequence[Entry] = hearing.live.search(text)
    keys = tuple(entry.key for entry in found)
    return Ended(hearing.say.unavailable(found), Ending.UNAVAILABLE, offered=keys)


def nothing_left(hearing: Hearing, masked: Masked) -> Ended:
    """Answer a message that has no words, or none but the personal data that was hidden."""
    if masked.kinds:
        return Ended(hearing.say.personal_data(), Ending.PERSONAL_DATA)
    return Ended(hearing.say.empty(), Ending.NOT_UNDERSTOOD)
