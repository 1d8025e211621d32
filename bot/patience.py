"""How long to wait before asking again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import httpx
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

log = logging.getLogger(__name__)

FIRST_SECONDS, LAST_SECONDS = 0.5, 30.0

_Given = TypeVar("_Given")


def growing(first: float = FIRST_SECONDS, last: float = LAST_SECONDS) -> Iterator[float]:
    """Yield pauses, each twice as long as the one before, up to the last for ever."""
    while True:
        yield first
        first = min(first * 2, last)


def may_pass(error: Exception) -> bool:
    """Whether a call that failed so may succeed a little later."""
    if isinstance(error, BadRequest):  # a NetworkError to the library, but it would fail again
        return False
    if isinstance(error.__cause__, ValueError | TypeError):  # the same: what was to be sent cannot be written as UTF-8
        return False
    # A proxy's page instead of Telegram's JSON is a plain TelegramError.
    return isinstance(error, NetworkError | httpx.HTTPError) or type(error) is TelegramError


def seconds_of(error: RetryAfter) -> float:
    """Return how long Telegram wants to be left in peace; the library says it in one of two ways."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


async def insist(call: Callable[[], Awaitable[_Given]], on_trouble: Callable[[], None]) -> _Given:
    """Call until Telegram answers, and tell of the first time that it does not."""
    told = False
    for pause in growing():
        try:
            return await call()
        except RetryAfter as error:
            wait = seconds_of(error)
        except (TelegramError, httpx.HTTPError) as error:
            if not may_pass(error):
                raise
            wait = pause
            if not told:
                on_trouble()
                told = True
            log.info("Telegram cannot be reached (%s), trying again in %s s", type(error).__name__, wait)
        await asyncio.sleep(wait)
    raise AssertionError  # the pauses never end
