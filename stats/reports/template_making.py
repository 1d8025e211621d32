"""Makes the Word template that the product ships, in the form of Decree 30/2020/NĐ-CP: `python -m stats template`.

Staff may edit a copy of it (`var/report-template.docx`): whatever they write stays, each `{{ name }}` is filled in, and
a `{{ part }}` that stands alone in its paragraph becomes that part of the report.
"""

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from stats.reports.heading import MOTTO, NATION

SHIPPED = Path(__file__).parent / "template.docx"
TYPEFACE = "Times New Roman"
BODY_SIZE = 13
LEFT, RIGHT, TOP, BOTTOM = Mm(30), Mm(18), Mm(20), Mm(20)
PARTS = ("tom_tat", "so_lieu", "noi_dung_hoi", "chua_tra_loi", "chat_luong", "kien_nghi", "cach_tinh")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def make() -> bytes:
    """Return the template; the same bytes each time."""
    document = Document()
    _page(document)
    _styles(document)
    _top(document)
    _line(document, "BÁO CÁO", size=14, bold=True, before=12)
    _underlined(_line(document, "{{ trich_yeu }}", size=14, bold=True))
    _line(document, "Kính gửi: {{ kinh_gui }}", size=14, bold=False, before=6)
    for part in PARTS:
        document.add_paragraph(f"{{{{ {part} }}}}")
    _bottom(document)
    properties = document.core_properties
    properties.author, properties.title, properties.language = "", "Báo cáo tuần", "vi-VN"
    properties.created = properties.modified = _MADE
    properties.comments, properties.last_modified_by = "", ""
    return _settled(document)


def _page(document: Docx) -> None:
    section = document.sections[0]
    section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Mm(210), Mm(297)
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.top_margin, section.bottom_margin = TOP, BOTTOM
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True  # no number on the first page
    number = section.header.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("separate", ""), ("t", "2"), ("end", "")):
        number.add_run()._r.append(_field(kind, text))  # noqa: SLF001 - python-docx has no fields


def _field(kind: str, text: str) -> Any:
    if text:
        element = OxmlElement("w:t" if kind == "t" else "w:instrText")
        element.text = text
        return element
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


def _styles(document: Docx) -> None:
    for name in ("Normal", "Heading 1", "Heading 2", "List Bullet", "Header", "Table Grid"):
        font = document.styles[name].font
        font.name = TYPEFACE
        fonts = document.styles[name].element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{attribute}"), TYPEFACE)
        for theme in ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    for name, size in (("Normal", BODY_SIZE), ("Heading 1", 13), ("Heading 2", 13), ("Header", 13)):
        style = document.styles[name]
        style.font.size = Pt(size)
    for name in ("Heading 1", "Heading 2"):
        style = document.styles[name]
        style.font.bold, style.font.color.rgb = True, None
        color = style.element.rPr.find(qn("w:color"))
        if color is not None:
            style.element.rPr.remove(color)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(12), Pt(6)
    _language(document)


def _language(document: Docx) -> None:
    properties = document.styles["Normal"].element.get_or_add_rPr()
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    properties.append(language)


def _top(document: Docx) -> None:
    """Write bodies and nation side by side, the number and the date below them."""
    left, right = _side_by_side(document, Mm(68), Mm(94))
    _say(left, "{{ co_quan_chu_quan }}", first=True)
    _underlined(_say(left, "{{ co_quan_ban_hanh }}", bold=True), length=3)
    _say(left, "{{ so_ky_hieu }}", before=6)
    _say(right, NATION, first=True, bold=True, size=12)
    _underlined(_say(right, MOTTO, bold=True), length=len(MOTTO))
    _say(right, "{{ dia_danh_ngay }}", italic=True, before=6)


def _bottom(document: Docx) -> None:
    document.add_paragraph()
    left, right = _side_by_side(document, Mm(81), Mm(81))
    _say(left, "Nơi nhận:", first=True, bold=True, italic=True, size=12, left=True)
    _say(left, "{{ noi_nhan }}", size=11, left=True)
    _say(right, "{{ chuc_vu }}", first=True, bold=True)
    _say(right, "{{ nguoi_ky }}", bold=True, before=76)


def _side_by_side(document: Docx, *widths: int) -> tuple[_Cell, _Cell]:
    table = document.add_table(1, 2)
    table.autofit = False
    row = table.rows[0]
    cannot_split = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(cannot_split)  # noqa: SLF001 - python-docx has no word for it
    for cell, column, width in zip(row.cells, table.columns, widths, strict=True):
        cell.width = column.width = width
    return row.cells[0], row.cells[1]


def _say(
    cell: _Cell,
    text: str,
    *,
    first: bool = False,
    bold: bool = False,
    italic: bool = False,
    size: int = BODY_SIZE,
    before: int = 0,
    left: bool = False,
) -> Paragraph:
    paragraph: Paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    _set(paragraph, text, size=size, bold=bold, italic=italic, before=before)
    if left:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    return paragraph


def _line(document: Docx, text: str, *, size: int, bold: bool, before: int = 0) -> Paragraph:
    paragraph = document.add_paragraph()
    _set(paragraph, text, size=size, bold=bold, italic=False, before=before)
    return paragraph


def _set(paragraph: Paragraph, text: str, *, size: int, bold: bool, italic: bool, before: int) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(before), Pt(0)


_INDENT = {3: Mm(22), len(MOTTO): Mm(17)}


def _underlined(paragraph: Paragraph, length: int = 0) -> None:
    """Draw a line below: as long as the motto, a third of a body's name, half of a subject's."""
    indent = _INDENT.get(length, Mm(50))
    holder = paragraph._p  # noqa: SLF001 - python-docx has no borders
    line = OxmlElement("w:p")
    holder.addnext(line)
    below = Paragraph(line, paragraph._parent)  # noqa: SLF001
    below.paragraph_format.left_indent = below.paragraph_format.right_indent = indent
    below.paragraph_format.space_before = below.paragraph_format.space_after = Pt(0)
    below.paragraph_format.line_spacing = Pt(4)
    borders, border = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)
    properties = line.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc")


def _settled(document: Docx) -> bytes:
    """Return the file with the same times in it, whenever it is made."""
    made, settled = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            info = zipfile.ZipInfo(item.filename, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(item.filename))
    return settled.getvalue()
