"""Publishing from the pages: choose, prepare, a second person approves, roll back; and trying drafts beside what is live."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from dialogue.building import Parts
from dialogue.trying import NotLiveYet, without_accents, written_out
from faq.database import Sessions
from faq.drafting import save, standing
from faq.entries import SCAM_TOPIC, Faq
from faq.judging import Gate
from faq.lawmaking import replace
from faq.live import Live
from faq.models import Kind, Publication, PublicationState, Release, ReleaseState
from faq.rehearsing import FEWEST_ASKED
from faq.sheets import Piece
from stats.endings import Ending
from stats.lately import Lately
from tests.faq.paper import Desk, Said, sentences_of
from tests.faq.samples import changed
from tests.faq.small import small_of
from tests.web.fakes import Clock
from tests.web.test_pages import ask
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def small(faq: Faq) -> Faq:
    return small_of(faq)


@pytest.fixture
async def desk(made_sessions: Sessions, small: Faq, tmp_path: Path, clock: Clock) -> Desk:
    """What the background job works on; the small FAQ is live."""
    desk = Desk(made_sessions, tmp_path)
    desk.now, desk.sentences = clock(), sentences_of(small)
    await desk.draft(small)
    await desk.publisher.publish(author="cài đặt")
    return desk


@pytest.fixture
def app(parts: Parts, desk: Desk, settings: WebSettings, clock: Clock, passwords: Passwords) -> FastAPI:
    """The office, with the Rasa of paper."""
    return build(
        Parts(parts.dialogue, parts.faq, parts.sessions, desk.rasa), settings, clock=clock, passwords=passwords
    )


@pytest.fixture
async def approver(app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> AsyncIterator[Guest]:
    """Somebody else, who has logged in as `minh` and may approve."""
    async with made_sessions.begin() as session:
        await create_staff(session, "minh", password=PASSWORD, role=Role.APPROVER, passwords=passwords, now=clock())
    transport = httpx.ASGITransport(app, client=("10.0.0.2", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        minh = Guest(client)
        await minh.log_in("minh", PASSWORD)
        yield minh


def first(faq: Faq) -> str:
    return faq.entries[0].key


async def state(sessions: Sessions) -> str:
    async with sessions() as session:
        return str(await session.scalar(select(Publication.state).order_by(Publication.id.desc())))


async def test_loop_from_draft_to_live_and_back(
    officer: Guest, approver: Guest, desk: Desk, small: Faq, made_sessions: Sessions
) -> None:
    words = "zeppelin bay đâu"
    key, entry = first(small), small.entries[0]
    await desk.draft(changed(small, key, short="Câu mới.", examples=(*entry.examples, words)), author="lan")
    page = (await officer.get("/cong-bo")).text
    assert 'value="can-cuoc' in page
    assert "câu ví dụ" in page
    assert f'href="/faq/{key}/lich-su"' in page

    sent = await officer.send("/cong-bo", chon=key, ly_do="theo thông tư mới")
    one = sent.headers["location"]
    assert (sent.status_code, one) == (303, "/cong-bo/1")
    assert 'role="progressbar"' in (await officer.get(one)).text
    await desk.worker.prepare_next()

    mine = (await officer.get(one)).text
    assert "theo thông tư mới" in mine
    assert "câu sẽ được trả lời khác đi" in mine
    assert "Chờ người có vai trò duyệt" in mine
    theirs = (await approver.get(one)).text
    assert "Duyệt và công bố" in theirs
    assert (await officer.send(one, f"{one}/duyet")).status_code == 403
    assert (await approver.send(one, f"{one}/duyet")).status_code == 303
    await desk.worker.switch_next()

    assert await state(made_sessions) == PublicationState.LIVE
    releases = (await approver.get("/cac-ban")).text
    assert "minh duyệt" in releases
    assert "1 phần khác bản trước" in releases
    assert "Trở về như trước" in (await officer.get("/cac-ban/2026-11-23.1")).text


async def test_only_ones_own_drafts_are_ticked_and_others_are_named(officer: Guest, desk: Desk, small: Faq) -> None:
    mine, theirs = small.entries[0].key, small.entries[1].key
    await drafted(desk, mine, "lan")
    await drafted(desk, theirs, "hoa")

    page = (await officer.get("/cong-bo")).text

    assert re.search(rf'value="{mine}" checked', page)
    assert f'value="{theirs}"' in page
    assert not re.search(rf'value="{theirs}" checked', page)
    assert ("Bản nháp của anh/chị" in page, "Bản nháp của hoa" in page) == (True, True)


async def test_who_wrote_a_draft_that_another_publishes_is_told_why_the_button_is_missing(
    approver: Guest, officer: Guest, desk: Desk, small: Faq
) -> None:
    await drafted(desk, first(small), "minh")
    await officer.send("/cong-bo", chon=first(small), ly_do="sửa chữ")
    await desk.worker.prepare_next()

    page = (await approver.get("/cong-bo/1")).text
    refused = await approver.send("/cong-bo/1", "/cong-bo/1/duyet")

    assert ("đã viết hoặc sửa" in page, "/duyet" in page) == (True, False)
    assert (refused.status_code, "đã viết hoặc sửa" in refused.text) == (403, True)


async def drafted(desk: Desk, key: str, author: str) -> None:
    """Save a draft as somebody would on its card."""
    async with desk.sessions.begin() as session:
        now = await standing(session, key)
        piece = Piece(Kind.ENTRY, key, {**(now.content or {}), "short": f"Chữ của {author}."})
        await save(session, piece, base=now.version, author=author, now=desk.now)


async def test_losing_a_warning_stands_first_and_is_approved_with_a_tick_only(
    officer: Guest, approver: Guest, desk: Desk, small: Faq, made_sessions: Sessions
) -> None:
    scam = next(entry for entry in small.entries if entry.topic == SCAM_TOPIC)
    lost, taker = scam.examples[-1], small.entries[0]
    moved = changed(small, scam.key, examples=scam.examples[:-1])
    await desk.draft(changed(moved, taker.key, examples=(*taker.examples, lost)), author="lan")
    desk.gate = Gate(least_right=0.1, least_safe=0.1, worst_drop=0.9)
    desk.said = Said(lost, *(f"câu hỏi khác {n}" for n in range(FEWEST_ASKED)))
    form = {"csrf": await officer.token("/cong-bo"), "chon": [scam.key, taker.key], "ly_do": "chuyển câu ví dụ"}
    one = (await officer.client.post("/cong-bo", data=form)).headers["location"]
    await desk.worker.prepare_next()

    page = (await approver.get(one)).text
    assert page.index("1 câu mất cảnh báo lừa đảo") < page.index(f"«{lost}»") < page.index("Diễn tập<")
    without = await approver.send(one, f"{one}/duyet")
    assert (without.status_code, "đánh dấu đã xem rồi mới duyệt được" in without.text) == (400, True)
    assert await state(made_sessions) == PublicationState.PROPOSED
    assert (await approver.send(one, f"{one}/duyet", da_xem="1")).status_code == 303


async def test_release_made_by_a_replaced_document_says_so(
    officer: Guest, desk: Desk, small: Faq, made_sessions: Sessions, clock: Clock
) -> None:
    old, new = small.documents[0], small.documents[1]
    await replace(made_sessions, old.id, new.id, author="lan", now=clock() + dt.timedelta(minutes=1))

    page = (await officer.get("/cac-ban")).text

    assert f"ghi văn bản {old.number} đã được thay thế" in page
    assert page.index("2026-11-23.2") < page.index("2026-11-23.1")


async def live_name(sessions: Sessions) -> str:
    async with sessions() as session:
        return str(await session.scalar(select(Release.name).where(Release.state == ReleaseState.LIVE)))


async def test_one_press_goes_back_and_one_returns(
    officer: Guest, approver: Guest, desk: Desk, small: Faq, made_sessions: Sessions
) -> None:
    old, new = "2026-11-23.1", "2026-11-23.2"
    await desk.draft(changed(small, first(small), short="Câu mới."))
    await desk.publisher.publish(author="lan")
    assert f'action="/cac-ban/{old}/quay-lai"' not in (await officer.get("/cac-ban")).text
    assert (await officer.send("/cac-ban", f"/cac-ban/{old}/quay-lai")).status_code == 403
    assert (await approver.client.post(f"/cac-ban/{old}/quay-lai")).status_code == 403
    assert await live_name(made_sessions) == new

    done = (await approver.send("/cac-ban", f"/cac-ban/{old}/quay-lai")).headers["location"]

    assert await live_name(made_sessions) == old
    told = (await approver.get(done)).text
    assert f"Bản {old} đang chạy trở lại. Câu chữ của 1 mục đã đổi so với bản {new}" in told
    assert f"Chạy lại bản {new}" in told
    assert "Chạy lại bản" not in (await officer.get(done)).text
    assert (await desk.deeds())[-1] == "release.rolled_back"

    again = await approver.send(done, f"/cac-ban/{new}/quay-lai")
    assert await live_name(made_sessions) == new
    assert f"Bản {new} đang chạy trở lại" in (await approver.get(again.headers["location"])).text
    assert "đang chạy trở lại" not in (await approver.get(done)).text


async def test_who_presses_twice_is_told_the_same_and_an_unknown_release_changes_nothing(
    approver: Guest, desk: Desk, small: Faq, made_sessions: Sessions
) -> None:
    await desk.draft(changed(small, first(small), short="Câu mới."))
    await desk.publisher.publish(author="lan")
    back = "/cac-ban/2026-11-23.1/quay-lai"

    locations = {(await approver.send("/cac-ban", back)).headers["location"] for _ in range(2)}
    unknown = await approver.send("/cac-ban", "/cac-ban/2020-01-01.1/quay-lai")

    assert locations == {"/cac-ban?xong=2026-11-23.1"}
    assert (unknown.status_code, "Không quay lại được bản này" in unknown.text) == (409, True)
    assert await live_name(made_sessions) == "2026-11-23.1"


async def test_who_prepared_it_is_told_why_the_button_is_missing(
    approver: Guest, desk: Desk, small: Faq, settings: WebSettings, app: FastAPI
) -> None:
    await desk.draft(changed(small, first(small), short="Mới."), author="minh")
    await approver.send("/cong-bo", chon=first(small), ly_do="sửa chữ")
    await desk.worker.prepare_next()

    page = (await approver.get("/cong-bo/1")).text

    assert "không tự duyệt được" in page
    assert "/duyet" not in page
    assert "Không câu nào được nhận ra khác" in page
    refused = await approver.send("/cong-bo/1", "/cong-bo/1/duyet")
    assert (refused.status_code, "cần một người duyệt khác" in refused.text) == (403, True)
    alone = settings.model_copy(update={"one_person_office": True})
    object.__setattr__(app.state.office, "settings", alone)
    assert (await approver.send("/cong-bo/1", "/cong-bo/1/duyet")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"chon": "can-cuoc.khong-co", "ly_do": "x"}, "chưa chọn bản nháp nào"),
        ({"chon": "MINE"}, "ghi lý do công bố"),
        ({"chon": "MINE", "ly_do": "theo lời bà 0912345678"}, "dữ liệu cá nhân"),
    ],
)
async def test_what_cannot_be_asked_for_is_said(
    officer: Guest, desk: Desk, small: Faq, fields: dict[str, str], told: str
) -> None:
    await desk.draft(changed(small, first(small), short="Mới."))

    answer = await officer.send(
        "/cong-bo", **{name: value.replace("MINE", first(small)) for name, value in fields.items()}
    )

    assert answer.status_code == 400
    assert told in answer.text


async def test_faults_stand_beside_the_draft_that_causes_them(officer: Guest, desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Đến {khong-co}."))

    page = (await officer.get("/cong-bo")).text
    answer = await officer.send("/cong-bo", chon=first(small), ly_do="thử")

    assert "Phải sửa: không rõ {khong-co} là gì" in page
    assert (answer.status_code, "Còn lỗi phải sửa" in answer.text) == (400, True)


async def test_what_staff_typed_is_shown_as_text(officer: Guest, desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), question=f"Hỏi {SCRIPT}?"), author=SCRIPT)

    sent = await officer.send("/cong-bo", chon=first(small), ly_do=SCRIPT)
    await desk.worker.prepare_next()

    for path in ("/cong-bo", sent.headers["location"], "/cac-ban"):
        assert SCRIPT not in (await officer.get(path)).text


async def test_progress_is_a_piece_that_ends_by_loading_the_page(officer: Guest, desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Mới."))
    one = await officer.send("/cong-bo", chon=first(small), ly_do="sửa")
    path = f"{one.headers['location']}/tien-do"

    moving = await officer.get(path, **{"HX-Request": "true"})
    await desk.worker.prepare_next()
    done = await officer.get(path, **{"HX-Request": "true"})

    assert 'hx-trigger="every 2s"' in moving.text
    assert "HX-Refresh" not in moving.headers
    assert done.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.text
    assert (await officer.get(path)).headers["location"] == "/cong-bo/1"
    assert (await officer.get("/cong-bo/77")).status_code == 404


async def test_drafts_and_live_are_tried_side_by_side(
    officer: Guest, desk: Desk, small: Faq, made_sessions: Sessions
) -> None:
    entry, words = small.entries[0], "zeppelin bay đâu"
    await desk.draft(changed(small, entry.key, short="Câu mới.", examples=(*entry.examples, words)))

    text = (await officer.send("/so-sanh", cau_hoi=entry.examples[0])).text
    assert "Câu mới." in text
    assert "chưa được huấn luyện" in text
    assert text.count("Máy đoán") == 4

    await officer.send("/cong-bo", chon=entry.key, ly_do="thử")
    await desk.worker.prepare_next()
    text = (await officer.send("/so-sanh", cau_hoi=words)).text

    assert "vừa huấn luyện cho đợt số 1" in text
    assert "khác nhau" in text
    assert "Câu mới." in text


async def test_trying_is_recorded_nowhere_and_tells_what_was_hidden(
    officer: Guest, desk: Desk, made_sessions: Sessions
) -> None:
    text = (await officer.send("/so-sanh", cau_hoi="cccd của tôi 0912345678 hết hạn")).text

    assert "0912345678" not in text
    assert "[số điện thoại]" in text
    assert await Lately(made_sessions).sentences(dt.datetime(2000, 1, 1, tzinfo=dt.UTC), 10) == []


async def test_last_weeks_questions_are_real_different_and_without_marks(made_sessions: Sessions, clock: Clock) -> None:
    ago = clock() - dt.timedelta(days=1)
    await ask(made_sessions, ago, "làm căn cước [số điện thoại] ở đâu")
    await ask(made_sessions, clock(), "lệ phí", entry="can-cuoc.le-phi", ending=Ending.ANSWERED)
    await ask(made_sessions, clock(), "lệ phí", entry="can-cuoc.le-phi", ending=Ending.ANSWERED)
    await ask(made_sessions, clock(), "thử", channel="test", entry="can-cuoc.le-phi")
    await ask(made_sessions, clock() - dt.timedelta(days=40), "cũ", entry="can-cuoc.le-phi")
    await ask(made_sessions, clock(), "???")
    lately, since = Lately(made_sessions), clock() - dt.timedelta(days=28)

    assert set(await lately.sentences(since, 10)) == {"lệ phí", "làm căn cước ở đâu"}
    assert await lately.answered(since, ["can-cuoc.le-phi"]) == 2


async def test_candidate_is_asked_once_for_many_sentences(desk: Desk, tmp_path: Path) -> None:
    model = tmp_path / "m.tar.gz"
    model.write_text(json.dumps({"mot": "a.b"}))
    candidate = NotLiveYet(desk.rasa, model)

    await candidate.learn(["một", "mot"])
    model.unlink()

    best = (await candidate.parse("một")).best
    assert best is not None
    assert (best.intent, best.confidence) == ("a.b", 0.9)


def test_text_without_accents_and_short_forms(faq: Faq) -> None:
    live = Live(faq)
    form = faq.short_forms[0]

    assert without_accents("Đổi thẻ ở Đâu?") == "Doi the o Dau?"
    assert written_out(f"hỏi {form.short.upper()} với", live) == ((form.short, form.means),)
    assert written_out("không có gì", Live(faq.model_copy(update={"short_forms": ()}))) == ()
