"""The documents that answers rest on: what cites each of them, and «this document was replaced» in one action."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fastapi import HTTPException, Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from dialogue.composing import Composer
from dialogue.replies import Reply
from dialogue.wording import DEFAULT, wording
from faq.basis import citing, is_over, is_replaced
from faq.entries import Document, Entry
from faq.folding import fold
from faq.lawmaking import Described, UnfitDocumentError, foresee, replace, restore
from faq.live import Live
from faq.shape import Citation
from faq.visits import Visit
from stats.masking import mask
from web.access import field, signed_form, staff_of
from web.formats import BadDayError, typed_day
from web.office import office
from web.rights import Right
from web.showing import show
from web.staff import approvers

LONGEST_SEARCH = 200
FIRST_YEAR = 1945
NO_RELEASE = "Chưa có bản công bố nào đang dùng. Anh/chị công bố một lần trước rồi thử lại."
PERSONAL = "Có vẻ chứa thông tin riêng của người dân (số, địa chỉ …). Anh/chị bỏ phần ấy rồi lưu lại."
EMPTY = {"document": "", "number": "", "name": "", "in_force_from": "", "url": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """A document in the list."""

    document: Document
    entries: int
    visits: int
    replaced: bool
    over: bool
    lost: int
    """How many of those answers rest on it although it no longer holds."""


@dataclass(frozen=True, slots=True)
class CitedBy:
    """What cites a document, and which of its articles."""

    key: str
    title: str
    articles: tuple[str, ...]
    lost: bool


async def laws(request: Request) -> Response:
    """Show the list, narrowed to the words asked for."""
    today = office(request).today()
    live = (await office(request).parts.faq.now()).on(today)
    async with office(request).parts.sessions() as session:
        may_approve = await approvers(session)
    words = request.query_params.get("tim", "").strip()[:LONGEST_SEARCH]
    only_lost = request.query_params.get("loc") == "thay-the"
    lines = [line for line in _lines(live, today) if _has(line.document, words) and (line.lost or not only_lost)]
    numbers = {document.id: document.number for document in live.faq.documents}
    return show(
        request,
        "laws.html",
        lines=lines,
        words=words,
        only_lost=only_lost,
        numbers=numbers,
        today=today,
        may_change=staff_of(request).may(Right.APPROVE),
        approvers=may_approve,
    )


async def law(request: Request) -> Response:
    """Show one document."""
    return await _page(request)


async def replace_law(request: Request) -> Response:
    """Say that a document was replaced: citizens are told with the next message."""
    form, here = await signed_form(request), office(request)
    name = request.path_params["id"]
    if name not in {document.id for document in (await here.parts.faq.now()).faq.documents}:
        raise HTTPException(404)
    try:
        chosen = await _chosen(request, form)
        if field(form, "sure") != "1":
            other = await foresee(here.parts.sessions, name, chosen)
            return await _page(request, form=_filled(form), look=await _look(request, name, other))
        await replace(here.parts.sessions, name, chosen, author=_author(request), now=here.clock())
    except UnfitDocumentError as error:
        return await _page(request, form=_filled(form), faults={error.field: str(error)})
    except LookupError:
        return await _page(request, form=_filled(form), faults={"document": NO_RELEASE})
    return RedirectResponse(f"/van-ban/{name}?xong=1", 303)


async def restore_law(request: Request) -> Response:
    """Take it back."""
    await signed_form(request)
    here, name = office(request), request.path_params["id"]
    try:
        await restore(here.parts.sessions, name, author=_author(request), now=here.clock())
    except LookupError:  # somebody else was quicker
        return RedirectResponse("/van-ban", 303)
    return RedirectResponse(f"/van-ban/{name}?xong=bo", 303)


def lost_documents(live: Live, today: dt.date) -> int:
    """Count the documents that no longer hold and that answers still rest on."""
    return sum(bool(line.lost) for line in _lines(live, today))


async def _page(
    request: Request,
    *,
    form: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    look: "Look | None" = None,
) -> Response:
    today = office(request).today()
    live = (await office(request).parts.faq.now()).on(today)
    documents = {document.id: document for document in live.faq.documents}
    found = documents.get(request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    entries, visits = _cited_by(live, found.id, today)
    async with office(request).parts.sessions() as session:
        may_approve = await approvers(session)
    others = sorted((d for d in documents.values() if d.id != found.id), key=lambda d: d.number)
    return show(
        request,
        "law.html",
        status=400 if faults else 200,
        document=found,
        documents=documents,
        others=others,
        entries=entries,
        visits=visits,
        replaced=is_replaced(found, documents, today),
        over=is_over(found, today),
        may_change=staff_of(request).may(Right.APPROVE),
        approvers=may_approve,
        look=look,
        form=form or EMPTY,
        faults=faults or {},
        done=request.query_params.get("xong", ""),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What will be once a document is replaced: by which, from when, and what citizens read then."""

    other: Document
    ahead: bool
    """Whether it comes into force later: citizens are told from that day on."""
    example: Reply | None


async def _look(request: Request, name: str, other: Document) -> Look:
    today = office(request).today()
    day = max(today, other.in_force_from or today)
    faq = (await office(request).parts.faq.now()).faq
    listed = [d for d in faq.documents if d.id != other.id]
    told = (*(d.model_copy(update={"replaced_by": other.id}) if d.id == name else d for d in listed), other)
    then = Live(faq.model_copy(update={"documents": told})).on(day)
    cited = [entry for entry in citing(then.faq, name)[0] if entry.key in then.lost_basis(day)]
    example = Composer(then, wording(DEFAULT), day).answer(cited[0]) if cited else None
    return Look(other, day > today, example)


async def _chosen(request: Request, form: FormData) -> str | Described:
    """Return the document that was chosen, or described. Raises `UnfitDocumentError`."""
    chosen = field(form, "document")
    if chosen != "moi":
        return chosen
    for name in ("number", "name"):
        if mask(field(form, name)).kinds:
            raise UnfitDocumentError(name, PERSONAL)
    hosts = (await office(request).parts.faq.now()).faq.place.hosts
    try:
        day = typed_day(field(form, "in_force_from"), first_year=FIRST_YEAR)
    except BadDayError as error:
        raise UnfitDocumentError("in_force_from", str(error)) from None
    return Described(field(form, "number").strip(), field(form, "name").strip(), day, field(form, "url").strip(), hosts)


def _filled(form: FormData) -> dict[str, str]:
    return {name: field(form, name)[:LONGEST_SEARCH] for name in EMPTY}


def _author(request: Request) -> str:
    return staff_of(request).name


def _lines(live: Live, today: dt.date) -> Sequence[Line]:
    """Return a line for each document, those first that answers rest on although they no longer hold."""
    documents = {document.id: document for document in live.faq.documents}
    entries = _times(entry.law for entry in live.faq.entries)
    visits = _times(visit.law for visit in live.faq.visits)
    lost = _times(one.law for one in _lost(live, today))

    def line(document: Document) -> Line:
        name = document.id
        replaced, over = is_replaced(document, documents, today), is_over(document, today)
        shaken = lost[name] if replaced or over else 0
        return Line(document, entries[name], visits[name], replaced, over, shaken)

    return sorted(map(line, live.faq.documents), key=lambda one: (-one.lost, -one.entries, one.document.number))


def _lost(live: Live, today: dt.date) -> Iterable[Entry | Visit]:
    gone = live.lost_basis(today)
    yield from (entry for entry in live.faq.entries if entry.key in gone)
    yield from (visit for visit in live.faq.visits if visit.id in gone)


def _times(laws: Iterable[Sequence[Citation]]) -> Counter[str]:
    """Count in how many answers each document is cited."""
    return Counter(name for law in laws for name in {citation.document for citation in law})


def _cited_by(live: Live, document: str, today: dt.date) -> tuple[list[CitedBy], list[CitedBy]]:
    entries, visits = citing(live.faq, document)
    gone = live.lost_basis(today)

    def articles(law: Sequence[Citation]) -> tuple[str, ...]:
        return tuple(c.article for c in law if c.document == document and c.article)

    found = [CitedBy(e.key, live.faq.place.fill(e.question), articles(e.law), e.key in gone) for e in entries]
    return found, [CitedBy(v.entries[0], v.title, articles(v.law), v.id in gone) for v in visits]


def _has(document: Document, words: str) -> bool:
    folded = fold(f"{document.number} {document.name} {document.id}")
    return all(word in folded for word in fold(words).split())
