"""The pieces that a report is made of: DOCX, PDF and XLSX each know how to set them. No piece knows a file format."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stats.figures import day, percent, whole


class Share(float):
    """A share of 1, written as a percentage."""


class Mean(float):
    """A mean of counts, written with one decimal."""


class Mark(str):
    """What stands in the place of a number."""

    __slots__ = ()


Value = str | int | Share | Mean | dt.date | None
NOTHING = "–"
BLANK = "……"
"""To be filled in by hand."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `note` is set smaller."""

    text: str
    note: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; paper shows its first rows if there are many, the workbook all."""

    id: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    widths: tuple[float, ...]
    """Of the columns, in parts of the whole."""
    printed: int | None = None
    note: str = ""

    @property
    def on_paper(self) -> tuple[tuple[Value, ...], ...]:
        """The rows that paper shows."""
        return self.rows[: self.printed]

    @property
    def left_out(self) -> int:
        """How many rows paper does not show."""
        return len(self.rows) - len(self.on_paper)


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with what it says in words; its size in millimetres."""

    png: bytes
    caption: str
    alt: str
    width: float
    height: float


Block = Heading | Text | Items | Table | Picture


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the report, under the name by which the Word template places it."""

    name: str
    blocks: tuple[Block, ...]


def written(value: Value) -> str:
    """Return a value as people in Việt Nam write it."""
    match value:
        case None:
            return NOTHING
        case Share():
            return percent(value)
        case Mean():
            whole_part, _, decimals = f"{value:.1f}".partition(".")
            return f"{whole(int(whole_part))},{decimals}"
        case int():
            return whole(value)
        case dt.date():
            return day(value)
        case _:
            return str(value)


def is_number(value: Value) -> bool:
    """Whether a value stands in a column as a number does: at its right."""
    return isinstance(value, Mark) or not isinstance(value, str)


def is_centred(value: Value) -> bool:
    """Whether a value stands in the middle of its column: a day does, and where there is none."""
    return value is None or isinstance(value, dt.date) or value in {NOTHING, BLANK}


def unbroken(text: str) -> str:
    """Return a text in which no line begins with a percent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", text)


def tables(parts: Sequence[Part]) -> tuple[Table, ...]:
    """Return all tables in their order."""
    return tuple(block for part in parts for block in part.blocks if isinstance(block, Table))
