"""Whatever Telegram, or somebody who plays it, sends: the bot lives, takes it, and quotes nobody in its log.

`python -m tests.bot.test_fuzz 5000 7` does it with any number of updates, and any seed.
"""

import asyncio
import copy
import logging
import sys
import tempfile
from pathlib import Path

import pytest

from dialogue.conversation import Dialogue
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.entries import Faq
from tests.bot.fuzzing import MARKER, Fuzzer
from tests.bot.running import Notebook, Scripted, dialogue_on, running, settings_for, until
from tests.telegram.server import TelegramServer

UPDATES = 300
SECONDS_EACH = 0.2


class Lines(logging.Handler):
    """Remembers what was logged, as it would be printed."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


async def fuzz(sessions_: Sessions, faq: Faq, *, number: int, seed: int) -> tuple[int, list[str]]:
    """Send so many updates and then a question; return how many were taken, and what was logged."""
    notebook, lines = Notebook(), Lines()
    talk = dialogue_on(sessions_, faq, Scripted(phí="dang-ky-tam-tru.le-phi"), notebook.record)
    root = logging.getLogger()
    root.addHandler(lines)
    try:
        async with TelegramServer() as telegram:
            taken = await _sent_through(telegram, talk, sessions_, number=number, seed=seed)
    finally:
        root.removeHandler(lines)
    return taken, lines.lines


async def _sent_through(
    telegram: TelegramServer, talk: Dialogue, sessions_: Sessions, *, number: int, seed: int
) -> int:
    lan, hoa = telegram.citizen("Lan"), telegram.citizen("Hoa")
    group = telegram.group("Tổ dân phố")
    for person in (lan, hoa):
        await person.starts()
    telegram.world.updates.waiting.clear()
    chats = [lan._chat.profile, hoa._chat.profile, group.profile]
    fuzzer = Fuzzer(seed, [lan.user, hoa.user, telegram.world.bot], chats)
    now = [0.0]
    async with running(settings_for(telegram), talk, sessions_, clock=lambda: now[0]):
        for update in fuzzer.updates(number):
            telegram.push(copy.deepcopy(update))
            now[0] += 30.0  # nobody floods
        await until(lambda: telegram.pending == 0, 10 + number * SECONDS_EACH)
        await _still_answers(telegram)
    return number


async def _still_answers(telegram: TelegramServer) -> None:
    hoa = telegram.citizen("Bà Hoa")
    await hoa.says("phí tạm trú")
    assert "ệ phí" in (await hoa.reads(timeout=10)).text


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_update_breaks_the_bot_or_gets_into_its_log(database: Sessions, shipped: Faq, seed: int) -> None:
    taken, lines = await fuzz(database, shipped, number=UPDATES // 2, seed=seed)

    assert taken == UPDATES // 2
    assert [line for line in lines if MARKER in line] == []


def errors(lines: list[str]) -> set[str]:
    """Return the kinds of errors that were met."""
    met = [line.partition("\n")[0] for line in lines if "not handled" in line or "cannot be handled" in line]
    return {line.rstrip(")").rpartition(" ")[2].lstrip("(") for line in met}


def main(number: int, seed: int) -> None:
    """Fuzz as long as somebody likes, and say how it went."""
    logging.basicConfig(level=logging.INFO, stream=open("/dev/null", "w"))  # noqa: PTH123, SIM115 - until the end

    async def run() -> tuple[int, list[str]]:
        with tempfile.TemporaryDirectory() as folder:
            engine = connect(f"sqlite:///{Path(folder)}/fuzz.db")
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            try:
                return await fuzz(sessions(engine), ContentFiles().read(), number=number, seed=seed)
            finally:
                await engine.dispose()

    taken, lines = asyncio.run(run())
    leaked = [line for line in lines if MARKER in line]
    print(f"{taken} updates taken; errors met: {sorted(errors(lines))}; {len(leaked)} lines hold a citizen's words")
    for line in leaked[:5]:
        print(line)
    sys.exit(bool(leaked))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
