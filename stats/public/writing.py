"""The public page as HTML: one file with nothing outside of it, to be put on any site."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from stats.bars import draw
from stats.charts import days_in_words
from stats.comparing import WORDS, Change
from stats.definitions import LEFT_OUT, METRICS
from stats.figures import day, percent, whole
from stats.public.content import COUNTED, Page
from stats.published import HIDDEN_MARK, Line, Row
from stats.reports.blocks import NOTHING
from stats.suppressing import small_mark

HERE: Final = Path(__file__).parent


@cache
def style() -> str:
    """Return the page's style, as it stands in it."""
    return (HERE / "page.css").read_text("utf-8")


@cache
def content_security() -> str:
    """Return what a browser may do with the page: show it in its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def html(said: Page) -> bytes:
    """Return the page."""
    bars = said.bars
    values = {
        "said": said,
        "style": Markup(style()),  # noqa: S704 - our own file
        "security": Markup(content_security()),  # noqa: S704 - quotes of our own
        "place": said.names.words.get("phuong", ""),
        "office": said.names.words.get("co-quan") or said.names.words.get("cong-an") or "",
        "chart": draw(bars),
        "chart_words": days_in_words(bars, weekly=True),
        "metrics": [METRICS[ident] for ident in COUNTED],
        "left_out": LEFT_OUT,
        "small": small_mark(said.fewest),
        "hidden": HIDDEN_MARK,
    }
    return _template().render(values).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for written in (day, whole, percent, short, number, value, share, change):
        environment.filters[written.__name__] = written
    return environment.get_template("page.html")


def short(row_day: object) -> str:
    """Write a date as `22/11`."""
    return f"{row_day:%d/%m}"


def number(row: Row) -> str:
    """Write a row's number, or the mark that stands for it."""
    return row.mark if row.count is None else whole(row.count)


def value(line: Line) -> str:
    """Write a figure, or the mark that stands for it."""
    if line.value is None:
        return line.mark
    return percent(line.value) if line.is_share else whole(round(line.value))


def share(row: Row) -> str:
    """Write a row's share."""
    return NOTHING if row.share is None else percent(row.share)


def change(row: Row) -> str:
    """Write how a row stands to the weeks before."""
    return NOTHING if row.change_to_mean == Change.UNKNOWN else WORDS[row.change_to_mean]
