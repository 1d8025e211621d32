"""Charts of the report: black, greys and labels, so that they survive any printer; each says in words what it shows."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from PIL import Image

import faq.booklet
from stats.figures import day, whole
from stats.published import Listing, Published, Row
from stats.reports.blocks import Picture
from stats.spans import A_DAY

DPI = 200
FONT = "Be Vietnam Pro"
DARK, PALE, INK = "#333333", "#d9d9d9", "#000000"
WIDTH = 430
"""Points, without the axis."""
WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
MOST_TOPICS = 10
LONGEST_LABEL = 30
POINTS_A_MM = 72 / 25.4
_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}


def days_chart(said: Published) -> Picture | None:
    """Draw the questions of each day."""
    rows = said.tables["day"].rows
    if not any(row.count for row in rows):
        return None
    free = {holiday.day.isoformat(): holiday.name for holiday in said.holidays}
    data = [
        {"day": _day_label(row.key, free), "count": row.count or 0, "label": row.mark or whole(row.count or 0)}
        for row in rows
    ]
    order = [_day_label(row.key, free) for row in rows]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("day:N", sort=order, title=None, axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')"))
    )
    bars = base.mark_bar(color=DARK).encode(y=alt.Y("count:Q", title="Số câu hỏi", axis=alt.Axis(tickMinStep=1)))
    labels = base.mark_text(dy=-7, color=INK).encode(y="count:Q", text="label:N")
    told = ", ".join(
        f"{_day_label(row.key, {}).replace('|', ' ')}: {row.mark or whole(row.count or 0)}" for row in rows
    )
    return _picture(bars + labels, 150, "Biểu đồ 1. Số câu hỏi từng ngày", f"Số câu hỏi từng ngày. {told}.")


def _day_label(key: str, free: Mapping[str, str]) -> str:
    date = dt.date.fromisoformat(key)
    return f"{WEEKDAYS[date.weekday()]}|{date:%d/%m}" + (f"|({free[key]})" if key in free else "")


def topics_chart(said: Published) -> Picture | None:
    """Draw the most asked topics, this week beside the last."""
    rows = [row for row in said.tables["topic"].rows if row.count][:MOST_TOPICS]
    if not rows:
        return None
    data = [bar for row in rows for bar in _bars(row)]
    order = [_short(row.title) for row in rows]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("topic:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)),
        yOffset=alt.YOffset("week:N", sort=["Tuần này", "Tuần trước"]),
        x=alt.X("count:Q", title="Số câu hỏi", axis=alt.Axis(tickMinStep=1)),
    )
    bars = base.mark_bar(stroke=INK, strokeWidth=0.7).encode(
        fill=alt.Fill(
            "week:N",
            scale=alt.Scale(domain=["Tuần này", "Tuần trước"], range=[DARK, "#ffffff"]),
            legend=alt.Legend(
                title=None, orient="top", symbolStrokeColor=INK, symbolStrokeWidth=0.7, symbolType="square"
            ),
        )
    )
    labels = base.mark_text(align="left", dx=4, fontSize=9, color=INK).encode(text="label:N")
    told = "; ".join(f"{row.title}: {whole(row.count or 0)} câu{_last(row)}" for row in rows)
    return _picture(
        bars + labels,
        24 * len(rows),
        "Biểu đồ 2. Chủ đề được hỏi nhiều, so với tuần trước",
        f"Số câu hỏi theo chủ đề. {told}.",
        width=WIDTH - 150,
    )


def _bars(row: Row) -> list[dict[str, Any]]:
    topic = _short(row.title)
    last = "" if row.last is None else whole(row.last)
    return [
        {"topic": topic, "week": "Tuần này", "count": row.count, "label": whole(row.count or 0)},
        {"topic": topic, "week": "Tuần trước", "count": row.last or 0, "label": last},
    ]


def _last(row: Row) -> str:
    return "" if row.last is None else f" (tuần trước {whole(row.last)})"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def hours_chart(said: Published) -> Picture | None:
    """Draw when people ask: the darker, the more; numbers stand in the squares."""
    most = max((count or 0 for count in said.hours.values()), default=0)
    if not most:
        return None
    data = [
        {
            "day": WEEKDAYS[weekday],
            "hour": f"{hour:02}",
            "count": count or 0,
            "label": "•" if count is None else whole(count) if count else "",
        }
        for (weekday, hour), count in said.hours.items()
    ]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("hour:O", title="Giờ trong ngày", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("day:O", sort=list(WEEKDAYS), title=None),
    )
    squares = base.mark_rect(stroke="#ffffff").encode(
        fill=alt.Fill("count:Q", scale=alt.Scale(range=["#ffffff", DARK], domain=[0, most]), legend=None)
    )
    labels = base.mark_text(fontSize=7).encode(
        text="label:N",
        color=alt.condition(alt.datum.count > most / 2, alt.value("#ffffff"), alt.value(INK)),
    )
    busiest = max(said.hours, key=lambda at: said.hours[at] or 0)
    return _picture(
        squares + labels,
        150,
        f"Biểu đồ 3. Số câu hỏi theo giờ và thứ (• là dưới {said.week.fewest} người hỏi hoặc không nêu)",
        f"Số câu hỏi theo giờ và thứ. Đông nhất: {WEEKDAYS[busiest[0]]}, từ {busiest[1]} giờ, {whole(most)} câu.",
    )


def _picture(chart: alt.LayerChart, height: int, caption: str, alt_text: str, *, width: int = WIDTH) -> Picture:
    spec = chart.properties(width=width, height=height).configure(font=FONT, background="white")
    drawn = spec.configure_axis(
        labelColor=INK, titleColor=INK, domainColor=INK, tickColor=INK, gridColor=PALE, labelFontSize=9, titleFontSize=9
    ).configure_view(stroke=None)
    _register()
    png = vl_convert.vegalite_to_png(drawn.to_dict(), ppi=DPI, scale=1, format_locale=_FORMAT)
    pixels = Image.open(io.BytesIO(png)).size
    return Picture(png, caption, alt_text, *(side / DPI * 25.4 for side in pixels))


@cache
def _register() -> None:
    vl_convert.register_font_directory(str(Path(faq.booklet.__file__).parent / "fonts"))


def week_days(said: Published) -> Sequence[tuple[str, str]]:
    """Return each day of the week with its name."""
    days = (said.monday + A_DAY * number for number in range(7))
    return tuple((WEEKDAYS[one.weekday()], day(one)) for one in days)


def busiest(listing: Listing) -> Row | None:
    """Return the row with the most questions."""
    return max((row for row in listing.rows if row.count), key=lambda row: row.count or 0, default=None)
