"""The bot's name typed in any chat: answers to pass on, the same for everybody, and nothing is written down."""

import asyncio

import pytest

from bot.showing import keyboard
from dialogue.replies import Button, Reply
from tests.bot.running import Notebook, Scripted
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer


async def test_answers_to_pass_on_are_found(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, recogniser: Scripted
) -> None:
    results = await lan.types_inline("phí tạm trú")

    assert 1 <= len(results) <= 10
    assert all(result["type"] == "article" and result["title"] for result in results)
    content = results[0]["input_message_content"]
    assert content["parse_mode"] == "HTML"
    assert content["link_preview_options"] == {"is_disabled": True}
    (call,) = telegram.calls_of("answerInlineQuery")
    assert (call.params["cache_time"], call.params["is_personal"]) == (300, False)
    assert notebook.records == []
    assert telegram.breaches == []


@pytest.mark.parametrize("typed", ["", "x" * 256, "040099012345", "🐟", "<b>&"])
async def test_whatever_is_typed_gets_a_list(lan: Citizen, telegram: TelegramServer, typed: str) -> None:
    results = await lan.types_inline(typed)

    assert len(results) <= 10
    assert bool(results) or typed
    assert "040099012345" not in str(results)
    assert telegram.breaches == []


async def test_buttons_of_an_answer_passed_on_are_links_only(lan: Citizen) -> None:
    for result in await lan.types_inline("phí tạm trú"):
        for row in result.get("reply_markup", {}).get("inline_keyboard", []):
            assert all("callback_data" not in button for button in row)


async def test_query_that_has_grown_old_is_no_error(
    lan: Citizen, telegram: TelegramServer, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fail_next("answerInlineQuery", 400, description="Bad Request: query is too old")
    typing = asyncio.create_task(lan.types_inline("phí", timeout=0.3))

    with pytest.raises(AssertionError, match="Waited in vain"):
        await typing

    assert await lan.types_inline("phí tạm")
    assert "not handled" not in caplog.text


async def test_button_of_an_answer_passed_on_is_acknowledged(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook
) -> None:
    query = {"id": "7", "from": lan.user, "inline_message_id": "abc", "chat_instance": "1", "data": "m"}
    telegram.push({"callback_query": query})

    await lan.says("phí tạm trú")
    await lan.reads()
    assert [call.params["callback_query_id"] for call in telegram.calls_of("answerCallbackQuery")] == ["7"]
    assert len(notebook.records) == 1


def test_button_that_shares_opens_inline_mode_in_another_chat() -> None:
    shown = keyboard(Reply("x", ((Button("Chia sẻ", share="tạm trú"), Button("Xem", press="m")),)))

    assert shown is not None
    assert shown.to_dict()["inline_keyboard"] == [
        [{"text": "Chia sẻ", "switch_inline_query": "tạm trú"}, {"text": "Xem", "callback_data": "m"}]
    ]
