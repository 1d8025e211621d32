"""How often something may be tried: counts attempts in memory, for the pages run in one process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within so many seconds."""

    attempts: int
    seconds: float


class Throttle:
    """Remembers attempts by key (a name, an address); when there are too many keys, the oldest go first."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._tried: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str) -> float:
        """Return the seconds until `key` may try again; 0 if it may now."""
        now, tried = self._clock(), self._tried.get(key)
        while tried and now - tried[0] >= self._limit.seconds:
            tried.popleft()
        if tried is None or len(tried) < self._limit.attempts:
            return 0.0
        return self._limit.seconds - (now - tried[0])

    def note(self, key: str) -> None:
        """Count an attempt; before its outcome is known, so that many at once do not slip through."""
        self._tried.setdefault(key, deque(maxlen=self._limit.attempts)).append(self._clock())
        self._tried.move_to_end(key)
        while len(self._tried) > MOST_KEYS:
            self._tried.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the last attempt: it was a good one."""
        if self._tried.get(key):
            self._tried[key].pop()

    def forget(self, key: str) -> None:
        """Forget all attempts of `key`."""
        self._tried.pop(key, None)
