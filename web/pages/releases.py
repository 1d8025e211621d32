"""What was published when, by whom and why; and the way back to any of it, texts and model together."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fastapi import HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from faq.editing import Difference, difference, live_pieces, live_release, pieces_of
from faq.judging import Report
from faq.models import Publication, Release, ReleaseRevision, ReleaseState, Revision
from faq.releasing import BusyError, UnknownReleaseError
from faq.sheets import Piece
from nlu.rasa_client import NluUnavailableError
from web.access import signed_form, staff_of
from web.office import Office, office
from web.pages.publishing import SHEETS
from web.rights import Right
from web.showing import show

HOME = "/cong-bo"
"""From where these pages are reached."""
MOST = 30
STATES = {
    ReleaseState.LIVE: ("Đang chạy", "good"),
    ReleaseState.PAST: ("Đã qua", ""),
    ReleaseState.REJECTED: ("Bị từ chối", "bad"),
}
FAULTS: dict[type[Exception], tuple[str, int]] = {
    UnknownReleaseError: ("Bản này không quay lại được nữa: tệp mô hình không còn, hoặc bản đang chạy đã đổi.", 409),
    BusyError: ("Đang có một lần chuyển bản khác. Anh/chị đợi khoảng một phút rồi thử lại.", 409),
    NluUnavailableError: ("Máy hiểu ngôn ngữ không trả lời nên chưa chuyển được. Bản đang chạy vẫn giữ nguyên.", 503),
}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release as the list shows it."""

    name: str
    state: tuple[str, str]
    is_live: bool
    made_at: dt.datetime
    live_since: dt.datetime | None
    author: str
    approver: str | None
    why: str
    override: str
    publication: int | None
    changes: int
    report: Report
    held: bool
    """Whether its model is still there."""
    may_return: bool


async def releases(request: Request) -> Response:
    """Show the releases, the newest first."""
    here = office(request)
    async with here.parts.sessions() as session:
        found = list(await session.scalars(select(Release).order_by(Release.id.desc()).limit(MOST + 1)))
        asked = await _publications(session, found)
        changes = await _changes(session, found)
    rows = [_row(here, one, asked.get(one.name), changes.get(one.id, 0)) for one in found[:MOST]]
    may = staff_of(request).may(Right.APPROVE)
    done = request.query_params.get("xong", "")
    values: dict[str, Any] = {
        "may_return": may,
        "done": next((row for row in rows if row.name == done), None),
        "here": HOME,
    }
    return show(request, "releases.html", rows=rows, **values)


async def confirm(request: Request) -> Response:
    """Show what going back to a release would change, and ask."""
    return await _confirm(request)


async def roll_back(request: Request) -> Response:
    """Go back to a release."""
    await signed_form(request)
    here, name = office(request), request.path_params["name"]
    try:
        await here.publisher().roll_back(name, author=staff_of(request).name)
    except tuple(FAULTS) as error:
        fault, status = next(told for kind, told in FAULTS.items() if isinstance(error, kind))
        return await _confirm(request, fault=fault, status=status)
    return RedirectResponse(f"/cac-ban?xong={name}", 303)


async def _confirm(request: Request, *, fault: str = "", status: int = 200) -> Response:
    here = office(request)
    async with here.parts.sessions() as session:
        found = await session.scalar(select(Release).where(Release.name == request.path_params["name"]))
        if found is None or (found.state != ReleaseState.PAST and not fault):
            raise HTTPException(404)
        now, then, live = await live_pieces(session), await pieces_of(found), await live_release(session)
        asked = await _publications(session, [found])
    return show(
        request,
        "roll_back.html",
        status=status,
        release=_row(here, found, asked.get(found.name), 0),
        live=live,
        lists=_lists(difference(now, then), now, then, (await here.parts.faq.now()).faq.place.fill),
        fault=fault,
        here=HOME,
    )


def _lists(
    found: Difference, now: Mapping[str, Piece], then: Mapping[str, Piece], fill: Callable[[str], str]
) -> Sequence[tuple[str, Sequence[str]]]:
    def named(keys: Sequence[str], where: Mapping[str, Piece]) -> Sequence[str]:
        return [SHEETS.get(key) or fill(where[key].content.get("question", key)) for key in keys]

    lists = (
        ("Trở về như trước", named(found.changed, then)),
        ("Có lại", named(found.new, then)),
        ("Không còn nữa", named(found.removed, now)),
    )
    return [(title, names) for title, names in lists if names]


async def _publications(session: AsyncSession, found: Sequence[Release]) -> dict[str, Publication]:
    query = select(Publication).where(Publication.release.in_([release.name for release in found]))
    return {str(one.release): one for one in await session.scalars(query)}


async def _changes(session: AsyncSession, found: Sequence[Release]) -> dict[int, int]:
    """Count the pieces of each release that the one made before it did not have so, or no longer has."""
    held: dict[int, set[tuple[str, int]]] = {one.id: set() for one in found if one.state != ReleaseState.REJECTED}
    bound = select(ReleaseRevision.release_id, Revision.key, Revision.id).join(
        Revision, Revision.id == ReleaseRevision.revision_id
    )
    for release, key, revision in await session.execute(bound.where(ReleaseRevision.release_id.in_(held))):
        held[release].add((key, revision))
    numbers = sorted(held)
    return {new: len({key for key, _ in held[new] ^ held[old]}) for old, new in pairwise(numbers)}


def _row(here: Office, one: Release, asked: Publication | None, changes: int) -> ReleaseRow:
    held = (here.settings.models / one.model_file).exists()
    return ReleaseRow(
        name=one.name,
        state=STATES[ReleaseState(one.state)],
        is_live=one.state == ReleaseState.LIVE,
        made_at=one.created_at,
        live_since=one.live_since,
        author=one.author,
        approver=asked.approver if asked else None,
        why=asked.why if asked else "",
        override=asked.override if asked else "",
        publication=asked.id if asked else None,
        changes=changes,
        report=Report.from_json(one.report),
        held=held,
        may_return=held and one.state == ReleaseState.PAST,
    )
