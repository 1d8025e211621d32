"""The report as an Excel file: a sheet a table, nothing cut, real dates and numbers, and no text ever a formula."""

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from faq.database import VIETNAM
from stats.definitions import METRICS
from stats.published import Published
from stats.reports.blocks import Mean, Part, Share, Table, Text, Value, tables

_HEAD = PatternFill("solid", fgColor="D9D9D9")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_BAD_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
_NUMBERED = re.compile(r"^Bảng \d+\. ")
LONGEST_TITLE, LONGEST_TEXT = 31, 32_767
SHORT_TITLES = {
    "chua-tra-loi": "Chưa trả lời được",
    "da-bo-sung": "Đã bổ sung câu trả lời",
    "kiem-tra": "Kiểm tra thủ công",
    "kien-nghi": "Việc đề nghị làm",
}
_CHARACTERS = 110
"""Of a page's width."""
_FORMATS: tuple[tuple[type, str], ...] = (
    (Share, "0.0%"),
    (Mean, "#,##0.0"),
    (dt.date, "dd/mm/yyyy"),
    (int, "#,##0"),
)


def xlsx(said: Published, parts: Sequence[Part]) -> bytes:
    """Return the whole file."""
    summary = next(part for part in parts if part.name == "tom_tat")
    told = tuple((b.text,) for b in summary.blocks if isinstance(b, Text))
    return book(
        (
            Table("tom-tat", "Tóm tắt", ("Tóm tắt",), told, (1.0,)),
            *tables(parts),
            Table("dinh-nghia", "Định nghĩa", ("Chỉ tiêu", "Cách tính", "Không tính"), _definitions(), (0.2, 0.5, 0.3)),
            Table("pham-vi", "Phạm vi", ("Mục", "Giá trị"), tuple(_filter(said)), (0.4, 0.6)),
        )
    )


def book(sheets: Sequence[Table]) -> bytes:
    """Return a file with a sheet for each table."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for table in sheets:
        _sheet(made, sheet_title(table), table.head, table.rows, table.widths)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def sheet_title(table: Table) -> str:
    """Return the name of a table's sheet; Excel allows few letters, so long titles have a short one."""
    if table.id in SHORT_TITLES:
        return SHORT_TITLES[table.id]
    return _BAD_IN_TITLE.sub(" ", _NUMBERED.sub("", table.title)).partition("(")[0].strip()[:LONGEST_TITLE].strip()


def _definitions() -> tuple[tuple[Value, ...], ...]:
    return tuple((metric.name, metric.formula, metric.left_out) for metric in METRICS.values())


def _filter(said: Published) -> Iterator[tuple[Value, ...]]:
    year, week = said.number
    yield "Tuần", f"{week}/{year}"
    yield "Từ ngày", said.monday
    yield "Đến ngày", said.sunday
    yield "Chủ đề", "tất cả"
    yield "Ngưỡng số nhỏ (người)", said.week.fewest
    yield "Giải thích số nhỏ", said.hidden_note
    yield "Câu hỏi thử (không tính)", said.tests
    yield "Câu hỏi của cán bộ (không tính)", said.staff
    yield "Ngày chưa cộng xong", said.days_to_count
    yield "Tuần chưa đủ ngày", "có" if said.partial else "không"
    yield "Số tuần trước dùng để so sánh", len(said.earlier)
    yield "Lập lúc", f"{said.counted_at.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}"


def _sheet(
    book: Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[Value]], widths: Sequence[float]
) -> None:
    sheet: Worksheet = book.create_sheet(title)
    for number, row in enumerate((head, *rows), start=1):
        for column, value in enumerate(row, start=1):
            fill(sheet.cell(number, column), value)
    for column, width in enumerate(widths, start=1):
        name = sheet.cell(1, column)
        name.font, name.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = max(10, _CHARACTERS * width)
    sheet.freeze_panes = "A2"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, sheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"


def fill(cell: Cell | MergedCell, value: Value) -> None:
    """Write a value into a cell as what it is."""
    if isinstance(value, str):
        _fill_text(cell, value)
        return
    cell.value = float(value) if isinstance(value, Share | Mean) else value
    for kind, form in _FORMATS:
        if isinstance(value, kind):
            cell.number_format = form
            return


def _fill_text(cell: Cell | MergedCell, text: str) -> None:
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_TEXT]
    cell.data_type = "s"  # openpyxl took "=…" for a formula and "#N/A" for an error
    if text.startswith(_FORMULA_SIGNS):
        cell.quotePrefix = True
    cell.alignment = Alignment(wrap_text=True, vertical="top")
