"""Other ways of typing an example, made by rule: without accents, with the short forms of chats and of the region."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import zip_longest

from faq.entries import ShortForm

MOST = 12
_NOT_WORDS = re.compile(r"[^\w\s]", re.UNICODE)


def without_accents(text: str) -> str:
    """Return `text` as people type it who leave the accents out."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def variants(examples: Sequence[str], forms: Sequence[ShortForm], known: Collection[str]) -> tuple[str, ...]:
    """Return up to `MOST` other ways of typing `examples`, none of them in `known`; both kinds by turns."""
    seen = {spoken(text) for text in known}
    bare = _new((without_accents(text) for text in examples), seen)
    short = _new((text for number, example in enumerate(examples) for text in _shortened(example, forms, number)), seen)
    mixed = (text for pair in zip_longest(short, bare) for text in pair if text)
    return tuple(dict.fromkeys(mixed))[:MOST]


def share_of_variants(examples: Sequence[str], forms: Sequence[ShortForm]) -> float:
    """Return the share of examples that another example becomes when accents are dropped or a short form is used."""
    said = [spoken(text) for text in examples]
    made = {other for text in said for other in (*_exchanged(text, forms), without_accents(text)) if other != text}
    made |= {without_accents(text) for text in made}
    # Of two that differ in accents only, the one with accents was there first.
    return sum(text in made for text in said) / len(said) if said else 0.0


def spoken(text: str) -> str:
    """Return `text` in lower case without punctuation: two that then are the same differ for no reader."""
    return " ".join(_NOT_WORDS.sub(" ", text.lower()).split())


def _shortened(example: str, forms: Sequence[ShortForm], turn: int) -> Iterator[str]:
    """Yield one short way of typing an example: of its longest phrases each time another."""
    found = sorted(_exchanged(spoken(example), forms), key=len)
    if found:
        yield found[turn % min(len(found), 4)]


def _exchanged(text: str, forms: Sequence[ShortForm]) -> Iterator[str]:
    padded = f" {text} "
    for form in forms:
        if f" {form.means} " in padded:
            yield padded.replace(f" {form.means} ", f" {form.short} ").strip()


def _new(texts: Iterable[str], seen: set[str]) -> list[str]:
    found = []
    for text in texts:
        if spoken(text) not in seen:
            seen.add(spoken(text))
            found.append(text)
    return found
