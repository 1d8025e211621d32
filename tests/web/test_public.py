"""The public page at its address: off by default, for everybody once an approver opens it, without cookie or script."""

import random

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from faq.audit import Deed
from faq.database import Sessions
from stats.public.writing import content_security
from stats.reports import making
from stats.reports.making import WeeklyReports
from tests.stats.weeks import MONDAY, ask
from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff


@pytest.fixture
async def approver(guest: Guest, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> Guest:
    async with made_sessions.begin() as session:
        await create_staff(session, "hoa", password=PASSWORD, role=Role.APPROVER, passwords=passwords, now=clock())
    await guest.log_in("hoa", PASSWORD)
    return guest


async def test_off_by_default(app: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as anybody:
        answer = await anybody.get("/so-lieu")

    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


async def test_everybody_sees_it_once_it_is_on_without_cookie_or_script(
    approver: Guest, app: FastAPI, made_sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WeeklyReports, "_written", lambda *_: making._Files({"x.pdf": b"x"}, ""))
    await ask(made_sessions, random.Random(1), MONDAY, 400, 200)
    await approver.send("/bao-cao", tuan="2026-W47")

    done = await approver.send("/bao-cao", "/bao-cao/cong-khai", act="bat")
    desk = await approver.get("/bao-cao?cong-khai=bat")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as anybody:
        answer = await anybody.get("/so-lieu")

    assert done.status_code == 303
    assert "Đang mở" in desk.text
    assert "Đã mở trang số liệu công khai" in desk.text
    assert answer.status_code == 200
    assert "Tuần" in answer.text
    assert "16/11/2026 đến 22/11/2026" in answer.text
    assert "set-cookie" not in answer.headers
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"] == f"{content_security()}; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"

    await approver.send("/bao-cao", "/bao-cao/cong-khai", act="tat")
    assert (await approver.get("/so-lieu")).status_code == 404
    async with made_sessions() as session:
        acts = [(d.author, d.act) for d in await session.scalars(select(Deed)) if d.act.startswith("public.")]
    assert acts == [("hoa", "public.on"), ("hoa", "public.off")]


async def test_staff_see_it_beforehand_and_take_it_as_a_file(officer: Guest) -> None:
    page = await officer.get("/bao-cao/cong-khai")
    file = await officer.get("/bao-cao/cong-khai/so-lieu.html")

    assert "Chưa có số liệu" in page.text
    assert file.text == page.text
    assert 'filename="so-lieu.html"' in file.headers["content-disposition"]
    assert (await officer.get("/so-lieu")).status_code == 404, "looking at it beforehand shows it to nobody"


async def test_editor_is_told_who_may_switch_it(officer: Guest) -> None:
    desk = await officer.get("/bao-cao")

    assert "cần vai trò duyệt" in desk.text
    assert 'value="bat"' not in desk.text


async def test_unknown_switch_is_refused(approver: Guest) -> None:
    assert (await approver.send("/bao-cao", "/bao-cao/cong-khai", act="xoa")).status_code == 400
