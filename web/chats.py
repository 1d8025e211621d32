"""What was said in the try-out chat of each visit: in memory only, the oldest go first."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.replies import Reply
from stats.endings import Ending

MOST_EXCHANGES = 30
MOST_CHATS = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked (masked) or pressed, the reply, and what the service made of it."""

    said: str
    reply: Reply
    ending: Ending | None = None
    entry: str | None = None
    confidence: float | None = None


class Chats:
    """Exchanges by visit."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, deque[Exchange]] = OrderedDict()

    def of(self, visit: str) -> Sequence[Exchange]:
        """Return what was said, oldest first."""
        return tuple(self._kept.get(visit, ()))

    def add(self, visit: str, exchange: Exchange) -> None:
        """Keep one more exchange."""
        self._kept.setdefault(visit, deque(maxlen=MOST_EXCHANGES)).append(exchange)
        self._kept.move_to_end(visit)
        while len(self._kept) > MOST_CHATS:
            self._kept.popitem(last=False)

    def forget(self, visit: str) -> None:
        """Forget a visit that has ended."""
        self._kept.pop(visit, None)
