"""What a weekly report says."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import update

from faq.database import VIETNAM, Sessions
from stats.comparing import Change
from stats.feedback import Feedback
from stats.figuring import Period, by, total
from stats.gaps import band
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting
from stats.published import Names, Published, publish
from stats.questions import Question
from stats.reports import sentences
from stats.rolling import TOPIC, Roller, StaffPerson, mark_changed
from tests.stats.weeks import MONDAY, NOW, ask_weeks, close_gap, fill_inbox, group

NAMES = Names(words={"phuong": "phường Cửa Lò"}, topics={"vneid": "Tài khoản VNeID"})


async def said(sessions: Sessions, monday: dt.date = MONDAY, now: dt.datetime = NOW) -> Published:
    async with sessions() as session:
        return await publish(session, monday, NAMES, now=now)


async def test_counts_are_those_of_the_roll_ups(sessions: Sessions) -> None:
    await ask_weeks(sessions)

    made = await said(sessions)

    async with sessions() as session:
        period = Period(MONDAY, MONDAY + dt.timedelta(6))
        whole, topics = await total(session, period), await by(session, period, TOPIC)
    assert made.line("questions").value == whole.questions
    assert made.line("people").value == whole.people
    assert made.line("answered_share").value == whole.share("answered")
    shown = {row.key: row.count for row in made.tables["topic"].rows if row.count is not None}
    assert shown
    assert shown == {key: topics[key].questions for key in shown}
    assert made.tests > 0


async def test_last_week_and_mean_are_those_of_the_weeks_before(sessions: Sessions) -> None:
    await ask_weeks(sessions)

    questions = (await said(sessions)).line("questions")

    async with sessions() as session:
        weeks = [await total(session, Period(MONDAY, MONDAY + dt.timedelta(6)).before(n)) for n in range(1, 5)]
    assert questions.last == weeks[0].questions
    assert questions.mean == sum(week.questions for week in weeks) / 4
    assert questions.change == Change.MORE


async def test_first_week_of_all_is_compared_with_none(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(60,))

    made = await said(sessions)

    assert made.earlier == ()
    assert made.line("questions").last is None
    assert made.line("questions").change == Change.UNKNOWN
    assert "chưa có tuần trước" in sentences.summary(made)[0]


async def test_week_without_all_of_its_days_says_so(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(60,))

    assert (await said(sessions, now=NOW - dt.timedelta(days=2))).partial
    assert not (await said(sessions)).partial


async def test_interval_stands_where_there_are_few(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(80, 900))

    many = await said(sessions)
    few = await said(sessions, MONDAY - dt.timedelta(7))

    assert many.line("answered_share").interval is None
    low, high = few.line("answered_share").interval or (1.0, 0.0)
    assert low < (few.line("answered_share").value or 0) < high


async def test_quiet_week_tells_no_number(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(3,))

    made = await said(sessions)

    assert all(line.value is None for line in made.lines if line.metric.id != "mean_confidence")
    assert sentences.summary(made)[0] == "Trong tuần có dưới 5 người hỏi; báo cáo không nêu số liệu chi tiết."


async def test_empty_week(sessions: Sessions) -> None:
    made = await said(sessions)

    assert "không ghi nhận câu hỏi nào" in sentences.summary(made)[0]


async def test_changes_within_noise_are_called_the_same(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(150, 150, 150, 150, 152))

    text = " ".join(sentences.summary(await said(sessions)))

    assert "tương đương tuần trước" in text
    assert "tăng so với" not in text
    assert "giảm so với" not in text


async def test_unanswered_groups_are_told_in_bands(sessions: Sessions) -> None:
    await fill_inbox(sessions)
    async with sessions.begin() as session:
        old = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
        session.add(group("hỏi đã lâu", first_at=old, last_at=old))

    made = await said(sessions)

    assert [(found.people, found.is_new) for found in made.groups] == [("20–49", True), ("5–9", True), ("< 5", True)]
    assert made.groups[0].days == 5


async def test_people_of_the_week_stand_beside_all(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        found = group("làm sổ đỏ", people=13)
        session.add(found)
        await session.flush()
        session.add(InboxMessage(folded="lam so do", group_id=found.id, text="làm sổ đỏ", vector={}))
        days = [dt.datetime(2026, 11, 18, 5, tzinfo=dt.UTC)] * 7 + [dt.datetime(2026, 11, 2, 5, tzinfo=dt.UTC)] * 6
        session.add_all(
            InboxSighting(id=f"{n}", folded="lam so do", person=f"{n:032x}", at=at, why="not_understood", doubt=1.0)
            for n, at in enumerate(days)
        )

    (told,) = (await said(sessions)).groups

    assert (told.people_now, told.people) == ("5–9", "10–19")


async def test_what_few_asked_is_not_repeated_in_public(sessions: Sessions) -> None:
    await fill_inbox(sessions)

    async with sessions() as session:
        made = await publish(session, MONDAY, NAMES, now=NOW, fewest=10)

    assert [found.text for found in made.groups] == ["đổi bằng lái ở đâu"]


async def test_gap_closed_shows_before_and_after(sessions: Sessions) -> None:
    await close_gap(sessions)

    made = await said(sessions)

    (gap,) = made.gaps
    assert (gap.first_day, gap.live_day) == (dt.date(2026, 11, 10), dt.date(2026, 11, 18))
    assert (gap.before, gap.after) == ("khoảng 80 % (10–19 câu)", "khoảng 0 % (5–9 câu)")
    assert made.new_entries == ("dang-ky-xe.xe-dien",)
    assert [release.name for release in made.releases] == ["r1", "r2"]


async def test_gap_of_one_person_who_asks_often_has_no_share(sessions: Sessions) -> None:
    await close_gap(sessions)
    async with sessions.begin() as session:
        await session.execute(update(Question).values(person="a" * 32))

    (gap,) = (await said(sessions)).gaps

    assert (gap.before, gap.after) == ("chưa đủ số liệu (< 5 người)",) * 2


@pytest.mark.parametrize(("people", "told"), [(10, 1), (9, 0)])
async def test_gap_that_few_met_is_not_told_in_public(sessions: Sessions, people: int, told: int) -> None:
    await close_gap(sessions)
    async with sessions.begin() as session:
        await session.execute(update(InboxGroup).values(people=people))

    made = await said(sessions)

    assert (len(made.gaps), len(made.public_gaps)) == (1, told)
    assert all(gap.after == "chưa đủ số liệu (< 10 người)" for gap in made.public_gaps)


async def test_accuracy_is_that_of_the_sample(sessions: Sessions) -> None:
    await fill_inbox(sessions)

    made = await said(sessions)

    assert made.accuracy is not None
    assert (made.accuracy.drawn, made.accuracy.judged, made.accuracy.right) == (50, 47, 40)
    assert "85,1 % (40/47 câu đúng; khoảng tin cậy 95 %: 72,3 % đến 92,6 %)" in sentences.accuracy(made)


async def test_week_that_nobody_judged_prints_the_last_that_was(sessions: Sessions) -> None:
    await fill_inbox(sessions)

    made = await said(sessions, MONDAY + dt.timedelta(14), NOW + dt.timedelta(14))

    text = sentences.accuracy(made)
    assert "tuần được chấm gần nhất (16/11/2026 – 22/11/2026): 85,1 %" in text
    before = await said(sessions, MONDAY - dt.timedelta(7))
    assert "chưa chấm" in sentences.accuracy(before), "what was judged later is not told of an earlier week"


async def test_answer_that_is_only_written_is_said_to_be(sessions: Sessions) -> None:
    await close_gap(sessions)
    decided = {"decision": Decision.NEW_ENTRY, "decided_at": NOW, "target": "vneid.mot-muc"}
    async with sessions.begin() as session:
        session.add(group("chỉ mới soạn", people=6, **decided))
        await session.execute(update(InboxGroup).values(last_at=dt.datetime(2026, 11, 18, 5, tzinfo=dt.UTC)))

    states = {found.text: found.state for found in (await said(sessions)).groups}

    assert states["chỉ mới soạn"] == "đã soạn mục mới, chưa công bố"
    assert states["xe điện có phải đăng ký không"] == "đã có mục mới, công bố từ 18/11/2026"


async def test_source_of_the_weeks_before_is_told_as_it_is(sessions: Sessions) -> None:
    await ask_weeks(sessions)

    made = await said(sessions)

    assert "chưa có báo cáo" in sentences.compared_with(made)
    assert "theo báo cáo đã lập của các tuần ấy" in sentences.compared_with(replace(made, reported=4))
    assert "1 tuần lấy theo báo cáo" in sentences.compared_with(replace(made, reported=1))


async def test_entries_that_helped_least_are_told_if_enough_say_so(sessions: Sessions) -> None:
    at = dt.datetime(2026, 11, 18, 5, tzinfo=dt.UTC)
    values = {"said_at": at, "channel": "telegram", "kind": "not_helpful", "text": ""}
    async with sessions.begin() as session:
        for entry, people in (("vneid.mot-muc", 6), ("vneid.muc-hai", 4)):
            session.add_all(
                Feedback(id=f"{entry}{n}", person=f"{n:032x}", entry=entry, **values) for n in range(people)
            )

    assert (await said(sessions)).unhelpful == (("vneid.mot-muc", "5–9"),)


async def test_nobody_has_judged_yet(sessions: Sessions) -> None:
    assert "chưa chấm" in sentences.accuracy(await said(sessions))


async def test_staff_are_left_out_and_counted(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(200,))
    async with sessions.begin() as session:
        session.add_all(StaffPerson(person=f"{n:032x}") for n in range(10))
        await mark_changed(
            session, [dt.datetime.combine(MONDAY + dt.timedelta(n), dt.time(9), VIETNAM) for n in range(7)]
        )
    await Roller(sessions).refresh()

    made = await said(sessions)

    assert made.staff > 0
    assert made.line("answered_share").of == made.line("questions").value


async def test_holidays_are_named(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(60,))

    made = await said(sessions, dt.date(2026, 8, 31))

    assert [holiday.name for holiday in made.holidays] == ["Quốc khánh", "Quốc khánh"]


@pytest.mark.parametrize(
    ("people", "fewest", "told"),
    [(1, 5, "< 5"), (5, 5, "5–9"), (19, 5, "10–19"), (9, 10, "< 10"), (10, 10, "10–19"), (5000, 5, "từ 1000")],
)
def test_bands(people: int, fewest: int, told: str) -> None:
    assert band(people, fewest) == told
