"""Vietnamese text without its accents, for comparing and searching."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"[^\w\s]", re.UNICODE)


def fold(text: str) -> str:
    """Return `text` in lower case, without accents and punctuation, single-spaced."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _SPACES.sub(" ", _NOT_WORDS.sub(" ", bare)).strip()
