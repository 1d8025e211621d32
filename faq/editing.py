"""Drafts: what is to change at the next publication, and how it differs from what is live."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.database import VIETNAM
from faq.entries import Faq
from faq.models import Draft, Kind, Release, ReleaseState
from faq.sheets import Piece, assemble, pieces


@dataclass(frozen=True, slots=True)
class Difference:
    """Which keys are new, changed and removed between two states of the FAQ."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.new or self.changed or self.removed)


def difference(old: Mapping[str, Piece], new: Mapping[str, Piece]) -> Difference:
    """Return what leads from `old` to `new`."""
    return Difference(
        new=tuple(key for key in new if key not in old),
        changed=tuple(key for key in new if key in old and new[key].content != old[key].content),
        removed=tuple(key for key in old if key not in new),
    )


def changed_fields(old: Piece, new: Piece) -> tuple[str, ...]:
    """Name the fields in which two states of one piece differ."""
    names = dict.fromkeys((*old.content, *new.content))
    return tuple(name for name in names if old.content.get(name) != new.content.get(name))


async def live_release(session: AsyncSession) -> Release | None:
    """Return the live release without its revisions."""
    return await session.scalar(select(Release).where(Release.state == ReleaseState.LIVE))


async def claim_live(session: AsyncSession) -> Release | None:
    """Return the live release, which nobody else replaces until the end of this transaction."""
    while True:
        found = await live_release(session)
        if found is None:
            return None
        # A write, for SQLite locks no row by reading it; whoever waited for it finds another release live.
        mine = (Release.id == found.id) & (Release.state == ReleaseState.LIVE)
        claimed = await session.execute(update(Release).where(mine).values(state=ReleaseState.LIVE))
        if claimed.rowcount:  # type: ignore[attr-defined]
            return found
        session.expire_all()


async def next_name(session: AsyncSession, now: dt.datetime) -> str:
    """Return the name of today's next release, as 2026-11-23.1."""
    day = f"{now.astimezone(VIETNAM):%Y-%m-%d}"
    count = await session.scalar(select(func.count()).select_from(Release).where(Release.name.startswith(day)))
    return f"{day}.{(count or 0) + 1}"


async def live_pieces(session: AsyncSession) -> dict[str, Piece]:
    """Return what is live, piece by piece; empty before the first publication."""
    release = await live_release(session)
    if release is None:
        return {}
    return await pieces_of(release)


async def pieces_of(release: Release) -> dict[str, Piece]:
    """Return what a release holds, piece by piece."""
    revisions = await release.awaitable_attrs.revisions
    return {r.key: Piece(Kind(r.kind), r.key, r.content) for r in revisions}


async def drafted_pieces(session: AsyncSession) -> dict[str, Piece]:
    """Return what would be live if all drafts were published now."""
    return with_drafts(await live_pieces(session), await session.scalars(select(Draft)))


def with_drafts(live: Mapping[str, Piece], drafts: Iterable[Draft]) -> dict[str, Piece]:
    """Return what would be live if some drafts were published."""
    found = dict(live)
    for draft in drafts:
        if draft.content is None:
            found.pop(draft.key, None)
        else:
            found[draft.key] = Piece(Kind(draft.kind), draft.key, draft.content)
    return found


async def live_faq(session: AsyncSession) -> Faq | None:
    """Return the live FAQ; None before the first publication."""
    found = await live_pieces(session)
    return assemble(found) if found else None


async def draft_whole(session: AsyncSession, faq: Faq, *, author: str, now: dt.datetime) -> Difference:
    """Make `faq` what the next publication brings: drafts hold just what differs from what is live."""
    live, wanted = await live_pieces(session), pieces(faq)
    found = difference(live, wanted)
    await session.execute(delete(Draft))
    for key in (*found.new, *found.changed):
        piece = wanted[key]
        session.add(Draft(key=key, kind=piece.kind, content=piece.content, author=author, updated_at=now))
    for key in found.removed:
        session.add(Draft(key=key, kind=live[key].kind, content=None, author=author, updated_at=now))
    return found
