"""The report as a Word file: a template of the staff's (or the shipped one) filled in by docxtpl, the parts by us.

What citizens wrote never passes through the template's language: parts are put in after it has done its work.
"""

import datetime as dt
import io
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as DocxTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate  # type: ignore[import-untyped] # it has no types
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment

from stats.reports.blocks import (
    Block,
    Heading,
    Items,
    Part,
    Picture,
    Table,
    Text,
    Value,
    is_centred,
    is_number,
    unbroken,
    written,
)
from stats.reports.template_making import PARTS, SHIPPED

log = logging.getLogger(__name__)

MOST_BYTES = 5_000_000
BODY_WIDTH = 162
"""Millimetres between the margins of the shipped template."""
TABLE_SIZE, NOTE_SIZE = 11, 11
LONGEST_PROPERTY = 255
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadTemplateError(Exception):
    """Why a template of the staff's cannot be used, in one Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class Made:
    """A Word file, and what was wrong with the staff's template if the shipped one had to do."""

    content: bytes
    trouble: str = ""


def docx(
    parts: Sequence[Part],
    words: Mapping[str, str],
    template: Path | None = None,
    *,
    made_at: dt.datetime | None = None,
) -> Made:
    """Return the report; where the staff's template cannot be used, from the shipped one."""
    if template is None or not template.exists():
        return Made(_filled(SHIPPED, parts, words, made_at))
    try:
        return Made(_filled(template, parts, words, made_at))
    except BadTemplateError as error:
        log.warning("the staff's report template cannot be used")
        return Made(_filled(SHIPPED, parts, words, made_at), str(error))


def _filled(path: Path, parts: Sequence[Part], words: Mapping[str, str], made_at: dt.datetime | None) -> bytes:
    document = _rendered(path, words)
    _describe(document, words, made_at)
    places = _places(document)
    for part in parts:
        if part.name in places:
            _put(document, places[part.name], part.blocks)
    written_to = io.BytesIO()
    document.save(written_to)
    return written_to.getvalue()


def _describe(document: Docx, words: Mapping[str, str], made_at: dt.datetime | None) -> None:
    """Say in the file's properties what it is and when it was made, not when its template was."""
    properties = document.core_properties
    properties.title = f"Báo cáo: {_plain(words.get('trich_yeu', ''))}"[:LONGEST_PROPERTY]
    properties.author = _plain(words.get("co_quan_ban_hanh", ""))[:LONGEST_PROPERTY]
    if made_at is not None:
        properties.created = properties.modified = made_at.astimezone(dt.UTC)


def _rendered(path: Path, words: Mapping[str, str]) -> Docx:
    """Return the document with all its names filled in but those of parts, which become marks."""
    names = {**{name: _plain(word) for name, word in words.items()}, **{part: _mark(part) for part in PARTS}}
    try:
        return _render(path, names)
    except BadTemplateError:
        raise
    except TemplateError as error:
        raise BadTemplateError(f"Mẫu báo cáo viết sai ở một chỗ điền ({error.message}).") from None
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes of zip, XML and docx
        raise BadTemplateError(f"Không đọc được mẫu báo cáo ({type(error).__name__}): tệp phải là .docx.") from None


def _render(path: Path, names: Mapping[str, str]) -> Docx:
    if path.stat().st_size > MOST_BYTES:
        raise BadTemplateError(f"Mẫu báo cáo lớn hơn {MOST_BYTES // 1_000_000} MB.")
    template, language = DocxTemplate(str(path)), SandboxedEnvironment(autoescape=True)
    unknown = sorted(template.get_undeclared_template_variables(language) - names.keys())
    if unknown:
        raise BadTemplateError(
            f"Mẫu báo cáo có chỗ điền không có: {', '.join(f'«{{{{ {name} }}}}»' for name in unknown)}. "
            f"Các chỗ điền dùng được: {', '.join(sorted(names))}."
        )
    template.render(dict(names), language)
    document: Docx = template.docx  # get_docx() would read the template again
    return document


def _mark(part: str) -> str:
    return f"⟦{part}⟧"


def _places(document: Docx) -> dict[str, Paragraph]:
    """Return the paragraphs that parts stand for."""
    marks = {_mark(part): part for part in PARTS}
    found = {marks[text]: p for p in document.paragraphs if (text := p.text.strip()) in marks}
    everything = "".join(node.text or "" for node in document.element.body.iter(qn("w:t")))
    astray = [part for mark, part in marks.items() if everything.count(mark) != int(part in found)]
    if astray:
        raise BadTemplateError(
            f"Trong mẫu báo cáo, chỗ điền «{{{{ {astray[0]} }}}}» phải đứng một mình trong một đoạn, ngoài bảng, "
            "và chỉ một lần."
        )
    return found


def _put(document: Docx, place: Paragraph, blocks: Sequence[Block]) -> None:
    """Set blocks where a mark stands."""
    holder = place._p  # noqa: SLF001 - moving elements is what python-docx leaves to lxml
    for block in blocks:
        for made in _SET[type(block)](document, block):
            holder.addprevious(made)
    holder.getparent().remove(holder)


def _heading(document: Docx, block: Heading) -> list[Any]:
    return [_paragraph(document, block.text, style=f"Heading {block.level}")]


def _text(document: Docx, block: Text) -> list[Any]:
    paragraph = document.add_paragraph()
    _run(paragraph, block.text, size=NOTE_SIZE if block.note else None, italic=block.note)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    form = paragraph.paragraph_format
    form.first_line_indent, form.space_after = (None if block.note else Mm(10)), Pt(6)
    return [paragraph._p]  # noqa: SLF001


def _items(document: Docx, block: Items) -> list[Any]:
    return [_item(document, line) for line in block.lines]


def _item(document: Docx, line: str) -> Any:
    paragraph = document.add_paragraph()
    _run(paragraph, f"- {line}")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent, paragraph.paragraph_format.space_after = Mm(10), Pt(3)
    return paragraph._p  # noqa: SLF001


def _picture(document: Docx, block: Picture) -> list[Any]:
    caption = _caption(document, block.caption)
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = paragraph.add_run().add_picture(io.BytesIO(block.png), width=Mm(min(block.width, BODY_WIDTH)))
    described = shape._inline.docPr  # noqa: SLF001 - python-docx has no word for alt text
    described.set("descr", _plain(block.alt))
    described.set("title", _plain(block.caption))
    return [caption, paragraph._p]  # noqa: SLF001


def _table(document: Docx, block: Table) -> list[Any]:
    rows = block.on_paper
    table = document.add_table(len(rows) + 1, len(block.head), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, block.widths, strict=True):
        column.width = Mm(BODY_WIDTH * width)
    for number, (made, values) in enumerate(zip(table.rows, (block.head, *rows), strict=True)):
        for cell, value, width in zip(made.cells, values, block.widths, strict=True):
            _fill(cell, value, width=width, bold=number == 0)
    _repeat_head(table)
    notes = [_paragraph(document, note, size=NOTE_SIZE, italic=True) for note in notes_of(block)]
    return [_caption(document, block.title), table._tbl, *notes, _gap(document)]  # noqa: SLF001


def notes_of(block: Table) -> tuple[str, ...]:
    """Return what stands below a table on paper."""
    more = f"Còn {written(block.left_out)} dòng nữa, xem đủ ở tệp Excel kèm theo." if block.left_out else ""
    return tuple(filter(None, (block.note, more)))


def _fill(cell: _Cell, value: Value, *, width: float, bold: bool) -> None:
    cell.width = Mm(BODY_WIDTH * width)
    paragraph = cell.paragraphs[0]
    _run(paragraph, written(value), size=TABLE_SIZE, bold=bold)
    number, centred = is_number(value), bold or is_centred(value)
    paragraph.alignment = (
        WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.LEFT
    )
    paragraph.paragraph_format.space_after = Pt(0)


def _repeat_head(table: DocxTable) -> None:
    """Have the head repeated on each page, and no row split between two."""
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for it
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _caption(document: Docx, text: str) -> Any:
    made = _paragraph(document, text, bold=True)
    Paragraph(made, document._body).paragraph_format.keep_with_next = True  # noqa: SLF001
    return made


def _gap(document: Docx) -> Any:
    return _paragraph(document, "", size=6)


def _paragraph(
    document: Docx,
    text: str,
    *,
    style: str | None = None,
    size: int | None = None,
    bold: bool | None = None,
    italic: bool | None = None,
) -> Any:
    paragraph = document.add_paragraph(style=style if style in _style_names(document) else None)
    _run(paragraph, text, size=size, bold=bold or (True if style else None), italic=italic)
    paragraph.paragraph_format.space_after = Pt(3)
    return paragraph._p  # noqa: SLF001


def _style_names(document: Docx) -> frozenset[str]:
    return frozenset(style.name for style in document.styles if style.name)


def _run(
    paragraph: Paragraph, text: str, *, size: int | None = None, bold: bool | None = None, italic: bool | None = None
) -> None:
    run = paragraph.add_run(unbroken(_plain(text)))
    run.bold, run.italic = bold, italic
    if size:
        run.font.size = Pt(size)


def _plain(text: str) -> str:
    """Return `text` without what XML cannot hold."""
    return _NOT_XML.sub("", text)


_SET: dict[type, Any] = {Heading: _heading, Text: _text, Items: _items, Table: _table, Picture: _picture}
