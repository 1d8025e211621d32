"""Charts from one definition each, as pictures."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert

import faq.booklet

FONT = "Be Vietnam Pro"
FONTS = Path(faq.booklet.__file__).parent / "fonts"
WIDTH, HEIGHT, SCALE = 720, 320, 2.0
DARK, LIGHT = "#0b4a43", "#9fc4bd"
SATURDAY = 5
LABELS = 7


@cache
def know_fonts() -> None:
    """Let pictures be written in our letters."""
    vl_convert.register_font_directory(str(FONTS))


def days_png(questions: Mapping[dt.date, int], note: str = "") -> bytes:
    """Return a picture of the questions of each day; weekends are paler."""
    know_fonts()
    return vl_convert.vegalite_to_png(_days(questions, note), scale=SCALE)


def _days(questions: Mapping[dt.date, int], note: str) -> dict[str, Any]:
    names = {day: f"{day:%d/%m}" for day in questions}
    rows = [
        {"day": names[day], "questions": count, "weekend": day.weekday() >= SATURDAY}
        for day, count in questions.items()
    ]
    shown = list(names.values())[:: max(1, len(rows) // LABELS)]
    return {
        "data": {"values": rows},
        "mark": "bar",
        "width": WIDTH,
        "height": HEIGHT,
        "title": {
            "text": f"Câu hỏi mỗi ngày, {min(questions):%d/%m/%Y} – {max(questions):%d/%m/%Y}",
            "subtitle": f"Cột nhạt: thứ bảy, chủ nhật. {note}",
            "anchor": "start",
        },
        "encoding": {
            "x": {
                "field": "day",
                "type": "nominal",
                "sort": None,
                "axis": {"title": None, "values": shown, "labelAngle": 0},
            },
            "y": {"field": "questions", "type": "quantitative", "axis": {"title": "Câu hỏi", "tickMinStep": 1}},
            "color": {"condition": {"test": "datum.weekend", "value": LIGHT}, "value": DARK},
        },
        "config": {"font": FONT, "background": "white"},
    }
