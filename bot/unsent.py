"""Turns whose reply was lost on the way: the update comes again, and what it asked for has been done already.

In memory only, and only until they are sent: a process that is killed asks the dialogue again.
"""

from collections import OrderedDict

from dialogue.replies import Turn

MOST_KEPT = 500


class Unsent:
    """Turns by the number of the update that they answer; the oldest go first."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._turns: OrderedDict[int, Turn] = OrderedDict()

    def keep(self, number: int, turn: Turn) -> None:
        """Keep what could not be sent."""
        self._turns[number] = turn
        if len(self._turns) > self._most:
            self._turns.popitem(last=False)

    def take(self, number: int) -> Turn | None:
        """Return what an update led to the last time, to be sent now."""
        return self._turns.pop(number, None)
