"""Faults that only show when the whole FAQ is seen: broken references, sentences under two entries."""

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import fuzz, process

from faq.dated import is_well_formed, milestones_in, readings
from faq.entries import OUTSIDE_TOPIC, CheckSentence, Entry, Faq
from faq.folding import fold
from faq.problems import Problem
from faq.shape import PLACEHOLDER
from faq.visits import Kind

NEAR_COPY = 90
"""Of 100: likeness of letters (rapidfuzz ratio) from which two sentences are one, typed a little differently."""
LONGEST_EASY_SENTENCE = 12
"""Words: what somebody of eighty keeps in mind until the full stop."""
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;:…])\s+|\n")
_HERE = (
    r"(?:vào đây|ở đây|tại đây|cho tôi|cho bot|cho máy|với tôi|trong tin nhắn|vào tin nhắn|khung trò chuyện|"
    r"here|to me|in this chat)"
)
_PRIVATE = (
    r"(?:số (?:căn cước|cccd|cmnd|định danh|thẻ|tài khoản|điện thoại|giấy tờ)|ảnh|hình chụp|otp|mã|mật khẩu|"
    r"passcode|id number|photo|picture|code|password|account number)"
)
_GIVING = r"(?:gửi|nhập|gõ|chụp|đọc|cho biết|cung cấp|điền|cho tôi biết|send|type|enter|give|tell|share)"
_ASKING = re.compile(
    rf"\b{_GIVING}\b.{{0,40}}\b{_PRIVATE}\b.{{0,40}}\b{_HERE}"
    rf"|\b{_GIVING}\b.{{0,20}}\b{_HERE}.{{0,40}}\b{_PRIVATE}\b"
    rf"|\bcho tôi biết\b.{{0,20}}\b{_PRIVATE}\b"
)
NO_SUCH_WORD = "không rõ {} là gì, người dân sẽ thấy nguyên như vậy: sửa tên trong ngoặc nhọn, hoặc ghi hẳn chữ ra"
_REFUSING = re.compile(r"\b(?:không|đừng|chớ|chẳng|cấm|tránh|never|not|don't|nobody|no)\b")
_CLAUSE_ENDS = re.compile(r"[.!?;\n]")


def check(faq: Faq) -> tuple[Problem, ...]:
    """Return every fault of the FAQ as a whole, the serious ones first."""
    rules = (
        _keys,
        _references,
        _texts,
        _dates,
        _easy,
        _visits,
        _short_forms,
        _links,
        _documents,
        _topics_covered,
        _sentences,
    )
    found = [problem for rule in rules for problem in rule(faq)]
    return tuple(sorted(found, key=lambda p: not p.serious))


def check_sentences(sentences: Iterable[CheckSentence], faq: Faq) -> Iterator[Problem]:
    """Yield faults of check sentences: unknown entries, and sentences that are also examples, or nearly so."""
    keys = {entry.key for entry in faq.entries}
    kept = tuple(sentences)
    for sentence in kept:
        for key in sorted(sentence.accepted - keys):
            yield Problem("checks", sentence.text[:60], "entry", f"không có mục {key}")
    for sentence, example in near_copies(kept, faq):
        why = f"gần như câu ví dụ «{example}»; câu kiểm tra không được có trong huấn luyện"
        yield Problem("checks", sentence.text[:60], "text", why)


def near_copies(sentences: Sequence[CheckSentence], faq: Faq) -> Iterator[tuple[CheckSentence, str]]:
    """Yield check sentences that training has seen, or all but a letter in ten of them, each with the example."""
    trained = [text for _, text in taught(faq)]
    if not sentences or not trained:
        return
    asked = [fold(sentence.text) for sentence in sentences]
    alike = process.cdist(asked, [fold(text) for text in trained], scorer=fuzz.ratio, score_cutoff=NEAR_COPY)
    for sentence, row in zip(sentences, alike, strict=True):
        if row.max() >= NEAR_COPY:
            yield sentence, trained[int(row.argmax())]


def _file(entry: Entry) -> str:
    return f"{entry.topic}.yml"


def _keys(faq: Faq) -> Iterator[Problem]:
    topics = {topic.id for topic in faq.taxonomy.topics}
    aspects = {aspect.id for aspect in faq.taxonomy.aspects}
    times = Counter(entry.key for entry in faq.entries)
    for entry in faq.entries:
        if times[entry.key] > 1:
            yield Problem(_file(entry), entry.key, "key", "có hai mục cùng mã này")
        if entry.topic not in topics:
            yield Problem(_file(entry), entry.key, "key", f"không có chủ đề {entry.topic}")
        if entry.aspect not in aspects:
            yield Problem(_file(entry), entry.key, "aspect", f"không có khía cạnh {entry.aspect}")


def _references(faq: Faq) -> Iterator[Problem]:
    keys = {entry.key for entry in faq.entries}
    for entry in faq.entries:
        for key in entry.related:
            if key not in keys:
                yield Problem(_file(entry), entry.key, "related", f"không có mục {key}")
            if key == entry.key:
                yield Problem(_file(entry), entry.key, "related", "trỏ về chính nó")


def _texts(faq: Faq) -> Iterator[Problem]:
    words = faq.on(dt.date.min).place.words
    for entry in faq.entries:
        for text in entry.texts():
            for word in PLACEHOLDER.findall(text):
                if word not in words:
                    yield Problem(_file(entry), entry.key, "", NO_SUCH_WORD.format(f"{{{word}}}"))
            if asks_for_secrets(text):
                yield Problem(_file(entry), entry.key, "", "câu trả lời không được xin số, ảnh, mã hay mật khẩu")


def asks_for_secrets(text: str) -> bool:
    """Whether a text wants a number, a photo, a code or a password to be given to this guide."""
    clauses = (clause for reading in readings(text) for clause in _CLAUSE_ENDS.split(reading.lower()))
    return any(_ASKING.search(clause) and not _REFUSING.search(clause) for clause in clauses)


def _dates(faq: Faq) -> Iterator[Problem]:
    known = {milestone.id for milestone in faq.milestones}
    for entry in faq.entries:
        for text in (entry.title, entry.question):
            if "[[" in text or "]]" in text:
                yield Problem(_file(entry), entry.key, "", "tên nút và câu hỏi không được có phần đổi theo ngày [[…]]")
        for text in entry.dated_texts:
            if not is_well_formed(text):
                why = f"phần đổi theo ngày viết sai dạng [[mã-mốc: trước | từ ngày ấy]]: «{text[:60]}»"
                yield Problem(_file(entry), entry.key, "", why)
        for milestone in entry.milestones:
            if milestone not in known:
                yield Problem(_file(entry), entry.key, "", f"danh sách mốc ngày không có mốc {milestone}")
    for name, count in Counter(milestone.id for milestone in faq.milestones).items():
        if count > 1:
            yield Problem("milestones.yml", name, "id", "có hai mốc cùng mã này")


def _easy(faq: Faq) -> Iterator[Problem]:
    place = faq.on(dt.date.min).place
    for entry in faq.entries:
        if not entry.easy and not entry.is_small_talk:
            yield Problem(_file(entry), entry.key, "easy", "chưa có bản chữ lớn", serious=False)
        for step in entry.easy:
            for reading in readings(step):
                for sentence in easy_sentences(place.fill(reading)):
                    if len(sentence.split()) > LONGEST_EASY_SENTENCE:
                        why = f"câu dài quá {LONGEST_EASY_SENTENCE} tiếng: «{sentence}»"
                        yield Problem(_file(entry), entry.key, "easy", why)


def easy_sentences(text: str) -> list[str]:
    """Return the sentences of a text as somebody reads them who reads slowly: a colon ends one, too."""
    return [sentence for sentence in _SENTENCE_ENDS.split(text) if sentence]


def _visits(faq: Faq) -> Iterator[Problem]:
    keys, topics = {entry.key for entry in faq.entries}, {topic.id for topic in faq.taxonomy.topics}
    documents, milestones = {document.id for document in faq.documents}, {milestone.id for milestone in faq.milestones}
    words = faq.on(dt.date.min).place.words
    for visit in faq.visits:

        def problem(field: str, why: str, name: str = visit.id) -> Problem:
            return Problem("visits.yml", name, field, why)

        if visit.topic not in topics:
            yield problem("topic", f"không có chủ đề {visit.topic}")
        gone = (key for key in visit.entries if key not in keys)  # which the list then leaves out
        yield from (Problem("visits.yml", visit.id, "entries", f"không có mục {key}", serious=False) for key in gone)
        unknown = (citation.document for citation in visit.law if citation.document not in documents)
        yield from (problem("law", f"danh mục văn bản không có {name}") for name in unknown)
        foreign = (link.host for link in visit.links if link.host not in faq.place.hosts)
        yield from (problem("links", f"{host} không có trong danh sách trang chính thức") for host in foreign)
        for line in visit.lines:
            if not is_well_formed(line.text) or not set(milestones_in(line.text)) <= milestones:
                yield problem("lines", f"phần đổi theo ngày viết sai: «{line.text[:60]}»")
            if asks_for_secrets(line.text):
                yield problem("lines", f"không được xin số, ảnh, mã hay mật khẩu: «{line.text[:60]}»")
            missing = (word for word in PLACEHOLDER.findall(line.text) if word not in words)
            yield from (problem("lines", NO_SUCH_WORD.format(f"{{{word}}}")) for word in missing)
        for made in visit.every_way():
            told = {line.kind for line in visit.chosen(made)}
            lacking = [kind for kind in (Kind.PAPER, Kind.FEE, Kind.TIME, Kind.OFFICE) if kind not in told]
            if lacking:
                yield problem("lines", f"chọn {', '.join(made.values())} thì thiếu {', '.join(lacking)}")


def _short_forms(faq: Faq) -> Iterator[Problem]:
    for short, count in Counter(form.short for form in faq.short_forms).items():
        if count > 1:
            yield Problem("short-forms.yml", short, "short", f"có {count} nghĩa; chỉ ghi chữ viết tắt có một nghĩa")


def _links(faq: Faq) -> Iterator[Problem]:
    for entry in faq.entries:
        for link in entry.links:
            if link.host not in faq.place.hosts:
                yield Problem(
                    _file(entry), entry.key, "links", f"{link.host} không có trong danh sách trang chính thức"
                )


def _documents(faq: Faq) -> Iterator[Problem]:
    documents = {document.id: document for document in faq.documents}
    for entry in faq.entries:
        for citation in entry.law:
            document = documents.get(citation.document)
            if document is None:
                yield Problem(_file(entry), entry.key, "law", f"danh mục văn bản không có {citation.document}")
            elif document.replaced_by:
                why = f"{document.number} đã được thay bằng {document.replaced_by}"
                yield Problem(_file(entry), entry.key, "law", why, serious=False)
    for document in faq.documents:
        for other in (*document.amended_by, *filter(None, [document.replaced_by])):
            if other not in documents:
                yield Problem("laws.yml", document.id, "amended_by", f"không có văn bản {other}", serious=False)


def _topics_covered(faq: Faq) -> Iterator[Problem]:
    asked = {entry.topic for entry in faq.entries}
    for topic in faq.taxonomy.topics:
        if topic.id not in asked:
            yield Problem("topics.yml", topic.id, "", "chủ đề chưa có mục nào", serious=False)


def taught(faq: Faq) -> Iterator[tuple[str, str]]:
    """Yield every training sentence with its intent."""
    for entry in faq.entries:
        for text in entry.examples:
            yield entry.key, text
    for group in faq.outside:
        for text in group.examples:
            yield group.intent, text
    for aspect in faq.taxonomy.aspects:
        for text in aspect.asked:
            yield aspect.intent, text


def _sentences(faq: Faq) -> Iterator[Problem]:
    owners: dict[str, list[str]] = defaultdict(list)
    for intent, text in taught(faq):
        owners[fold(text)].append(intent)
    for folded, intents in owners.items():
        file = f"{intents[0].partition('.')[0]}.yml"
        if not folded:  # «???» may well stand among what has no meaning
            for intent in dict.fromkeys(i for i in intents if not i.startswith(OUTSIDE_TOPIC)):
                file = f"{intent.partition('.')[0]}.yml"
                yield Problem(file, intent, "examples", "câu ví dụ không có chữ nào")
        elif len(set(intents)) > 1:
            others = ", ".join(sorted(set(intents[1:]) - {intents[0]}))
            yield Problem(file, intents[0], "examples", f"câu «{folded}» cũng nằm ở {others}")
        elif len(intents) > 1:
            yield Problem(file, intents[0], "examples", f"câu «{folded}» có {len(intents)} lần", serious=False)
