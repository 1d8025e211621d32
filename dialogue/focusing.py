"""What is asked of a particular case: "mất biển số, cấp lại bao lâu" wants the time, and gets it first."""

from collections.abc import Mapping

from dialogue.memory import Memory
from faq.entries import Aspect, Details, Entry
from faq.folding import fold
from faq.live import Live

PARTS: Mapping[str, str] = {"ho-so": "papers", "noi-lam": "office", "le-phi": "fee", "thoi-han": "time"}
"""Aspects that are a part of an answer, and the field that holds it."""
OF_A_CASE: Mapping[str, str] = {**PARTS, "cach-lam": "steps"}
"""The same, of a particular case that is talked about: "thì làm răng" asks for its steps."""
_NOT_ABOUT_COSTS = frozenset({"xu-phat"})
"""Aspects whose questions sound like others: "phạt bao nhiêu tiền" asks for no fee."""


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


def has_part(details: Details, aspect: str) -> bool:
    """Whether an answer tells of that aspect."""
    return bool(getattr(details, OF_A_CASE[aspect]))


def case_behind(entry: Entry, memory: Memory, live: Live) -> Entry | None:
    """Return the particular case talked about, where a follow-up gets `entry`, which tells a part of it in general.

    "Tách hộ", then "mấy ngày xong": the days of that case are wanted, not those of its topic.
    """
    case = live.entry(memory.entry or "")
    if case is None or entry.key != f"{entry.topic}.{entry.aspect}" or entry.aspect not in OF_A_CASE:
        return None
    return case if case.topic == entry.topic and case.key != f"{case.topic}.{case.aspect}" else None
