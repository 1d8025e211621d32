"""A bot that polls the loopback Telegram, and a dialogue whose understanding a test decides."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from bot.application import Bot, build
from bot.handled import HandledUpdates
from bot.listening import listening
from bot.settings import BotSettings
from dialogue.conversation import Dialogue, Recogniser
from faq.database import Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from nlu.understanding import Guess, Understanding
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked
from tests.telegram.server import TelegramServer

SECRET = "a secret for tests"


class Scripted:
    """Understands what it was told; what begins with a word in `slow` waits until it is let go."""

    def __init__(self, **script: str) -> None:
        self.script = script
        self.heard: list[str] = []
        self.broken: Exception | None = None
        self.slow: dict[str, asyncio.Event] = {}

    async def parse(self, text: str) -> Understanding:
        self.heard.append(text)
        if self.broken is not None:
            raise self.broken
        word = text.split(maxsplit=1)[0]
        if word in self.slow:
            await self.slow[word].wait()
        intent = self.script.get(word)
        return Understanding.of([Guess(intent, 0.95)] if intent else [Guess("ngoai-pham-vi.khac", 0.95)])


class Notebook:
    """Remembers the records it is given."""

    def __init__(self) -> None:
        self.records: list[Asked] = []
        self.broken: Exception | None = None

    async def record(self, asked: Asked) -> None:
        if self.broken is not None:
            raise self.broken
        self.records.append(asked)

    async def of(self, number: int) -> list[Asked]:
        await until(lambda: len(self.records) >= number)
        return self.records


def dialogue_on(
    sessions: Sessions, faq: Faq, recogniser: Recogniser, record: Callable[[Asked], Awaitable[None]]
) -> Dialogue:
    return Dialogue(LiveFaq(sessions, faq), recogniser, Pseudonyms(SECRET), record)


def settings_for(telegram: TelegramServer, **more: Any) -> BotSettings:
    settings = {"telegram_bot_token": telegram.token, "telegram_api_url": telegram.url, "secret_key": SECRET}
    return BotSettings(_env_file=None, **{**settings, **more})


@asynccontextmanager
async def running(
    settings: BotSettings, dialogue: Dialogue, sessions: Sessions, *, replica: str = "one", **door: Any
) -> AsyncIterator[Bot]:
    """Run the bot as `python -m bot` does."""
    application = build(settings, dialogue, **door)
    handled = HandledUpdates(sessions, replica)
    async with application, listening(application, handled, settings, lambda: None):
        yield application


@asynccontextmanager
async def polling(telegram: TelegramServer, dialogue: Dialogue, sessions: Sessions) -> AsyncIterator[Bot]:
    async with running(settings_for(telegram), dialogue, sessions) as application:
        yield application


async def until(true: Callable[[], bool], seconds: float = 8.0) -> None:
    last = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < last, "waited in vain"
        await asyncio.sleep(0.01)
