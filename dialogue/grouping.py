"""The entries of a topic in lists that a thumb can reach: by what is asked about, a few at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from faq.entries import Entry
from faq.live import Live

FEW = 8
"""Entries of a topic that are listed at once; more are grouped by what is asked about."""
LONGEST_LIST = 8
"""Entries in one list: whoever has to scroll does not read to the end."""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of a topic about one aspect, no more than one list holds; pages count from 1."""

    topic: str
    aspect: str
    page: int
    pages: int
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """What a button carries."""
        return f"{self.topic}:{self.aspect}:{self.page}"


def groups(live: Live, topic: str) -> Iterator[Group]:
    """Yield the groups of a topic, in the order of its aspects."""
    for aspect, found in groupby(live.by_topic.get(topic, ()), key=lambda entry: entry.aspect):
        entries = tuple(found)
        pages = -(-len(entries) // LONGEST_LIST)
        size = -(-len(entries) // pages)
        for page in range(pages):
            yield Group(topic, aspect, page + 1, pages, entries[page * size : (page + 1) * size])
