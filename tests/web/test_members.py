"""The pages about the staff, and the rule that an administrator is always left, also of two who act at once."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from faq.audit import Deed
from faq.database import Base, Sessions, connect, sessions
from tests.faq.conftest import postgresql  # noqa: F401 - a fixture
from tests.web.fakes import Clock
from tests.web.second import switch_on
from tests.web.visits import PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import LastAdministratorError, Staff, change_role, create_staff, lock

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
LINK = re.compile(r'value="http://office(/vao/[\w-]+)"')


@pytest.fixture
async def chief(app: FastAPI, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> AsyncIterator[Guest]:
    """The only administrator, `chi-huy`, logged in."""
    kept = {"password": PASSWORD, "passwords": passwords, "now": clock()}
    async with made_sessions.begin() as session:
        await create_staff(session, "chi-huy", role=Role.ADMINISTRATOR, **kept)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        guest = Guest(client)
        await guest.log_in("chi-huy", PASSWORD)
        yield guest


async def member(made_sessions: Sessions, name: str) -> Staff:
    async with made_sessions() as session:
        return (await session.scalars(select(Staff).where(Staff.name == name))).one()


async def acts(made_sessions: Sessions, subject: str) -> list[tuple[str, str]]:
    async with made_sessions() as session:
        found = await session.scalars(select(Deed).where(Deed.subject == subject).order_by(Deed.id))
        return [(deed.author, deed.act) for deed in found]


async def test_somebody_is_added_with_a_first_password(chief: Guest, guest: Guest, made_sessions: Sessions) -> None:
    answer = await chief.send("/can-bo", ten=" Hoa ", vai_tro="approver", mat_khau=PASSWORD)
    page = await chief.get(answer.headers["location"])

    assert answer.headers["location"] == "/can-bo/hoa?da=them"
    assert "Đã thêm cán bộ" in page.text
    assert (await guest.log_in("hoa", PASSWORD)).status_code == 303
    assert await acts(made_sessions, "hoa") == [("chi-huy", "staff.added"), ("hoa", "session.opened")]


async def test_somebody_is_added_with_a_link_that_is_shown_once(
    chief: Guest, guest: Guest, made_sessions: Sessions
) -> None:
    answer = await chief.send("/can-bo", ten="hoa", vai_tro="viewer", mat_khau="")
    path = LINK.search(answer.text)
    assert path

    await guest.send(path[1])

    assert "hoa" in (await guest.get("/tai-khoan")).text
    assert path[1] not in (await chief.get("/can-bo/hoa")).text
    assert (await member(made_sessions, "hoa")).role == "viewer"


@pytest.mark.parametrize(
    ("name", "password", "fault"),
    [
        ("h", PASSWORD, "ten"),
        ("<script>alert(1)</script>", PASSWORD, "ten"),
        ("người ở", PASSWORD, "ten"),
        ("máy chủ", PASSWORD, "ten"),
        ("chi-huy", PASSWORD, "ten"),
        ("0912345678", PASSWORD, "ten"),
        ("0912.345-678", PASSWORD, "ten"),
        ("hoa", "ngắn", "mat-khau"),
    ],
)
async def test_staff_that_cannot_be_added_is_told_at_the_field(
    chief: Guest, made_sessions: Sessions, name: str, password: str, fault: str
) -> None:
    answer = await chief.send("/can-bo", ten=name, vai_tro="approver", mat_khau=password)

    assert answer.status_code == 400
    assert f'href="#{fault}"' in answer.text
    assert "<script>alert" not in answer.text
    assert 'value="approver" required checked' in answer.text
    async with made_sessions() as session:
        assert len((await session.scalars(select(Staff))).all()) == 1


@pytest.mark.parametrize("role", ["", "god", "ADMINISTRATOR"])
async def test_role_that_is_none_is_refused(chief: Guest, role: str) -> None:
    assert (await chief.send("/can-bo", ten="hoa", vai_tro=role, mat_khau=PASSWORD)).status_code == 400
    assert (await chief.send("/can-bo/chi-huy", viec="vai-tro", vai_tro=role)).status_code == 400


async def test_role_is_changed_and_counts_at_once(chief: Guest, officer: Guest, made_sessions: Sessions) -> None:
    before = await officer.get("/can-bo")
    answer = await chief.send("/can-bo/lan", viec="vai-tro", vai_tro="administrator")
    after = await officer.get("/can-bo")

    assert (before.status_code, answer.status_code, after.status_code) == (403, 303, 200)
    assert ("chi-huy", "staff.role") in await acts(made_sessions, "lan")


async def test_locked_staff_are_out_at_once_and_come_in_again_once_unlocked(
    chief: Guest, officer: Guest, made_sessions: Sessions
) -> None:
    await chief.send("/can-bo/lan", viec="khoa")
    outside = await officer.get("/")
    refused = await officer.log_in("lan", PASSWORD)
    await chief.send("/can-bo/lan", viec="mo-khoa")

    assert (outside.status_code, refused.status_code) == (303, 400)
    assert (await officer.log_in("lan", PASSWORD)).status_code == 303
    assert [act for author, act in await acts(made_sessions, "lan") if author == "chi-huy"] == [
        "staff.locked",
        "staff.unlocked",
    ]


async def test_all_sessions_of_somebody_are_ended(chief: Guest, officer: Guest) -> None:
    answer = await chief.send("/can-bo/lan", viec="dang-xuat")

    assert "Đã kết thúc mọi phiên" in (await chief.get(answer.headers["location"])).text
    assert (await officer.get("/")).status_code == 303
    assert (await chief.get("/")).status_code == 200


async def test_forgotten_password_is_replaced_by_way_of_a_link(
    chief: Guest, officer: Guest, made_sessions: Sessions
) -> None:
    path = LINK.search((await chief.send("/can-bo/lan", "/can-bo/lan/lien-ket")).text)
    assert path

    old = await officer.log_in("lan", PASSWORD)
    await officer.send(path[1])
    answer = await officer.send("/tai-khoan", "/tai-khoan/mat-khau", moi=PASSWORD, lai=PASSWORD)

    assert (old.status_code, answer.status_code) == (400, 303)
    changed = [deed for deed in await acts(made_sessions, "lan") if deed[1].startswith("staff.")]
    assert changed[1:] == [
        ("chi-huy", "staff.password_removed"),
        ("chi-huy", "staff.link"),
        ("lan", "staff.password"),
    ]


async def test_replacing_a_password_ends_what_it_had_opened(chief: Guest, officer: Guest, stranger: Guest) -> None:
    earlier = LINK.search((await chief.send("/can-bo/lan", "/can-bo/lan/lien-ket")).text)
    await officer.log_in("lan", PASSWORD)
    assert earlier
    await stranger.send(earlier[1])
    within = await stranger.get("/tai-khoan")

    newest = LINK.search((await chief.send("/can-bo/lan", "/can-bo/lan/lien-ket")).text)

    assert newest
    assert within.status_code == 200
    assert {(await one.get("/tai-khoan")).status_code for one in (officer, stranger)} == {303}
    assert (await officer.get(newest[1])).status_code == 200
    answer = await chief.send("/can-bo/lan", "/can-bo/lan/lien-ket")
    assert answer.status_code == 200
    assert (await officer.get(newest[1])).status_code == 410


async def test_second_step_of_a_lost_phone_is_taken_away(
    chief: Guest, officer: Guest, clock: Clock, made_sessions: Sessions
) -> None:
    await switch_on(officer, clock)
    await chief.send("/can-bo/lan", viec="bo-buoc-hai")
    await officer.send("/tai-khoan", "/dang-xuat")

    assert (await officer.log_in("lan", PASSWORD)).headers["location"] == "/"
    assert ("chi-huy", "staff.second_step_off") in await acts(made_sessions, "lan")


@pytest.mark.parametrize("fields", [{"viec": "khoa"}, {"viec": "vai-tro", "vai_tro": "viewer"}])
async def test_last_administrator_stays(chief: Guest, made_sessions: Sessions, fields: dict[str, str]) -> None:
    answer = await chief.send("/can-bo/chi-huy", **fields)

    assert answer.status_code == 409
    assert "quản trị viên cuối cùng" in answer.text
    assert (await chief.get("/can-bo")).status_code == 200
    assert (await member(made_sessions, "chi-huy")).active


async def test_locked_administrator_does_not_count_as_one(chief: Guest, made_sessions: Sessions) -> None:
    await chief.send("/can-bo", ten="hoa", vai_tro="administrator", mat_khau=PASSWORD)
    await chief.send("/can-bo/hoa", viec="khoa")

    assert (await chief.send("/can-bo/chi-huy", viec="khoa")).status_code == 409


async def test_administrator_may_go_when_another_is_there(chief: Guest) -> None:
    await chief.send("/can-bo", ten="hoa", vai_tro="administrator", mat_khau=PASSWORD)

    await chief.send("/can-bo/chi-huy", viec="vai-tro", vai_tro="viewer")

    assert (await chief.get("/can-bo")).status_code == 403


@pytest.mark.parametrize("path", ["/can-bo/khong-co", "/can-bo/%3Cb%3E", "/can-bo/%00"])
async def test_nobody_of_a_name_is_not_found(chief: Guest, path: str) -> None:
    answers = [
        await chief.get(path),
        *[await chief.send("/can-bo", path, viec=what) for what in ("khoa", "mo-khoa", "dang-xuat", "bo-buoc-hai")],
        await chief.send("/can-bo", f"{path}/lien-ket"),
    ]

    assert {answer.status_code for answer in answers} == {404}


async def test_unknown_deed_is_refused(chief: Guest) -> None:
    assert (await chief.send("/can-bo/chi-huy", viec="xoa")).status_code == 400


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def two_administrators(
    request: pytest.FixtureRequest, tmp_path: object, passwords: Passwords
) -> AsyncIterator[Sessions]:
    """A database with the administrators `hoa` and `lan`, and nobody else."""
    address = f"sqlite:///{tmp_path}/two.db"
    if request.param == "postgresql":
        server = str(request.getfixturevalue("postgresql"))
        address = server.removesuffix("/postgres") + f"/test_{abs(hash(request.node.nodeid)):x}"
        plain = connect(server).execution_options(isolation_level="AUTOCOMMIT")
        async with plain.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {address.rpartition('/')[2]}"))
        await plain.dispose()
    engine = connect(address)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions(engine)
    async with made.begin() as session:
        for name in ("hoa", "lan"):
            await create_staff(session, name, password=None, role=Role.ADMINISTRATOR, passwords=passwords, now=NOW)
    yield made
    await engine.dispose()


async def _demote(session: object, name: str, author: str) -> None:
    await change_role(session, name, role=Role.EDITOR, author=author, now=NOW)


async def _lock(session: object, name: str, author: str) -> None:
    await lock(session, name, author=author, now=NOW)


@pytest.mark.parametrize("ways", [(_demote, _demote), (_lock, _lock), (_demote, _lock)])
async def test_two_administrators_who_remove_each_other_at_once_do_not_end_with_none(
    two_administrators: Sessions, ways: tuple[Callable[..., Awaitable[None]], ...]
) -> None:
    """Both transactions are begun and have read before either writes."""
    both_have_begun = asyncio.Barrier(2)

    async def remove(way: Callable[..., Awaitable[None]], name: str, author: str) -> None:
        async with two_administrators.begin() as session:
            assert len((await session.scalars(select(Staff).where(Staff.active))).all()) == 2
            await both_have_begun.wait()
            await way(session, name, author)
            await asyncio.sleep(0.05)  # not committed yet while the other tries

    ended = await asyncio.gather(remove(ways[0], "hoa", "lan"), remove(ways[1], "lan", "hoa"), return_exceptions=True)

    assert sorted(type(error) for error in ended if error) == [LastAdministratorError]
    async with two_administrators() as session:
        left = select(Staff.name).where(Staff.active, Staff.role == Role.ADMINISTRATOR)
        assert len((await session.scalars(left)).all()) == 1
