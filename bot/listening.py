"""Listens for updates until told to stop, by polling or by webhook; then lets what is under way end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from telegram import Update
from telegram.ext import Application

from bot.handled import HandledUpdates
from bot.patience import insist
from bot.polling import Poller
from bot.reception import Reception
from bot.settings import BotSettings
from bot.webhook import CONNECTIONS, NoPortError, webhook_server

ALLOWED_UPDATES = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.INLINE_QUERY)
STOPPING_SECONDS = 6.0
"""For answers under way when the bot is told to stop: what takes longer comes again to the next process."""

Bot = Application[Any, Any, Any, Any, Any, Any]


@asynccontextmanager
async def listening(
    application: Bot, handled: HandledUpdates, settings: BotSettings, on_trouble: Callable[[], None]
) -> AsyncIterator[asyncio.Task[None]]:
    """Listen while the context is open; the task it gives ends only if listening breaks."""
    reception = Reception(application, handled)
    listen = _by_webhook if settings.telegram_webhook_url else _by_polling
    keeping = asyncio.create_task(handled.keep())
    try:
        async with listen(application, reception, settings, on_trouble) as task:
            yield task
    finally:
        await _ended(keeping)


@asynccontextmanager
async def _by_polling(
    application: Bot, reception: Reception, _settings: BotSettings, on_trouble: Callable[[], None]
) -> AsyncIterator[asyncio.Task[None]]:
    bot = application.bot
    await insist(lambda: bot.delete_webhook(drop_pending_updates=False), on_trouble)
    poller = Poller(bot, reception.take, allowed_updates=ALLOWED_UPDATES)
    task = asyncio.create_task(poller.run())
    try:
        yield task
    finally:
        await _ended(task)
        poller.stop()
        await reception.finish(STOPPING_SECONDS)
        await poller.acknowledge()


@asynccontextmanager
async def _by_webhook(
    application: Bot, reception: Reception, settings: BotSettings, on_trouble: Callable[[], None]
) -> AsyncIterator[asyncio.Task[None]]:
    bot = application.bot
    server = webhook_server(bot, reception.take, settings)
    try:
        server.listen(settings.telegram_webhook_port, settings.telegram_webhook_host)
    except OSError as error:
        raise NoPortError(error.strerror or type(error).__name__) from None
    task = asyncio.create_task(_for_ever())
    try:
        await insist(
            lambda: bot.set_webhook(
                settings.telegram_webhook_url,
                secret_token=settings.telegram_webhook_secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=CONNECTIONS,
                drop_pending_updates=False,
            ),
            on_trouble,
        )
        yield task
    finally:
        await _ended(task)
        server.stop()
        await reception.finish(STOPPING_SECONDS)
        await server.close_all_connections()


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
