"""A town whose bot understands what a test tells it to."""

from collections.abc import AsyncIterator

import pytest

from bot.application import Bot
from dialogue.conversation import Dialogue
from faq.database import Sessions
from faq.entries import Faq
from tests.bot.running import Notebook, Scripted, dialogue_on, polling
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
def recogniser() -> Scripted:
    return Scripted(phí="dang-ky-tam-tru.le-phi", hồ="dang-ky-tam-tru.ho-so", chào="chitchat.chao-hoi")


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def dialogue(database: Sessions, shipped: Faq, recogniser: Scripted, notebook: Notebook) -> Dialogue:
    return dialogue_on(database, shipped, recogniser, notebook.record)


@pytest.fixture
async def bot(telegram: TelegramServer, dialogue: Dialogue, database: Sessions) -> AsyncIterator[Bot]:
    async with polling(telegram, dialogue, database) as running:
        yield running


@pytest.fixture
def lan(telegram: TelegramServer, bot: Bot) -> Citizen:
    return telegram.citizen("Lan", language="vi")
