"""The guide for staff: opens, prints, and speaks of what is really on the screens."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.web.visits import Guest
from web.application import FOR_STAFF
from web.guide import PICTURES, Chapter, guide

ROOT = Path(__file__).parents[2]
SCREENS = [
    *(ROOT / "web").glob("templates/*.html"),
    *(ROOT / "web").rglob("*.py"),
    ROOT / "faq/excel.py",
    ROOT / "stats/definitions.py",
    ROOT / "stats/sampling.py",
]
MOST_BYTES = 60_000
WIDTH = 1000
LABEL = re.compile("«([^»]+)»")
WITH_PICTURES = [chapter for chapter in guide().chapters if chapter.picture]


def texts(chapter: Chapter) -> str:
    return "\n".join(chapter.steps)


async def test_page_opens_for_whoever_may_read_and_shows_every_step(officer: Guest) -> None:
    page = (await officer.get("/huong-dan")).text

    assert page.count("<li>") >= sum(len(chapter.steps) for chapter in guide().chapters)
    assert all(f'id="{chapter.id}"' in page for chapter in guide().chapters)
    assert '<a href="/huong-dan" aria-current="page">Hướng dẫn</a>' in page


@pytest.mark.parametrize("chapter", WITH_PICTURES, ids=lambda chapter: chapter.id)
async def test_picture_is_there_is_small_and_is_told_in_words(officer: Guest, chapter: Chapter) -> None:
    answer = await officer.get(f"/static/guide/{chapter.picture}.png")

    assert answer.status_code == 200
    assert len(answer.content) <= MOST_BYTES
    assert Image.open(io.BytesIO(answer.content)).width == WIDTH
    assert len(chapter.alt) > 20


def test_no_picture_lies_about_unused() -> None:
    assert {path.stem for path in PICTURES.iterdir()} == {chapter.picture for chapter in WITH_PICTURES}


@pytest.mark.parametrize("chapter", guide().chapters, ids=lambda chapter: chapter.id)
def test_words_in_quotes_stand_on_a_screen(chapter: Chapter) -> None:
    screens = "\n".join(path.read_text("utf-8") for path in SCREENS)

    assert [label for label in LABEL.findall(texts(chapter)) if label not in screens] == []


def test_chapters_are_short_and_lead_to_pages_that_exist() -> None:
    pages = {path for method, path, *_ in FOR_STAFF if method == "GET"}

    assert {chapter.page for chapter in guide().chapters if chapter.page} <= pages
    assert {chapter.id for chapter in guide().chapters if not 5 <= len(chapter.steps) <= 8} == set()


async def test_pdf_has_every_chapter_as_text_in_letters_it_carries(officer: Guest) -> None:
    answer = await officer.get("/huong-dan.pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    words = " ".join(" ".join(page.extract_text() for page in reader.pages).split())

    assert answer.headers["content-type"] == "application/pdf"
    assert [chapter.title for chapter in guide().chapters if chapter.title not in words] == []
    assert sum(len(page.images) for page in reader.pages) == len(WITH_PICTURES)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in _descriptor(font.get_object())


def _descriptor(font: dict[str, object]) -> object:
    """Where a font of a PDF keeps its file."""
    return font["/FontDescriptor"]
