"""Updates are handled side by side, but in order within a chat."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

AT_ONCE = 64
"""Chats dealt with at the same time."""


class ByChat(BaseUpdateProcessor):
    """Lets each chat wait for itself only. Locks are first come, first served, so order is kept."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        super().__init__(max_concurrent_updates=10_000)
        self._at_once = asyncio.Semaphore(at_once)
        self._locks: dict[object, asyncio.Lock] = {}
        self._waiting: dict[object, int] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Wait for the chat's turn, then handle the update."""
        chat = _chat(update)
        lock = self._locks.setdefault(chat, asyncio.Lock())
        self._waiting[chat] = self._waiting.get(chat, 0) + 1
        try:
            async with lock, self._at_once:
                await coroutine
        finally:
            self._waiting[chat] -= 1
            if not self._waiting[chat]:
                del self._waiting[chat], self._locks[chat]

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to close."""


def _chat(update: object) -> object:
    if isinstance(update, Update):
        for known in (update.effective_chat, update.effective_user):
            if known is not None and isinstance(known.id, int):
                return known.id
    return id(update)
