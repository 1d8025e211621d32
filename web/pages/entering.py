"""Coming in and going out: by name and password, or by a link that works once; then the code of the second step."""

import math
from urllib.parse import quote

from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse

from faq.audit import note
from web.access import (
    HOME,
    LOG_IN,
    SESSION_COOKIE,
    current_visitor,
    drop_session,
    field,
    greet_guest,
    log_in_path,
    own_path,
    set_guest,
    set_session,
    signed_form,
    visitor_of,
)
from web.attempts import asked_to_wait, at_code, at_log_in
from web.browsers import browser_of
from web.half_way import BY_LINK, BY_PASSWORD, HalfWay, drop_half_way, half_way, set_half_way
from web.office import Office, office
from web.second_step import use_code
from web.showing import is_partial, show
from web.staff import (
    Staff,
    close_session,
    hashed,
    link_is_good,
    note_refused,
    open_session,
    plain_name,
    staff_with_password,
)
from web.staff import use_link as use_up

CODE_PATH = f"{LOG_IN}/ma"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng. Anh/chị vui lòng kiểm tra lại."
WRONG_CODE = "Mã chưa đúng hoặc đã dùng rồi. Anh/chị đợi ứng dụng hiện mã mới rồi nhập lại."


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
    attempt = at_log_in(request, plain_name(name)[:80])
    if wait := attempt.wait():
        return _told_to_wait(_form(request, wanted, notice=asked_to_wait(wait), status=429), wait)
    async with here.parts.sessions() as session:
        found = await staff_with_password(session, name, field(form, "mat_khau"), here.passwords)
    if found is None:
        return _noted(_form(request, wanted, name=name, notice=WRONG, status=400), here, name, BY_PASSWORD)
    attempt.was_good()
    return await _go_on(request, HalfWay(found, BY_PASSWORD), wanted)


async def code_page(request: Request) -> Response:
    """Ask somebody who is half-way in for their code."""
    if half_way(request) is None:
        return _to(LOG_IN)
    return _code_form(request, own_path(request.query_params.get("next", HOME)))


async def give_code(request: Request) -> Response:
    """Let somebody in who is half-way in, if the code is good and was not used before."""
    form = await signed_form(request)
    here, half, wanted = office(request), half_way(request), own_path(field(form, "next"))
    if half is None:
        return _to(LOG_IN)
    attempt = at_code(request, half.staff_id)
    if wait := attempt.wait():
        return _told_to_wait(_code_form(request, wanted, notice=asked_to_wait(wait), status=429), wait)
    key = here.settings.secret_key
    async with here.parts.sessions.begin() as session:
        good = await use_code(session, half.staff_id, field(form, "ma"), key=key, now=here.clock())
        name = (await session.get_one(Staff, half.staff_id)).name
    if not good:
        return _noted(_code_form(request, wanted, notice=WRONG_CODE, status=400), here, name, "code")
    attempt.was_good()
    response = await _let_in(request, half, wanted)
    drop_half_way(response)
    return response


async def log_out(request: Request) -> Response:
    """End the session."""
    await signed_form(request)
    visitor, here = visitor_of(request), office(request)
    if visitor:
        here.chats.forget(visitor.session)
        async with here.parts.sessions.begin() as session:
            await close_session(session, visitor.session)
            note(session, visitor.name, "session.closed", visitor.name, now=here.clock())
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
    return _link(request, good=False) if staff_id is None else await _go_on(request, HalfWay(staff_id, BY_LINK), HOME)


async def send_to_log_in(request: Request, _error: Exception) -> Response:
    """Answer somebody who is not in."""
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": log_in_path(request)})
    return _to(log_in_path(request))


async def _go_on(request: Request, half: HalfWay, wanted: str) -> Response:
    """Let somebody in, or send them to the second step if they have one."""
    async with office(request).parts.sessions() as session:
        member = await session.get_one(Staff, half.staff_id)
    if member.totp_nonce is None:
        return await _let_in(request, half, wanted)
    response = _to(CODE_PATH if wanted == HOME else f"{CODE_PATH}?next={quote(wanted, safe='/')}")
    set_half_way(request, response, half)
    return response


async def _let_in(request: Request, half: HalfWay, wanted: str) -> Response:
    here, browser = office(request), browser_of(request.headers.get("user-agent", ""))
    async with here.parts.sessions.begin() as session:
        await close_session(session, hashed(request.cookies.get(SESSION_COOKIE, "")))
        token = await open_session(session, half.staff_id, here.clock(), browser=browser, by_link=half.way == BY_LINK)
        member = await session.get_one(Staff, half.staff_id)
        second = member.totp_nonce is not None
        note(session, member.name, "session.opened", member.name, now=here.clock(), way=half.way, second_step=second)
    response = _to(wanted)
    set_session(request, response, token)
    return response


def _noted(response: Response, here: Office, name: str, step: str) -> Response:
    """Note the refusal once the answer is out: how long it takes must not tell whether there is such a person."""

    async def write() -> None:
        async with here.parts.sessions.begin() as session:
            await note_refused(session, name, step, now=here.clock())

    response.background = BackgroundTask(write)
    return response


def _form(request: Request, wanted: str, *, name: str = "", notice: str = "", status: int = 200) -> Response:
    guest = greet_guest(request)
    values = {"next": wanted, "name": name[:80], "notice": notice}
    response = show(request, "log_in.html", status=status, **values)
    set_guest(request, response, guest)
    return response


def _code_form(request: Request, wanted: str, *, notice: str = "", status: int = 200) -> Response:
    greet_guest(request)
    return show(request, "code.html", status=status, next=wanted, notice=notice)


def _told_to_wait(response: Response, wait: float) -> Response:
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _link(request: Request, *, good: bool) -> Response:
    guest = greet_guest(request)
    response = show(request, "link.html", status=200 if good else 410, good=good)
    set_guest(request, response, guest)
    return response


def _to(path: str) -> Response:
    return RedirectResponse(path, status_code=303)
