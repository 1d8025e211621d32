"""Text as a masking rule should see it: bare ASCII-like letters and digits, with the way back to the original.

People write numbers with full-width digits, zero-width characters or the letter O; the rules need not know.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

BARRIER = "\x00"
"""Stands where something is masked already; no rule matches across it."""

_LETTER = r"[^\W\d_]"
DIGITS = rf"(?:(?<!{_LETTER})[oli]{{1,2}})?\d(?:[oli]{{0,3}}\d)*(?:[oli]{{1,2}}(?!{_LETTER}))?"
"""A run of digits, also with O, l or I typed for 0 and 1 (in lower case)."""

_RUN = re.compile(DIGITS)
_AS_DIGITS = str.maketrans("oli", "011")
_SPECIAL = {
    **dict.fromkeys("\N{MINUS SIGN}\N{HYPHEN BULLET}\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}", "-"),
    **dict.fromkeys("\N{MIDDLE DOT}\N{BULLET}\N{IDEOGRAPHIC FULL STOP}\N{HYPHENATION POINT}\N{DOT OPERATOR}", "."),
    **dict.fromkeys("\N{FRACTION SLASH}\N{DIVISION SLASH}", "/"),
    **dict.fromkeys("\N{CYRILLIC CAPITAL LETTER O}\N{GREEK CAPITAL LETTER OMICRON}", "O"),
    **dict.fromkeys("\N{CYRILLIC SMALL LETTER O}\N{GREEK SMALL LETTER OMICRON}", "o"),
    **dict.fromkeys("\N{HANGUL FILLER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}", ""),
    "\N{BRAILLE PATTERN BLANK}": "",
    "đ": "d",
    "Đ": "D",
    "\N{COMBINING ENCLOSING KEYCAP}": "",
    "\n": "\n",
    "\r": "\n",
    "\t": " ",
    "\v": " ",
    "\f": " ",
}
_BY_CATEGORY = {"Mn": "", "Me": "", "Cf": "", "Cc": "", "Zs": " ", "Zl": "\n", "Zp": "\n", "Pd": "-"}


@dataclass(frozen=True, slots=True)
class Plain:
    """A text stripped to bare letters; `origin[i]` says where its i-th character stood."""

    letters: str
    origin: tuple[int, ...]
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `letters[start:end]` stands in the original, with the invisible characters behind it."""
        behind = self.origin[end] if end < len(self.origin) else self.length
        return self.origin[start], max(self.origin[end - 1] + 1, behind)


def plain(text: str, masked: re.Pattern[str]) -> Plain:
    """Strip `text` of accents, odd spaces and look-alikes; what `masked` finds becomes a barrier."""
    letters: list[str] = []
    origin: list[int] = []
    start = 0
    for token in masked.finditer(text):
        _strip(text, start, token.start(), letters, origin)
        letters.append(BARRIER)
        origin.append(token.start())
        start = token.end()
    _strip(text, start, len(text), letters, origin)
    return Plain("".join(letters), tuple(origin), len(text))


def with_digits(lower: str) -> str:
    """Return `lower` with the letters typed for digits replaced; the length stays."""
    return _RUN.sub(lambda run: run[0].translate(_AS_DIGITS), lower)


def _strip(text: str, start: int, end: int, letters: list[str], origin: list[int]) -> None:
    for position in range(start, end):
        for letter in _bare(text[position]):
            letters.append(letter)
            origin.append(position)


LONGEST_UNFOLDED = 4


@lru_cache(maxsize=8192)
def _bare(character: str) -> str:
    if " " <= character <= "~":
        return character
    if character in _SPECIAL:
        return _SPECIAL[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(character)
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    decomposed = unicodedata.normalize("NFKD", character)
    # One character that stands for a whole phrase is not a way to write a digit, and takes long to unfold.
    return (
        character if decomposed == character or len(decomposed) > LONGEST_UNFOLDED else "".join(map(_bare, decomposed))
    )
