"""How two states of an entry differ, so that a person can read it: field by field, word by word. Pure."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from web.card import LISTS, NAMES, Fields, clean, read_lines, title_of

_WORDS = re.compile(r"\s+|[^\s]+")
_BY_LINE = frozenset({"examples", "related", "facts"})
"""Lists whose order says nothing: lines that came and lines that went."""
MOST_WORDS = 4_000
"""Beyond it two texts are shown whole: comparing them word by word takes the square of their length."""

REWRITTEN = 0.4
"""Likeness below which a text is shown as another one: words kept by chance only confuse."""
Code = tuple[str, int, int, int, int]
"""What became of some words: as `difflib` says it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some words that are the same, new or gone."""

    kind: Literal["same", "new", "gone"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one field."""

    name: str
    spans: tuple[Span, ...] = ()
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the field is called where staff see it."""
        return title_of(self.name)


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed, each in their own way."""

    name: str
    opened: str
    mine: Change
    theirs: Change
    both: str | None
    """For a list: the lines of both."""

    @property
    def title(self) -> str:
        """What the field is called where staff see it."""
        return title_of(self.name)


def words_between(old: str, new: str) -> tuple[Span, ...]:
    """Return what leads from one text to another, word by word."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(a=before, b=after, autojunk=False) if len(before) + len(after) <= MOST_WORDS else None
    if matcher is None or matcher.ratio() < REWRITTEN:
        return tuple(_spans([("replace", 0, len(before), 0, len(after))], before, after))
    return tuple(_spans(_joined(matcher.get_opcodes(), before), before, after))


def _joined(codes: Iterable[Code], before: list[str]) -> Iterator[Code]:
    """Join changes between which nothing but a space stayed: words replaced in a row are read in a row."""
    pending: Code | None = None
    for code in codes:
        kind, start, end, begin, stop = code
        kept = kind == "equal" and (pending is None or "".join(before[start:end]).strip())
        if kept:
            yield from filter(None, [pending, code])
            pending = None
        else:
            pending = (
                ("replace", pending[1], end, pending[3], stop) if pending else ("replace", start, end, begin, stop)
            )
    yield from filter(None, [pending])


def _spans(codes: Iterable[Code], before: list[str], after: list[str]) -> Iterator[Span]:
    for kind, start, end, begin, stop in codes:
        if kind == "equal":
            yield Span("same", "".join(before[start:end]))
            continue
        if end > start:
            yield Span("gone", "".join(before[start:end]))
        if stop > begin:
            yield Span("new", "".join(after[begin:stop]))


def changes(old: Fields, new: Fields, *, shown: Callable[[str, str], str] = lambda _name, text: text) -> list[Change]:
    """Return the fields that differ; `shown` words a field's text for people."""
    differing = (name for name in NAMES if clean(old.get(name, "")) != clean(new.get(name, "")))
    return [_change(name, shown(name, old.get(name, "")), shown(name, new.get(name, ""))) for name in differing]


def _change(name: str, old: str, new: str) -> Change:
    if name not in _BY_LINE:
        return Change(name, spans=words_between(old, new))
    before, after = read_lines(old), read_lines(new)
    came, went = Counter(after) - Counter(before), Counter(before) - Counter(after)
    return Change(name, new=tuple(came.elements()), gone=tuple(went.elements()))


def merge(opened: Fields, mine: Fields, theirs: Fields) -> tuple[Fields, list[Clash]]:
    """Put two people's work together; return it, and the fields that both changed, which keep `mine` until chosen."""
    merged, clashes = {**mine}, []
    for name in NAMES:
        was, own, other = (clean(state.get(name, "")) for state in (opened, mine, theirs))
        if own == was:
            merged[name] = other
        elif other not in {was, own}:
            clashes.append(_clash(name, was, own, other))
    return merged, clashes


def _clash(name: str, was: str, mine: str, theirs: str) -> Clash:
    both = _both(was, mine, theirs) if name in LISTS else None
    return Clash(name, was, _change(name, was, mine), _change(name, was, theirs), both)


def _both(was: str, mine: str, theirs: str) -> str:
    before, own, other = read_lines(was), read_lines(mine), read_lines(theirs)
    gone, added = set(before) - set(own), [line for line in own if line not in before]
    return "\n".join(dict.fromkeys([*(line for line in other if line not in gone), *added]))


def packed(fields: Mapping[str, str]) -> str:
    """Return the fields that hold something as one text, for a hidden field."""
    return json.dumps({name: fields[name] for name in NAMES if fields.get(name)}, ensure_ascii=False)


def unpacked(text: str) -> Fields:
    """Return what was packed; empty fields for what is no such text."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = {}
    known = found if isinstance(found, dict) else {}
    return {name: known[name] if isinstance(known.get(name), str) else "" for name in NAMES}


def names(of: Iterable[Change]) -> str:
    """Return the titles of changed fields in one line."""
    return ", ".join(change.title for change in of)
