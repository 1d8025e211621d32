"""Takes updates in, each once, however they come: by polling or by webhook."""

import asyncio
import logging
from collections import Counter
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes

from bot.handled import Claim, HandledUpdates
from bot.patience import may_pass

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""Of sending a reply that Telegram's servers do not take, each with its own retries (bot/pace.py)."""


class Reception:
    """Lets the application handle an update unless that has been done, and remembers that it was."""

    def __init__(self, application: Application[Any, Any, Any, Any, Any, Any], handled: HandledUpdates) -> None:
        self._application = application
        self._handled = handled
        self._under_way: dict[int, asyncio.Task[bool]] = {}
        self._unsent: set[int] = set()
        self._attempts: Counter[int] = Counter()
        application.add_error_handler(self._note_unsent)

    async def take(self, update: Update) -> bool:
        """Handle an update in its chat's turn; return whether it need not come again."""
        number = update.update_id
        if number not in self._under_way:
            task = asyncio.create_task(self._in_turn(update))
            self._under_way[number] = task
            task.add_done_callback(lambda _: self._under_way.pop(number, None))
        return await asyncio.shield(self._under_way[number])

    async def finish(self, seconds: float) -> None:
        """Wait for what is under way; what takes longer is given up, and comes again."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _in_turn(self, update: Update) -> bool:
        settled: list[bool] = []

        async def settle() -> None:
            settled.append(await self._settle(update))

        settling = settle()
        try:
            await self._application.update_processor.process_update(update, settling)
        except Exception as error:  # noqa: BLE001 - an update that breaks even this must not come for ever
            log.error("update %s cannot be handled (%s)", update.update_id, type(error).__name__)  # noqa: TRY400 - its text may quote
            await self._handled.done(update.update_id)
            return True
        finally:
            settling.close()  # given up before its turn came, it has not begun
        return settled == [True]

    async def _settle(self, update: Update) -> bool:
        number = update.update_id
        if update.inline_query is not None:  # typed letter by letter; nobody sees one answered twice
            await self._application.process_update(update)
            return True
        claim = await self._handled.claim(number)
        if claim is Claim.OURS:
            await self._application.process_update(update)
            return await self._settled(number)
        return claim is Claim.DONE

    async def _settled(self, number: int) -> bool:
        if number in self._unsent:
            self._unsent.discard(number)
            self._attempts[number] += 1
            if self._attempts[number] < MOST_ATTEMPTS:
                await self._handled.give_back(number)
                return False
            log.error("update %s is given up: its reply could not be sent", number)
        del self._attempts[number]
        await self._handled.done(number)
        return True

    async def _note_unsent(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Remember an update whose reply was lost on the way (a refused one would be refused again)."""
        if not isinstance(update, Update) or update.inline_query is not None:  # those are done, whatever came of them
            return
        if context.error is not None and may_pass(context.error):
            self._unsent.add(update.update_id)
