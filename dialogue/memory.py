"""What was talked about last in each conversation: kept in memory only, for half an hour."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

REMEMBERED_SECONDS = 30 * 60
MOST_CONVERSATIONS = 50_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Topic and aspect of the last answer, and the language chosen."""

    topic: str | None = None
    aspect: str | None = None
    entry: str | None = None
    language: str | None = None
    campaign: str | None = None

    def after(self, *, topic: str | None, aspect: str | None, entry: str | None) -> "Memory":
        """Return the memory after an answer."""
        return replace(self, topic=topic, aspect=aspect, entry=entry)


class Memories:
    """Memories by conversation; the oldest go first when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Memory]] = OrderedDict()

    def __getitem__(self, conversation: str) -> Memory:
        """Return what is remembered of `conversation`; an old memory keeps the language only."""
        since, memory = self._kept.get(conversation, (0.0, Memory()))
        fresh = self._clock() - since <= REMEMBERED_SECONDS
        return memory if fresh else Memory(language=memory.language)

    def __setitem__(self, conversation: str, memory: Memory) -> None:
        self._kept[conversation] = self._clock(), memory
        self._kept.move_to_end(conversation)
        while len(self._kept) > MOST_CONVERSATIONS:
            self._kept.popitem(last=False)
