"""The inbox: what citizens got no good answer to, a group in each row, with one decision for each."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import HTTPException, Request, Response
from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from faq.drafting import ChangedMeanwhileError
from faq.entries import OUTSIDE_TOPIC, topic_of
from faq.folding import fold
from faq.live import Live
from faq.models import Draft, Kind
from stats.inbox import Decision, InboxGroup, InboxMessage, Unfit, Why
from stats.inbox_deciding import (
    TAUGHT,
    Choice,
    Decided,
    NothingChosenError,
    NotOpenError,
    Owners,
    TooLateError,
    unfit,
)
from stats.inbox_deciding import decide as settle
from stats.inbox_deciding import undo as take_back
from stats.inbox_joining import join as put_together
from stats.inbox_joining import take_apart
from stats.likeness import likeliest
from web.access import field, signed_form, staff_of
from web.office import office
from web.pages.card import begin
from web.rights import Right
from web.showing import show

PATH = "/hop-cau-hoi"
PER_PAGE = 25
MOST_WORDINGS = 60
"""Of a group, shown and decided on at once; the others stay open."""
MOST_GUESSES = 3
MOST_DOUBT = 0.5
"""Up to which the first guess stands out."""
MOST_JOINED = 30
MOST_OFFERED = 8
"""Groups that a group's page offers to put together with it."""
LONGEST_SEARCH = 200
MOST_PAGES = 10_000
LONGEST_SENT_ON = 12
"""Wordings that a new entry is begun with."""
PATIENCE = 1.0
UNDO = dt.timedelta(seconds=30)
WHYS = {
    Why.NOT_UNDERSTOOD: "chưa hiểu",
    Why.OFFERED: "phải hỏi lại",
    Why.OUT_OF_SCOPE: "báo ngoài phạm vi",
    Why.NOT_HELPFUL: "chưa có ích",
}
DECISIONS = {
    Decision.ADDED: "đã thêm vào mục",
    Decision.NEW_ENTRY: "đã chuyển sang soạn mục mới",
    Decision.OUTSIDE: "đã xếp vào ngoài phạm vi",
    Decision.IGNORED: "đã bỏ qua",
}
UNFIT = {
    Unfit.MASKED: "có phần đã che, không làm câu ví dụ",
    Unfit.CHECK: "trùng hoặc gần như câu kiểm tra, không làm câu ví dụ",
    Unfit.LONG: "quá dài, không làm câu ví dụ",
}
FAULTS = {
    "da-quyet": "Nhóm này vừa có người khác quyết định, hoặc đã gộp vào nhóm khác. Anh/chị xem lại danh sách dưới đây.",
    "mot-nhom": "Cần ít nhất hai nhóm mới gộp được. Anh/chị đánh dấu các nhóm cùng một ý rồi bấm gộp.",
    "chua-chon": "Chưa có câu nào để làm: anh/chị đánh dấu ít nhất một câu dùng được làm câu ví dụ.",
    "chua-chon-nhom": "Anh/chị chọn một nhóm ngoài phạm vi ở ô bên cạnh nút «Ngoài phạm vi» rồi bấm lại.",
    "khong-co-muc": "Chưa rõ mục nào. Anh/chị gõ tên mục rồi chọn trong danh sách hiện ra.",
    "vua-sua": "Mục ấy vừa có người khác sửa. Anh/chị bấm lại một lần nữa.",
    "khong-hop-le": "Mục ấy chưa nhận được các câu này. Anh/chị mở mục ra xem.",
    "qua-muon": "Không hoàn tác được nữa: các câu này đã công bố hoặc đã bị sửa. Anh/chị sửa ở trang của mục.",
}
FAULT_OF: Mapping[type[Exception], str] = {
    NotOpenError: "da-quyet",
    NothingChosenError: "chua-chon",
    LookupError: "khong-co-muc",
    ChangedMeanwhileError: "vua-sua",
    ValidationError: "khong-hop-le",
    TooLateError: "qua-muon",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to."""

    decided: bool = False
    words: str = ""
    topic: str = ""
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.words or self.topic)

    def query(self, page: int | None = None) -> str:
        """The same as it stands in an address."""
        number = page or self.page
        values = {
            "xem": "da-quyet" if self.decided else "",
            "tim": self.words,
            "chu-de": self.topic,
            "trang": str(number) if number > 1 else "",
        }
        return urlencode({name: value for name, value in values.items() if value})


@dataclass(frozen=True, slots=True)
class Worded:
    """A wording as a row shows it."""

    folded: str
    text: str
    times: int
    remark: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where examples can go: an entry or a group out of scope."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A group as the page shows it."""

    group: InboxGroup
    wordings: Sequence[Worded]
    guesses: Sequence[Place]
    outside: str
    """Key of the nearest group out of scope."""
    whys: Sequence[tuple[str, int]]
    target: str
    followed: str
    """What was decided on the group that this one follows."""

    @property
    def sure(self) -> bool:
        """Whether the first guess is worth standing out."""
        return self.group.doubt <= MOST_DOUBT

    @property
    def hidden(self) -> int:
        """How many wordings are not shown."""
        return max(0, self.group.wordings - len(self.wordings))

    @property
    def unfit(self) -> int:
        """How many of the shown ones can be no example."""
        return sum(bool(said.remark) for said in self.wordings)


@dataclass(frozen=True, slots=True)
class Places:
    """All places for examples, as live and drafts have them."""

    live: Live
    entries: Mapping[str, str]
    """Question by key."""
    outside: Mapping[str, str]
    owners: Owners

    def title(self, intent: str | None) -> str:
        """Return what an intent is called on pages; the key of one that is gone."""
        key = intent or ""
        return self.entries.get(key) or self.outside.get(key.removeprefix(f"{OUTSIDE_TOPIC}."), key)

    def named(self, text: str) -> str | None:
        """Return the key of the entry that somebody named by key, question or title."""
        if text in self.entries:
            return text
        wanted = fold(text)
        asked = {fold(question): key for key, question in self.entries.items()}
        titled = {fold(self.live.faq.place.fill(entry.title)): entry.key for entry in self.live.faq.entries}
        return asked.get(wanted) or titled.get(wanted) if wanted else None

    def alike(self, text: str) -> Sequence[Place]:
        """Return entries that somebody may have meant."""
        return [Place(e.key, self.entries[e.key]) for e in self.live.search(text, limit=6) if e.key in self.entries]


async def groups(request: Request) -> Response:
    """Show a page of groups."""
    await office(request).inbox.refresh(PATIENCE)
    return await _list(request, _wanted(request))


async def group(request: Request) -> Response:
    """Show one group, with the entries that some words may mean."""
    here = office(request)
    words, sought = (request.query_params.get(name, "").strip()[:LONGEST_SEARCH] for name in ("muc", "tim"))
    async with here.parts.sessions() as session:
        found = await session.get(InboxGroup, _number(request))
        if found is None:
            raise HTTPException(404)
        places = await _places(request, session)
        alike = places.alike(words)
        rows = [replace(row, guesses=alike or row.guesses) for row in await _rows(session, [found], places)]
        others = list(await session.scalars(_others(found, sought))) if found.decision == Decision.OPEN else []
    wanted = Wanted(decided=found.decision != Decision.OPEN, words=sought)
    ticks = request.query_params.get("chon") != "khong"
    values = {
        "ticks": ticks,
        "row_of": rows[0],
        "wanted": wanted,
        "alike": alike,
        "others": others,
        "joined": _joined(found),
    }
    return _show(request, "inbox_group.html", places, values)


def _others(group: InboxGroup, words: str) -> Select[InboxGroup]:
    """Ask for open groups that may want the same as one: with some words, else with the same guess."""
    query = select(InboxGroup).where(*_conditions(Wanted(words=words)), InboxGroup.id != group.id)
    query = query if words else query.where(InboxGroup.guess == group.guess)
    return query.order_by(InboxGroup.rank.desc(), InboxGroup.id).limit(MOST_OFFERED)


@dataclass(frozen=True, slots=True)
class Joined:
    """Who put a group together last, when and from how many."""

    author: str
    at: dt.datetime
    count: int


def _joined(group: InboxGroup) -> Joined | None:
    told = group.joined
    return Joined(told["by"], dt.datetime.fromisoformat(told["at"]), len(told["before"])) if told else None


async def join(request: Request) -> Response:
    """Put groups together, to be decided on as one."""
    form = await signed_form(request, most_fields=MOST_JOINED + 10)
    chosen = {_whole(one) for one in form.getlist("gop") if isinstance(one, str)} - {0}
    if len(chosen) < 2:  # noqa: PLR2004 - one is no pair
        return RedirectResponse(f"{PATH}{''.join(f'/{one}' for one in chosen)}?loi=mot-nhom", 303)
    author, now = staff_of(request).name, office(request).clock()
    try:
        async with office(request).parts.sessions.begin() as session:
            into = await put_together(session, chosen, author=author, now=now)
    except NotOpenError:
        return _to(_back(form), loi="da-quyet")
    return RedirectResponse(f"{PATH}/{into.id}", 303)


async def split(request: Request) -> Response:
    """Take groups apart that were put together."""
    form = await signed_form(request)
    number, author, now = _number(request), staff_of(request).name, office(request).clock()
    try:
        async with office(request).parts.sessions.begin() as session:
            await take_apart(session, number, author=author, now=now)
    except NotOpenError:
        return _to(_back(form), loi="da-quyet")
    return _to(_back(form), tach=str(number))


async def decide(request: Request) -> Response:
    """Decide on a group; then back to the list, where it can be taken back."""
    form = await signed_form(request, most_fields=MOST_WORDINGS + 10)
    number, back = _number(request), _back(form)
    act, _, named = field(form, "viec").partition(":")
    making = ACTS.get(act)
    if making is None:
        raise HTTPException(400)
    async with office(request).parts.sessions() as session:
        places = await _places(request, session)
    choice = making(_Sent(request, form, places, named))
    if choice is None and act == "ngoai":
        return RedirectResponse(f"{PATH}/{number}?loi=chua-chon-nhom", 303)
    if choice is None:
        words = urlencode({"muc": field(form, "muc").strip()[:LONGEST_SEARCH], "loi": "khong-co-muc"})
        return RedirectResponse(f"{PATH}/{number}?{words}", 303)

    async def do(session: AsyncSession) -> Decided:
        return await settle(session, number, choice, places.owners)

    return await _done(request, number, back, do, new_entry=choice.decision == Decision.NEW_ENTRY)


async def undo(request: Request) -> Response:
    """Take a decision back."""
    form = await signed_form(request)
    number, now = _number(request), office(request).clock()

    async def do(session: AsyncSession) -> Decided:
        return Decided(await take_back(session, number, author=staff_of(request).name, now=now))

    return await _done(request, number, _back(form), do)


async def _done(
    request: Request,
    number: int,
    back: Wanted,
    do: Callable[[AsyncSession], Awaitable[Decided]],
    *,
    new_entry: bool = False,
) -> Response:
    """Do what was asked for in one transaction, and send to the page that tells how it went."""
    try:
        async with office(request).parts.sessions.begin() as session:
            decided = await do(session)
            texts = await _texts(session, number) if new_entry else []
            # Kept as if it had been typed: what citizens wrote must not stand in an address.
            begun = await begin(request, session, texts, question=decided.group.text, group=number) if new_entry else ""
    except tuple(FAULT_OF) as error:
        fault = next(code for kind, code in FAULT_OF.items() if isinstance(error, kind))
        return _to(back, loi=fault, xong=str(number))
    if new_entry:
        return RedirectResponse(f"/muc-moi?{urlencode({'dung': begun, 'tu-hop': len(texts)})}", 303)
    if decided.group.decision == Decision.OPEN:
        return _to(back, mo=str(number))
    return _to(back, xong=str(number), them=str(decided.added), bo=str(decided.unfit))


async def _texts(session: AsyncSession, number: int) -> list[str]:
    """Return what a new entry is begun with, what was asked most often last."""
    query = select(InboxMessage.text).where(InboxMessage.group_id == number, InboxMessage.unfit == "")
    texts = list(await session.scalars(query.order_by(InboxMessage.times.desc()).limit(LONGEST_SENT_ON)))
    return texts[::-1]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was sent, and what the pressed button names."""

    request: Request
    form: FormData
    places: Places
    named: str

    def choice(self, decision: Decision, target: str | None = None) -> Choice:
        """Return the decision with what else the form says."""
        wordings = {text for text in self.form.getlist("cau") if isinstance(text, str)}
        author, now = staff_of(self.request).name, office(self.request).clock()
        return Choice(decision=decision, target=target, wordings=wordings, author=author, now=now)


def _add(sent: _Sent) -> Choice | None:
    return sent.choice(Decision.ADDED, sent.named) if sent.named in sent.places.entries else None


def _add_named(sent: _Sent) -> Choice | None:
    key = sent.places.named(field(sent.form, "muc").strip()[:LONGEST_SEARCH])
    return sent.choice(Decision.ADDED, key) if key else None


def _outside(sent: _Sent) -> Choice | None:
    key = field(sent.form, "nhom")
    return sent.choice(Decision.OUTSIDE, key) if key in sent.places.outside else None


def _new_entry(sent: _Sent) -> Choice | None:
    return sent.choice(Decision.NEW_ENTRY)


def _ignore(sent: _Sent) -> Choice | None:
    return sent.choice(Decision.IGNORED)


ACTS: Mapping[str, Callable[[_Sent], Choice | None]] = {
    "them": _add,
    "them-khac": _add_named,
    "ngoai": _outside,
    "muc-moi": _new_entry,
    "bo-qua": _ignore,
}
"""What the buttons of a row do, by what they send."""


async def _list(request: Request, wanted: Wanted) -> Response:
    async with office(request).parts.sessions() as session:
        counted = select(func.count()).select_from(InboxGroup).where(*_conditions(wanted))
        count = await session.scalar(counted) or 0
        found = list(await session.scalars(_page(wanted)))
        places = await _places(request, session)
        rows = await _rows(session, found, places)
        last = await _last(request, session, places)
    pages = max(1, -(-count // PER_PAGE))
    topics = {topic.id: topic.title for topic in places.live.topics.values() if topic.id in places.live.by_topic}
    topics[OUTSIDE_TOPIC] = "Ngoài phạm vi"
    values = {"rows": rows, "wanted": wanted, "count": count, "pages": pages, "topics": topics, "last": last}
    return _show(request, "inbox.html", places, values)


def _show(request: Request, template: str, places: Places, values: dict[str, Any]) -> Response:
    fault = FAULTS.get(request.query_params.get("loi", ""), "")
    may = staff_of(request).may(Right.EDIT)
    return show(request, template, **values, places=places, fault=fault, decisions=DECISIONS, may=may)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    decided = [decision for decision in Decision if decision != Decision.OPEN]
    conditions = [InboxGroup.decision.in_(decided) if wanted.decided else InboxGroup.decision == Decision.OPEN]
    if wanted.topic:
        conditions.append(InboxGroup.guess.startswith(f"{wanted.topic}.", autoescape=True))
    for word in fold(wanted.words).split():
        worded = select(InboxMessage.group_id).where(InboxMessage.folded.contains(word, autoescape=True))
        conditions.append(InboxGroup.id.in_(worded))
    return conditions


def _page(wanted: Wanted) -> Select[InboxGroup]:
    order = InboxGroup.decided_at.desc() if wanted.decided else InboxGroup.rank.desc()
    query = select(InboxGroup).where(*_conditions(wanted)).order_by(order, InboxGroup.id)
    return query.limit(PER_PAGE).offset((wanted.page - 1) * PER_PAGE)


async def _rows(session: AsyncSession, found: Sequence[InboxGroup], places: Places) -> list[Row]:
    ids = [group.id for group in found]
    in_group = func.row_number().over(
        partition_by=InboxMessage.group_id, order_by=(InboxMessage.times.desc(), InboxMessage.folded)
    )
    numbered = select(InboxMessage.folded, in_group.label("place")).where(InboxMessage.group_id.in_(ids)).subquery()
    query = select(InboxMessage).join(numbered, numbered.c.folded == InboxMessage.folded)
    query = query.where(numbered.c.place <= MOST_WORDINGS).order_by(numbered.c.place)
    members: dict[int, list[InboxMessage]] = defaultdict(list)
    for message in await session.scalars(query):
        members[message.group_id].append(message)
    followed = {group.follows for group in found if group.follows is not None}
    before = {g.id: g for g in await session.scalars(select(InboxGroup).where(InboxGroup.id.in_(followed)))}
    return [_row(group, members[group.id], before.get(group.follows or 0), places) for group in found]


def _row(
    group: InboxGroup,
    messages: Sequence[InboxMessage],
    before: InboxGroup | None,
    places: Places,
) -> Row:
    likely = likeliest(group.profile)
    keys = [key for key in (before.target if before else None, *likely) if key in places.entries]
    outside = (intent.partition(".")[2] for intent in likely if topic_of(intent) == OUTSIDE_TOPIC)
    return Row(
        group,
        [Worded(m.folded, m.text, m.times, _remark(m, places)) for m in messages],
        [Place(str(key), places.title(key)) for key in dict.fromkeys(keys)][:MOST_GUESSES],
        next((key for key in outside if key in places.outside), "") if group.doubt <= MOST_DOUBT else "",
        [(WHYS[Why(why)], count) for why, count in group.whys.items()],
        places.title(group.target) if group.target else "",
        _followed(before, places),
    )


def _followed(before: InboxGroup | None, places: Places) -> str:
    if before is None or before.decision == Decision.OPEN:
        return ""
    title = f" «{places.title(before.target)}»" if before.target else ""
    return DECISIONS[Decision(before.decision)] + title


def _remark(message: InboxMessage, places: Places) -> str:
    """Return why a wording becomes no example, in words for the row."""
    why = unfit(message, None, places.owners)
    if message.taken or not why:
        return ""
    return UNFIT[Unfit(why)] if message.unfit else f"đã là câu ví dụ của «{places.title(why)}»"


async def _places(request: Request, session: AsyncSession) -> Places:
    here = office(request)
    live = (await here.parts.faq.now()).on(here.today())
    await asyncio.to_thread(lambda: live.owners)  # once a day it takes a moment
    entries = {e.key: live.faq.place.fill(e.question) for e in live.faq.entries}
    drafts = list(await session.scalars(select(Draft)))
    for draft in (draft for draft in drafts if draft.kind == Kind.ENTRY):
        if draft.content is None:
            entries.pop(draft.key, None)
        else:
            entries[draft.key] = live.faq.place.fill(draft.content["question"])
    outside = {group.key: group.title for group in live.faq.outside}
    return Places(live, entries, outside, Owners.of(live, drafts))


@dataclass(frozen=True, slots=True)
class Last:
    """The decision just made, while the page offers to take it back."""

    group: InboxGroup
    told: str
    undoable: bool
    place: Place | None = None
    """The entry (or, without a key, the group out of scope) that the sentences went into."""
    left: InboxGroup | None = None
    """The wordings that still wait."""


async def _last(request: Request, session: AsyncSession, places: Places) -> Last | None:
    asked = request.query_params
    found = await session.get(InboxGroup, _whole(asked.get("xong") or asked.get("mo") or asked.get("tach") or ""))
    if found is not None and "tach" in asked:
        return Last(found, "Đã tách lại như trước khi gộp", undoable=False)
    if found is None or (found.decision == Decision.OPEN and "mo" not in asked):
        return None
    if found.decision == Decision.OPEN or found.decided_at is None:
        return Last(found, "Đã hoàn tác, nhóm lại ở trong hộp", undoable=False)
    told, own = DECISIONS[Decision(found.decision)].capitalize(), found.decided_by == staff_of(request).name
    if not own:
        return Last(found, f"{told}, bởi {found.decided_by}", undoable=False)
    added, unfit_ones = _whole(asked.get("them", "")), _whole(asked.get("bo", ""))
    if found.decision in TAUGHT and "them" in asked:
        told += f" (bản nháp có thêm {added} câu ví dụ"
        told += f"; {unfit_ones} câu không dùng làm ví dụ được)" if unfit_ones else ")"
    left = await session.get(InboxGroup, found.left) if found.left is not None else None
    return Last(
        found,
        told,
        undoable=office(request).clock() - found.decided_at <= UNDO,
        place=Place(found.target if found.decision != Decision.OUTSIDE else "", places.title(found.target))
        if found.target
        else None,
        left=left if left is not None and left.decision == Decision.OPEN else None,
    )


def _wanted(request: Request) -> Wanted:
    return _wanted_of(dict(request.query_params))


def _wanted_of(asked: Mapping[str, str]) -> Wanted:
    return Wanted(
        asked.get("xem") == "da-quyet",
        asked.get("tim", "").strip()[:LONGEST_SEARCH],
        asked.get("chu-de", "")[:64],
        min(max(1, _whole(asked.get("trang", ""))), MOST_PAGES),
    )


def _back(form: FormData) -> Wanted:
    return _wanted_of(dict(parse_qsl(field(form, "ve")[:1_000])))


def _to(back: Wanted, **more: str) -> Response:
    query = "&".join(filter(None, (back.query(), urlencode(more))))
    return RedirectResponse(f"{PATH}?{query}", 303)


def _number(request: Request) -> int:
    number = _whole(request.path_params["number"])
    if not number:
        raise HTTPException(404)
    return number


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - as a database counts
