"""Tables of the FAQ: revisions that never change, drafts that do, and the releases that bind them to a model."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from faq.database import Base


class Kind(StrEnum):
    """What a revision holds: an entry, or one of the sheets that all entries lean on."""

    ENTRY = "entry"
    SHEET = "sheet"


class ReleaseState(StrEnum):
    """Where a release stands; at most one is live."""

    REJECTED = "rejected"
    LIVE = "live"
    PAST = "past"


class Revision(Base):
    """One version of an entry's (or a sheet's) content; never changed once written."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("key", "number", name="uq_revisions_key_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(64), index=True)
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]


class Draft(Base):
    """What is to become of an entry or sheet at the next publication; no content means withdrawal."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[dt.datetime]


class Release(Base):
    """One trained model with the revisions it was trained on and its check report."""

    __tablename__ = "releases"
    __table_args__ = (Index("ix_releases_state", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    model_file: Mapped[str] = mapped_column(String(120))
    fingerprint: Mapped[str] = mapped_column(String(32))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]
    live_since: Mapped[dt.datetime | None]
    revisions: Mapped[list[Revision]] = relationship(secondary="release_revisions", order_by=Revision.key)


class ReleaseRevision(Base):
    """Which revisions a release holds."""

    __tablename__ = "release_revisions"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id", ondelete="CASCADE"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True)
