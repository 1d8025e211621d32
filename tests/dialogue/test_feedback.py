"""Helpful or not, why not, and remarks: masked, once a day for each answer, an item for staff."""

import datetime as dt

from sqlalchemy import select

from dialogue.kept import Kept
from faq.database import VIETNAM, Sessions
from stats.feedback import HELPFUL, NOT_HELPFUL, Feedback
from tests.dialogue.room import Room, labels


async def said(here: Room) -> list[Feedback]:
    async with here.database() as session:
        return list(await session.scalars(select(Feedback).order_by(Feedback.said_at)))


async def test_not_helpful_asks_why_and_becomes_an_item_with_the_question(here: Room) -> None:
    answer = await here.says("phí của 040099012345 là mấy")
    why = await here.presses(answer, "👎")
    noted = await here.presses(why, "Khó hiểu")

    assert labels(why.reply) == ["Không đúng điều tôi hỏi", "Khó hiểu", "Sai hoặc còn thiếu", "☰ Danh mục"]
    assert noted.reply.text.startswith("Cảm ơn ông/bà. Cán bộ sẽ xem lại")
    (item,) = await said(here)
    assert (item.kind, item.entry, item.reason) == ("not_helpful", "dang-ky-tam-tru.le-phi", 1)
    assert item.text == "phí của [số định danh] là mấy"


async def test_no_without_a_reason_counts_all_the_same(here: Room) -> None:
    await here.presses(await here.says("phí tạm trú"), "👎")

    (item,) = await said(here)
    assert (item.kind, item.reason) == ("not_helpful", None)


async def test_last_word_of_a_day_counts_once(here: Room) -> None:
    answer = await here.says("phí tạm trú")
    await here.presses(answer, "👎")
    thanked = await here.presses(answer, "👍")

    (item,) = await said(here)
    assert item.kind == "helpful"
    assert thanked.toast == "Cảm ơn ông/bà, tôi đã ghi lại."


async def test_remark_is_the_next_message_and_no_question(here: Room) -> None:
    await here.says("/gop_y")
    taken = await here.says("nên thêm số của phường, gọi tôi 0912345678")
    after = await here.says("phí tạm trú")

    assert taken.asked is None
    assert "Lời góp ý đã đến cán bộ" in taken.reply.text
    assert taken.reply.text.startswith("⚠️")
    assert after.asked is not None
    (item,) = await said(here)
    assert (item.kind, item.entry) == ("remark", None)
    assert "0912345678" not in item.text


async def test_remark_can_be_given_up(here: Room) -> None:
    await here.presses(await here.says("/gop_y"), "Thôi")
    await here.says("phí tạm trú")

    assert await said(here) == []


async def test_button_of_an_entry_that_is_gone_is_answered(here: Room) -> None:
    for press in ("y:vneid.khong-con", "n:vneid.khong-con", "n:1:vneid.khong-con", "s:2:vneid.khong-con"):
        assert (await here.carries(press)).reply.text.startswith("Câu trả lời đó nay không còn")


async def test_emergency_is_no_remark_and_a_command_ends_the_waiting(here: Room) -> None:
    here.recogniser.script |= {"cướp": "chitchat.khan-cap"}
    await here.says("/gop_y")
    urgent = await here.says("cướp đang phá cửa nhà tôi")
    await here.says("/gop_y")
    await here.says("/menu")
    question = await here.says("phí tạm trú")

    assert "113" in urgent.reply.text
    assert question.asked is not None
    assert question.asked.entry == "dang-ky-tam-tru.le-phi"
    assert await said(here) == []


async def test_remark_that_is_sent_again_is_one_remark(here: Room) -> None:
    await here.says("/gop_y chữ nhỏ quá")
    await here.says("/gop_y chữ nhỏ quá")

    assert len(await said(here)) == 1


async def test_day_of_a_word_is_the_day_of_the_place(database: Sessions) -> None:
    """Between 00:00 and 07:00 in Việt Nam it is still yesterday in UTC; statistics count days of the place."""
    evening = dt.datetime(2026, 11, 22, 23, 50, tzinfo=VIETNAM)
    for minutes, kind in ((0, HELPFUL), (5, NOT_HELPFUL), (15, HELPFUL)):
        moment = evening + dt.timedelta(minutes=minutes)
        kept = Kept(database, clock=lambda moment=moment: moment.astimezone(dt.UTC))  # type: ignore[misc]
        await kept.rate("a" * 32, "telegram", kind, "vneid.la-gi", None, "vneid là gì", None)

    async with database() as session:
        found = await session.scalars(select(Feedback).order_by(Feedback.said_at))
        assert [(one.said_at.astimezone(VIETNAM).day, one.kind) for one in found] == [(22, NOT_HELPFUL), (23, HELPFUL)]
