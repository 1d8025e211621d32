"""What is written to YAML or Excel and read again is the same: staff's work is not lost on the way."""

import datetime as dt
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from openpyxl.worksheet.formula import ArrayFormula

from faq.content_files import ContentFiles
from faq.editing import Difference, difference
from faq.entries import Entry, Faq, ShortForm
from faq.excel import ENTRIES, EXAMPLES, MILESTONES, SHORT_FORMS, mark_of, read_partly, read_xlsx, write_xlsx
from faq.problems import BrokenContentError, Problem
from faq.sheets import assemble, pieces
from tests.faq.samples import TRICKY, changed, entries, made, printable, with_entries

once_a_folder = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking such entries takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def sheets(shipped: Faq) -> Faq:
    """A FAQ without entries, and small, for hypothesis writes down what failed."""
    taxonomy = shipped.taxonomy.model_copy(update={"topics": shipped.taxonomy.topics[:1], "aspects": ()})
    nothing = ("documents", "outside", "milestones", "short_forms", "entries")
    return shipped.model_copy(update={"taxonomy": taxonomy, **dict.fromkeys(nothing, ())})


def test_short_forms_and_milestones_are_edited_in_excel(shipped: Faq, tmp_path: Path) -> None:
    path = tmp_path / "faq.xlsx"
    write_xlsx(shipped, path)
    book = openpyxl.load_workbook(path)
    book[SHORT_FORMS].append(["ĐKTTR", "Đăng ký tạm trú"])
    book[MILESTONES].cell(2, 3, "2027-07-01")
    book.save(path)

    read = read_xlsx(path, shipped)

    assert read.short_forms == (*shipped.short_forms, ShortForm(short="đkttr", means="đăng ký tạm trú"))
    assert read.milestones[0].first_day == dt.date(2027, 7, 1)
    assert read.milestones[1:] == shipped.milestones[1:]


def test_faults_of_short_forms_name_row_and_column(shipped: Faq, tmp_path: Path) -> None:
    path = tmp_path / "faq.xlsx"
    write_xlsx(shipped.model_copy(update={"short_forms": ()}), path)
    book = openpyxl.load_workbook(path)
    book[SHORT_FORMS].append(["một hai ba bốn", "gì đó"])
    book[SHORT_FORMS].append(["dk", None])
    book.save(path)

    with pytest.raises(BrokenContentError) as caught:
        read_xlsx(path, shipped)

    assert caught.value.problems == (
        Problem("Chữ viết tắt, dòng 2", "một hai ba bốn", "Viết tắt", "sai dạng"),
        Problem("Chữ viết tắt, dòng 3", "dk", "Nghĩa", "thiếu, bắt buộc phải có"),
    )


def test_workbook_of_an_older_version_leaves_short_forms_as_they_are(shipped: Faq, tmp_path: Path) -> None:
    path = tmp_path / "faq.xlsx"
    write_xlsx(shipped, path)
    book = openpyxl.load_workbook(path)
    del book[SHORT_FORMS], book[MILESTONES]
    book.save(path)

    assert pieces(read_xlsx(path, shipped)) == pieces(shipped)


def test_shipped_faq_comes_back_from_yaml(shipped: Faq, tmp_path: Path) -> None:
    ContentFiles(tmp_path).write(shipped)

    assert pieces(ContentFiles(tmp_path).read()) == pieces(shipped)


def test_writing_twice_changes_no_byte(shipped: Faq, tmp_path: Path) -> None:
    files = ContentFiles(tmp_path)
    files.write(shipped)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    files.write(files.read())

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_topic_without_entries_loses_its_file(shipped: Faq, tmp_path: Path) -> None:
    files = ContentFiles(tmp_path)
    files.write(shipped)

    files.write(with_entries(shipped, (e for e in shipped.entries if e.topic != "vneid")))

    assert not (tmp_path / "vneid.yml").exists()
    assert {e.topic for e in files.read().entries} == {e.topic for e in shipped.entries} - {"vneid"}


@given(entry=entries())
@once_a_folder
def test_any_entry_comes_back_from_yaml(sheets: Faq, tmp_path: Path, entry: Entry) -> None:
    ContentFiles(tmp_path).write(with_entries(sheets, [entry]))

    assert ContentFiles(tmp_path).read().entries == (entry,)


@given(entry=entries())
@once_a_folder
def test_any_entry_comes_back_from_its_piece(sheets: Faq, entry: Entry) -> None:
    assert assemble(pieces(with_entries(sheets, [entry]))).entries == (entry,)


def test_whole_faq_comes_back_from_its_pieces(shipped: Faq) -> None:
    assert pieces(assemble(pieces(shipped))) == pieces(shipped)
    assert difference(pieces(shipped), pieces(assemble(pieces(shipped)))) == Difference()


def test_shipped_faq_comes_back_from_excel(shipped: Faq, tmp_path: Path) -> None:
    write_xlsx(shipped, tmp_path / "faq.xlsx")

    assert pieces(read_xlsx(tmp_path / "faq.xlsx", shipped)) == pieces(shipped)


@given(entry=entries(printable))
@once_a_folder
def test_any_entry_comes_back_from_excel(sheets: Faq, tmp_path: Path, entry: Entry) -> None:
    write_xlsx(with_entries(sheets, [entry]), tmp_path / "faq.xlsx")

    [back] = read_xlsx(tmp_path / "faq.xlsx", sheets).entries

    assert back.model_dump(exclude={"details", "law", "links", "to_check"}) == entry.model_dump(
        exclude={"details", "law", "links", "to_check"}
    )
    assert squeezed(back) == squeezed(entry)
    assert mark_of(back) == mark_of(entry) == read_partly(tmp_path / "faq.xlsx").marks[entry.key]


def squeezed(entry: Entry) -> Any:
    """What an entry holds, blanks aside."""

    def bare(value: Any) -> Any:
        if isinstance(value, str):
            return "".join(value.split())
        if isinstance(value, dict):
            return {name: bare(part) for name, part in value.items()}
        return [bare(part) for part in value] if isinstance(value, list | tuple) else value

    return bare(entry.model_dump(mode="json"))


@pytest.mark.parametrize("tricky", [*TRICKY, "dòng một\ndòng hai", "a\tb", "  ".join("ab")])
def test_text_stays_text_in_excel(shipped: Faq, tmp_path: Path, tricky: str) -> None:
    entry = made(title=tricky, short=tricky, gain=tricky, examples=[tricky, *(f"a {n}" for n in range(9))])
    write_xlsx(with_entries(shipped, [entry]), tmp_path / "faq.xlsx")

    assert read_xlsx(tmp_path / "faq.xlsx", shipped).entries == (entry,)
    sheet = openpyxl.load_workbook(tmp_path / "faq.xlsx")[ENTRIES]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} <= {"s", "f"}
    with zipfile.ZipFile(tmp_path / "faq.xlsx") as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml") + packed.read("xl/worksheets/sheet2.xml")


def test_line_break_inside_a_step_does_not_make_two_steps_in_excel(shipped: Faq, tmp_path: Path) -> None:
    entry = made(details={"steps": ["Mở ứng dụng\nVNeID", "Chọn mục"]}, short="một\nhai")
    write_xlsx(with_entries(shipped, [entry]), tmp_path / "faq.xlsx")

    [back] = read_xlsx(tmp_path / "faq.xlsx", shipped).entries

    assert back.details.steps == ("Mở ứng dụng VNeID", "Chọn mục")
    assert back.short == "một\nhai"


def test_what_excel_cannot_hold_is_left_out(shipped: Faq, tmp_path: Path) -> None:
    entry = made(short="a\x00b\x0bc\ufffed")
    write_xlsx(with_entries(shipped, [entry]), tmp_path / "faq.xlsx")

    assert read_xlsx(tmp_path / "faq.xlsx", shipped).entries[0].short == "abcd"


def test_link_whose_name_holds_the_mark_comes_back(shipped: Faq, tmp_path: Path) -> None:
    entry = made(links=[{"title": "Cổng | Nghệ An", "url": "https://vneid.gov.vn"}])
    write_xlsx(with_entries(shipped, [entry]), tmp_path / "faq.xlsx")

    assert read_xlsx(tmp_path / "faq.xlsx", shipped).entries == (entry,)


@pytest.fixture
def workbook(shipped: Faq, tmp_path: Path) -> Path:
    """An Excel file with three entries, as staff get it."""
    path = tmp_path / "faq.xlsx"
    write_xlsx(with_entries(shipped, map(made, ("can-cuoc.a", "can-cuoc.b", "can-cuoc.c"))), path)
    return path


def edit(path: Path, change: Callable[[Any], object]) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def column(sheet: Any, title: str) -> int:
    return int(next(cell.column for cell in sheet[1] if cell.value == title))


def put(title: str, row: int, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = book[ENTRIES]
        sheet.cell(row, column(sheet, title)).value = value

    return change


def faults(path: Path, shipped: Faq) -> tuple[Problem, ...]:
    with pytest.raises(BrokenContentError) as caught:
        read_xlsx(path, shipped)
    return caught.value.problems


def test_date_typed_in_excel_is_a_date(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Xem lại trước ngày", 2, dt.datetime(2028, 1, 31)))

    assert read_xlsx(workbook, shipped).entries[0].review_by == dt.date(2028, 1, 31)


def test_day_typed_as_people_write_it_is_a_date(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Xem lại trước ngày", 2, "31/07/2027"))

    assert read_xlsx(workbook, shipped).entries[0].review_by == dt.date(2027, 7, 31)


def test_workbook_with_the_former_columns_is_read_the_same(shipped: Faq, workbook: Path) -> None:
    before = read_xlsx(workbook, shipped)
    edit(workbook, put("Tên ngắn trên nút bấm", 1, "Tên nút"))
    edit(workbook, put("Tiếng Anh: Nên biết", 1, "Tiếng Anh: Lưu ý"))

    assert read_xlsx(workbook, shipped) == before


def test_number_typed_in_excel_is_its_digits(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Tên ngắn trên nút bấm", 2, 113))

    assert read_xlsx(workbook, shipped).entries[0].title == "113"


def test_formula_typed_in_excel_stays_what_was_typed(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Tên ngắn trên nút bấm", 2, "=1+1"))
    edit(workbook, put("Lợi ích", 2, ArrayFormula("A1:A2", "=SUM(B1:B2)")))

    [first, *_] = read_xlsx(workbook, shipped).entries

    assert (first.title, first.gain) == ("=1+1", "=SUM(B1:B2)")


def test_fault_names_the_row_as_excel_shows_it_and_the_column(shipped: Faq, workbook: Path) -> None:
    edit(workbook, lambda book: book[ENTRIES].insert_rows(3))
    edit(workbook, put("Tên ngắn trên nút bấm", 4, "a" * 37))
    edit(workbook, put("Các bước", 5, "một\n" + "b" * 221))

    assert faults(workbook, shipped) == (
        Problem("Mục hỏi, dòng 4", "can-cuoc.b", "Tên ngắn trên nút bấm", "dài quá 36 ký tự"),
        Problem("Mục hỏi, dòng 5", "can-cuoc.c", "Các bước 2", "dài quá 220 ký tự"),
    )


def test_examples_of_an_unknown_entry_are_named(shipped: Faq, workbook: Path) -> None:
    edit(workbook, lambda book: book[EXAMPLES].append(["can-cuoc.z", "câu lạc"]))
    edit(workbook, lambda book: book[EXAMPLES].append(["can-cuoc.y", "câu lạc"]))

    assert faults(workbook, shipped) == (
        Problem(EXAMPLES, "can-cuoc.y", "Mã", "không có mục nào mang mã này"),
        Problem(EXAMPLES, "can-cuoc.z", "Mã", "không có mục nào mang mã này"),
    )


def test_missing_column_and_unknown_column_are_named(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Tên ngắn trên nút bấm", 1, "Tên bấm"))

    assert faults(workbook, shipped) == (Problem(ENTRIES, "", "Tên ngắn trên nút bấm", "thiếu cột này"),)

    edit(workbook, put("Tên bấm", 1, "Tên ngắn trên nút bấm"))
    edit(workbook, lambda book: book[ENTRIES].cell(1, book[ENTRIES].max_column + 1, "Ghi chú riêng"))
    edit(workbook, put("Ghi chú riêng", 2, "nhớ hỏi lại"))

    assert [(p.entry, p.field, p.why) for p in faults(workbook, shipped)] == [
        ("can-cuoc.a", "Ghi chú riêng", "không có trường nào tên như vậy")
    ]


def test_cell_far_out_is_refused_before_its_rows_are_read(shipped: Faq, workbook: Path) -> None:
    edit(workbook, lambda book: book[ENTRIES].cell(1_048_576, 16_384, "xa"))

    assert [problem.why for problem in faults(workbook, shipped)] == ["có trang quá lớn (hơn 50000 dòng hoặc 100 cột)"]


@pytest.mark.parametrize("sheet", [ENTRIES, EXAMPLES])
def test_missing_sheet_is_named(shipped: Faq, workbook: Path, sheet: str) -> None:
    edit(workbook, lambda book: book.remove(book[sheet]))

    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", f"thiếu trang «{sheet}»"),)


NOT_EXCEL = "không phải tệp Excel (.xlsx)"
DECLARED = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


def packed(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as into:
        for name, content in parts.items():
            into.writestr(name, content)


@pytest.mark.parametrize(
    "content", [b"", b"not a zip", b"PK\x03\x04" + b"\x00" * 60, b"\xd0\xcf\x11\xe0" + b"\x00" * 600]
)
def test_file_that_is_no_zip_is_refused(shipped: Faq, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)

    assert faults(tmp_path / "a.xlsx", shipped) == (Problem("a.xlsx", "", "", NOT_EXCEL),)


@pytest.mark.parametrize(
    "parts",
    [
        {"a.txt": b"hi"},
        {"[Content_Types].xml": b"<broken"},
        {"[Content_Types].xml": b"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"},
    ],
)
def test_zip_of_something_else_is_refused(shipped: Faq, tmp_path: Path, parts: dict[str, bytes]) -> None:
    packed(tmp_path / "a.xlsx", parts)

    assert faults(tmp_path / "a.xlsx", shipped) == (Problem("a.xlsx", "", "", NOT_EXCEL),)


def test_workbook_with_a_broken_part_is_refused(shipped: Faq, workbook: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(workbook) as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as broken:
        for item in whole.infolist():
            broken.writestr(item.filename, b"<x" if "sheet1" in item.filename else whole.read(item))

    assert faults(tmp_path / "b.xlsx", shipped) == (Problem("b.xlsx", "", "", NOT_EXCEL),)


def test_workbook_cut_off_in_the_middle_is_refused(shipped: Faq, workbook: Path) -> None:
    workbook.write_bytes(workbook.read_bytes()[: workbook.stat().st_size // 2])

    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", NOT_EXCEL),)


@pytest.mark.parametrize("tenth", range(10))
def test_workbook_with_a_bad_byte_is_refused_or_read(shipped: Faq, workbook: Path, tenth: int) -> None:
    whole = bytearray(workbook.read_bytes())
    whole[len(whole) * tenth // 10] ^= 0xFF
    workbook.write_bytes(whole)

    with suppress(BrokenContentError):
        assert read_xlsx(workbook, shipped).entries


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("xl/vbaProject.bin", b"\xd0\xcf", "tệp có macro, không nhận"),
        ("xl/macrosheets/sheet1.xml", b"<x/>", "tệp có macro, không nhận"),
        ("xl/other.xml", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml", "tệp có macro, không nhận"),
        ("xl/externalLinks/externalLink1.xml", b"<x/>", "tệp có liên kết sang tệp khác, không nhận"),
        ("xl/connections.xml", b"<x/>", "tệp lấy dữ liệu từ nơi khác, không nhận"),
        ("XL/Embeddings/oleObject1.bin", b"\xd0\xcf", "tệp có đối tượng nhúng, không nhận"),
        ("xl/activeX/activeX1.xml", b"<x/>", "tệp có nút điều khiển, không nhận"),
        (
            "xl/a.xml",
            b"<f a='' t = 'shared' si='0'>=A1</f>",
            "tệp có công thức kéo qua nhiều ô; xin dán lại thành giá trị",
        ),
        ("xl/a.xml", b"<c/>" * 1_500_000, "tệp nén bất thường, không mở"),
    ],
)
def test_what_is_alive_in_a_file_is_refused(shipped: Faq, workbook: Path, part: str, content: bytes, why: str) -> None:
    packed(workbook, {part: content})

    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", why),)
    assert workbook.stat().st_size < 1 << 20


def test_zip_of_very_many_parts_is_refused(shipped: Faq, workbook: Path) -> None:
    packed(workbook, {f"xl/a{number}.xml": b"" for number in range(2_001)})

    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", "tệp nén bất thường, không mở"),)


def test_dimension_that_a_file_only_claims_is_not_believed(shipped: Faq, workbook: Path, tmp_path: Path) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(workbook) as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as lying:
        for item in whole.infolist():
            content = whole.read(item)
            if item.filename == sheet:
                content = content.replace(content[content.index(b'ref="') :][:20].split(b'"')[1], b"A1:A1", 1)
            lying.writestr(item.filename, content)

    assert read_xlsx(tmp_path / "b.xlsx", shipped).entries == read_xlsx(workbook, shipped).entries


def test_right_rows_are_read_beside_wrong_ones(shipped: Faq, workbook: Path) -> None:
    edit(workbook, put("Tên ngắn trên nút bấm", 3, "a" * 37))

    found = read_partly(workbook)

    assert [entry.key for entry in found.entries] == ["can-cuoc.a", "can-cuoc.c"]
    assert found.rows == {"can-cuoc.a": 2, "can-cuoc.b": 3, "can-cuoc.c": 4}
    assert [problem.entry for problem in found.problems] == ["can-cuoc.b"]
    assert set(found.marks) == set(found.rows)


def test_rows_that_staff_add_are_text_too(shipped: Faq, workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)

    assert {book[ENTRIES].column_dimensions[letter].number_format for letter in "ABZ"} == {"@"}
    assert {sheet.sheet_state for sheet in book.worksheets[:4]} == {"visible"}


def test_zip_bomb_is_refused(shipped: Faq, workbook: Path) -> None:
    block = b"\x00" * (1 << 20)
    with zipfile.ZipFile(workbook, "a", zipfile.ZIP_DEFLATED) as into, into.open("xl/big.xml", "w") as out:
        for _ in range(65):
            out.write(block)

    assert workbook.stat().st_size < 1 << 20
    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", "tệp nén bất thường, không mở"),)


@pytest.mark.parametrize(
    "parts",
    [
        {"xl/extra.xml": DECLARED},
        {"xl/_rels/extra.rels": DECLARED},
        {"xl/extra.xml": DECLARED.decode().encode("utf-16")},
        {"xl/extra.xml": DECLARED.replace(b"<!D", b"<!--" + b"a" * 3000 + b"--><!D")},
    ],
)
def test_document_type_is_refused_wherever_it_hides(shipped: Faq, workbook: Path, parts: dict[str, bytes]) -> None:
    packed(workbook, parts)

    assert faults(workbook, shipped) == (Problem("faq.xlsx", "", "", "tệp có phần khai báo lạ, không nhận"),)


def test_too_large_a_file_is_refused_unread(shipped: Faq, tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as sparse:
        sparse.truncate(20 * 1024 * 1024 + 1)

    assert faults(tmp_path / "a.xlsx", shipped) == (Problem("a.xlsx", "", "", "tệp lớn quá 20 MB"),)


def test_file_that_is_not_there_is_named(shipped: Faq, tmp_path: Path) -> None:
    assert faults(tmp_path / "a.xlsx", shipped) == (Problem("a.xlsx", "", "", "không có tệp này"),)


def test_changed_text_in_excel_is_the_only_difference(shipped: Faq, tmp_path: Path) -> None:
    key = shipped.entries[0].key
    write_xlsx(changed(shipped, key, short="Câu mới."), tmp_path / "faq.xlsx")

    found = difference(pieces(shipped), pieces(read_xlsx(tmp_path / "faq.xlsx", shipped)))

    assert found == Difference(changed=(key,))
