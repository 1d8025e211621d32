"""`/api`: tokens with which other programs read the figures, and how that is done."""

from fastapi import HTTPException, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from stats.masking import mask
from web.access import field, signed_form, staff_of
from web.api import PATH as API
from web.api import TABLES
from web.office import office
from web.showing import show
from web.tokens import LONGEST_NAME, TooManyTokensError, every_token, make_token, revoke_token

PATH = "/api"
NO_NAME = f"Anh/chị hãy ghi mã này dùng cho việc gì (nhiều nhất {LONGEST_NAME} ký tự)."
PERSONAL = "Tên có vẻ chứa dữ liệu cá nhân. Anh/chị hãy ghi tên chương trình hoặc đơn vị dùng mã."
TOO_MANY = "Đang có quá nhiều mã còn hiệu lực. Anh/chị hãy thu hồi mã không dùng nữa trước."


async def tokens(request: Request) -> Response:
    """Show the tokens and the addresses of the figures."""
    return await _page(request)


async def make(request: Request) -> Response:
    """Make a token and show it, for the only time."""
    form = await signed_form(request)
    name = " ".join(field(form, "ten").replace("\x00", "").split())
    fault = _fault(name)
    if fault:
        return await _page(request, fault=fault, name=name)
    try:
        async with office(request).parts.sessions.begin() as session:
            token = await make_token(session, name, author=staff_of(request).name, now=office(request).clock())
    except TooManyTokensError:
        return await _page(request, fault=TOO_MANY, name=name)
    return await _page(request, token=token)


async def revoke(request: Request) -> Response:
    """Let a token open nothing any more."""
    form = await signed_form(request)
    async with office(request).parts.sessions.begin() as session:
        if not await _revoked(request, session, field(form, "ma")):
            raise HTTPException(404)
    return RedirectResponse(PATH, 303)


async def _revoked(request: Request, session: AsyncSession, token_hash: str) -> bool:
    return await revoke_token(session, token_hash, author=staff_of(request).name, now=office(request).clock())


def _fault(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME:
        return NO_NAME
    return PERSONAL if mask(name).kinds else ""


async def _page(request: Request, *, token: str = "", fault: str = "", name: str = "") -> Response:
    async with office(request).parts.sessions() as session:
        found = await every_token(session)
    values = {"tokens": found, "token": token, "fault": fault, "name": name, "api": API, "tables": TABLES}
    address = office(request).settings.address
    return show(request, "tokens.html", status=400 if fault else 200, address=address, most=LONGEST_NAME, **values)
