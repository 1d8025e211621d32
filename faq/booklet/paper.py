"""The booklet as a PDF for A4 and a black-and-white printer: nothing but black, letters that old eyes can read.

Drawn with ReportLab until the pages in its contents and its index are the pages that things stand on.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    HRFlowable,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from faq.booklet.chapters import TITLE, WARNING, Block, Booklet, Chapter, Item
from faq.shape import Link

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "BeVietnamPro", "BeVietnamPro-SemiBold"
WIDTH, HEIGHT = A4
INNER, TOP, BOTTOM = 20 * mm, 22 * mm, 20 * mm
GAP = 8 * mm
MOST_PASSES = 4
CONTENTS, INDEX = "muc-luc", "tra-cuu"
Pages = Mapping[str, int]


def pdf(made: Booklet) -> bytes:
    """Return the whole file."""
    register()
    pages: Pages = {}
    for _ in range(MOST_PASSES):
        paper = _Paper(made)
        paper.build(list(_story(made, pages)))
        if paper.pages == pages:
            break
        pages = paper.pages
    return paper.drawn.getvalue()


@cache
def register() -> None:
    """Make the typeface known to ReportLab."""
    registerFont(TTFont(REGULAR, str(FONTS / "BeVietnamPro-Regular.ttf")))
    registerFont(TTFont(BOLD, str(FONTS / "BeVietnamPro-SemiBold.ttf")))
    registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def style(name: str, size: float, **more: object) -> ParagraphStyle:
    """Return a way to set paragraphs, in the typeface that is in the file."""
    values: dict[str, Any] = {
        "fontName": REGULAR,
        "bulletFontName": REGULAR,
        "allowWidows": 0,
        "allowOrphans": 0,
        **more,
    }
    return ParagraphStyle(name, fontSize=size, bulletFontSize=size, leading=size * 1.42, **values)


TEXT = style("text", 11.5, spaceAfter=4)
STRONG = style("strong", 11.5, fontName=BOLD, spaceAfter=5)
LABEL = style("label", 11.5, fontName=BOLD, spaceAfter=2, keepWithNext=1)
LISTED = style("listed", 11.5, leftIndent=20, bulletIndent=2, spaceAfter=2)
SMALL = style("small", 9.5, spaceAfter=2)
QUESTION = style("question", 13.5, fontName=BOLD, spaceBefore=14, spaceAfter=4, keepWithNext=1)
CHAPTER = style("chapter", 20, fontName=BOLD, spaceAfter=2, keepWithNext=1)
COVER = style("cover", 34, fontName=BOLD, alignment=TA_CENTER, spaceAfter=14)
CENTRED = style("centred", 15, alignment=TA_CENTER, spaceAfter=8)
CENTRED_STRONG = style("centred-strong", 15, fontName=BOLD, alignment=TA_CENTER, spaceAfter=8)
NUMBER = style("number", 18, fontName=BOLD)
ENTRY = style("entry", 10)
ENTRY_STRONG = style("entry-strong", 10.5, fontName=BOLD, spaceBefore=6)


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a heading is found by."""

    key: str
    title: str
    level: int


def readable(text: str) -> str:
    """Return `text` without the signs that the typeface lacks (emoji); foreign letters stay, as boxes."""
    return escape("".join(sign for sign in text if ord(sign) in _signs() or sign.isalpha()), {'"': "&quot;"})


@cache
def _signs() -> frozenset[int]:
    return frozenset(TTFont(REGULAR, str(FONTS / "BeVietnamPro-Regular.ttf")).face.charToGlyph)


class _Heading(Paragraph):
    """A paragraph that contents and index point to."""

    def __init__(self, text: str, style: ParagraphStyle, mark: _Mark) -> None:
        super().__init__(readable(text), style)
        self.mark = mark


class _Paper(BaseDocTemplate):
    """The sheets: one column to read, two to look things up; notes which page everything is on."""

    def __init__(self, made: Booklet) -> None:
        self.drawn = io.BytesIO()
        self.pages: dict[str, int] = {}
        self._made = made
        self._chapter = ""
        super().__init__(
            self.drawn,
            pagesize=A4,
            title=f"{TITLE} · {made.town} · {made.printed_on}",
            author=made.police,
            subject=WARNING,
            lang="vi",
            initialFontName=REGULAR,  # else each page names Helvetica, which is not in the file
        )
        column = (WIDTH - 2 * INNER - GAP) / 2
        self.addPageTemplates(
            [
                PageTemplate("cover", [_frame(INNER, WIDTH - 2 * INNER)]),
                PageTemplate("text", [_frame(INNER, WIDTH - 2 * INNER)], onPageEnd=self._edges),
                PageTemplate(
                    "columns",
                    [_frame(INNER, column), _frame(INNER + column + GAP, column)],
                    onPageEnd=self._edges,
                ),
            ]
        )

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - ReportLab's name
        """Note the page of a heading; it can be jumped to from contents, index and the reader's side bar."""
        if isinstance(flowable, _Heading):
            mark = flowable.mark
            self.pages[mark.key] = self.page
            self.canv.bookmarkPage(mark.key)
            self.canv.addOutlineEntry(mark.title, mark.key, mark.level, closed=True)
            if mark.level == 0:
                self._chapter = mark.title

    def _edges(self, canvas: Canvas, _paper: BaseDocTemplate) -> None:
        """Draw what stands above and below the text."""
        canvas.setFont(REGULAR, 9)
        canvas.drawString(INNER, HEIGHT - 14 * mm, self._chapter)
        canvas.drawRightString(WIDTH - INNER, HEIGHT - 14 * mm, f"Nội dung ngày {self._made.printed_on}")
        canvas.line(INNER, HEIGHT - 16 * mm, WIDTH - INNER, HEIGHT - 16 * mm)
        canvas.drawString(INNER, 11 * mm, WARNING)
        canvas.setFont(BOLD, 12)
        canvas.drawRightString(WIDTH - INNER, 11 * mm, str(canvas.getPageNumber()))


def _frame(left: float, width: float) -> Frame:
    return Frame(
        left, BOTTOM, width, HEIGHT - TOP - BOTTOM, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0
    )


def _story(made: Booklet, pages: Pages) -> Iterator[Flowable]:
    yield from _cover(made)
    yield from _turn("columns")
    yield from _contents(made, pages)
    for chapter in made.chapters:
        yield from _turn("text")
        yield from _chapter(chapter, made)
    yield from _turn("columns")
    yield from _index(made, pages)


def _turn(template: str) -> Iterator[Flowable]:
    yield NextPageTemplate(template)
    yield PageBreak()


def _cover(made: Booklet) -> Iterator[Flowable]:
    yield Spacer(0, 45 * mm)
    yield Paragraph(readable(made.police), CENTRED)
    yield Paragraph(readable(TITLE), COVER)
    yield Paragraph(readable(f"Sổ tay cho bà con {made.town}"), CENTRED)
    yield Paragraph(readable(f"In theo nội dung ngày {made.printed_on}"), CENTRED)
    yield Spacer(0, 12 * mm)
    yield Paragraph(readable(WARNING), CENTRED_STRONG)
    yield Spacer(0, 18 * mm)
    yield from (Paragraph(readable(text), TEXT) for text in made.preface)
    if made.changes:
        yield Spacer(0, 4 * mm)
        yield Paragraph("Những ngày quy định sẽ đổi", LABEL)
        yield from _listed(made.changes)


def _contents(made: Booklet, pages: Pages) -> Iterator[Flowable]:
    yield _Heading("Mục lục", CHAPTER, _Mark(CONTENTS, "Mục lục", 0))
    for chapter in made.chapters:
        yield _pointer(chapter.title, chapter.id, pages, ENTRY_STRONG)
        yield from (_pointer(item.title, item.key, pages, ENTRY) for item in chapter.items)
    yield _pointer("Tra theo câu hỏi", INDEX, pages, ENTRY_STRONG)


def _index(made: Booklet, pages: Pages) -> Iterator[Flowable]:
    yield _Heading("Tra theo câu hỏi", CHAPTER, _Mark(INDEX, "Tra theo câu hỏi", 0))
    yield Spacer(0, 2 * mm)
    yield from (_pointer(item.question, item.key, pages, ENTRY) for item in made.by_question)


def _pointer(text: str, key: str, pages: Pages, style: ParagraphStyle) -> Flowable:
    """Return a line that leads to a page."""
    link = Paragraph(f'<a href="#{readable(key)}">{readable(text)}</a>', style)
    row = Table([[link, Paragraph(str(pages.get(key, "")), PAGE)]], colWidths=[None, 9 * mm])
    row.setStyle(POINTER)
    return row


def _chapter(chapter: Chapter, made: Booklet) -> Iterator[Flowable]:
    yield _Heading(chapter.title, CHAPTER, _Mark(chapter.id, chapter.title, 0))
    yield HRFlowable(width="100%", thickness=2, color="black", spaceBefore=4, spaceAfter=8)
    if chapter is made.chapters[0]:
        yield from _numbers(made)
    for item in chapter.items:
        yield from _item(item)
    yield from (Paragraph(readable(line), TEXT) for line in chapter.over)


def _numbers(made: Booklet) -> Iterator[Flowable]:
    rows = [[Paragraph(readable(h.number), NUMBER), Paragraph(readable(h.purpose), TEXT)] for h in made.hotlines]
    table = Table(rows, colWidths=[44 * mm, None])
    table.setStyle(BOX)
    yield table
    yield Spacer(0, 4 * mm)
    yield from (Paragraph(readable(line), TEXT) for line in made.places)


def _item(item: Item) -> Iterator[Flowable]:
    yield _Heading(item.question, QUESTION, _Mark(item.key, item.question, 1))
    answer = [Paragraph(readable(item.short), STRONG), *(line for block in item.blocks for line in _block(block))]
    answer += [_link(link) for link in item.links]
    answer[-1].keepWithNext = True  # no page begins with nothing but small print
    yield from answer
    yield Paragraph("<br/>".join(map(escape, item.small_print)), SMALL)


def _link(link: Link) -> Paragraph:
    return Paragraph(f'{readable(link.title)}: <a href="{readable(link.url)}">{readable(link.url)}</a>', TEXT)


def _block(block: Block) -> Iterator[Paragraph]:
    if block.single:
        yield Paragraph(f"<b>{readable(block.title)}:</b> {readable(block.lines[0])}", TEXT)
        return
    yield Paragraph(readable(block.title), LABEL)
    yield from _listed(block.lines, numbered=block.numbered)


def _listed(lines: Sequence[str], *, numbered: bool = False) -> Iterator[Paragraph]:
    for number, line in enumerate(lines, 1):
        yield Paragraph(readable(line), LISTED, bulletText=f"{number}." if numbered else "•")


PAGE = style("page", 10, alignment=2)
PLAIN = ("FONT", (0, 0), (-1, -1), REGULAR)
POINTER = TableStyle(
    [
        PLAIN,
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)
BOX = TableStyle(
    [
        PLAIN,
        ("BOX", (0, 0), (-1, -1), 2, "black"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 8),
    ]
)
