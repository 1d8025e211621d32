"""What was said in the chats of the pages, by visit: in memory only, the oldest go first."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from dialogue.replies import Reply
from dialogue.wording import DEFAULT
from stats.endings import Ending

MOST_EXCHANGES = 30
MOST_CHATS = 200
GONE = "…"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked (masked) or pressed, the reply, and what the service made of it."""

    said: str
    reply: Reply
    ending: Ending | None = None
    entry: str | None = None
    confidence: float | None = None
    language: str = DEFAULT


@dataclass(slots=True)
class _Chat:
    since: float
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=MOST_EXCHANGES))


class Chats:
    """Exchanges by visit; those silent for `lasts` seconds are forgotten."""

    def __init__(
        self, *, most: int = MOST_CHATS, lasts: float = math.inf, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._lasts = lasts
        self._clock = clock
        self._kept: OrderedDict[str, _Chat] = OrderedDict()

    def of(self, visit: str) -> Sequence[Exchange]:
        """Return what was said, oldest first."""
        self._let_go()
        kept = self._kept.get(visit)
        return tuple(kept.exchanges) if kept else ()

    def add(self, visit: str, exchange: Exchange) -> None:
        """Keep one more exchange."""
        kept = self._kept.setdefault(visit, _Chat(self._clock()))
        kept.since = self._clock()
        kept.exchanges.append(exchange)
        self._kept.move_to_end(visit)
        self._let_go()

    def forget(self, visit: str) -> None:
        """Forget a visit that has ended."""
        self._kept.pop(visit, None)

    def _let_go(self) -> None:
        """Forget the visits that are too many or have been silent for too long: they stand first."""
        last = self._clock() - self._lasts
        while self._kept and (len(self._kept) > self._most or next(iter(self._kept.values())).since < last):
            self._kept.popitem(last=False)


def label_of(replies: Iterable[Reply], pressed: str) -> str:
    """Return what stood on the button in the first of `replies` that has it."""
    buttons = (button for reply in replies for row in reply.buttons for button in row)
    return next((button.label for button in buttons if button.press == pressed), GONE)
