"""The crowd of the bench counts what it should: no answer is the slowest answer, and everybody leaves in time."""

import itertools
from collections.abc import AsyncIterator

import pytest

from tests.bench.crowd import Crowd, Question, countable, endless, percentiles, settled, unanswered
from tests.telegram.server import TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


async def reply(telegram: TelegramServer, chat: int, text: str) -> None:
    await telegram._call("sendMessage", {"chat_id": chat, "text": text})


def test_what_is_unanswered_counts_as_slowest() -> None:
    answered = [Question("a", 1.0, [1.1]), Question("b", 1.0, [1.3])]

    assert percentiles([*answered, Question("c", 1.0)]) == (pytest.approx(300), float("inf"))
    assert unanswered([*answered, Question("c", 1.0)]) == 1


def test_questions_go_on_for_ever_and_stay_different() -> None:
    told = list(itertools.islice(endless(["một", "hai"]), 12))

    assert told[:2] == ["một", "hai"]
    assert len(set(told)) == 12


def test_rows_can_be_counted_of_texts_that_are_kept_as_they_are() -> None:
    assert countable(["đăng ký xe", "số tôi 040099012345", "đăng ký xe"]) == ["đăng ký xe"]


async def test_citizen_leaves_after_their_questions(telegram: TelegramServer) -> None:
    crowd = Crowd(telegram, endless(["hỏi"]), seats=2, each=2)

    await crowd.asks(1_000, 0.006)

    assert [len(asker.questions) for asker in crowd.askers] == [2, 2, 1, 1]


async def test_replies_belong_to_questions_in_their_order(telegram: TelegramServer) -> None:
    crowd = Crowd(telegram, ["một", "hai"], seats=1, each=2)
    first, second = await crowd.asks(1_000, 0.002)
    chat = crowd.askers[0].chat.number

    await reply(telegram, chat, "đáp một")
    after_one = unanswered([first, second])
    await reply(telegram, chat, "đáp hai")
    await reply(telegram, chat, "đáp hai")
    await settled([first, second], 1)

    assert after_one == 1
    assert (len(first.answered), len(second.answered)) == (1, 2)
    assert crowd.askers[0].heard == ["đáp một", "đáp hai", "đáp hai"]
