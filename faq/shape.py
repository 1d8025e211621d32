"""What texts of the FAQ may look like: ids, lengths, links. Every text limit stands here once."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from faq import dated

KEY_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*$"
ID_PATTERN = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
LONGEST_KEY = 56
"""A callback (`e:<key>`) must fit into Telegram's 64 bytes."""

PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")
MOST_MILESTONES = 3
"""In one text: nobody can proof-read more ways of reading it."""

LONGEST: dict[str, int] = {
    "title": 36,
    "question": 120,
    "short": 320,
    "line": 220,
    "paragraph": 320,
    "gain": 280,
    "easy": 240,
    "example": 400,
    "article": 120,
    "link": 60,
    "url": 300,
}
"""Characters of each kind of text; forms count down from them."""


class Sheet(BaseModel):
    """Base of everything that comes from a file: frozen, and unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _every_reading(longest: int) -> Any:
    """Hold each reading of a text with dated phrases to the limit, not the sum of them."""

    def fits(text: str) -> str:
        if len(dated.milestones_in(text)) > MOST_MILESTONES:
            raise ValueError(f"nhiều nhất {MOST_MILESTONES} mốc ngày trong một trường")
        if any(len(reading) > longest for reading in dated.readings(text)):
            raise ValueError(f"dài quá {longest} ký tự")
        return text

    return AfterValidator(fits)


Key = Annotated[str, StringConstraints(pattern=KEY_PATTERN, max_length=LONGEST_KEY)]
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=40)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST["title"])]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST["question"])]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _every_reading(LONGEST["short"])]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _every_reading(LONGEST["line"])]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _every_reading(LONGEST["paragraph"])]
Gain = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _every_reading(LONGEST["gain"])]
EasyStep = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), _every_reading(LONGEST["easy"])]
Example = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST["example"])]


class Citation(Sheet):
    """An article of a document in `laws.yml`."""

    document: Id
    article: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST["article"])] | None
    ) = None


class Link(Sheet):
    """An official page; its host must be on the place's allow-list."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST["link"])]
    url: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https://\S+$", max_length=LONGEST["url"])]

    @property
    def host(self) -> str:
        """Host of the address, in lower case."""
        return (urlsplit(self.url).hostname or "").lower()
