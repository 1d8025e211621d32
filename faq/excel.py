"""The FAQ as an Excel file for staff: a row an entry, a row an example. Cells are text; formulas are never read."""

import datetime as dt
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel, ValidationError

from faq.content_files import problems_of
from faq.entries import Entry, Faq, Milestone, ShortForm
from faq.problems import BrokenContentError, Problem

Model = TypeVar("Model", bound=BaseModel)

ENTRIES, EXAMPLES = "Mục hỏi", "Câu ví dụ"
MILESTONES, SHORT_FORMS = "Mốc ngày", "Chữ viết tắt"
LARGEST_FILE = 20 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 50_000, 100
LARGEST_UNPACKED = 200 * 1024 * 1024

_TEXTS = {"key": "Mã", "aspect": "Khía cạnh", "title": "Tên nút", "question": "Câu hỏi", "short": "Trả lời ngắn"}
_DETAILS = {
    "steps": "Các bước",
    "papers": "Giấy tờ",
    "fee": "Lệ phí",
    "time": "Thời hạn",
    "office": "Nơi làm",
    "notes": "Lưu ý",
}
_REST = {
    "gain": "Lợi ích",
    "law": "Căn cứ (mã văn bản | điều)",
    "links": "Trang chính thức (tên | địa chỉ)",
    "facts": "Mã dữ kiện",
    "to_check": "Cần kiểm tra",
    "checked_on": "Ngày kiểm tra",
    "review_by": "Hạn rà soát",
    "valid_until": "Có giá trị đến",
    "related": "Mục liên quan",
    "formerly": "Mã cũ",
    "easy": "Chữ lớn (mỗi dòng một bước)",
}
_IN_ENGLISH = ("title", "question", "short", *_DETAILS, "gain")
_ENGLISH = {f"english.{name}": f"Tiếng Anh: {({**_TEXTS, **_DETAILS, **_REST})[name]}" for name in _IN_ENGLISH}
_COLUMNS = {**_TEXTS, **_DETAILS, **_REST, **_ENGLISH}
_LISTS = {"steps", "papers", "notes", "law", "links", "facts", "to_check", "related", "formerly", "easy"}
_PAIRS = {"law": ("document", "article"), "links": ("title", "url")}
_MILESTONE = {"id": "Mã", "title": "Tên", "first_day": "Ngày đầu của quy định mới", "document": "Mã văn bản"}
_SHORT_FORM = {"short": "Viết tắt", "means": "Nghĩa"}
_LINE, _PAIR = "\n", " | "
_LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
"""Within one item of a list, where a line is an item."""
_HEADINGS = {title: name for name, title in _COLUMNS.items()}
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,  # zipfile, of a file under a password
)
"""What opening something else than a workbook may raise: a zip of anything, parts cut off, sheets of another shape."""


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
    _write_rows(book.create_sheet(EXAMPLES), ["Mã", "Câu ví dụ"], examples)
    for name, columns, items in (
        (MILESTONES, _MILESTONE, faq.milestones),
        (SHORT_FORMS, _SHORT_FORM, faq.short_forms),
    ):
        found = (item.model_dump(mode="json") for item in items)
        rows = ([str(data[field] or "") for field in columns] for data in found)
        _write_rows(book.create_sheet(name), list(columns.values()), rows)
    book.save(path)


def read_xlsx(path: Path, beside: Faq) -> Faq:
    """Return `beside` with the entries of the file instead of its own, and milestones and short forms if it has any.

    Raises `BrokenContentError` naming row and column of every fault, also for a file that is no workbook, is too
    large, or holds macros.
    """
    book = _open(path)
    problems = [
        Problem(sheet, "", title, "thiếu cột này")
        for sheet, titles in ((ENTRIES, [*_COLUMNS.values()]), (EXAMPLES, ["Mã", "Câu ví dụ"]))
        for title in titles
        if title not in {cell.value for cell in book[sheet][1]}
    ]
    if problems:
        raise BrokenContentError(tuple(problems))
    examples: dict[str, list[str]] = {}
    for _, row in _read_rows(book[EXAMPLES]):
        examples.setdefault(row.get("Mã", ""), []).append(row.get("Câu ví dụ", ""))
    entries, keys = [], set()
    for number, row in _read_rows(book[ENTRIES]):
        keys.add(row.get("Mã", ""))
        try:
            entries.append(Entry.model_validate(_entry(row, examples)))
        except ValidationError as error:
            found = problems_of(error, file=f"{ENTRIES}, dòng {number}", entry=row.get("Mã", ""))
            problems.extend(replace(problem, field=_column(problem.field)) for problem in found)
    problems.extend(
        Problem(EXAMPLES, key, "Mã", "không có mục nào mang mã này") for key in sorted(examples.keys() - keys)
    )
    sheets: dict[str, Any] = {"entries": tuple(entries)}
    if MILESTONES in book.sheetnames:
        sheets["milestones"] = tuple(_items(book[MILESTONES], _MILESTONE, Milestone, problems))
    if SHORT_FORMS in book.sheetnames:
        sheets["short_forms"] = tuple(_items(book[SHORT_FORMS], _SHORT_FORM, ShortForm, problems))
    if problems:
        raise BrokenContentError(tuple(problems))
    return beside.model_copy(update=sheets)


def _items(
    sheet: Worksheet, columns: Mapping[str, str], model: type[Model], problems: list[Problem]
) -> Iterator[Model]:
    """Yield the rows of a sheet that stands for a list; add what is wrong with others to `problems`."""
    for number, row in _read_rows(sheet):
        data = {field: row[title] for field, title in columns.items() if row.get(title)}
        try:
            yield model.model_validate(data)
        except ValidationError as error:
            label = next(iter(data.values()), "")
            found = problems_of(error, file=f"{sheet.title}, dòng {number}", entry=label)
            problems.extend(replace(problem, field=columns.get(problem.field, problem.field)) for problem in found)


def _open(path: Path) -> Workbook:
    def refuse(why: str) -> BrokenContentError:
        return BrokenContentError((Problem(path.name, "", "", why),))

    if not path.exists():
        raise refuse("không có tệp này")
    if path.stat().st_size > LARGEST_FILE:
        raise refuse("tệp lớn quá 20 MB")
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(item.file_size for item in packed.infolist()) > LARGEST_UNPACKED:
                raise refuse("tệp nén bất thường, không mở")
            if any("vbaProject" in item.filename for item in packed.infolist()):
                raise refuse("tệp có macro, không nhận")
            # Without NULs, so that UTF-16 hides nothing; text of a cell would be written &lt;!DOCTYPE.
            if any(b"<!DOCTYPE" in packed.read(item).replace(b"\0", b"") for item in packed.infolist()):
                raise refuse("tệp có phần khai báo lạ, không nhận")
        with path.open("rb") as stream:  # which openpyxl would leave open when it fails
            book = load_workbook(stream, data_only=False)
    except _UNREADABLE:
        raise refuse("không phải tệp Excel (.xlsx)") from None
    reason = _wrong_sheets(book)
    if reason:
        raise refuse(reason)
    return book


def _wrong_sheets(book: Workbook) -> str | None:
    missing = [name for name in (ENTRIES, EXAMPLES) if name not in book.sheetnames]
    if missing:
        return f"thiếu trang «{missing[0]}»"
    # One cell far out makes a small file take a gigabyte when its rows are read.
    if any(sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS for sheet in book.worksheets):
        return f"có trang quá lớn (hơn {MOST_ROWS} dòng hoặc {MOST_COLUMNS} cột)"
    return None


def _write_rows(sheet: Worksheet, titles: list[str], rows: Iterable[list[str]]) -> None:
    sheet.append(titles)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, column, _NOT_IN_XML.sub("", text))
                # Text that begins with "=" must stay text, here and in whatever opens the file.
                cell.data_type, cell.quotePrefix, cell.number_format = "s", True, "@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for index in range(1, len(titles) + 1):
        sheet.column_dimensions[get_column_letter(index)].width = 34
    sheet.freeze_panes = "B2"


def _read_rows(sheet: Worksheet) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows below the titles, each with the number that the office program shows."""
    rows = sheet.iter_rows(values_only=True)
    titles = [str(title or "") for title in next(rows, ())]
    for number, row in enumerate(rows, start=2):
        if any(value is not None for value in row):
            yield number, {title: _text(value) for title, value in zip(titles, row, strict=False) if value is not None}


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
