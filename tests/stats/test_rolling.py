"""Roll-ups say what the records say: as they arrive, late, after somebody was forgotten, and when made anew."""

import datetime as dt
import uuid

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from faq.database import VIETNAM, Sessions
from stats.endings import Ending
from stats.feedback import HELPFUL, Feedback
from stats.questions import Asked, Question, row
from stats.rolling import (
    ALL,
    CAMPAIGN,
    ENTRY,
    EVERYTHING,
    EXCLUDED,
    HOUR,
    STAFF,
    TESTS,
    TOPIC,
    ChangedDay,
    DayCell,
    Roller,
    StaffPerson,
    Stored,
    _joined,
    mark_changed,
    packed,
    united,
)
from stats.spans import DAY, MONTH, QUARTER, WEEK

MONDAY = dt.date(2026, 11, 23)
MORNING = dt.datetime(2026, 11, 23, 8, 30, tzinfo=VIETNAM)


async def store(sessions: Sessions, moment: dt.datetime = MORNING, **fields: object) -> str:
    values: dict[str, object] = {"channel": "telegram", "ending": Ending.ANSWERED, "person": "a" * 32} | fields
    asked = Asked(id=uuid.uuid4().hex, asked_at=moment, text="hỏi", **values)  # type: ignore[arg-type]
    async with sessions.begin() as session:
        session.add(Question(**row(asked)))
        await mark_changed(session, [moment])
    return asked.id


def roller_on(sessions: Sessions, today: dt.date = MONDAY + dt.timedelta(days=7)) -> Roller:
    return Roller(sessions, clock=lambda: dt.datetime.combine(today, dt.time(9), VIETNAM))


async def cell(
    sessions: Sessions,
    dim: str = ALL,
    key: str = EVERYTHING,
    *,
    topic: str = EVERYTHING,
    level: str = DAY,
    day: dt.date = MONDAY,
) -> DayCell | None:
    async with sessions() as session:
        return await session.get(DayCell, (level, day, topic, dim, key))


async def test_question_is_counted_under_all_that_it_is(sessions: Sessions) -> None:
    await store(sessions, topic="vneid", entry="vneid.la-gi", aspect="la-gi", campaign="cho-hom", confidence=0.9)

    assert await roller_on(sessions).refresh() == 1

    for place in (
        await cell(sessions),
        await cell(sessions, TOPIC, "vneid"),
        await cell(sessions, ENTRY, "vneid.la-gi", topic="vneid"),
        await cell(sessions, HOUR, "0 08"),
        await cell(sessions, CAMPAIGN, "cho-hom"),
        await cell(sessions, level=WEEK),
    ):
        assert place is not None
        assert (place.answered, place.sure_sum, united([place.people])) == (1, 900_000, 1)


async def test_same_person_counts_once_in_a_day_and_in_a_week(sessions: Sessions) -> None:
    for days in (0, 0, 2):
        await store(sessions, MORNING + dt.timedelta(days=days))
    await store(sessions, person="b" * 32)

    await roller_on(sessions).refresh()

    week = await cell(sessions, level=WEEK)
    assert week is not None
    assert (week.answered, united([week.people])) == (4, 2)


async def test_tests_and_staff_are_counted_apart(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        session.add(StaffPerson(person="c" * 32))
    await store(sessions, channel="test")
    await store(sessions, person="c" * 32)

    await roller_on(sessions).refresh()

    assert await cell(sessions) is None
    tests, staff = await cell(sessions, EXCLUDED, TESTS), await cell(sessions, EXCLUDED, STAFF)
    assert tests is not None
    assert staff is not None
    assert (tests.answered, staff.answered) == (1, 1)


async def test_buttons_and_small_talk_are_no_questions(sessions: Sessions) -> None:
    await store(sessions, kind="button")
    await store(sessions, ending=Ending.SMALL_TALK)

    await roller_on(sessions).refresh()

    total = await cell(sessions)
    assert total is not None
    assert (total.answered, total.small_talk, total.pressed, total.people) == (0, 1, 1, b"")


async def test_whether_it_helped_is_counted_with_the_answer(sessions: Sessions) -> None:
    said = {"person": "a" * 32, "channel": "telegram", "kind": HELPFUL, "entry": "vneid.la-gi", "text": ""}
    async with sessions.begin() as session:
        session.add(Feedback(id="1", said_at=MORNING, **said))
        await mark_changed(session, [MORNING])

    await roller_on(sessions).refresh()

    for place in (
        await cell(sessions),
        await cell(sessions, ENTRY, "vneid.la-gi"),
        await cell(sessions, TOPIC, "vneid"),
    ):
        assert place is not None
        assert place.helpful == 1


async def test_late_record_is_counted_on_its_day(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await roller.refresh()
    await store(sessions, MORNING, person="b" * 32)

    assert await roller.refresh() == 1

    total = await cell(sessions)
    assert total is not None
    assert total.answered == 2


async def test_day_belongs_to_the_place_and_not_to_the_server(sessions: Sessions) -> None:
    await store(sessions, dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC))

    await roller_on(sessions).refresh()

    assert await cell(sessions, HOUR, "0 00") is not None


async def test_nothing_changed_is_nothing_to_count(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await roller.refresh()

    assert await roller.refresh() == 0


async def test_change_while_counting_leaves_the_day_marked(sessions: Sessions) -> None:
    await store(sessions)
    roller = roller_on(sessions)
    async with sessions() as session:
        times = await session.scalar(select(ChangedDay.times))
    await store(sessions)

    await roller._count_again(MONDAY, times or 0)

    assert await roller.refresh() == 1


async def test_rebuilding_finds_what_is_not_as_the_records_say(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await roller.refresh()
    assert await roller.rebuild([MONDAY]) == []
    async with sessions.begin() as session:
        await session.execute(update(DayCell).where(DayCell.dim == ALL).values(answered=7))

    found = await roller.rebuild([MONDAY])

    assert {(m.level, m.where.dim) for m in found} == {(DAY, ALL), (WEEK, ALL)}
    assert await roller.rebuild([MONDAY]) == []


async def test_rebuilding_passes_over_what_arrives_meanwhile(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await roller.refresh()
    counted, stored_then = roller._counted, []

    async def counted_late(day: dt.date) -> Stored:
        if not stored_then:
            stored_then.append(await store(sessions, person="b" * 32))
        return await counted(day)

    roller._counted = counted_late  # type: ignore[method-assign]

    assert await roller.rebuild([MONDAY]) == []
    total = await cell(sessions)
    assert total is not None
    assert total.answered == 2


async def test_days_that_were_never_counted_are_found(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await store(sessions, MORNING - dt.timedelta(days=40), channel="test")
    async with sessions.begin() as session:
        await session.execute(delete(ChangedDay))

    assert await roller.refresh() == 2
    assert await roller_on(sessions).refresh() == 0
    assert await cell(sessions, level=WEEK) is not None


async def test_longer_spans_are_added_up_once_they_are_over(sessions: Sessions) -> None:
    await store(sessions)
    await roller_on(sessions, MONDAY).refresh()
    assert await cell(sessions, level=WEEK) is None

    december = roller_on(sessions, dt.date(2026, 12, 1))
    await december.refresh()
    month = await cell(sessions, level=MONTH, day=dt.date(2026, 11, 1))
    assert month is not None
    assert month.answered == 1

    await store(sessions, person="b" * 32)
    await roller_on(sessions, dt.date(2027, 1, 1)).refresh()
    quarter = await cell(sessions, level=QUARTER, day=dt.date(2026, 10, 1))
    assert quarter is not None
    assert (quarter.answered, united([quarter.people])) == (2, 2)


async def test_who_counted_less_does_not_take_the_mark_away(sessions: Sessions) -> None:
    """Two processes count at a time: what the slower one read is older than what the faster one wrote."""
    await store(sessions)
    slow, fast = roller_on(sessions), roller_on(sessions)
    counted, arrived = slow._counted, []

    async def counted_early(day: dt.date) -> Stored:
        early = await counted(day)
        if not arrived:
            arrived.append(await store(sessions, person="b" * 32))
            await fast.refresh()
            arrived.append(await store(sessions, person="c" * 32))
        return early

    slow._counted = counted_early  # type: ignore[method-assign]
    await slow.refresh()
    await slow.refresh()

    total = await cell(sessions)
    assert total is not None
    assert total.answered == 3


async def test_number_that_is_none_does_not_stop_the_counting(sessions: Sessions) -> None:
    await store(sessions, confidence=float("inf"))

    await roller_on(sessions).refresh()

    total = await cell(sessions)
    assert total is not None
    assert (total.answered, total.sure_count) == (1, 0)


async def test_removed_records_are_no_longer_counted(sessions: Sessions) -> None:
    roller = roller_on(sessions)
    await store(sessions)
    await roller.refresh()
    async with sessions.begin() as session:
        await session.execute(delete(Question))
        await mark_changed(session, [MORNING])

    await roller.refresh()

    assert await cell(sessions) is None


async def test_confidence_is_of_answers_and_offers(sessions: Sessions) -> None:
    for ending in (Ending.ANSWERED, Ending.OFFERED, Ending.NOT_UNDERSTOOD, Ending.OUT_OF_SCOPE, Ending.SMALL_TALK):
        await store(sessions, ending=ending, confidence=0.5)

    await roller_on(sessions).refresh()

    total = await cell(sessions)
    assert total is not None
    assert (total.sure_sum, total.sure_count) == (1_000_000, 2)


@given(st.lists(st.sets(st.integers(0, 300) | st.integers(0, 2**32 - 1), max_size=40), max_size=4))
def test_people_of_several_cells_are_united(cells: list[set[int]]) -> None:
    everybody = set[int]().union(*cells)

    assert united(map(packed, cells)) == len(everybody)
    assert not cells or _joined([packed(cell) for cell in cells]) == packed(everybody)
