"""The guide for staff: to read on the screen, and to print."""

import asyncio
from collections.abc import Sequence
from functools import cache

from fastapi import Request, Response

from faq.booklet.handbook import Handbook, Section, pdf
from web.guide import Chapter, guide
from web.showing import show


async def page(request: Request) -> Response:
    """Show the guide."""
    return show(request, "guide.html", guide=guide())


async def printed(_request: Request) -> Response:
    """Send the guide as a PDF."""
    content = await asyncio.to_thread(_pdf)
    headers = {"Content-Disposition": 'inline; filename="huong-dan.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@cache
def _pdf() -> bytes:
    whole = guide()
    return pdf(Handbook(whole.title, whole.preface, _sections(whole.chapters)))


def _sections(chapters: Sequence[Chapter]) -> Sequence[Section]:
    return [Section(c.title, c.steps, c.picture_path, c.alt, c.example_title, c.examples) for c in chapters]
