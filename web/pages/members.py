"""The staff: who there is, new ones, what each is trusted with, and who is kept out. For administrators."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol
from urllib.parse import quote

from fastapi import HTTPException, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from web.access import field, signed_form, staff_of
from web.office import office
from web.passwords import UNUSABLE, WeakPasswordError
from web.rights import DUTIES, TITLES, Role
from web.second_step import switch_off
from web.showing import show
from web.staff import (
    LINK_LASTS,
    BadNameError,
    LastAdministratorError,
    NameTakenError,
    UnknownStaffError,
    change_role,
    create_staff,
    end_sessions,
    everybody,
    hand_link,
    lock,
    member_named,
    open_sessions,
    replace_password,
    unlock,
)

PATH = "/can-bo"
FIELD_OF = {BadNameError: "ten", NameTakenError: "ten", WeakPasswordError: "mat-khau"}
"""Where on the form the trouble is."""


DONE = {
    "them": "Đã thêm cán bộ. Anh/chị báo cho người ấy tên đăng nhập và mật khẩu đầu tiên.",
    "vai-tro": "Đã đổi vai trò.",
    "khoa": "Đã khóa. Người này không đăng nhập được nữa cho đến khi mở khóa.",
    "mo-khoa": "Đã mở khóa.",
    "dang-xuat": "Đã kết thúc mọi phiên đăng nhập của người này.",
    "bo-buoc-hai": "Đã bỏ bước xác nhận thứ hai. Người này có thể bật lại ở trang tài khoản.",
}
"""What is said after a deed, by the word in the address."""


class Doing(Protocol):
    """Does something with an account; returns the sessions that ended by it, if any."""

    async def __call__(  # noqa: D102 - as above
        self, session: AsyncSession, name: str, *, author: str, now: dt.datetime
    ) -> Sequence[str] | None: ...


DOINGS: Mapping[str, Doing] = {"khoa": lock, "mo-khoa": unlock, "dang-xuat": end_sessions, "bo-buoc-hai": switch_off}
"""What the buttons on somebody's page do."""


async def members(request: Request) -> Response:
    """Show who there is, and the form for somebody new."""
    return await _list(request)


async def add(request: Request) -> Response:
    """Add somebody: with a first password, or with a link that is shown now and never again."""
    form = await signed_form(request)
    role = _role(form)
    try:
        return await _add(request, field(form, "ten"), field(form, "mat_khau"), role)
    except (BadNameError, NameTakenError, WeakPasswordError) as error:
        typed = {"name": field(form, "ten")[:80], "role": role}
        return await _list(request, {FIELD_OF[type(error)]: str(error)}, typed)


async def member(request: Request) -> Response:
    """Show somebody, and what can be done with their account."""
    return await _show(request)


async def change(request: Request) -> Response:
    """Do what one of the buttons on somebody's page says."""
    form, here = await signed_form(request), office(request)
    name, what = request.path_params["name"], field(form, "viec")
    doing, author = _doing(what, form), staff_of(request).name
    try:
        async with here.parts.sessions.begin() as session:
            ended = await doing(session, name, author=author, now=here.clock())
    except UnknownStaffError:
        raise HTTPException(404) from None
    except LastAdministratorError as error:
        return await _show(request, trouble=str(error))
    for visit in ended or ():
        here.chats.forget(visit)
    return _to(name, what)


async def link(request: Request) -> Response:
    """Take a forgotten password away and show a link by which its owner comes in to choose one."""
    await signed_form(request)
    here, name, author = office(request), request.path_params["name"], staff_of(request).name
    try:
        async with here.parts.sessions.begin() as session:
            token, ended = await replace_password(session, name, author=author, now=here.clock())
    except UnknownStaffError:
        raise HTTPException(404) from None
    for visit in ended:
        here.chats.forget(visit)
    return _link(request, name, token)


async def _add(request: Request, name: str, password: str, role: Role) -> Response:
    here, author, now = office(request), staff_of(request).name, office(request).clock()
    trusted = {"role": role, "passwords": here.passwords, "now": now, "author": author}
    async with here.parts.sessions.begin() as session:
        added = await create_staff(session, name, password=password or None, **trusted)  # type: ignore[arg-type]
        token = "" if password else await hand_link(session, added, author=author, now=now)
    if token:
        return _link(request, added.name, token)
    return _to(added.name, "them")


async def _list(
    request: Request, faults: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    async with office(request).parts.sessions() as session:
        found = await everybody(session)
    shown = {"faults": faults or {}, "typed": typed or {"name": "", "role": Role.EDITOR}}
    return show(request, "members.html", status=400 if faults else 200, members=found, **_words(), **shown)


async def _show(request: Request, *, trouble: str = "") -> Response:
    here, name = office(request), request.path_params["name"]
    async with here.parts.sessions() as session:
        try:
            found = await member_named(session, name)
        except UnknownStaffError:
            raise HTTPException(404) from None
        opened = await open_sessions(session, found.id, here.clock())
    told = {"trouble": trouble, "done": "" if trouble else DONE.get(request.query_params.get("da", ""))}
    values = {"has_password": found.password_hash != UNUSABLE, "opened": opened, **_words(), **told}
    return show(request, "member.html", status=409 if trouble else 200, member=found, **values)


def _link(request: Request, name: str, token: str) -> Response:
    """Show a link the only time it can be shown: it is not stored, so there is nothing to come back to."""
    address = office(request).settings.web_address or str(request.base_url)
    minutes = int(LINK_LASTS.total_seconds() / 60)
    return show(request, "handed_link.html", name=name, link=f"{address.rstrip('/')}/vao/{token}", minutes=minutes)


def _words() -> Mapping[str, object]:
    return {"roles": TITLES, "duties": DUTIES}


def _role(form: FormData) -> Role:
    wanted = field(form, "vai_tro")
    if wanted not in set(Role):
        raise HTTPException(400)
    return Role(wanted)


def _doing(what: str, form: FormData) -> Doing:
    if what == "vai-tro":
        return partial(change_role, role=_role(form))
    if what not in DOINGS:
        raise HTTPException(400)
    return DOINGS[what]


def _to(name: str, what: str) -> Response:
    return RedirectResponse(f"{PATH}/{quote(name, safe='')}?da={what}", 303)
