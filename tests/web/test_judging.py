"""Staff judge a week's sample: one at a time, several at once, with what each did last taken back."""

import datetime as dt

import pytest
from sqlalchemy import select

from faq.database import VIETNAM, Sessions
from faq.entries import Faq
from faq.models import Release, ReleaseState
from stats.endings import Ending
from stats.sampling import Sample
from tests.faq.samples import changed
from tests.web.cards import publish
from tests.web.fakes import Clock
from tests.web.test_pages import SCRIPT, ask
from tests.web.visits import Guest

MONDAY = dt.date(2026, 11, 16)
MOMENT = dt.datetime(2026, 11, 18, 9, 0, tzinfo=VIETNAM)
ANSWERED = {"ending": Ending.ANSWERED, "topic": "vneid", "entry": "vneid.cach-lam", "confidence": 0.9}


@pytest.fixture
async def week(made_sessions: Sessions, clock: Clock) -> None:
    """The clock stands in the week after one with sixty answered questions."""
    clock.now = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
    for number in range(60):
        await ask(made_sessions, MOMENT + dt.timedelta(minutes=number), f"câu {number}", **ANSWERED)


async def judged(sessions: Sessions) -> list[tuple[int, str | None, str | None]]:
    async with sessions() as session:
        rows = await session.scalars(select(Sample).where(Sample.verdict.is_not(None)).order_by(Sample.number))
        return [(sample.number, sample.verdict, sample.judged_by) for sample in rows]


async def test_question_is_shown_with_its_answer_and_judged(
    officer: Guest, week: None, made_sessions: Sessions
) -> None:
    page = (await officer.get("/cham")).text
    assert "Đã chấm 0/50" in page
    assert "16/11/2026 – 22/11/2026" in page
    for label in ("Đúng", "Đúng một phần", "Sai", "Không rõ"):
        assert f"</kbd> {label}</button>" in page

    answer = await officer.send("/cham", so="7", **{"ket-qua": "wrong"})

    assert answer.status_code == 303
    after = (await officer.get(answer.headers["location"])).text
    assert "Đã chấm 1/50" in after
    assert 'href="/faq/vneid.cach-lam/sua"' in after
    assert await judged(made_sessions) == [(7, "wrong", "lan")]


async def test_answer_is_that_of_the_release_that_was_live(
    officer: Guest, made_sessions: Sessions, clock: Clock, faq: Faq
) -> None:
    clock.now = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
    await publish(made_sessions, changed(faq, "vneid.cach-lam", short="Câu trả lời lúc ấy."), MOMENT)
    async with made_sessions.begin() as session:
        old = (await session.scalars(select(Release))).one()
        old.state, name = ReleaseState.PAST, old.name
    for number in range(3):
        await ask(made_sessions, MOMENT, f"câu {number}", release=name, **ANSWERED)

    page = (await officer.get("/cham")).text

    assert "Câu trả lời lúc ấy." in page
    assert f"theo bản công bố {name}, là nội dung lúc người dân hỏi" in page


async def test_answer_that_nobody_knows_any_more_is_said_to_be_todays(officer: Guest, week: None) -> None:
    assert "không còn biết nội dung lúc người dân hỏi" in (await officer.get("/cham")).text


async def test_last_one_is_taken_back_and_shown_again(officer: Guest, week: None, made_sessions: Sessions) -> None:
    await officer.send("/cham", so="7", **{"ket-qua": "right"})

    answer = await officer.send("/cham", "/cham/hoan-tac")

    assert answer.headers["location"].endswith("so=7")
    page = (await officer.get(answer.headers["location"])).text
    assert "Đã hoàn tác" in page
    assert 'name="so" value="7"' in page
    assert await judged(made_sessions) == []


async def test_whoever_is_slower_is_told(officer: Guest, week: None, made_sessions: Sessions) -> None:
    await officer.send("/cham", so="7", **{"ket-qua": "right"})

    answer = await officer.send("/cham", so="7", **{"ket-qua": "wrong"})

    assert "người khác chấm trước" in (await officer.get(answer.headers["location"])).text
    assert await judged(made_sessions) == [(7, "right", "lan")]


@pytest.mark.parametrize("fields", [{"so": "1", "ket-qua": "great"}, {"so": "x", "ket-qua": "right"}, {}])
async def test_odd_forms_are_refused(officer: Guest, week: None, fields: dict[str, str]) -> None:
    assert (await officer.send("/cham", **fields)).status_code == 400


@pytest.mark.parametrize("asked", ["2026-11-23", "2026-11-17", "2025-01-06", "hom-qua"])
async def test_only_weeks_that_are_over_are_judged(officer: Guest, week: None, asked: str) -> None:
    assert (await officer.get(f"/cham?tuan={asked}")).status_code == 404


async def test_result_has_its_interval_and_the_models_own_opinion(officer: Guest, week: None) -> None:
    for number, verdict in enumerate(["right"] * 8 + ["wrong", "half", "unclear"], 1):
        await officer.send("/cham", so=str(number), **{"ket-qua": verdict})

    page = (await officer.get("/cham/ket-qua")).text

    assert "11/50" in page
    assert "80,0 %" in page
    assert "49,0 % – 94,3 %" in page


async def test_week_without_questions_says_so(officer: Guest) -> None:
    assert "chưa có câu hỏi nào để chấm" in (await officer.get("/cham")).text


async def test_words_of_a_citizen_are_shown_as_words(officer: Guest, made_sessions: Sessions) -> None:
    offered = {"ending": Ending.OFFERED, "offered": ("vneid.cach-lam", "khong.con")}
    await ask(made_sessions, MOMENT, SCRIPT, **offered)

    page = (await officer.get("/cham")).text

    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "Bot hỏi lại" in page
    assert "khong.con" in page
