"""What was talked about last in each conversation: kept in memory only, for half an hour."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

REMEMBERED_SECONDS = 30 * 60
MOST_CONVERSATIONS = 50_000


@dataclass(frozen=True, slots=True)
class Memory:
    """Topic and aspect of the last answer, and what else one message leaves for the next."""

    topic: str | None = None
    aspect: str | None = None
    entry: str | None = None
    campaign: str | None = None
    person: str | None = None
    """Pseudonym of whom it is about, so that all conversations of somebody can be forgotten."""
    question: str = ""
    """What was asked last in the citizen's own words, masked: staff see it beside «not helpful»."""
    wants_remark: bool = False
    """Whether the next message is a remark on the guide."""
    opened: tuple[str, ...] = ()
    """Entries that a volunteer has opened for the person beside them."""
    told: frozenset[int] = frozenset()
    """Notices that were shown already."""

    def after(self, *, topic: str | None, aspect: str | None, entry: str | None) -> "Memory":
        """Return the memory after an answer."""
        return replace(self, topic=topic, aspect=aspect, entry=entry)


class Memories:
    """Memories by conversation; the oldest go first when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Memory]] = OrderedDict()

    def __getitem__(self, conversation: str) -> Memory:
        """Return what is remembered of `conversation`; what is older than half an hour is forgotten."""
        since, memory = self._kept.get(conversation, (0.0, Memory()))
        return memory if self._clock() - since <= REMEMBERED_SECONDS else Memory()

    def __setitem__(self, conversation: str, memory: Memory) -> None:
        self._kept[conversation] = self._clock(), memory
        self._kept.move_to_end(conversation)
        while len(self._kept) > MOST_CONVERSATIONS or self._oldest_is_over():
            self._kept.popitem(last=False)

    def forget(self, person: str) -> None:
        """Remember nothing of any conversation of `person`."""
        for conversation in [name for name, (_, memory) in self._kept.items() if memory.person == person]:
            del self._kept[conversation]

    def _oldest_is_over(self) -> bool:
        since, _ = next(iter(self._kept.values()))
        return self._clock() - since > REMEMBERED_SECONDS
