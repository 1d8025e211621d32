"""How calls go out: at Telegram's pace, and again if they failed on the way (its servers' faults, cut connections)."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram.error import RetryAfter, TelegramError
from telegram.ext import AIORateLimiter

from bot.patience import may_pass, seconds_of

log = logging.getLogger(__name__)

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds before each new attempt."""
MOST_HELD_BACK = 10
"""Times that Telegram may ask for a pause (429) before a call is given up."""
LONGEST_HELD_BACK, LONGEST_HELD_BACK_IN_GROUP = 60.0, 5.0
"""Seconds that are worth waiting for: later, the answer is to a question long forgotten."""
WORTH_REPEATING: Final = {
    "sendMessage": PAUSES,
    "editMessageText": PAUSES,
    "answerCallbackQuery": PAUSES[:3],
    "answerInlineQuery": PAUSES[:1],
}
"""A citizen waits for these. If only the answer of a call was lost, they see it twice: better than not at all."""


class Pace(AIORateLimiter):
    """Keeps to Telegram's limits on messages (30 a second, 20 a minute in a group), and repeats what failed."""

    def __init__(self) -> None:
        # The library's own retries would let all chats wait for the one that is held back.
        super().__init__(max_retries=0)

    async def process_request(  # noqa: PLR0917 - the parent's arguments
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Send at once what shows typing (no message, it must not wait), all else at Telegram's pace."""
        if endpoint == "sendChatAction":
            return await callback(*args, **kwargs)
        pauses = iter(WORTH_REPEATING.get(endpoint, ()))
        held_back = iter(range(MOST_HELD_BACK if endpoint in WORTH_REPEATING else 0))
        while True:
            try:
                return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
            except RetryAfter as error:
                pause = seconds_of(error)
                if next(held_back, None) is None or pause > _longest(data):
                    raise
            except TelegramError as error:
                again = next(pauses, None) if may_pass(error) else None
                if again is None:
                    raise
                pause = again
                log.info("%s failed (%s), trying again in %s s", endpoint, type(error).__name__, pause)
            await asyncio.sleep(pause)


def _longest(data: dict[str, Any]) -> float:
    chat = data.get("chat_id")
    return LONGEST_HELD_BACK_IN_GROUP if isinstance(chat, int) and chat < 0 else LONGEST_HELD_BACK
