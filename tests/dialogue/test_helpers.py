"""Volunteers: short answers in a row, a card to hand over, people counted and nothing kept about them."""

import datetime as dt

from sqlalchemy import select

from dialogue.brief import MOST_CHARACTERS
from stats.feedback import Helped
from tests.dialogue.room import HOA, Room, labels


async def test_answers_are_shorter_and_lead_to_the_card(here: Room) -> None:
    ordinary = await here.says("mất thẻ rồi", HOA)
    await here.says("/nguoi_ho_tro")

    brief = await here.says("mất thẻ rồi")

    assert len(brief.reply.text) < len(ordinary.reply.text)
    assert labels(brief.reply)[-3:] == ["👤 Người tiếp theo", "🪪 Thẻ mang về", "☰ Danh mục"]


async def test_card_sums_up_what_this_person_asked_and_no_other(here: Room) -> None:
    await here.says("/nguoi_ho_tro")
    await here.says("mất thẻ rồi")
    answer = await here.says("phí tạm trú")
    card = await here.presses(answer, "🪪")

    await here.presses(card, "👤")
    nothing = await here.carries("c")

    assert card.anew
    assert "1. " in card.reply.text
    assert "2. " in card.reply.text
    assert len(card.reply.text) <= MOST_CHARACTERS
    assert nothing.reply.text == "Chưa hỏi điều gì cho người này."


async def test_people_are_counted_by_day_and_nothing_else_is_kept(here: Room) -> None:
    await here.says("/nguoi_ho_tro")
    for _ in range(3):
        last = await here.carries("x")
    here.now += dt.timedelta(days=1)
    tomorrow = await here.carries("x")

    assert "Hôm nay đã giúp 3 người" in last.reply.text
    assert "Hôm nay đã giúp 1 người" in tomorrow.reply.text
    async with here.database() as session:
        rows = list(await session.scalars(select(Helped).order_by(Helped.day)))
    assert [(row.day, row.people) for row in rows] == [(dt.date(2026, 11, 30), 3), (dt.date(2026, 12, 1), 1)]


async def test_next_person_does_not_inherit_what_was_talked_about(here: Room) -> None:
    await here.says("/nguoi_ho_tro")
    await here.says("phí tạm trú")
    await here.carries("x")

    assert here.dialogue._memories["telegram:1"].topic is None
