"""At the turn of a quarter pseudonyms change, nobody can link the two, and people still find all that is theirs."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from dialogue.chats import ChatRow
from faq.database import VIETNAM
from stats.feedback import Feedback
from stats.pseudonyms import Pseudonyms
from stats.questions import Forgotten, Question
from stats.rolling import ChangedDay, PersonNumber, Roller
from stats.sampling import Sample
from tests.dialogue.room import HOA, LAN, Room
from tests.stats.builders import asked

BEFORE = dt.datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM)
AFTER = dt.datetime(2027, 1, 1, 0, 0, 0, tzinfo=VIETNAM)


async def talked_over_new_year(here: Room) -> None:
    """Ask and judge an answer in both quarters, and choose a way of answering in each."""
    for now in (BEFORE, AFTER):
        here.now = now
        await here.says("/chu_lon")
        await here.says("phí tạm trú")
        await here.carries("n:dang-ky-tam-tru.le-phi")
        await here.says("/gop_y chữ nhỏ quá")


async def people(here: Room, table: type[Question | Feedback | ChatRow]) -> set[str | None]:
    async with here.database() as session:
        return set(await session.scalars(select(table.person)))


async def test_pseudonyms_change_at_midnight_of_the_place(here: Room) -> None:
    await talked_over_new_year(here)

    made = Pseudonyms("x")
    quarters = {made.in_quarter("telegram", LAN.person, at) for at in (BEFORE, AFTER)}
    assert len(quarters) == 2
    assert await people(here, Question) == quarters
    assert await people(here, Feedback) == quarters
    assert await people(here, ChatRow) == {made.of("telegram", LAN.person)}  # what was chosen goes on


async def test_reader_of_the_database_finds_no_value_that_links_two_quarters(here: Room) -> None:
    """Each value that could name somebody stands in rows of one quarter only, and choices share none with questions."""
    await talked_over_new_year(here)
    await Roller(here.database).refresh()

    names: dict[str, set[str]] = {"before": set(), "after": set(), "choices": set()}
    async with here.database() as session:
        for row in await session.scalars(select(Question)):
            names["before" if row.asked_at < AFTER else "after"] |= {str(row.person), row.id}
        for row in await session.scalars(select(Feedback)):
            names["before" if row.said_at < AFTER else "after"] |= {str(row.person), row.id}
        names["choices"] = set(await session.scalars(select(ChatRow.person)))
        numbered = dict((await session.execute(select(PersonNumber.person, PersonNumber.number))).all())

    assert not names["before"] & names["after"]
    assert not names["choices"] & (names["before"] | names["after"] | set(numbered))
    assert len(set(numbered.values())) == len(numbered) == 2


async def test_all_quarters_and_the_time_before_quarters_are_shown_and_removed(here: Room) -> None:
    old = Pseudonyms("x").of("telegram", LAN.person)
    here.now = BEFORE - dt.timedelta(days=200)
    await here.dialogue._record(asked(text="câu từ bản cũ", person=old, asked_at=here.now))
    await here.says("phí tạm trú", HOA)
    await talked_over_new_year(here)

    shown = (await here.says("/du_lieu_cua_toi")).reply.text
    assert "5 lượt hỏi, 4 lời nhận xét" in shown
    assert "câu từ bản cũ" in shown

    assert (await here.says("/xoa")).reply.text.startswith("Xong")
    hoa = Pseudonyms("x").in_quarter("telegram", HOA.person, BEFORE - dt.timedelta(days=200))
    assert await people(here, Question) == {hoa}
    assert await people(here, Feedback) == set()
    assert await people(here, ChatRow) == set()


async def test_what_was_counted_and_drawn_of_somebody_goes_too(here: Room) -> None:
    await here.says("phí tạm trú")
    await here.says("phí là bao nhiêu")
    await Roller(here.database).refresh()
    async with here.database.begin() as session:
        for number, question in enumerate(await session.scalars(select(Question).order_by(Question.text.desc()))):
            session.add(
                Sample(
                    monday=here.now.date(),
                    number=number,
                    question_id=question.id,
                    text=question.text,
                    ending=question.ending,
                    verdict="right" if number else None,
                )
            )

    await here.says("/xoa")

    async with here.database() as session:
        assert [(s.verdict, s.text) for s in await session.scalars(select(Sample))] == [("right", "")]
        assert await session.scalar(select(func.count()).select_from(PersonNumber)) == 0
        assert await session.get(ChangedDay, here.now.date()) is not None


@pytest.mark.parametrize(("days", "names"), [(0, 2), (6, 2), (8, 1)])
async def test_in_the_first_days_of_a_quarter_two_may_still_wait_on_a_disk(here: Room, days: int, names: int) -> None:
    here.now = AFTER + dt.timedelta(days=days)

    await here.says("/xoa")

    async with here.database() as session:
        forgotten = set(await session.scalars(select(Forgotten.person)))
    assert len(forgotten) == names
    assert Pseudonyms("x").of("telegram", LAN.person) not in forgotten
