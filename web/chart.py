"""A bar chart as numbers: where each bar stands. The template draws it as SVG; nothing here knows of HTML."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 200.0
TOP, BOTTOM, LEFT, RIGHT = 14.0, 24.0, 34.0, 6.0
NARROW, WIDE = 360.0, 760.0
FEW, MOST_BARS = 10, 62
MOST_LABELS = {NARROW: 7, WIDE: 12}
WEEK = 7


@dataclass(frozen=True, slots=True)
class Count:
    """How many there were from `first` to `last`, both included."""

    first: dt.date
    last: dt.date
    count: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; a labelled one has its day below it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    labelled: bool
    value: Count


@dataclass(frozen=True, slots=True)
class Line:
    """A level with its number at the left."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw."""

    width: float
    height: float
    floor: float
    left: float
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    weekly: bool

    @property
    def wide(self) -> bool:
        """Whether a small screen has to scroll it sideways."""
        return self.width > NARROW


def draw(days: Sequence[tuple[dt.date, int]]) -> Chart:
    """Return the chart of counts by day; by week if there are too many days."""
    weekly = len(days) > MOST_BARS
    counts = by_week(days) if weekly else tuple(Count(day, day, count) for day, count in days)
    width = NARROW if len(counts) <= FEW else WIDE
    levels = _levels(max((c.count for c in counts), default=0))
    floor = HEIGHT - BOTTOM
    lines = tuple(Line(round(floor - _rise(level, levels[-1]), 1), level) for level in levels)
    return Chart(width, HEIGHT, floor, LEFT, _bars(counts, width, levels[-1]), lines, weekly)


def by_week(days: Sequence[tuple[dt.date, int]]) -> tuple[Count, ...]:
    """Return counts of each seven days from the first one on."""
    weeks = (days[start : start + WEEK] for start in range(0, len(days), WEEK))
    return tuple(Count(week[0][0], week[-1][0], sum(count for _, count in week)) for week in weeks)


def _bars(counts: Sequence[Count], width: float, top: int) -> tuple[Bar, ...]:
    step = (width - LEFT - RIGHT) / max(len(counts), 1)
    every = math.ceil(len(counts) / MOST_LABELS[width]) or 1
    return tuple(
        Bar(
            x=round(LEFT + step * (i + 0.15), 1),
            y=round(HEIGHT - BOTTOM - _rise(c.count, top), 1),
            width=round(step * 0.7, 1),
            height=round(_rise(c.count, top), 1),
            middle=round(LEFT + step * (i + 0.5), 1),
            labelled=i % every == 0,
            value=c,
        )
        for i, c in enumerate(counts)
    )


def _rise(count: int, top: int) -> float:
    return (HEIGHT - TOP - BOTTOM) * count / top


def _levels(most: int) -> tuple[int, ...]:
    """Return round numbers from 0 to at least `most`, about four of them."""
    rough = max(most, 1) / 4
    size = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(size * factor) for factor in (1, 2, 5, 10) if size * factor >= rough)
    return tuple(range(0, step * math.ceil(max(most, 1) / step) + 1, step))
