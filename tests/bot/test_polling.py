"""Telegram forgets an update only when it is handled; while some are in hand, others are not kept waiting."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Literal

import pytest
from telegram import Bot, Update

from bot import polling
from bot.polling import Poller
from tests.bot.running import until
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer


class Desk:
    """Takes updates as a test tells it to: at once, later, or not the first time."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.taken: list[str] = []
        self.refused: dict[str, int] = {}
        self.gates: dict[str, asyncio.Event] = {}

    async def take(self, update: Update) -> bool:
        text = update.message.text if update.message and update.message.text else ""
        self.began.append(text)
        if text in self.gates:
            await self.gates[text].wait()
        if self.refused.get(text, 0):
            self.refused[text] -= 1
            return False
        self.taken.append(text)
        return True


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def poller(telegram: TelegramServer, desk: Desk) -> AsyncIterator[Poller]:
    async with Bot(telegram.token, telegram.base_url, telegram.base_file_url) as bot:
        poller = Poller(bot, desk.take, allowed_updates=(Update.MESSAGE,))
        task = asyncio.create_task(poller.run())
        yield poller
        poller.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        for gate in desk.gates.values():
            gate.set()
        await asyncio.sleep(0)


@pytest.fixture
def lan(telegram: TelegramServer, poller: Poller) -> Citizen:
    return telegram.citizen("Lan")


async def test_update_stays_with_telegram_until_it_is_handled(
    lan: Citizen, telegram: TelegramServer, desk: Desk
) -> None:
    desk.gates["chậm"] = asyncio.Event()

    await lan.says("chậm")
    await lan.says("nhanh")
    await until(lambda: desk.taken == ["nhanh"])
    await asyncio.sleep(0.5)
    assert telegram.pending == 2
    asked_meanwhile = len(telegram.calls_of("getUpdates"))
    desk.gates["chậm"].set()

    await until(lambda: telegram.pending == 0)
    assert desk.began == ["chậm", "nhanh"]
    assert desk.taken == ["nhanh", "chậm"]
    assert asked_meanwhile < 12
    assert telegram.breaches == []


async def test_poller_with_nothing_in_hand_waits_at_telegram(
    lan: Citizen, telegram: TelegramServer, desk: Desk
) -> None:
    await lan.says("một")
    await until(lambda: telegram.pending == 0)
    before = len(telegram.calls_of("getUpdates"))

    await asyncio.sleep(0.5)
    assert len(telegram.calls_of("getUpdates")) == before

    await lan.says("hai")
    await until(lambda: desk.taken == ["một", "hai"])


async def test_update_that_could_not_be_handled_is_tried_again(
    lan: Citizen, telegram: TelegramServer, desk: Desk
) -> None:
    desk.refused["một"] = 1

    await lan.says("một")
    await lan.says("hai")

    await until(lambda: desk.taken == ["hai", "một"])
    await until(lambda: telegram.pending == 0)
    assert desk.began == ["một", "hai", "một"]


async def test_one_that_takes_long_does_not_hide_the_hundredth_behind_it(
    lan: Citizen, telegram: TelegramServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "HELD_SECONDS", 0.3)
    desk.gates["chậm"] = asyncio.Event()

    await lan.says("chậm")
    for number in range(150):
        await lan.says(str(number))
    await until(lambda: len(desk.taken) == 150)
    desk.gates["chậm"].set()

    await until(lambda: len(desk.taken) == 151)
    assert len(desk.began) == 151


@pytest.mark.parametrize(
    "weather",
    [
        (409, "another process asks for this bot's updates"),
        (401, "does not know this TELEGRAM_BOT_TOKEN"),
        (500, "Telegram cannot be asked (NetworkError)"),
        ("drop", "Telegram cannot be asked (NetworkError)"),
        (429, ""),
    ],
)
async def test_listening_that_fails_is_told_and_tried_again(
    lan: Citizen,
    telegram: TelegramServer,
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    weather: tuple[int | Literal["drop"], str],
) -> None:
    caplog.set_level(logging.INFO)
    what, line = weather
    telegram.fail_next("getUpdates", what, times=2, retry_after=0)

    await lan.says("một")
    await until(lambda: line in caplog.text)
    await lan.says("hai")

    await until(lambda: desk.taken == ["một", "hai"])
    await until(lambda: telegram.pending == 0)
    assert all(telegram.token not in record.getMessage() for record in caplog.records if record.name == "bot.polling")


async def test_next_process_gets_what_was_not_handled(lan: Citizen, telegram: TelegramServer, desk: Desk) -> None:
    desk.gates["chậm"] = asyncio.Event()
    await lan.says("nhanh")
    await lan.says("chậm")
    await until(lambda: desk.began == ["nhanh", "chậm"] and telegram.pending == 1)

    async with Bot(telegram.token, telegram.base_url) as successor:
        updates = await successor.get_updates()

    assert [update.message.text for update in updates if update.message] == ["chậm"]
