"""A citizen without a name: the same person has the same pseudonym, and nobody can go back without the key.

What is asked, and said of answers, goes under a pseudonym of the quarter: who reads the database cannot tell that two
quarters' are one person. What must be found again for as long as it is wanted (how somebody likes to be talked with,
which account is whose of the staff) goes under another one that does not change.
"""

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Self

from faq.database import VIETNAM

LENGTH = 32
QUARTERS, MONTHS = 4, 3


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of the place."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: dt.datetime) -> Self:
        """Return the quarter that it is here at `moment`."""
        here = moment.astimezone(VIETNAM)
        return cls(here.year, (here.month - 1) // MONTHS + 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    def until(self, last: "Quarter") -> "tuple[Quarter, ...]":
        """Return this one and those after it, up to `last`."""
        first, behind = self.year * QUARTERS + self.number - 1, last.year * QUARTERS + last.number
        return tuple(Quarter(at // QUARTERS, at % QUARTERS + 1) for at in range(first, behind))


FIRST = Quarter(2026, 1)
"""Nothing was asked before."""


class Pseudonyms:
    """Pseudonyms under a secret that is kept outside the database."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("pseudonyms need a secret")
        self._key = secret.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        """Keep the secret out of logs and error reports."""
        return "Pseudonyms()"

    def of(self, channel: str, user_id: int | str) -> str:
        """Return the 32 hex digits that stand for `user_id` on `channel`, always the same."""
        return _digest(self._key, channel, user_id)

    def in_quarter(self, channel: str, user_id: int | str, moment: dt.datetime) -> str:
        """Return those that stand for `user_id` in the quarter of `moment`."""
        return self._of(channel, user_id, Quarter.of(moment))

    def ever(self, channel: str, user_id: int | str, now: dt.datetime) -> tuple[str, ...]:
        """Return all under which anything of `user_id` may be kept, the one that does not change first.

        Under that one everything was kept before pseudonyms had quarters.
        """
        last = Quarter.of(now)
        quarters = min(FIRST, last).until(last)
        return self.of(channel, user_id), *(self._of(channel, user_id, quarter) for quarter in quarters)

    def _of(self, channel: str, user_id: int | str, quarter: Quarter) -> str:
        # A key of its own for each quarter: no person's id can be made to read like another quarter's.
        key = hmac.new(self._key, f"quarter {quarter}".encode(), hashlib.sha256).digest()
        return _digest(key, channel, user_id)


def _digest(key: bytes, channel: str, user_id: int | str) -> str:
    # The length keeps ("a", "b:1") and ("a:b", "1") apart.
    person = f"{len(channel)}:{channel}:{user_id}".encode("utf-8", "surrogatepass")
    return hmac.new(key, person, hashlib.sha256).hexdigest()[:LENGTH]
