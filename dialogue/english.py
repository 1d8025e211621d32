"""Whether somebody writes in English: the answers are Vietnamese, and a few sentences must not be missing."""

_WORDS = (
    "and are does english for have how is lost need of please police register someone speak temporary thank thanks "
    "there want what when where who why with you your"
)
"""None of them is also a Vietnamese syllable without its accents, as "to", "can" and "do" are."""
WORDS = frozenset(_WORDS.split())
FEWEST = 2
SHARE = 0.3


def looks_english(words: list[str]) -> bool:
    """Whether a message, given by its words without accents, is English rather than Vietnamese."""
    found = sum(word in WORDS for word in words)
    return found >= FEWEST and found >= SHARE * len(words)
