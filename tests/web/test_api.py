"""The API: checked against its own description by schemathesis, closed without a token, limited, and noted."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select, update

from faq.audit import Deed
from faq.database import Sessions
from stats.endings import Ending
from stats.weekly import WeeklyReport
from tests.web.fakes import Clock
from tests.web.test_statistics import MONDAY, WEEK, crowd
from tests.web.visits import Guest
from web.api import TABLES
from web.office import PER_TOKEN
from web.staff import Staff
from web.throttle import Limit, Throttle
from web.tokens import ApiToken, hash_of, make_token

API = "/api/v1"
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture
async def token(made_sessions: Sessions, clock: Clock) -> str:
    async with made_sessions.begin() as session:
        return await make_token(session, "bảng theo dõi", author="hoa", now=clock())


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.parametrize("held", [True, False])
async def test_running_application_is_as_described(  # noqa: PLR0917 - fixtures
    app: FastAPI, address: str, token: str, made_sessions: Sessions, clock: Clock, held: bool
) -> None:
    app.state.office.by_token._limit = app.state.office.by_wrong_token._limit = Limit(100_000, 60)
    await crowd(made_sessions, 12, ending=Ending.ANSWERED, topic="vneid", entry="vneid.la-gi", campaign="cho")
    await crowd(made_sessions, 3, ending=Ending.OFFERED)
    async with made_sessions.begin() as session:
        files = {"files": {"a.pdf": {"size": 1, "sha256": "0" * 64}}, "figures": {}, "made_by": "lan"}
        session.add(WeeklyReport(monday=MONDAY, made_at=clock(), **files))
    headers = {"Authorization": f"Bearer {token}"} if held else {}

    def check_all() -> set[int]:
        schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json")
        seen: set[int] = set()
        for found in schema.get_all_operations():
            operation = found.ok()

            @given(case=operation.as_strategy())
            @settings(
                max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
            )
            def check(case: schemathesis.Case) -> None:
                case.headers = {**headers}
                answer = case.call(base_url=f"{address}{API}")
                seen.add(answer.status_code)
                case.validate_response(answer, checks=CHECKS)

            check()
        return seen

    seen = await asyncio.to_thread(check_all)

    assert {200, 422} == seen if held else {401} <= seen <= {401, 422}


@pytest.mark.parametrize("name", [*TABLES, "definitions", "reports"])
async def test_nothing_is_told_without_a_token(guest: Guest, name: str) -> None:
    for headers in ({}, {"Authorization": "Bearer hddvc_wrong"}, {"Authorization": "Basic eDp5"}):
        answer = await guest.get(f"{API}/{name}", **headers)

        assert answer.status_code == 401
        assert answer.json() == {"error": "Cần mã truy cập còn hiệu lực.", "status": 401}


async def test_figures_are_those_of_the_page(officer: Guest, made_sessions: Sessions, token: str) -> None:
    await crowd(made_sessions, 12, ending=Ending.ANSWERED, topic="vneid", entry="vneid.la-gi")
    await officer.get(f"/thong-ke?{WEEK}")

    said = (await officer.get(f"/thong-ke.json?{WEEK}")).json()
    for name in TABLES:
        assert (await officer.get(f"{API}/{name}?{WEEK}", Authorization=f"Bearer {token}")).json()["rows"] == said[name]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=2026-11-23&to=2026-11-01", "Ngày đầu phải trước"),
        ("from=1999-01-01&to=2026-11-01", "Năm chưa đúng"),
        ("topic=khong-co", "Không có chủ đề này"),
        ("format=xml", "Tham số chưa đúng"),
    ],
)
async def test_wrong_filters_are_said_as_json(guest: Guest, token: str, query: str, words: str) -> None:
    answer = await guest.get(f"{API}/topics?{query}", Authorization=f"Bearer {token}")

    assert answer.status_code == 422
    assert words in answer.json()["error"]


async def test_unknown_addresses_and_methods_are_told_as_json(guest: Guest, token: str) -> None:
    assert (await guest.get(f"{API}/khong-co")).json()["status"] == 404
    assert (await guest.client.post(f"{API}/topics")).json()["status"] == 405


async def test_too_many_calls_have_to_wait(app: FastAPI, guest: Guest, token: str, clock: Clock) -> None:
    object.__setattr__(app.state.office, "by_token", Throttle(Limit(2, 60)))

    answers = [await guest.get(f"{API}/definitions", Authorization=f"Bearer {token}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    assert PER_TOKEN.attempts == 60


async def test_each_taking_is_noted_and_the_token_is_not(
    guest: Guest, made_sessions: Sessions, token: str, caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    caplog.set_level(logging.DEBUG)

    await guest.get(f"{API}/topics?{WEEK}&format=csv", Authorization=f"Bearer {token}")

    async with made_sessions() as session:
        deed = await session.scalar(select(Deed).where(Deed.act == "export.made"))
        row = await session.get(ApiToken, hash_of(token))
    assert deed is not None
    assert (deed.author, deed.subject) == ("api: bảng theo dõi", "api topics csv")
    assert row is not None
    assert row.used_at == clock()
    assert token not in caplog.text


async def test_database_away_is_told_as_json(
    guest: Guest, token: str, monkeypatch: pytest.MonkeyPatch, app: FastAPI
) -> None:
    def away(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("web.api.find_token", away)

    answer = await guest.get(f"{API}/topics", Authorization=f"Bearer {token}")

    assert (answer.status_code, answer.json()["status"]) == (503, 503)


async def test_description_is_whole(guest: Guest) -> None:
    described = (await guest.get(f"{API}/openapi.json")).json()

    assert set(described["paths"]) == {f"/{name}" for name in (*TABLES, "definitions", "reports")}
    assert described["servers"] == [{"url": API}]
    assert "Chỉ đọc" in described["info"]["description"] or "chỉ đọc" in described["info"]["description"]


@pytest.fixture
async def chief(officer: Guest, made_sessions: Sessions) -> Guest:
    async with made_sessions.begin() as session:
        await session.execute(update(Staff).values(role="administrator"))
    return officer


async def test_token_is_made_shown_once_used_and_revoked(chief: Guest, made_sessions: Sessions) -> None:
    made = await chief.send("/api", ten="Bảng theo dõi của thành phố")
    token = made.text.partition('<code class="secret">')[2].partition("</code>")[0]
    again = await chief.get("/api")

    assert token.startswith("hddvc_")
    assert token not in again.text
    assert (await chief.get(f"{API}/definitions", Authorization=f"Bearer {token}")).status_code == 200

    answer = await chief.send("/api", "/api/thu-hoi", ma=hash_of(token))

    assert answer.status_code == 303
    assert (await chief.get(f"{API}/definitions", Authorization=f"Bearer {token}")).status_code == 401
    assert "đã thu hồi" in (await chief.get("/api")).text
    async with made_sessions() as session:
        acts = (await session.scalars(select(Deed.act).where(Deed.act.startswith("token.")))).all()
        kept = (await session.scalars(select(ApiToken.token_hash))).all()
    assert acts == ["token.made", "token.revoked"]
    assert token not in kept


@pytest.mark.parametrize("name", ["", "x" * 81, "mã của anh Nam 0912345678"])
async def test_token_without_a_good_name_is_not_made(chief: Guest, name: str) -> None:
    answer = await chief.send("/api", ten=name)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "Chưa có mã nào." in answer.text
