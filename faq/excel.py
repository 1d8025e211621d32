"""The FAQ as an Excel file for staff: a row an entry, a row an example. Cells are text; formulas are never read."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel, ValidationError

from faq.content_files import problems_of
from faq.entries import Entry, Faq, Milestone, ShortForm
from faq.problems import BrokenContentError, Problem
from faq.workbook import Table, refusal, tables

Model = TypeVar("Model", bound=BaseModel)

ENTRIES, EXAMPLES = "Mục hỏi", "Câu ví dụ"
MILESTONES, SHORT_FORMS = "Mốc ngày", "Chữ viết tắt"
MARKS = "Dấu (không sửa)"
"""A hidden sheet: what each entry was when the workbook was written, so that only what somebody changed is taken."""

_TEXTS = {
    "key": "Mã",
    "aspect": "Loại câu hỏi",
    "title": "Tên ngắn trên nút bấm",
    "question": "Câu hỏi",
    "short": "Trả lời ngắn",
}
_DETAILS = {
    "steps": "Các bước",
    "papers": "Giấy tờ",
    "fee": "Lệ phí",
    "time": "Thời hạn",
    "office": "Nơi làm",
    "notes": "Nên biết",
}
_REST = {
    "gain": "Lợi ích",
    "law": "Căn cứ pháp lý (mã văn bản | điều)",
    "links": "Trang chính thức (tên | địa chỉ)",
    "facts": "Câu trả lời dựa vào đâu",
    "to_check": "Cần kiểm tra",
    "checked_on": "Ngày kiểm tra",
    "review_by": "Xem lại trước ngày",
    "valid_until": "Áp dụng đến hết ngày",
    "related": "Mục liên quan",
    "formerly": "Mã cũ",
    "easy": "Bản chữ lớn (mỗi dòng một bước)",
}
_IN_ENGLISH = ("title", "question", "short", *_DETAILS, "gain")
_ENGLISH = {f"english.{name}": f"Tiếng Anh: {({**_TEXTS, **_DETAILS, **_REST})[name]}" for name in _IN_ENGLISH}
_COLUMNS = {**_TEXTS, **_DETAILS, **_REST, **_ENGLISH}
_FORMER = {
    "Khía cạnh": "aspect",
    "Tên nút": "title",
    "Lưu ý": "notes",
    "Căn cứ (mã văn bản | điều)": "law",
    "Mã dữ kiện": "facts",
    "Hạn rà soát": "review_by",
    "Có giá trị đến": "valid_until",
    "Chữ lớn (mỗi dòng một bước)": "easy",
    "Tiếng Anh: Tên nút": "english.title",
    "Tiếng Anh: Lưu ý": "english.notes",
}
"""What columns were called: workbooks that were taken out before are still read."""
_DAYS = {"checked_on", "review_by", "valid_until", "first_day"}
_VIETNAMESE_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_LISTS = {"steps", "papers", "notes", "law", "links", "facts", "to_check", "related", "formerly", "easy"}
_PAIRS = {"law": ("document", "article"), "links": ("title", "url")}
_MILESTONE = {"id": "Mã", "title": "Tên", "first_day": "Ngày đầu của quy định mới", "document": "Mã văn bản"}
_SHORT_FORM = {"short": "Viết tắt", "means": "Nghĩa"}
_LINE, _PAIR = "\n", " | "
_LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
"""Within one item of a list, where a line is an item."""
_HEADINGS = {title: name for name, title in _COLUMNS.items()}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def field_title(name: str) -> str:
    """Return what a field is called where staff see it."""
    return {**_COLUMNS, "details": "Chi tiết", "english": "Tiếng Anh", "examples": EXAMPLES}.get(name, name)


def write_xlsx(faq: Faq, path: Path) -> None:
    """Write the entries, milestones and short forms of `faq`; reading the file again gives the same."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = ENTRIES
    _write_rows(sheet, list(_COLUMNS.values()), (_row(entry) for entry in faq.entries))
    examples = ([entry.key, text] for entry in faq.entries for text in entry.examples)
    _write_rows(book.create_sheet(EXAMPLES), ["Mã", EXAMPLES], examples)
    for name, columns, items in (
        (MILESTONES, _MILESTONE, faq.milestones),
        (SHORT_FORMS, _SHORT_FORM, faq.short_forms),
    ):
        found = (item.model_dump(mode="json") for item in items)
        rows = ([str(data[field] or "") for field in columns] for data in found)
        _write_rows(book.create_sheet(name), list(columns.values()), rows)
    marks = book.create_sheet(MARKS)
    marks.sheet_state = "hidden"
    _write_rows(marks, ["Mã", "Dấu"], ([entry.key, mark_of(entry)] for entry in faq.entries))
    book.save(path)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a workbook holds: the entries that are right, and what is wrong with other rows."""

    entries: tuple[Entry, ...]
    rows: Mapping[str, int]
    """Where each key stands, also that of an entry that is wrong."""
    marks: Mapping[str, str]
    """What each entry was when the workbook was written; nothing if it does not say so."""
    milestones: tuple[Milestone, ...] | None
    short_forms: tuple[ShortForm, ...] | None
    """None if there is no such sheet, or if something in it is wrong."""
    problems: tuple[Problem, ...]


def read_xlsx(path: Path, beside: Faq) -> Faq:
    """Return `beside` with the entries of the file instead of its own, and milestones and short forms if it has any.

    Raises `BrokenContentError` naming row and column of every fault, also for a file that is no workbook, is too
    large, or holds macros.
    """
    found = read_partly(path)
    if found.problems:
        raise BrokenContentError(found.problems)
    sheets = {"entries": found.entries, "milestones": found.milestones, "short_forms": found.short_forms}
    return beside.model_copy(update={name: items for name, items in sheets.items() if items is not None})


def read_partly(path: Path) -> Reading:
    """Return what is right in a workbook and what is not; raise `BrokenContentError` if the whole of it is not fit."""
    found = {name: _renamed(table) for name, table in tables(path, _SHEETS).items()}
    _whole(path, found)
    problems: list[Problem] = []
    examples: dict[str, list[str]] = {}
    for _, row in _texts_of(found[EXAMPLES]):
        examples.setdefault(row.get("Mã", ""), []).append(row.get("Câu ví dụ", ""))
    rows: dict[str, int] = {}
    entries = []
    for number, row in _texts_of(found[ENTRIES]):
        rows.setdefault(row.get("Mã", ""), number)
        try:
            entries.append(Entry.model_validate(_entry(row, examples)))
        except ValidationError as error:
            wrong = problems_of(error, file=f"{ENTRIES}, dòng {number}", entry=row.get("Mã", ""))
            problems.extend(replace(problem, field=_column(problem.field)) for problem in wrong)
    problems.extend(
        Problem(EXAMPLES, key, "Mã", "không có mục nào mang mã này") for key in sorted(examples.keys() - rows.keys())
    )
    return Reading(
        entries=tuple(entries),
        rows=rows,
        marks={row.get("Mã", ""): row.get("Dấu", "") for _, row in _texts_of(found[MARKS])} if MARKS in found else {},
        milestones=_items(found.get(MILESTONES), _MILESTONE, Milestone, problems),
        short_forms=_items(found.get(SHORT_FORMS), _SHORT_FORM, ShortForm, problems),
        problems=tuple(problems),
    )


_SHEETS = (ENTRIES, EXAMPLES, MILESTONES, SHORT_FORMS, MARKS)


def _renamed(table: Table) -> Table:
    """Return a sheet with its columns as they are called now."""
    now = {former: _COLUMNS[name] for former, name in _FORMER.items()} if table.title == ENTRIES else {}
    titles = tuple(now.get(title, title) for title in table.titles)
    rows = tuple((number, {now.get(title, title): value for title, value in row.items()}) for number, row in table.rows)
    return replace(table, titles=titles, rows=rows)


def _day(text: str) -> str:
    """Return a day as it is kept, also where it is written as people do: 31/07/2027."""
    found = _VIETNAMESE_DAY.fullmatch(text.strip())
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}" if found else text


def mark_of(entry: Entry) -> str:
    """Return what tells whether an entry is the same as another, as far as a workbook can hold it."""
    held = json.dumps([_row(entry), [_NOT_IN_XML.sub("", text) for text in entry.examples]], ensure_ascii=False)
    return sha256(held.encode("utf-8", "replace")).hexdigest()[:20]


def _whole(path: Path, found: Mapping[str, Table]) -> None:
    """Raise `BrokenContentError` unless the sheets and columns that must be there are."""
    wanted = {ENTRIES: [*_COLUMNS.values()], EXAMPLES: ["Mã", "Câu ví dụ"]}
    for sheet in wanted:
        if sheet not in found:
            raise refusal(path, f"thiếu trang «{sheet}»")
    problems = tuple(
        Problem(sheet, "", title, "thiếu cột này")
        for sheet, titles in wanted.items()
        for title in titles
        if title not in found[sheet].titles
    )
    if problems:
        raise BrokenContentError(problems)


def _items(
    sheet: Table | None, columns: Mapping[str, str], model: type[Model], problems: list[Problem]
) -> tuple[Model, ...] | None:
    """Return the rows of a sheet that stands for a list, if all are right; add what is wrong to `problems`."""
    if sheet is None:
        return None
    items: list[Model] = []
    wrong: list[Problem] = []
    for number, row in _texts_of(sheet):
        held = {field: row[title] for field, title in columns.items() if row.get(title)}
        data = {field: _day(text) if field in _DAYS else text for field, text in held.items()}
        try:
            items.append(model.model_validate(data))
        except ValidationError as error:
            label = next(iter(data.values()), "")
            found = problems_of(error, file=f"{sheet.title}, dòng {number}", entry=label)
            wrong.extend(replace(problem, field=columns.get(problem.field, problem.field)) for problem in found)
    problems.extend(wrong)
    return None if wrong else tuple(items)


def _write_rows(sheet: Worksheet, titles: list[str], rows: Iterable[list[str]]) -> None:
    sheet.append(titles)
    for title in sheet[1]:
        title.font = Font(bold=True)
    cell: Any
    plain: Any = None
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, column, _NOT_IN_XML.sub("", text))
                if plain is None:
                    # Text that begins with "=" must stay text, here and in whatever opens the file.
                    cell.quotePrefix, cell.number_format = True, "@"
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                    plain = cell
                # Looked up anew for each of 30,000 cells, the same style would take most of the time.
                cell.data_type, cell._style = "s", plain._style  # noqa: SLF001
    for index in range(1, len(titles) + 1):
        shape = sheet.column_dimensions[get_column_letter(index)]
        shape.width, shape.number_format = 34, "@"  # text also in rows that staff add: leading zeros, days
    sheet.freeze_panes = "B2"


def _texts_of(sheet: Table) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the titles, each with its number."""
    for number, row in sheet.rows:
        yield number, {title: _text(value) for title, value in row.items()}


def _text(value: Any) -> str:
    """Return what stands in a cell; an office program turns a typed date into a date of its own."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(getattr(value, "text", value))


def _column(field: str) -> str:
    """Name a field of an entry as its column is named."""
    english = "english." if field.startswith("english.") else ""
    name, *rest = field.removeprefix("english.").removeprefix("details.").split(".")
    return " ".join([{**_COLUMNS, "examples": EXAMPLES}.get(f"{english}{name}", name), *rest])


def _row(entry: Entry) -> list[str]:
    data = entry.model_dump(mode="json")
    english = data["english"] or {}
    translated = {f"english.{name}": value for name, value in _flat(english).items()}
    flat = {**_flat(data), **translated}
    return [_cell(name, flat.get(name)) for name in _COLUMNS]


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, **data.get("details", {})}


def _cell(name: str, value: Any) -> str:
    name = name.removeprefix("english.")
    if value is None:
        return ""
    if name in _PAIRS:
        pairs = (_PAIR.join(str(item[part] or "") for part in _PAIRS[name]).removesuffix(_PAIR) for item in value)
        return _LINE.join(_LINE_BREAKS.sub(" ", pair) for pair in pairs)
    if name in _LISTS:
        return _LINE.join(_LINE_BREAKS.sub(" ", item) for item in value)
    return str(value)


def _entry(row: Mapping[str, str], examples: Mapping[str, list[str]]) -> dict[str, Any]:
    values = {_HEADINGS.get(title, title): _value(_HEADINGS.get(title, title), text) for title, text in row.items()}
    english = {name: values.pop(f"english.{name}") for name in _IN_ENGLISH if f"english.{name}" in values}
    values["examples"] = examples.get(row.get("Mã", ""), [])
    return _nested(values) | ({"english": _nested(english)} if english else {})


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    details = {name: values.pop(name) for name in _DETAILS if name in values}
    return {**values, "details": details} if details else values


def _value(name: str, text: str) -> Any:
    name = name.removeprefix("english.")
    if name in _DAYS:
        return _day(text)
    if name not in _LISTS:
        return text
    lines = [line.strip() for line in text.split(_LINE) if line.strip()]
    if name not in _PAIRS:
        return lines
    first, second = _PAIRS[name]
    if name == "links":  # a page's name may hold the mark, its address cannot
        return [{first: left, second: right} for left, _, right in (line.rpartition(_PAIR) for line in lines)]
    return [
        {first: left, **({second: right} if right else {})}
        for left, _, right in (line.partition(_PAIR) for line in lines)
    ]
