"""The card: one form for one entry. Changes become a draft; whoever types loses nothing, and overwrites nobody."""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from faq.drafting import LONGEST_WHY, ChangedMeanwhileError, Standing, save, standing
from faq.editing import live_release
from faq.entries import Entry
from faq.judging import Report
from faq.live import Live
from faq.models import Draft, Kind, Revision
from faq.shape import LONGEST
from faq.sheets import Content, Piece
from faq.variants import share_of_variants, variants
from faq.working_copies import begun, drop, keep, others, working_copy
from stats.inbox_deciding import written_for
from web.access import staff_of
from web.card import BY_NAME, DETAILS, NAMES, Fields, clean, count_of, fields_of, key_of, lines_of, plain
from web.card_form import Sent, group_of, new_copy_key, sent
from web.difference import changes, merge, packed, unpacked
from web.office import office
from web.pages.preview import preview
from web.proofreading import (
    Known,
    Remark,
    Weight,
    confusions,
    is_about_public,
    of_examples,
    of_reason,
    old_lines,
    proofread,
    sketched,
    unstored,
)
from web.showing import show

REVIEW_AFTER = dt.timedelta(days=182)
UNKNOWN_KEY = "moi.moi"
"""Of a new entry while nobody can say what its key will be."""
MOST_LAW, MOST_LINKS, MOST_RELATED = 8, 3, 6
SUGGESTED_FOR = 8
"""Examples of which other ways of typing are shown."""


@dataclass(frozen=True, slots=True)
class Card:
    """A form that is being filled in."""

    key: str
    """Of the entry; empty while it is new."""
    copy_key: str
    """Under which it is kept while somebody types."""
    before: Content | None
    """What stands now."""
    base: str
    """Names the state that the form was opened on."""
    opened: Fields
    """That state, for comparing if somebody else changes it meanwhile."""
    fields: Fields
    extra: Mapping[str, str] = field(default_factory=dict)
    """Reason; of a new entry also its topic, and the group of the inbox that it is written for."""

    @property
    def path(self) -> str:
        """Where its pages begin."""
        return f"/faq/{self.key}" if self.key else "/muc-moi"

    @property
    def form_path(self) -> str:
        """Where it is sent to."""
        return f"{self.path}/sua" if self.key else self.path


EMPTY = Card("", "", None, "0-0", fields_of(None), fields_of(None))
"""Of a new entry."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What stands below the examples."""

    remarks: Sequence[Remark]
    variants: Sequence[str]
    share: float
    count: int


async def edit(request: Request) -> Response:
    """Show the form of an entry; if its visitor was typing into it before, ask first what is to become of that."""
    card, stands = await _opened(request)
    me = staff_of(request).name
    async with office(request).parts.sessions() as session:
        copy = await working_copy(session, card.key, me)
    if copy is None or _same(copy.fields, card.fields):
        return await _form(request, card, stands=stands)
    resumed = _resumed(card, copy.fields, copy.base)
    if request.query_params.get("dung") == "tiep":
        return await _form(request, resumed, stands=stands)
    differing = changes(card.fields, resumed.fields)
    return show(request, "card_offer.html", card=card, copy=copy, changes=differing)


async def save_edit(request: Request) -> Response:
    """Save what was typed as the entry's draft, or say what keeps it from that."""
    form = await sent(request)
    card, stands = await _opened(request)
    card = replace(card, fields=_filled(card, form), base=form.base, opened=form.opened, extra=form.extra)
    return await _saved(request, card, form, stands)


async def new(request: Request) -> Response:
    """Show the form of a new entry, and what was begun before."""
    here, asked, me = office(request), request.query_params, staff_of(request).name
    wanted = asked.get("dung", "")
    async with here.parts.sessions() as session:
        unfinished = await begun(session, me)
    card = _blank(here.today(), asked.getlist("cau"), asked.get("chu-de", ""))
    extra = {**card.extra, "nhom": group_of(asked.get("nhom", ""))}
    card = replace(card, copy_key=new_copy_key(), extra=extra)
    for copy in unfinished:
        if copy.key == wanted:
            card = replace(_resumed(card, copy.fields, card.base), copy_key=copy.key)
            return await _form(request, card, carried=_whole(asked.get("tu-hop", "")))
    return await _form(request, card, unfinished=unfinished)


async def begin(request: Request, session: AsyncSession, examples: Sequence[str], *, question: str, group: int) -> str:
    """Keep a new entry as if somebody had begun to type it, for a group of the inbox; return under which name."""
    here, key = office(request), new_copy_key()
    card = _blank(here.today(), examples, "")
    asked = " ".join(clean(question).split()).rstrip(" ?.!")
    fields = {**card.fields, "question": f"{asked[:1].upper()}{asked[1:]}?"[: LONGEST["question"]] if asked else ""}
    texts = {
        **unstored({**fields, **card.extra, "why": "", "nhom": str(group)}, card.opened),
        "opened": packed(card.opened),
    }
    await keep(session, key, staff_of(request).name, texts, base=card.base, now=here.clock())
    return key


async def save_new(request: Request) -> Response:
    """Save a new entry as a draft under a key of its own."""
    form = await sent(request)
    card = _blank(office(request).today(), (), "")
    card = replace(
        card, fields={**card.fields, **form.fields}, extra=form.extra, copy_key=form.copy_key or card.copy_key
    )
    return await _saved(request, card, form, None)


async def keep_typed(request: Request) -> Response:
    """Keep what is typed, every few seconds; it is no draft yet."""
    form, now = await sent(request), office(request).clock()
    card = (await _opened(request))[0] if "key" in request.path_params else replace(EMPTY, copy_key=form.copy_key)
    if not card.copy_key:
        raise HTTPException(404)
    await _keep_typed(request, card, form)
    return show(request, "card_kept.html", now=now)


async def drop_typed(request: Request) -> Response:
    """Forget what was typed and not saved."""
    form = await sent(request)
    key = request.path_params.get("key")
    async with office(request).parts.sessions.begin() as session:
        await drop(session, key or form.copy_key, staff_of(request).name)
    return RedirectResponse(f"/faq/{key}/sua" if key else "/muc-moi", 303)


async def show_preview(request: Request) -> Response:
    """Show what citizens would see of what is typed, or what keeps it from being an answer."""
    form, (card, known) = await sent(request), await _looked_at(request)
    card = replace(card, fields=_filled(card, form), extra=form.extra)
    entry, remarks = proofread(card.fields, card.before, _key(card, known), known, public=form.public)
    stopping = [remark for remark in remarks if remark.weight is Weight.STOPS]
    shown = entry or _sketch(card, known)
    return show(request, "card_preview.html", preview=_preview(request, known.live, shown), remarks=stopping)


async def show_advice(request: Request) -> Response:
    """Show what is to be said of the examples, and other ways of typing them."""
    form, (card, known) = await sent(request), await _looked_at(request)
    card = replace(card, fields=_filled(card, form))
    async with office(request).parts.sessions() as session:
        confused = await _confused(request, session, card, known)
    remarks = [*of_examples(card.fields, old_lines(card.before), card.key, known), *confused]
    advice = _advice(card, known, remarks)
    return show(request, "card_advice.html", advice=advice, ticked=form.ticked)


async def _opened(request: Request) -> tuple[Card, Standing]:
    """Return the form of the entry that the address names, as it stands."""
    key, here = request.path_params["key"], office(request)
    live = await here.parts.faq.now()
    async with here.parts.sessions() as session:
        stands = await standing(session, key)
    before = content_now(stands, live)
    if before is None:
        raise HTTPException(404)
    fields = fields_of(before)
    return Card(key, key, before, stands.version, fields, fields, {"why": stands.why}), stands


def content_now(stands: Standing, live: Live) -> Content | None:
    """Return the newest state of an entry: drafted, else live (of a town that has published nothing yet: shipped)."""
    shipped = live.entries.get(stands.key) if stands.live is None else None
    return stands.draft or stands.live or (plain(shipped) if shipped else None)


async def _looked_at(request: Request) -> tuple[Card, Known]:
    here = office(request)
    card = (await _opened(request))[0] if "key" in request.path_params else _blank(here.today(), (), "")
    async with here.parts.sessions() as session:
        return card, await here.proofs.known(session, await here.parts.faq.now())


def _blank(today: dt.date, examples: Sequence[str], topic: str) -> Card:
    """Return the form of an entry that does not exist yet."""
    fields = fields_of(None)
    fields["checked_on"], fields["review_by"] = today.isoformat(), (today + REVIEW_AFTER).isoformat()
    fields["examples"] = "\n".join(" ".join(clean(text).split()) for text in examples)
    return replace(EMPTY, fields=fields, extra={"topic": topic})


def _filled(card: Card, form: Sent) -> Fields:
    return {**card.fields, **form.fields}


def _resumed(card: Card, kept: Mapping[str, Any], base: str) -> Card:
    """Return the form as somebody left it."""
    texts = {name: str(kept.get(name, "")) for name in NAMES}
    extra = {name: str(kept.get(name, "")) for name in ("topic", "why", "nhom")}
    return replace(card, fields=texts, base=base, opened=unpacked(str(kept.get("opened", ""))), extra=extra)


def _same(kept: Mapping[str, Any], fields: Fields) -> bool:
    return all(clean(str(kept.get(name, ""))) == clean(fields[name]) for name in NAMES)


async def _saved(request: Request, card: Card, form: Sent, stands: Standing | None) -> Response:
    """Make the form a draft, unless something stops it or somebody else was quicker."""
    here = office(request)
    async with here.parts.sessions() as session:
        known = await here.proofs.known(session, await here.parts.faq.now())
        taken = frozenset() if card.key else await _taken(session, known.live)
    key = _key(card, known, taken)
    entry, remarks = proofread(card.fields, card.before, key, known, public=form.public)
    remarks = (*of_reason(form.extra["why"]), *remarks)
    if key == UNKNOWN_KEY:
        remarks = (Remark(Weight.STOPS, "topic", "chưa chọn"), *remarks)
    stopped = any(remark.weight is Weight.STOPS for remark in remarks)
    if stopped or form.only_look or entry is None:
        await _keep_typed(request, card, form)
        status = 422 if stopped and not form.only_look else 200
        return await _form(request, card, stands=stands, remarks=remarks, looked=entry, status=status)
    try:
        await _write(request, card, entry, why=form.extra["why"])
    except ChangedMeanwhileError as error:
        return await _clash(request, card, form, error.now)
    return RedirectResponse(f"/faq/{key}?luu=1", 303)


async def _write(request: Request, card: Card, entry: Entry, *, why: str) -> None:
    here, me = office(request), staff_of(request).name
    piece = Piece(Kind.ENTRY, entry.key, plain(entry))
    async with here.parts.sessions.begin() as session:
        await save(session, piece, base=card.base, author=me, now=here.clock(), why=why)
        await drop(session, card.copy_key, me)
        if group := card.extra.get("nhom"):
            await written_for(session, int(group), entry.key)


async def _keep_typed(request: Request, card: Card, form: Sent) -> None:
    """Keep what is not saved yet; what stood there before is what the database says, not what the form says."""
    here, me = office(request), staff_of(request).name
    texts = await asyncio.to_thread(unstored, {**form.fields, **form.extra}, card.before)
    opened = await asyncio.to_thread(unstored, form.opened, card.before)
    async with here.parts.sessions.begin() as session:
        kept = {**texts, "opened": packed(opened)}
        await keep(session, card.copy_key, me, kept, base=form.base, now=here.clock())


async def _clash(request: Request, card: Card, form: Sent, now: Standing) -> Response:
    """Show what somebody else saved meanwhile beside what was typed; nothing is saved before a choice is made."""
    live = await office(request).parts.faq.now()
    theirs = fields_of(content_now(now, live))
    merged, clashes = merge(card.opened, card.fields, theirs)
    await _keep_typed(request, card, form)
    taken = [change for change in changes(card.opened, theirs) if change.name not in {c.name for c in clashes}]
    chosen = replace(card, fields=merged, base=now.version, opened=theirs)
    return show(
        request,
        "card_clash.html",
        status=409,
        card=chosen,
        clashes=clashes,
        taken=taken,
        now=now,
        names=NAMES,
        packed=packed(theirs),
        public=form.public,
    )


async def _form(
    request: Request,
    card: Card,
    *,
    stands: Standing | None = None,
    remarks: Sequence[Remark] = (),
    looked: Entry | None = None,
    unfinished: Sequence[object] = (),
    carried: int = 0,
    status: int = 200,
) -> Response:
    """Show the form."""
    here = office(request)
    async with here.parts.sessions() as session:
        known = await here.proofs.known(session, await here.parts.faq.now())
        at_it = await others(session, card.key, staff_of(request).name, here.clock()) if card.key else ()
        confused = await _confused(request, session, card, known)
    entry = looked or _sketch(card, known)
    return show(
        request,
        "card.html",
        status=status,
        card=card,
        stands=stands,
        extra=card.extra,
        others=at_it,
        unfinished=unfinished,
        carried=carried,
        remarks=remarks,
        stopped=[remark for remark in remarks if remark.weight is Weight.STOPS],
        unfit=[remark for remark in remarks if remark.weight is Weight.ERROR],
        asks_public=is_about_public(remarks),
        advice=_advice(card, known, [*_of_written(card, known), *confused]),
        ticked=(),
        preview=_preview(request, known.live, entry),
        packed=packed(card.opened),
        parts=BY_NAME,
        count_of=count_of,
        longest_why=LONGEST_WHY,
        **_to_choose_from(card, known.live),
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0  # noqa: PLR2004 - sentences are few


def _sketch(card: Card, known: Known) -> Entry | None:
    """Return the entry as far as it is written, once there is something to see."""
    written = any(card.fields[name] for name in ("question", "short", *DETAILS))
    return sketched(card.fields, card.before, _key(card, known), known)[0] if written else None


def _to_choose_from(card: Card, live: Live) -> dict[str, Any]:
    """Return what the form offers, and the rows of what was chosen."""
    return {
        "topics": list(live.topics.values()),
        "aspects": live.faq.taxonomy.aspects,
        "documents": live.faq.documents,
        "hosts": live.faq.place.hosts,
        "choices": _choices(live, card.key),
        "law": _rows(card.fields["law"], MOST_LAW, 3),
        "links": _rows(card.fields["links"], MOST_LINKS, MOST_LINKS, from_right=True),
        "related": _related(card.fields["related"], live),
    }


def _of_written(card: Card, known: Known) -> Sequence[Remark]:
    """Return what is to be said of the examples, once there are any."""
    found = of_examples(card.fields, old_lines(card.before), card.key, known)
    return list(found) if card.fields["examples"] else ()


async def _confused(request: Request, session: AsyncSession, card: Card, known: Known) -> list[Remark]:
    """Return which entries the live model takes this one for."""
    release = await live_release(session) if card.key in known.live.entries else None
    if release is None:
        return []
    title = known.named([card.key])[0][1]
    asked = office(request).proofs.asked_of(card.key)
    return list(confusions(card.key, title, Report.from_json(release.report), asked, known))


def _advice(card: Card, known: Known, remarks: Sequence[Remark]) -> Advice:
    lines, old = lines_of(card.fields, "examples"), old_lines(card.before)
    fresh = [line for line in lines if line not in old]
    chosen = (fresh or lines)[:SUGGESTED_FOR]
    forms = known.live.faq.short_forms
    made = [text for text in variants(chosen, forms, lines) if _is_free(text, card.key, known)]
    return Advice(remarks, made, share_of_variants(lines, forms), len(lines))


def _is_free(text: str, key: str, known: Known) -> bool:
    elsewhere = any(sentence.intent != key for sentence in known.sentences.alike(text))
    return not elsewhere and not known.checks.alike(text)


def _preview(request: Request, live: Live, entry: Entry | None) -> object:
    return preview(live, entry, office(request).today()) if entry else None


def _key(card: Card, known: Known, taken: frozenset[str] = frozenset()) -> str:
    if card.key:
        return card.key
    topic = card.extra.get("topic", "")
    return key_of(topic, card.fields["title"], taken) if topic in known.live.topics else UNKNOWN_KEY


async def _taken(session: AsyncSession, live: Live) -> frozenset[str]:
    """Return every key that ever was: old buttons and figures still name them."""
    used = {*await session.scalars(select(Draft.key)), *await session.scalars(select(Revision.key).distinct())}
    former = {key for entry in live.faq.entries for key in (entry.key, *entry.formerly)}
    return frozenset(used | former)


def _rows(text: str, most: int, least: int, *, from_right: bool = False) -> list[tuple[str, str]]:
    """Return the lines of a list of pairs as rows, with empty ones to fill in."""
    cut = str.rpartition if from_right else str.partition
    rows = [(left.strip(), right.strip()) for left, _, right in (cut(line, "|") for line in text.split("\n") if line)]
    return [*rows, *([("", "")] * max(least - len(rows), min(1, most - len(rows))))]


def _related(text: str, live: Live) -> list[str]:
    shown = [_choice(live, key) if key in live.entries else key for key in text.split("\n") if key]
    return [*shown, *([""] * (MOST_RELATED - len(shown)))]


def _choices(live: Live, key: str) -> list[str]:
    return [_choice(live, entry.key) for entry in live.faq.entries if entry.key != key and not entry.is_small_talk]


def _choice(live: Live, key: str) -> str:
    return f"{live.faq.place.fill(live.entries[key].question)} · {key}"
