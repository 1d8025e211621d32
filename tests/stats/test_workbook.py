"""The Excel file opens with real dates and numbers, and text stays text."""

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook

from stats.reporting import Counted, DayCount, Report, UnansweredGroup
from stats.workbook import write_xlsx

STRANGE = ("=1+1", "+84", "-5", "@SUM(A1)", "#N/A", "a\x0bb", "\t=1")


def report(*samples: str) -> Report:
    return Report(
        since=dt.date(2026, 11, 1),
        until=dt.date(2026, 11, 2),
        total=1234,
        people=5,
        test_total=1,
        mean_confidence=0.5,
        endings=(Counted("answered", "Đã trả lời", 1234, 1.0),),
        topics=(Counted("can-cuoc", "Căn cước", 617, 0.5),),
        entries=(),
        days=(DayCount(dt.date(2026, 11, 1), 1234), DayCount(dt.date(2026, 11, 2), 0)),
        unanswered=tuple(UnansweredGroup(sample, 2, 1) for sample in samples),
    )


def test_sheets_are_named_and_their_heads_stay_in_view(tmp_path: Path) -> None:
    write_xlsx(report(), tmp_path / "a.xlsx")

    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Tổng quan", "Chủ đề", "Mục hỏi", "Kết quả trả lời", "Theo ngày", "Chưa trả lời được"]
    assert {sheet.freeze_panes for sheet in book} == {"A2"}
    assert all(sheet.column_dimensions["A"].width > 13 for sheet in book)


def test_dates_and_numbers_are_real(tmp_path: Path) -> None:
    write_xlsx(report(), tmp_path / "a.xlsx")

    book = load_workbook(tmp_path / "a.xlsx")
    days, topics, overview = book["Theo ngày"], book["Chủ đề"], book["Tổng quan"]
    assert [cell.value for cell in days["A"]] == ["Ngày", dt.datetime(2026, 11, 1), dt.datetime(2026, 11, 2)]
    assert days["A2"].is_date
    assert [cell.value for cell in days["B"]] == ["Số câu hỏi", 1234, 0]
    assert [cell.value for cell in topics[2]] == ["Căn cước", 617, 0.5, "can-cuoc"]
    assert [cell.value for cell in overview["B"]][1:] == [
        dt.datetime(2026, 11, 1),
        dt.datetime(2026, 11, 2),
        1234,
        5,
        0.5,
        1,
    ]


@pytest.mark.parametrize("sample", STRANGE)
def test_citizens_text_never_becomes_a_formula(tmp_path: Path, sample: str) -> None:
    write_xlsx(report(sample), tmp_path / "a.xlsx")

    cell = load_workbook(tmp_path / "a.xlsx")["Chưa trả lời được"]["A2"]
    assert (cell.data_type, cell.value) == ("s", sample.replace("\x0b", ""))
    assert cell.quotePrefix == sample.startswith(("=", "+", "-", "@", "\t"))
