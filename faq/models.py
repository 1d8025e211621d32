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
    why: Mapped[str] = mapped_column(String(300), default="")
    """What the author said of the change."""


class Draft(Base):
    """What is to become of an entry or sheet at the next publication; no content means withdrawal."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author: Mapped[str] = mapped_column(String(80))
    updated_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change, so that two who edit at once are told (optimistic lock)."""
    why: Mapped[str] = mapped_column(String(300), default="")


class DraftVersion(Base):
    """A draft as somebody saved it, kept until its key is published: what another writes over it is not lost."""

    __tablename__ = "draft_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    author: Mapped[str] = mapped_column(String(80))
    saved_at: Mapped[dt.datetime]
    why: Mapped[str] = mapped_column(String(300), default="")


class WorkingCopy(Base):
    """What somebody has typed into an entry's form and not saved as a draft yet: kept so that nothing is lost."""

    __tablename__ = "working_copies"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    author: Mapped[str] = mapped_column(String(80), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The form as it stands, text by text; it need not make an entry yet."""
    base: Mapped[str] = mapped_column(String(40))
    """Names the state of the entry that the form was opened on."""
    updated_at: Mapped[dt.datetime] = mapped_column(index=True)


class PublicationState(StrEnum):
    """Where a publication stands."""

    WAITING = "waiting"
    """For its turn: a candidate is made, judged and tried on what was asked."""
    PREPARING = "preparing"
    PROPOSED = "proposed"
    """Ready; somebody has to approve it."""
    REFUSED = "refused"
    """By the gate; may be overridden with a reason by a second person."""
    APPROVED = "approved"
    LIVE = "live"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    """By its author, or declined."""


class Publication(Base):
    """A chosen part of the drafts on its way to become a release."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    drafts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The version of each chosen draft, by key: what was changed since is not what was proposed."""
    why: Mapped[str] = mapped_column(String(300))
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[dt.datetime]
    doing: Mapped[str] = mapped_column(String(200), default="")
    """What is being done, in words for the page."""
    share: Mapped[float | None]
    """How much of it is done, from 0 to 1, where that is known."""
    beat_at: Mapped[dt.datetime | None]
    """When the process that does it last said that it lives."""
    fingerprint: Mapped[str | None] = mapped_column(String(32))
    """Of the candidate's training set."""
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The check report and what the rehearsal found."""
    trouble: Mapped[str] = mapped_column(String(500), default="")
    """Why it was refused or failed, in words for the page."""
    approver: Mapped[str | None] = mapped_column(String(80))
    override: Mapped[str] = mapped_column(String(300), default="")
    """Why it goes live although the gate refused it."""
    decided_at: Mapped[dt.datetime | None]
    release: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[dt.datetime | None]


class LinkCheck(Base):
    """Whether an official page that answers point to was there when it was last looked for."""

    __tablename__ = "link_checks"

    url: Mapped[str] = mapped_column(String(500), primary_key=True)
    checked_at: Mapped[dt.datetime]
    status: Mapped[int | None]
    """HTTP status; none if nothing answered."""
    trouble: Mapped[str] = mapped_column(String(200), default="")
    failing_since: Mapped[dt.datetime | None]


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
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), primary_key=True, index=True)
