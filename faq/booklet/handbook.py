"""A short handbook as a PDF for A4: numbered chapters of numbered steps, with pictures, in the booklet's letters."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, Image, KeepTogether, PageTemplate, Paragraph, Spacer

from faq.booklet.paper import CHAPTER, LABEL, LISTED, REGULAR, SMALL, TEXT, readable, register, style

WIDTH, HEIGHT = A4
EDGE = 20 * mm
BODY = WIDTH - 2 * EDGE
TALLEST = 95 * mm
STEP = style("step", 11.5, leftIndent=24, bulletIndent=2, spaceAfter=3)
SECTION = style("section", 15, parent=CHAPTER, fontName=CHAPTER.fontName, spaceBefore=16, spaceAfter=6, keepWithNext=1)


@dataclass(frozen=True, slots=True)
class Section:
    """How one thing is done."""

    title: str
    steps: Sequence[str]
    picture: Path | None = None
    alt: str = ""
    example_title: str = ""
    examples: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Handbook:
    """All of it."""

    title: str
    preface: Sequence[str]
    sections: Sequence[Section]


def pdf(made: Handbook) -> bytes:
    """Return the whole file; the same handbook gives the same bytes."""
    register()
    drawn = io.BytesIO()
    paper = BaseDocTemplate(
        drawn,
        pagesize=A4,
        title=made.title,
        lang="vi",
        initialFontName=REGULAR,  # else each page names Helvetica, which is not in the file
        invariant=1,
    )
    frame = Frame(EDGE, EDGE, BODY, HEIGHT - 2 * EDGE, 0, 0, 0, 0)
    paper.addPageTemplates([PageTemplate("handbook", [frame], onPageEnd=_number)])
    paper.build(list(_story(made)))
    return drawn.getvalue()


def _number(canvas: Canvas, paper: BaseDocTemplate) -> None:
    """Write below the text what this is and which page."""
    canvas.setFont(REGULAR, 9)
    canvas.drawString(EDGE, 11 * mm, str(paper.title))
    canvas.drawRightString(WIDTH - EDGE, 11 * mm, str(canvas.getPageNumber()))


def _story(made: Handbook) -> Iterator[Flowable]:
    yield Paragraph(readable(made.title), CHAPTER)
    yield from (Paragraph(readable(text), TEXT) for text in made.preface)
    for number, section in enumerate(made.sections, 1):
        yield from _section(number, section)


def _section(number: int, section: Section) -> Iterator[Flowable]:
    yield Paragraph(readable(f"{number}. {section.title}"), SECTION)
    for place, step in enumerate(section.steps, 1):
        yield Paragraph(readable(step), STEP, bulletText=f"{place}.")
    if section.examples:
        yield Paragraph(readable(section.example_title), LABEL)
        yield from (Paragraph(readable(line), LISTED, bulletText="•") for line in section.examples)
    if section.picture:
        yield KeepTogether([Spacer(0, 3 * mm), _drawn(section.picture), Paragraph(readable(section.alt), SMALL)])


def _drawn(picture: Path) -> Image:
    """Return a picture as wide as the text, unless that makes it too tall."""
    width, height = ImageReader(str(picture)).getSize()
    scale = min(BODY / width, TALLEST / height)
    return Image(str(picture), width * scale, height * scale)
