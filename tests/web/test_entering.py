"""Coming in: passwords, sessions, links, tokens on forms, and being asked to wait."""

import datetime as dt
import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import Sessions
from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest
from web import application
from web.access import own_path
from web.passwords import Passwords, WeakPasswordError
from web.rights import Role
from web.staff import (
    BadNameError,
    NameTakenError,
    NoAdministratorError,
    Staff,
    StaffLink,
    StaffSession,
    create_staff,
    first_administrator,
    make_link,
    staff_with_password,
    use_link,
)

FOR_STAFF = ("/", "/faq", "/faq/vneid.la-gi", "/thu", "/gop-y", "/thong-ke", "/thong-ke.xlsx")


@pytest.mark.parametrize("path", FOR_STAFF)
async def test_page_without_log_in_leads_to_the_log_in_and_back(guest: Guest, path: str) -> None:
    answer = await guest.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == ("/dang-nhap" if path == "/" else f"/dang-nhap?next={path}")


async def test_every_route_that_is_not_for_everybody_needs_a_log_in(app: FastAPI, guest: Guest) -> None:
    open_paths = {"/dang-nhap", "/dang-nhap/ma", "/vao/{token}", "/suc-khoe", "/hoi", "/hoi/xoa", "/so-lieu"}
    closed = [
        (method, route.path)
        for routes in app.router.routes
        for route in getattr(getattr(routes, "original_router", None), "routes", [routes])
        if getattr(route, "path", "") not in {*open_paths, "/static", ""}
        for method in (getattr(route, "methods", None) or ())
    ]

    answers = [await guest.client.request(method, re.sub(r"\{\w+:int\}", "1", path)) for method, path in closed]

    assert sorted(closed) == sorted((method, path) for method, path, *_ in application.FOR_STAFF)
    assert {(a.status_code, a.headers["location"].partition("?")[0]) for a in answers} == {(303, "/dang-nhap")}


async def test_log_in_lets_in_and_goes_where_one_wanted(officer: Guest) -> None:
    await officer.send("/thu", "/dang-xuat")

    answer = await officer.log_in(" LAN ", PASSWORD, next="/thong-ke?from=2026-11-01")

    assert (answer.status_code, answer.headers["location"]) == (303, "/thong-ke?from=2026-11-01")
    assert (await officer.get("/")).status_code == 200


async def test_session_cookie_is_kept_from_scripts_and_secure_over_https(app: FastAPI, officer: Guest) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://office") as client:
        over_https = await Guest(client).log_in("lan", PASSWORD)
    await officer.send("/thu", "/dang-xuat")
    over_http = await officer.log_in("lan", PASSWORD)

    cookie = over_https.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Max-Age=43200"))
    assert "Secure" not in over_http.headers["set-cookie"]


async def test_only_the_hash_of_a_session_is_stored(officer: Guest, made_sessions: Sessions) -> None:
    token = officer.client.cookies["hd_phien"]

    async with made_sessions() as session:
        stored = (await session.scalars(select(StaffSession))).one()

    assert len(stored.token_hash) == 64
    assert token not in stored.token_hash


async def test_log_out_ends_the_session_itself(officer: Guest) -> None:
    token = officer.client.cookies["hd_phien"]

    answer = await officer.send("/thu", "/dang-xuat")
    officer.client.cookies.set("hd_phien", token)

    assert answer.headers["location"] == "/dang-nhap"
    assert (await officer.get("/")).status_code == 303


async def test_session_ends_after_twelve_hours(officer: Guest, clock: Clock) -> None:
    clock.pass_by(hours=11, minutes=59)
    before = await officer.get("/")
    clock.pass_by(minutes=2)
    after = await officer.get("/")

    assert (before.status_code, after.status_code) == (200, 303)


async def test_staff_made_inactive_are_out_at_once(officer: Guest, made_sessions: Sessions) -> None:
    async with made_sessions.begin() as session:
        await session.execute(update(Staff).values(active=False))

    assert (await officer.get("/")).status_code == 303
    assert (await officer.log_in("lan", PASSWORD)).status_code == 400


async def test_wrong_name_and_wrong_password_get_the_same_answer(officer: Guest) -> None:
    await officer.send("/thu", "/dang-xuat")

    wrong_password = await officer.log_in("lan", "không phải mật khẩu này")
    wrong_name = await officer.log_in("hoa", PASSWORD)

    assert wrong_password.status_code == wrong_name.status_code == 400
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in wrong_name.text
    assert wrong_password.text.replace('"lan"', '"hoa"') == wrong_name.text


async def test_unknown_name_costs_a_comparison_too(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(passwords, "_same", lambda stored, _password: compared.append(stored) or True)

    assert await passwords.match(None, PASSWORD) is False
    assert await passwords.match("!", PASSWORD) is False
    assert len(compared) == 2


async def test_too_many_failures_of_a_name_are_asked_to_wait(officer: Guest) -> None:
    await officer.send("/thu", "/dang-xuat")
    for _ in range(5):
        assert (await officer.log_in("lan", "sai mật khẩu rồi")).status_code == 400

    answer = await officer.log_in("lan", PASSWORD)

    assert answer.status_code == 429
    assert "Vui lòng đợi 15 phút" in answer.text
    assert 0 < int(answer.headers["retry-after"]) <= 900


async def test_failures_from_elsewhere_do_not_keep_the_owner_out(officer: Guest, stranger: Guest) -> None:
    await officer.send("/thu", "/dang-xuat")
    answers = [(await stranger.log_in("lan", "sai mật khẩu rồi")).status_code for _ in range(6)]

    assert answers == [400] * 5 + [429]
    assert (await officer.log_in("lan", PASSWORD)).status_code == 303


async def test_a_name_is_not_tried_from_everywhere_without_end(app: FastAPI) -> None:
    answers = []
    for number in range(11):
        transport = httpx.ASGITransport(app, client=(f"203.0.113.{number}", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            answers += [(await Guest(client).log_in("lan", "sai mật khẩu rồi")).status_code for _ in range(5)]

    assert answers == [400] * 50 + [429] * 5


async def test_too_many_failures_from_an_address_are_asked_to_wait(guest: Guest) -> None:
    answers = [(await guest.log_in(f"người-{n}", "sai mật khẩu rồi")).status_code for n in range(21)]

    assert answers == [400] * 20 + [429]


async def test_good_log_ins_are_not_counted_against_an_office(officer: Guest) -> None:
    for _ in range(25):
        await officer.send("/thu", "/dang-xuat")
        assert (await officer.log_in("lan", PASSWORD)).status_code == 303


@pytest.mark.parametrize("path", ["/dang-nhap", "/vao/abc", "/dang-xuat", "/thu"])
@pytest.mark.parametrize("fields", [{}, {"csrf": "0" * 64}, {"csrf": "không"}])
async def test_form_without_its_token_is_refused(officer: Guest, path: str, fields: dict[str, str]) -> None:
    answer = await officer.client.post(path, data={"ten": "lan", "mat_khau": PASSWORD, "cau_hoi": "chào", **fields})

    assert answer.status_code == 403
    assert "Vui lòng quay lại" in answer.text


async def test_token_of_another_visitor_is_refused(app: FastAPI, officer: Guest) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        other = await Guest(client).token("/dang-nhap")

    answer = await officer.client.post("/thu", data={"csrf": other, "cau_hoi": "chào"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ("/faq?tim=a", "/faq?tim=a"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/dang-xuat", "/"),
        ("", "/"),
    ],
)
def test_only_own_paths_are_gone_to(wanted: str, allowed: str) -> None:
    assert own_path(wanted) == allowed


async def _link(made_sessions: Sessions, clock: Clock) -> str:
    async with made_sessions.begin() as session:
        owner = await first_administrator(session, clock())
        return await make_link(session, owner.id, clock())


async def test_link_lets_in_once(guest: Guest, made_sessions: Sessions, clock: Clock) -> None:
    path = f"/vao/{await _link(made_sessions, clock)}"

    preview, token = await guest.get(path), await guest.token(path)
    first = await guest.client.post(path, data={"csrf": token})
    inside = await guest.get("/")
    second = await guest.client.post(path, data={"csrf": token})

    assert "Vào trang" in preview.text
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert "quan-tri" in inside.text
    assert second.status_code == 410
    assert (await guest.get(path)).status_code == 410


async def test_link_is_good_for_half_an_hour(guest: Guest, made_sessions: Sessions, clock: Clock) -> None:
    path = f"/vao/{await _link(made_sessions, clock)}"
    clock.pass_by(minutes=31)

    answer = await guest.get(path)

    assert answer.status_code == 410
    assert "không còn dùng được" in answer.text


async def test_link_is_stored_as_a_hash_and_used_by_one_of_two(made_sessions: Sessions, clock: Clock) -> None:
    token = await _link(made_sessions, clock)

    async with made_sessions.begin() as session:
        stored = (await session.scalars(select(StaffLink))).one()
        assert token not in stored.token_hash
        assert await use_link(session, token, clock()) == stored.staff_id
        assert await use_link(session, token, clock()) is None


async def test_first_administrator_cannot_log_in_with_a_password(
    guest: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    await _link(made_sessions, clock)

    assert (await guest.log_in("quan-tri", "!")).status_code == 400


async def test_no_second_administrator_is_made_up(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    async with made_sessions.begin() as session:
        with pytest.raises(NoAdministratorError):
            await first_administrator(session, clock())


@pytest.mark.parametrize(
    ("name", "password", "error"),
    [
        ("hoa", "ngắn quá", WeakPasswordError),
        ("h", PASSWORD, BadNameError),
        ("<b>hoa</b>", PASSWORD, BadNameError),
        ("Lan", PASSWORD, NameTakenError),
    ],
)
async def test_staff_that_cannot_be_added(  # noqa: PLR0917 - fixtures
    officer: Guest,
    made_sessions: Sessions,
    passwords: Passwords,
    name: str,
    password: str,
    error: type[Exception],
) -> None:
    async with made_sessions() as session:
        with pytest.raises(error):
            await create_staff(
                session,
                name,
                password=password,
                role=Role.EDITOR,
                passwords=passwords,
                now=dt.datetime.now(dt.UTC),
            )


async def test_comparing_a_password_holds_no_connection(engine: AsyncEngine, made_sessions: Sessions) -> None:
    held: list[str] = []

    class Watching(Passwords):
        async def match(self, stored: str | None, password: str) -> bool:
            held.append(engine.pool.status())
            return False

    async with made_sessions() as session:
        await session.execute(text("SELECT 1"))
        busy = engine.pool.status()
        await staff_with_password(session, "lan", PASSWORD, Watching())

    assert "Current Checked out connections: 1" in busy
    assert "Current Checked out connections: 0" in held[0]
