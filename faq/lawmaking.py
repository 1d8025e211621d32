"""A document was replaced: said to citizens with the next message, without waiting for drafts or a publication.

Each change makes a release of its own out of the live one, with the same model and another sheet of documents; a draft
of that sheet is changed alike, so that publishing it takes nothing back.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import Deed, note
from faq.database import Sessions
from faq.editing import claim_live, live_pieces, live_release, next_name
from faq.entries import Document
from faq.folding import fold
from faq.models import Draft, Kind, Release, ReleaseRevision, ReleaseState, Revision
from faq.notices import OFFICIAL
from faq.sheets import LAWS, Content

LONGEST_ID = 40
LONGEST_NUMBER, LONGEST_TITLE, LONGEST_URL = 60, 300, 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class UnfitDocumentError(ValueError):
    """A document that cannot be noted as it is: which field, and why in one Vietnamese sentence."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


@dataclass(frozen=True, slots=True)
class Described:
    """A document as staff describe it."""

    number: str
    name: str
    in_force_from: dt.date | None
    url: str
    hosts: tuple[str, ...] = ()
    """Hosts of official pages beside those below gov.vn: the place's allow-list."""


async def replace(sessions: Sessions, old: str, new: str | Described, *, author: str, now: dt.datetime) -> str:
    """Say that document `old` is replaced by one that is listed, or by a new one; return the new one's id.

    Raises `LookupError` if a document (or a live release) is not there, `UnfitDocumentError` if it cannot be the one.
    """
    async with sessions.begin() as session:
        other, added = await _other(session, old, new)

        def changed(listed: list[Content]) -> list[Content]:
            extra = [_plain(added)] if added and all(d["id"] != added.id for d in listed) else []
            return [{**d, "replaced_by": other} if d["id"] == old else d for d in (*listed, *extra)]

        release = await _change(session, changed, author=author, now=now)
        if added:
            note(session, author, "document.added", added.id, now=now, number=added.number, name=added.name)
        note(session, author, "document.replaced", old, now=now, by=other, release=release)
    return other


async def foresee(sessions: Sessions, old: str, new: str | Described) -> Document:
    """Return the document by which `old` would be replaced; nothing is written. Raises what `replace` does."""
    async with sessions() as session:
        name, added = await _other(session, old, new)
        return added or (await _documents(session))[name]


async def _other(session: AsyncSession, old: str, new: str | Described) -> tuple[str, Document | None]:
    """Return the id of what replaces `old`, and the document if it is not listed yet."""
    documents = await _documents(session)
    if old not in documents:
        raise LookupError(old)
    added = None if isinstance(new, str) else described(new, documents)
    other = added.id if added else str(new)
    _fit(old, other, documents if added is None else {**documents, added.id: added})
    return other, added


async def restore(sessions: Sessions, old: str, *, author: str, now: dt.datetime) -> None:
    """Take it back that a document was replaced; one that was listed for that, and that nothing cites, goes with it.

    Raises `LookupError` if it was not replaced.
    """
    async with sessions.begin() as session:
        documents = await _documents(session)
        if old not in documents or documents[old].replaced_by is None:
            raise LookupError(old)

        by = str(documents[old].replaced_by)
        gone = by if await _was_listed_by_staff(session, by) and not await _is_named(session, by, but=old) else ""

        def changed(listed: list[Content]) -> list[Content]:
            left = (d for d in listed if d["id"] != gone)
            return [{k: v for k, v in d.items() if k != "replaced_by" or d["id"] != old} for d in left]

        release = await _change(session, changed, author=author, now=now)
        if gone:
            note(session, author, "document.removed", gone, now=now, number=documents[gone].number)
        note(session, author, "document.restored", old, now=now, was_replaced_by=by, release=release)


async def _was_listed_by_staff(session: AsyncSession, document: str) -> bool:
    added = select(Deed.id).where(Deed.act == "document.added", Deed.subject == document).limit(1)
    return await session.scalar(added) is not None


async def _is_named(session: AsyncSession, document: str, *, but: str) -> bool:
    """Whether anything live or drafted names a document, beside `but`, which was replaced by it."""
    live = [piece.content for piece in (await live_pieces(session)).values()]
    drafts = list(await session.scalars(select(Draft.content)))
    return any(document in _names(content, but) for content in (*live, *drafts))


def _names(content: object, but: str) -> Iterator[str]:
    """Yield the documents that a piece names: in citations, milestones, and as replacing or amending others."""
    if isinstance(content, dict):
        own = {k: v for k, v in content.items() if k != "replaced_by" or content.get("id") != but}
        yield from (str(own[name]) for name in ("document", "replaced_by") if name in own)
        yield from map(str, own.get("amended_by", ()))
        for value in own.values():
            yield from _names(value, but)
    elif isinstance(content, list):
        for value in content:
            yield from _names(value, but)


def described(new: Described, documents: dict[str, Document]) -> Document:
    """Return a new document. Raises `UnfitDocumentError`."""
    for field, text, longest in (
        ("number", new.number, LONGEST_NUMBER),
        ("name", new.name, LONGEST_TITLE),
        ("url", new.url, LONGEST_URL),
    ):
        if len(text) > longest:
            raise UnfitDocumentError(field, f"Dài quá {longest} ký tự.")
        if _CONTROL.search(text) or (field != "url" and not text.strip()):
            raise UnfitDocumentError(field, "Phải ghi mục này, trên một dòng.")
    if new.url and not is_official(new.url, new.hosts):
        raise UnfitDocumentError(
            "url", "Địa chỉ phải là trang chính thức, bắt đầu bằng https:// (ví dụ https://vanban.chinhphu.vn/…)."
        )
    name = _id_of(new.number)
    same = next((d for d in documents.values() if fold(d.number) == fold(new.number) or d.id == name), None)
    if same is not None:
        raise UnfitDocumentError("number", f"Danh mục đã có {same.number}; anh/chị chọn văn bản ấy ở danh sách.")
    try:
        return Document(
            id=name,
            number=new.number.strip(),
            name=new.name.strip(),
            in_force_from=new.in_force_from,
            url=new.url or None,
        )
    except ValidationError:
        raise UnfitDocumentError("number", "Số hiệu phải có chữ hoặc số, ví dụ 12/2027/NĐ-CP.") from None


def is_official(url: str, hosts: Collection[str] = ()) -> bool:
    """Whether an address leads, over HTTPS, to a page of the state: below gov.vn, or on one of `hosts`."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and parts.username is None and parts.port is None
    except ValueError:
        return False
    host = parts.hostname or ""
    return plain and (host.endswith(OFFICIAL) or host in hosts) and not re.search(r"[\s\\]", url)


def _fit(old: str, new: str, documents: dict[str, Document]) -> None:
    """Raise `UnfitDocumentError` unless `new` is listed and does not lead back to `old`."""
    seen, at = {old}, documents.get(new)
    if at is None:
        raise UnfitDocumentError("document", "Chọn văn bản thay thế trong danh sách, hoặc ghi văn bản mới.")
    while at is not None:
        if at.id in seen:
            raise UnfitDocumentError("document", "Văn bản ấy lại được thay bằng chính văn bản này.")
        seen.add(at.id)
        at = documents.get(at.replaced_by or "")


def _id_of(number: str) -> str:
    """Return the id of a number: 68/2020/QH14 -> 68-2020-qh14."""
    return re.sub(r"[^a-z0-9]+", "-", fold(number)).strip("-")[:LONGEST_ID].strip("-")


def _plain(document: Document) -> Content:
    content: Content = document.model_dump(mode="json", exclude_defaults=True)
    return content


async def _documents(session: AsyncSession) -> dict[str, Document]:
    """Return the live documents, of a release that stays live until the transaction ends."""
    if await claim_live(session) is None:
        raise LookupError("nothing is live")
    revision = await _live_laws(session)
    listed = revision.content["documents"] if revision is not None else ()
    return {document["id"]: Document.model_validate(document) for document in listed}


async def _live_laws(session: AsyncSession) -> Revision | None:
    bound = select(ReleaseRevision.revision_id).join(Release, Release.id == ReleaseRevision.release_id)
    live = bound.where(Release.state == ReleaseState.LIVE)
    return await session.scalar(select(Revision).where(Revision.key == LAWS, Revision.id.in_(live)))


async def _change(
    session: AsyncSession, changed: Callable[[list[Content]], list[Content]], *, author: str, now: dt.datetime
) -> str:
    """Make the changed documents live, in a claimed release's place; return the new release's name."""
    live, laws = await live_release(session), await _live_laws(session)
    assert live is not None
    assert laws is not None
    newest = await session.scalar(select(func.max(Revision.number)).where(Revision.key == LAWS)) or 0
    revision = Revision(
        kind=Kind.SHEET,
        key=LAWS,
        number=newest + 1,
        content={"documents": changed(laws.content["documents"])},
        author=author,
        created_at=now,
    )
    kept = [r for r in await live.awaitable_attrs.revisions if r.key != LAWS]
    release = Release(
        name=await next_name(session, now),
        state=ReleaseState.LIVE,
        model_file=live.model_file,
        fingerprint=live.fingerprint,
        report=live.report,
        author=author,
        created_at=now,
        live_since=now,
        revisions=[*kept, revision],
    )
    live.state = ReleaseState.PAST
    session.add(release)
    draft = await session.scalar(select(Draft).where(Draft.key == LAWS))
    if draft is not None and draft.content is not None:
        draft.content = {"documents": changed(draft.content["documents"])}
        draft.version += 1
    await session.flush()
    return release.name
