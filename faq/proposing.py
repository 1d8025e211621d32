"""A publication on its way: asked for, approved by somebody else, declined; each step noted, none taken twice."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from faq.drafting import stamp, writers
from faq.editing import live_release
from faq.models import Draft, Publication, PublicationState
from faq.releasing import KEPT_REFUSED

LONGEST_WHY = 300
LONGEST_TROUBLE = 500
UNDER_WAY = (PublicationState.WAITING, PublicationState.PREPARING)
UNDECIDED = (*UNDER_WAY, PublicationState.PROPOSED, PublicationState.REFUSED)
OPEN = (*UNDECIDED, PublicationState.APPROVED)
IN_LINE = "Chờ tới lượt"
MOVED_ON = (
    "Từ lúc chuẩn bị, bản đang chạy hoặc bản nháp đã chọn đã thay đổi. "
    "Hệ thống chuẩn bị lại để không công bố điều chưa ai xem."
)

SERVICE = "hệ thống"
"""Stands in the log of deeds where nobody of the staff acts."""
ASKED_IT = "Người chuẩn bị không tự duyệt được; cần một người duyệt khác."
WROTE_IT = "Anh/chị đã viết hoặc sửa bản nháp trong đợt này nên không tự duyệt được; cần một người duyệt khác."


class NotAllowedError(Exception):
    """This person must not decide that; the text says why."""


class TooLateError(Exception):
    """The publication has moved on since the page was opened."""


async def ask(session: AsyncSession, keys: Collection[str], *, why: str, author: str, now: dt.datetime) -> Publication:
    """Ask for the drafts of `keys` to be published; raise `LookupError` if none of them is there."""
    stamps = await stamps_of(session, keys)
    if not stamps:
        raise LookupError
    asked = Publication(
        state=PublicationState.WAITING,
        drafts=stamps,
        why=why[:LONGEST_WHY],
        author=author,
        created_at=now,
        doing=IN_LINE,
        share=None,
        result={},
    )
    session.add(asked)
    await session.flush()
    note(session, author, "publication.asked", str(asked.id), now=now, why=asked.why, keys=sorted(stamps))
    return asked


async def approve(
    session: AsyncSession, number: int, *, approver: str, now: dt.datetime, one_person: bool = False
) -> bool:
    """Let what was proposed go live; False if it is prepared afresh instead, for it is not what was proposed.

    Raises `NotAllowedError` for who asked for it or wrote any of it, unless the office has but one person, and
    `TooLateError`.
    """
    found = await _in_state(session, number, PublicationState.PROPOSED)
    if not one_person and (why := await kept_from_deciding(session, found, approver)):
        raise NotAllowedError(why)
    return await _go_on(session, found, "publication.approved", now, approver=approver)


async def override(session: AsyncSession, number: int, *, approver: str, why: str, now: dt.datetime) -> bool:
    """Let go live what the gate refused; it takes a reason and a second person, always. As `approve` otherwise."""
    found = await _in_state(session, number, PublicationState.REFUSED)
    if kept := await kept_from_deciding(session, found, approver):
        raise NotAllowedError(f"Bản bị từ chối chỉ được công bố khi có người thứ hai đồng ý. {kept}")
    if not why.strip():
        raise NotAllowedError("Cần ghi lý do vẫn công bố.")
    return await _go_on(session, found, "publication.overridden", now, approver=approver, override=why[:LONGEST_WHY])


async def kept_from_deciding(session: AsyncSession, found: Publication, approver: str) -> str:
    """Say why somebody must not decide about a publication: it is their own work; empty if they may."""
    if found.author == approver:
        return ASKED_IT
    return WROTE_IT if approver in await writers(session, found.drafts) else ""


async def withdraw(
    session: AsyncSession, number: int, *, author: str, why: str, now: dt.datetime, may_decline: bool
) -> None:
    """Take a publication back that is not live yet: its author, or who may decline it; drafts stay."""
    found = await _in_state(session, number, *OPEN)
    if found.author != author and not may_decline:
        raise NotAllowedError("Chỉ người chuẩn bị hoặc người duyệt được rút lại.")
    if not why.strip():
        raise NotAllowedError("Cần ghi lý do.")
    values = {"trouble": f"{author}: {why}"[:LONGEST_TROUBLE], "decided_at": now, "ended_at": now}
    await move(session, found, PublicationState.WITHDRAWN, **values)
    note(session, author, "publication.withdrawn", str(number), now=now, why=why[:LONGEST_WHY])


async def prepare_again(session: AsyncSession, found: Publication, word: str, *, author: str, now: dt.datetime) -> None:
    """Send a publication back to be prepared afresh, with its drafts as they stand now; `author` made it so."""
    stamps = await stamps_of(session, found.drafts)
    fresh: dict[str, Any] = {
        "approver": None,
        "override": "",
        "decided_at": None,
        "share": None,
        "result": {},
        "doing": "Chờ tới lượt",
    }
    await move(session, found, PublicationState.WAITING, drafts=stamps, trouble=word, **fresh)
    note(session, author, "publication.again", str(found.id), now=now, why=word)


async def move(session: AsyncSession, found: Publication, state: PublicationState, **values: Any) -> None:
    """Move a publication on from the state in which it was found; raise `TooLateError` if it is no longer there."""
    same = (Publication.id == found.id) & (Publication.state == found.state)
    done = await session.execute(update(Publication).where(same).values(state=state, **values))
    if not isinstance(done, CursorResult) or not done.rowcount:
        raise TooLateError


async def stamps_of(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Return the states in which the drafts of `keys` are; a key without a draft is left out."""
    chosen = select(Draft).where(Draft.key.in_(list(keys))).order_by(Draft.key)
    return {draft.key: stamp(draft) for draft in await session.scalars(chosen)}


def stamps(drafts: Mapping[str, Draft]) -> dict[str, str]:
    """Return the states of drafts that have been read."""
    return {key: stamp(draft) for key, draft in sorted(drafts.items())}


async def has_moved_on(session: AsyncSession, found: Publication) -> bool:
    """Whether what is live, or a chosen draft, is no longer what the publication was prepared from."""
    live = await live_release(session)
    base = live.name if live else None
    return base != found.result.get("base") or await stamps_of(session, found.drafts) != found.drafts


async def waiting(session: AsyncSession, *states: PublicationState) -> Publication | None:
    """Return the publication that has been longest in one of some states."""
    oldest = select(Publication).where(Publication.state.in_(states)).order_by(Publication.id).limit(1)
    return await session.scalar(oldest)


async def let_go_of_refused(session: AsyncSession, now: dt.datetime) -> None:
    """Withdraw what was refused so long ago that its candidate is not kept any more."""
    refused = (Publication.state == PublicationState.REFUSED) & (Publication.created_at <= now - KEPT_REFUSED)
    gone = f"Quá {KEPT_REFUSED.days} ngày không ai quyết định; bản nháp vẫn còn."
    values = {"state": PublicationState.WITHDRAWN, "trouble": gone, "ended_at": now}
    for number in await session.scalars(update(Publication).where(refused).values(**values).returning(Publication.id)):
        note(session, SERVICE, "publication.withdrawn", str(number), now=now, why=gone)


async def _in_state(session: AsyncSession, number: int, *states: PublicationState) -> Publication:
    found = await session.get(Publication, number)
    if found is None:
        raise LookupError(number)
    if found.state not in states:
        raise TooLateError
    return found


async def _go_on(session: AsyncSession, found: Publication, act: str, now: dt.datetime, **decided: str) -> bool:
    if await has_moved_on(session, found):
        await prepare_again(session, found, MOVED_ON, author=decided["approver"], now=now)
        return False
    values = {**decided, "decided_at": now, "doing": "Sắp chuyển sang bản mới", "share": None}
    await move(session, found, PublicationState.APPROVED, **values)
    note(session, decided["approver"], act, str(found.id), now=now, why=decided.get("override", ""))
    return True
