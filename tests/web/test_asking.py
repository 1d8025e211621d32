"""What citizens find at /hoi: the same answers as on Telegram, without log-in, without script, and nothing kept."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

import web
from dialogue.chats import ChatRow
from dialogue.commands import COMMANDS
from faq.database import Sessions
from faq.entries import English, Faq
from faq.live import Live
from nlu.rasa_client import NluUnavailableError
from stats.feedback import Feedback
from stats.questions import Question
from tests.faq.samples import changed
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.test_pages import HEADERS, SCRIPT, only
from tests.web.visits import Guest
from web.office import PER_CROWD, PER_VISIT
from web.pages.asking import WAIT
from web.wording import catalogue

IDENTITY = "040099012345"
"""Of nobody: made up for this test."""


@pytest.fixture
def entry(faq: Faq):
    return next(e for e in faq.entries if e.key == "vneid.la-gi")


@pytest.fixture
def citizen(guest: Guest, recogniser: ScriptedRecogniser) -> Guest:
    recogniser.learn("vneid la gi", "vneid.la-gi")
    return guest


async def another(app: FastAPI, scheme: str = "http") -> Guest:
    return Guest(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://office"))


async def asked(sessions: Sessions) -> list[Question]:
    async with sessions() as session:
        return list(await session.scalars(select(Question).order_by(Question.asked_at)))


async def test_question_is_answered_on_the_page_and_counted(
    citizen: Guest, entry, faq: Faq, made_sessions: Sessions
) -> None:
    answer = await citizen.send("/hoi", cau_hoi="vneid la gi")
    page = (await citizen.get("/hoi")).text

    assert (answer.status_code, answer.headers["location"]) == (303, "/hoi#moi-nhat")
    assert "vneid la gi</h3>" in page
    assert f"<b>{faq.place.fill(entry.question)}</b>" in page
    assert '<li id="moi-nhat" tabindex="-1">' in page
    (question,) = await asked(made_sessions)
    assert (question.channel, question.kind, question.entry) == ("web", "text", "vneid.la-gi")
    assert question.person not in citizen.client.cookies["hd_hoi"]


async def test_first_page_has_the_topics_and_records_nothing(guest: Guest, faq: Faq, made_sessions: Sessions) -> None:
    page = (await guest.get("/hoi")).text

    assert 'name="nut" value="t:canh-bao-lua-dao"' in page
    assert faq.place.words["cong-an"] in page
    assert await asked(made_sessions) == []


async def test_pressed_button_answers_under_its_label(guest: Guest, faq: Faq) -> None:
    await guest.send("/hoi", nut="t:vneid")
    await guest.send("/hoi", nut="e:vneid.la-gi")
    first = (await guest.get("/hoi")).text
    found = re.search(r'name="nut" value="(e:[^"]+)">([^<]+)<', first.partition('id="moi-nhat"')[2])
    assert found
    await guest.send("/hoi", nut=found[1])
    page = (await guest.get("/hoi")).text

    chosen = next(e for e in faq.entries if f"e:{e.key}" == found[1])
    assert "Tài khoản VNeID</h3>" in first
    assert f"{found[2]}</h3>" in page
    assert faq.place.fill(chosen.question) in page


async def test_buttons_that_open_a_page_are_links(guest: Guest, entry) -> None:
    await guest.send("/hoi", nut="d:1:vneid.la-gi")

    page = (await guest.get("/hoi")).text

    assert f'<a class="key" href="{entry.links[0].url}" rel="noopener noreferrer external">' in page


@pytest.mark.parametrize(
    ("typed", "said", "shown"),
    [
        ("/menu", "/menu", "Ông/bà muốn"),
        ("/HELP", "/help", "Khẩn cấp"),
        ("/start to-roi-01", "/start", "Xin chào"),
        (f"/{IDENTITY}", "/…", "/help"),
    ],
)
async def test_commands_work_when_typed(guest: Guest, typed: str, said: str, shown: str) -> None:
    await guest.send("/hoi", cau_hoi=typed)

    page = (await guest.get("/hoi")).text

    assert f"{said}</h3>" in page
    assert shown in page
    assert IDENTITY not in page


@pytest.mark.parametrize("name", list(COMMANDS))
async def test_every_command_of_the_table_works_when_typed_and_its_argument_is_not_shown(
    guest: Guest, name: str
) -> None:
    answer = await guest.send("/hoi", cau_hoi=f"/{name} số {IDENTITY}")
    page = (await guest.get("/hoi")).text

    assert answer.status_code == 303
    assert f"/{name}</h3>" in page
    assert IDENTITY not in page


async def test_page_forgets_with_the_dialogue(citizen: Guest) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    await citizen.send("/hoi", cau_hoi="/xoa")
    typed = (await citizen.get("/hoi")).text
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    await citizen.send("/hoi", nut="f")
    pressed = (await citizen.get("/hoi")).text

    assert "vneid la gi</h3>" not in typed
    assert "vneid la gi</h3>" not in pressed


async def test_personal_data_is_hidden_from_page_and_records_and_logs(
    guest: Guest, made_sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")

    await guest.send("/hoi", cau_hoi=f"tôi mất thẻ số {IDENTITY}")
    await guest.send("/hoi", cau_hoi="x" * 990 + f" {IDENTITY}")

    page = (await guest.get("/hoi")).text
    assert "[số định danh]" in page
    assert IDENTITY[:10] not in page + str([vars(q) for q in await asked(made_sessions)])
    assert "thẻ" not in "".join(r.getMessage() for r in caplog.records if r.name.split(".")[0] in {"web", "dialogue"})


async def test_hostile_words_are_shown_as_text(guest: Guest) -> None:
    hostile = f'"><h1>a</h1>{SCRIPT}<img src=x onerror=alert(1)>'

    await guest.send("/hoi", cau_hoi=hostile)
    page = (await guest.get("/hoi")).text

    assert "&lt;h1&gt;a&lt;/h1&gt;" in page
    assert not [bad for bad in ("<script", "<img src=x", "<h1>a") if bad in page]


@pytest.mark.parametrize("pressed", ["e:khong-co.gi", "d:99999999:x", "l:<b>", "💥" * 30, "\x00"])
async def test_button_that_never_was_leads_to_the_menu(guest: Guest, pressed: str) -> None:
    answer = await guest.send("/hoi", nut=pressed)

    assert answer.status_code == 303
    assert 'value="t:vneid"' in (await guest.get("/hoi")).text


async def test_nothing_asked_is_nothing(guest: Guest, made_sessions: Sessions) -> None:
    answer = await guest.send("/hoi", cau_hoi="  ")

    assert answer.headers["location"] == "/hoi"
    assert await asked(made_sessions) == []


async def test_without_understanding_the_words_are_searched(guest: Guest, recogniser: ScriptedRecogniser) -> None:
    recogniser.broken = NluUnavailableError("down")

    await guest.send("/hoi", cau_hoi="đăng ký tạm trú cần giấy tờ gì")
    page = (await guest.get("/hoi")).text

    assert "Lúc này tôi chưa đọc được cả câu" in page
    assert page.count('value="e:') == 3


async def test_page_works_without_the_database(citizen: Guest, engine: AsyncEngine, faq: Faq, entry) -> None:
    async with engine.begin() as connection:
        for table in ("questions", "releases", "staff_sessions"):
            await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone_{table}")

    await citizen.send("/hoi", cau_hoi="vneid la gi")

    assert faq.place.fill(entry.question) in (await citizen.get("/hoi")).text


async def test_language_is_switched_for_this_visit_only(app: FastAPI, guest: Guest) -> None:
    await guest.send("/hoi", nut="l:en")
    await guest.send("/hoi", nut="m")
    page = (await guest.get("/hoi")).text

    assert '<html lang="en">' in page
    assert '<label for="cau-hoi">Your question</label>' in page
    assert '<html lang="vi">' in (await (await another(app)).get("/hoi")).text


async def test_english_page_promises_no_more_and_no_less_than_there_is(guest: Guest) -> None:
    await guest.send("/hoi", nut="l:en")

    page = (await guest.get("/hoi")).text

    assert "many answers are in English" in page
    assert "type in Vietnamese" not in page
    assert "explains in Vietnamese" not in page


async def test_vietnamese_answer_on_the_english_page_is_marked_as_such(app: FastAPI, citizen: Guest, faq: Faq) -> None:
    app.state.office.parts.faq._live = Live(changed(faq, "vneid.la-gi", english=None))
    await citizen.send("/hoi", nut="l:en")
    await citizen.send("/hoi", cau_hoi="vneid la gi")

    assert '<div class="answer" lang="vi">' in (await citizen.get("/hoi")).text


async def test_answer_that_is_in_english_is_not_marked_as_vietnamese(app: FastAPI, citizen: Guest, faq: Faq) -> None:
    english = English(title="VNeID", question="What is VNeID?", short="An app.")
    app.state.office.parts.faq._live = Live(changed(faq, "vneid.la-gi", english=english))
    await citizen.send("/hoi", nut="l:en")
    await citizen.send("/hoi", nut="e:vneid.la-gi")

    page = (await citizen.get("/hoi")).text

    assert "What is VNeID?" in page
    assert '<div class="answer">' in page
    assert '<div class="answer" lang="vi">' not in page


async def test_cookie_is_short_kept_from_scripts_and_secure_over_https(app: FastAPI, guest: Guest) -> None:
    over_http = (await guest.get("/hoi")).headers["set-cookie"]
    over_https = (await (await another(app, "https")).get("/hoi")).headers["set-cookie"]

    for part in ("hd_hoi=", "HttpOnly", "SameSite=lax", "Max-Age=1800", "Path=/hoi"):
        assert part in over_https
        assert part in over_http
    assert "Secure" in over_https
    assert "Secure" not in over_http


@pytest.mark.parametrize("forged", ["", "short", "x" * 500, "<script>aaaaaaaaaaaaaaaaaaaaaaaaa"])
async def test_visit_that_we_did_not_name_is_named_anew(guest: Guest, forged: str) -> None:
    answer = await guest.get("/hoi", Cookie=f"hd_hoi={forged}")

    assert re.search(r"hd_hoi=[\w-]{32};", answer.headers["set-cookie"])
    assert "x" * 500 not in answer.text


async def test_form_of_another_visit_or_of_another_page_is_refused_politely(
    app: FastAPI, guest: Guest, recogniser: ScriptedRecogniser
) -> None:
    foreign = await (await another(app)).token("/hoi")
    await guest.get("/hoi")

    answers = [
        await guest.client.post("/hoi", data={"cau_hoi": "a", "csrf": token})
        for token in (foreign, await guest.token("/dang-nhap"), "", "é")
    ]

    assert {a.status_code for a in answers} == {403}
    assert all("Trang này mở đã lâu" in a.text and 'href="/hoi"' in a.text for a in answers)
    assert recogniser.heard == []


async def test_conversation_is_forgotten_after_half_an_hour(citizen: Guest, clock: Clock, app: FastAPI) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    clock.pass_by(minutes=29)
    still = (await citizen.get("/hoi")).text
    clock.pass_by(minutes=2)
    after = (await citizen.get("/hoi")).text

    assert "vneid la gi</h3>" in still
    assert "vneid la gi</h3>" not in after
    assert app.state.office.visits._kept == {}


async def test_conversation_can_be_removed_at_once(citizen: Guest, app: FastAPI) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    visit = citizen.client.cookies["hd_hoi"]

    answer = await citizen.send("/hoi", "/hoi/xoa")
    page = (await citizen.get("/hoi")).text

    assert answer.headers["location"] == "/hoi"
    assert "vneid la gi</h3>" not in page
    assert citizen.client.cookies["hd_hoi"] != visit


async def test_conversation_that_is_removed_leaves_no_row(
    app: FastAPI, citizen: Guest, made_sessions: Sessions
) -> None:
    other = await another(app)
    await other.send("/hoi", nut="t:vneid")
    await citizen.send("/hoi", nut="l:en")
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    await citizen.send("/hoi", nut="n:vneid.la-gi")
    await citizen.send("/hoi", cau_hoi="/gop_y rất dễ hiểu")

    await citizen.send("/hoi", "/hoi/xoa")

    async with made_sessions() as session:
        assert (await session.scalars(select(Feedback))).all() == []
        assert (await session.scalars(select(ChatRow))).all() == []
        (question,) = await session.scalars(select(Question))
    assert question.topic == "vneid"


async def test_conversation_that_cannot_be_removed_now_is_said_to_be_there_and_can_be_removed_later(
    citizen: Guest, engine: AsyncEngine, made_sessions: Sessions
) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    visit = citizen.client.cookies["hd_hoi"]

    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE questions RENAME TO gone")
    await citizen.send("/hoi", "/hoi/xoa")
    page = (await citizen.get("/hoi")).text
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO questions")

    assert "vneid la gi</h3>" not in page
    assert "Lúc này tôi chưa với tới được chỗ lưu" in page
    assert citizen.client.cookies["hd_hoi"] == visit
    await citizen.send("/hoi", "/hoi/xoa")
    assert await asked(made_sessions) == []
    assert "hd_hoi" not in citizen.client.cookies


async def test_first_page_shows_what_staff_have_to_tell(app: FastAPI, citizen: Guest, clock: Clock) -> None:
    notices = app.state.office.notices
    await notices.give("Thứ bảy làm thẻ ở <nhà văn hóa>.", author="lan", last_day=clock().date())

    first = (await citizen.get("/hoi")).text
    await citizen.send("/hoi", nut="m")
    later = (await citizen.get("/hoi")).text

    assert "<b>Thứ bảy làm thẻ ở &lt;nhà văn hóa&gt;.</b> (đến hết 23/11/2026)" in first
    assert first.index("Thứ bảy") < first.index('id="cau-hoi"')
    assert 'value="t:vneid"' in first
    assert "Thứ bảy" not in later


async def test_first_page_of_a_stopped_guide_says_why_and_offers_no_topics(app: FastAPI, guest: Guest) -> None:
    await app.state.office.notices.stop("Đang sửa mục lệ phí.", author="lan")

    page = (await guest.get("/hoi")).text

    assert "Lý do: Đang sửa mục lệ phí." in page
    assert "113" in page
    assert 'value="t:vneid"' not in page


async def test_conversations_of_two_visits_are_apart(app: FastAPI, citizen: Guest) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")

    assert "vneid la gi</h3>" not in (await (await another(app)).get("/hoi")).text


async def test_search_engines_see_the_form_and_no_conversation(citizen: Guest) -> None:
    empty = await citizen.get("/hoi")
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    talk = await citizen.get("/hoi")

    assert "noindex" not in empty.text + empty.headers.get("x-robots-tag", "")
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in talk.text
    assert talk.headers["x-robots-tag"] == "noindex, nofollow, noarchive"


async def test_who_asks_too_fast_is_asked_to_wait_and_keeps_what_was_typed(
    guest: Guest, clock: Clock, recogniser: ScriptedRecogniser
) -> None:
    for _ in range(PER_VISIT.attempts):
        assert (await guest.send("/hoi", nut="m")).status_code == 303

    answer = await guest.send("/hoi", cau_hoi=f"mất thẻ {IDENTITY}")

    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= PER_VISIT.seconds
    assert 'role="alert"' in answer.text
    assert 'value="mất thẻ [số định danh]"' in answer.text
    assert recogniser.heard == []


async def test_crowd_behind_one_address_is_let_in_up_to_a_point(app: FastAPI) -> None:
    gate = app.state.office.by_crowd
    for _ in range(PER_CROWD.attempts):
        gate.note("127.0.0.1")

    answer = await (await another(app)).send("/hoi", nut="m")

    assert answer.status_code == 429


@pytest.mark.parametrize(("method", "path"), [("GET", "/hoi"), ("GET", "/hoi/khac"), ("PUT", "/hoi"), ("POST", "/hoi")])
async def test_headers_are_as_strict_as_everywhere(guest: Guest, method: str, path: str) -> None:
    answer = await guest.client.request(method, path)

    assert only(answer.headers) == HEADERS
    assert "trang tổng quan" not in answer.text


async def test_page_has_no_script_no_inline_style_and_no_other_host(citizen: Guest) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")

    page = (await citizen.get("/hoi")).text

    assert not [bad for bad in ("<script", "<style", " style=", " onclick=", "javascript:", 'src="http') if bad in page]


async def test_broken_page_is_polite_and_tells_no_words(
    guest: Guest, recogniser: ScriptedRecogniser, caplog: pytest.LogCaptureFixture
) -> None:
    recogniser.broken = RuntimeError("câu làm hỏng")

    answer = await guest.send("/hoi", cau_hoi="câu làm hỏng")

    assert answer.status_code == 500
    assert "Trang gặp trục trặc" in answer.text
    assert "câu làm hỏng" not in caplog.text + answer.text


async def test_huge_body_is_refused_politely(guest: Guest) -> None:
    answer = await guest.client.post("/hoi", content=b"a" * 70_000)

    assert answer.status_code == 413
    assert "Câu hỏi quá dài" in answer.text


async def test_every_field_and_group_has_a_name_and_headings_are_in_order(citizen: Guest) -> None:
    await citizen.send("/hoi", cau_hoi="vneid la gi")
    page = (await citizen.get("/hoi")).text

    assert re.findall(r"<h(\d)", page) == ["1", "2", "3"]
    assert '<label for="cau-hoi">' in page
    assert page.index('class="skip"') < page.index("<header")
    assert all("aria-label=" in form or 'class="ask"' in form or 'class="leave"' in form
               for form in re.findall(r"<form[^>]*>", page))  # fmt: skip


def test_english_catalogue_holds_what_the_page_says_and_no_more() -> None:
    template = (Path(web.__file__).parent / "templates/asking.html").read_text("utf-8")

    assert set(catalogue("en")) == {*re.findall(r'say\("([^"]+)"\)', template), WAIT}
    assert all(catalogue("en").values())
