"""The inbox: what citizens asked and got no good answer to, near-duplicates in one group, for staff to decide on."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class Decision(StrEnum):
    """What becomes of a group of questions."""

    OPEN = "open"
    ADDED = "added"
    """To the examples of an entry."""
    NEW_ENTRY = "new_entry"
    OUTSIDE = "outside"
    """To the examples of a group out of scope."""
    IGNORED = "ignored"


class InboxGroup(Base):
    """Questions that want the same, in one row for staff."""

    __tablename__ = "inbox_groups"
    __table_args__ = (Index("ix_inbox_groups_decision_rank", "decision", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    """The masked question that stands for the group."""
    decision: Mapped[str] = mapped_column(String(12), default=Decision.OPEN)
    people: Mapped[int]
    times: Mapped[int]
    doubt: Mapped[float]
    """From 0 to 1, the mean over its questions: how unsure the understanding was."""
    rank: Mapped[float]
    """People times doubt."""
    guess: Mapped[str | None] = mapped_column(String(64))
    """Key of the entry that comes nearest."""
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[dt.datetime | None]
    target: Mapped[str | None] = mapped_column(String(64))
    """Key of the entry, or of the group out of scope, that the questions went to."""
    undoing: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What takes the decision back."""


class InboxMessage(Base):
    """One wording of a group's questions; the same words typed by many are one row."""

    __tablename__ = "inbox_messages"

    folded: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The text without accents and marks: who types so means the same."""
    group_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    times: Mapped[int]
    people: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Pseudonyms of who asked, to count each once; at most a few hundred."""
    doubt: Mapped[float]
    guesses: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Confidence of the likeliest intents, by name."""
    why: Mapped[str] = mapped_column(String(24))
    """`not_understood`, `offered`, or `not_helpful`."""
    first_at: Mapped[dt.datetime]
    last_at: Mapped[dt.datetime]
    left_out: Mapped[bool] = mapped_column(default=False)
    """Whether staff said «except this one» when they decided on its group."""


class InboxMark(Base):
    """How far the inbox has read the questions and the feedback."""

    __tablename__ = "inbox_marks"

    source: Mapped[str] = mapped_column(String(12), primary_key=True)
    read_until: Mapped[dt.datetime]
    last_id: Mapped[str] = mapped_column(String(32), default="")
