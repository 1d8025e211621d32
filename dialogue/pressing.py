"""What a button opens: entries, pages, lists, steps. Pure: nothing is written down here, whatever was pressed."""

from collections.abc import Callable, Mapping

from dialogue.easy import EasyComposer
from dialogue.hearing import Ended, Hearing
from dialogue.replies import Press
from dialogue.visiting import VisitComposer
from faq.entries import Entry
from stats.endings import Ending

MOST_DIGITS = 3
"""Of the number of a page."""
Opening = Callable[[Hearing, str], Ended | None]


def opened(hearing: Hearing, kind: str, value: str) -> Ended:
    """Open what a button stands for; what it led to may be gone, or moved."""
    opening = OPENINGS.get(kind)
    found = opening(hearing, value) if opening else None
    return found or Ended(hearing.say.gone())


def _entry(hearing: Hearing, value: str) -> Ended | None:
    entry = hearing.live.entry(value)
    if entry is None:
        return None
    hearing.opened(entry)
    reply = hearing.say.small_talk(entry) if entry.is_small_talk else hearing.say.answer(entry)
    # An answer is a message of its own, so that the list it was chosen from stays above it.
    return Ended(reply, Ending.ANSWERED, entry, anew=True)


def _details(hearing: Hearing, value: str) -> Ended | None:
    page, _, key = value.partition(":")
    entry = hearing.live.entry(key)
    return Ended(hearing.say.details(entry, number_of(page)), Ending.ANSWERED, entry) if entry else None


def _topic(hearing: Hearing, value: str) -> Ended | None:
    known = value in hearing.live.by_topic and value in hearing.live.topics
    return Ended(hearing.say.topic(value), topic=value) if known else None


def _group(hearing: Hearing, value: str) -> Ended | None:
    topic, _, rest = value.partition(":")
    aspect, _, page = rest.partition(":")
    if topic not in hearing.live.topics:
        return None
    reply = hearing.say.group(topic, aspect, number_of(page)) or hearing.say.topic(topic)
    return Ended(reply, topic=topic)


def _menu(hearing: Hearing, _value: str) -> Ended:
    return Ended(hearing.say.menu(hearing.announced.notices))


def _visits(hearing: Hearing, value: str) -> Ended:
    return Ended(VisitComposer(hearing.say).services(value))


def _visit(hearing: Hearing, value: str) -> Ended | None:
    name, _, digits = value.partition(":")
    composer = VisitComposer(hearing.say)
    reply = composer.asked(name, digits)
    if reply is None:
        return Ended(composer.services())
    visit = next(visit for visit in hearing.live.faq.visits if visit.id == name)
    if len(digits) < len(visit.questions):
        return Ended(reply, counted=not digits, topic=visit.topic)
    return Ended(reply, Ending.ANSWERED, topic=visit.topic)


def _step(hearing: Hearing, value: str) -> Ended | None:
    number, entry = _numbered(hearing, value)
    return Ended(_easily(hearing).step(entry, number), entry=entry, counted=False) if entry else None


def _repeat(hearing: Hearing, value: str) -> Ended | None:
    number, entry = _numbered(hearing, value)
    return Ended(_easily(hearing).step(entry, number), entry=entry, counted=False, anew=True) if entry else None


def _helper(hearing: Hearing, value: str) -> Ended:
    return Ended(hearing.say.call_help(hearing.live.entry(value)), counted=False, anew=True)


def _numbered(hearing: Hearing, value: str) -> tuple[int, Entry | None]:
    number, _, key = value.partition(":")
    return number_of(number), hearing.live.entry(key)


def _easily(hearing: Hearing) -> EasyComposer:
    """Steps go on as steps, also once large letters are switched off."""
    return EasyComposer(hearing.live, hearing.words, hearing.today)


def number_of(text: str) -> int:
    """Return a page's number, 1 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else 1


OPENINGS: Mapping[str, Opening] = {
    Press.ENTRY: _entry,
    Press.DETAILS: _details,
    Press.TOPIC: _topic,
    Press.GROUP: _group,
    Press.MENU: _menu,
    Press.VISITS: _visits,
    Press.VISIT: _visit,
    Press.STEP: _step,
    Press.REPEAT: _repeat,
    Press.HELPER: _helper,
}
