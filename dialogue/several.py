"""Two questions in one message: "thẻ hết hạn đổi ở đâu, với lại hết bao nhiêu tiền".

A message is taken apart only where people themselves part their questions, and only if each part asks something; a
story told before a question stays with it.
"""

import re
import unicodedata
from itertools import pairwise

FEWEST_WORDS = 3
"""In a part; "alo?" is none."""
MOST_PARTS = 3
_BORDER = re.compile(
    r"[?\n;]+"
    r"|[.,]\s+(?=(?:con|va|voi lai|ngoai ra|tien the|nhan tien|cho hoi|hoi them|hoi luon|roi|a ma|ma)\b)"
    r"|\s(?=(?:voi lai|ngoai ra|tien the|nhan tien|hoi them|hoi luon|va con|va cho hoi)\b)"
    r"|\.\s+"
)
_ASKS = re.compile(
    r"\b(?:gi|j|nao|dau|bao|bn|may|sao|khong|ko|k|hong|hok|khon|chi|mo|rang|ai|chua|ntn|lam the nao|cach|thi sao|"
    r"the nao|duoc khong|hay)\b"
)
_ASKS_CLEARLY = re.compile(
    r"\b(?:gi|nao|dau|bao nhieu|bao lau|bao gio|may (?:ngay|tien|dong|tuoi|bua|hom)|bn|nhu nao|ntn|o mo|lam sao)\b"
    r"|\b(?:khong|ko|k|hong|hok|khon|chua)(?: (?:a|ha|vay|the|nhi|ta|ad|em|chau|anh|chi|ban|ba con))*$"
)
"""What makes a question of words between commas, where "không" and "chưa" in the middle tell a story."""

_JOINING = re.compile(
    r"^(?:với lại|voi lai|ngoài ra|ngoai ra|và|va|nhân tiện|nhan tien|tiện thể|tien the)\s+", re.IGNORECASE
)


def questions_in(text: str) -> tuple[str, ...]:
    """Return the questions of a message if there are two or three of them, else nothing."""
    text = unicodedata.normalize("NFC", text)
    borders = [0, *(match.end() for match in _BORDER.finditer(_bare(text))), len(text)]
    parts = [_JOINING.sub("", text[start:end].strip(" .,;?\n")) for start, end in pairwise(borders)]
    asking = [part for part in parts if len(part.split()) >= FEWEST_WORDS and _ASKS.search(_bare(part))]
    found = [question for part in asking for question in _at_commas(part)]
    return tuple(found) if 1 < len(found) <= MOST_PARTS else ()


def _at_commas(part: str) -> list[str]:
    """Part questions at their commas; what asks nothing by itself stays with the question after it, or before it."""
    questions, story = [], ""
    for piece in re.split(r",\s+", part):
        story = f"{story}, {piece}" if story else piece
        if _ASKS_CLEARLY.search(_bare(piece)) and len(piece.split()) > 1:
            questions.append(story)
            story = ""
    if story and questions:
        questions[-1] = f"{questions[-1]}, {story}"
    return questions or [part]


def _bare(text: str) -> str:
    """Return `text` without accents, letter for letter and with its punctuation."""
    return "".join(unicodedata.normalize("NFD", c)[0] for c in text.lower().replace("đ", "d"))
