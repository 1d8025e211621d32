"""The lock of the door: cookies, who is in, tokens on forms, and where one may be sent on to."""

import hmac
import ipaddress
import re
import secrets
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import cast
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request, Response
from starlette.datastructures import FormData

from web.office import VISIT_SECONDS, office
from web.rights import Right
from web.staff import SESSION_LASTS, Visitor, visitor

SESSION_COOKIE = "hd_phien"
GUEST_COOKIE = "hd_khach"
"""Gives those who are not in yet something their forms can be tied to."""

VISIT_COOKIE, VISIT_PATH = "hd_hoi", "/hoi"
"""Names a citizen's visit, on the citizens' page only."""
_VISIT = re.compile(r"[\w-]{32}", re.ASCII)

LOG_IN, HOME = "/dang-nhap", "/"
MOST_FIELDS = 20
LONGEST_NUMBER = 9
"""Digits of a row's number: more fit into no column."""
IPV6_NETWORK_BITS = 64


class LogInRequiredError(Exception):
    """Whoever asked is not logged in."""


class NoRightError(Exception):
    """Whoever asked is not trusted with this."""


def require(right: Right) -> Callable[[Request], Awaitable[None]]:
    """Return the guard that lets only staff pass who have a right; the page finds who it is in the request."""

    async def guard(request: Request) -> None:
        request.state.visitor = await current_visitor(request)
        if request.state.visitor is None:
            raise LogInRequiredError
        if not request.state.visitor.may(right):
            raise NoRightError

    return guard


async def greet_citizen(request: Request) -> None:
    """Let everybody pass; the page finds the visit in the request, a new one unless the cookie names it."""
    named = request.cookies.get(VISIT_COOKIE, "")
    request.state.visit = named if _VISIT.fullmatch(named) else secrets.token_urlsafe(24)


def visit_of(request: Request) -> str | None:
    """Return the citizen's visit, on the citizens' page."""
    return cast("str | None", getattr(request.state, "visit", None))


def staff_of(request: Request) -> Visitor:
    """Return the member of staff whom the guard of this page let in."""
    visitor = visitor_of(request)
    assert visitor is not None
    return visitor


def visitor_of(request: Request) -> Visitor | None:
    """Return who sent a request, once the door has let them in."""
    return cast("Visitor | None", getattr(request.state, "visitor", None))


async def current_visitor(request: Request) -> Visitor | None:
    """Return who is in, by the cookie."""
    token = request.cookies.get(SESSION_COOKIE)
    if not token:
        return None
    here = office(request)
    async with here.parts.sessions() as session:
        return await visitor(session, token, here.clock())


async def signed_form(request: Request, *, most_fields: int = MOST_FIELDS, files: int = 0) -> FormData:
    """Return the form that was sent, if it is one of our own pages'; otherwise 403. `files`: how many it may carry."""
    form = await request.form(max_files=files, max_fields=most_fields)
    expected = form_token(request)
    if expected is None or not hmac.compare_digest(expected.encode(), field(form, "csrf").encode("utf-8", "replace")):
        await form.close()  # whatever files it carries
        raise HTTPException(403)
    return form


def field(form: FormData, name: str) -> str:
    """Return a field's text; empty if it was not sent."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def row_number(text: str | int) -> int:
    """Return the number of a row that an address or a form names; 404 for what no row can have."""
    named = str(text)
    if not (named.isascii() and named.isdecimal() and len(named) <= LONGEST_NUMBER):
        raise HTTPException(404)
    return int(named)


def form_token(request: Request) -> str | None:
    """Return what forms on this visitor's pages carry: it is tied to their cookie and cannot be guessed."""
    cookie = SESSION_COOKIE if visitor_of(request) else GUEST_COOKIE
    value = visit_of(request) or request.cookies.get(cookie) or getattr(request.state, "guest", None)
    return sign(request, f"form:{value}") if value else None


def greet_guest(request: Request) -> str:
    """Return the guest's cookie, a new one if there is none yet, so that the page's form can be tied to it."""
    request.state.guest = request.cookies.get(GUEST_COOKIE) or secrets.token_urlsafe(24)
    return str(request.state.guest)


def set_guest(request: Request, response: Response, guest: str) -> None:
    """Give a guest their cookie."""
    set_cookie(request, response, GUEST_COOKIE, guest, None)


def set_session(request: Request, response: Response, token: str) -> None:
    """Give someone who has logged in their cookie."""
    set_cookie(request, response, SESSION_COOKIE, token, int(SESSION_LASTS.total_seconds()))


def set_visit(request: Request, response: Response, visit: str) -> None:
    """Give a citizen the cookie of their visit, good for another half hour."""
    set_cookie(request, response, VISIT_COOKIE, visit, VISIT_SECONDS, path=VISIT_PATH)


def drop_visit(response: Response) -> None:
    """Take the cookie of a visit back: the next page begins a new one."""
    response.delete_cookie(VISIT_COOKIE, path=VISIT_PATH, httponly=True, samesite="lax")


def drop_session(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax")


def own_path(wanted: str) -> str:
    """Return `wanted` if it is a path of ours to come back to, else the first page."""
    parts = urlsplit(wanted) if wanted.isprintable() and "\\" not in wanted else None
    own = parts is not None and not parts.scheme and not parts.netloc and wanted.startswith("/")
    return wanted if own and not wanted.startswith(("//", LOG_IN, "/dang-xuat", "/vao/")) else HOME


def log_in_path(request: Request) -> str:
    """Return the way to the log-in that leads back here afterwards."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = own_path(here) if request.method == "GET" else HOME
    return LOG_IN if wanted == HOME else f"{LOG_IN}?next={quote(wanted, safe='/')}"


def network_of(request: Request) -> str:
    """Return the address by which attempts are counted; of an IPv6 address the part that a household shares."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a socket without an address, or whatever a proxy made of it
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:  # as a socket that listens for both writes it: all of these share their /64
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((host, IPV6_NETWORK_BITS), strict=False))


def sign(request: Request, text: str) -> str:
    """Return a signature that only this service can make; what it is for stands first in `text`."""
    key = office(request).settings.secret_key.encode()
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def set_cookie(
    request: Request, response: Response, name: str, value: str, seconds: int | None, *, path: str = "/"
) -> None:
    """Give a cookie that scripts and other sites do not get, and that goes over HTTPS only if the page did."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite="lax", secure=secure)
