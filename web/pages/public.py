"""The public page: for everybody while it is on, as staff see it beforehand, and its switch."""

from fastapi import HTTPException, Request, Response
from starlette.responses import RedirectResponse

from stats.public.keeping import NAME, PublicPage
from stats.public.writing import content_security
from web.access import field, signed_form, staff_of
from web.office import office

DONE = {"bat": "Đã mở trang số liệu công khai: ai cũng xem được.", "tat": "Đã tắt trang số liệu công khai."}


async def page(request: Request) -> Response:
    """Show the page to whoever asks: the file as it was made, whoever they are."""
    content = await public_page(request).read()
    if content is None:
        raise HTTPException(404)
    return _sent(content)


async def download(request: Request) -> Response:
    """Send the page as it would be by now, as a file for another site."""
    return _sent(await public_page(request).made(), **{"Content-Disposition": f'attachment; filename="{NAME}"'})


async def preview(request: Request) -> Response:
    """Show the page as it would be by now, on or off."""
    return _sent(await public_page(request).made())


async def switch(request: Request) -> Response:
    """Switch the page on or off."""
    form = await signed_form(request)
    author, wanted = staff_of(request).name, field(form, "act")
    if wanted == "bat":
        await public_page(request).switch_on(author=author)
    elif wanted == "tat":
        await public_page(request).switch_off(author=author)
    else:
        raise HTTPException(400)
    return RedirectResponse(f"/bao-cao?cong-khai={wanted}#cong-khai", 303)


def public_page(request: Request) -> PublicPage:
    """Return the page of this office."""
    here = office(request)
    return PublicPage(here.parts.sessions, here.settings.var_dir, clock=here.clock)


def _sent(content: bytes, **headers: str) -> Response:
    security = f"{content_security()}; frame-ancestors 'none'"
    return Response(content, media_type="text/html", headers={"Content-Security-Policy": security, **headers})
