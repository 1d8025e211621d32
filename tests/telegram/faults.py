"""Faults on demand: what goes wrong at random, and what goes wrong next."""

import random
from collections import deque
from dataclasses import dataclass
from typing import Literal

from tests.telegram.refusal import RefusalError

What = int | Literal["drop", "lose", "timeout", "late"]
"""A status; or `drop`: cut before the call is acted on; `lose`: acted on, then cut;
`timeout`: silence, then cut; `late`: acted on, answered after a while."""

_DESCRIPTIONS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(frozen=True)
class Faults:
    """How often, from 0 to 1, a call goes wrong; the same seed, the same faults."""

    drop: float = 0.0
    lose: float = 0.0
    late: float = 0.0
    error_500: float = 0.0
    too_many: float = 0.0
    retry_after: int = 1
    seconds: float = 0.2
    methods: frozenset[str] | None = None
    """Only these methods, `getUpdates` among them if named; None for all."""
    seed: int = 0


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with one call."""

    what: What
    description: str | None = None
    retry_after: int | None = None
    seconds: float = 30.0

    @property
    def refusal(self) -> RefusalError:
        """Give the answer of a fault that is a status."""
        code = self.what if isinstance(self.what, int) else 500
        retry_after = self.retry_after
        if code == 429 and retry_after is None:
            retry_after = 1
        said = self.description or _DESCRIPTIONS.get(code, f"Too Many Requests: retry after {retry_after}")
        return RefusalError(code, said, retry_after=retry_after)


class FaultPlan:
    """Decides which call goes wrong: what was asked for comes first, then chance."""

    def __init__(self) -> None:
        self._next: dict[str, deque[Fault]] = {}
        self.faults = Faults()

    @property
    def faults(self) -> Faults:
        """The plan of chance."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults = faults
        # No secret is made of it.
        self._random = random.Random(faults.seed)

    def fail_next(self, method: str, fault: Fault, times: int) -> None:
        """Let the next calls of a method, or of any with `*`, go wrong."""
        self._next.setdefault(method, deque()).extend([fault] * times)

    def draw(self, method: str) -> Fault | None:
        """Decide about one call."""
        for name in (method, "*"):
            if asked := self._next.get(name):
                return asked.popleft()
        plan = self._faults
        if plan.methods is not None and method not in plan.methods:
            return None
        return self._by_chance(plan)

    def _by_chance(self, plan: Faults) -> Fault | None:
        chances: list[tuple[What, float]] = [
            ("drop", plan.drop),
            ("lose", plan.lose),
            ("late", plan.late),
            (500, plan.error_500),
            (429, plan.too_many),
        ]
        if not any(chance for _, chance in chances):
            return None
        drawn = self._random.random()
        for what, chance in chances:
            drawn -= chance
            if drawn < 0:
                retry_after = plan.retry_after if what == 429 else None
                return Fault(what, retry_after=retry_after, seconds=plan.seconds)
        return None
