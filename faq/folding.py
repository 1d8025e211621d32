"""Vietnamese text without its accents, for comparing and searching."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_ACCENTS = dict.fromkeys(number for number in range(0x1F000) if unicodedata.combining(chr(number)))
"""All combining marks there are, to be left out: many times as fast as asking of each character."""
_NOT_WORDS = re.compile(r"[^\w\s]", re.UNICODE)


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and punctuation, single-spaced."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = decomposed.translate(_ACCENTS)
    return _SPACES.sub(" ", _NOT_WORDS.sub(" ", bare)).strip()
