"""Every route against every role, and every form without its token. Both walk the tables: a new route is covered."""

import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from faq.database import Base, Sessions
from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest
from web.application import FOR_CITIZENS, FOR_STAFF, OPEN
from web.passwords import Passwords
from web.rights import RIGHTS, Right, Role
from web.showing import NAV
from web.staff import Visitor, create_staff, open_session

NO_RIGHT = "Anh/chị chưa được giao quyền làm việc này."
STALE = "Trang này đã mở quá lâu."
FORMS = [path for method, path, *_ in (*OPEN, *FOR_CITIZENS, *FOR_STAFF) if method == "POST"]
Enter = Callable[[], Awaitable[Guest]]


def filled(path: str) -> str:
    """A path with something harmless for each of its parameters."""
    return re.sub(r"\{[^}]+\}", "khong-co", re.sub(r"\{\w+:int\}", "999", path))


@pytest.fixture
async def enter(
    request: pytest.FixtureRequest, app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock
) -> AsyncIterator[Enter]:
    """Lets somebody of the role in, with a session of their own each time: some pages end it."""
    role = Role(request.param)
    async with made_sessions.begin() as session:
        person = await create_staff(session, role, password=PASSWORD, role=role, passwords=passwords, now=clock())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:

        async def come_in() -> Guest:
            async with made_sessions.begin() as session:
                client.cookies.set("hd_phien", await open_session(session, person.id, clock()))
            return Guest(client)

        yield come_in


@asynccontextmanager
async def nothing_changes(made_sessions: Sessions) -> AsyncIterator[None]:
    """Whatever is done, no table has a row more or less afterwards."""

    async def counted() -> dict[str, int | None]:
        async with made_sessions() as session:
            tables = Base.metadata.sorted_tables
            return {t.name: await session.scalar(select(func.count()).select_from(t)) for t in tables}

    before = await counted()
    yield
    assert await counted() == before


@pytest.mark.parametrize("enter", list(Role), indirect=True)
async def test_each_role_gets_what_its_rights_give_and_nothing_else(
    enter: Enter, request: pytest.FixtureRequest
) -> None:
    rights = RIGHTS[Role(request.node.callspec.params["enter"])]
    wrong = {}

    for method, path, _page, right in FOR_STAFF:
        guest = await enter()
        data = {"csrf": await guest.token("/tai-khoan")} if method == "POST" else None
        answer = await guest.client.request(method, filled(path), data=data)
        refused = answer.status_code == 403 and NO_RIGHT in answer.text
        # Nor may an empty form break a page.
        if refused == (right in rights) or (right in rights and answer.status_code in {403, 500}):
            wrong[method, path] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, *_ in FOR_STAFF])
async def test_guests_are_sent_to_the_log_in(guest: Guest, made_sessions: Sessions, method: str, path: str) -> None:
    async with nothing_changes(made_sessions):
        answer = await guest.client.request(method, filled(path))

    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/dang-nhap")


@pytest.mark.parametrize("enter", [Role.ADMINISTRATOR], indirect=True)
@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("token", [{}, {"csrf": "0" * 64}])
async def test_form_without_its_token_changes_nothing(
    enter: Enter, made_sessions: Sessions, path: str, token: dict[str, str]
) -> None:
    guest = await enter()

    async with nothing_changes(made_sessions):
        answer = await guest.client.post(filled(path), data={"ten": "hoa", "vai_tro": "viewer", **token})

    assert answer.status_code == 403
    assert path.startswith("/hoi") or STALE in answer.text


@pytest.mark.parametrize("enter", [Role.VIEWER], indirect=True)
async def test_no_form_is_read_for_those_who_have_no_right(enter: Enter, made_sessions: Sessions) -> None:
    guest = await enter()
    token = await guest.token("/tai-khoan")
    fields = {"csrf": token, "ten": f"hoa-{uuid.uuid4().hex[:8]}", "vai_tro": "administrator"}

    async with nothing_changes(made_sessions):
        answer = await guest.client.post("/can-bo", data=fields)

    assert answer.status_code == 403


@pytest.mark.parametrize("enter", list(Role), indirect=True)
async def test_pages_that_one_may_not_open_are_not_offered(enter: Enter, request: pytest.FixtureRequest) -> None:
    role = Role(request.node.callspec.params["enter"])

    page = (await (await enter()).get("/tai-khoan")).text

    assert {path for path, *_ in NAV if f'<a href="{path}"' in page.partition("</nav>")[0]} >= {
        path for path, _label, right in NAV if right in RIGHTS[role] and path != "/"
    }
    assert ('href="/can-bo"' in page) == (Right.ADMINISTER in RIGHTS[role])


async def test_lack_of_a_right_and_a_stale_form_read_differently(officer: Guest) -> None:
    lacking = await officer.get("/can-bo")
    piece = await officer.get("/can-bo", **{"hx-request": "true"})
    stale = await officer.client.post("/thu", data={"csrf": "0" * 64})

    assert (lacking.status_code, piece.status_code, stale.status_code) == (403, 403, 403)
    assert NO_RIGHT in lacking.text
    assert NO_RIGHT in piece.text
    assert "<html" not in piece.text
    assert NO_RIGHT not in stale.text


def test_templates_may_name_a_right_in_plain_words() -> None:
    assert Visitor(1, "hoa", Role.APPROVER, "").may("approve")  # type: ignore[arg-type]
    assert not Visitor(1, "hoa", Role.EDITOR, "").may("approve")  # type: ignore[arg-type]
