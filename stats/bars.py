"""A bar chart as numbers: where each bar stands. Templates draw it as SVG; nothing here knows of HTML.

The bars are those of `stats.charts`; drawing them there takes longer than a page may.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stats.charts import Bar

HEIGHT = 200.0
TOP, BOTTOM, LEFT, RIGHT = 18.0, 24.0, 40.0, 6.0
NARROW, WIDE = 360.0, 760.0
FEW = 10
MOST_LABELS = {NARROW: 7, WIDE: 12}
MOST_NUMBERS = 31
"""So many bars have their number above them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One bar; a labelled one has its day below it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    labelled: bool
    value: Bar


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
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def wide(self) -> bool:
        """Whether a small screen has to scroll it sideways."""
        return self.width > NARROW

    @property
    def numbered(self) -> bool:
        """Whether there is room for the numbers."""
        return len(self.columns) <= MOST_NUMBERS


def draw(bars: Sequence[Bar]) -> Chart:
    """Return the chart of some bars."""
    width = NARROW if len(bars) <= FEW else WIDE
    levels = _levels(max((bar.count or 0 for bar in bars), default=0))
    floor = HEIGHT - BOTTOM
    lines = tuple(Line(round(floor - _rise(level, levels[-1]), 1), level) for level in levels)
    return Chart(width, HEIGHT, floor, LEFT, _columns(bars, width, levels[-1]), lines)


def _columns(bars: Sequence[Bar], width: float, top: int) -> tuple[Column, ...]:
    step = (width - LEFT - RIGHT) / max(len(bars), 1)
    every = math.ceil(len(bars) / MOST_LABELS[width]) or 1
    return tuple(
        Column(
            x=round(LEFT + step * (at + 0.15), 1),
            y=round(HEIGHT - BOTTOM - _rise(bar.count or 0, top), 1),
            width=round(step * 0.7, 1),
            height=round(_rise(bar.count or 0, top), 1),
            middle=round(LEFT + step * (at + 0.5), 1),
            labelled=at % every == 0,
            value=bar,
        )
        for at, bar in enumerate(bars)
    )


def _rise(count: int, top: int) -> float:
    return (HEIGHT - TOP - BOTTOM) * count / top


def _levels(most: int) -> tuple[int, ...]:
    """Return round numbers from 0 to at least `most`, about four of them."""
    rough = max(most, 1) / 4
    size = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(size * factor) for factor in (1, 2, 5, 10) if size * factor >= rough)
    return tuple(range(0, step * math.ceil(max(most, 1) / step) + 1, step))
