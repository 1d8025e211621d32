"""Taking back: "à nhầm, hết hạn chứ không phải mất" changes what was asked just before, and asks it again."""

import re

LONGEST_CORRECTION = 16
"""Words: whoever writes more tells all anew."""
_NOT = r"(?:khong|ko|k|kg|hong|hok|khon|chang|no) phai"
_PEOPLE = r"(?:toi|tui|em|minh|con|chau|bac|co|chu|anh|chi|choa)"
_SIGHS = r"(?:a|u|o|oi|ua|da|thoi|khong|ko|xin loi|sorry|ay)"
_VERBS = r"(?:noi|go|hoi|viet|nhan|bam)"
_SLIPS = (
    rf"(?:{_SIGHS} )*(?:(?:{_PEOPLE} )?(?:{_VERBS} )?(?:nham|lon)(?: roi)?(?: (?:a|nhe|oi))?|y {_PEOPLE}(?: la)?)"
    rf"(?: {_PEOPLE})?(?: (?:muon )?(?:hoi|noi))?(?: la)?"
)
_END = r"(?: (?:a|nhe|nha|dau|ad|oi|co))*"
_TAKEN_BACK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_SLIPS} )?(?:la )?(?P<right>.+?) (?:chu|ma) {_NOT} (?:la )?(?P<wrong>.+?){_END}",
        rf"(?:{_SLIPS} )?{_NOT} (?:la )?(?P<wrong>.+?) (?:ma|dau ma|dau)(?: la)? (?P<right>.+?){_END}",
        rf"{_SLIPS} (?P<right>.+?)(?P<wrong>){_END}",
    )
)


def corrected(words: list[str], before: list[str]) -> list[str] | None:
    """Return what is asked now, if a message (all words without accents) corrects the one before it.

    What was wrong is put right in the earlier question; if it is not found there, what is right stands alone.
    """
    if len(words) > LONGEST_CORRECTION or not before:
        return None
    text, earlier = " ".join(words), f" {' '.join(before)} "
    for pattern in _TAKEN_BACK:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        wrong, right = f" {match['wrong']} ", f" {match['right']} "
        if match["wrong"] and wrong in earlier:
            return earlier.replace(wrong, right, 1).split()
        if re.match(rf"{_SLIPS}\b", text):
            return right.split()
    return None
