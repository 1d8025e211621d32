"""«Check the official pages again now»."""

import asyncio

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from faq.audit import note
from web.access import signed_form, staff_of
from web.office import office


async def check_again(request: Request) -> Response:
    """Begin a check in the background; the first page shows what it finds."""
    await signed_form(request)
    here = office(request)
    if not here.links.busy:
        async with here.parts.sessions.begin() as session:
            note(session, staff_of(request).name, "links.checked", "", now=here.clock())
        faq = (await here.parts.faq.now()).faq
        task = asyncio.create_task(here.links.check(faq))
        here.background.add(task)
        task.add_done_callback(here.background.discard)
    return RedirectResponse("/#trang-chinh-thuc", 303)
