"""One's own account on Telegram: a code that links it, and the way back."""

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from stats.staff_chats import new_code, unlink
from web.access import signed_form, staff_of
from web.office import office
from web.pages import account


async def code(request: Request) -> Response:
    """Show a new code; it is shown this once."""
    await signed_form(request)
    here, who = office(request), staff_of(request)
    async with here.parts.sessions.begin() as session:
        made = await new_code(session, who.staff_id, who.name, now=here.clock())
    return await account.page(request, {}, telegram_code=made)


async def unlink_own(request: Request) -> Response:
    """Let no Telegram account be one's own any more."""
    await signed_form(request)
    here, who = office(request), staff_of(request)
    async with here.parts.sessions.begin() as session:
        await unlink(session, who.staff_id, author=who.name, now=here.clock())
    return RedirectResponse(f"{account.PATH}?da=bo-lien-ket", 303)
