"""Whether a number changed, or only looks so: nothing smaller than its noise is called a change."""

import math
from enum import StrEnum

from stats.intervals import Z_95


class Change(StrEnum):
    """How a number stands to an earlier one."""

    MORE = "more"
    LESS = "less"
    SAME = "same"
    """No difference larger than chance makes."""
    UNKNOWN = "unknown"
    """There is nothing to compare with."""


WORDS = {Change.MORE: "tăng", Change.LESS: "giảm", Change.SAME: "tương đương", Change.UNKNOWN: "chưa so được"}


Z_MANY = 3.0
"""For the rows of a table: of twenty compared at 95 %, one would seem to change by chance alone."""


def compare_counts(
    now: float | None, before: float | None, *, periods: int = 1, spread: float = 1.0, z: float = Z_95
) -> Change:
    """Compare a count with an earlier one (a mean over `periods`), both as Poisson counts.

    `spread` is how much wider than Poisson's their noise is: somebody who asks does not ask once only.
    """
    if now is None or before is None:
        return Change.UNKNOWN
    return _beyond(now - before, (now + before / max(1, periods)) * max(1.0, spread), z)


def compare_shares(
    now: tuple[float, float] | None, before: tuple[float, float] | None, *, spread: float = 1.0
) -> Change:
    """Compare two shares, each as a count and of how many: the test of two proportions, at 95 %."""
    if now is None or before is None or not now[1] or not before[1]:
        return Change.UNKNOWN
    pooled = (now[0] + before[0]) / (now[1] + before[1])
    difference = now[0] / now[1] - before[0] / before[1]
    return _beyond(difference, pooled * (1 - pooled) * (1 / now[1] + 1 / before[1]) * max(1.0, spread), Z_95)


def _beyond(difference: float, variance: float, z: float) -> Change:
    if abs(difference) <= z * math.sqrt(variance):
        return Change.SAME
    return Change.MORE if difference > 0 else Change.LESS
