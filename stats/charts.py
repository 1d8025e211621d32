"""Charts for reports and Telegram, one definition each: black, greys and labels survive any printer.

Each says in words what it shows; the table beside it holds the numbers. Pages draw the same bars (`stats.bars`): this
way takes a quarter of a second for each chart that was not drawn yet.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import altair as alt
import vl_convert

import faq.booklet
from stats.figures import whole

DPI: Final = 200
FONT: Final = "Be Vietnam Pro"
DARK, PALE, INK = "#333333", "#d9d9d9", "#000000"
WIDTH: Final = 430
"""Points, without the axis."""
WEEKDAYS: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")
NOW, BEFORE = "Tuần này", "Tuần trước"
MOST_TOPICS: Final = 10
LONGEST_LABEL: Final = 30
FEW_BARS: Final = 14
"""So many can each have its number and its weekday."""
DRAWN: Final = 256
FORMAT: Final = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " ₫"]}


class Asked(Protocol):
    """A row of a table: how many questions, now and before; none where it is hidden."""

    @property
    def title(self) -> str:
        """What was asked."""

    @property
    def count(self) -> int | None:
        """How often."""

    @property
    def last(self) -> int | None:
        """How often before."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A day, or the week that begins with it."""

    day: dt.date
    count: int | None
    mark: str = ""
    holiday: str = ""

    @property
    def number(self) -> str:
        """Its number as it is written."""
        return self.mark or whole(self.count or 0)


@dataclass(frozen=True)
class Drawing:
    """A chart: its definition, and what it says in words."""

    chart: alt.LayerChart
    told: str
    height: int
    width: int = WIDTH

    def titled(self, title: str, note: str = "") -> "Drawing":
        """Return it with words above it, for where it stands alone."""
        return replace(self, chart=self.chart.properties(title=alt.TitleParams(title, subtitle=note, anchor="start")))

    def svg(self) -> str:
        """Return it as SVG."""
        return _svg(self._finished().to_json(indent=None))

    def png(self, *, scale: float = 1.0) -> bytes:
        """Return it as PNG, for paper at `DPI`."""
        register_fonts()
        return vl_convert.vegalite_to_png(self._finished().to_dict(), ppi=DPI, scale=scale, format_locale=FORMAT)

    def _finished(self) -> Any:
        spec = self.chart.properties(width=self.width, height=self.height).configure(font=FONT, background="white")
        axes = {"labelColor": INK, "titleColor": INK, "domainColor": INK, "tickColor": INK, "gridColor": PALE}
        return spec.configure_axis(**axes, labelFontSize=9, titleFontSize=9).configure_view(stroke=None)


@cache
def register_fonts() -> None:
    """Let charts be written in the letters that are shipped."""
    vl_convert.register_font_directory(str(Path(faq.booklet.__file__).parent / "fonts"))


@lru_cache(DRAWN)
def _svg(spec: str) -> str:
    register_fonts()
    return vl_convert.vegalite_to_svg(spec, format_locale=FORMAT)


def days_chart(bars: Sequence[Bar], *, weekly: bool = False) -> Drawing | None:
    """Draw the questions of each day or week."""
    if not any(bar.count for bar in bars):
        return None
    few = len(bars) <= FEW_BARS and not weekly
    names = [_label(bar, few=few) for bar in bars]
    data = [{"day": name, "count": bar.count or 0, "label": bar.number} for name, bar in zip(names, bars, strict=True)]
    axis = alt.Axis(labelAngle=0, labelExpr="split(datum.label, '|')", labelOverlap=True)
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("day:N", sort=names, title="Tuần từ ngày" if weekly else None, axis=axis),
        tooltip=alt.Tooltip("label:N"),
    )
    bars_drawn = base.mark_bar(color=DARK).encode(y=alt.Y("count:Q", title="Số câu hỏi", axis=alt.Axis(tickMinStep=1)))
    labels = base.mark_text(dy=-7, color=INK, fontSize=9).encode(y="count:Q", text="label:N")
    told = days_in_words(bars, weekly=weekly)
    return Drawing(alt.LayerChart(layer=[bars_drawn, labels]) if few else alt.LayerChart(layer=[bars_drawn]), told, 150)


def days_in_words(bars: Sequence[Bar], *, weekly: bool = False) -> str:
    """Return what the chart of days says."""
    told = ", ".join(f"{_label(bar, few=not weekly).replace('|', ' ')}: {bar.number}" for bar in bars)
    return f"Số câu hỏi {'từng tuần' if weekly else 'từng ngày'}. {told}."


def _label(bar: Bar, *, few: bool) -> str:
    if not few:
        return f"{bar.day:%d/%m/%y}" + (" *" if bar.holiday else "")
    return f"{WEEKDAYS[bar.day.weekday()]}|{bar.day:%d/%m}" + (f"|({bar.holiday})" if bar.holiday else "")


def topics_chart(rows: Sequence[Asked], *, now: str = NOW, before: str = BEFORE) -> Drawing | None:
    """Draw what was asked most, now beside before."""
    shown = [row for row in rows if row.count][:MOST_TOPICS]
    if not shown:
        return None
    data = [bar for row in shown for bar in _pair(row, now, before)]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("topic:N", sort=[_short(row.title) for row in shown], title=None, axis=alt.Axis(labelLimit=200)),
        yOffset=alt.YOffset("when:N", sort=[now, before]),
        x=alt.X("count:Q", title="Số câu hỏi", axis=alt.Axis(tickMinStep=1)),
    )
    legend = alt.Legend(title=None, orient="top", symbolStrokeColor=INK, symbolStrokeWidth=0.7, symbolType="square")
    fill = alt.Fill("when:N", scale=alt.Scale(domain=[now, before], range=[DARK, "#ffffff"]), legend=legend)
    bars = base.mark_bar(stroke=INK, strokeWidth=0.7).encode(fill=fill)
    labels = base.mark_text(align="left", dx=4, fontSize=9, color=INK).encode(text="label:N")
    told = "; ".join(f"{row.title}: {whole(row.count or 0)} câu{_last(row, before)}" for row in shown)
    return Drawing(
        alt.LayerChart(layer=[bars, labels]), f"Số câu hỏi theo chủ đề. {told}.", 24 * len(shown), WIDTH - 150
    )


def _pair(row: Asked, now: str, before: str) -> list[dict[str, Any]]:
    topic = _short(row.title)
    last = "" if row.last is None else whole(row.last)
    return [
        {"topic": topic, "when": now, "count": row.count, "label": whole(row.count or 0)},
        {"topic": topic, "when": before, "count": row.last or 0, "label": last},
    ]


def _last(row: Asked, before: str) -> str:
    return "" if row.last is None else f" ({before.lower()} {whole(row.last)})"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def hours_chart(hours: Mapping[tuple[int, int], int | None]) -> Drawing | None:
    """Draw when people ask: the darker, the more; numbers stand in the squares."""
    most = max((count or 0 for count in hours.values()), default=0)
    if not most:
        return None
    data = [
        {
            "day": WEEKDAYS[weekday],
            "hour": f"{hour:02}",
            "count": count or 0,
            "label": "•" if count is None else whole(count) if count else "",
        }
        for (weekday, hour), count in hours.items()
    ]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        x=alt.X("hour:O", title="Giờ trong ngày", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("day:O", sort=list(WEEKDAYS), title=None),
    )
    squares = base.mark_rect(stroke="#ffffff").encode(
        fill=alt.Fill("count:Q", scale=alt.Scale(range=["#ffffff", DARK], domain=[0, most]), legend=None)
    )
    color = alt.condition(alt.datum.count > most / 2, alt.value("#ffffff"), alt.value(INK))
    labels = base.mark_text(fontSize=7).encode(text="label:N", color=color)
    busiest = max(hours, key=lambda at: hours[at] or 0)
    told = f"Đông nhất: {WEEKDAYS[busiest[0]]}, từ {busiest[1]} giờ, {whole(most)} câu."
    return Drawing(alt.LayerChart(layer=[squares, labels]), f"Số câu hỏi theo giờ và thứ. {told}", 150)
