"""What was published when, by whom and why; and the way back to any of it, texts and model together."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from faq.audit import Deed
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
NEWEST_FIRST = Release.created_at.desc(), Release.name.desc(), Release.id.desc()
UNKNOWN_WHY = "cài đặt hoặc công bố bằng lệnh trên máy chủ"
REASONS = {
    "document.replaced": "ghi văn bản {} đã được thay thế",
    "document.restored": "bỏ ghi thay thế của văn bản {}",
}
"""Why a release was made that nobody had to publish, by what was noted of it."""
STATES = {
    ReleaseState.LIVE: ("Đang chạy", "good"),
    ReleaseState.PAST: ("Đã qua", ""),
    ReleaseState.REJECTED: ("Bị từ chối", "bad"),
}
FAULTS: dict[type[Exception], tuple[str, int]] = {
    UnknownReleaseError: (
        "Không quay lại được bản này: phần hiểu câu của bản ấy không còn. Bản đang chạy vẫn giữ nguyên.",
        409,
    ),
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


@dataclass(frozen=True, slots=True)
class Done:
    """What going back to the live release did."""

    release: str
    entries: int
    left: ReleaseRow | None
    """The release that was live before, if it may be live again."""


async def releases(request: Request) -> Response:
    """Show the releases, the newest first."""
    return await _list(request)


async def roll_back(request: Request) -> Response:
    """Go back to a release, at once: the way back from there is as short."""
    await signed_form(request)
    here, name = office(request), request.path_params["name"]
    if await _live_name(here) != name:  # else somebody pressed twice
        try:
            await here.publisher().roll_back(name, author=staff_of(request).name)
        except tuple(FAULTS) as error:
            fault, status = next(told for kind, told in FAULTS.items() if isinstance(error, kind))
            return await _list(request, fault=fault, status=status)
    return RedirectResponse(f"/cac-ban?{urlencode({'xong': name})}", 303)


async def _list(request: Request, *, fault: str = "", status: int = 200) -> Response:
    here = office(request)
    async with here.parts.sessions() as session:
        found = list(await session.scalars(select(Release).order_by(*NEWEST_FIRST).limit(MOST + 1)))
        asked = await _publications(session, found)
        changes, noted = await _changes(session, found), await _noted(session, found, here)
        deed = await _last_return(session, request.query_params.get("xong", ""))
    rows = [
        _row(here, one, asked.get(one.name), changes.get(one.id, 0), noted.get(one.name, "")) for one in found[:MOST]
    ]
    values: dict[str, Any] = {
        "may_return": staff_of(request).may(Right.APPROVE),
        "done": _done(deed, rows) if deed else None,
        "fault": fault,
        "here": HOME,
    }
    return show(request, "releases.html", status=status, rows=rows, **values)


async def release(request: Request) -> Response:
    """Show what going back to a release would change."""
    here = office(request)
    async with here.parts.sessions() as session:
        found = await session.scalar(select(Release).where(Release.name == request.path_params["name"]))
        if found is None or found.state != ReleaseState.PAST:
            raise HTTPException(404)
        now, then, live = await live_pieces(session), await pieces_of(found), await live_release(session)
        asked = await _publications(session, [found])
    return show(
        request,
        "release.html",
        release=_row(here, found, asked.get(found.name), 0),
        live=live,
        lists=_lists(difference(now, then), now, then, (await here.parts.faq.now()).faq.place.fill),
        may_return=staff_of(request).may(Right.APPROVE),
        here=HOME,
    )


async def _live_name(here: Office) -> str | None:
    async with here.parts.sessions() as session:
        live = await live_release(session)
    return live.name if live else None


async def _last_return(session: AsyncSession, name: str) -> Deed | None:
    """Return what was noted when somebody went back to the release `name`, if it is live."""
    live = await live_release(session)
    if live is None or live.name != name:
        return None
    noted = select(Deed).where(Deed.act == "release.rolled_back", Deed.subject == name)
    return await session.scalar(noted.order_by(Deed.id.desc()).limit(1))


def _done(deed: Deed, rows: Sequence[ReleaseRow]) -> Done:
    left = next((row for row in rows if row.name == deed.details.get("left") and row.may_return), None)
    return Done(deed.subject, deed.details.get("entries", 0), left)


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


async def _noted(session: AsyncSession, found: Sequence[Release], here: Office) -> dict[str, str]:
    """Return why releases were made of which no publication tells: a document was replaced."""
    if not found:
        return {}
    numbers = {document.id: document.number for document in (await here.parts.faq.now()).faq.documents}
    names, first = {release.name for release in found}, min(release.created_at for release in found)
    deeds = select(Deed).where(Deed.act.in_(REASONS), Deed.at >= first)
    return {
        str(deed.details.get("release")): REASONS[deed.act].format(numbers.get(deed.subject, deed.subject))
        for deed in await session.scalars(deeds)
        if deed.details.get("release") in names
    }


async def _changes(session: AsyncSession, found: Sequence[Release]) -> dict[int, int]:
    """Count the pieces of each release that the one made before it did not have so, or no longer has."""
    held: dict[int, set[tuple[str, int]]] = {one.id: set() for one in found if one.state != ReleaseState.REJECTED}
    bound = select(ReleaseRevision.release_id, Revision.key, Revision.id).join(
        Revision, Revision.id == ReleaseRevision.revision_id
    )
    for release, key, revision in await session.execute(bound.where(ReleaseRevision.release_id.in_(held))):
        held[release].add((key, revision))
    numbers = [one.id for one in reversed(found) if one.id in held]
    return {new: len({key for key, _ in held[new] ^ held[old]}) for old, new in pairwise(numbers)}


def _row(here: Office, one: Release, asked: Publication | None, changes: int, noted: str = "") -> ReleaseRow:
    held = (here.settings.models / one.model_file).exists()
    return ReleaseRow(
        name=one.name,
        state=STATES[ReleaseState(one.state)],
        is_live=one.state == ReleaseState.LIVE,
        made_at=one.created_at,
        live_since=one.live_since,
        author=one.author,
        approver=asked.approver if asked else None,
        why=asked.why if asked else noted or UNKNOWN_WHY,
        override=asked.override if asked else "",
        publication=asked.id if asked else None,
        changes=changes,
        report=Report.from_json(one.report),
        held=held,
        may_return=held and one.state == ReleaseState.PAST,
    )
