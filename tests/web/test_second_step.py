"""The second step: set up, asked for, each code good once, switched off, and secrets that are stored nowhere."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from faq.audit import Deed
from faq.database import Sessions
from tests.web.fakes import Clock
from tests.web.second import SET_UP, code, scan, switch_on
from tests.web.visits import PASSWORD, Guest
from web.second_step import in_groups, secret_of, step_of
from web.staff import Staff, make_link

CODE = "/dang-nhap/ma"


async def test_code_is_asked_for_once_the_second_step_is_on(officer: Guest, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    await officer.send("/tai-khoan", "/dang-xuat")
    clock.pass_by(seconds=30)

    halfway = await officer.log_in("lan", PASSWORD, next="/thong-ke")
    outside = await officer.get("/thong-ke")
    inside = await officer.send(f"{CODE}?next=/thong-ke", CODE, ma=code(secret, clock), next="/thong-ke")

    assert (halfway.status_code, halfway.headers["location"]) == (303, f"{CODE}?next=/thong-ke")
    cookie = halfway.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Max-Age=300", "Path=/dang-nhap"))
    assert outside.status_code == 303
    assert (inside.status_code, inside.headers["location"]) == (303, "/thong-ke")
    assert (await officer.get("/thong-ke")).status_code == 200


@pytest.mark.parametrize(("steps", "status"), [(-2, 400), (-1, 303), (0, 303), (1, 303), (2, 400)])
async def test_clock_of_the_phone_may_be_off_by_one_step(officer: Guest, clock: Clock, steps: int, status: int) -> None:
    secret = await switch_on(officer, clock)
    clock.pass_by(minutes=5)
    await officer.send("/tai-khoan", "/dang-xuat")
    await officer.log_in("lan", PASSWORD)

    answer = await officer.send(CODE, ma=code(secret, clock, steps=steps))

    assert answer.status_code == status


async def test_code_is_good_once_and_an_older_one_not_after_it(officer: Guest, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    used_in_set_up = code(secret, clock)
    clock.pass_by(seconds=30)
    statuses = []
    for typed in (used_in_set_up, code(secret, clock), code(secret, clock)):
        officer.client.cookies.delete("hd_phien")
        await officer.log_in("lan", PASSWORD)
        statuses.append((await officer.send(CODE, ma=typed)).status_code)

    assert statuses == [400, 303, 400]


async def test_same_code_twice_at_once_lets_one_in(app: FastAPI, officer: Guest, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    clock.pass_by(seconds=30)
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://office") as one,
        httpx.AsyncClient(transport=transport, base_url="http://office") as other,
    ):
        guests = Guest(one), Guest(other)
        for guest in guests:
            await guest.log_in("lan", PASSWORD)
        tokens = [await guest.token(CODE) for guest in guests]
        typed = code(secret, clock)

        answers = await asyncio.gather(
            *(g.client.post(CODE, data={"csrf": t, "ma": typed}) for g, t in zip(guests, tokens, strict=True))
        )

    assert sorted(answer.status_code for answer in answers) == [303, 400]


@pytest.mark.parametrize("typed", ["", "000000", "abcdef", "１２３４５６", "1" * 500, "12345\x00"])
async def test_wrong_code_is_told_politely(officer: Guest, clock: Clock, typed: str) -> None:
    await switch_on(officer, clock)
    await officer.send("/tai-khoan", "/dang-xuat")
    await officer.log_in("lan", PASSWORD)

    answer = await officer.send(CODE, ma=typed)

    assert answer.status_code == 400
    assert "Mã chưa đúng hoặc đã dùng rồi" in answer.text
    assert (await officer.get("/")).status_code == 303


async def test_wrong_codes_are_counted_over_log_ins(officer: Guest, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    clock.pass_by(seconds=30)
    await officer.send("/tai-khoan", "/dang-xuat")
    for _ in range(5):
        await officer.log_in("lan", PASSWORD)
        assert (await officer.send(CODE, ma="000000")).status_code == 400

    await officer.log_in("lan", PASSWORD)
    answer = await officer.send(CODE, ma=code(secret, clock))

    assert answer.status_code == 429
    assert "Vui lòng đợi 15 phút" in answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_half_way_is_good_for_five_minutes(officer: Guest, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    await officer.send("/tai-khoan", "/dang-xuat")
    await officer.log_in("lan", PASSWORD)
    token = await officer.token(CODE)
    clock.pass_by(minutes=5)

    answer = await officer.client.post(CODE, data={"csrf": token, "ma": code(secret, clock)})

    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")
    assert (await officer.get("/")).status_code == 303
    assert (await officer.get(CODE)).headers["location"] == "/dang-nhap"


async def test_half_way_of_one_guest_is_nothing_for_another(app: FastAPI, officer: Guest, clock: Clock) -> None:
    await switch_on(officer, clock)
    await officer.send("/tai-khoan", "/dang-xuat")
    await officer.log_in("lan", PASSWORD)
    stolen = officer.client.cookies["hd_buoc_hai"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        thief = Guest(client)
        await thief.get("/dang-nhap")
        client.cookies.set("hd_buoc_hai", stolen)

        assert (await thief.get(CODE)).headers["location"] == "/dang-nhap"


@pytest.mark.parametrize("forged", ["", "x", "1.password.9999999999." + "0" * 64, "....", "1.password.é.é"])
async def test_forged_half_way_is_nothing(guest: Guest, forged: str) -> None:
    answer = await guest.client.get(CODE, headers={"cookie": f"hd_buoc_hai={forged}".encode()})

    assert (answer.status_code, answer.headers["location"]) == (303, "/dang-nhap")


async def test_link_asks_for_the_code_too(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    secret = await switch_on(officer, clock)
    clock.pass_by(seconds=30)
    async with made_sessions.begin() as session:
        path = f"/vao/{await make_link(session, 1, clock())}"
    officer.client.cookies.delete("hd_phien")

    answer = await officer.send(path)
    outside = await officer.get("/")
    await officer.send(CODE, ma=code(secret, clock))

    assert answer.headers["location"] == CODE
    assert outside.status_code == 303
    assert (await officer.get("/")).status_code == 200


async def test_it_is_not_on_before_a_code_and_the_password_confirm_it(officer: Guest, clock: Clock) -> None:
    secret, hidden = await scan(officer)

    wrong_code = await officer.client.post(SET_UP, data={**hidden, "ma": "000000", "mat_khau": PASSWORD})
    wrong_password = await officer.client.post(
        SET_UP, data={**hidden, "ma": code(secret, clock), "mat_khau": "không phải thế"}
    )

    assert (wrong_code.status_code, wrong_password.status_code) == (400, 400)
    assert in_groups(secret) in wrong_code.text  # the same picture: the phone has it already
    assert 'href="#ma"' in wrong_code.text
    assert 'href="#mat-khau"' in wrong_password.text
    assert "đang tắt" in (await officer.get("/tai-khoan")).text


async def test_a_nonce_that_is_none_is_not_taken(officer: Guest, made_sessions: Sessions) -> None:
    _secret, hidden = await scan(officer)

    answer = await officer.client.post(SET_UP, data={**hidden, "nonce": "<b>" + "x" * 500, "mat_khau": PASSWORD})

    assert answer.status_code == 400
    assert "<b>x" not in answer.text


async def test_picture_is_svg_without_style_or_script(officer: Guest) -> None:
    page = (await officer.get(SET_UP)).text

    assert '<svg viewBox="' in page
    assert " style=" not in page
    assert "data:" not in page


async def test_it_is_switched_off_with_the_password_only(officer: Guest, clock: Clock) -> None:
    await switch_on(officer, clock)

    wrong = await officer.send("/tai-khoan", "/tai-khoan/buoc-hai/tat", mat_khau="không phải thế")
    on = "đang bật" in (await officer.get("/tai-khoan")).text
    right = await officer.send("/tai-khoan", "/tai-khoan/buoc-hai/tat", mat_khau=PASSWORD)
    await officer.send("/tai-khoan", "/dang-xuat")

    assert (wrong.status_code, on, right.status_code) == (400, True, 303)
    assert (await officer.log_in("lan", PASSWORD)).headers["location"] == "/"


async def test_set_up_page_leads_away_while_it_is_on(officer: Guest, clock: Clock, made_sessions: Sessions) -> None:
    await switch_on(officer, clock)
    async with made_sessions() as session:
        before = (await session.get_one(Staff, 1)).totp_nonce

    assert (await officer.get(SET_UP)).headers["location"] == "/tai-khoan"
    fields = {"nonce": "a" * 22, "mat_khau": PASSWORD, "ma": code(secret_of("a secret for tests", 1, "a" * 22), clock)}
    await officer.send("/tai-khoan", SET_UP, **fields)
    async with made_sessions() as session:
        assert (await session.get_one(Staff, 1)).totp_nonce == before


async def test_database_alone_gives_no_code(officer: Guest, clock: Clock, made_sessions: Sessions) -> None:
    secret = await switch_on(officer, clock)

    async with made_sessions() as session:
        stored = str((await session.execute(text("SELECT * FROM staff"))).all())
        noted = str([(d.act, d.subject, d.details) for d in await session.scalars(select(Deed))])

    assert secret not in stored + noted
    assert code(secret, clock) not in noted
    assert "staff.second_step_on" in noted


def test_secret_belongs_to_the_key_the_person_and_the_nonce() -> None:
    secrets = {secret_of(key, who, nonce) for key in "ab" for who in (1, 2) for nonce in "xy"}

    assert len(secrets) == 8
    assert all(len(secret) == 32 for secret in secrets)
    assert in_groups("ABCDEFGH") == "ABCD EFGH"


def test_code_may_be_typed_with_spaces(clock: Clock) -> None:
    secret = secret_of("k", 1, "n")
    typed = code(secret, clock)

    assert step_of(secret, f" {typed[:3]} {typed[3:]} ", clock()) == int(clock().timestamp()) // 30
