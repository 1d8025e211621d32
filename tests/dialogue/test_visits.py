"""Prepare a visit: questions by buttons, a complete list for every way through, and nothing kept."""

import datetime as dt

import pytest

from dialogue.composing import Composer
from dialogue.replies import Press, press
from dialogue.visiting import VisitComposer
from dialogue.wording import wording
from faq.entries import Faq
from faq.live import Live
from faq.visits import Kind, Visit
from tests.dialogue.room import Room, buttons, labels

DAYS = (dt.date(2026, 11, 30), dt.date(2027, 1, 1), dt.date(2027, 3, 1))


async def test_questions_lead_to_a_list_and_back(here: Room) -> None:
    topics = await here.carries("w")
    services = await here.presses(topics, "Đăng ký tạm trú (3)")
    first = await here.presses(services, "Đăng ký tạm trú")
    turn = first
    while "📤 Gửi cho người nhà" not in labels(turn.reply):
        turn = await here.carries(next(b.press for b in buttons(turn.reply) if b.press))

    assert "Câu 1 trong" in first.reply.text
    assert "☑ " in turn.reply.text
    for title in ("📄 Giấy tờ cần mang", "💵 Lệ phí", "⏱ Thời gian", "📍 Nơi làm"):
        assert title in turn.reply.text
    back = await here.presses(turn, "«")
    assert "📄" not in back.reply.text


async def test_services_are_listed_by_topic_and_each_is_three_taps_from_the_start(here: Room) -> None:
    start = await here.says("/start")
    topics = await here.presses(start, "📋")
    reached = set()
    for label in labels(topics.reply):
        turn = await here.presses(topics, label)
        reached |= {b.press for b in buttons(turn.reply)} | {b.press for b in buttons(topics.reply)}

    assert len(labels(topics.reply)) <= 12
    live = await here.dialogue._faq.now()
    assert {f"v:{visit.id}:" for visit in live.faq.visits} <= reached


async def test_way_back_from_a_service_leads_to_where_it_was_chosen(here: Room) -> None:
    one_of_three = await here.presses(await here.carries("v:gia-han-tam-tru:"), "«")
    the_only_one = await here.presses(await here.carries("v:tam-vang:"), "«")

    assert labels(one_of_three.reply)[-2:] == ["« Quay lại", "☰ Danh mục"]
    assert "Gia hạn tạm trú" in labels(one_of_three.reply)
    assert "Khai báo tạm vắng" in labels(the_only_one.reply)


async def test_choices_stand_in_the_button_and_nowhere_else(here: Room) -> None:
    await here.carries("v:tam-tru:0")
    memory = here.dialogue._memories["telegram:1"]

    assert "tam-tru:0" not in repr(memory)
    assert len(memory.question) == 0


@pytest.mark.parametrize("day", DAYS)
def test_every_way_through_gives_a_complete_list_that_fits_a_message(shipped: Faq, day: dt.date) -> None:
    live = Live(shipped).on(day)
    say = VisitComposer(Composer(live, wording("vi"), day))
    assert len(live.faq.visits) >= 14
    for visit in live.faq.visits:
        for digits in ways(visit):
            reply = say.asked(visit.id, digits)
            assert reply is not None
            assert len(reply.text) < 3_900, (visit.id, digits)
            kinds = {line.kind for line in visit.chosen(visit.made([int(d) for d in digits]))}
            assert {Kind.PAPER, Kind.FEE, Kind.TIME, Kind.OFFICE} <= kinds, (visit.id, digits)
            assert "[[" not in reply.text
            assert "{" not in reply.text


def ways(visit: Visit) -> list[str]:
    found = [""]
    for question in visit.questions:
        found = [f"{way}{number}" for way in found for number in range(len(question.choices))]
    return found


def test_list_is_passed_on_as_it_is_shown(shipped: Faq) -> None:
    say = VisitComposer(Composer(Live(shipped), wording("vi"), DAYS[0]))
    visit = shipped.visits[0]
    digits = ways(visit)[0]
    shown = say.asked(visit.id, digits)
    assert shown is not None
    share = next(b.share for b in buttons(shown) if b.share)

    found = say.passed_on(share)

    assert found is not None
    assert found.reply.html == shown.html
    assert len(found.id.encode()) <= 64


@pytest.mark.parametrize(
    "value", ["", "khong-co:", "tam-tru:9", "tam-tru:00000", "tam-tru:x", "tam-tru:²", "tam-tru:-1"]
)
async def test_button_of_another_time_leads_back_to_the_services(here: Room, value: str) -> None:
    turn = await here.carries(press(Press.VISIT, value))

    assert turn.reply.text.startswith("📋 Ông/bà cần chuẩn bị giấy tờ")
