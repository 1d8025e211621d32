"""Whether somebody writes in English: the answers are Vietnamese, and a few sentences must not be missing."""

_WORDS = (
    "and are card does english for foreigner have hello help house how is license living lost motorbike need of "
    "passport please police register rent renting residence someone speak stay temporary thank thanks there visa want "
    "what when where who why with you your"
)
"""None of them is also a Vietnamese syllable without its accents, as "to", "can" and "do" are."""
WORDS = frozenset(_WORDS.split())
FEWEST = 2
SHARE = 0.3


def looks_english(words: list[str]) -> bool:
    """Whether a message, given by its words without accents, is English rather than Vietnamese."""
    found = sum(word in WORDS for word in words)
    return found >= FEWEST and found >= SHARE * len(words)
