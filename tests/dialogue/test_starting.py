"""Links of leaflets and of shared answers open what they say, and count without saying who came."""

import datetime as dt

from sqlalchemy import select

from stats import campaigns
from stats.questions import Question
from tests.dialogue.room import Room

FEE = "dang-ky-tam-tru.le-phi"


async def begun(here: Room, *, entry: str | None = FEE, last_day: dt.date | None = None) -> str:
    campaign = await campaigns.add(
        here.database,
        name="Tờ rơi chợ Hôm",
        place="chợ Hôm",
        author="Minh",
        first_day=dt.date(2026, 11, 1),
        last_day=last_day,
        entry=entry,
    )
    return campaign.code


async def test_campaign_opens_its_answer_after_saying_what_this_is(here: Room) -> None:
    code = await begun(here)

    turn = await here.says(f"/start {code}")

    assert turn.reply.text.startswith("Tôi là máy hướng dẫn của Công an phường Cửa Lò")
    assert turn.asked is not None
    assert (turn.asked.entry, turn.asked.campaign, turn.asked.person) == (FEE, code, None)


async def test_entry_that_was_passed_on_opens_directly(here: Room) -> None:
    turn = await here.says("/start dang-ky-tam-tru_le-phi")

    assert turn.asked is not None
    assert turn.asked.entry == FEE


async def test_unknown_or_expired_code_opens_the_menu(here: Room) -> None:
    over = await begun(here, last_day=dt.date(2026, 11, 29))

    for code in (over, "khong-co", "!!!", "x" * 65, "", "040099012345"):
        turn = await here.says(f"/start {code}")
        assert turn.reply.text.startswith("Xin chào! Tôi là máy trả lời tự động")
        assert turn.asked is not None
        assert turn.asked.entry is None
    assert await begun(here, entry=None)


async def test_opening_is_counted_without_a_person_and_questions_after_it_know_the_campaign(here: Room) -> None:
    code = await begun(here)
    await here.says(f"/start {code}")
    await here.says("phí tạm trú")

    async with here.database() as session:
        opening, question = await session.scalars(select(Question).order_by(Question.asked_at, Question.kind))

    assert (opening.campaign, opening.person, opening.text) == (code, None, "")
    assert question.campaign == code


def test_codes_hold_nothing_that_looks_like_a_number() -> None:
    codes = {campaigns.new_code() for _ in range(500)}

    assert len(codes) == 500
    assert all(len(code) == campaigns.CODE_LENGTH and set(code) <= set(campaigns.CODE_LETTERS) for code in codes)


async def test_what_is_typed_behind_start_is_kept_nowhere_unless_it_is_a_campaign(here: Room) -> None:
    for typed in ("482_913_NguyenVanAn", "tran-thi-b", "matkhau-Abc123"):
        await here.says(f"/start {typed}")
        await here.says("phí tạm trú")

    async with here.database() as session:
        assert {row.campaign for row in await session.scalars(select(Question))} == {None}
