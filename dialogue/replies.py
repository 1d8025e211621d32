"""A reply as every door can show it: HTML of Telegram's small kind, and rows of buttons."""

import html
import re
from dataclasses import dataclass
from enum import StrEnum

from stats.questions import Asked

_TAG = re.compile(r"<[^>]+>")
LONGEST_CALLBACK = 64
"""Bytes that Telegram allows a button to carry."""


class Press(StrEnum):
    """What a button asks for; the first letter of what it carries."""

    ENTRY = "e"
    DETAILS = "d"
    TOPIC = "t"
    MENU = "m"
    LANGUAGE = "l"


@dataclass(frozen=True, slots=True)
class Button:
    """A button that either opens an official page or asks for something."""

    label: str
    press: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        if (self.press is None) == (self.url is None):
            raise ValueError("a button either presses or opens")
        if self.press is not None and len(self.press.encode()) > LONGEST_CALLBACK:
            raise ValueError(f"a button carries too much: {self.press}")


def press(kind: Press, *values: str) -> str:
    """Return what a button carries."""
    return ":".join((kind, *values))


@dataclass(frozen=True, slots=True)
class Reply:
    """What is shown to the citizen."""

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()

    @property
    def text(self) -> str:
        """The reply without markup, for terminals and for reading aloud."""
        return html.unescape(_TAG.sub("", self.html))


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply and the record of the question it answers; a turn that is not counted has no record."""

    reply: Reply
    asked: Asked | None


def bold(text: str) -> str:
    """Return `text`, escaped, in bold."""
    return f"<b>{escape(text)}</b>"


def small(text: str) -> str:
    """Return `text`, escaped, as small print."""
    return f"<i>{escape(text)}</i>"


def escape(text: str) -> str:
    """Return `text` with the three characters that HTML would read as markup written out."""
    return html.escape(text, quote=False)
