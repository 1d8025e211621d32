"""One's own account on Telegram, on the account page; and old words that are late to go, on the first page."""

import datetime as dt
import re

import pytest
from sqlalchemy import select

from faq.database import Sessions
from stats.retention import RetentionRun
from stats.staff_chats import StaffChat, StaffChatCode, link
from tests.web.fakes import Clock
from tests.web.test_pages import ask
from tests.web.visits import Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import SERVER, create_staff, lock

PAGE = "/tai-khoan"


async def code_shown(officer: Guest) -> str:
    page = (await officer.send(PAGE, f"{PAGE}/telegram")).text
    found = re.search(r"/lien_ket ([a-z0-9]{10})<", page)
    assert found
    return found[1]


async def linked(officer: Guest, sessions: Sessions, clock: Clock) -> None:
    code = await code_shown(officer)
    async with sessions.begin() as session:
        assert await link(session, code, "a" * 32, now=clock()) == "lan"


async def test_code_is_shown_once_and_kept_as_a_hash(officer: Guest, made_sessions: Sessions) -> None:
    code = await code_shown(officer)

    assert code not in (await officer.get(PAGE)).text
    async with made_sessions() as session:
        assert [code in row.code_hash for row in await session.scalars(select(StaffChatCode))] == [False]


async def test_new_code_voids_the_one_before(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    first, second = await code_shown(officer), await code_shown(officer)

    async with made_sessions.begin() as session:
        assert await link(session, first, "a" * 32, now=clock()) is None
        assert await link(session, second, "a" * 32, now=clock()) == "lan"


async def test_unlinked_on_the_page(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    await linked(officer, made_sessions, clock)
    assert "đã liên kết" in (await officer.get(PAGE)).text

    answer = await officer.send(PAGE, f"{PAGE}/telegram/bo")

    assert "Đã bỏ liên kết Telegram." in (await officer.get(answer.headers["location"])).text
    async with made_sessions() as session:
        assert list(await session.scalars(select(StaffChat))) == []


async def test_who_is_locked_out_is_unlinked(
    officer: Guest, made_sessions: Sessions, clock: Clock, passwords: Passwords
) -> None:
    await linked(officer, made_sessions, clock)

    async with made_sessions.begin() as session:
        await create_staff(session, "quản", password=None, role=Role.ADMINISTRATOR, passwords=passwords, now=clock())
        await lock(session, "lan", author=SERVER, now=clock())

    async with made_sessions() as session:
        assert list(await session.scalars(select(StaffChat))) == []


@pytest.mark.parametrize(("hours", "late"), [(35, False), (37, True)])
async def test_late_removal_of_words_shows_on_the_first_page(
    officer: Guest, made_sessions: Sessions, clock: Clock, hours: int, late: bool
) -> None:
    async with made_sessions.begin() as session:
        session.add(RetentionRun(ran_at=clock() - dt.timedelta(hours=hours), days=90, removed=3))

    assert ("Việc xóa chữ cũ bị trễ" in (await officer.get("/")).text) is late


async def test_removal_that_never_ran_shows_once_there_is_something_to_remove(
    officer: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    assert "bị trễ" not in (await officer.get("/")).text
    await ask(made_sessions, clock() - dt.timedelta(days=92))

    assert "chưa lần nào chạy" in (await officer.get("/")).text
