"""Coming in and going out: by name and password, or by a link that works once."""

import math

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from web.access import (
    HOME,
    SESSION_COOKIE,
    current_visitor,
    drop_session,
    field,
    greet_guest,
    log_in_path,
    network_of,
    own_path,
    set_guest,
    set_session,
    signed_form,
    visitor_of,
)
from web.office import Office, office
from web.showing import is_partial, show
from web.staff import close_session, hashed, link_is_good, open_session, plain_name, staff_with_password
from web.staff import use_link as use_up

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng. Anh/chị vui lòng kiểm tra lại."
WAIT = "Anh/chị đã thử nhiều lần chưa đúng. Vui lòng đợi {minutes} phút rồi thử lại."


async def log_in_page(request: Request) -> Response:
    """Show the form, unless the visitor is in already."""
    wanted = own_path(request.query_params.get("next", HOME))
    if await current_visitor(request):
        return _to(wanted)
    return _form(request, wanted)


async def log_in(request: Request) -> Response:
    """Let someone in by name and password."""
    form = await signed_form(request)
    name, wanted = field(form, "ten"), own_path(field(form, "next"))
    here = office(request)
    keys = plain_name(name)[:80], network_of(request)
    wait = max(here.by_name.wait(keys[0]), here.by_address.wait(keys[1]))
    if wait:
        return _asked_to_wait(request, wanted, wait)
    here.by_name.note(keys[0])
    here.by_address.note(keys[1])
    async with here.parts.sessions() as session:
        found = await staff_with_password(session, name, field(form, "mat_khau"), here.passwords)
    if found is None:
        return _form(request, wanted, name=name, notice=WRONG, status=400)
    here.by_name.forget(keys[0])
    here.by_address.forgive(keys[1])
    return await _let_in(request, here, found, wanted)


async def log_out(request: Request) -> Response:
    """End the session."""
    await signed_form(request)
    visitor, here = visitor_of(request), office(request)
    if visitor:
        here.chats.forget(visitor.session)
        async with here.parts.sessions.begin() as session:
            await close_session(session, visitor.session)
    response = _to("/dang-nhap")
    drop_session(response)
    return response


async def link_page(request: Request) -> Response:
    """Show the button that uses the link; opening the page alone does not, for previews of links do that."""
    here = office(request)
    async with here.parts.sessions() as session:
        good = await link_is_good(session, request.path_params["token"], here.clock())
    return _link(request, good=good)


async def use_link(request: Request) -> Response:
    """Use the link up and let its owner in."""
    await signed_form(request)
    here = office(request)
    async with here.parts.sessions.begin() as session:
        staff_id = await use_up(session, request.path_params["token"], here.clock())
    return _link(request, good=False) if staff_id is None else await _let_in(request, here, staff_id, HOME)


async def send_to_log_in(request: Request, _error: Exception) -> Response:
    """Answer somebody who is not in."""
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": log_in_path(request)})
    return _to(log_in_path(request))


async def _let_in(request: Request, here: Office, staff_id: int, wanted: str) -> Response:
    async with here.parts.sessions.begin() as session:
        await close_session(session, hashed(request.cookies.get(SESSION_COOKIE, "")))
        token = await open_session(session, staff_id, here.clock())
    response = _to(wanted)
    set_session(request, response, token)
    return response


def _form(request: Request, wanted: str, *, name: str = "", notice: str = "", status: int = 200) -> Response:
    guest = greet_guest(request)
    values = {"next": wanted, "name": name[:80], "notice": notice}
    response = show(request, "log_in.html", status=status, **values)
    set_guest(request, response, guest)
    return response


def _asked_to_wait(request: Request, wanted: str, wait: float) -> Response:
    notice = WAIT.format(minutes=math.ceil(wait / 60))
    response = _form(request, wanted, notice=notice, status=429)
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _link(request: Request, *, good: bool) -> Response:
    guest = greet_guest(request)
    response = show(request, "link.html", status=200 if good else 410, good=good)
    set_guest(request, response, guest)
    return response


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303)
