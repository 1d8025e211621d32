"""What is to be said of a card before it is saved: what stops that, what stops publishing, what is doubtful.

All in words for a ward officer. Of a check sentence nothing is told but that one is too like it.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.checking import check, taught
from faq.entries import BARE_TOPIC, FEWEST_EXAMPLES, OUTSIDE_TOPIC, CheckSentence, Entry, Faq, topic_of
from faq.judging import Report
from faq.live import Live
from faq.models import Draft, Kind
from faq.sentences import Overlaid, Owned, Sentences
from stats.masking import mask
from web.card import NAMES, PAIR, Fault, Fields, fields_of, lines_of, sketch_of, title_of

MOST_EXAMPLES = 400
"""In one entry: what is more is a table that somebody pasted."""
OFTEN = 2
"""Check sentences taken for the same other entry, from which they are said to be confused."""
GROUP = "nhom"
"""The number of the inbox's group that an entry is written for: no text."""
MOST_NAMED = 12
"""Sentences that are named one by one."""

KINDS = {
    "identity": "số định danh",
    "phone": "số điện thoại",
    "email": "email",
    "plate": "biển số xe",
    "account": "số tài khoản",
    "passport": "số hộ chiếu",
    "code": "mã xác thực",
    "birth_date": "ngày sinh",
    "name": "tên người",
    "address": "địa chỉ",
    "insurance": "số bảo hiểm",
    "handle": "tài khoản mạng",
}
MAY_BE_PUBLIC = frozenset({"phone", "email", "account", "birth_date", "name", "address", "handle"})
"""What an answer may tell of an office; never what may stand in an example."""
NO_ANSWER = frozenset(
    {"examples", "why", "topic", "aspect", "facts", "related", "checked_on", "review_by", "valid_until"}
)
"""Fields that citizens do not read: nothing of an office need stand there."""
LONGEST_LINE = 4_000
"""Characters of one line; what is longer is no text of any field, and looking through it takes long."""
_DOCUMENT = re.compile(r"(?=.*[a-z])[a-z0-9-]+")
"""As documents are named by id; a number alone is not."""


class Weight(StrEnum):
    """How grave a remark is."""

    STOPS = "stops"
    """It cannot be saved."""
    ERROR = "error"
    """It can be saved, not published."""
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to mend or to think of: at which field, and which entries it is about."""

    weight: Weight
    field: str
    why: str
    sentence: str = ""
    entries: tuple[tuple[str, str], ...] = ()
    """Key and title of each; without a key there is no page to open."""

    @property
    def title(self) -> str:
        """What the field is called where staff see it."""
        return title_of(self.field) if self.field else "Cả mục"


@dataclass(frozen=True, slots=True)
class Known:
    """What a card is held against: what is live, the sentences of all entries and drafts, and the check sentences."""

    live: Live
    sentences: Overlaid
    checks: Sentences
    drafted: Mapping[str, str] = field(default_factory=dict)
    """Titles of entries by key, as the drafts have them."""

    def named(self, intents: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return key and title of what stands behind intents, each once."""
        return tuple((self._page(intent), self._title(intent)) for intent in dict.fromkeys(intents))

    def _page(self, intent: str) -> str:
        return intent if intent in self.live.entries or intent in self.drafted else ""

    def _title(self, intent: str) -> str:
        if intent in self.drafted:
            return self.drafted[intent]
        if intent in self.live.entries:
            return self.live.faq.place.fill(self.live.entries[intent].title)
        if topic_of(intent) == OUTSIDE_TOPIC:
            groups = (group.title for group in self.live.faq.outside if group.intent == intent)
            return f"Ngoài phạm vi: {next(groups, intent)}"
        aspects = (aspect.title for aspect in self.live.faq.taxonomy.aspects if aspect.intent == intent)
        return f"Câu hỏi tiếp: {next(aspects, intent)}" if topic_of(intent) == BARE_TOPIC else intent


class Proofs:
    """Prepares what cards are held against, and keeps it until another release is live or a draft has changed."""

    def __init__(self, checks: Sequence[CheckSentence] = ()) -> None:
        self.checks = tuple(checks)
        self._checks: Sentences | None = None
        self._live: tuple[Live, Sentences] | None = None
        self._known: tuple[object, Known] | None = None
        self._preparing = asyncio.Lock()

    async def known(self, session: AsyncSession, live: Live) -> Known:
        """Return what cards are held against now."""
        drafts = select(Draft.key, Draft.version, Draft.updated_at).where(Draft.kind == Kind.ENTRY).order_by(Draft.key)
        state = (id(live), tuple(tuple(row) for row in await session.execute(drafts)))
        async with self._preparing:  # one prepares; whoever waited finds it done
            if self._known is None or self._known[0] != state:
                found = (await session.execute(select(Draft.key, Draft.content).where(Draft.kind == Kind.ENTRY))).all()
                made = await asyncio.to_thread(self._prepare, live, {row.key: row.content for row in found})
                self._known = (state, made)
            return self._known[1]

    def _prepare(self, live: Live, drafts: Mapping[str, dict[str, object] | None]) -> Known:
        if self._checks is None:
            self._checks = Sentences(Owned.by("", sentence.text) for sentence in self.checks)
        if self._live is None or self._live[0] is not live:
            self._live = (live, Sentences(Owned.by(intent, text) for intent, text in taught(live.faq)))
        written = {key: content for key, content in drafts.items() if content is not None}
        drafted = Sentences(Owned.by(key, str(text)) for key, content in written.items() for text in _texts(content))
        titles = {key: str(content.get("title") or key) for key, content in written.items()}
        return Known(live, Overlaid(self._live[1], drafted, drafts), self._checks, titles)

    def asked_of(self, key: str) -> int:
        """Return how many check sentences an entry has."""
        return sum(sentence.entry == key and not sentence.before for sentence in self.checks)


def proofread(
    fields: Fields, before: Mapping[str, object] | None, key: str, known: Known, *, public: bool = False
) -> tuple[Entry | None, tuple[Remark, ...]]:
    """Return the entry that the form describes, if it is one, and all that is to be said of it, the gravest first.

    `public`: whoever saves it has said that numbers and addresses in the answer are an office's.
    """
    old = old_lines(before)
    remarks = [*_personal(fields, old, public=public), *of_examples(fields, old, key, known)]
    entry, faults = sketched(fields, before, key, known)
    shown = [Remark(Weight.STOPS, f.field, f.why) for f in faults if f.field != "examples" or f.line]
    told = {*(remark.field for remark in shown), *(["key"] if faults else [])} - {"links"}  # of which each is its own
    whole = [remark for remark in _as_a_whole(entry, known.live.faq) if remark.field not in told] if entry else []
    return (None if faults else entry), _by_weight([*shown, *remarks, *whole])


def sketched(
    fields: Fields, before: Mapping[str, object] | None, key: str, known: Known
) -> tuple[Entry | None, tuple[Fault, ...]]:
    """Return the entry as far as there is one, with stand-ins for what is missing, and what is wrong with it."""
    return sketch_of(fields, before, key, aspect=known.live.faq.taxonomy.aspects[0].id)


def of_examples(fields: Fields, old: frozenset[str], key: str, known: Known) -> Iterator[Remark]:
    """Yield what is to be said of the examples."""
    lines = lines_of(fields, "examples")
    if len(lines) > MOST_EXAMPLES:
        yield Remark(Weight.STOPS, "examples", f"nhiều nhất {MOST_EXAMPLES} câu, đang có {len(lines)} câu")
        return
    if len(lines) < FEWEST_EXAMPLES:
        why = f"mới có {len(lines)} câu, cần ít nhất {FEWEST_EXAMPLES} câu để máy học được"
        yield Remark(Weight.STOPS, "examples", why)
    for times, line in ((times, line) for line, times in Counter(lines).items() if times > 1):
        yield Remark(Weight.WARNING, "examples", f"ghi {times} lần trong mục này", line)
    for line in dict.fromkeys(lines):
        yield from _of_example(line, key, known, new=line not in old)


def _of_example(line: str, key: str, known: Known, *, new: bool) -> Iterator[Remark]:
    kinds = _kinds_in(line) if new else ()
    if kinds:
        why = f"có vẻ có thông tin riêng ({_kinds(kinds)}); bỏ thông tin ấy đi rồi lưu lại"
        yield Remark(Weight.STOPS, "examples", why, line)
    if new and known.checks.alike(line):
        why = "quá giống một câu kiểm tra của hệ thống; dạy máy câu này thì không đo đúng được nữa. Xin viết cách khác"
        yield Remark(Weight.STOPS, "examples", why, line)
        return
    same = [other.intent for other in known.sentences.same(line) if other.intent != key]
    if same:
        why = "câu này đã nằm ở mục khác (kể cả khi chỉ khác dấu); máy không thể học cả hai"
        yield Remark(Weight.ERROR, "examples", why, line, known.named(same))
        return
    near = [other for other in known.sentences.alike(line) if other.intent != key]
    if near:
        why = f"gần giống câu «{near[0].text}» ở mục khác"
        yield Remark(Weight.WARNING, "examples", why, line, known.named(other.intent for other in near[:2]))


def _personal(fields: Fields, old: frozenset[str], *, public: bool) -> Iterator[Remark]:
    new = ((name, line) for name in NAMES if name != "examples" for line in lines_of(fields, name) if line not in old)
    for name, line in new:
        if len(line) > LONGEST_LINE:
            yield Remark(Weight.STOPS, name, f"có dòng dài quá {LONGEST_LINE} ký tự")
        elif kinds := personal_in(_typed_in(name, line), public=public and name not in NO_ANSWER):
            yield Remark(Weight.STOPS, name, f"có vẻ có thông tin riêng ({_kinds(kinds)})", line)


def personal_in(line: str, *, public: bool) -> frozenset[str]:
    """Return the kinds of personal data in a line; with `public`, but for those that may be an office's."""
    return _kinds_in(line) - (MAY_BE_PUBLIC if public else frozenset())


def _typed_in(name: str, line: str) -> str:
    """Return what of a line is free text: neither the address of a page nor the id of a document."""
    if name == "links":
        title, _, address = line.rpartition(PAIR.strip())
        return title if address.strip().startswith("https://") else line
    if name == "law":
        document, _, article = line.partition(PAIR.strip())
        return article if _DOCUMENT.fullmatch(document.strip()) else line
    return line


def of_reason(why: str) -> Iterator[Remark]:
    """Yield what is to be said of the reason for a change: it stays in the history."""
    kinds = _kinds_in(why)
    if kinds:
        yield Remark(Weight.STOPS, "why", f"có vẻ có thông tin riêng ({_kinds(kinds)})", why)


def unstored(fields: Fields, before: Mapping[str, object] | None) -> Fields:
    """Return the fields as they may be kept before anybody has looked at them.

    Lines that do not stand in `before` are masked if they hold personal data, and left out if they are too long.
    """
    old = old_lines(before)
    return {name: _masked(name, text, old) for name, text in fields.items()}


def _masked(name: str, text: str, old: frozenset[str]) -> str:
    return "\n".join(line if line.strip() in old else _masked_line(name, line) for line in text.split("\n"))


def _masked_line(name: str, line: str) -> str:
    if len(line) > LONGEST_LINE:
        return ""
    typed = _typed_in(name, line)
    is_personal = name != GROUP and personal_in(typed, public=name not in NO_ANSWER)
    return line.replace(typed, mask(typed).text, 1) if is_personal else line


def is_about_public(remarks: Iterable[Remark]) -> bool:
    """Whether something stands in the way that the officer may say is an office's own."""
    return any(r.weight is Weight.STOPS and r.field not in NO_ANSWER and "thông tin riêng" in r.why for r in remarks)


def _as_a_whole(entry: Entry, faq: Faq) -> Iterator[Remark]:
    """Yield what only shows beside the rest of the FAQ."""
    beside = [other for other in faq.entries if other.key in entry.related and other.key != entry.key]
    aspects = tuple(aspect.model_copy(update={"asked": ()}) for aspect in faq.taxonomy.aspects)
    taxonomy = faq.taxonomy.model_copy(update={"aspects": aspects})
    whole = {"entries": (entry, *beside), "outside": (), "visits": (), "short_forms": (), "taxonomy": taxonomy}
    for problem in check(faq.model_copy(update=whole)):
        if problem.entry != entry.key or problem.field == "examples":
            continue
        yield Remark(Weight.ERROR if problem.serious else Weight.WARNING, problem.field, problem.why)


def confusions(key: str, title: str, report: Report, asked: int, known: Known) -> Iterator[Remark]:
    """Yield which entries the live model takes this one for, by its check sentences."""
    taken = Counter(failure.guessed for failure in report.failures if failure.expected == key and failure.guessed)
    for guessed, times in taken.most_common():
        if times >= OFTEN and guessed != key:
            other = known.named([guessed])
            why = f"‘{title}’ hay bị nhầm với ‘{other[0][1]}’ ({times}/{max(asked, times)} câu kiểm tra)"
            yield Remark(Weight.WARNING, "examples", why, entries=other)


def old_lines(before: Mapping[str, object] | None) -> frozenset[str]:
    """Return what stood there before: it is not held against whoever edits the rest."""
    known = fields_of(before)
    return frozenset(line for name in NAMES for line in lines_of(known, name))


def _by_weight(remarks: Sequence[Remark]) -> tuple[Remark, ...]:
    order = list(Weight)
    return tuple(sorted(remarks, key=lambda remark: order.index(remark.weight)))


def _kinds_in(line: str) -> frozenset[str]:
    return mask(line).kinds if len(line) <= LONGEST_LINE else frozenset()


def _kinds(kinds: Iterable[str]) -> str:
    return ", ".join(sorted(KINDS.get(kind, kind) for kind in kinds))


def _texts(content: Mapping[str, object]) -> list[object]:
    found = content.get("examples")
    return list(found) if isinstance(found, list) else []
