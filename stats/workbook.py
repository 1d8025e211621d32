"""The report as an Excel file: real dates and numbers, and no citizen's text ever becomes a formula."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from stats.reporting import Counted, Report

Value = str | int | float | dt.date | None

_HEAD = PatternFill("solid", fgColor="DDE7F3")
_WHOLE, _PERCENT, _DATE = "#,##0", "0.0%", "dd/mm/yyyy"
_LIKE_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_TEXT = 32_767


def write_xlsx(report: Report, path: Path) -> None:
    """Write `report` to `path`, one sheet for each table."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "Tổng quan", ("Mục", "Giá trị"), _overview(report), widths=(44, 18))
    for title, items, widths in (
        ("Chủ đề", report.topics, (40, 14, 12, 28)),
        ("Mục hỏi", report.entries, (70, 14, 12, 44)),
        ("Kết quả trả lời", report.endings, (30, 14, 12, 20)),
    ):
        _sheet(book, title, (title, "Số câu hỏi", "Tỷ lệ", "Mã"), _counted(items), widths=widths)
    _sheet(book, "Theo ngày", ("Ngày", "Số câu hỏi"), ((d.day, d.count) for d in report.days), widths=(14, 14))
    groups = ((g.sample, g.count, g.people) for g in report.unanswered)
    _sheet(book, "Chưa trả lời được", ("Câu hỏi tiêu biểu", "Số lần", "Số người"), groups, widths=(90, 12, 12))
    book.save(path)


def _overview(report: Report) -> tuple[tuple[str, Value], ...]:
    return (
        ("Từ ngày", report.since),
        ("Đến ngày", report.until),
        ("Tổng số câu hỏi", report.total),
        ("Số người hỏi", report.people),
        ("Độ chắc chắn trung bình", report.mean_confidence),
        ("Câu hỏi thử nghiệm (không tính)", report.test_total),
    )


def _counted(items: Iterable[Counted]) -> Iterable[tuple[Value, ...]]:
    return ((item.title, item.count, item.share, item.key) for item in items)


def _sheet(
    book: Workbook, title: str, head: Sequence[str], rows: Iterable[Sequence[Value]], *, widths: Sequence[int]
) -> None:
    sheet: Worksheet = book.create_sheet(title)
    for number, row in enumerate((head, *rows), start=1):
        for column, value in enumerate(row, start=1):
            _fill(sheet.cell(number, column), value)
    for column, width in enumerate(widths, start=1):
        name = sheet.cell(1, column)
        name.font, name.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.paperSize, sheet.page_setup.orientation = sheet.PAPERSIZE_A4, sheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _fill(cell: Cell | MergedCell, value: Value) -> None:
    if isinstance(value, str):
        _fill_text(cell, value)
        return
    cell.value = value
    if isinstance(value, dt.date):
        cell.number_format = _DATE
    elif isinstance(value, float):
        cell.number_format = _PERCENT
    elif isinstance(value, int):
        cell.number_format = _WHOLE


def _fill_text(cell: Cell | MergedCell, text: str) -> None:
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_LONGEST_TEXT]
    cell.data_type = "s"  # openpyxl took "=…" for a formula and "#N/A" for an error
    if text.startswith(_LIKE_FORMULAS):
        cell.quotePrefix = True
    cell.alignment = Alignment(wrap_text=True, vertical="top")
