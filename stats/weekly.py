"""The weekly reports that were made: each Monday one, kept with what it said and the checksums of its files."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class WeeklyReport(Base):
    """A row of `weekly_reports`; one for each week, however often somebody or the clock asks for it."""

    __tablename__ = "weekly_reports"

    monday: Mapped[dt.date] = mapped_column(primary_key=True)
    """First day of the week that it is about."""
    made_at: Mapped[dt.datetime]
    made_by: Mapped[str] = mapped_column(String(80))
    """A member of staff, or the service itself."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it says, as published: later weeks compare with this, not with what records say by then."""
    files: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Size and SHA-256 of each file, by its name in the folder of reports."""
