"""What is asked of a particular case: "mất biển số, cấp lại bao lâu" wants the time, and gets it first."""

import re
from collections.abc import Mapping

from dialogue.memory import Memory
from faq.entries import SCAM_TOPIC, Aspect, Details, Entry
from faq.folding import fold
from faq.live import Live

PARTS: Mapping[str, str] = {"ho-so": "papers", "noi-lam": "office", "le-phi": "fee", "thoi-han": "time"}
"""Aspects that are a part of an answer, and the field that holds it."""
OF_A_CASE: Mapping[str, str] = {**PARTS, "cach-lam": "steps"}
"""The same, of a particular case that is talked about: "thì làm răng" asks for its steps."""
DIFFERENT_BY_CASE = frozenset({"ho-so", "le-phi", "thoi-han"})
"""Aspects for which a particular case has an answer of its own; the place is mostly the same for all."""
_NOT_ABOUT_COSTS = frozenset({"xu-phat"})
"""Aspects whose questions sound like others: "phạt bao nhiêu tiền" asks for no fee."""
_ASKED = "?"
_AROUND = re.compile(
    r"(?: (?:co|mat|het|ton|phai|nop|tra|dong|can|thi|la|khoang))* \?(?: (?:tien|phi|khong|ko|k|xong|thi|moi|la))*(?= )"
)
"""What is said around an aspect that is asked for ("hết … không") and says nothing of a case: "mất" may be "lost"."""


def focus(words: list[str], entry: Entry, live: Live) -> str | None:
    """Return the aspect for which a message (its words without accents) asks, if it is but a part of `entry`."""
    asked = asked_aspect(words, live.aspects)
    if asked is None or asked == entry.aspect or entry.aspect in _NOT_ABOUT_COSTS or entry.is_small_talk:
        return None
    return asked if has_part(entry.details, asked) else None


def asked_aspect(words: list[str], aspects: Mapping[str, Aspect]) -> str | None:
    """Return the one aspect that a message asks for in so many words; none if it asks for several."""
    text = f" {' '.join(words)} "
    found = {name for name in PARTS if name in aspects for cue in aspects[name].cues if f" {fold(cue)} " in text}
    return found.pop() if len(found) == 1 else None


def beside_the_aspect(words: list[str], aspect: Aspect) -> list[str]:
    """Return what a message (its words without accents) says beside asking for `aspect`: "mất thẻ", and no fee."""
    text = f" {' '.join(words)} "
    for cue in sorted(map(fold, aspect.cues), key=len, reverse=True):
        text = text.replace(f" {cue} ", f" {_ASKED} ")
    return _AROUND.sub(" ", text).split()


def has_part(details: Details, aspect: str) -> bool:
    """Whether an answer tells of that aspect."""
    return bool(getattr(details, OF_A_CASE[aspect]))


def case_behind(entry: Entry, memory: Memory, live: Live) -> Entry | None:
    """Return the particular case talked about, where a follow-up gets `entry`, which tells a part of it in general.

    "Tách hộ", then "mấy ngày xong": the days of that case are wanted, not those of its topic.
    """
    case = live.entry(memory.entry or "")
    if case is None or entry.aspect not in OF_A_CASE or entry.topic == SCAM_TOPIC:  # there each entry is a case
        return None
    return case if is_case_of(case, entry) else None


def is_case_of(case: Entry, entry: Entry) -> bool:
    """Whether `case` is a particular case of what `entry` tells in general."""
    return entry.is_general and case.topic == entry.topic and not case.is_general
