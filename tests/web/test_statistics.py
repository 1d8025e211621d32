"""The statistics page and what is taken out of it: one number for one filter, whoever tells it; small counts hidden."""

import asyncio
import csv
import datetime as dt
import io
import json
import random
import re

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.audit import Deed
from faq.database import Sessions
from faq.models import Release, ReleaseState
from stats.__main__ import main
from stats.endings import Ending
from stats.inbox import InboxGroup
from stats.rolling import StaffPerson
from tests.stats.recounting import Recount, recount_stored
from tests.stats.weeks import close_gap, fill_inbox
from tests.web.fakes import Clock
from tests.web.test_pages import SCRIPT, ask
from tests.web.visits import Guest
from web.pages import statistics
from web.tokens import make_token

MONDAY = dt.date(2026, 11, 16)
WEEK = "from=2026-11-16&to=2026-11-22"
TOPICS = ("vneid", "dang-ky-tam-tru", "can-cuoc")
ENDINGS = ("answered", "answered", "answered", "offered", "not_understood", "out_of_scope", "personal_data")


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.timezone(dt.timedelta(hours=7)))


async def ask_often(made: Sessions, seed: int, count: int = 150) -> None:
    """Six weeks of questions, of many people and of few."""
    chance = random.Random(seed)
    for _ in range(count):
        topic = chance.choices(TOPICS, (6, 3, 1))[0]
        ending = Ending(chance.choice(ENDINGS))
        answered = ending == Ending.ANSWERED
        await ask(
            made,
            at(MONDAY - dt.timedelta(days=chance.randrange(-6, 35)), chance.randrange(24)),
            person=f"{chance.randrange(40):032d}",
            ending=ending,
            topic=topic if answered else None,
            entry=f"{topic}.la-gi" if answered else None,
            aspect="la-gi" if answered else None,
            channel=chance.choices(("telegram", "web", "test"), (7, 2, 1))[0],
            kind=chance.choices(("text", "button"), (5, 1))[0],
            confidence=0.9,
        )


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, what was just asked is counted."""
    monkeypatch.setattr(statistics, "PATIENCE", 60.0)
    monkeypatch.setattr(statistics.surveyed, "__kwdefaults__", {"patience": 60.0})


async def recounted(made: Sessions, topic: str = "") -> Recount:
    async with made() as session:
        return await recount_stored(session, MONDAY, MONDAY + dt.timedelta(days=6), topic)


def figure(said: dict, ident: str) -> dict:
    return next(one for one in said["figures"] if one["id"] == ident)


async def crowd(made: Sessions, count: int, *, day: dt.date = MONDAY, **fields: object) -> None:
    for number in range(count):
        await ask(made, at(day), person=f"{number:032d}", **fields)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("topic", ["", "vneid"])
async def test_whoever_tells_it_the_number_is_the_same(  # noqa: PLR0917 - fixtures
    officer: Guest,
    made_sessions: Sessions,
    engine: AsyncEngine,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    seed: int,
    topic: str,
) -> None:
    await ask_often(made_sessions, seed)
    query = WEEK + (f"&chu-de={topic}" if topic else "")

    page = (await officer.get(f"/thong-ke?{query}")).text
    said = (await officer.get(f"/thong-ke.json?{query}")).json()
    book = load_workbook(io.BytesIO((await officer.get(f"/thong-ke.xlsx?{query}")).content))
    async with made_sessions.begin() as session:
        token = await make_token(session, "thử", author="lan", now=clock())
    asked = f"/api/v1/figures?{WEEK}&topic={topic}"
    given = (await officer.get(asked, Authorization=f"Bearer {token}")).json()
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string())
    command = ["report", "--from", "2026-11-16", "--to", "2026-11-22", "--json", "-", "--topic", topic]
    assert await asyncio.to_thread(main, command) == 0
    printed = json.loads(capsys.readouterr().out)
    counted = await recounted(made_sessions, topic)

    everything = counted["all"].get("", {"questions": 0.0, "people": 0.0})
    for one in said["figures"]:
        if one["value"] is not None:
            assert one["value"] == pytest.approx(everything[one["id"]]), one["id"]
    assert given["rows"] == said["figures"] == printed["figures"]
    for name in ("endings", "topics", "entries", "aspects", "channels", "days", "hours"):
        assert printed[name] == said[name]
    rows = {row[0].value: row[1].value for row in book["Số liệu chính"].iter_rows(min_row=2)}
    for one in said["figures"]:
        assert rows[one["name"]] == (pytest.approx(one["value"]) if one["value"] is not None else one["mark"])
    for row in said["entries"]:
        if row["questions"] is not None:
            assert row["questions"] == counted["entry"][row["key"]]["questions"]
    headline = re.search(r'<span class="label">Câu hỏi</span>\s*<strong>([^<]*)</strong>', page)
    assert headline is not None
    questions = figure(said, "questions")
    shown = questions["mark"] if questions["value"] is None else f"{round(questions['value'])}"
    assert headline[1].replace("&lt;", "<") == shown


async def test_endings_add_up_to_the_total(officer: Guest, made_sessions: Sessions) -> None:
    for ending, count in ((Ending.ANSWERED, 20), (Ending.OFFERED, 9), (Ending.NOT_UNDERSTOOD, 7)):
        await crowd(made_sessions, count, ending=ending)
    await crowd(made_sessions, 6, ending=Ending.SMALL_TALK)

    said = (await officer.get(f"/thong-ke.json?{WEEK}")).json()

    assert sum(row["questions"] for row in said["endings"]) == figure(said, "questions")["value"] == 36
    assert figure(said, "small_talk")["value"] == 6


async def test_few_people_are_not_told_anywhere(officer: Guest, made_sessions: Sessions) -> None:
    await crowd(made_sessions, 20, ending=Ending.ANSWERED, topic="vneid", entry="vneid.la-gi")
    await crowd(made_sessions, 9, ending=Ending.ANSWERED, topic="can-cuoc", entry="can-cuoc.la-gi")
    await crowd(made_sessions, 3, ending=Ending.ANSWERED, topic="dang-ky-tam-tru", entry="dang-ky-tam-tru.la-gi")

    said = (await officer.get(f"/thong-ke.json?{WEEK}")).json()
    page = (await officer.get(f"/thong-ke?{WEEK}")).text

    assert {row["key"]: (row["questions"], row["mark"]) for row in said["topics"]} == {
        "vneid": (20, ""),
        "dang-ky-tam-tru": (None, "< 5"),
        "can-cuoc": (None, "ẩn"),
    }
    assert "&lt; 5" in page


@pytest.mark.parametrize("topic", ["dang-ky-tam-tru", "can-cuoc"])
async def test_topic_that_is_hidden_beside_others_is_not_told_alone(
    officer: Guest, made_sessions: Sessions, topic: str
) -> None:
    await crowd(made_sessions, 20, ending=Ending.ANSWERED, topic="vneid", entry="vneid.la-gi")
    await crowd(made_sessions, 9, ending=Ending.ANSWERED, topic="can-cuoc", entry="can-cuoc.la-gi")
    await crowd(made_sessions, 3, ending=Ending.ANSWERED, topic="dang-ky-tam-tru", entry="dang-ky-tam-tru.la-gi")

    said = (await officer.get(f"/thong-ke.json?{WEEK}&chu-de={topic}")).json()
    page = (await officer.get(f"/thong-ke?{WEEK}&chu-de={topic}")).text

    assert all(one["value"] is None for one in said["figures"])
    assert not said["days"]
    assert all(one["questions"] is None for one in said["hours"])
    assert "nên không nêu số liệu" in page


async def test_tests_and_staff_are_left_out_and_their_number_is_told(officer: Guest, made_sessions: Sessions) -> None:
    async with made_sessions.begin() as session:
        session.add(StaffPerson(person="c" * 32))
    await crowd(made_sessions, 8)
    await ask(made_sessions, at(MONDAY), person="c" * 32)
    for _ in range(2):
        await ask(made_sessions, at(MONDAY), channel="test", person=None)

    said = (await officer.get(f"/thong-ke.json?{WEEK}")).json()

    assert figure(said, "questions")["value"] == 8
    assert said["left_out"] == {"tests": 2, "staff": 1}
    assert "Không tính 2 câu hỏi thử và 1 câu hỏi của cán bộ." in (await officer.get(f"/thong-ke?{WEEK}")).text


async def test_difference_within_noise_is_no_change(officer: Guest, made_sessions: Sessions) -> None:
    for weeks, count in ((0, 30), (1, 27), (2, 28), (3, 31), (4, 29)):
        await crowd(made_sessions, count, day=MONDAY - dt.timedelta(weeks=weeks))

    questions = figure((await officer.get(f"/thong-ke.json?{WEEK}")).json(), "questions")

    assert (questions["value"], questions["before"], questions["mean_before"]) == (30, 27, 28.75)
    assert (questions["change"], questions["change_to_mean"]) == ("same", "same")


async def test_week_that_is_not_over_is_said_so_and_held_against_none(officer: Guest, made_sessions: Sessions) -> None:
    await crowd(made_sessions, 30, day=MONDAY)
    await crowd(made_sessions, 8, day=MONDAY + dt.timedelta(days=7))

    page = (await officer.get("/thong-ke?from=2026-11-23&to=2026-11-29")).text
    said = (await officer.get("/thong-ke.json?from=2026-11-23&to=2026-11-29")).json()

    assert "tuần chưa hết" in page
    assert said["unfinished"]
    assert figure(said, "questions")["change"] == "unknown"
    assert "Tình trạng lúc 10:00:00 ngày 23/11/2026" in page


async def test_days_that_have_not_come_are_said_so(officer: Guest, made_sessions: Sessions) -> None:
    await crowd(made_sessions, 8, day=MONDAY + dt.timedelta(days=7))

    this = (await officer.get("/thong-ke.json?from=2026-11-23&to=2026-11-29")).json()
    later = (await officer.get("/thong-ke?from=2026-12-07&to=2026-12-13")).text

    assert [(day["questions"], day["mark"]) for day in this["days"]] == [(8, ""), *[(None, "chưa đến")] * 6]
    page = (await officer.get("/thong-ke?from=2026-11-23&to=2026-11-29")).text
    assert '<tr><th scope="row">Thứ Ba</th><td class="num shade-0">–</td>' in page
    assert "chưa đến câu" not in page
    assert "Những ngày này chưa đến" in later
    assert "Quá ít người hỏi" not in later


async def test_page_begins_with_what_waits_for_somebody(officer: Guest, made_sessions: Sessions) -> None:
    await fill_inbox(made_sessions)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text

    first = page[page.index("Cần chú ý") : page.index("Số liệu chính")]
    assert re.search(r'Chưa xử lý: <a href="/hop-cau-hoi/\d+">đổi bằng lái ở đâu</a>', first)
    assert page.index("Cần chú ý") < page.index("Không tính 0 câu hỏi thử")


async def test_releases_are_held_against_none(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    values = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "lan", "created_at": clock()}
    async with made_sessions.begin() as session:
        session.add(Release(name="r1", state=ReleaseState.PAST, live_since=at(MONDAY, 12), **values))
    await crowd(made_sessions, 8, release="r1")

    page = (await officer.get(f"/thong-ke?{WEEK}")).text
    (row,) = (await officer.get(f"/thong-ke.json?{WEEK}")).json()["releases"]

    assert '<th scope="row">r1</th><td>12:00 ngày 16/11/2026</td><td class="num">8</td>' in page
    assert (row["before"], row["mean_before"], row["change"]) == (None, None, "unknown")


async def test_page_without_days_is_the_last_week_that_is_over(officer: Guest) -> None:
    page = (await officer.get("/thong-ke")).text

    assert "Từ 16/11/2026 đến 22/11/2026" in page
    assert 'aria-current="true">tuần trước</a>' in page


async def test_holidays_and_releases_are_told(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    release = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "lan", "created_at": clock()}
    async with made_sessions.begin() as session:
        live = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
        session.add(Release(name="2026-09-01-1", state=ReleaseState.LIVE, live_since=live, **release))
    await crowd(made_sessions, 8, day=dt.date(2026, 9, 2))

    page = (await officer.get("/thong-ke?from=2026-08-31&to=2026-09-06")).text

    assert "Quốc khánh (01/09/2026 – 02/09/2026)" in page
    assert "2026-09-01-1" in page


async def test_groups_without_an_answer_are_text(officer: Guest, made_sessions: Sessions) -> None:
    async with made_sessions.begin() as session:
        group = InboxGroup(text=SCRIPT, people=6, times=9, doubt=0.5, rank=3, first_at=at(MONDAY), last_at=at(MONDAY))
        session.add(group)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text

    assert SCRIPT not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "5–9" in page


async def test_gap_closed_leads_to_its_entry_and_is_in_the_files(officer: Guest, made_sessions: Sessions) -> None:
    await close_gap(made_sessions)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text
    data = (await officer.get(f"/thong-ke.json?{WEEK}")).json()
    book = load_workbook(io.BytesIO((await officer.get(f"/thong-ke.xlsx?{WEEK}")).content))

    assert "xe điện có phải đăng ký không</th><td>" in page
    assert "<td>10/11/2026</td><td>18/11/2026</td>" in page
    assert "khoảng 80 % (10–19 câu) → khoảng 0 % (5–9 câu)" in page
    assert [(gap["entry"], gap["live_day"]) for gap in data["gaps"]] == [("dang-ky-xe.xe-dien", "2026-11-18")]
    assert "xe điện" not in json.dumps(data, ensure_ascii=False), "what citizens write stays on the page"
    cells = {str(cell.value) for sheet in book for row in sheet for cell in row}
    assert {"xe điện có phải đăng ký không", "khoảng 80 % (10–19 câu)"} <= cells
    before = (await officer.get("/thong-ke?from=2026-11-09&to=2026-11-15")).text
    assert "chưa có câu trả lời bổ sung nào được công bố" in before


async def test_accuracy_checked_by_hand_stands_beside_the_models_own(officer: Guest, made_sessions: Sessions) -> None:
    await fill_inbox(made_sessions)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text
    data = (await officer.get(f"/thong-ke.json?{WEEK}")).json()
    other = (await officer.get("/thong-ke?from=2026-11-17&to=2026-11-23")).text

    assert "(16/11/2026 – 22/11/2026)" in page
    assert "<strong>85,1 %</strong> câu trả lời đúng (40/47 câu chọn ngẫu nhiên; khoảng 95 %: 72,3 % – 92,6 %)" in page
    assert (data["checked"][0]["right"], data["checked"][0]["drawn"]) == (40, 50)
    assert "tuần được chấm gần nhất (16/11/2026 – 22/11/2026)" in other
    later = (await officer.get("/thong-ke?from=2026-11-23&to=2026-11-29")).text
    assert "tuần được chấm gần nhất (16/11/2026 – 22/11/2026)" in later


async def test_group_leads_to_the_inbox_with_state_and_age(officer: Guest, made_sessions: Sessions) -> None:
    await fill_inbox(made_sessions)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text

    assert re.search(
        r'<a href="/hop-cau-hoi/\d+">đổi bằng lái ở đâu</a> <span class="tag">mới</span></th>'
        r'<td class="num">–</td><td class="num">20–49</td><td>chưa xử lý</td><td class="num">5 ngày</td>',
        page,
    )


async def test_workbook_holds_no_formula(officer: Guest, made_sessions: Sessions) -> None:
    async with made_sessions.begin() as session:
        group = InboxGroup(text="=1+1", people=6, times=9, doubt=0.5, rank=3, first_at=at(MONDAY), last_at=at(MONDAY))
        session.add(group)

    answer = await officer.get(f"/thong-ke.xlsx?{WEEK}")
    book = load_workbook(io.BytesIO(answer.content))

    assert 'filename="thong-ke-2026-11-16-2026-11-22.xlsx"' in answer.headers["content-disposition"]
    assert (book["Chưa trả lời được"]["A2"].value, book["Chưa trả lời được"]["A2"].data_type) == ("=1+1", "s")
    assert book["Theo ngày"]["A1"].value == "Từ ngày"


@pytest.mark.parametrize("ending", ["xlsx", "json"])
async def test_whoever_takes_figures_out_is_noted(officer: Guest, made_sessions: Sessions, ending: str) -> None:
    await officer.get(f"/thong-ke.{ending}?{WEEK}&chu-de=vneid")

    async with made_sessions() as session:
        deed = await session.scalar(select(Deed).where(Deed.act == "export.made"))
    assert deed is not None
    assert (deed.author, deed.subject) == ("lan", ending)
    assert deed.details == {"from": "2026-11-16", "to": "2026-11-22", "topic": "vneid"}


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-23&to=2026-11-01",
        "from=hôm-qua",
        "from=2020-01-01&to=2026-01-01",
        "from=0001-01-01",
        "chu-de=khong-co",
    ],
)
async def test_impossible_days_and_topics_are_said(officer: Guest, query: str) -> None:
    answer = await officer.get(f"/thong-ke?{query}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert (await officer.get(f"/thong-ke.xlsx?{query}")).status_code == 303


@pytest.fixture
async def token(made_sessions: Sessions, clock: Clock) -> str:
    async with made_sessions.begin() as session:
        return await make_token(session, "bảng theo dõi", author="hoa", now=clock())


async def test_csv_has_a_head_and_no_formula(guest: Guest, made_sessions: Sessions, token: str) -> None:
    await crowd(made_sessions, 8, ending=Ending.ANSWERED, topic="vneid", entry="=vneid", campaign="=1+1")

    answer = await guest.get(f"/api/v1/campaigns?{WEEK}&format=csv", Authorization=f"Bearer {token}")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    assert answer.headers["content-type"].startswith("text/csv")
    assert (rows[0]["key"], rows[0]["questions"]) == ("'=1+1", "8")


async def test_static_parts_of_the_page_need_no_inline_style(
    officer: Guest, made_sessions: Sessions, app: FastAPI
) -> None:
    await crowd(made_sessions, 8)

    page = (await officer.get(f"/thong-ke?{WEEK}")).text

    assert " style=" not in page
    assert "<script>" not in page
