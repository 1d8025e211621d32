"""Messages of one chat are answered in their order; chats do not wait for one another."""

import asyncio
import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, Message, Update

from bot.ordering import ByChat
from tests.bot.running import Scripted, until
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer

_NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


async def test_slow_question_holds_up_its_own_chat_only(
    lan: Citizen, telegram: TelegramServer, recogniser: Scripted
) -> None:
    hoa = telegram.citizen("Hoa")
    recogniser.slow["chậm"] = asyncio.Event()

    await lan.says("chậm một chút")
    await lan.says("phí tạm trú")
    await until(lambda: recogniser.heard == ["chậm một chút"])
    await hoa.says("phí tạm trú")

    assert "ệ phí" in (await hoa.reads()).text
    await lan.reads_nothing(0.1)
    recogniser.slow["chậm"].set()
    first, second = await lan.sees(2)
    assert "ngoài phần tôi biết" in first.text
    assert "ệ phí" in second.text
    assert telegram.breaches == []


async def test_many_messages_in_a_row_are_answered_one_by_one_in_order(lan: Citizen, telegram: TelegramServer) -> None:
    for text in ["phí", "hồ sơ", "chào", "/menu", "👍"] * 2:
        await lan.says(text)

    shown = [screen.text[:30] for screen in await lan.sees(10, timeout=15)]

    assert shown[:5] == shown[5:]
    assert len(set(shown)) == 5
    assert telegram.breaches == []


@given(chats=st.lists(st.integers(1, 4), max_size=20))
async def test_any_mix_of_chats_keeps_the_order_within_each(chats: list[int]) -> None:
    handled: list[tuple[int, int]] = []
    order = ByChat(at_once=2)

    async def handle(chat: int, number: int) -> None:
        await asyncio.sleep(0)
        handled.append((chat, number))

    await asyncio.gather(*(order.process_update(_update(chat, n), handle(chat, n)) for n, chat in enumerate(chats)))

    assert sorted(handled) == sorted((chat, n) for n, chat in enumerate(chats))
    for chat in set(chats):
        numbers = [n for c, n in handled if c == chat]
        assert numbers == sorted(numbers)
    assert not order._locks
    assert not order._waiting


async def test_failure_in_a_chat_lets_its_next_message_through() -> None:
    order = ByChat()
    done: list[str] = []

    async def fail() -> None:
        raise RuntimeError

    async def succeed() -> None:
        done.append("next")

    results = await asyncio.gather(
        order.process_update(_update(1, 1), fail()),
        order.process_update(_update(1, 2), succeed()),
        return_exceptions=True,
    )

    assert isinstance(results[0], RuntimeError)
    assert done == ["next"]


def _update(chat: int, number: int) -> Update:
    return Update(number, message=Message(number, _NOW, Chat(chat, "private")))
