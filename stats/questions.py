"""What a citizen asked, masked, with its ending: the row in the database and what the dialogue hands over."""

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import JSON, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base
from stats.endings import Ending

Channel = Literal["telegram", "web", "test"]
InputKind = Literal["text", "button", "command", "other"]
TEST_CHANNEL = "test"


HAS_WORDS = text("questions.text <> ''")
"""Whether a question still has its words. Written out, for a value that is bound keeps its index from being used."""


def new_id() -> str:
    """Return a fresh id; made by the caller, so that writing a question twice leaves one."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One message of a citizen and how it ended. The text is already masked."""

    id: str
    asked_at: AwareDatetime
    channel: Channel
    text: str
    ending: Ending
    person: str | None = None
    kind: InputKind = "text"
    entry: str | None = None
    topic: str | None = None
    aspect: str | None = None
    offered: tuple[str, ...] = ()
    confidence: float | None = None
    release: str | None = None
    milliseconds: int = 0
    campaign: str | None = None
    masked_kinds: tuple[str, ...] = ()
    language: str = "vi"

    def as_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON data."""
        return {**dataclasses.asdict(self), "asked_at": self.asked_at.astimezone(dt.UTC).isoformat()}


_ASKED: TypeAdapter[Asked] = TypeAdapter(Asked)


def from_json(line: bytes) -> Asked:
    """Return what `as_json` gave; raise ValueError if the line is something else."""
    return _ASKED.validate_json(line)


_OPENING = "kind = 'command' AND person IS NULL AND campaign IS NOT NULL"
OPENING = text(_OPENING)
"""Whether it is the opening of a campaign's code: the only commands without a pseudonym."""


class Question(Base):
    """A row of `questions`."""

    __tablename__ = "questions"
    __table_args__ = (
        Index("ix_questions_channel_asked_at", "channel", "asked_at"),
        Index("ix_questions_ending_asked_at", "ending", "asked_at"),
        # Of those with words, the oldest: the rest, which grows for ever, is not in it.
        Index(
            "ix_questions_words",
            "asked_at",
            sqlite_where=text("text <> ''"),
            postgresql_where=text("text <> ''"),
        ),
        # By their words, whatever their length: PostgreSQL keeps no long ones in a tree.
        Index(
            "ix_questions_text",
            "text",
            sqlite_where=text("text <> ''"),
            postgresql_where=text("text <> ''"),
            postgresql_using="hash",
        ),
        # Of those who came by a leaflet, whom nobody wrote down.
        Index(
            "ix_questions_openings",
            "campaign",
            sqlite_where=text(_OPENING),
            postgresql_where=text(_OPENING),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    asked_at: Mapped[dt.datetime] = mapped_column(index=True)
    person: Mapped[str | None] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    ending: Mapped[str] = mapped_column(String(24))
    entry: Mapped[str | None] = mapped_column(String(64), index=True)
    topic: Mapped[str | None] = mapped_column(String(40), index=True)
    aspect: Mapped[str | None] = mapped_column(String(40))
    offered: Mapped[list[str]] = mapped_column(JSON)
    confidence: Mapped[float | None]
    release: Mapped[str | None] = mapped_column(String(64))
    milliseconds: Mapped[int]
    campaign: Mapped[str | None] = mapped_column(String(64), index=True)
    masked_kinds: Mapped[list[str]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(8))


class Forgotten(Base):
    """Who wanted to be forgotten, and when: what was asked before and still waits on some disk is dropped there."""

    __tablename__ = "forgotten"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[dt.datetime]


def row(asked: Asked) -> dict[str, Any]:
    """Return the columns of `asked`, without what a database cannot hold (NUL, lone surrogates)."""
    columns = dataclasses.asdict(asked)
    columns |= {"ending": str(asked.ending), "offered": list(asked.offered), "masked_kinds": list(asked.masked_kinds)}
    return {name: storable(value) if isinstance(value, str) else value for name, value in columns.items()}


def storable(text: str) -> str:
    """Return `text` as PostgreSQL and UTF-8 can hold it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
