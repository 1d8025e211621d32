"""Charts of the report, with their captions; `stats.charts` draws them."""

import io

from PIL import Image

from stats import charts
from stats.charts import DPI, Bar, Drawing
from stats.published import Listing, Published, Row
from stats.reports.blocks import Picture
from stats.spans import A_DAY

MILLIMETRES = 25.4
"""In an inch."""


def days_chart(said: Published) -> Picture | None:
    """Draw the questions of each day."""
    free = {holiday.day: holiday.name for holiday in said.holidays}
    dates = (said.monday + A_DAY * number for number in range(7))
    bars = [
        Bar(date, row.count, row.mark, free.get(date, ""))
        for date, row in zip(dates, said.tables["day"].rows, strict=True)
    ]
    return _picture(charts.days_chart(bars), "Biểu đồ 1. Số câu hỏi từng ngày")


def topics_chart(said: Published) -> Picture | None:
    """Draw the most asked topics, this week beside the last."""
    drawing = charts.topics_chart(said.tables["topic"].rows)
    return _picture(drawing, "Biểu đồ 2. Chủ đề được hỏi nhiều, so với tuần trước")


def hours_chart(said: Published) -> Picture | None:
    """Draw when people ask."""
    few = f"(• là dưới {said.week.fewest} người hỏi hoặc không nêu)"
    return _picture(charts.hours_chart(said.hours), f"Biểu đồ 3. Số câu hỏi theo giờ và thứ {few}")


def _picture(drawing: Drawing | None, caption: str) -> Picture | None:
    if drawing is None:
        return None
    png = drawing.png()
    pixels = Image.open(io.BytesIO(png)).size
    return Picture(png, caption, drawing.told, *(side / DPI * MILLIMETRES for side in pixels))


def busiest(listing: Listing) -> Row | None:
    """Return the row with the most questions."""
    return max((row for row in listing.rows if row.count), key=lambda row: row.count or 0, default=None)
