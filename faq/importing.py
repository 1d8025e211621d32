"""A workbook as drafts: what it changes, what it leaves alone, and which of its rows cannot be taken."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faq import content_files, excel
from faq.audit import note
from faq.checking import check
from faq.drafting import ChangedMeanwhileError, save, standing, withdraw
from faq.editing import changed_fields, live_pieces
from faq.entries import Entry, Faq
from faq.excel import ENTRIES, EXAMPLES, Reading, field_title, mark_of
from faq.folding import fold
from faq.models import Draft, Kind
from faq.problems import Problem
from faq.sheets import MILESTONES, SHORT_FORMS, Content, Piece, assemble, pieces

ELSEWHERE = "một lần công bố"
WHY = "Nạp từ tệp Excel"
PERSONAL = "có vẻ chứa thông tin riêng của người dân (số, tên, địa chỉ …)"
IsPersonal = Callable[[str, bool], bool]
"""Whether a text holds personal data; the second says whether citizens read it as an answer."""
_NO_TEXT = frozenset({"key", "url", "document", "examples"})
"""Fields of an entry that are ids and addresses; examples are looked at with the others' beside them."""
_UNREAD = frozenset({"aspect", "facts", "related", "formerly", "checked_on", "review_by", "valid_until"})
_SHEETS = {MILESTONES: "milestones", SHORT_FORMS: "short_forms"}
_TITLES = {"milestones": excel.MILESTONES, "short_forms": excel.SHORT_FORMS}
SHEET_TITLES = {content_files.MILESTONES: excel.MILESTONES, content_files.SHORT_FORMS: excel.SHORT_FORMS}
"""As staff see the sheets that problems name by their files."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one entry (or sheet)."""

    piece: Piece
    title: str
    base: str
    """How it stood when it was compared (`Standing.version`)."""
    fields: tuple[str, ...] = ()
    """What differs, as staff call it."""
    contested_by: str = ""
    """Who has changed it since the workbook was written; it is taken only if that is asked for."""
    before: Content | None = None
    """How it stood when it was compared; None for what is new."""


@dataclass(frozen=True, slots=True)
class Gone:
    """An entry that the workbook does not have."""

    key: str
    title: str
    base: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a workbook would do."""

    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    missing: tuple[Gone, ...] = ()
    rejected: tuple[Problem, ...] = ()

    @property
    def contested(self) -> tuple[Change, ...]:
        """The changes that somebody else's work stands against."""
        return tuple(change for change in (*self.new, *self.changed) if change.contested_by)

    @property
    def free(self) -> tuple[Change, ...]:
        """The changes that nothing stands against."""
        return tuple(change for change in (*self.new, *self.changed) if not change.contested_by)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    saved: int
    withdrawn: int
    left_alone: tuple[str, ...]
    """Keys that somebody changed while the plan was looked at."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The FAQ that a workbook is held against."""

    live: Mapping[str, Piece]
    drafts: Mapping[str, Draft]
    drafted: Faq
    """The FAQ with all drafts."""

    def content(self, key: str) -> Piece | None:
        """Return how a piece stands with its draft; nothing for what is not there or drafted to go."""
        draft = self.drafts.get(key)
        if draft is None:
            return self.live.get(key)
        return Piece(Kind(draft.kind), key, draft.content) if draft.content is not None else None


async def ground(session: AsyncSession) -> Ground:
    """Read what is live and drafted. Raises `LookupError` before the first publication."""
    live = await live_pieces(session)
    if not live:
        raise LookupError("nothing is live")
    drafts = {draft.key: draft for draft in await session.scalars(select(Draft))}
    found = {**live, **{k: Piece(Kind(d.kind), k, d.content) for k, d in drafts.items() if d.content is not None}}
    gone = {key for key, draft in drafts.items() if draft.content is None}
    return Ground(live, drafts, assemble({k: p for k, p in found.items() if k not in gone}))


def planned(reading: Reading, before: Ground, *, is_personal: IsPersonal) -> Plan:
    """Hold a workbook against the FAQ; pure and slow (seconds for a large one): to be done in a thread."""
    problems = list(reading.problems)
    known = {entry.key: entry for entry in before.drafted.entries}
    entries = dict(_once(reading, problems))
    _without_new_names(entries, known, reading, problems)
    touched = {key: entry for key, entry in entries.items() if _is_touched(entry, reading, before, known)}
    sheets = {
        name: items
        for name, items in (("milestones", reading.milestones), ("short_forms", reading.short_forms))
        if items is not None
    }
    faults = [
        *_faulty(touched, before.drafted, sheets, reading, is_personal=is_personal),
        *_personal(touched, known, reading, is_personal),
        *_personal_in_sheets(sheets, before.drafted, is_personal),
    ]
    problems.extend(faults)
    touched = {key: entry for key, entry in touched.items() if all(fault.entry != key for fault in faults)}
    bad = {fault.file for fault in faults}
    sheets = {name: items for name, items in sheets.items() if _TITLES[name] not in bad}
    changes = [_change(piece, before, reading, known) for piece in _pieces(before.drafted, touched, sheets)]
    found = [change for change in changes if change is not None]
    had = reading.marks or known
    return Plan(
        new=tuple(c for c in found if c.piece.key not in before.live and c.piece.key not in before.drafts),
        changed=tuple(c for c in found if c.piece.key in before.live or c.piece.key in before.drafts),
        missing=tuple(
            Gone(key, before.drafted.place.fill(entry.question), "")
            for key, entry in known.items()
            if key not in reading.rows and key in had
        ),
        rejected=tuple(problems),
    )


async def with_versions(session: AsyncSession, plan: Plan, before: Ground) -> Plan:
    """Return the plan with how each piece stands; what somebody has changed since `before` was read is contested."""

    async def versioned(change: Change) -> Change:
        now, then = await standing(session, change.piece.key, kind=change.piece.kind), before.content(change.piece.key)
        same = now.content == (then.content if then is not None else None)
        return replace(change, base=now.version, contested_by=change.contested_by if same else now.author or ELSEWHERE)

    return replace(
        plan,
        new=tuple([await versioned(change) for change in plan.new]),
        changed=tuple([await versioned(change) for change in plan.changed]),
        missing=tuple([replace(gone, base=(await standing(session, gone.key)).version) for gone in plan.missing]),
    )


async def carry_out(
    session: AsyncSession, plan: Plan, *, author: str, now: dt.datetime, contested: bool, withdraw_missing: bool
) -> Done:
    """Draft what the plan says; leave alone what somebody has changed since it was made."""
    left: list[str] = []
    saved = withdrawn = 0
    for change in (*plan.free, *(plan.contested if contested else ())):
        try:
            await save(session, change.piece, base=change.base, author=author, now=now, why=WHY)
            saved += 1
        except ChangedMeanwhileError as error:
            left.append(error.now.key)
    for gone in plan.missing if withdraw_missing else ():
        try:
            await withdraw(session, gone.key, base=gone.base, author=author, now=now, why=WHY)
            withdrawn += 1
        except ChangedMeanwhileError as error:
            left.append(error.now.key)
    note(
        session, author, "excel.imported", "excel", now=now,
        saved=saved, withdrawn=withdrawn, left=left, rejected=len(plan.rejected),
    )  # fmt: skip
    return Done(saved, withdrawn, tuple(left))


def _once(reading: Reading, problems: list[Problem]) -> Iterator[tuple[str, Entry]]:
    """Yield each entry by its key; a second row of the same key is a fault."""
    seen: set[str] = set()
    for entry in reading.entries:
        if entry.key in seen:
            problems.append(Problem(ENTRIES, entry.key, "Mã", "có hai dòng cùng mã này; chỉ dòng đầu được nạp"))
        else:
            yield entry.key, entry
        seen.add(entry.key)


def _without_new_names(
    entries: dict[str, Entry], known: Mapping[str, Entry], reading: Reading, problems: list[Problem]
) -> None:
    """Take out the rows in which somebody has typed another key over an entry's own."""
    lacking = {fold(entry.question): key for key, entry in known.items() if key not in reading.rows}
    for key in [key for key in entries if key not in known]:
        own = lacking.get(fold(entries[key].question))
        if own is not None:
            problems.append(Problem(_row(reading, key), key, "Mã", f"mã của mục không đổi được; mục này có mã {own}"))
            del entries[key]


def _is_touched(entry: Entry, reading: Reading, before: Ground, known: Mapping[str, Entry]) -> bool:
    """Whether somebody has changed the entry in the workbook."""
    mark, written = mark_of(entry), reading.marks.get(entry.key)
    same = known.get(entry.key)
    if mark == written or (same is not None and mark == mark_of(same)):
        return False
    live = before.live.get(entry.key)
    return written is not None or live is None or mark != mark_of(Entry.model_validate(live.content))


def _faulty(
    touched: Mapping[str, Entry],
    drafted: Faq,
    sheets: Mapping[str, object],
    reading: Reading,
    *,
    is_personal: IsPersonal,
) -> list[Problem]:
    """Return what is wrong with entries (and sheets) that are right by themselves, but not beside the others."""
    whole = drafted.model_copy(update={**sheets, "entries": _merged(drafted, touched)})
    before = {(problem.entry, problem.why) for problem in check(drafted)}
    found = [
        Problem(_row(reading, problem.entry), problem.entry, field_title(problem.field), problem.why)
        if problem.entry in touched
        else replace(problem, file=SHEET_TITLES[problem.file])
        for problem in check(whole)
        if problem.serious and (problem.entry, problem.why) not in before and "cũng nằm ở" not in problem.why
        if problem.entry in touched or problem.file in SHEET_TITLES
    ]
    owners = _owners(whole)
    known = {entry.key: set(entry.examples) for entry in drafted.entries}
    for key, entry in touched.items():
        for text in (text for text in entry.examples if text not in known.get(key, ())):
            others = sorted(owners[fold(text)] - {key})
            if others:
                why = f"câu «{'…' if is_personal(text, False) else text[:80]}» cũng nằm ở {', '.join(others)}"
                found.append(Problem(_row(reading, key), key, EXAMPLES, why))
            if is_personal(text, False):
                found.append(Problem(_row(reading, key), key, EXAMPLES, PERSONAL))
    return found


def _personal(
    touched: Mapping[str, Entry], known: Mapping[str, Entry], reading: Reading, is_personal: IsPersonal
) -> Iterator[Problem]:
    """Yield the fields of entries in which a line that was not there before holds personal data."""
    for key, entry in touched.items():
        old = {line for _, line in _lines(known[key].model_dump(mode="json"))} if key in known else set()
        new = [(name, line) for name, line in _lines(entry.model_dump(mode="json")) if line not in old]
        for name in dict.fromkeys(name for name, line in new if is_personal(line, name not in _UNREAD)):
            yield Problem(_row(reading, key), key, field_title(name), PERSONAL)


def _personal_in_sheets(sheets: Mapping[str, Any], drafted: Faq, is_personal: IsPersonal) -> Iterator[Problem]:
    for name, items in sheets.items():
        old = {line for item in getattr(drafted, name) for _, line in _lines(item.model_dump(mode="json"))}
        new = [line for item in items for _, line in _lines(item.model_dump(mode="json")) if line not in old]
        if any(is_personal(line, False) for line in new):
            yield Problem(_TITLES[name], "", "", PERSONAL)


def _lines(content: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the lines of all texts in a piece's content, with the names of their fields."""
    match content:
        case dict():
            for inner, value in content.items():
                yield from () if inner in _NO_TEXT else _lines(value, name or inner)
        case list():
            for item in content:
                yield from _lines(item, name)
        case str():
            yield from ((name, line.strip()) for line in content.split("\n") if line.strip())


def _owners(faq: Faq) -> Mapping[str, set[str]]:
    """Return under which intents each sentence stands, accents aside."""
    owners = defaultdict[str, set[str]](set)
    for intent, texts in (
        *((entry.key, entry.examples) for entry in faq.entries),
        *((group.intent, group.examples) for group in faq.outside),
        *((aspect.intent, aspect.asked) for aspect in faq.taxonomy.aspects),
    ):
        for text in texts:
            owners[fold(text)].add(intent)
    return owners


def _merged(drafted: Faq, touched: Mapping[str, Entry]) -> tuple[Entry, ...]:
    kept = (touched.get(entry.key, entry) for entry in drafted.entries)
    known = {entry.key for entry in drafted.entries}
    return (*kept, *(entry for key, entry in touched.items() if key not in known))


def _pieces(drafted: Faq, touched: Mapping[str, Entry], sheets: Mapping[str, object]) -> Iterable[Piece]:
    found = pieces(drafted.model_copy(update={**sheets, "entries": tuple(touched.values())}))
    return [found[key] for key in (*touched, *(key for key, name in _SHEETS.items() if name in sheets))]


def _change(piece: Piece, before: Ground, reading: Reading, known: Mapping[str, Entry]) -> Change | None:
    now, draft = before.content(piece.key), before.drafts.get(piece.key)
    if now is not None and now.content == piece.content:
        return None
    live = before.live.get(piece.key)
    if piece.kind is Kind.SHEET and live is not None and draft is not None and live.content == piece.content:
        return None  # the workbook was written without the draft
    fields = tuple(map(field_title, changed_fields(now, piece))) if now is not None else ()
    contested, stood = _contested(piece, before, reading, known), now.content if now is not None else None
    return Change(piece, _title(piece, before.drafted), "", fields, contested, stood)


def _contested(piece: Piece, before: Ground, reading: Reading, known: Mapping[str, Entry]) -> str:
    """Return who has changed a piece since the workbook was written; of an older workbook, whose draft there is."""
    draft, written = before.drafts.get(piece.key), reading.marks.get(piece.key)
    same = known.get(piece.key)
    if written is None or same is None:
        return draft.author if draft is not None else ""
    if mark_of(same) == written:
        return ""
    return draft.author if draft is not None else ELSEWHERE


def _title(piece: Piece, faq: Faq) -> str:
    sheet = _SHEETS.get(piece.key)
    return _TITLES[sheet] if sheet else faq.place.fill(str(piece.content["question"]))


def _row(reading: Reading, key: str) -> str:
    return f"{ENTRIES}, dòng {reading.rows[key]}" if key in reading.rows else ENTRIES
