"""How calls go out: at Telegram's pace, and again if they failed on the way (its servers' faults, cut connections)."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram.error import BadRequest, NetworkError
from telegram.ext import AIORateLimiter

log = logging.getLogger(__name__)

RETRIES = 3
PAUSES = (0.2, 1.0, 3.0)
"""Seconds before each new attempt."""
WORTH_REPEATING: Final = frozenset({"sendMessage", "editMessageText", "answerCallbackQuery", "setMyCommands"})
"""A citizen waits for these. If only the answer of a call was lost, they see it twice: better than not at all."""


class Pace(AIORateLimiter):
    """Keeps to Telegram's limits on messages, and repeats what failed on the way."""

    def __init__(self) -> None:
        super().__init__(max_retries=RETRIES)

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
        for pause in PAUSES if endpoint in WORTH_REPEATING else ():
            try:
                return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
            except BadRequest:  # a NetworkError to the library, but it would fail again
                raise
            except NetworkError as error:
                log.info("%s failed (%s), trying again in %s s", endpoint, type(error).__name__, pause)
                await asyncio.sleep(pause)
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
