"""The files of a weekly report: their form, the same numbers in all, and nothing that a question can break."""

import asyncio
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
from openpyxl import Workbook
from pypdf import PdfReader

from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from stats.definitions import METRICS
from stats.published import Names, Published, publish
from stats.reports.blocks import Mean, Part, Share, tables, unbroken, written
from stats.reports.content import parts, proposals
from stats.reports.document import docx
from stats.reports.heading import MOTTO, NATION, heading_of
from stats.reports.paper import pdf
from stats.reports.template_making import SHIPPED, make
from stats.reports.workbook import sheet_title, xlsx
from tests.stats.weeks import HOSTILE, MONDAY, NOW, ask_weeks, close_gap, fill_inbox

WORDS = {"phuong": "phường Cửa Lò", "cong-an": "Công an phường Cửa Lò", "cong-an-tinh": "Công an tỉnh Nghệ An"}
NAMES = Names(words=WORDS, topics={"vneid": "Tài khoản <VNeID> & {{ x }}"})


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A busy week; made once for all tests."""
    return asyncio.run(_busy_week(tmp_path_factory.mktemp("week") / "service.db"))


async def _busy_week(path: Path) -> Published:
    engine = connect(f"sqlite:///{path}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions_on(engine)
    await ask_weeks(made, sizes=(150, 130, 160, 140, 900))
    await fill_inbox(made)
    await close_gap(made)
    async with made() as session:
        said = await publish(session, MONDAY, NAMES, now=NOW)
    await engine.dispose()
    return said


@pytest.fixture(scope="module")
def made(said: Published) -> tuple[Part, ...]:
    return parts(said)


@pytest.fixture(scope="module")
def document(said: Published, made: tuple[Part, ...]) -> Docx:
    return word(said, made)


@pytest.fixture(scope="module")
def paper(said: Published, made: tuple[Part, ...]) -> bytes:
    return pdf(made, heading_of(said, today=NOW.date()))


@pytest.fixture(scope="module")
def book(said: Published, made: tuple[Part, ...]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx(said, made)))


def word(said: Published, made: tuple[Part, ...], template: Path | None = None) -> Docx:
    form = heading_of(said, today=NOW.date())
    return Document(io.BytesIO(docx(made, form.as_words(), template).content))


def pdf_text(content: bytes) -> str:
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return " ".join(" ".join(pages).replace("\xa0", " ").split())


def test_all_files_tell_the_same_numbers(made: tuple[Part, ...], document: Docx, paper: bytes, book: Workbook) -> None:
    drawn = pdf_text(paper)
    in_word = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables[1:-1]]

    assert len(in_word) == len(tables(made)) >= 9
    for table, seen in zip(tables(made), in_word, strict=True):
        told = [table.head, *table.on_paper]
        assert seen == [[unbroken(written(value)).replace("\x0b", "") for value in row] for row in told]
        cells = list(book[sheet_title(table)].iter_rows(values_only=True))
        assert [[_plain(value) for value in row] for row in cells] == [
            [_plain(value) for value in row] for row in (table.head, *table.rows)
        ]
        assert all(written(value) in drawn for row in table.on_paper for value in row if not isinstance(value, str))


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, float):
        return round(value, 9)
    return str(value).replace("\x0b", "") if isinstance(value, str) else value


@pytest.mark.parametrize("seed", range(3))
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


def test_document_has_the_form_of_the_decree(document: Docx) -> None:
    section = document.sections[0]
    everything = "\n".join(node.text or "" for node in document.element.body.iter(qn("w:t")))

    assert abs(section.page_width - Mm(210)) < Mm(1) > abs(section.page_height - Mm(297))
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


def test_pages_are_numbered_from_the_second(document: Docx) -> None:
    section = document.sections[0]

    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == ""
    assert "PAGE" in section.header.paragraphs[0]._p.xml
    assert section.header.paragraphs[0].alignment == 1


def test_pictures_say_in_words_what_they_show(document: Docx) -> None:
    alts = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]

    assert len(alts) == 3
    assert alts[0].startswith("Số câu hỏi từng ngày. Thứ Hai 16/11: ")


def test_hostile_question_is_text_and_nothing_else(document: Docx, paper: bytes, book: Workbook) -> None:
    cells = [cell.text for table in document.tables[1:-1] for row in table.rows for cell in row.cells]
    sheet = book["Chưa trả lời được"]

    expected = HOSTILE.replace("\x0b", "")
    assert expected in cells
    assert expected in [cell.value for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "<script>alert(1)</script> &amp;" in pdf_text(paper)


def test_pdf_embeds_its_letters_and_can_be_read(paper: bytes) -> None:
    pages = PdfReader(io.BytesIO(paper)).pages

    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    assert MOTTO in pdf_text(paper)
    assert [str(number) in page.extract_text().split() for number, page in enumerate(pages, 1)][1:].count(False) == 0


def test_nothing_is_cut_in_the_workbook(book: Workbook) -> None:
    assert book.sheetnames[-2:] == ["Định nghĩa", "Phạm vi"]
    assert book["Định nghĩa"].max_row == len(METRICS) + 1
    assert book["Phạm vi"]["B3"].value == dt.datetime(2026, 11, 16)
    assert book["Phạm vi"]["B3"].number_format == "dd/mm/yyyy"


def test_titles_of_sheets_are_whole(made: tuple[Part, ...], book: Workbook) -> None:
    titles = [sheet_title(table) for table in tables(made)]

    assert {"Điều mới trong tuần", "Chưa trả lời được", "Việc đề nghị làm"} <= set(titles)
    for table, title in zip(tables(made), titles, strict=True):
        assert len(title) < 31, table.title
        assert title in book.sheetnames


def test_file_says_what_it_is_and_when_it_was_made(said: Published, made: tuple[Part, ...]) -> None:
    form = heading_of(said, today=NOW.date())
    content = docx(made, form.as_words(), made_at=NOW).content
    properties = Document(io.BytesIO(content)).core_properties

    assert "tuần\u00a047" in properties.title
    assert properties.created.replace(tzinfo=dt.UTC) == NOW.astimezone(dt.UTC)


def test_nothing_of_the_decrees_explanations_is_printed(document: Docx, paper: bytes) -> None:
    everything = "\n".join(node.text or "" for node in document.element.body.iter(qn("w:t")))

    for text in (everything, pdf_text(paper)):
        assert "Chữ ký" not in text
        assert "Wilson" not in text
        assert "Kính gửi: Tổ công tác Đề án 06 phường Cửa Lò" in text
        assert text.count("ẩn»: không nêu") == 1


def test_proposals_follow_from_the_figures(said: Published) -> None:
    asked = [what for what, _ in proposals(said)]

    assert any("đổi bằng lái ở đâu" in what for what in asked)
    assert asked.index(next(what for what in asked if "đổi bằng lái" in what)) == 0, "of most people"


def test_shipped_template_is_what_the_command_makes() -> None:
    assert SHIPPED.read_bytes() == make()


def test_staff_may_change_the_template(said: Published, made: tuple[Part, ...], tmp_path: Path) -> None:
    own = Document(io.BytesIO(make()))
    own.paragraphs[0].text = "BÁO CÁO NHANH {{ dia_danh_ngay }}"
    for paragraph in own.paragraphs:
        if paragraph.text == "{{ cach_tinh }}":
            paragraph.text = "Chữ của cán bộ."
    own.save(str(tmp_path / "own.docx"))

    document = word(said, made, tmp_path / "own.docx")

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
def test_broken_template_is_named_and_the_shipped_one_used(
    said: Published, made: tuple[Part, ...], tmp_path: Path, changed: str, trouble: str
) -> None:
    own = Document(io.BytesIO(make()))
    own.paragraphs[0].text = changed
    own.save(str(tmp_path / "own.docx"))

    filled = docx(made, heading_of(said, today=NOW.date()).as_words(), tmp_path / "own.docx")

    first = Document(io.BytesIO(filled.content)).paragraphs[0].text
    assert trouble in filled.trouble
    assert first == ("BÁO CÁO" if filled.trouble else "")


def test_template_that_is_no_word_file(said: Published, made: tuple[Part, ...], tmp_path: Path) -> None:
    (tmp_path / "own.docx").write_bytes(b"not a zip")

    filled = docx(made, heading_of(said, today=NOW.date()).as_words(), tmp_path / "own.docx")

    assert "Không đọc được mẫu báo cáo" in filled.trouble


def test_unknown_place_leaves_lines_to_fill_in() -> None:
    assert written(None) == "–"
    assert written(Mean(1234.56)) == "1.234,6"
    assert written(Share(0.125)) == "12,5 %"


@pytest.mark.office
@pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftoppm")) and not os.environ.get("CI"),
    reason="needs LibreOffice: apt-get install libreoffice-writer-nogui poppler-utils fonts-liberation",
)
def test_word_file_prints(said: Published, made: tuple[Part, ...], tmp_path: Path) -> None:
    (tmp_path / "r.docx").write_bytes(docx(made, heading_of(said, today=NOW.date()).as_words()).content)
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/office", "--headless", "--convert-to", "pdf"]

    subprocess.run(
        [*office, "--outdir", str(tmp_path), str(tmp_path / "r.docx")], check=True, capture_output=True, timeout=180
    )
    subprocess.run(
        ["pdftoppm", "-r", "60", "-png", str(tmp_path / "r.pdf"), str(tmp_path / "p")], check=True, timeout=60
    )

    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "r.pdf"), "-"], check=True, capture_output=True
    ).stdout
    pages = [" ".join(page.split()) for page in text.decode().split("\f")][:-1]

    assert len(list(tmp_path.glob("p-*.png"))) == len(pages) >= 4
    assert NATION in pages[0], "on one line"
    assert pages[0].startswith("CÔNG AN TỈNH NGHỆ AN")
    assert all(page.split()[0] == str(number) for number, page in enumerate(pages, 1) if number > 1)
    pictures = os.environ.get("OFFICE_PICTURES")
    if pictures:
        for page in tmp_path.glob("p-*.png"):
            shutil.copy(page, pictures)
