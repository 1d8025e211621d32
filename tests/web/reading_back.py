"""Reads back what pages and files say, cell by cell, as whoever opens them would: each from its own form."""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from docx import Document
from lxml import html
from openpyxl import load_workbook
from pypdf import PdfReader

from stats.charts import WEEKDAYS
from stats.definitions import METRICS
from tests.stats.retelling import LISTED, NOTHING, Cells

NUMBERED = {metric.name: f"{number}. {metric.name}" for number, metric in enumerate(METRICS.values(), 1)}
LINE = ("value", "n", "interval", "last", "mean", "change", "change to mean")
ROW = ("count", "share", "last", "mean", "change", "change to mean")
LINE_ON_PAPER = LINE[:-1]
ROW_ON_PAPER = ("count", "share", "last", "mean", "change to mean")
SHEETS = ("Chủ đề", "Mục được hỏi", "Khía cạnh", "Kênh hỏi", "Đợt tuyên truyền", "Bản công bố")
TABLES = ("Chủ đề", "Mục được hỏi nhiều", "Khía cạnh được hỏi", "Kênh hỏi", "Đợt tuyên truyền")
SAID = (
    ("answered_share", "trả lời ngay"),
    ("offered_share", "hỏi lại kèm lựa chọn"),
    ("not_understood_share", "chưa hiểu"),
    ("out_of_scope_share", "ngoài phạm vi"),
)
_NUMBER = r"[<>] [\d.,]+(?: %)?|[\d.]+(?:,\d)?(?: %)?|–|ẩn|•"
_PERCENT = r"[\d,]+ %"
_CELL: Mapping[str, str] = {
    "interval": rf"(?:{_PERCENT} – {_PERCENT}|–)",
    "change": r"(?:tăng|giảm|tương đương|–)",
    "change to mean": r"(?:tăng|giảm|tương đương|–)",
}


def plain(text: str) -> str:
    """Return a text with single gaps."""
    return " ".join(text.replace("\xa0", " ").split())


def from_data(said: Mapping[str, Any]) -> Cells:
    """Read the page's JSON, or what the API gave put together."""
    found: Cells = {("left out", "", name): number for name, number in said["left_out"].items()}
    for number, line in enumerate(said["figures"], 1):
        value = line["mark"] if line["value"] is None else line["value"]
        rest = (line[name] for name in ("n", "interval", "before", "mean_before", "change", "change_to_mean"))
        found |= _named("figures", number, line["name"], LINE, (value, *rest))
    plurals = ("topics", "entries", "aspects", "channels", "campaigns", "releases")
    for table, name in (("ending", "endings"), *zip(LISTED, plurals, strict=True)):
        for number, row in enumerate(said[name], 1):
            count = row["mark"] if row["questions"] is None else row["questions"]
            rest = (row[key] for key in ("share", "before", "mean_before", "change", "change_to_mean"))
            found |= _named(table, number, row["title"], ROW, (count, *rest))
            if table != "ending":
                found |= _named(table, number, row["title"], ("key",), (row["key"],))
    for step in said["days"]:
        count = step["mark"] if step["questions"] is None else step["questions"]
        found["step", f"{step['from']} {step['to']}", "count"] = count
    for at in said["hours"]:
        count = at["mark"] if at["questions"] is None else at["questions"]
        found["hour", f"{at['hour']:02}", str(at["weekday"] - 1)] = count
    return found


def rows_of_csv(text: str) -> list[dict[str, Any]]:
    """Return the rows of a CSV file as the JSON would have them."""
    return [
        {name: _typed(name, value) for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    ]


def _typed(name: str, value: str) -> object:
    if name == "interval":
        return [float(one) for one in value.split("; ")] if value else None
    if name in {"id", "name", "unit", "key", "title", "mark", "change", "change_to_mean", "from", "to", "holidays"}:
        return value
    return json.loads(value) if value else None


def _named(table: str, number: int, title: str, columns: Sequence[str], values: Iterable[object]) -> Cells:
    row = f"{number}. {plain(title)}"
    return {(table, row, column): value for column, value in zip(columns, values, strict=True)}


def from_book(content: bytes) -> Cells:
    """Read the page's Excel file."""
    sheets = {
        sheet.title: [*sheet.iter_rows(min_row=2, values_only=True)] for sheet in load_workbook(io.BytesIO(content))
    }
    found = _rows("figures", sheets["Số liệu chính"], LINE)
    *endings, total = sheets["Câu hỏi kết thúc ra sao"]
    found |= _rows("ending", endings, ROW[:2]) | {("total", "", "count"): total[1], ("total", "", "share"): total[2]}
    for table, title in zip(LISTED, SHEETS, strict=True):
        columns = ("since", "count", "share", "key") if table == "release" else (*ROW, "key")
        found |= {at: value for at, value in _rows(table, sheets[title], columns).items() if at[2] != "since"}
    for first, last, count, _ in sheets.get("Theo ngày", sheets.get("Theo tuần", [])):
        found["step", f"{first.date()} {last.date()}", "count"] = count
    found |= _hours(sheets["Theo giờ và thứ"])
    return found | _scope(sheets["Phạm vi"])


def _rows(table: str, rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> Cells:
    found: Cells = {}
    for number, (title, *values) in enumerate(rows, 1):
        found |= _named(table, number, title, columns, values)
    return found


def _hours(rows: Iterable[Sequence[Any]]) -> Cells:
    return {("hour", row[0][:2], str(day)): count for row in rows for day, count in enumerate(row[1:])}


def _scope(rows: Iterable[Sequence[Any]]) -> Cells:
    said = {row[0]: row[1] for row in rows}
    return {
        ("left out", "", "tests"): said["Câu hỏi thử (không tính)"],
        ("left out", "", "staff"): said["Câu hỏi của cán bộ (không tính)"],
    }


class Page:
    """The page `/thong-ke`."""

    def __init__(self, text: str) -> None:
        self._tree = html.fromstring(text)

    def read(self) -> Cells:
        found = dict[tuple[str, str, str], object](self._headlines())
        for row in self._table("ke-rieng"):
            found |= {
                ("figures", NUMBERED[row[0]], name): v
                for name, v in zip(("value", "last", "mean"), row[1:], strict=True)
            }
        *endings, total = self._table("ket-thuc")
        found |= _rows("ending", endings, ROW[:2]) | {
            ("total", "", "count"): total[1],
            ("total", "", "share"): total[2],
        }
        for dim in LISTED:
            found |= self._listing(dim)
        return found | dict(self._steps()) | self._hours() | self._left_out()

    def _headlines(self) -> Iterator[tuple[tuple[str, str, str], object]]:
        for card in self._tree.xpath("//li[contains(@class, 'figure')]"):
            name, value = _text(card.xpath("span[@class='label']")[0]), _text(card.xpath("strong")[0])
            *counted, last, mean = [_text(one) for one in card.xpath("span[@class='hint']")]
            n, _, interval = (
                counted[0].removeprefix("n = ").partition("; khoảng 95 %: ") if counted else (NOTHING, "", "")
            )
            last, change = _and_change(last)
            mean, change_to_mean = _and_change(mean)
            said = (value, n, interval or NOTHING, last, mean, change, change_to_mean)
            yield from (((("figures", NUMBERED[name], column)), one) for column, one in zip(LINE, said, strict=True))

    def _section(self, name: str) -> Any:
        found = self._tree.xpath(f"//section[@aria-labelledby='{name}']")
        return found[0] if found else None

    def _table(self, name: str) -> list[list[str]]:
        section = self._section(name)
        rows = section.xpath(".//tbody/tr | .//tfoot/tr") if section is not None else []
        return [[_text(cell) for cell in row.xpath("th | td[not(@class='now-before')]")] for row in rows]

    def _listing(self, dim: str) -> Cells:
        section, rows = self._section(f"bang-{dim}"), self._table(f"bang-{dim}")
        if section is None:
            return {}
        if not rows:
            word = _text(section.xpath("p[@class='hint']")[0])
            return {(dim, "", "none"): "closed" if word.startswith("Không nêu") else "none"}
        if dim == "release":
            return {at: v for at, v in _rows(dim, rows, ("since", "count", "share")).items() if at[2] != "since"}
        untold = re.search(r"([\d.]+) mục không nêu", _text(section))
        return {
            **_rows(dim, ([*row[:-1], row[-1].removeprefix("▲ ").removeprefix("▼ ")] for row in rows), ROW[:-1]),
            **({(dim, "", "untold"): untold[1]} if untold else {}),
        }

    def _steps(self) -> Iterator[tuple[tuple[str, str, str], object]]:
        steps = self._table("theo-ngay")
        drawn = [
            _text(one).split(": ")[1]
            for one in self._section("theo-ngay").xpath(".//*[local-name()='g']/*[local-name()='title']")
        ]
        for (days, count, _), bar in zip(steps, drawn, strict=True):
            first, _, last = days.partition(" – ")
            row = f"{_day(first)} {_day(last or first)}"
            yield ("step", row, "count"), count
            yield ("step", row, "drawn"), bar.partition(" câu")[0]

    def _hours(self) -> Cells:
        hours = [_text(one).split()[0] for one in self._section("khi-nao").xpath(".//thead//th")][1:]
        days = {name: str(day) for day, name in enumerate(WEEKDAYS)}
        return {
            ("hour", f"{int(hour):02}", days[row[0]]): count
            for row in self._table("khi-nao")
            for hour, count in zip(hours, row[1:], strict=True)
        }

    def _left_out(self) -> Cells:
        said = re.search(r"Không tính (\S+) câu hỏi thử và (\S+) câu hỏi của cán bộ", _text(self._tree))
        assert said is not None
        return {("left out", "", "tests"): said[1], ("left out", "", "staff"): said[2]}


def _text(element: Any) -> str:
    return plain(str(element.text_content()))


def _and_change(text: str) -> tuple[str, str]:
    """Return a number and the word in brackets behind it."""
    said = re.fullmatch(r".*?: (.+?)(?: \((\D+)\))?", text)
    assert said is not None, text
    return said[1], said[2] or NOTHING


def _day(text: str) -> dt.date:
    day, month, year = map(int, text.split("/"))
    return dt.date(year, month, day)


def from_word(content: bytes) -> Cells:
    """Read the weekly report as Word shows it."""
    document = Document(io.BytesIO(content))
    caption, tables = "", {}
    for piece in document.iter_inner_content():
        if hasattr(piece, "rows"):
            tables.setdefault(caption, [[plain(cell.text) for cell in row.cells] for row in piece.rows][1:])
        else:
            caption = plain(piece.text).partition(". ")[2] if piece.text.startswith("Bảng ") else caption
    found = _rows("figures", tables["Số liệu chính của tuần"], LINE_ON_PAPER)
    for date, _, count, _ in tables["Số câu hỏi từng ngày"]:
        found["step", f"{_day(date)} {_day(date)}", "count"] = count
    for dim, title in zip(LISTED[:-1], TABLES, strict=True):
        found |= _rows(dim, tables.get(title, []), ROW_ON_PAPER)
    found |= _hours(tables.get("Số câu hỏi theo giờ và thứ", []))
    days = [row for table, row, column in found if (table, column) == ("step", "count")]
    alts = [str(shape._inline.docPr.get("descr")) for shape in document.inline_shapes]
    found |= _drawn(" ".join(alts), days)
    return found | _in_words(" ".join(plain(paragraph.text) for paragraph in document.paragraphs))


def _drawn(text: str, days: Sequence[str]) -> Cells:
    """Read what the chart of days says in words."""
    said = re.search(r"Số câu hỏi từng ngày\. (Thứ Hai .*?)\.(?: |$)", text)
    bars = re.findall(rf"\d\d/\d\d(?: \([^)]*\))?: ({_NUMBER})(?=[,.]|$)", f"{said[1]}." if said else "")
    return {("step", row, "drawn"): bar.rstrip(".") for row, bar in zip(days, bars, strict=False)}


def _in_words(text: str) -> Cells:
    """Read the sentences of the report."""
    found: Cells = {}
    for dim, title in zip(LISTED[:-1], TABLES, strict=True):
        for word, name in (("Không nêu", "closed"), ("Trong tuần không có", "none")):
            found |= {(dim, "", "none"): name} if f". {title}: {word}" in text else {}
    if untold := re.search(r"([\d.]+) mục khác có số người hỏi quá ít", text):
        found["entry", "", "untold"] = untold[1]
    if said := re.search(r"Trong tuần có ([\d.]+) câu hỏi thử và ([\d.]+) câu hỏi của cán bộ", text):
        found |= {("left out", "", "tests"): said[1], ("left out", "", "staff"): said[2]}
    if said := re.search(rf"ghi nhận ({_NUMBER}) câu hỏi của ({_NUMBER}) người", text):
        found |= {("said", "", "questions"): said[1], ("said", "", "people"): said[2]}
    for metric, word in SAID:
        interval = rf" \(khoảng tin cậy 95 %: ({_PERCENT}) đến ({_PERCENT})\)"
        if said := re.search(rf"Kết quả: .*?{word} ({_NUMBER}|không nêu|dưới 5 người)(?:{interval})?[;.]", text):
            found["said", metric, "value"] = said[1]
            found["said", metric, "interval"] = f"{said[2]} – {said[3]}" if said[2] else NOTHING
    return found


def from_paper(content: bytes, expected: Cells) -> Cells:
    """Read the weekly report as printed; `expected` names the rows that are looked for, in their order."""
    text = plain(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))
    found: Cells = {}
    for number, table, title, columns in (
        (1, "figures", "Số liệu chính của tuần", LINE_ON_PAPER),
        *((3 + at, dim, TABLES[at], ROW_ON_PAPER) for at, dim in enumerate(LISTED[:-1])),
        (8, "hour", "Số câu hỏi theo giờ và thứ", tuple(map(str, range(7)))),
    ):
        rows = dict.fromkeys(row for of, row, _ in expected if of == table and row)
        found |= _printed(_part(text, number, title), table, rows, columns)
    days = dict.fromkeys(row for table, row, column in expected if (table, column) == ("step", "count"))
    part = _part(text, 2, "Số câu hỏi từng ngày")
    for row in days:
        first = f"{dt.date.fromisoformat(row.split()[0]):%d/%m/%Y}"
        if said := re.search(rf"{first} (?:Thứ \S+|Chủ nhật) ({_NUMBER})(?= )", part):
            found["step", row, "count"] = said[1]
    return found | _drawn(text, list(days)) | _in_words(text)


def _part(text: str, number: int, title: str) -> str:
    """Return a table with its rows: up to the next one."""
    return f"{text} Bảng 99. ".partition(f"Bảng {number}. {title}")[2].partition("Bảng ")[0]


def _printed(text: str, table: str, rows: Iterable[str], columns: Sequence[str]) -> Cells:
    found: Cells = {}
    for row in rows:
        title = f"{row}–{int(row) + 1:02} giờ" if table == "hour" else row.partition(". ")[2]
        cells = " ".join(f"({_CELL.get(column, _NUMBER)})" for column in columns)
        if said := re.search(rf"{re.escape(title)} {cells}(?= |$)", text):
            found |= {(table, row, column): value for column, value in zip(columns, said.groups(), strict=True)}
            text = text[said.end() :]
    return found


def from_report_book(content: bytes) -> Cells:
    """Read the weekly report's Excel file."""
    sheets = {
        sheet.title: [*sheet.iter_rows(min_row=2, values_only=True)] for sheet in load_workbook(io.BytesIO(content))
    }
    found = _rows("figures", sheets["Số liệu chính của tuần"], LINE_ON_PAPER)
    for date, _, count, _ in sheets["Số câu hỏi từng ngày"]:
        found["step", f"{date.date()} {date.date()}", "count"] = count
    for dim, title in zip(LISTED[:-1], TABLES, strict=True):
        found |= _rows(dim, sheets.get(title, []), ROW_ON_PAPER)
    return found | _hours(sheets.get("Số câu hỏi theo giờ và thứ", [])) | _scope(sheets["Phạm vi"])


_ON_TELEGRAM = {
    "today": "Hôm nay",
    "week": r"Tuần này \(.*?\)",
    "same days": "Cùng những ngày ấy tuần trước",
    "last week": "Cả tuần trước",
}


def from_telegram(text: str) -> Cells:
    """Read the message that `/thongke` sends."""
    lines = html.fromstring(f"<div>{text}</div>").text_content()
    found: Cells = {}
    for name, words in _ON_TELEGRAM.items():
        if said := re.search(rf"^{words}: (.+)$", lines, re.MULTILINE):
            asked = re.fullmatch(r"(\S+) câu hỏi, (\S+) người", said[1])
            found[name, "", "questions"], found[name, "", "people"] = asked.groups() if asked else (said[1], said[1])
    for metric, _ in SAID:
        said = re.search(rf"^• {METRICS[metric].name}: (.+?)(?: \(tuần trước (.+?), .*\))?$", lines, re.MULTILINE)
        found["shares", metric, "value"], found["shares", metric, "last"] = said.groups() if said else (None, None)
    for said in re.finditer(r"^(\d+\. .+): (\S+)$", lines, re.MULTILINE):
        found["top", plain(said[1]), "count"] = said[2]
    return found
