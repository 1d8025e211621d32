"""How long masked words are kept: after that only what was counted stays. Each run leaves its own proof."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class RetentionRun(Base):
    """A row of `retention_runs`: when the job ran, what it removed, and what was left."""

    __tablename__ = "retention_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    ran_at: Mapped[dt.datetime]
    days: Mapped[int]
    """For so many days words were to be kept."""
    removed: Mapped[int]
    """Texts that were removed."""
    oldest: Mapped[dt.datetime | None]
    """When the oldest words that are left were written."""
