"""Large letters: one short step a message, forth and back, and somebody to call."""

import datetime as dt

import pytest

from dialogue.easy import EasyComposer
from dialogue.replies import Reply
from dialogue.wording import wording
from faq.checking import LONGEST_EASY_SENTENCE, easy_sentences
from faq.entries import Faq
from faq.live import Live
from tests.dialogue.room import Room, labels

DAYS = (dt.date(2026, 11, 30), dt.date(2027, 1, 1), dt.date(2027, 3, 1))


async def test_steps_are_told_one_by_one_forth_and_back(here: Room) -> None:
    on = await here.says("/chu_lon")
    first = await here.says("mất thẻ rồi")
    second = await here.presses(first, "▶️")
    back = await here.presses(second, "◀️")

    assert on.reply.text.startswith("Đã bật chữ lớn.")
    assert "Bước 1 trong" in first.reply.text
    assert "Bước 2 trong" in second.reply.text
    assert not second.anew
    assert back.reply == first.reply
    assert labels(first.reply) == ["▶️ Tiếp", "🔁 Nhắc lại", "🙋 Gọi người giúp"]


async def test_step_is_said_again_as_a_message_of_its_own(here: Room) -> None:
    await here.says("/chu_lon")
    first = await here.says("mất thẻ rồi")

    again = await here.presses(first, "🔁")

    assert again.anew
    assert again.reply == first.reply


async def test_helper_is_called_with_confirmed_numbers_and_the_question_can_be_passed_on(here: Room) -> None:
    await here.says("/chu_lon")
    first = await here.says("mất thẻ rồi")

    called = await here.presses(first, "🙋")

    assert "113" in called.reply.text
    assert "Công an phường Cửa Lò" in called.reply.text
    assert any(b.share for row in called.reply.buttons for b in row)


async def test_last_step_ends_and_asks_whether_it_helped(here: Room) -> None:
    await here.says("/chu_lon")
    turn = await here.says("mất thẻ rồi")
    while "▶️ Tiếp" in labels(turn.reply):
        turn = await here.presses(turn, "▶️")

    assert "👍 Có ích" in labels(turn.reply)
    assert "☰ Danh mục" in labels(turn.reply)


async def test_mode_is_remembered_for_the_person_and_left_by_a_button(here: Room) -> None:
    on = await here.says("/chu_lon")
    here.timer.now += 24 * 3600

    assert "Bước 1" in (await here.says("mất thẻ rồi")).reply.text

    await here.presses(on, "✖️ Tắt chữ lớn")

    assert "Bước 1" not in (await here.says("mất thẻ rồi")).reply.text


@pytest.mark.parametrize(("command", "leaves"), [("/chu_lon", "✖️ Tắt chữ lớn"), ("/nguoi_ho_tro", "✖️ Thôi")])
async def test_command_that_comes_twice_does_not_undo_itself(here: Room, command: str, leaves: str) -> None:
    """A bot killed between doing and acknowledging gets the same update again."""
    once, twice = await here.says(command), await here.says(command)
    left = await here.presses(twice, leaves)

    assert twice.reply == once.reply
    assert left.reply.text.startswith("Từ giờ tôi trả lời theo cách thường")


@pytest.mark.parametrize("day", DAYS)
def test_every_sentence_of_every_reply_has_at_most_twelve_words(shipped: Faq, day: dt.date) -> None:
    say = EasyComposer(Live(shipped).on(day), wording("vi"), day)
    too_long = [
        sentence
        for reply in _replies(say)
        for sentence in easy_sentences(reply.text)
        if len([word for word in sentence.split() if any(c.isalnum() for c in word)]) > LONGEST_EASY_SENTENCE
    ]

    assert too_long == []


def _replies(say: EasyComposer) -> list[Reply]:
    entries = [entry for entry in say.live.faq.entries if entry.easy]
    assert len(entries) > 300
    steps = [say.step(entry, number) for entry in entries for number in range(1, len(entry.easy) + 1)]
    fixed = [
        say.offer(entries[:3]),
        say.several(entries[:2]),
        say.out_of_scope(),
        say.not_understood(["vneid"]),
        say.unavailable([]),
        say.unavailable(entries[:2]),
        say.personal_data(),
        say.welcome(),
        say.only_text(),
        say.menu(),
        say.mode_chosen(0),
    ]
    return steps + fixed
