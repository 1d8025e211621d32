"""The way to Telegram breaks now and then: nothing is lost, nothing comes twice."""

import asyncio
import logging
from typing import Literal

import pytest

from dialogue.conversation import Dialogue
from faq.database import Sessions
from stats.endings import Ending
from tests.bot.running import Notebook, Scripted, polling, until
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer

What = int | Literal["drop"]


@pytest.mark.parametrize("what", [429, 500, 502, "drop"])
async def test_answer_that_did_not_go_out_goes_out_again(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, what: What
) -> None:
    telegram.fail_next("sendMessage", what, retry_after=0)

    await lan.says("phí tạm trú")

    assert "ệ phí" in (await lan.reads()).text
    await lan.reads_nothing()
    assert len(await notebook.of(1)) == 1
    assert telegram.breaches == []


@pytest.mark.parametrize("what", [429, 500, "drop", "lose"])
async def test_page_that_did_not_turn_is_turned_again(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, what: Literal["drop", "lose"] | int
) -> None:
    await lan.starts()
    await lan.reads()
    telegram.fail_next("editMessageText", what, retry_after=0)

    await lan.taps_raw("t:can-cuoc")

    assert (await lan.reads()).edited
    await lan.reads_nothing(0.4)
    assert len(await notebook.of(2)) == 2


@pytest.mark.parametrize("what", [429, 500, "drop", 400])
async def test_tap_is_answered_though_its_acknowledgement_fails(
    lan: Citizen, telegram: TelegramServer, what: What
) -> None:
    await lan.starts()
    await lan.reads()
    telegram.fail_next("answerCallbackQuery", what, times=1 if what == 400 else 2, retry_after=0)

    with pytest.raises(AssertionError, match="Waited in vain"):
        await lan.taps_raw("e:dang-ky-tam-tru.le-phi", timeout=0.05)

    assert "ệ phí" in (await lan.reads()).text


@pytest.mark.parametrize("what", [400, 403, 429, 500, "drop", "lose"])
async def test_answer_does_not_depend_on_showing_that_the_bot_types(
    lan: Citizen, telegram: TelegramServer, recogniser: Scripted, what: int | Literal["drop", "lose"]
) -> None:
    telegram.fail_next("sendChatAction", what, retry_after=0)
    recogniser.slow["phí"] = asyncio.Event()

    await lan.says("phí tạm trú")
    await until(lambda: bool(telegram.calls_of("sendChatAction")))
    recogniser.slow["phí"].set()

    assert "ệ phí" in (await lan.reads()).text


async def test_quick_answer_is_not_preceded_by_a_call_that_shows_typing(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.says("phí tạm trú")
    await lan.reads()

    assert telegram.calls_of("sendChatAction") == []


@pytest.mark.parametrize("what", [500, "drop", "lose", 409])
async def test_question_is_heard_though_listening_fails(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, what: int | Literal["drop", "lose"]
) -> None:
    telegram.fail_next("getUpdates", what, times=2)

    await lan.says("phí tạm trú")

    await lan.reads(timeout=15)
    await lan.reads_nothing()
    assert len(await notebook.of(1)) == 1


async def test_question_of_somebody_who_blocks_the_bot_counts_all_the_same(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    await lan.starts()
    await lan.reads()
    telegram.fail_next("sendMessage", 403)

    await lan.says("phí tạm trú")

    records = await notebook.of(2)
    assert records[-1].ending == Ending.ANSWERED
    assert "phí tạm trú" not in caplog.text


async def test_rough_weather_loses_and_doubles_nothing(
    telegram: TelegramServer, dialogue: Dialogue, notebook: Notebook, database: Sessions
) -> None:
    people = [telegram.citizen(f"Bà {n}") for n in range(5)]
    async with polling(telegram, dialogue, database):
        for text in ("phí", "hồ sơ", "chào"):
            telegram.fail_next("sendMessage", "drop")
            telegram.fail_next("sendMessage", 500)
            telegram.fail_next("sendMessage", 429, retry_after=0)
            telegram.fail_next("sendChatAction", "lose", times=3)
            for person in people:
                await person.says(text)

        for person in people:
            screens = await person.sees(3, timeout=30)
            assert len({screen.text for screen in screens}) == 3
            await person.reads_nothing(0.1)

    assert len(notebook.records) == 15
    assert telegram.breaches == []


async def test_every_failure_inside_is_apologised_for_without_a_word_of_the_citizen_in_the_log(
    lan: Citizen, telegram: TelegramServer, recogniser: Scripted, notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "con Tí nhà tôi mất thẻ"
    recogniser.broken = RuntimeError(f"cannot read {secret}")

    await lan.says(secret)

    assert (await lan.reads()).text.startswith("Xin lỗi, phía tôi vừa gặp trục trặc")
    recogniser.broken = None
    notebook.broken = ValueError(secret)
    await lan.says(f"phí {secret}")
    assert "ệ phí" in (await lan.reads()).text
    await lan.reads()
    await lan.says(f"/{'x' * 20} {secret}")
    await lan.starts(secret)
    await lan.taps_raw(f"e:{secret}")
    telegram.fail_next("sendMessage", 400, description="Bad Request: chat not found", times=2)
    await lan.says(f"phí {secret}")
    telegram.push({"message": {"message_id": 1, "date": "x", "chat": lan.chat_id, "text": secret}})
    await until(lambda: "cannot be read" in caplog.text)
    assert "update was not handled: RuntimeError" in caplog.text
    assert secret not in caplog.text
    assert "Tí" not in caplog.text
