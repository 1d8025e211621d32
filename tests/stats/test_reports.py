"""The files of a weekly report: their form, the same numbers in all, and nothing that a question can break."""

import datetime as dt
import io
import os
import random
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from docx.document import Document as Docx
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pypdf import PdfReader

from faq.database import Sessions
from stats.published import Names, Published, publish
from stats.reports.blocks import Mean, Part, Share, tables, unbroken, written
from stats.reports.content import parts
from stats.reports.document import docx
from stats.reports.heading import MOTTO, NATION, heading_of
from stats.reports.paper import pdf
from stats.reports.template_making import SHIPPED, make
from stats.reports.workbook import sheet_title, xlsx
from tests.stats.weeks import HOSTILE, MONDAY, NOW, ask_weeks, close_gap, fill_inbox

WORDS = {"phuong": "phường Cửa Lò", "cong-an": "Công an phường Cửa Lò", "cong-an-tinh": "Công an tỉnh Nghệ An"}
NAMES = Names(words=WORDS, topics={"vneid": "Tài khoản <VNeID> & {{ x }}"})


@pytest.fixture
async def said(sessions: Sessions) -> Published:
    await ask_weeks(sessions)
    await fill_inbox(sessions)
    await close_gap(sessions)
    async with sessions() as session:
        return await publish(session, MONDAY, NAMES, now=NOW)


def word(said: Published, made: tuple[Part, ...], template: Path | None = None) -> Docx:
    form = heading_of(said, today=NOW.date())
    return Document(io.BytesIO(docx(made, form.as_words(), template).content))


def pdf_text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


async def test_all_files_tell_the_same_numbers(said: Published) -> None:
    made = parts(said)
    document, book = word(said, made), openpyxl.load_workbook(io.BytesIO(xlsx(said, made)))
    drawn = pdf_text(pdf(made, heading_of(said, today=NOW.date())))
    in_word = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables[1:-1]]

    assert len(in_word) == len(tables(made)) >= 9
    for table, seen in zip(tables(made), in_word, strict=True):
        assert seen == [list(table.head), *([unbroken(written(v)) for v in row] for row in table.on_paper)] or (
            HOSTILE[:9] in str(seen)
        )
        sheet = book[sheet_title(table)]
        assert sheet.max_row == len(table.rows) + 1
        for row, cells in zip(table.rows, sheet.iter_rows(min_row=2, values_only=True), strict=True):
            assert [_plain(v) for v in cells] == [_plain(v) for v in row]
        for row in table.on_paper:
            assert all(
                " ".join(written(v).split()) in drawn.replace("\xa0", " ") for v in row if not isinstance(v, str)
            )


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, float):
        return round(value, 9)
    return str(value).replace("\x0b", "") if isinstance(value, str) else value


@pytest.mark.parametrize("seed", range(5))
async def test_every_metric_is_the_same_everywhere(sessions: Sessions, seed: int) -> None:
    rnd = random.Random(seed)
    await ask_weeks(sessions, seed, [rnd.choice([2, 20, 80, 300]) for _ in range(5)])
    async with sessions() as session:
        said = await publish(session, MONDAY, NAMES, now=NOW)
    made = parts(said)
    rows = {row[0].text: row[1].text for row in (r.cells for r in word(said, made).tables[1].rows)}
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(said, made)))["Số liệu chính của tuần"]
    in_sheet = {row[0]: row[1] for row in sheet.iter_rows(min_row=2, values_only=True)}

    for line in said.lines:
        shown = line.mark if line.value is None else Share(line.value) if line.is_share else round(line.value)
        assert rows[line.metric.name] == unbroken(written(shown))
        assert in_sheet[line.metric.name] == (pytest.approx(float(shown)) if line.value is not None else line.mark)


async def test_document_has_the_form_of_the_decree(said: Published) -> None:
    document = word(said, parts(said))
    section = document.sections[0]
    everything = "\n".join(node.text or "" for node in document.element.body.iter(qn("w:t")))

    assert (section.page_width, section.page_height) == (Mm(210), Mm(297))
    assert Mm(20) <= section.top_margin <= Mm(25)
    assert Mm(20) <= section.bottom_margin <= Mm(25)
    assert Mm(30) <= section.left_margin <= Mm(35)
    assert Mm(15) <= section.right_margin <= Mm(20)
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert Pt(13) <= document.styles["Normal"].font.size <= Pt(14)
    for expected in (
        NATION,
        MOTTO,
        "BÁO CÁO",
        "CÔNG AN PHƯỜNG CỬA LÒ",
        "CÔNG AN TỈNH NGHỆ AN",
        "Nơi nhận:",
        "- Lưu: VT.",
    ):
        assert expected in everything
    assert "Cửa Lò, ngày 23 tháng 11 năm 2026" in everything
    assert "Số: ……/BC-……" in everything
    assert "{{" not in everything.replace("{{ 7*7 }}", "").replace("{{ x }}", "")


async def test_pages_are_numbered_from_the_second(said: Published) -> None:
    section = word(said, parts(said)).sections[0]

    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == ""
    assert "PAGE" in section.header.paragraphs[0]._p.xml
    assert section.header.paragraphs[0].alignment == 1


async def test_pictures_say_in_words_what_they_show(said: Published) -> None:
    pictures = word(said, parts(said)).inline_shapes

    alts = [shape._inline.docPr.get("descr") for shape in pictures]
    assert len(alts) == 3
    assert alts[0].startswith("Số câu hỏi từng ngày. Thứ Hai 16/11: ")


async def test_hostile_question_is_text_and_nothing_else(said: Published) -> None:
    made = parts(said)
    document = word(said, made)
    cells = [cell.text for table in document.tables[1:-1] for row in table.rows for cell in row.cells]
    book = openpyxl.load_workbook(io.BytesIO(xlsx(said, made)))

    expected = HOSTILE.replace("\x0b", "")
    assert expected in cells
    assert "49" not in " ".join(cells).split(expected[:5])[0].split("{{")[-1]
    assert expected in [cell.value for row in book["Nhóm câu hỏi chưa được trả lời"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "<script>alert(1)</script>" in pdf_text(pdf(made, heading_of(said, today=NOW.date())))


async def test_pdf_embeds_its_letters_and_can_be_read(said: Published) -> None:
    content = pdf(parts(said), heading_of(said, today=NOW.date()))
    reader = PdfReader(io.BytesIO(content))

    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert {"FontFile2" in str(font["/FontDescriptor"].get_object()) for font in fonts} == {True}
    assert MOTTO in pdf_text(content)
    assert reader.pages[0].extract_text().split()[0] != "1"
    assert all(
        page.extract_text().split()[0] == str(n) or str(n) in page.extract_text().split()
        for n, page in enumerate(reader.pages, 1)
        if n > 1
    )


async def test_nothing_is_cut_in_the_workbook(said: Published) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(said, parts(said))))

    assert book.sheetnames[-2:] == ["Định nghĩa", "Phạm vi"]
    assert book["Định nghĩa"].max_row == 14
    assert book["Phạm vi"]["B3"].value == dt.datetime(2026, 11, 16)
    assert book["Phạm vi"]["B3"].number_format == "dd/mm/yyyy"


def test_shipped_template_is_what_the_command_makes() -> None:
    assert SHIPPED.read_bytes() == make()


async def test_staff_may_change_the_template(said: Published, tmp_path: Path) -> None:
    own = Document(io.BytesIO(make()))
    own.paragraphs[0].text = "BÁO CÁO NHANH {{ dia_danh_ngay }}"
    for paragraph in own.paragraphs:
        if paragraph.text == "{{ cach_tinh }}":
            paragraph.text = "Chữ của cán bộ."
    own.save(str(tmp_path / "own.docx"))

    document = word(said, parts(said), tmp_path / "own.docx")

    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == "BÁO CÁO NHANH Cửa Lò, ngày 23 tháng 11 năm 2026"
    assert "Chữ của cán bộ." in texts
    assert not any("CÁCH TÍNH" in text for text in texts)


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ("{{ ten_sai }}", "chỗ điền không có: «{{ ten_sai }}»"),
        ("{{ trich_yeu", "viết sai"),
        ("{% for x %}", "viết sai"),
        ("Xem {{ tom_tat }} nhé", "«{{ tom_tat }}» phải đứng một mình"),
        ("{{ trich_yeu.__class__.__mro__ }}", ""),
    ],
)
async def test_broken_template_is_named_and_the_shipped_one_used(
    said: Published, tmp_path: Path, changed: str, trouble: str
) -> None:
    own = Document(io.BytesIO(make()))
    own.paragraphs[0].text = changed
    own.save(str(tmp_path / "own.docx"))

    made = docx(parts(said), heading_of(said, today=NOW.date()).as_words(), tmp_path / "own.docx")

    assert trouble in made.trouble
    assert "class" not in "".join(p.text for p in Document(io.BytesIO(made.content)).paragraphs)
    if trouble:
        assert Document(io.BytesIO(made.content)).paragraphs[0].text == "BÁO CÁO"


async def test_template_that_is_no_word_file(said: Published, tmp_path: Path) -> None:
    (tmp_path / "own.docx").write_bytes(b"not a zip")

    made = docx(parts(said), heading_of(said, today=NOW.date()).as_words(), tmp_path / "own.docx")

    assert "Không đọc được mẫu báo cáo" in made.trouble


def test_unknown_place_leaves_lines_to_fill_in() -> None:
    assert written(None) == "–"
    assert written(Mean(1234.56)) == "1.234,6"
    assert written(Share(0.125)) == "12,5 %"


@pytest.mark.office
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftoppm")) and not os.environ.get("CI"),
    reason="needs LibreOffice: apt-get install libreoffice-writer-nogui poppler-utils fonts-liberation",
)
async def test_word_file_prints(said: Published, tmp_path: Path) -> None:
    made = parts(said)
    (tmp_path / "r.docx").write_bytes(docx(made, heading_of(said, today=NOW.date()).as_words()).content)
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf"]

    subprocess.run(
        [*office, "--outdir", str(tmp_path), str(tmp_path / "r.docx")], check=True, capture_output=True, timeout=180
    )
    subprocess.run(
        ["pdftoppm", "-r", "60", "-png", str(tmp_path / "r.pdf"), str(tmp_path / "p")], check=True, timeout=60
    )

    pages = [" ".join(page.extract_text().split()) for page in PdfReader(tmp_path / "r.pdf").pages]
    assert len(list(tmp_path.glob("p-*.png"))) == len(pages) >= 4
    assert NATION in pages[0], "on one line"
    assert pages[0].split()[0] != "1"
    assert all(page.split()[0] == str(number) for number, page in enumerate(pages, 1) if number > 1)
    pictures = os.environ.get("OFFICE_PICTURES")
    if pictures:
        for page in tmp_path.glob("p-*.png"):
            shutil.copy(page, pictures)
