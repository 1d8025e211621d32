"""Write the booklet into a folder."""

import datetime as dt
from pathlib import Path

from faq.booklet.chapters import booklet
from faq.booklet.page import html
from faq.booklet.paper import pdf
from faq.entries import Faq

NAME = "so-tay-dich-vu-cong"


def write(faq: Faq, day: dt.date, folder: Path) -> tuple[Path, ...]:
    """Write `faq`, as it reads on `day`, as a PDF and as an HTML file; return their paths."""
    made = booklet(faq, day)
    folder.mkdir(parents=True, exist_ok=True)
    on_paper, on_a_stick = folder / f"{NAME}.pdf", folder / f"{NAME}.html"
    on_paper.write_bytes(pdf(made))
    on_a_stick.write_text(html(made), encoding="utf-8")
    return on_paper, on_a_stick
