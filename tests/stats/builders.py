"""Questions for tests: valid by default, and as odd as a test needs."""

import datetime as dt
from typing import Any

from stats.endings import Ending
from stats.questions import Asked, new_id

NOON = dt.datetime(2026, 11, 20, 5, 0, tzinfo=dt.UTC)


def asked(**changes: Any) -> Asked:
    """Return a question asked at noon in Việt Nam, with `changes`."""
    fields: dict[str, Any] = {
        "id": new_id(),
        "asked_at": NOON,
        "channel": "telegram",
        "text": "làm căn cước ở đâu",
        "ending": Ending.ANSWERED,
        "person": "a" * 32,
        "entry": "can-cuoc.noi-lam",
        "topic": "can-cuoc",
        "aspect": "noi-lam",
        "confidence": 0.8,
        "milliseconds": 40,
    }
    return Asked(**(fields | changes))
