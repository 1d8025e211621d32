"""A report counts every question once, in local days, and groups what got no answer."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.database import VIETNAM, Sessions
from stats.endings import Ending
from stats.questions import Asked, Question, row
from stats.reporting import Titles, UnansweredGroup, Wording, count_days, count_endings, group, report
from tests.stats.builders import asked

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 23)
TITLES = Titles({"can-cuoc.noi-lam": "Làm căn cước ở đâu?"}, {"can-cuoc": "Căn cước"})


async def store(sessions: Sessions, *questions: Asked) -> None:
    async with sessions.begin() as session:
        session.add_all(Question(**row(question)) for question in questions)


def local(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


async def test_report_of_nothing(sessions: Sessions) -> None:
    counted = await report(sessions, TITLES, FIRST, LAST)

    assert (counted.total, counted.people, counted.test_total, counted.mean_confidence) == (0, 0, 0, None)
    assert {item.count for item in counted.endings} == {0}
    assert len(counted.days) == 23
    assert (counted.topics, counted.entries, counted.unanswered) == ((), (), ())


async def test_totals_people_and_titles(sessions: Sessions) -> None:
    await store(
        sessions,
        asked(person="a" * 32, confidence=0.9),
        asked(person="a" * 32, confidence=0.5),
        asked(person="b" * 32, confidence=None, entry="x.y", topic="x"),
        asked(person=None, confidence=None, entry=None, topic=None, ending=Ending.MENU),
    )

    counted = await report(sessions, TITLES, FIRST, LAST)

    assert (counted.total, counted.people, counted.mean_confidence) == (4, 2, 0.7)
    assert [(t.title, t.count, t.share) for t in counted.topics] == [("Căn cước", 2, 0.5), ("x", 1, 0.25)]
    assert [(e.title, e.count) for e in counted.entries] == [("Làm căn cước ở đâu?", 2), ("x.y", 1)]
    assert {e.key: e.count for e in counted.endings if e.count} == {"answered": 3, "menu": 1}


async def test_both_days_are_included_in_local_time(sessions: Sessions) -> None:
    inside = (local(1, 0, 0), local(23, 23, 59))
    outside = (local(1, 0) - dt.timedelta(seconds=1), local(23, 23, 59) + dt.timedelta(minutes=1))
    await store(sessions, *(asked(asked_at=moment) for moment in (*inside, *outside)))

    counted = await report(sessions, TITLES, FIRST, LAST)

    assert counted.total == 2
    assert (counted.days[0].count, counted.days[-1].count) == (1, 1)
    assert sum(day.count for day in counted.days) == counted.total


async def test_test_channel_is_left_out_and_its_number_told(sessions: Sessions) -> None:
    await store(sessions, asked(), asked(channel="test"), asked(channel="test"))

    without, with_tests = [await report(sessions, TITLES, FIRST, LAST, with_tests=w) for w in (False, True)]

    assert (without.total, without.test_total) == (1, 2)
    assert (with_tests.total, with_tests.test_total) == (3, 2)


async def test_unanswered_questions_are_those_people_typed(sessions: Sessions) -> None:
    lost = {"ending": Ending.NOT_UNDERSTOOD, "text": "nuôi cá có phải xin phép không"}
    await store(sessions, asked(**lost), asked(**lost, kind="button"), asked(**lost, channel="test"), asked())

    counted = await report(sessions, TITLES, FIRST, LAST)

    assert counted.unanswered == (UnansweredGroup("nuôi cá có phải xin phép không", 1, 1),)


async def test_report_that_ends_before_it_begins_is_refused(sessions: Sessions) -> None:
    with pytest.raises(ValueError, match="before"):
        await report(sessions, TITLES, LAST, FIRST)


def test_nearly_the_same_questions_are_one_group() -> None:
    wordings = [
        Wording("Nuôi cá có phải xin phép không?", "a"),
        Wording("nuoi ca co phai xin phep khong", "b"),
        Wording("nuoi ca co phai xin phep khog", "a"),
        Wording("nuoi ca co phai xin phep khong", None),
        Wording("lịch cắt điện", "c"),
        Wording("!!!", "c"),
    ]

    assert group(wordings) == (
        UnansweredGroup("nuoi ca co phai xin phep khong", 4, 2),
        UnansweredGroup("lịch cắt điện", 1, 1),
    )


def test_part_of_a_question_and_another_number_are_not_the_same() -> None:
    texts = ("cccd", "làm cccd cho con ở đâu", "lên mức 1 thế nào", "lên mức 2 thế nào")

    assert len(group([Wording(text, None) for text in texts])) == 4


@given(st.lists(st.tuples(st.text(max_size=12), st.sampled_from(["a", "b", None]))))
def test_groups_lose_no_question(asked_texts: list[tuple[str, str | None]]) -> None:
    wordings = [Wording(*one) for one in asked_texts]
    readable = [w for w in wordings if group([w])]

    assert sum(g.count for g in group(wordings, longest=1000)) == len(readable)


@given(st.lists(st.sampled_from(Ending)))
def test_endings_add_up_to_the_total(endings: list[Ending]) -> None:
    counted = count_endings(endings)

    assert {item.key: item.count for item in counted if item.count} == Counter(endings)
    assert sum(item.share for item in counted) == pytest.approx(1 if endings else 0)


@given(st.lists(st.datetimes(dt.datetime(2026, 11, 1), dt.datetime(2026, 11, 22), timezones=st.just(dt.UTC))))
def test_days_add_up_to_the_total(moments: list[dt.datetime]) -> None:
    assert sum(day.count for day in count_days(moments, FIRST, LAST, VIETNAM)) == len(moments)
