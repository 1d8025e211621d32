"""A town whose bot is switched on: real understanding, a real database, a Telegram on loopback."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from dialogue.conversation import Dialogue
from dialogue.kept import Kept
from faq.database import Sessions, connect, sessions
from faq.entries import Faq
from faq.live import LiveFaq
from faq.notices import Notices
from nlu.rasa_client import RasaClient
from nlu.understanding import Understanding
from stats.pseudonyms import Pseudonyms
from stats.questions import Question
from stats.recording import Recorder
from tests.bot.running import SECRET, polling
from tests.telegram.server import TelegramServer

NOBODY = "http://127.0.0.1:9"


class Overheard:
    """A recogniser that remembers what it was asked, and asks the real one."""

    def __init__(self, rasa: RasaClient) -> None:
        self._rasa = rasa
        self.heard: list[str] = []

    async def parse(self, text: str) -> Understanding:
        self.heard.append(text)
        return await self._rasa.parse(text)


@dataclass(frozen=True)
class Town:
    """What a test may look at."""

    telegram: TelegramServer
    sessions: Sessions
    nlu: Overheard
    folder: Path

    async def questions(self, number: int, seconds: float = 10) -> list[Question]:
        """Wait until so many messages are recorded; return them in their order."""
        last = time.monotonic() + seconds
        while True:
            with suppress(Exception):  # the database may be away
                found = await self._found()
                if len(found) >= number:
                    return found
            assert time.monotonic() < last, "the messages were not recorded"
            await asyncio.sleep(0.02)

    async def _found(self) -> list[Question]:
        async with self.sessions() as session:
            return list(await session.scalars(select(Question).order_by(Question.asked_at)))


@asynccontextmanager
async def town(folder: Path, shipped: Faq, *, database_url: str, nlu_url: str) -> AsyncIterator[Town]:
    """Switch everything on, as `bot.__main__` does."""
    engine = connect(database_url)
    made = sessions(engine)
    recorder = Recorder(made, folder / "spool")
    replaying = asyncio.create_task(recorder.run(0.1))
    try:
        async with TelegramServer() as telegram, RasaClient.at(nlu_url) as rasa:
            nlu = Overheard(rasa)
            dialogue = Dialogue(
                LiveFaq(made, shipped),
                nlu,
                Pseudonyms(SECRET),
                recorder.record,
                kept=Kept(made, settle=recorder.replay),
                notices=Notices(made),
            )
            async with polling(telegram, dialogue, made):
                yield Town(telegram, made, nlu, folder)
    finally:
        replaying.cancel()
        with suppress(asyncio.CancelledError):
            await replaying
        recorder.close()
        await engine.dispose()


def copy_of(database_url: str, to: Path) -> str:
    """Copy a SQLite database, the live release in it, for a test of its own."""
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as old, sqlite3.connect(to) as new:
        old.backup(new)
    old.close()
    new.close()
    return f"sqlite:///{to}"
