"""What is kept about somebody is shown to them exactly, and gone on their word."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from dialogue.chats import ChatRow
from dialogue.hearing import Speaker
from dialogue.kept import ON_A_PAGE
from dialogue.layout import telegram_length
from faq.database import VIETNAM
from stats.feedback import Feedback
from stats.pseudonyms import Pseudonyms
from stats.questions import Forgotten, Question
from tests.dialogue.room import HOA, LAN, Room

NOW = dt.datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)


def named(who: Speaker, now: dt.datetime = NOW) -> tuple[str, ...]:
    """All pseudonyms that somebody ever had."""
    return Pseudonyms("x").ever("telegram", who.person, now)


async def rows_about(here: Room, who: Speaker = LAN) -> int:
    async with here.database() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table).where(table.person.in_(named(who, here.now))))
            for table in (Question, Feedback, ChatRow)
        ]
    return sum(count or 0 for count in counts)


async def everything_about_lan(here: Room) -> None:
    await here.says("/chu_lon")
    await here.carries("o:plain")
    answer = await here.says("phí tạm trú của 040099012345")
    await here.presses(answer, "👎")
    await here.says("/gop_y chữ nhỏ quá, gọi tôi 0912345678")


async def test_what_is_kept_is_shown_masked(here: Room) -> None:
    await everything_about_lan(here)

    shown = (await here.says("/du_lieu_cua_toi")).reply.text

    assert "phí tạm trú của [số định danh]" in shown
    assert "chữ nhỏ quá" in shown
    assert "👎" in shown
    assert "dang-ky-tam-tru.le-phi" in shown
    assert "0912345678" not in shown
    assert "Cách trả lời: thường" in shown


async def test_every_kept_message_is_shown_page_by_page(here: Room) -> None:
    for number in range(2 * ON_A_PAGE + 1):
        await here.says(f"phí lần thứ {number} của tôi")

    turn = await here.says("/du_lieu_cua_toi")
    shown = turn.reply.text
    while any(b.label == "Tiếp »" for row in turn.reply.buttons for b in row):
        turn = await here.presses(turn, "Tiếp")
        shown += turn.reply.text

    assert [number for number in range(2 * ON_A_PAGE + 1) if f"phí lần thứ {number} của tôi" not in shown] == []


async def test_removing_leaves_no_row_and_takes_nobody_elses(here: Room) -> None:
    await everything_about_lan(here)
    await here.says("phí tạm trú", HOA)
    assert await rows_about(here) > 3

    told = await here.says("/xoa")

    assert told.reply.text.startswith("Xong: tôi đã xóa hết")
    assert await rows_about(here) == 0
    assert await rows_about(here, HOA) == 1
    assert here.dialogue._memories[LAN.key].topic is None


async def test_removing_twice_is_no_fault(here: Room) -> None:
    await here.says("/xoa")

    assert "0 dòng" in (await here.says("/xoa")).reply.text
    assert await rows_about(here) == 0


async def test_database_that_is_away_is_told_of(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ConnectionError

    monkeypatch.setattr(here.dialogue._kept, "_sessions", broken)

    assert (await here.says("/xoa")).reply.text.startswith("Lúc này tôi chưa với tới")
    assert (await here.says("/du_lieu_cua_toi")).reply.text.startswith("Lúc này tôi chưa với tới")


async def test_privacy_is_explained_in_ten_lines_with_its_law(here: Room) -> None:
    text = (await here.says("/quyen_rieng_tu")).reply.text

    assert [line for line in text.splitlines() if line[:1].isdigit()] == text.splitlines()[1:]
    assert len(text.splitlines()) == 11
    assert "91/2025/QH15" in text
    for command in ("/du_lieu_cua_toi", "/xoa"):
        assert command in text


async def test_removing_forgets_every_conversation_of_the_person_and_what_comes_late(here: Room) -> None:
    in_group = Speaker("telegram", LAN.person, "-100:1")
    await here.says("phí tạm trú", in_group)

    await here.says("/xoa")

    assert here.dialogue._memories[in_group.key].question == ""
    async with here.database() as session:
        assert [row.person for row in await session.scalars(select(Forgotten))] == [
            Pseudonyms("x").in_quarter("telegram", LAN.person, NOW)
        ]


async def test_page_of_what_is_kept_fits_a_message(here: Room) -> None:
    for number in range(ON_A_PAGE):
        await here.says(f"phí {number} " + "rất dài " * 100)
        await here.says(f"/gop_y {number} " + "dài dòng " * 100)

    turn = await here.says("/du_lieu_cua_toi")
    longest = telegram_length([turn.reply.html])
    while any(b.label == "Tiếp »" for row in turn.reply.buttons for b in row):
        turn = await here.presses(turn, "Tiếp")
        longest = max(longest, telegram_length([turn.reply.html]))

    assert longest < 4_096
    assert f"{ON_A_PAGE} lời nhận xét" in turn.reply.text
