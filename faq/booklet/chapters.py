"""What stands in the booklet, and in which order. Pure: the FAQ and a day in, chapters out; not how they look."""

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from faq.entries import EMERGENCY, SCAM_TOPIC, SMALL_TALK_TOPIC, Document, Entry, Faq, Hotline, Office
from faq.shape import Citation, Link

TITLE = "Hỏi Đáp Dịch Vụ Công"
WARNING = "Hướng dẫn, không thay cho văn bản."


@dataclass(frozen=True, slots=True)
class Block:
    """A titled part of an answer; steps are numbered, a single line stands beside its title."""

    title: str
    lines: tuple[str, ...]
    numbered: bool = False
    single: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One answer, ready to be set."""

    key: str
    title: str
    question: str
    short: str
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    small_print: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The answers of a topic, and a line for each that is over."""

    id: str
    title: str
    items: tuple[Item, ...]
    over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Booklet:
    """Everything that is printed."""

    town: str
    police: str
    day: dt.date
    hotlines: tuple[Hotline, ...]
    offices: tuple[Office, ...]
    changes: tuple[str, ...]
    chapters: tuple[Chapter, ...]

    @property
    def printed_on(self) -> str:
        """The day on which all of it was true."""
        return f"{self.day:%d/%m/%Y}"

    @property
    def by_question(self) -> Sequence[Item]:
        """All answers in the order of the alphabet."""
        return sorted((item for chapter in self.chapters for item in chapter.items), key=lambda i: order(i.question))

    @property
    def places(self) -> tuple[str, ...]:
        """A line for each office of which more than its name is known."""
        return tuple(line for office in self.offices if (line := _known(office)))

    @property
    def preface(self) -> tuple[str, ...]:
        """What a reader must know first."""
        what = (
            f"Sổ này in các câu trả lời của máy hỏi đáp (bot) của {self.police} đúng như ngày {self.printed_on}. "
            "Chỗ nào trong sổ viết «bot», «máy này» hay «tôi là máy» là nói máy hỏi đáp ấy."
        )
        caution = (
            "Sổ chỉ hướng dẫn, không thay cho văn bản pháp luật. Quy định có thể đổi sau ngày in: sổ đã cũ, hoặc chưa "
            f"chắc, xin hỏi lại {self.police} trước khi đi làm."
        )
        return (
            what,
            caution,
            "Muốn tìm theo việc, xem Mục lục. Muốn tìm theo câu hỏi, xem phần Tra theo câu hỏi ở cuối sổ.",
        )


def booklet(faq: Faq, day: dt.date) -> Booklet:
    """Return the booklet of `faq` as it reads on `day`."""
    today = faq.on(day)
    words = today.place.words
    return Booklet(
        town=words.get("phuong", ""),
        police=words.get("cong-an", ""),
        day=day,
        hotlines=today.place.hotlines,
        offices=today.place.offices,
        changes=tuple(_changes(faq, day)),
        chapters=tuple(_chapters(today, day)),
    )


def is_printed(entry: Entry) -> bool:
    """Whether an entry is for a booklet at all: small talk is not, but for what to do in an emergency."""
    return not entry.is_small_talk or entry.key == EMERGENCY


def is_over(entry: Entry, day: dt.date) -> bool:
    """Whether an entry's rule has ended."""
    return entry.valid_until is not None and entry.valid_until < day


def order(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a key that sorts as a Vietnamese dictionary does: letters first (a ă â … d đ …), then tones."""
    letters, tones = [], []
    for char in unicodedata.normalize("NFC", text.lower()):
        plain = unicodedata.normalize("NFD", char)
        tones += [_TONES.index(mark) for mark in plain if mark in _TONES]
        letter = unicodedata.normalize("NFC", "".join(mark for mark in plain if mark not in _TONES))
        if letter.isalnum() or letter == " ":
            letters.append(_ALPHABET.find(letter) + 1 if letter in _ALPHABET else ord(letter) + len(_ALPHABET))
    return tuple(letters), tuple(tones)


_TONES = "\u0300\u0309\u0303\u0301\u0323"
_ALPHABET = " 0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"


def _chapters(faq: Faq, day: dt.date) -> Iterator[Chapter]:
    """Yield what to do in an emergency, then scams, then the topics in their order."""
    urgent = tuple(_item(entry, faq, day) for entry in faq.entries if entry.key == EMERGENCY)
    yield Chapter("khan-cap", "Khẩn cấp: gọi số nào", urgent)
    topics = sorted(faq.taxonomy.topics, key=lambda topic: topic.id != SCAM_TOPIC)  # the rest stays in order
    for topic in topics:
        entries = [entry for entry in faq.entries if entry.topic == topic.id]
        if entries and topic.id != SMALL_TALK_TOPIC:
            items = tuple(_item(entry, faq, day) for entry in entries if not is_over(entry, day))
            yield Chapter(topic.id, topic.title, items, tuple(_over(entries, faq, day)))


def _over(entries: Sequence[Entry], faq: Faq, day: dt.date) -> Iterator[str]:
    for entry in entries:
        if is_over(entry, day):
            question = _clean(faq.place.fill(entry.question))
            yield f"«{question}»: quy định này chỉ có hiệu lực đến {entry.valid_until:%d/%m/%Y}, không in ở đây."


def _item(entry: Entry, faq: Faq, day: dt.date) -> Item:
    def fill(text: str) -> str:
        return _clean(faq.place.fill(text))

    return Item(
        key=entry.key,
        title=fill(entry.title),
        question=fill(entry.question),
        short=fill(entry.short),
        blocks=tuple(replace(block, lines=tuple(map(fill, block.lines))) for block in _blocks(entry) if block.lines),
        links=entry.links,
        small_print=tuple(map(fill, (*_law(entry, faq), " ".join(_fine_print(entry, day))))),
    )


def _blocks(entry: Entry) -> Iterator[Block]:
    details = entry.details
    yield Block("Các bước", details.steps, numbered=True)
    yield Block("Giấy tờ", details.papers)
    yield Block("Lệ phí", _single(details.fee), single=True)
    yield Block("Thời gian", _single(details.time), single=True)
    yield Block("Nơi làm", _single(details.office), single=True)
    yield Block("Nên biết", details.notes)
    yield Block("Được lợi gì", _single(entry.gain), single=True)


def _single(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _law(entry: Entry, faq: Faq) -> Iterator[str]:
    documents = {document.id: document for document in faq.documents}
    cited = [_cited(c, documents[c.document]) for c in entry.law if c.document in documents]
    if cited:
        yield f"Căn cứ: {'; '.join(cited)}."


def _cited(citation: Citation, document: Document) -> str:
    article = f" ({citation.article})" if citation.article else ""
    since = f", hiệu lực từ {document.in_force_from:%d/%m/%Y}" if document.in_force_from else ""
    return f"{document.name}, số {document.number}{article}{since}"


def _fine_print(entry: Entry, day: dt.date) -> Iterator[str]:
    yield f"Nội dung rà soát ngày {entry.checked_on:%d/%m/%Y}."
    if not entry.confirmed and entry.topic != SCAM_TOPIC:  # nobody may wait while being cheated
        yield "Có điểm còn chờ xác nhận, nên hỏi lại {cong-an} trước khi đi làm."
    if entry.review_by < day:
        yield "Câu trả lời này đã quá hạn rà soát, có thể không còn đúng."


def _changes(faq: Faq, day: dt.date) -> Iterator[str]:
    """Yield the days ahead on which answers of this booklet change: paper cannot change by itself."""
    used = {name for entry in faq.entries for name in entry.milestones}
    for milestone in sorted(faq.milestones, key=lambda m: m.first_day):
        if milestone.first_day > day and milestone.id in used:
            yield f"Từ {milestone.first_day:%d/%m/%Y}: {_clean(milestone.title)}."


def _known(office: Office) -> str:
    known = [text for text in (office.address, office.phone, office.hours, office.page) if text]
    return f"{office.name}: {'; '.join(known)}." if known else ""


def _clean(text: str) -> str:
    """Return a text with each letter and its accents as one sign, as the typeface has it and as people search it."""
    return unicodedata.normalize("NFC", " ".join(text.split()))
