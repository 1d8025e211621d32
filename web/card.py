"""The card of an entry as a form: its fields as plain texts, and back. Pure; knows no pages and no database.

A list is a text with one item a line. What the form does not show, and what nobody touched, stays as it was.
"""

import copy
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from faq.content_files import problems_of
from faq.dated import milestones_in, readings
from faq.entries import FEWEST_EXAMPLES, Entry
from faq.excel import field_title
from faq.folding import fold
from faq.shape import LONGEST, LONGEST_KEY, MOST_MILESTONES
from faq.sheets import Content

Fields = dict[str, str]
"""The form, text by text, under the names in `NAMES`."""

PAIR = " | "
_LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
_VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
DETAILS = ("steps", "papers", "fee", "time", "office", "notes")
_LINES = ("steps", "papers", "notes")
_IN_ENGLISH = ("title", "question", "short", *DETAILS, "gain")


@dataclass(frozen=True, slots=True)
class Part:
    """One field: where it stands in the entry, how it is written into the form and read from it."""

    name: str
    path: tuple[str, ...]
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    longest: int | None = None
    """Characters of the text, or of each line of a list."""

    @property
    def title(self) -> str:
        """What staff call it."""
        return title_of(self.name)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that keeps a form from being an entry: at which field, and why."""

    field: str
    why: str
    line: int | None = None
    """Of a list, from 1."""


def _line(item: str) -> str:
    return _LINE_BREAKS.sub(" ", item)


def _write_lines(items: Any) -> str:
    return "\n".join(map(_line, items))


def read_lines(text: str) -> list[str]:
    """Return the lines of a text that hold something."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _write_law(items: Any) -> str:
    return "\n".join(
        _line(item["document"] + (PAIR + item["article"] if item.get("article") else "")) for item in items
    )


def _read_law(text: str) -> list[dict[str, str]]:
    pairs = (line.partition(PAIR.strip()) for line in read_lines(text))
    found = ((left.strip(), right.strip()) for left, _, right in pairs)
    return [{"document": left, **({"article": right} if right else {})} for left, right in found]


def _write_links(items: Any) -> str:
    return "\n".join(_line(f"{item['title']}{PAIR}{item['url']}") for item in items)


def _read_links(text: str) -> list[dict[str, str]]:
    pairs = (line.rpartition(PAIR.strip()) for line in read_lines(text))  # a title may hold the mark, an address not
    return [{"title": left.strip(), "url": right.strip()} for left, _, right in pairs]


def _read_day(text: str) -> str:
    return _VIETNAMESE_DAY.sub(lambda m: f"{m[3]}-{int(m[2]):02d}-{int(m[1]):02d}", text)


def _text(name: str, kind: str | None = None, *, path: tuple[str, ...] = ()) -> Part:
    return Part(name, path or (name,), str, str, LONGEST[kind] if kind else None)


def _list(name: str, kind: str | None = None, *, path: tuple[str, ...] = ()) -> Part:
    return Part(name, path or (name,), _write_lines, read_lines, LONGEST[kind] if kind else None)


_KINDS = {"title": "title", "question": "question", "short": "short", "gain": "gain", "steps": "line", "papers": "line"}


def _answer(name: str, *, english: bool = False) -> Part:
    """Return a field of the answer, in Vietnamese or in English."""
    path = (*(("english",) if english else ()), *(("details",) if name in DETAILS else ()), name)
    make = _list if name in _LINES else _text
    return make(f"en.{name}" if english else name, _KINDS.get(name, "paragraph"), path=path)


def _day(name: str) -> Part:
    return Part(name, (name,), str, _read_day)


PARTS: tuple[Part, ...] = (
    _text("aspect"),
    *(_answer(name) for name in _IN_ENGLISH),
    Part("law", ("law",), _write_law, _read_law),
    Part("links", ("links",), _write_links, _read_links),
    _list("facts"),
    _list("to_check", "paragraph"),
    *map(_day, ("checked_on", "review_by", "valid_until")),
    _list("related"),
    _list("easy", "easy"),
    *(_answer(name, english=True) for name in _IN_ENGLISH),
    _list("examples", "example"),
)
NAMES = tuple(part.name for part in PARTS)
BY_NAME = {part.name: part for part in PARTS}
LISTS = frozenset(part.name for part in PARTS if part.read is not str and part.read is not _read_day)
"""Fields with one item a line."""

_PLAINER = {
    "review_by": "phải sau ngày kiểm tra",
    "short": "có ngày câu trả lời ngắn sẽ thành trống",
    "facts": "chưa ghi câu trả lời dựa vào đâu: tên văn bản và điều, hoặc mã dữ kiện",
}
"""What the entry as a whole must keep to, by the field where it is mended."""
_PLAIN_WORDS = {
    ("links", "sai dạng"): "địa chỉ phải bắt đầu bằng https:// và không có dấu cách",
    ("links", "để trống"): "chưa ghi tên trang",
    ("law", "sai dạng"): "chưa chọn văn bản",
    ("related", "sai dạng"): "không có mục này; anh/chị chọn trong danh sách hiện ra khi gõ",
    ("aspect", "sai dạng"): "chưa chọn",
}
"""What is said of a field in words that fit it."""


def title_of(name: str) -> str:
    """Return what a field of the form is called where staff see it."""
    return _TITLES.get(name) or field_title(name.replace("en.", "english."))


_TITLES = {
    "topic": "Chủ đề",
    "aspect": "Loại câu hỏi",
    "title": "Tên ngắn trên nút bấm",
    "law": "Căn cứ pháp lý",
    "links": "Trang chính thức",
    "facts": "Câu trả lời dựa vào đâu",
    "checked_on": "Ngày kiểm tra",
    "review_by": "Xem lại trước ngày",
    "valid_until": "Áp dụng đến hết ngày",
    "notes": "Nên biết",
    "easy": "Bản chữ lớn",
    "en.notes": "Tiếng Anh: Nên biết",
    "en.title": "Tiếng Anh: Tên ngắn trên nút bấm",
    "key": "Mã mục",
    "why": "Lý do",
}


def fields_of(content: Mapping[str, Any] | None) -> Fields:
    """Return an entry's content as the form shows it; all empty where there is none."""
    found = {part.name: _at(content or {}, part.path) for part in PARTS}
    return {part.name: clean(part.write(found[part.name])) if found[part.name] else "" for part in PARTS}


def content_of(fields: Mapping[str, str], before: Mapping[str, Any] | None) -> Content:
    """Return what the form makes of `before`; it need not be an entry."""
    content: Content = copy.deepcopy(dict(before or {}))
    known = fields_of(before)
    for part in PARTS:
        text = clean(fields.get(part.name, known[part.name]))
        if text != known[part.name]:
            _put(content, part.path, part.read(text))
    return content


def entry_of(fields: Mapping[str, str], before: Mapping[str, Any] | None, key: str) -> Entry:
    """Return the entry that the form describes; raise `ValidationError` if it is none."""
    return Entry.model_validate({**content_of(fields, before), "key": key})


def sketch_of(
    fields: Mapping[str, str], before: Mapping[str, Any] | None, key: str, *, aspect: str
) -> tuple[Entry | None, tuple[Fault, ...]]:
    """Return the entry as far as the form describes one, and all that keeps it from being one.

    What is missing or wrong is stood in for: pydantic tells of the whole only once the fields are right, so that
    otherwise faults would come in waves. `aspect` stands in for one that is not chosen.
    """
    content, faults = {**content_of(fields, before), "key": key}, list[Fault]()
    for _ in range(_ROUNDS):
        try:
            return Entry.model_validate(content), tuple(faults)
        except ValidationError as error:
            faults += faults_of(error)
            content = _stood_in(content, error, aspect)
    return None, tuple(faults)


_ROUNDS = 8
"""A text is cut, then left out; and the whole tells one fault at a time."""
_STAND_INS: Mapping[str, Any] = {
    "title": "…",
    "question": "…",
    "short": "…",
    "facts": ["…"],
    "checked_on": "2000-01-01",
    "review_by": "2999-12-31",
    "examples": ["…"] * FEWEST_EXAMPLES,
}


def _stood_in(content: Content, error: ValidationError, aspect: str) -> Content:
    """Return the content without what is wrong in it: cut where it is too long, stood in for, or left out."""
    content = copy.deepcopy(content)
    found = [
        fault["loc"] or (str(fault["msg"]).removeprefix("Value error, ").partition(":")[0],) for fault in error.errors()
    ]
    for path in sorted(set(found), key=str, reverse=True):  # so that the last of a list goes first
        _mend(content, path, {**_STAND_INS, "aspect": aspect})
    return content


def _mend(content: Content, path: tuple[int | str, ...], stand_ins: Mapping[str, Any]) -> None:
    name, *rest = map(str, path)
    if name == "links" and rest[1:] == ["url"] and _mend_address(content["links"][int(rest[0])]):
        return
    if name == "details" and rest:
        details = {key: value for key, value in content["details"].items() if key != rest[0]}
        content["details"] = {**details, **_cut(rest[0], content["details"].get(rest[0]))}
    elif name in stand_ins:
        content.update(_cut(name, content.get(name)) or {name: stand_ins[name]})
    else:
        content.pop(name, None)


def _mend_address(link: dict[str, str]) -> bool:
    """Make an address of what is nearly one, so that its host can be looked at, too; False if it was one."""
    wrong, words = link["url"], re.sub(r"^\s*\w*:?/+", "", link["url"]).split()
    link["url"] = "https://" + "".join(words)
    return bool(words) and link["url"] != wrong


def _cut(name: str, wrong: Any) -> dict[str, Any]:
    """Return a text, or the lines of a list, cut to what there is room for; nothing if that is not what is wrong."""
    most = LONGEST.get(_KINDS.get(name, "paragraph"), 0)
    lines = wrong if isinstance(wrong, list) else [wrong]
    if not any(isinstance(line, str) and len(line) > most for line in lines):
        return {}
    cut = [line if len(line) <= most else f"{line[: most - 1]}…" for line in lines]
    return {name: cut if isinstance(wrong, list) else cut[0]}


def plain(entry: Entry) -> Content:
    """Return an entry as it is stored."""
    return entry.model_dump(mode="json", exclude_defaults=True)


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """Say in Vietnamese, field by field, why a form is no entry."""
    for problem in problems_of(error, file="", entry=""):
        name, *rest = problem.field.removeprefix("english.").removeprefix("details.").split(".")
        if not name:
            root, _, why = problem.why.partition(":")
            yield Fault(root, _PLAINER.get(root, why.strip()))
            continue
        name = f"en.{name}" if problem.field.startswith("english.") and name != "english" else name
        line = int(rest[0]) if rest and rest[0].isdigit() else None
        where = f"dòng {line}: " if line else ""
        yield Fault(name, where + _PLAIN_WORDS.get((name, problem.why), problem.why), line)


def clean(text: str) -> str:
    """Return a text as it is kept: with plain line ends, without what no database stores."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def lines_of(fields: Mapping[str, str], name: str) -> list[str]:
    """Return the lines of a field that hold something."""
    return read_lines(clean(fields.get(name, "")))


def count_of(name: str, text: str) -> int:
    """Return how many characters of the limit are used: by the text, or by the longest line of a list."""
    texts = read_lines(text) if name in LISTS else [text.strip()]
    return max((len(reading) for line in texts for reading in _readings(line)), default=0)


def _readings(line: str) -> tuple[str, ...]:
    few = len(milestones_in(line)) <= MOST_MILESTONES  # the ways of reading a text double with each
    return readings(line) if few else (line,)


def key_of(topic: str, title: str, taken: Collection[str]) -> str:
    """Return a key for a new entry: made of its title, and unlike every other."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-") or "muc"
    stem = f"{topic}.{words}"[: LONGEST_KEY - 4].strip("-.")
    tries = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in tries if key not in taken)


def _at(content: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = content
    for name in path:
        found = (found or {}).get(name)
    return found


def _put(content: Content, path: tuple[str, ...], value: Any) -> None:
    """Set what stands at `path`; nothing takes it out, and what it leaves empty with it."""
    name, *rest = path
    if rest:
        inner = dict(content.get(name) or {})
        _put(inner, tuple(rest), value)
        value = inner
    if value:
        content[name] = value
    else:
        content.pop(name, None)
