"""The report as a PDF: the parts of the Word file, text that can be selected, the booklet's letters in it."""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from faq.booklet.paper import BOLD, REGULAR, readable, register, style
from stats.reports.blocks import (
    Block,
    Heading,
    Items,
    Part,
    Picture,
    Text,
    Value,
    is_centred,
    is_number,
    unbroken,
    written,
)
from stats.reports.blocks import Table as Rows
from stats.reports.document import notes_of
from stats.reports.heading import MOTTO, NATION
from stats.reports.heading import Heading as Form

WIDTH, HEIGHT = A4
LEFT, RIGHT, TOP, BOTTOM = 30 * mm, 18 * mm, 20 * mm, 20 * mm
BODY = WIDTH - LEFT - RIGHT
TEXT = style("report", 11.5, alignment=TA_JUSTIFY, firstLineIndent=10 * mm, spaceAfter=5)
NOTE = style("report-note", 9, spaceAfter=4)
CENTRED = style("report-centred", 11, alignment=TA_CENTER)
STRONG = style("report-strong", 11, alignment=TA_CENTER, fontName=BOLD)
SMALL_STRONG = style("report-small-strong", 9.6, alignment=TA_CENTER, fontName=BOLD)
TITLE = style("report-title", 13, alignment=TA_CENTER, fontName=BOLD, spaceBefore=10)
PART = style("report-part", 11.5, fontName=BOLD, spaceBefore=10, spaceAfter=4, keepWithNext=1)
CAPTION = style("report-caption", 10.5, fontName=BOLD, spaceBefore=6, spaceAfter=3, keepWithNext=1)
TABLE_CAPTION = style("report-table-caption", 10.5, fontName=BOLD, spaceBefore=6, spaceAfter=3)
CELL = style("report-cell", 9)
HEAD = style("report-head", 9, alignment=TA_CENTER, fontName=BOLD)
NUMBER = style("report-number", 9, alignment=TA_RIGHT)
MIDDLE = style("report-middle", 9, alignment=TA_CENTER)
RECEIVER = style("report-receiver", 9)
PLAIN = TableStyle([("FONT", (0, 0), (-1, -1), REGULAR), ("VALIGN", (0, 0), (-1, -1), "TOP")])
GRID = TableStyle(
    [
        ("FONT", (0, 0), (-1, -1), REGULAR),
        ("GRID", (0, 0), (-1, -1), 0.5, "black"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *[(f"{side}PADDING", (0, 0), (-1, -1), 3) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")],
    ]
)


def pdf(parts: Sequence[Part], form: Form) -> bytes:
    """Return the whole file."""
    register()
    drawn = io.BytesIO()
    paper = BaseDocTemplate(
        drawn,
        pagesize=A4,
        title=f"Báo cáo: {form.subject}",
        author=form.issuer,
        lang="vi",
        initialFontName=REGULAR,  # else each page names Helvetica, which is not in the file
        invariant=1,
    )
    frame = Frame(LEFT, BOTTOM, BODY, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    paper.addPageTemplates([PageTemplate("report", [frame], onPageEnd=_number)])
    paper.build(list(_story(parts, form)))
    return drawn.getvalue()


def _number(canvas: Canvas, _paper: BaseDocTemplate) -> None:
    """Number each page but the first, in the middle above the text."""
    if canvas.getPageNumber() > 1:
        canvas.setFont(REGULAR, 11)
        canvas.drawCentredString(WIDTH / 2, HEIGHT - 13 * mm, str(canvas.getPageNumber()))


def _story(parts: Sequence[Part], form: Form) -> Iterator[Flowable]:
    yield _top(form)
    yield _said("BÁO CÁO", TITLE)
    yield _said(form.subject, STRONG)
    yield _Line(60 * mm)
    yield Spacer(0, 2 * mm)
    yield _said(f"Kính gửi: {form.addressee}", CENTRED)
    yield Spacer(0, 4 * mm)
    for part in parts:
        for block in part.blocks:
            yield from _SET[type(block)](block)
    yield _bottom(form)


def _said(text: str, way: ParagraphStyle) -> Paragraph:
    return Paragraph(unbroken(readable(text)), way)


class _Line(Flowable):
    """A line in the middle, below something."""

    def __init__(self, length: float) -> None:
        super().__init__()
        self._length, self._room = length, 0.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - ReportLab's names
        """Take the whole width."""
        self._room = aW
        return aW, 3

    def draw(self) -> None:
        """Draw it."""
        self.canv.setLineWidth(0.7)
        self.canv.line((self._room - self._length) / 2, 1.5, (self._room + self._length) / 2, 1.5)


def _top(form: Form) -> Flowable:
    left = [
        _said(form.superior, CENTRED),
        _said(form.issuer, STRONG),
        _Line(24 * mm),
        Spacer(0, 2 * mm),
        _said(form.number, CENTRED),
    ]
    right = [
        _said(NATION, SMALL_STRONG),
        _said(MOTTO, STRONG),
        _Line(_width(MOTTO, STRONG)),
        Spacer(0, 2 * mm),
        Paragraph(f"<i>{readable(form.place_and_date)}</i>", CENTRED),
    ]
    return Table([[left, right]], colWidths=[BODY * 0.42, BODY * 0.58], style=PLAIN)


def _width(text: str, way: ParagraphStyle) -> float:
    return float(stringWidth(text, way.fontName, way.fontSize))


def _bottom(form: Form) -> Flowable:
    left = [
        _said("Nơi nhận:", style("report-to", 10, fontName=BOLD)),
        *(_said(one, RECEIVER) for one in form.receivers),
    ]
    right = [
        _said(form.signer, STRONG),
        Spacer(0, 26 * mm),
        _said(form.signer_name, STRONG),
    ]
    table = Table([[left, right]], colWidths=[BODY / 2, BODY / 2], style=PLAIN, spaceBefore=8 * mm)
    return KeepTogether([table])


def _heading(block: Heading) -> Iterator[Flowable]:
    yield _said(block.text, PART)


def _text(block: Text) -> Iterator[Flowable]:
    yield _said(block.text, NOTE if block.note else TEXT)


def _items(block: Items) -> Iterator[Flowable]:
    yield from (_said(f"- {line}", TEXT) for line in block.lines)


def _picture(block: Picture) -> Iterator[Flowable]:
    width = min(block.width * mm, BODY)
    height = block.height * mm * width / (block.width * mm)
    yield _said(block.caption, CAPTION)
    yield Image(io.BytesIO(block.png), width, height)
    yield _said(block.alt, NOTE)


def _table(block: Rows) -> Iterator[Flowable]:
    yield CondPageBreak(35 * mm)  # a caption kept with its table would take the whole table to the next page
    yield _said(block.title, TABLE_CAPTION)
    head = [_said(name, HEAD) for name in block.head]
    rows = [[_cell(value) for value in row] for row in block.on_paper]
    yield Table(
        [head, *rows], colWidths=[BODY * width for width in block.widths], style=GRID, repeatRows=1, splitByRow=1
    )
    yield Spacer(0, 1.5 * mm)
    yield from (_said(note, NOTE) for note in notes_of(block))


def _cell(value: Value) -> Paragraph:
    return _said(written(value), MIDDLE if is_centred(value) else NUMBER if is_number(value) else CELL)


_SET: dict[type[Block], Callable[[Any], Iterator[Flowable]]] = {
    Heading: _heading,
    Text: _text,
    Items: _items,
    Picture: _picture,
    Rows: _table,
}
