"""The history of an entry: who changed what, when and why; and what becomes of its draft."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request, Response
from sqlalchemy import select
from starlette.responses import RedirectResponse

from faq.drafting import LONGEST_WHY, ChangedMeanwhileError, Standing, discard, restore, standing, versions, withdraw
from faq.live import Live
from faq.models import DraftVersion, Revision
from faq.sheets import Content
from stats.masking import mask
from web.access import field, row_number, signed_form, staff_of
from web.card import clean, fields_of
from web.difference import Change, changes
from web.office import office
from web.pages.card import content_now
from web.showing import show

SHOWN = 30
"""Revisions; each is compared with the one before."""
CHANGED = "Bản nháp vừa được người khác sửa, nên chưa làm gì. Anh/chị xem lại rồi quyết định."


@dataclass(frozen=True, slots=True)
class Step:
    """One version of an entry, and how it differs from the one before."""

    number: int | None
    """None: the draft."""
    author: str
    at: dt.datetime
    why: str
    changes: Sequence[Change]
    first: bool = False
    withdrawn: bool = False
    version: int | None = None
    """By which an earlier state of the draft is taken back."""


async def history(request: Request) -> Response:
    """Show how an entry came to read as it does, the newest first."""
    return await _history(request)


async def discard_draft(request: Request) -> Response:
    """Drop the draft of an entry."""
    form = await signed_form(request)
    key, here = request.path_params["key"], office(request)
    try:
        async with here.parts.sessions.begin() as session:
            left = await discard(
                session, key, base=field(form, "base"), author=staff_of(request).name, now=here.clock()
            )
    except ChangedMeanwhileError:
        return await _history(request, notice=CHANGED, status=409)
    live = await here.parts.faq.now()
    return RedirectResponse(f"/faq/{key}" if content_now(left, live) else "/faq", 303)


async def take_back(request: Request) -> Response:
    """Make a draft that was saved earlier the draft again."""
    form = await signed_form(request)
    key, here = request.path_params["key"], office(request)
    base, number = field(form, "base"), row_number(field(form, "ban"))
    try:
        async with here.parts.sessions.begin() as session:
            await restore(session, key, number, base=base, author=staff_of(request).name, now=here.clock())
    except LookupError:
        raise HTTPException(404) from None
    except ChangedMeanwhileError:
        return await _history(request, notice=CHANGED, status=409)
    return RedirectResponse(f"/faq/{key}/lich-su?xong=1", 303)


async def ask_to_withdraw(request: Request) -> Response:
    """Ask once more before an entry is drafted to be taken out."""
    stands, live = await _stands(request)
    content = content_now(stands, live)
    if content is None:
        raise HTTPException(404)
    fill = live.faq.place.fill
    pointing = [entry for entry in live.faq.entries if stands.key in entry.related]
    title = fill(fields_of(content)["question"])
    values: dict[str, Any] = {"pointing": pointing, "fill": fill, "longest": LONGEST_WHY}
    return show(request, "withdraw.html", stands=stands, title=title, **values)


async def withdraw_entry(request: Request) -> Response:
    """Draft that an entry is taken out at the next publication."""
    form = await signed_form(request)
    key, here = request.path_params["key"], office(request)
    base, why = field(form, "base"), mask(clean(field(form, "why"))[:LONGEST_WHY]).text[:LONGEST_WHY]
    try:
        async with here.parts.sessions.begin() as session:
            left = await withdraw(session, key, base=base, author=staff_of(request).name, now=here.clock(), why=why)
    except ChangedMeanwhileError:
        return await _history(request, notice=CHANGED, status=409)
    return RedirectResponse(f"/faq/{key}?luu=1" if left.live else "/faq", 303)


async def _history(request: Request, *, notice: str = "", status: int = 200) -> Response:
    stands, live = await _stands(request)
    async with office(request).parts.sessions() as session:
        query = select(Revision).where(Revision.key == stands.key).order_by(Revision.number.desc()).limit(SHOWN + 1)
        revisions = list(await session.scalars(query))
        saved = await versions(session, stands.key, most=SHOWN + 1)
    written = next(filter(None, [*(one.content for one in revisions), *(one.content for one in saved)]), None)
    content = content_now(stands, live) or written
    if content is None:
        raise HTTPException(404)
    return show(
        request,
        "history.html",
        status=status,
        key=stands.key,
        title=live.faq.place.fill(fields_of(content)["question"]),
        stands=stands,
        draft=_draft(stands, live),
        saved=_saved(saved, stands, live),
        steps=_steps(revisions, live),
        done="xong" in request.query_params,
        older=len(revisions) > SHOWN,
        notice=notice,
    )


async def _stands(request: Request) -> tuple[Standing, Live]:
    here = office(request)
    live = await here.parts.faq.now()
    async with here.parts.sessions() as session:
        stands = await standing(session, request.path_params["key"])
    return stands, live


def _draft(stands: Standing, live: Live) -> Step | None:
    if not stands.drafted or stands.author is None or stands.updated_at is None:
        return None
    found = _between(stands.live, stands.draft, live) if stands.draft else ()
    return Step(
        None,
        stands.author,
        stands.updated_at,
        stands.why,
        found,
        first=stands.live is None,
        withdrawn=stands.draft is None,
    )


def _saved(saved: Sequence[DraftVersion], stands: Standing, live: Live) -> list[Step]:
    """Return the drafts that were saved since the last publication, but for the one that is the draft now."""
    older = [*saved[1:], None][: len(saved)]
    steps = [_version(now, before, stands, live) for now, before in zip(saved, older, strict=True)][:SHOWN]
    is_draft = stands.drafted and bool(saved) and saved[0].saved_at == stands.updated_at
    return steps[1:] if is_draft else steps


def _version(now: DraftVersion, before: DraftVersion | None, stands: Standing, live: Live) -> Step:
    old = before.content if before is not None else stands.live
    return Step(
        None,
        now.author,
        now.saved_at,
        now.why,
        _between(old, now.content, live) if now.content else (),
        first=old is None,
        withdrawn=now.content is None,
        version=now.id,
    )


def _steps(revisions: Sequence[Revision], live: Live) -> list[Step]:
    earlier: list[Revision | None] = [*revisions, None][1:]
    pairs = list(zip(revisions, earlier, strict=True))[:SHOWN]
    return [
        Step(
            now.number,
            now.author,
            now.created_at,
            now.why,
            _between(before.content, now.content, live) if before else (),
            first=before is None,
        )
        for now, before in pairs
    ]


def _between(old: Content | None, new: Content, live: Live) -> list[Change]:
    """Return what changed, with titles instead of codes."""
    aspects = {aspect.id: aspect.title for aspect in live.faq.taxonomy.aspects}
    documents = {document.id: f"{document.name} {document.number}" for document in live.faq.documents}
    words = {"aspect": aspects, "law": documents, "related": {key: e.title for key, e in live.entries.items()}}

    def shown(name: str, text: str) -> str:
        known = words.get(name, {})
        lines = (line.partition(" | ") for line in text.split("\n")) if known else ()
        return "\n".join(known.get(head, head) + mark + rest for head, mark, rest in lines) if known else text

    return changes(fields_of(old), fields_of(new), shown=shown)
