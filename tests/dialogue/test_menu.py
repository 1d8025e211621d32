"""Every published answer is three taps from the start, and every button leads somewhere."""

import datetime as dt
from itertools import chain

import pytest

from dialogue.composing import Composer
from dialogue.easy import EasyComposer
from dialogue.replies import LONGEST_CALLBACK, Press, Reply
from dialogue.wording import wording
from faq.entries import Faq
from faq.live import Live
from tests.dialogue.room import Room, buttons, labels

TODAY = dt.date(2026, 11, 30)
TAPS = 3


def opens(say: Composer, press: str) -> Reply | None:
    kind, _, value = press.partition(":")
    if kind == Press.TOPIC:
        return say.topic(value)
    if kind == Press.GROUP:
        topic, aspect, page = value.split(":")
        return say.group(topic, aspect, int(page))
    return None


@pytest.mark.parametrize("composer", [Composer, EasyComposer])
def test_every_answer_is_at_most_three_taps_from_the_start(shipped: Faq, composer: type[Composer]) -> None:
    say = composer(Live(shipped), wording("vi"), TODAY)
    screens, reached = [say.welcome()], set()
    for _ in range(TAPS):
        presses = [button.press for screen in screens for button in buttons(screen) if button.press]
        reached |= {press.removeprefix("e:") for press in presses if press.startswith("e:")}
        screens = [screen for screen in (opens(say, press) for press in presses) if screen]

    assert {entry.key for entry in shipped.entries} - reached == set()


def test_lists_are_short_and_lead_back(shipped: Faq) -> None:
    say = Composer(Live(shipped), wording("vi"), TODAY)
    for topic in say.live.by_topic:
        for button in buttons(say.topic(topic)):
            group = opens(say, button.press or "")
            if group is not None and (button.press or "").startswith("g:"):
                presses = [b.press for b in buttons(group)]
                assert len(presses) <= 10
                assert f"t:{topic}" in presses
                assert "m" in presses


async def test_scams_are_listed_by_what_has_happened(here: Room) -> None:
    command, menu = await here.says("/lua_dao"), await here.carries("t:canh-bao-lua-dao")

    assert menu.reply == command.reply
    assert menu.reply.text.startswith("🚨")
    first, *happened = [button.press for button in buttons(menu.reply) if (button.press or "").startswith("e:")]
    assert first == "e:chitchat.khan-cap"
    assert "e:canh-bao-lua-dao.da-chuyen-tien" in happened
    assert any(label.startswith("Chuyện vừa xảy ra (2/") for label in labels(menu.reply))


def test_english_comes_first_and_what_is_not_translated_is_marked(shipped: Faq) -> None:
    say = Composer(Live(shipped), wording("en"), TODAY)
    reply = next(
        reply
        for topic in say.live.by_topic
        for button in buttons(say.topic(topic))
        if (reply := opens(say, button.press or "")) is not None and 1 < len(flagged(reply)) < len(entries_in(reply))
    )

    marks = ["🇻🇳" in label for label in entries_in(reply)]
    assert marks == sorted(marks)
    assert "🇻🇳 = in Vietnamese" in reply.text
    assert not any("🇻🇳" in label for label in labels(Composer(Live(shipped), wording("vi"), TODAY).menu()))


def entries_in(reply: Reply) -> list[str]:
    return [button.label for button in buttons(reply) if (button.press or "").startswith("e:")]


def flagged(reply: Reply) -> list[str]:
    return [label for label in entries_in(reply) if "🇻🇳" in label]


async def test_old_buttons_of_entries_gone_or_moved_are_answered(here: Room, shipped: Faq) -> None:
    moved = shipped.entries[0].model_copy(update={"formerly": ("can-cuoc.ten-cu",)})
    live = Live(shipped.model_copy(update={"entries": (moved, *shipped.entries[1:])}))

    assert live.entry("can-cuoc.ten-cu") is moved
    assert live.entry("can-cuoc.chua-tung-co") is None
    for press in (
        "e:khong.con",
        "d:2:khong.con",
        "t:khong-con",
        "g:khong-con:x:1",
        "g:vneid:khong:9",
        "v:khong:01",
        "?",
    ):
        turn = await here.carries(press)
        assert turn.reply.html
        assert any(b.press == Press.MENU or (b.press or "").startswith("t:") for b in buttons(turn.reply))


def test_whatever_a_button_carries_fits_telegram(shipped: Faq) -> None:
    say = Composer(Live(shipped), wording("vi"), TODAY)
    easy = EasyComposer(Live(shipped), wording("vi"), TODAY)
    replies = chain(
        [say.menu(), say.welcome()],
        (say.topic(topic) for topic in say.live.by_topic),
        (say.answer(entry) for entry in shipped.entries),
        (say.why_not_helpful(entry) for entry in shipped.entries),
        (easy.step(entry, number) for entry in shipped.entries for number in range(1, 8)),
    )
    carried = {button.press for reply in replies for button in buttons(reply) if button.press}

    assert max(len(press.encode()) for press in carried) <= LONGEST_CALLBACK
    assert len(carried) > 4 * len(shipped.entries)
