"""Calls that fail on the way go out again; who is held back lets nobody else wait."""

import asyncio
import random
import time

import pytest

from bot import pace
from bot.unsent import Unsent
from dialogue.conversation import Dialogue
from dialogue.replies import Reply, Turn
from faq.database import Sessions
from tests.bot.running import Notebook, Scripted, polling
from tests.telegram.citizen import Citizen
from tests.telegram.faults import Faults
from tests.telegram.server import TelegramServer

QUESTIONS = ("phí", "hồ sơ", "chào")


@pytest.mark.parametrize("seed", [1, 2])
async def test_storm_loses_no_answer_and_keeps_the_order_in_each_chat(  # noqa: PLR0917
    telegram: TelegramServer,
    dialogue: Dialogue,
    database: Sessions,
    notebook: Notebook,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    monkeypatch.setattr(pace, "WORTH_REPEATING", dict.fromkeys(pace.WORTH_REPEATING, (0.01,) * 8))
    people = [telegram.citizen(f"Bà {n}") for n in range(12)]
    chance = random.Random(seed)

    async with polling(telegram, dialogue, database):
        telegram.faults = Faults(drop=0.1, error_500=0.1, too_many=0.1, retry_after=0, seed=seed)
        asked = {person.id: [chance.choice(QUESTIONS) for _ in range(5)] for person in people}
        for number in range(5):
            for person in people:
                await person.says(asked[person.id][number])
        answers = {person.id: [s.text[:40] for s in await person.sees(5, timeout=30)] for person in people}
        for person in people:
            await person.reads_nothing(0)

    answer_of = {QUESTIONS[0]: "", QUESTIONS[1]: "", QUESTIONS[2]: ""}
    for person in people:
        for question, answer in zip(asked[person.id], answers[person.id], strict=True):
            assert answer_of.setdefault(question, answer) in {"", answer}
            answer_of[question] = answer
    assert len(set(answer_of.values())) == 3
    assert len(notebook.records) == len({record.id for record in notebook.records}) == 60
    assert telegram.breaches == []


async def test_chat_that_is_held_back_lets_no_other_wait(lan: Citizen, telegram: TelegramServer) -> None:
    hoa = telegram.citizen("Hoa")
    telegram.fail_next("sendMessage", 429, retry_after=1)
    began = time.monotonic()

    await lan.says("phí")
    await _until_called(telegram, "sendMessage")
    await hoa.says("phí")

    await hoa.reads()
    assert time.monotonic() - began < 1
    await lan.reads()
    assert time.monotonic() - began > 1


async def test_answer_held_back_for_too_long_is_dropped_with_a_line(
    lan: Citizen, telegram: TelegramServer, caplog: pytest.LogCaptureFixture, notebook: Notebook
) -> None:
    telegram.fail_next("sendMessage", 429, retry_after=3_600)

    await lan.says("phí tạm trú")
    await notebook.of(1)
    await lan.says("chào")

    assert "ệ phí" not in (await lan.reads()).text
    assert "RetryAfter" in caplog.text
    assert "tạm trú" not in caplog.text


async def test_reply_lost_after_all_attempts_is_sent_when_the_way_is_free_again(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "WORTH_REPEATING", {"sendMessage": (0.01,)})
    telegram.fail_next("sendMessage", 500, times=3)

    await lan.says("phí tạm trú")

    assert "ệ phí" in (await lan.reads()).text
    await lan.reads_nothing(0.1)
    assert len({record.id for record in notebook.records}) == 1


async def test_reply_lost_after_all_attempts_is_sent_without_doing_the_same_again(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "WORTH_REPEATING", {})
    telegram.fail_next("sendMessage", 500, times=3)

    await lan.says("/chu_lon")
    lost_thrice = await lan.reads()
    await lan.says("/du_lieu_cua_toi")
    kept = await lan.reads()

    assert "chữ lớn" in lost_thrice.text.lower()
    assert "chữ lớn" in kept.text
    assert telegram.breaches == []


async def test_press_whose_reply_is_lost_is_counted_once(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "WORTH_REPEATING", {})
    await lan.says("/nguoi_ho_tro")
    await lan.reads()
    telegram.fail_next("sendMessage", 500, times=2)

    await lan.taps_raw("x")
    helped = await lan.reads()

    assert "đã giúp 1 người" in helped.text
    await lan.reads_nothing(0.1)


async def test_question_whose_answer_is_lost_is_understood_and_written_down_once(
    lan: Citizen,
    telegram: TelegramServer,
    notebook: Notebook,
    recogniser: Scripted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pace, "WORTH_REPEATING", {})
    telegram.fail_next("sendMessage", 500, times=2)

    await lan.says("phí tạm trú")

    assert "ệ phí" in (await lan.reads()).text
    assert (len(recogniser.heard), len(notebook.records)) == (1, 1)


def test_few_unsent_replies_are_kept_and_each_until_it_is_taken() -> None:
    unsent = Unsent(2)
    for number in (1, 2, 3):
        unsent.keep(number, Turn(Reply(str(number))))

    assert unsent.take(1) is None
    assert unsent.take(3) == Turn(Reply("3"))
    assert unsent.take(3) is None


async def test_reply_nobody_takes_is_given_up_and_told(
    lan: Citizen, telegram: TelegramServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot import reception

    monkeypatch.setattr(pace, "WORTH_REPEATING", {})
    monkeypatch.setattr(reception, "MOST_ATTEMPTS", 2)
    telegram.fail_next("sendMessage", 500, times=2)

    await lan.says("phí tạm trú")
    await _until_pending(telegram, 0)
    await lan.says("chào")

    await lan.reads()
    assert "is given up: its reply could not be sent" in caplog.text
    assert "tạm trú" not in caplog.text


@pytest.mark.parametrize(
    ("method", "code", "description"),
    [
        ("sendMessage", 403, "Forbidden: bot was blocked by the user"),
        ("sendMessage", 400, "Bad Request: chat not found"),
        ("sendMessage", 403, "Forbidden: user is deactivated"),
    ],
)
async def test_reply_that_is_refused_is_not_tried_again(  # noqa: PLR0917
    lan: Citizen,
    telegram: TelegramServer,
    caplog: pytest.LogCaptureFixture,
    method: str,
    code: int,
    description: str,
) -> None:
    telegram.fail_next(method, code, description=description)

    await lan.says("phí tạm trú")
    await _until_pending(telegram, 0)

    await lan.reads_nothing(0.1)
    assert len(telegram.calls_of(method)) == 1
    assert "tạm trú" not in caplog.text


async def _until_called(telegram: TelegramServer, method: str) -> None:
    while not telegram.calls_of(method):
        await asyncio.sleep(0.005)


async def _until_pending(telegram: TelegramServer, number: int) -> None:
    while telegram.pending != number:
        await asyncio.sleep(0.005)
