"""The booklet as one HTML file: style and typeface inside, no script, no address but the official links."""

import base64
from collections.abc import Iterable
from html import escape
from pathlib import Path

from faq.booklet.chapters import TITLE, WARNING, Block, Booklet, Chapter, Item

HERE = Path(__file__).parent
FONTS = {400: HERE / "fonts/BeVietnamPro-Regular.ttf", 600: HERE / "fonts/BeVietnamPro-SemiBold.ttf"}
SAFE = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
"""Even if a text were markup, a browser would fetch and run nothing."""


def html(made: Booklet) -> str:
    """Return the whole file."""
    parts = (_cover(made), _contents(made), *(_chapter(c, made) for c in made.chapters), _index(made))
    return (
        '<!doctype html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{SAFE}">\n'
        f"<title>{escape(f'{TITLE} · {made.town} · {made.printed_on}')}</title>\n<style>\n{_style()}</style>\n</head>\n"
        f"<body>\n{''.join(parts)}</body>\n</html>\n"
    )


def _style() -> str:
    return "".join(map(_font, FONTS)) + (HERE / "booklet.css").read_text("utf-8")


def _font(weight: int) -> str:
    data = base64.b64encode(FONTS[weight].read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "Be Vietnam Pro"; font-weight: {weight}; '
        f'src: url("data:font/ttf;base64,{data}") format("truetype"); }}\n'
    )


def _cover(made: Booklet) -> str:
    changes = f"<h2>Những ngày quy định sẽ đổi</h2>\n{_list('ul', made.changes)}" if made.changes else ""
    return (
        f"<header>\n<p>{escape(made.police)}</p>\n<h1>{escape(TITLE)}</h1>\n<p>{escape(f'Sổ tay {made.town}')}</p>\n"
        f"<p><strong>{escape(WARNING)}</strong> In theo nội dung ngày {made.printed_on}.</p>\n"
        f"{_paragraphs(made.preface)}{changes}</header>\n"
    )


def _contents(made: Booklet) -> str:
    chapters = "".join(
        f'<li><a href="#{escape(chapter.id)}">{escape(chapter.title)}</a></li>\n' for chapter in made.chapters
    )
    last = '<li><a href="#tra-cuu">Tra theo câu hỏi</a></li>\n'
    return f'<nav aria-label="Mục lục">\n<h2>Mục lục</h2>\n<ol>\n{chapters}{last}</ol>\n</nav>\n'


def _chapter(chapter: Chapter, made: Booklet) -> str:
    numbers = _numbers(made) if chapter is made.chapters[0] else ""
    items = "".join(map(_item, chapter.items))
    return (
        f'<section id="{escape(chapter.id)}">\n<h2>{escape(chapter.title)}</h2>\n{numbers}{items}'
        f"{_paragraphs(chapter.over)}</section>\n"
    )


def _numbers(made: Booklet) -> str:
    lines = "".join(
        f"<dt>{escape(hotline.number)}</dt><dd>{escape(hotline.purpose)}</dd>\n" for hotline in made.hotlines
    )
    return f'<dl class="numbers">\n{lines}</dl>\n{_paragraphs(made.places)}'


def _item(item: Item) -> str:
    return (
        f'<article id="{escape(item.key)}">\n<h3>{escape(item.question)}</h3>\n'
        f'<p class="short">{escape(item.short)}</p>\n'
        f'{"".join(map(_block, item.blocks))}{_links(item)}<div class="small">{_paragraphs(item.small_print)}</div>\n'
        "</article>\n"
    )


def _block(block: Block) -> str:
    title = f"<strong>{escape(block.title)}</strong>"
    if block.single:
        return f"<p>{title}: {escape(block.lines[0])}</p>\n"
    return f"<p>{title}</p>\n{_list('ol' if block.numbered else 'ul', block.lines)}"


def _links(item: Item) -> str:
    links = (
        f'<p>{escape(link.title)}: <a href="{escape(link.url)}" rel="noopener noreferrer">{escape(link.url)}</a></p>\n'
        for link in item.links
    )
    return "".join(links)


def _index(made: Booklet) -> str:
    lines = "".join(
        f'<li><a href="#{escape(item.key)}">{escape(item.question)}</a></li>\n' for item in made.by_question
    )
    return f'<section id="tra-cuu">\n<h2>Tra theo câu hỏi</h2>\n<ul class="index">\n{lines}</ul>\n</section>\n'


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>\n" for text in texts)


def _list(tag: str, lines: Iterable[str]) -> str:
    return f"<{tag}>\n{''.join(f'<li>{escape(line)}</li>{chr(10)}' for line in lines)}</{tag}>\n"
