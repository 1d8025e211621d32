"""The FAQ to read: a list to search and filter, and everything of one entry beside what citizens see of it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import HTTPException, Request, Response
from pydantic import ValidationError
from sqlalchemy import select
from starlette.responses import RedirectResponse

from dialogue.composing import Composer
from dialogue.replies import Reply
from dialogue.wording import DEFAULT, wording
from faq.drafting import Standing, standing
from faq.entries import Document, Entry
from faq.folding import fold
from faq.live import Live
from faq.models import Draft, Kind
from faq.shape import Citation
from faq.sheets import Content
from web.card import fields_of
from web.office import office
from web.pages.overview import REVIEW_AHEAD
from web.pages.preview import with_entry
from web.proofreading import Known, Remark, Weight, proofread
from web.showing import is_partial, show

LONGEST_SEARCH = 200
FOUND_BY_LIKENESS = 5
LIKE_ENOUGH, MOST_OF_WORDS = 80.0, 0.75
MOST_OFFERED = 8
UNCONFIRMED, DUE, DRAFTED, LOST = "cho-kiem-tra", "sap-xem-lai", "co-nhap", "can-cu-thay-the"
STATES = {
    UNCONFIRMED: "Chờ xác nhận",
    DUE: "Đến hạn xem lại trong 14 ngày",
    DRAFTED: "Có bản nháp",
    LOST: "Căn cứ đã bị thay thế",
}

_DRAFTS = select(Draft).where(Draft.kind == Kind.ENTRY).order_by(Draft.key)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to."""

    words: str
    topic: str
    state: str

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.words or self.topic or self.state)


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of one topic."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation with its document; None if the document is not listed."""

    citation: Citation
    document: Document | None


@dataclass(frozen=True, slots=True)
class Coming:
    """What citizens will read from a known day on."""

    day: dt.date
    why: str
    reply: Reply


async def entries(request: Request) -> Response:
    """Show the list."""
    today = office(request).today()
    live = (await office(request).parts.faq.now()).on(today)
    wanted = _wanted(request)
    async with office(request).parts.sessions() as session:
        drafts = {draft.key: draft.content for draft in await session.scalars(_DRAFTS)}
    drafted = {key: _drafted(live, key, content) for key, content in drafts.items()}
    if wanted.state == DRAFTED:
        live = with_new(live, drafts, today)
    found = [e for e in search(live, wanted, today) if wanted.state != DRAFTED or e.key in drafts]
    near = [] if found or not wanted.words else _kept(live, nearly(live, wanted.words), wanted, today)
    return show(
        request,
        "entries.html",
        wanted=wanted,
        states=STATES,
        topics=[topic for topic in live.topics.values() if topic.id in live.by_topic],
        groups=grouped(live, found or near, ranked=bool(wanted.words)),
        count=len(found),
        near=bool(near),
        aspects=_aspects(live),
        drafted=drafted,
        fill=live.faq.place.fill,
        today=today,
    )


async def offer_related(request: Request) -> Response:
    """Offer entries to point at, by a few words with or without accents: a piece for the card's form."""
    live, text = await office(request).parts.faq.now(), request.query_params.get("tim-muc", "").strip()[:LONGEST_SEARCH]
    if not is_partial(request):
        return RedirectResponse(f"/faq?{urlencode({'tim': text})}", 303)
    found = [e for e in by_words(live, text) or nearly(live, text) if not e.is_small_talk]
    return show(request, "card_related.html", found=found[:MOST_OFFERED], words=text, fill=live.faq.place.fill)


async def entry(request: Request) -> Response:
    """Show one entry; one that is not live yet as it is drafted."""
    here, key = office(request), request.path_params["key"]
    today = here.today()
    written = await here.parts.faq.now()
    live = written.on(today)
    async with here.parts.sessions() as session:
        stands = await standing(session, key)
        known = await here.proofs.known(session, written) if stands.draft else None
    drafted = _entry_in(stands.draft)
    asked = request.query_params
    as_drafted = drafted is not None and (key not in live.entries or "luu" in asked or asked.get("ban") == "nhap")
    if drafted is not None and as_drafted:
        live, _ = with_entry(written, drafted, today)
    found = live.entries.get(key)
    if found is None:
        raise HTTPException(404)
    say = Composer(live, wording(DEFAULT), today)
    return show(
        request,
        "entry.html",
        entry=found,
        topic=live.topics.get(found.topic),
        aspects=_aspects(live),
        cited=cited(live, found),
        related=[live.entries[key] for key in found.related if key in live.entries],
        first_screen=say.small_talk(found) if found.is_small_talk else say.answer(found),
        details=None if found.is_small_talk else say.details(found, 1),
        coming=() if as_drafted else coming(written, found.key, today),
        stands=stands,
        as_drafted=as_drafted,
        is_live=key in written.entries,
        saved="luu" in request.query_params,
        remarks=_remarks(stands, known) if known else (),
        fill=live.faq.place.fill,
        today=today,
    )


def coming(written: Live, key: str, today: dt.date) -> Sequence[Coming]:
    """Return how the answer `key` will read after each day on which it changes, soonest first."""
    ahead = [
        milestone
        for milestone in written.faq.milestones
        if milestone.id in written.entries[key].milestones and milestone.first_day > today
    ]
    found = []
    for milestone in sorted(ahead, key=lambda m: m.first_day):
        then = Live(written.faq).on(milestone.first_day)
        reply = Composer(then, wording(DEFAULT), milestone.first_day).details(then.entries[key], 1)
        found.append(Coming(milestone.first_day, milestone.title, reply))
    return found


def search(live: Live, wanted: Wanted, today: dt.date) -> Sequence[Entry]:
    """Return what is wanted, in the order of the FAQ; what was searched for, best first."""
    return _kept(live, by_words(live, wanted.words) if wanted.words else live.faq.entries, wanted, today)


def _kept(live: Live, found: Sequence[Entry], wanted: Wanted, today: dt.date) -> Sequence[Entry]:
    lost = live.lost_basis(today) if wanted.state == LOST else frozenset(live.entries)
    kept = (e for e in found if e.key in lost)
    return [e for e in kept if wanted.topic in {"", e.topic} and _in_state(e, wanted.state, today)]


def by_words(live: Live, text: str) -> Sequence[Entry]:
    """Return the entries with all words: in their title, then in their question, then in their answer."""
    words, phrase = fold(text).split(), fold(text)

    def rank(entry: Entry) -> tuple[int, int] | None:
        shown = [entry.title, f"{entry.key} {entry.title} {entry.question}", entry.short]
        folded = [fold(live.faq.place.fill(part)) for part in shown]
        places = (number for number, part in enumerate(folded) if all(word in part for word in words))
        place = next(places, len(folded) if all(word in " ".join(folded) for word in words) else None)
        return None if place is None else (place, -(phrase in folded[0]) - (phrase in folded[1]))

    ranked = [(place, number, e) for number, e in enumerate(live.faq.entries) if words and (place := rank(e))]
    return [entry for _, _, entry in sorted(ranked, key=lambda one: one[:2])]


def nearly(live: Live, text: str) -> Sequence[Entry]:
    """Return a few entries that have most of the words, the likest first: for who mistypes one."""
    words = fold(text).split()

    def has_most(entry: Entry) -> bool:
        said = fold(live.faq.place.fill(" ".join([entry.title, entry.question, entry.short, *entry.examples])))
        return sum(word in said.split() for word in words) >= MOST_OF_WORDS * len(words)

    return [entry for entry in live.search(text, limit=FOUND_BY_LIKENESS, least=LIKE_ENOUGH) if has_most(entry)]


def grouped(live: Live, found: Sequence[Entry], *, ranked: bool = False) -> Sequence[Group]:
    """Put entries under their topics, in the order in which each topic comes first; what is ranked stays together."""
    if ranked and found:
        return [Group("Mục tìm thấy, khớp nhất ở trên", found)]
    topics = dict.fromkeys(e.topic for e in found)
    titles = {topic: live.topics[topic].title if topic in live.topics else topic for topic in topics}
    return [Group(titles[topic], [e for e in found if e.topic == topic]) for topic in topics]


def cited(live: Live, found: Entry) -> Sequence[Cited]:
    """Return what an entry cites, with the documents."""
    documents = {document.id: document for document in live.faq.documents}
    return [Cited(citation, documents.get(citation.document)) for citation in found.law]


def with_new(live: Live, drafts: Mapping[str, Content | None], today: dt.date) -> Live:
    """Return what is live with the drafts of entries that are not live yet."""
    new = [draft for key, content in drafts.items() if key not in live.entries and (draft := _entry_in(content))]
    for draft in new:
        live, _ = with_entry(live, draft, today)
    return live


def _entry_in(content: Content | None) -> Entry | None:
    """Return a draft's entry; None for a withdrawal, and for what an older version of the product wrote."""
    try:
        return Entry.model_validate(content) if content else None
    except ValidationError:
        return None


def _remarks(stands: Standing, known: Known) -> Sequence[Remark]:
    """Return what keeps a draft from being published."""
    _, remarks = proofread(fields_of(stands.draft), stands.draft, stands.key, known, public=True)
    return [remark for remark in remarks if remark.weight is not Weight.WARNING]


def _drafted(live: Live, key: str, content: Content | None) -> str:
    if content is None:
        return "chờ rút"
    return "có bản nháp" if key in live.entries else "mới, chưa công bố"


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    state = asked.get("trang-thai", "")
    return Wanted(
        asked.get("tim", "").strip()[:LONGEST_SEARCH], asked.get("chu-de", ""), state if state in STATES else ""
    )


def _has(live: Live, words: Sequence[str], text: str) -> bool:
    folded = fold(live.faq.place.fill(text))
    return all(word in folded for word in words)


def _in_state(found: Entry, state: str, today: dt.date) -> bool:
    if state == UNCONFIRMED:
        return not found.confirmed
    return state != DUE or (not found.is_small_talk and found.review_by <= today + REVIEW_AHEAD)


def _aspects(live: Live) -> dict[str, str]:
    return {aspect.id: aspect.title for aspect in live.faq.taxonomy.aspects}
