"""What citizens say of the answers: helped or not and why, and remarks on the guide; a "no" is an item for staff."""

import datetime as dt

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base

REMARK = "remark"
HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
LONGEST_REMARK = 1_000


class Feedback(Base):
    """A row of `feedback`. The id is made of person, entry and day: pressing again changes the row."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_kind_said_at", "kind", "said_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    said_at: Mapped[dt.datetime]
    person: Mapped[str | None] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(12))
    entry: Mapped[str | None] = mapped_column(String(64), index=True)
    reason: Mapped[int | None]
    """Number of the reason among those offered; none if none was chosen."""
    text: Mapped[str] = mapped_column(Text)
    """Masked: the question that got the answer, or the remark."""
    release: Mapped[str | None] = mapped_column(String(64))


class Helped(Base):
    """How many people the volunteers helped on a day; nothing about whom."""

    __tablename__ = "helped"

    day: Mapped[dt.date] = mapped_column(primary_key=True)
    people: Mapped[int]
