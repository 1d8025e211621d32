"""Documents, notices, the stop, links and the first page, as staff use them."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from faq.audit import Deed
from faq.database import Sessions
from faq.entries import Faq
from faq.link_checking import LinkChecker
from faq.models import Draft, LinkCheck, Publication, PublicationState
from faq.notices import LONGEST
from stats.inbox import InboxGroup
from tests.faq.test_lawmaking import found
from tests.faq.test_link_checking import Web, away, no_sleep
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.visits import ABOUT_WORK, PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff
from web.working import Job, working

SCRIPT = "<script>alert(1)</script>"
OLD, OTHER = "75-2022-tt-btc", "26-2023-qh15"
LOST = "Văn bản làm căn cứ"


@pytest.fixture
async def approver(app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> AsyncIterator[Guest]:
    async with made_sessions.begin() as session:
        await create_staff(session, "duyet", password=PASSWORD, role=Role.APPROVER, passwords=passwords, now=clock())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        guest = Guest(client)
        await guest.log_in("duyet", PASSWORD)
        yield guest


async def deeds(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as session:
        return [(d.author, d.act) for d in await session.scalars(select(Deed).where(ABOUT_WORK).order_by(Deed.id))]


async def test_document_is_replaced_in_one_action_and_citizens_are_told(
    approver: Guest, made_sessions: Sessions, faq: Faq, recogniser: ScriptedRecogniser
) -> None:
    await found(made_sessions, faq)
    recogniser.learn("le phi tam tru", "dang-ky-tam-tru.le-phi")
    page = f"/van-ban/{OLD}"
    before = await approver.send("/thu", cau_hoi="le phi tam tru", headers={"HX-Request": "true"})

    fields = {"document": "moi", "number": "12/2027/TT-BTC", "name": f"Thông tư {SCRIPT}",
              "in_force_from": "2026-11-01", "url": "https://vanban.chinhphu.vn/?docid=1"}  # fmt: skip
    look = await approver.send(page, f"{page}/thay-the", **fields)
    assert "Xem lại trước khi ghi" in look.text
    assert LOST in look.text
    assert await deeds(made_sessions) == []
    done = await approver.send(page, f"{page}/thay-the", sure="1", **fields)
    after = await approver.send("/thu", cau_hoi="le phi tam tru", headers={"HX-Request": "true"})
    shown = (await approver.get(done.headers["location"])).text

    assert LOST not in before.text
    assert LOST in after.text
    assert "Người dân được nhắc từ tin nhắn kế tiếp" in shown
    assert SCRIPT not in shown
    assert "12/2027/TT-BTC" in shown
    lost = (await approver.get("/faq?trang-thai=can-cu-thay-the")).text
    assert 'href="/faq/dang-ky-tam-tru.le-phi"' in lost
    assert 'href="/faq/vneid.la-gi"' not in lost
    assert "Căn cứ đã bị thay thế" in (await approver.get("/")).text
    assert OLD in (await approver.get("/van-ban?loc=thay-the")).text

    await approver.send(page, f"{page}/bo-thay-the")
    again = await approver.send("/thu", cau_hoi="le phi tam tru", headers={"HX-Request": "true"})
    assert LOST not in again.text
    assert [act for _, act in await deeds(made_sessions)] == [
        "document.added",
        "document.replaced",
        "document.removed",
        "document.restored",
    ]
    assert "12/2027/TT-BTC" not in (await approver.get("/van-ban")).text


async def test_document_that_comes_into_force_later_is_told_of_from_that_day(
    approver: Guest, made_sessions: Sessions, faq: Faq, clock: Clock, recogniser: ScriptedRecogniser
) -> None:
    await found(made_sessions, faq)
    recogniser.learn("le phi tam tru", "dang-ky-tam-tru.le-phi")
    page = f"/van-ban/{OLD}"
    fields = {"document": "moi", "number": "12/2027/TT-BTC", "name": "Thông tư", "in_force_from": "2026-11-25"}
    await approver.send(page, f"{page}/thay-the", sure="1", **fields)

    before = await approver.send("/thu", cau_hoi="le phi tam tru", headers={"HX-Request": "true"})
    clock.now = dt.datetime(2026, 11, 24, 17, 1, tzinfo=dt.UTC)  # one minute past midnight in Vietnam
    await approver.log_in("duyet", PASSWORD)
    after = await approver.send("/thu", cau_hoi="le phi tam tru", headers={"HX-Request": "true"})

    assert LOST not in before.text
    assert LOST in after.text


async def test_preview_of_a_day_ahead_warns_only_where_that_day_is_forgotten(officer: Guest) -> None:
    page = (await officer.get("/faq/cap-doi-cap-lai-can-cuoc.le-phi")).text

    assert "Từ 01/01/2027" in page
    assert LOST not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"document": ""}, "Chọn văn bản thay thế"),
        ({"document": OLD}, "chính văn bản này"),
        ({"document": "moi", "number": "1/2027/TT", "name": ""}, "Phải ghi mục này"),
        ({"document": "moi", "number": "1/2027/TT", "name": "x", "url": "https://evil.com/"}, "bắt đầu bằng https://"),
        ({"document": "moi", "number": "1/2027/TT", "name": "x", "in_force_from": "mai"}, "Ngày chưa đúng"),
        ({"document": "moi", "number": "1/2027/TT", "name": "gọi 0912345678"}, "thông tin riêng"),
        ({"document": "moi", "number": "gọi 0912345678", "name": "Thông tư"}, "thông tin riêng"),
    ],
)
async def test_fault_stands_beside_its_field_and_what_was_typed_stays(
    approver: Guest, made_sessions: Sessions, faq: Faq, fields: dict[str, str], said: str
) -> None:
    await found(made_sessions, faq)

    answer = await approver.send(f"/van-ban/{OLD}", f"/van-ban/{OLD}/thay-the", **fields)

    assert answer.status_code == 400
    assert answer.text.count(said) == 2
    assert 'aria-invalid="true"' in answer.text
    assert await deeds(made_sessions) == []


async def test_documents_are_found_by_number_and_by_words(officer: Guest) -> None:
    by_number = (await officer.get("/van-ban?tim=26/2023")).text
    by_words = (await officer.get("/van-ban?tim=luat+can+cuoc")).text
    nothing = (await officer.client.get("/van-ban", params={"tim": SCRIPT})).text

    assert 'href="/van-ban/26-2023-qh15"' in by_number
    assert 'href="/van-ban/68-2020-qh14"' not in by_number
    assert 'href="/van-ban/26-2023-qh15"' in by_words
    assert SCRIPT not in nothing
    assert "Không tìm thấy văn bản nào" in nothing


async def test_document_shows_what_cites_it_and_editors_no_button(officer: Guest, faq: Faq) -> None:
    page = (await officer.get(f"/van-ban/{OLD}")).text

    lists = {visit.entries[0] for visit in faq.visits if any(c.document == OLD for c in visit.law)}
    for entry in faq.entries:
        cites = entry.key in lists or any(c.document == OLD for c in entry.law)
        assert (f'href="/faq/{entry.key}"' in page) is cites, entry.key
    assert "/thay-the" not in page
    assert "cần vai trò duyệt" in page
    assert (await officer.get("/van-ban/khong-co")).status_code == 404


APPROVERS_ONLY = (
    f"/van-ban/{OLD}/thay-the",
    f"/van-ban/{OLD}/bo-thay-the",
    "/thong-bao",
    "/thong-bao/bo",
    "/thong-bao/dung",
    "/thong-bao/chay-lai",
)


@pytest.mark.parametrize("path", APPROVERS_ONLY)
async def test_editors_may_not_and_forms_of_other_sites_do_not(officer: Guest, approver: Guest, path: str) -> None:
    token = await officer.token("/")

    assert (await officer.client.post(path, data={"csrf": token, "reason": "x", "text": "x"})).status_code == 403
    assert (await approver.client.post(path, data={"csrf": "0" * 64, "text": "x"})).status_code == 403


async def test_without_a_release_nothing_is_replaced_and_it_is_said(approver: Guest) -> None:
    answer = await approver.send(f"/van-ban/{OLD}", f"/van-ban/{OLD}/thay-the", document=OTHER)

    assert answer.status_code == 400
    assert "Chưa có bản công bố" in answer.text


async def test_notice_is_looked_at_given_and_withdrawn(approver: Guest, made_sessions: Sessions) -> None:
    text = f"Thứ bảy làm thẻ ở nhà văn hóa {SCRIPT}"
    look = await approver.send("/thong-bao", text=text, last_day="2026-12-01", act="xem")
    assert look.status_code == 200
    assert "Xem trước: người dân sẽ thấy" in look.text
    assert "(đến hết 01/12/2026)" in look.text
    assert await deeds(made_sessions) == []

    given = await approver.send("/thong-bao", text=text, last_day="2026-12-01", act="gui")
    shown = (await approver.get(given.headers["location"])).text
    asked = await approver.send("/thong-bao", "/thong-bao/bo", number="1")
    assert "Bỏ thông báo này?" in asked.text
    await approver.send("/thong-bao", "/thong-bao/bo", number="1", sure="1")

    assert "Đã ghi thông báo" in shown
    assert SCRIPT not in shown
    assert await deeds(made_sessions) == [("duyet", "notice.set"), ("duyet", "notice.withdrawn")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "Thông báo đang trống"),
        ({"text": "a" * (LONGEST + 1)}, "Dài quá"),
        ({"text": "Vào http://evil.com"}, ".gov.vn"),
        ({"text": "x", "last_day": "2026-11-01"}, "Ngày cuối"),
        ({"text": "x", "first_day": "mai"}, "Ngày chưa đúng"),
        ({"text": "Gặp ông Nguyễn Văn An, căn cước 040095001234"}, "thông tin riêng"),
    ],
)
async def test_notice_that_cannot_be_is_refused_and_kept_in_the_form(
    approver: Guest, made_sessions: Sessions, fields: dict[str, str], said: str
) -> None:
    answer = await approver.send("/thong-bao", act="gui", **fields)

    assert answer.status_code == 400
    assert said in answer.text
    assert await deeds(made_sessions) == []


async def test_coming_notice_is_listed_and_not_told_yet(approver: Guest, app: FastAPI) -> None:
    await approver.send("/thong-bao", text="Tuần sau nghỉ lễ.", first_day="2026-12-01", act="gui")

    page = (await approver.get("/thong-bao")).text

    assert "Sắp tới" in page
    assert (await app.state.office.notices.standing()) == []


async def test_stop_needs_a_reason_and_a_second_look(approver: Guest, made_sessions: Sessions, app: FastAPI) -> None:
    without = await approver.send("/thong-bao", "/thong-bao/dung", reason=" ")
    look = await approver.send("/thong-bao", "/thong-bao/dung", reason="Đang sửa lệ phí.")
    assert (without.status_code, look.status_code) == (400, 200)
    assert "Phải ghi lý do" in without.text
    assert "Đang sửa lệ phí." in look.text
    assert "113" in look.text
    assert await app.state.office.notices.standing() == []

    await approver.send("/thong-bao", "/thong-bao/dung", reason="Đang sửa lệ phí.", sure="1")
    home, page = (await approver.get("/")).text, (await approver.get("/thong-bao")).text
    await approver.send("/thong-bao", "/thong-bao/chay-lai")

    assert "Bot đang tạm dừng" in home
    assert "python -m faq" not in home
    assert "Cho chạy lại" in page
    assert await app.state.office.notices.standing() == []
    assert await deeds(made_sessions) == [("duyet", "stop.set"), ("duyet", "stop.ended")]


async def test_first_page_counts_what_waits(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    now = clock()
    async with made_sessions.begin() as session:
        session.add(Draft(key="vneid.la-gi", kind="entry", content=None, author="lan", updated_at=now))
        states = (PublicationState.PROPOSED, PublicationState.LIVE)
        session.add_all(Publication(state=s, drafts={}, why="", author="lan", created_at=now) for s in states)
        group = {"people": 3, "times": 4, "doubt": 0.5, "rank": 1.5, "first_at": now, "last_at": now}
        session.add_all([InboxGroup(text="a", **group), InboxGroup(text="b", decision="ignored", **group)])

    page = (await officer.get("/")).text

    for what in ("Bản nháp chưa công bố", "Lần công bố chờ duyệt", "Nhóm câu hỏi chờ xử lý"):
        assert f'<span class="label">{what}</span><strong>1</strong>' in page


async def test_failing_links_are_on_the_first_page_and_checked_again(
    officer: Guest, app: FastAPI, made_sessions: Sessions, clock: Clock, faq: Faq
) -> None:
    document = next(d for d in faq.documents if d.url)
    url = str(document.url)
    async with made_sessions.begin() as session:
        session.add(
            LinkCheck(url=url, checked_at=clock(), status=404, trouble="trang trả lỗi 404", failing_since=clock())
        )
    here = app.state.office
    object.__setattr__(here, "links", LinkChecker(made_sessions, clock=clock, http=Web(), sleep=no_sleep))

    before = (await officer.get("/")).text
    answer = await officer.send("/", "/lien-ket")
    await asyncio.gather(*here.background)

    assert "1 trang chính thức không mở được" in before
    assert document.number in before
    assert answer.status_code == 303
    assert "không mở được" not in (await officer.get("/")).text
    async with made_sessions() as session:
        assert await session.scalar(select(Deed.author).where(Deed.act == "links.checked")) == "lan"


async def test_viewers_see_what_waits_without_buttons(  # noqa: PLR0917
    app: FastAPI, guest: Guest, made_sessions: Sessions, passwords: Passwords, clock: Clock, faq: Faq
) -> None:
    url = next(str(d.url) for d in faq.documents if d.url)
    async with made_sessions.begin() as session:
        await create_staff(session, "xem", password=PASSWORD, role=Role.VIEWER, passwords=passwords, now=clock())
        session.add(LinkCheck(url=url, checked_at=clock(), status=None, trouble="x", failing_since=clock()))
    await guest.log_in("xem", PASSWORD)

    page = (await guest.get("/")).text

    assert "1 trang chính thức không mở được" in page
    assert "Kiểm tra lại ngay" not in page
    assert "<textarea" not in (await guest.get("/thong-bao")).text


async def test_jobs_are_done_again_and_again_also_after_one_failed(app: FastAPI) -> None:
    done: list[int] = []
    enough = asyncio.Event()

    async def count(_office: object) -> None:
        done.append(1)
        if len(done) == 3:
            enough.set()
        raise RuntimeError("a job fails")

    async with working(app.state.office, (Job("count", every=0, do=count),)):
        await asyncio.wait_for(enough.wait(), 5)

    assert len(done) >= 3


async def test_links_that_cannot_be_checked_are_told(
    officer: Guest, app: FastAPI, made_sessions: Sessions, clock: Clock, faq: Faq
) -> None:
    hosts = {host.split(".")[0]: away for host in faq.place.hosts}
    links = LinkChecker(made_sessions, clock=clock, http=Web(**hosts), sleep=no_sleep)
    object.__setattr__(app.state.office, "links", links)
    await links.check(faq)

    assert "hệ thống không ra được Internet" in (await officer.get("/")).text
