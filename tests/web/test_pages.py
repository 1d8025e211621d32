"""What staff see: the overview, the FAQ, the try-out chat, the statistics, and pages for when something is wrong."""

import datetime as dt
import uuid
from collections.abc import Mapping

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from dialogue.building import Parts
from dialogue.kept import Kept
from faq.database import Sessions
from faq.entries import Faq
from faq.models import Release, ReleaseState
from faq.notices import Notices
from nlu.rasa_client import NluUnavailableError, RasaClient
from stats.endings import Ending
from stats.feedback import HELPFUL, NOT_HELPFUL
from stats.questions import Asked, Question, row
from stats.rolling import mark_changed
from tests.web.fakes import Clock, ScriptedRecogniser, rasa
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.pages.faq import Wanted
from web.settings import WebSettings

SCRIPT = "<script>alert(1)</script>"
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


async def ask(sessions: Sessions, moment: dt.datetime, text: str = "hỏi gì đó", **fields: object) -> None:
    """Write down a citizen's question."""
    values: Mapping[str, object] = {"channel": "telegram", "ending": Ending.NOT_UNDERSTOOD, "person": "a" * 32} | fields
    asked = Asked(id=uuid.uuid4().hex, asked_at=moment, text=text, **values)
    async with sessions.begin() as session:
        session.add(Question(**row(asked)))
        await mark_changed(session, [moment])


def only(headers: httpx.Headers) -> dict[str, str]:
    return {name: headers[name] for name in HEADERS}


@pytest.mark.parametrize("path", ["/", "/faq", "/thu", "/thong-ke", "/thong-ke.xlsx", "/suc-khoe", "/khong-co"])
async def test_every_answer_carries_the_headers(officer: Guest, path: str) -> None:
    answer = await officer.get(path)

    assert only(answer.headers) == HEADERS
    assert "permissions-policy" in answer.headers


@pytest.mark.parametrize("path", ["/", "/faq", "/faq/vneid.la-gi", "/thu", "/gop-y", "/thong-ke", "/dang-nhap"])
async def test_page_is_vietnamese_without_inline_script_or_style_or_other_hosts(officer: Guest, path: str) -> None:
    if path == "/dang-nhap":
        await officer.send("/thu", "/dang-xuat")

    page = (await officer.get(path)).text

    assert '<html lang="vi">' in page
    assert page.count("<script") == page.count('<script src="/static/')
    assert not [bad for bad in ("<style", " style=", " onclick=", 'src="http', 'stylesheet" href="http') if bad in page]


async def test_overview_tells_what_is_live_and_what_is_asked(
    officer: Guest, made_sessions: Sessions, clock: Clock, faq: Faq
) -> None:
    async with made_sessions.begin() as session:
        session.add(
            Release(
                name="2026-11-20.1",
                state=ReleaseState.LIVE,
                model_file="x.tar.gz",
                fingerprint="x",
                report={},
                author="lan",
                created_at=clock(),
                live_since=dt.datetime(2026, 11, 20, 7, 5, tzinfo=dt.UTC),
            )
        )
    for days, people in ((0, 3), (6, 7), (7, 9)):
        for number in range(people):
            await ask(made_sessions, clock() - dt.timedelta(days=days), person=f"{number:032x}")
    await ask(made_sessions, clock(), channel="test")

    page = (await officer.get("/")).text

    assert "2026-11-20.1" in page
    assert "14:05 ngày 20/11/2026" in page
    assert "<strong>&lt; 5</strong>" in page, "as few as on the statistics page"
    assert "<strong>10</strong>" in page
    week = (await officer.get("/thong-ke?from=2026-11-17&to=2026-11-23")).text
    assert 'href="/thong-ke?from=2026-11-17&amp;to=2026-11-23"' in page
    assert "<strong>10</strong>" in week
    assert faq.place.words["cong-an"] in page


async def test_overview_lists_what_staff_must_confirm(officer: Guest, faq: Faq) -> None:
    page = (await officer.get("/")).text

    assert faq.place.offices[0].name in page
    assert "thiếu địa chỉ, số điện thoại, giờ làm việc, trang chính thức" in page
    assert "Chưa công bố" in page
    assert f"Xem {sum(not e.confirmed for e in faq.entries)} câu trả lời" in page


async def test_overview_lists_reviews_that_are_due(officer: Guest, clock: Clock, faq: Faq) -> None:
    first = min(e.review_by for e in faq.entries if not e.is_small_talk)
    clock.now = dt.datetime.combine(first, dt.time(), dt.UTC) + dt.timedelta(days=1)
    await officer.log_in("lan", PASSWORD)

    page = (await officer.get("/")).text

    assert f"quá hạn từ {first:%d/%m/%Y}" in page


async def test_list_finds_words_without_accents(officer: Guest) -> None:
    page = (await officer.get("/faq?tim=vneid+la+gi&chu-de=vneid")).text

    assert 'href="/faq/vneid.la-gi"' in page
    assert 'value="vneid" selected' in page


async def test_what_is_searched_for_stands_best_first_and_nothing_unlike_it(officer: Guest) -> None:
    found = (await officer.get("/faq?tim=vneid+la+gi")).text
    none = (await officer.get("/faq?tim=tau+vu+tru+qua+xyzzy")).text

    assert "khớp nhất ở trên" in found
    first = found.partition('<ul class="rows card">')[2]
    assert first.partition("</a>")[0].count("/faq/vneid.la-gi") == 1
    assert "Không có mục nào khớp" in none
    assert '<ul class="rows card">' not in none


async def test_list_narrows_to_what_awaits_confirmation(officer: Guest, faq: Faq) -> None:
    page = (await officer.get("/faq?trang-thai=cho-kiem-tra")).text

    assert page.count("chờ xác nhận</span>") == sum(not e.confirmed for e in faq.entries)
    assert "đã xác nhận</span>" not in page


async def test_list_without_a_hit_says_so(officer: Guest) -> None:
    assert "Không tìm thấy mục nào" in (await officer.get("/faq?chu-de=khong-co")).text


async def test_search_words_are_shown_as_text(officer: Guest) -> None:
    page = (
        await officer.get(
            "/faq",
        )
    ).text + (await officer.client.get("/faq", params={"tim": SCRIPT})).text

    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


def test_wanted_knows_whether_it_leaves_anything_out() -> None:
    assert [Wanted("", "", "").narrowed, Wanted("a", "", "").narrowed] == [False, True]


async def test_every_entry_has_its_page_without_placeholders_left(officer: Guest, faq: Faq) -> None:
    broken = []
    for entry in faq.entries:
        answer = await officer.get(f"/faq/{entry.key}")
        if answer.status_code != 200 or faq.place.fill(entry.title) == "" or "{cong-an}" in answer.text:
            broken.append(entry.key)

    assert broken == []


async def test_chat_answers_on_the_whole_page_without_script(
    officer: Guest, recogniser: ScriptedRecogniser, faq: Faq, made_sessions: Sessions
) -> None:
    entry = next(e for e in faq.entries if e.key == "vneid.la-gi")
    recogniser.learn("vneid la gi", "vneid.la-gi")

    answer = await officer.send("/thu", cau_hoi="vneid la gi")
    page = (await officer.get("/thu")).text

    assert (answer.status_code, answer.headers["location"]) == (303, "/thu#moi-nhat")
    assert f"<b>{faq.place.fill(entry.question)}</b>" in page
    assert "97,0" in page
    async with made_sessions() as session:
        asked = (await session.scalars(select(Question))).one()
    assert (asked.channel, asked.entry) == ("test", "vneid.la-gi")


async def test_chat_sends_only_the_new_bubbles_to_htmx(officer: Guest, recogniser: ScriptedRecogniser) -> None:
    recogniser.learn("vneid la gi", "vneid.la-gi")
    await officer.send("/thu", cau_hoi="câu trước đó")

    answer = await officer.send("/thu", cau_hoi="vneid la gi", headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert answer.text.count('class="exchange"') == 1


async def test_chat_buttons_do_what_they_say_and_links_are_links(officer: Guest) -> None:
    answer = await officer.send("/thu", nut="e:vneid.la-gi", headers={"HX-Request": "true"})

    assert 'name="nut" value="m"' in answer.text
    assert 'rel="noopener noreferrer"' in answer.text


async def test_chat_shows_script_as_text_and_hides_personal_data(
    officer: Guest, recogniser: ScriptedRecogniser
) -> None:
    await officer.send("/thu", cau_hoi=f"{SCRIPT} số của tôi 0912345678")

    page = (await officer.get("/thu")).text

    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "0912345678" not in page + "".join(recogniser.heard)


async def test_chat_goes_on_without_understanding(officer: Guest, recogniser: ScriptedRecogniser) -> None:
    recogniser.broken = NluUnavailableError("down")

    await officer.send("/thu", cau_hoi="dang ky tam tru")

    assert "Hệ thống gián đoạn" in (await officer.get("/thu")).text


async def test_chats_of_two_visits_are_apart(app: FastAPI, officer: Guest, recogniser: ScriptedRecogniser) -> None:
    await officer.send("/thu", cau_hoi="một câu hỏi riêng")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        other = Guest(client)
        await other.log_in("lan", PASSWORD)
        page = (await other.get("/thu")).text

    assert "Chưa có câu hỏi nào" in page
    assert recogniser.heard == ["một câu hỏi riêng"]


async def test_partial_request_after_log_out_is_sent_to_the_log_in(guest: Guest) -> None:
    answer = await guest.get("/thu", **{"HX-Request": "true"})

    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/dang-nhap?next=/thu")


async def test_health_needs_no_log_in(guest: Guest) -> None:
    answer = await guest.get("/suc-khoe")

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "database": True, "nlu": True})


async def test_health_without_nlu_is_told(parts: Parts, settings: WebSettings) -> None:
    async with RasaClient(rasa(up=False)) as client:
        app = build(Parts(parts.dialogue, parts.faq, parts.sessions, client), settings)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as browser:
            answer = await browser.get("/suc-khoe")

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "database": True, "nlu": False})


async def test_database_down_gives_a_polite_page(officer: Guest, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE staff_sessions RENAME TO gone")

    answer = await officer.get("/")

    assert answer.status_code == 503
    assert "Tạm thời chưa kết nối được cơ sở dữ liệu" in answer.text
    assert "staff_sessions" not in answer.text


@pytest.mark.parametrize("path", ["/faq/vneid.khong-co", "/khong-co", "/thu/x"])
async def test_missing_page_is_a_polite_404(officer: Guest, path: str) -> None:
    answer = await officer.get(path)

    assert answer.status_code == 404
    assert "Không tìm thấy trang" in answer.text


async def test_broken_page_is_a_polite_500_without_traceback(
    app: FastAPI, officer: Guest, recogniser: ScriptedRecogniser, caplog: pytest.LogCaptureFixture
) -> None:
    recogniser.broken = RuntimeError("0912345678 bí mật")

    answer = await officer.send("/thu", cau_hoi="câu làm hỏng")

    assert answer.status_code == 500
    assert "Hệ thống gặp sự cố" in answer.text
    assert "Traceback" not in answer.text
    assert only(answer.headers) == HEADERS
    assert "bí mật" not in caplog.text
    assert "câu làm hỏng" not in caplog.text


async def test_huge_or_endless_body_is_refused(officer: Guest) -> None:
    async def endless():
        yield b"cau_hoi=a"

    huge = await officer.client.post("/thu", content=b"a" * 70_000)
    unmeasured = await officer.client.post("/thu", content=endless())

    assert (huge.status_code, unmeasured.status_code) == (413, 411)


async def test_static_files_are_there_and_may_be_kept(guest: Guest) -> None:
    answers = [
        await guest.get(f"/static/{name}")
        for name in (
            "office.css",
            "htmx.min.js",
            "chat.js",
            "icon.svg",
            "fonts/be-vietnam-pro-vietnamese-400-normal.woff2",
        )
    ]

    assert {(a.status_code, a.headers["cache-control"]) for a in answers} == {(200, "public, max-age=3600")}


async def test_answers_that_did_not_help_are_items_for_staff(
    officer: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    kept = Kept(made_sessions, clock=clock)
    for person, kind in (("a", NOT_HELPFUL), ("b", NOT_HELPFUL), ("c", HELPFUL)):
        reason = 1 if kind == NOT_HELPFUL else None
        question = f"phí bao nhiêu {SCRIPT}"
        await kept.rate(person, "telegram", kind, "dang-ky-tam-tru.le-phi", reason, question, None)
    await kept.rate("d", "test", NOT_HELPFUL, "vneid.la-gi", 1, "hỏi thử", None)
    await kept.remark("a", "telegram", f"chữ nhỏ quá {SCRIPT}", None)

    page = (await officer.get("/gop-y")).text

    assert "Khó hiểu: 2" in page
    assert 'href="/faq/dang-ky-tam-tru.le-phi"' in page
    assert "chữ nhỏ quá &lt;script&gt;" in page
    assert SCRIPT not in page
    assert "hỏi thử" not in page.split("<main", 1)[1]


async def test_overview_says_that_the_guide_is_stopped(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    await Notices(made_sessions, clock=clock).stop(f"Bảo trì {SCRIPT}", author="Minh")

    page = (await officer.get("/")).text

    assert "Bot đang tạm dừng." in page
    assert SCRIPT not in page
