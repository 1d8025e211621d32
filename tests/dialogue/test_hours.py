"""When the office is open, nobody has confirmed: whoever asks is told so, and that the portal is always open."""

import pytest

from dialogue.hours import asks_for_hours
from faq.folding import fold
from tests.dialogue.room import Room, labels


@pytest.mark.parametrize(
    "text",
    [
        "thứ bảy có làm không",
        "chu nhat co lam viec ko",
        "t7 có mở cửa không ạ",
        "mấy giờ mở cửa",
        "công an phường làm việc thứ bảy không",
        "giờ làm việc thế nào",
        "đổi căn cước thứ 7 có làm không",
        "trưa mấy giờ nghỉ",
        "hôm nay có làm việc không",
    ],
)
def test_opening_hours_are_asked_for(text: str) -> None:
    assert asks_for_hours(fold(text).split())


@pytest.mark.parametrize(
    "text",
    [
        "chủ nhật nộp hồ sơ trên mạng có làm được không",
        "làm căn cước mất bao lâu",
        "thứ bảy tôi mới rảnh thì đặt lịch hẹn thế nào",
        "hôm nay tôi mất thẻ phải làm sao",
        "mai làm căn cước cần gì",
        "khách đến sau 23 giờ thì báo lúc nào",
        "giấy xác nhận làm việc ở công ty",
    ],
)
def test_other_questions_with_a_day_in_them_are_not_about_hours(text: str) -> None:
    assert not asks_for_hours(fold(text).split())


async def test_hours_asked_after_a_service_are_not_its_place(here: Room) -> None:
    await here.says("phí tạm trú")

    turn = await here.says("phí thứ bảy có làm không")

    assert turn.asked is not None
    assert turn.asked.entry == "chitchat.lien-he"
    assert "giờ làm việc" in turn.reply.text
    assert labels(turn.reply) == ["Nộp buổi tối, ngày nghỉ", "☰ Danh mục"]


async def test_danger_is_answered_first(here: Room) -> None:
    here.recogniser.script |= {"cướp": "chitchat.khan-cap"}

    assert "113" in (await here.says("cướp giờ làm việc")).reply.text
