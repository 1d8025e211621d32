"""What is drawn is what Telegram shows: words, marks, buttons in their rows, edits in place."""

import re
from collections.abc import AsyncIterator

import pytest

from tests.telegram.citizen import Citizen
from tests.telegram.drawing import Frame, marked_up, page_of
from tests.telegram.server import TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


def drawn(citizen: Citizen, **more: str) -> str:
    return page_of("Thử", [Frame("một lúc", citizen.chat, **more)])


async def sent(telegram: TelegramServer, citizen: Citizen, text: str, *rows: list[dict[str, str]]) -> int:
    markup = {"inline_keyboard": list(rows)}
    params = {"chat_id": citizen.chat_id, "text": text, "parse_mode": "HTML", "reply_markup": markup}
    return int((await telegram._call("sendMessage", params))["result"]["message_id"])  # type: ignore[index]


def test_marks_lie_within_one_another_and_count_as_telegram_counts() -> None:
    entities = [
        {"type": "bold", "offset": 0, "length": 5},
        {"type": "italic", "offset": 3, "length": 2},
        {"type": "bot_command", "offset": 6, "length": 5},
    ]

    assert marked_up("🐟<a b /menu", entities) == "<b>🐟&lt;<i>a </i></b>b<a> /men</a>u"


async def test_page_shows_words_marks_and_buttons_in_their_rows(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan")
    await lan.says("1 < 2 & /menu")
    yes, no, page = ({"text": t, "callback_data": t} for t in ("Có", "Không", "<Trang>"))
    await sent(telegram, lan, "<b>Đúng</b> không?", [yes, no], [page | {"url": "https://a.vn/"}])

    html = drawn(lan, tapped="Không", toast="Đã ghi")

    assert "1 &lt; 2 &amp; <a>/menu</a>" in html
    assert "<b>Đúng</b> không?" in html
    assert [re.findall(r"<span>([^<]+)</span>", row) for row in html.split("<div class=row>")[1:]] == [
        ["Có", "Không"],
        ["&lt;Trang&gt;"],
    ]
    assert re.findall(r"button tapped'><span>([^<]+)", html) == ["Không"]
    assert "Đã ghi" in html
    assert "<script" not in html


async def test_edit_takes_the_place_of_what_was_there(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan")
    await lan.says("hỏi")
    number = await sent(telegram, lan, "trước")

    await telegram._call("editMessageText", {"chat_id": lan.chat_id, "message_id": number, "text": "sau"})

    assert "sau" in drawn(lan)
    assert "trước" not in drawn(lan)
