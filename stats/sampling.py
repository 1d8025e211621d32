"""Accuracy by hand: each week some masked questions, drawn by chance, whose answers staff judge."""

import datetime as dt

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base

SAMPLE = 50
"""Questions a week: some twenty minutes for whoever judges."""


class Sample(Base):
    """A row of `samples`: a masked question with the answer it got, and what staff think of that."""

    __tablename__ = "samples"

    monday: Mapped[dt.date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    ending: Mapped[str] = mapped_column(String(24))
    entry: Mapped[str | None] = mapped_column(String(64))
    confidence: Mapped[float | None]
    verdict: Mapped[str | None] = mapped_column(String(12))
    """`right`, `half`, `wrong` or `unclear`; none until judged."""
    judged_by: Mapped[str | None] = mapped_column(String(80))
    judged_at: Mapped[dt.datetime | None]
