"""How much of one chat is answered: a person who floods it gets one notice, then silence, then service again."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from enum import Enum, auto

MOST, SECONDS = 20, 60.0
"""Messages and presses of a person, and what Telegram lets a bot send to a group."""
MOST_REMEMBERED = 10_000


class Allowance:
    """So many in any span of so many seconds, for each key by itself."""

    def __init__(
        self, most: int = MOST, seconds: float = SECONDS, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Take one, if there is one left."""
        now = self._clock()
        taken = self._taken.setdefault(key, deque(maxlen=self._most))
        self._taken.move_to_end(key)
        if len(self._taken) > MOST_REMEMBERED:
            self._taken.popitem(last=False)
        if len(taken) == self._most and now - taken[0] < self._seconds:
            return False
        taken.append(now)
        return True

    def forget(self, key: str) -> None:
        """Begin anew."""
        self._taken.pop(key, None)


class Admission(Enum):
    """What a message or press gets."""

    SERVICE = auto()
    NOTICE = auto()
    SILENCE = auto()


class Floods:
    """Tells a person who asks from one who floods."""

    def __init__(
        self, most: int = MOST, seconds: float = SECONDS, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowance = Allowance(most, seconds, clock=clock)
        self._seconds = seconds
        self._clock = clock
        self._silent_until: OrderedDict[str, float] = OrderedDict()

    def admit(self, conversation: str) -> Admission:
        """Count a message or press; one too many is answered by a notice, and a minute of silence follows."""
        now = self._clock()
        if now < self._silent_until.get(conversation, now):
            return Admission.SILENCE
        if self._allowance.take(conversation):
            return Admission.SERVICE
        self._allowance.forget(conversation)
        self._silent_until[conversation] = now + self._seconds
        self._silent_until.move_to_end(conversation)
        if len(self._silent_until) > MOST_REMEMBERED:
            self._silent_until.popitem(last=False)
        return Admission.NOTICE
