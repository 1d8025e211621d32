"""One's own account: the password, the sessions, and what the audit log says of coming and going."""

from collections.abc import Sequence

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from faq.audit import Deed
from faq.database import Sessions
from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest
from web.browsers import browser_of
from web.staff import Staff, StaffSession, first_administrator, make_link

NEW = "một mật khẩu khác hẳn"
TO = "/tai-khoan/mat-khau"
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"


@pytest.fixture
async def elsewhere(app: FastAPI, officer: Guest) -> Guest:
    """The same officer on another browser."""
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://office", headers={"user-agent": CHROME}
    )
    guest = Guest(client)
    await guest.log_in("lan", PASSWORD)
    return guest


async def deeds(made_sessions: Sessions) -> Sequence[tuple[str, str, str]]:
    async with made_sessions() as session:
        return [(d.author, d.act, d.subject) for d in await session.scalars(select(Deed).order_by(Deed.id))]


async def test_password_is_changed_and_other_sessions_end(officer: Guest, elsewhere: Guest) -> None:
    answer = await officer.send("/tai-khoan", TO, mat_khau=PASSWORD, moi=NEW, lai=NEW)
    told = (await officer.get(answer.headers["location"])).text

    assert answer.status_code == 303
    assert "Đã đổi mật khẩu" in told
    assert (await elsewhere.get("/")).status_code == 303
    assert (await elsewhere.log_in("lan", PASSWORD)).status_code == 400
    assert (await elsewhere.log_in("lan", NEW)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"mat_khau": "không phải thế", "moi": NEW, "lai": NEW}, "mat-khau-cu"),
        ({"moi": NEW, "lai": NEW}, "mat-khau-cu"),
        ({"mat_khau": PASSWORD, "moi": "ngắn", "lai": "ngắn"}, "moi"),
        ({"mat_khau": PASSWORD, "moi": "x" * 201, "lai": "x" * 201}, "moi"),
        ({"mat_khau": PASSWORD, "moi": NEW, "lai": NEW + "."}, "lai"),
        ({}, "moi"),
    ],
)
async def test_password_that_cannot_be_changed_is_told_at_its_field(
    officer: Guest, elsewhere: Guest, fields: dict[str, str], fault: str
) -> None:
    answer = await officer.send("/tai-khoan", TO, **fields)

    assert answer.status_code == 400
    assert f'href="#{fault}"' in answer.text
    assert f'id="{fault}-loi"' in answer.text
    assert NEW not in answer.text
    assert (await elsewhere.get("/")).status_code == 200


async def test_old_password_cannot_be_guessed_at_an_open_browser(officer: Guest) -> None:
    for _ in range(5):
        await officer.send("/tai-khoan", TO, mat_khau="không phải thế", moi=NEW, lai=NEW)

    answer = await officer.send("/tai-khoan", TO, mat_khau=PASSWORD, moi=NEW, lai=NEW)

    assert answer.status_code == 400
    assert "Vui lòng đợi 15 phút" in answer.text


async def test_who_came_by_link_chooses_a_password_without_an_old_one(
    guest: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    async with made_sessions.begin() as session:
        owner = await first_administrator(session, clock())
        left, token = await make_link(session, owner.id, clock()), await make_link(session, owner.id, clock())
    await guest.send(f"/vao/{token}")

    page = (await guest.get("/tai-khoan")).text
    answer = await guest.send("/tai-khoan", TO, moi=NEW, lai=NEW)
    again = await guest.send("/tai-khoan", TO, moi=PASSWORD, lai=PASSWORD)

    assert "mat-khau-cu" not in page
    assert (answer.status_code, again.status_code) == (303, 400)
    assert (await guest.get(f"/vao/{left}")).status_code == 410  # links handed out before are void
    assert (await guest.get("/tai-khoan/buoc-hai")).status_code == 200


async def test_without_a_password_only_a_session_by_link_may_choose_one(
    officer: Guest, made_sessions: Sessions
) -> None:
    async with made_sessions.begin() as session:
        await session.execute(update(Staff).values(password_hash="!"))

    answer = await officer.send("/tai-khoan", TO, moi=NEW, lai=NEW)

    assert answer.status_code == 400
    assert "làm liên kết mới" in answer.text


async def test_wrong_log_ins_elsewhere_do_not_keep_its_owner_from_changing_a_password(
    officer: Guest, stranger: Guest
) -> None:
    for _ in range(6):
        await stranger.log_in("lan", "đoán mò mật khẩu")

    assert (await officer.send("/tai-khoan", TO, mat_khau=PASSWORD, moi=NEW, lai=NEW)).status_code == 303


async def test_own_sessions_are_listed_and_ended_one_by_one(
    officer: Guest, elsewhere: Guest, made_sessions: Sessions
) -> None:
    page = (await officer.get("/tai-khoan")).text
    async with made_sessions() as session:
        other = await session.scalar(select(StaffSession).where(StaffSession.browser != "Trình duyệt khác"))
    assert other

    answer = await officer.send("/tai-khoan", "/tai-khoan/phien", phien=other.token_hash)

    assert "Chrome trên Android" in page
    assert page.count("phiên này") == 1
    assert answer.status_code == 303
    assert (await elsewhere.get("/")).status_code == 303
    assert (await officer.get("/")).status_code == 200


@pytest.mark.parametrize("named", ["", "x" * 64, "\x00"])
async def test_session_of_nobody_is_passed_over(officer: Guest, elsewhere: Guest, named: str) -> None:
    answer = await officer.send("/tai-khoan", "/tai-khoan/phien", phien=named)

    assert answer.status_code == 303
    assert (await elsewhere.get("/")).status_code == 200


async def test_session_of_somebody_else_is_not_ended(
    app: FastAPI, officer: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    async with made_sessions.begin() as session:
        session.add(Staff(name="hoa", password_hash="!", role="administrator", created_at=clock(), active=True))
        kept = {"created_at": clock(), "expires_at": clock.now.replace(year=2027), "browser": ""}
        session.add(StaffSession(token_hash="b" * 64, staff_id=2, **kept))

    await officer.send("/tai-khoan", "/tai-khoan/phien", phien="b" * 64)

    async with made_sessions() as session:
        assert await session.get(StaffSession, "b" * 64)


async def test_coming_and_going_is_noted_and_nothing_that_was_typed(officer: Guest, made_sessions: Sessions) -> None:
    await officer.send("/tai-khoan", "/dang-xuat")
    await officer.log_in("LAN", "bí mật gõ nhầm chỗ")
    await officer.log_in("mật khẩu gõ vào ô tên", PASSWORD)

    assert (await deeds(made_sessions))[1:] == [
        ("lan", "session.opened", "lan"),
        ("lan", "session.closed", "lan"),
        ("chưa rõ ai", "session.refused", "lan"),
    ]
    async with made_sessions() as session:
        noted = str([(d.subject, d.details) for d in await session.scalars(select(Deed))])
    assert "gõ" not in noted


async def test_refused_log_ins_are_noted_no_more_once_asked_to_wait(officer: Guest, made_sessions: Sessions) -> None:
    await officer.send("/tai-khoan", "/dang-xuat")
    for _ in range(9):
        await officer.log_in("lan", "sai mật khẩu rồi")

    assert [act for _, act, _ in await deeds(made_sessions)].count("session.refused") == 5


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (CHROME, "Chrome trên Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox trên Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126 Safari/537.36 Edg/126.0", "Edge trên Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) coc_coc_browser/126 Chrome/120 Safari/537.36", "Cốc Cốc trên Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari trên iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Safari trên máy Mac"),
        ("<script>alert(1)</script>" * 50, "Trình duyệt khác"),
        ("", "Trình duyệt khác"),
    ],
)
def test_browser_is_told_in_a_few_words(said: str, shown: str) -> None:
    assert browser_of(said) == shown
