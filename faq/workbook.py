"""An Excel file from somebody else's machine, opened with care: what is large, hidden or alive in it is refused.

Its parts are read one at a time and its rows are streamed, within limits that are checked before anything is parsed.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from faq.problems import BrokenContentError, Problem

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 64 * 1024 * 1024
"""Bytes; the shipped FAQ takes five million."""
MOST_PARTS = 2_000
MOST_TAGS = 1_000_000
"""Of XML; the shipped FAQ has 256,000. A tag of four bytes becomes an object of two hundred."""
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 50_000, 100, 500_000

_ALIVE = (
    ("vbaproject", "tệp có macro, không nhận"),
    ("xl/macrosheets/", "tệp có macro, không nhận"),
    ("xl/activex/", "tệp có nút điều khiển, không nhận"),
    ("xl/embeddings/", "tệp có đối tượng nhúng, không nhận"),
    ("xl/externallinks/", "tệp có liên kết sang tệp khác, không nhận"),
    ("xl/connections", "tệp lấy dữ liệu từ nơi khác, không nhận"),
    ("xl/querytables/", "tệp lấy dữ liệu từ nơi khác, không nhận"),
)
"""What the name of a part begins with, or holds, that does something when the file is opened."""
_SHARED_FORMULA = re.compile(rb"<(?:\w+:)?f\s[^>]*?\bt\s*=\s*[\"'](?!array[\"']|normal[\"'])")
"""Translated anew for each cell, however long it is."""
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    SyntaxError,  # of XML, in either of the parsers that openpyxl uses
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,  # zipfile, of a file under a password
)
"""What opening something else than a workbook may raise: a zip of anything, parts cut off, sheets of another shape."""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: the titles in its first row, and the rows below, each with the number that the office program shows."""

    title: str
    titles: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, Any]], ...]


class _RefusedError(Exception):
    """Not a file to read; the text says why."""


def tables(path: Path, wanted: Sequence[str]) -> dict[str, Table]:
    """Return those of the wanted sheets that a workbook has; raise `BrokenContentError` if it is not fit to be read."""
    try:
        _look_over(path)
        with path.open("rb") as stream:  # which openpyxl would leave open when it fails
            book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
            try:
                return {name: _table(book[name]) for name in wanted if name in book.sheetnames}
            finally:
                book.close()
    except _RefusedError as error:
        raise refusal(path, str(error)) from None
    except _UNREADABLE:
        raise refusal(path, "không phải tệp Excel (.xlsx)") from None


def refusal(path: Path, why: str) -> BrokenContentError:
    """Return the error that says why a whole file is not taken."""
    return BrokenContentError((Problem(path.name, "", "", why),))


def _look_over(path: Path) -> None:
    """Look at every part of the file before any is parsed."""
    if not path.exists():
        raise _RefusedError("không có tệp này")
    if path.stat().st_size > LARGEST_FILE:
        raise _RefusedError("tệp lớn quá 20 MB")
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise _RefusedError("tệp nén bất thường, không mở")
        for part in parts:
            name = part.filename.lower()
            for mark, why in _ALIVE:
                if mark in name:
                    raise _RefusedError(why)
        # Without NULs, so that UTF-16 hides nothing; text of a cell would be written &lt;!DOCTYPE.
        tags = sum(_tags(packed.read(part).replace(b"\0", b"")) for part in parts)
    if tags > MOST_TAGS:
        raise _RefusedError("tệp nén bất thường, không mở")


def _tags(content: bytes) -> int:
    if b"<!DOCTYPE" in content:
        raise _RefusedError("tệp có phần khai báo lạ, không nhận")
    if b"macroEnabled" in content:
        raise _RefusedError("tệp có macro, không nhận")
    if _SHARED_FORMULA.search(content):
        raise _RefusedError("tệp có công thức kéo qua nhiều ô; xin dán lại thành giá trị")
    return content.count(b"<")


def _table(sheet: Any) -> Table:
    sheet.reset_dimensions()  # which the file may tell as it likes
    rows = _bounded(sheet.iter_rows(values_only=True))
    titles = tuple(str(title or "") for title in next(rows, ()))
    found = []
    for number, row in enumerate(rows, start=2):
        held = {title: value for title, value in zip(titles, row, strict=False) if value is not None}
        if held:
            found.append((number, held))
    return Table(sheet.title, titles, tuple(found))


def _bounded(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Pass rows on; refuse a sheet with too many, or with a cell far out."""
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += sum(value is not None for value in row)
        far_out = number > MOST_ROWS or any(value is not None for value in row[MOST_COLUMNS:])
        if far_out or cells > MOST_CELLS:
            raise _RefusedError(f"có trang quá lớn (hơn {MOST_ROWS} dòng hoặc {MOST_COLUMNS} cột)")
        yield row
