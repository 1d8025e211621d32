"""When is the office open: "thứ bảy có làm không" is no question about a service."""

import re

LONGEST = 12
"""Words: whoever writes more asks about something else too."""
_DAY = (
    r"(?:thu (?:7|bay|sau|hai|2|6)|t7|chu nhat|cn|cuoi tuan|ngay (?:le|nghi|tet)|hom nay|ngay mai|mai"
    r"|buoi (?:sang|trua|chieu|toi)|gio trua|ngoai gio|sau (?:5|nam|17) gio)"
)
_OPEN = (
    r"(?:lam(?: viec| ko| khong| k| hong|$)|mo cua|co nghi|truc|tiep (?:dan|nhan)|nhan (?:ho so|don)"
    r"|ai (?:o|truc|lam))"
)
_HOURS = re.compile(
    rf"\b{_DAY}\b.*\b{_OPEN}|\b{_OPEN}.*\b{_DAY}\b|\bgio (?:lam viec|mo cua|hanh chinh|tiep dan)"
    r"|\bmay gio (?:\w+ ){0,3}(?:mo cua|dong cua|lam viec|nghi|vao lam|tan)|\b(?:mo|dong) cua (?:\w+ ){0,2}may gio"
)
_ELSEWHERE = re.compile(
    r"\b(?:mang|online|truc tuyen|vneid|app|ung dung|cong (?:dich vu|dvc)|bao (?:lau|nhieu)|thue|nghe|luong)\b"
)


def asks_for_hours(words: list[str]) -> bool:
    """Whether a message (its words without accents) asks when an office is open."""
    text = " ".join(words)
    return len(words) <= LONGEST and _HOURS.search(text) is not None and _ELSEWHERE.search(text) is None
