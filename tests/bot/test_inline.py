"""The bot's name typed in any chat: answers to pass on, the same for everybody, and nothing is written down."""

import asyncio

import pytest
from telegram import Update

from bot.application import MOST_INLINE, build
from bot.handled import HandledUpdates
from bot.reception import Reception
from bot.showing import keyboard
from dialogue.conversation import Dialogue
from dialogue.replies import Button, Reply
from faq.database import Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from faq.notices import Notices
from stats.pseudonyms import Pseudonyms
from tests.bot.running import SECRET, Notebook, Scripted, polling, running, settings_for
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


async def test_number_at_the_end_of_a_long_query_is_hidden_whole(lan: Citizen, recogniser: Scripted) -> None:
    await lan.types_inline("phí " + "x" * 190 + " 040099012345")

    assert recogniser.heard
    assert "0400" not in "".join(recogniser.heard)


async def test_who_types_without_end_gets_nothing_for_a_while_and_keeps_nobody_else_from_answers(
    telegram: TelegramServer, dialogue: Dialogue, database: Sessions, recogniser: Scripted
) -> None:
    now = [0.0]
    async with running(settings_for(telegram), dialogue, database, clock=lambda: now[0]):
        lan, hoa = telegram.citizen("Lan"), telegram.citizen("Hoa")
        for _ in range(MOST_INLINE):
            assert await lan.types_inline("phí", timeout=20)
        heard = len(recogniser.heard)

        too_many = await lan.types_inline("phí", timeout=20)
        of_another = await hoa.types_inline("phí", timeout=20)
        now[0] = 61.0
        a_minute_later = await lan.types_inline("phí", timeout=20)

    assert (too_many, len(recogniser.heard)) == ([], heard + 2)
    assert of_another == a_minute_later != []
    empty = next(call for call in telegram.calls_of("answerInlineQuery") if not call.params["results"])
    assert (empty.params["cache_time"], empty.params["is_personal"]) == (5, True)
    assert telegram.breaches == []


async def test_stopped_guide_passes_nothing_on_and_telegram_does_not_remember_that_for_long(
    telegram: TelegramServer, database: Sessions, shipped: Faq, recogniser: Scripted, notebook: Notebook
) -> None:
    now = [0.0]
    notices = Notices(database, timer=lambda: now[0])
    live = LiveFaq(database, shipped)
    dialogue = Dialogue(live, recogniser, Pseudonyms(SECRET), notebook.record, notices=notices)
    async with polling(telegram, dialogue, database):
        lan = telegram.citizen("Lan")
        await notices.stop("Đang sửa mục lệ phí.", author="Lan")
        while_stopped = await lan.types_inline("phí")
        await notices.resume(author="Lan")
        afterwards = await lan.types_inline("phí")

    assert (while_stopped, bool(afterwards)) == ([], True)
    assert [call.params["cache_time"] for call in telegram.calls_of("answerInlineQuery")] == [5, 300]


async def test_inline_answer_that_is_lost_is_forgotten(
    telegram: TelegramServer, dialogue: Dialogue, database: Sessions, lan: Citizen
) -> None:
    application = build(settings_for(telegram), dialogue)
    reception = Reception(application, HandledUpdates(database, "two"))
    query = {"id": "7", "from": lan.user, "query": "phí", "offset": ""}
    telegram.fail_next("answerInlineQuery", 500, times=2)

    async with application:
        taken = await reception.take(Update.de_json({"update_id": 7, "inline_query": query}, application.bot))

    assert taken
    assert (reception._unsent, reception._attempts) == (set(), {})


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
