"""Drafts, one at a time: see how an entry stands, change it, and be told if somebody else did meanwhile."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from faq.entries import Entry, OutsideGroup
from faq.folding import fold
from faq.models import Draft, DraftVersion, Kind, Release, ReleaseRevision, ReleaseState, Revision
from faq.sheets import OUTSIDE, Content, Piece

LONGEST_WHY = 300


@dataclass(frozen=True, slots=True)
class Standing:
    """How an entry (or a sheet) stands at one moment: what is live and what is drafted."""

    key: str
    kind: Kind
    live: Content | None
    drafted: bool
    draft: Content | None
    """None beside `drafted` stands for a withdrawal."""
    version: str
    """Names this very state; to be given back with a change (optimistic lock)."""
    author: str | None = None
    """Of the draft."""
    updated_at: dt.datetime | None = None
    why: str = ""

    @property
    def content(self) -> Content | None:
        """What stands when all drafts are published."""
        return self.draft if self.drafted else self.live


class ChangedMeanwhileError(Exception):
    """Somebody else has changed the draft since it was opened; carries how it stands now."""

    def __init__(self, now: Standing) -> None:
        super().__init__(now.key)
        self.now = now


async def standing(session: AsyncSession, key: str, *, kind: Kind = Kind.ENTRY) -> Standing:
    """Return how `key` stands; an unknown one has nothing live and no draft."""
    bound = select(ReleaseRevision.revision_id).join(Release, Release.id == ReleaseRevision.release_id)
    live_ids = bound.where(Release.state == ReleaseState.LIVE)
    revision = await session.scalar(select(Revision).where(Revision.key == key, Revision.id.in_(live_ids)))
    draft = await session.scalar(select(Draft).where(Draft.key == key).execution_options(populate_existing=True))
    return Standing(
        key=key,
        kind=Kind(revision.kind) if revision else kind,
        live=revision.content if revision else None,
        drafted=draft is not None,
        draft=draft.content if draft else None,
        version=_version(revision, draft),
        author=draft.author if draft else None,
        updated_at=draft.updated_at if draft else None,
        why=draft.why if draft else "",
    )


async def save(
    session: AsyncSession,
    piece: Piece,
    *,
    base: str,
    author: str,
    now: dt.datetime,
    why: str = "",
) -> Standing:
    """Make `piece` the draft of its key; raise `ChangedMeanwhileError` unless it still stands as `base` says.

    What is the same as what is live is no draft.
    """
    before = await standing(session, piece.key, kind=piece.kind)
    if before.version != base:
        raise ChangedMeanwhileError(before)
    if piece.content == before.live:
        return await discard(session, piece.key, base=base, author=author, now=now) if before.drafted else before
    await _write(session, before, piece.content, author=author, now=now, why=why)
    note(session, author, "draft.saved", piece.key, now=now, why=why)
    return await standing(session, piece.key, kind=piece.kind)


async def withdraw(
    session: AsyncSession, key: str, *, base: str, author: str, now: dt.datetime, why: str = ""
) -> Standing:
    """Draft that the entry is taken out at the next publication."""
    before = await standing(session, key)
    if before.version != base:
        raise ChangedMeanwhileError(before)
    if before.live is None:
        return await discard(session, key, base=base, author=author, now=now)
    await _write(session, before, None, author=author, now=now, why=why)
    note(session, author, "draft.withdrawal", key, now=now, why=why)
    return await standing(session, key)


async def discard(session: AsyncSession, key: str, *, base: str, author: str, now: dt.datetime) -> Standing:
    """Drop the draft: what is live stays as it is."""
    before = await standing(session, key)
    if before.version != base:
        raise ChangedMeanwhileError(before)
    await session.execute(delete(Draft).where(Draft.key == key))
    note(session, author, "draft.discarded", key, now=now, content=before.draft)
    return await standing(session, key)


async def add_examples(
    session: AsyncSession, key: str, texts: Iterable[str], *, author: str, now: dt.datetime, why: str = ""
) -> tuple[str, ...]:
    """Add sentences to an entry's examples, unless it has them; return those that are new.

    Raises `LookupError` if there is no such entry, `ValidationError` if a text can be no example.
    """
    before = await standing(session, key)
    if before.content is None:
        raise LookupError(key)
    known = {fold(text) for text in before.content["examples"]}
    added = tuple({fold(text): text for text in texts if fold(text) not in known}.values())
    if added:
        await _with_examples(session, before, (*before.content["examples"], *added), author=author, now=now, why=why)
    return added


async def remove_examples(
    session: AsyncSession, key: str, texts: Iterable[str], *, author: str, now: dt.datetime
) -> None:
    """Take sentences out of an entry's examples again; what is not there is passed over."""
    before = await standing(session, key)
    if before.content is None:
        return
    gone = set(texts)
    left = tuple(text for text in before.content["examples"] if text not in gone)
    if left != tuple(before.content["examples"]):
        await _with_examples(session, before, left, author=author, now=now, why="")


async def add_outside(
    session: AsyncSession, key: str, texts: Iterable[str], *, author: str, now: dt.datetime, why: str = ""
) -> tuple[str, ...]:
    """Add sentences to a group out of scope, unless it has them; return those that are new.

    Raises `LookupError` if there is no such group, `ValidationError` if a text can be no example.
    """
    before = await standing(session, OUTSIDE, kind=Kind.SHEET)
    group = _outside_group(before, key)
    if group is None:
        raise LookupError(key)
    known = {fold(text) for text in group["examples"]}
    added = tuple({fold(text): text for text in texts if fold(text) not in known}.values())
    if added:
        await _with_outside(session, before, key, (*group["examples"], *added), author=author, now=now, why=why)
    return added


async def remove_outside(
    session: AsyncSession, key: str, texts: Iterable[str], *, author: str, now: dt.datetime
) -> None:
    """Take sentences out of a group out of scope again; what is not there is passed over."""
    before = await standing(session, OUTSIDE, kind=Kind.SHEET)
    group = _outside_group(before, key)
    gone = set(texts)
    left = tuple(text for text in group["examples"] if text not in gone) if group else ()
    if group and left != tuple(group["examples"]):
        await _with_outside(session, before, key, left, author=author, now=now, why="")


def _outside_group(before: Standing, key: str) -> Content | None:
    groups = before.content["groups"] if before.content else []
    return next((group for group in groups if group["key"] == key), None)


async def _with_outside(
    session: AsyncSession,
    before: Standing,
    key: str,
    examples: tuple[str, ...],
    *,
    author: str,
    now: dt.datetime,
    why: str,
) -> None:
    groups = (before.content or {})["groups"]
    changed = [{**group, "examples": examples} if group["key"] == key else group for group in groups]
    plain = [OutsideGroup.model_validate(g).model_dump(mode="json", exclude_defaults=True) for g in changed]
    piece = Piece(Kind.SHEET, before.key, {"groups": plain})
    await save(session, piece, base=before.version, author=author, now=now, why=_both(before.why, why))


async def _with_examples(
    session: AsyncSession, before: Standing, examples: tuple[str, ...], *, author: str, now: dt.datetime, why: str
) -> None:
    entry = Entry.model_validate({**(before.content or {}), "examples": examples})
    content = entry.model_dump(mode="json", exclude_defaults=True)
    piece = Piece(Kind.ENTRY, before.key, content)
    await save(session, piece, base=before.version, author=author, now=now, why=_both(before.why, why))


def _both(before: str, why: str) -> str:
    """Return the reason that a draft has, and the one that comes to it."""
    if not before or not why or why in before:
        return before or why
    return f"{before[: LONGEST_WHY - len(why) - 2]}; {why}"


async def _write(
    session: AsyncSession, before: Standing, content: Content | None, *, author: str, now: dt.datetime, why: str
) -> None:
    """Insert or change the draft, if nobody else has done so since it was read; what stood there stays a version."""
    values = {"content": content, "author": author, "updated_at": now, "why": why[:LONGEST_WHY]}
    await _keep_unversioned(session, before)
    kept = {"content": content, "author": author, "saved_at": now, "why": why[:LONGEST_WHY]}
    session.add(DraftVersion(key=before.key, kind=before.kind, **kept))
    if before.drafted:
        same = (Draft.key == before.key) & (Draft.updated_at == before.updated_at) & (Draft.author == before.author)
        changed = update(Draft).where(same).values(**values, version=Draft.version + 1)
        if not (await session.execute(changed)).rowcount:  # type: ignore[attr-defined]
            raise ChangedMeanwhileError(await standing(session, before.key))
        return
    try:
        async with session.begin_nested():
            session.add(Draft(key=before.key, kind=before.kind, version=1, **values))
    except IntegrityError:
        raise ChangedMeanwhileError(await standing(session, before.key)) from None


async def _keep_unversioned(session: AsyncSession, before: Standing) -> None:
    """Keep a draft as a version that was not made by saving: one drafted with all others from the shipped files."""
    if before.author is None or before.updated_at is None:
        return
    same = (DraftVersion.key == before.key) & (DraftVersion.saved_at == before.updated_at)
    if await session.scalar(select(DraftVersion.id).where(same).limit(1)) is None:
        kept = {"author": before.author, "saved_at": before.updated_at, "why": before.why}
        session.add(DraftVersion(key=before.key, kind=before.kind, content=before.draft, **kept))
        await session.flush()


async def versions(session: AsyncSession, key: str, *, most: int) -> Sequence[DraftVersion]:
    """Return how the draft of `key` was saved since it was last published, the newest first."""
    query = select(DraftVersion).where(DraftVersion.key == key).order_by(DraftVersion.id.desc()).limit(most)
    return (await session.scalars(query)).all()


async def restore(
    session: AsyncSession, key: str, number: int, *, base: str, author: str, now: dt.datetime
) -> Standing:
    """Make a saved version the draft of its key again; raise `LookupError`, or `ChangedMeanwhileError` as `save`."""
    kept = await session.get(DraftVersion, number)
    if kept is None or kept.key != key:
        raise LookupError(number)
    why = f"Lấy lại bản nháp của {kept.author}"
    if kept.content is None:
        return await withdraw(session, key, base=base, author=author, now=now, why=why)
    piece = Piece(Kind(kept.kind), key, kept.content)
    return await save(session, piece, base=base, author=author, now=now, why=why)


async def writers(session: AsyncSession, keys: Collection[str]) -> frozenset[str]:
    """Return everybody who wrote at the drafts of `keys` since they were last published."""
    last = await session.scalars(select(Draft.author).where(Draft.key.in_(list(keys))))
    earlier = await session.scalars(select(DraftVersion.author).where(DraftVersion.key.in_(list(keys))).distinct())
    return frozenset((*last, *earlier))


def stamp(draft: Draft) -> str:
    """Name this very state of a draft, also among those of a draft of the same key that was dropped and begun anew."""
    return f"{draft.version}-{int(draft.updated_at.timestamp() * 1_000_000)}"


def _version(revision: Revision | None, draft: Draft | None) -> str:
    return f"{revision.id if revision else 0}-{stamp(draft) if draft else '0'}"
