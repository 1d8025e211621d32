"""A reply as every door can show it: HTML of Telegram's small kind, and rows of buttons."""

import html
import re
from dataclasses import dataclass, field
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
    GROUP = "g"
    """What a topic has about one aspect: `g:<topic>:<aspect>:<page>`."""
    MENU = "m"
    LANGUAGE = "l"
    VISITS = "w"
    """The services that can be prepared for; of one topic: `w:<topic>`."""
    VISIT = "v"
    """A list to prepare a visit, with the choices made so far, a digit each: `v:<visit>:<digits>`."""
    STEP = "s"
    """One step of an answer: `s:<number>:<key>`."""
    REPEAT = "r"
    """The same step once more, as a message of its own."""
    HELPER = "h"
    """Whom to call for help, from an answer: `h:<key>`."""
    MODE = "o"
    HELPFUL = "y"
    NOT_HELPFUL = "n"
    """`n:<key>` asks why; `n:<number of the reason>:<key>` says it."""
    NEXT_PERSON = "x"
    CARD = "c"
    KEPT = "k"
    """A page of what is kept about somebody: `k:<page>`."""
    FORGET = "f"
    CANCEL = "q"
    WEEKLY = "b"
    """The latest weekly report, for staff."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button that asks for something, opens an official page, or passes something on to somebody else.

    `share` is what Telegram's inline mode is asked for in the chat that the citizen chooses; other doors leave it out.
    """

    label: str
    press: str | None = None
    url: str | None = None
    share: str | None = None

    def __post_init__(self) -> None:
        if sum(what is not None for what in (self.press, self.url, self.share)) != 1:
            raise ValueError("a button either presses, opens or shares")
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
class Enclosed:
    """A file that goes with a reply; a picture is shown."""

    name: str
    content: bytes = field(repr=False)
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply and the record of the question it answers; a turn that is not counted has no record.

    `offered` are the commands, besides everybody's, that a door is to offer in this chat from now on; none changes
    nothing. Of a pressed button: `anew` says that the reply is a message of its own rather than taking the place of the
    one that had the button; with a `toast` that one stays as it is, where a door can show such a short note instead.
    """

    reply: Reply
    asked: Asked | None = None
    anew: bool = False
    toast: str | None = None
    enclosed: tuple[Enclosed, ...] = ()
    offered: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that can be passed on in any chat; `id` is at most 64 bytes."""

    id: str
    title: str
    description: str
    reply: Reply


def bold(text: str) -> str:
    """Return `text`, escaped, in bold."""
    return f"<b>{escape(text)}</b>"


def small(text: str) -> str:
    """Return `text`, escaped, as small print."""
    return f"<i>{escape(text)}</i>"


def escape(text: str) -> str:
    """Return `text` with the three characters that HTML would read as markup written out."""
    return html.escape(text, quote=False)
