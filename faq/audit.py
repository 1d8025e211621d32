"""Who did what, when: an append-only log. The database refuses to change or remove a row of it."""

import datetime as dt
from typing import Any

from sqlalchemy import DDL, JSON, String, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class Deed(Base):
    """A row of `deeds`: one thing that somebody of the staff (or the service itself) did."""

    __tablename__ = "deeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    author: Mapped[str] = mapped_column(String(80), index=True)
    act: Mapped[str] = mapped_column(String(40))
    """As `draft.saved`, `publication.approved`, `staff.locked`; the words for people are in the pages."""
    subject: Mapped[str] = mapped_column(String(120), index=True)
    """What it was done to: the key of an entry, the name of a release or of a member of staff."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


def note(session: AsyncSession, author: str, act: str, subject: str, *, now: dt.datetime, **details: Any) -> None:
    """Write down what is done, in the transaction that does it: either both happen or neither."""
    session.add(Deed(at=now, author=author[:80], act=act, subject=subject[:120], details=details))


APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "sqlite": tuple(
        f"CREATE TRIGGER deeds_no_{verb} BEFORE {verb.upper()} ON deeds "
        "BEGIN SELECT RAISE(ABORT, 'deeds are append-only'); END"
        for verb in ("update", "delete")
    ),
    "postgresql": (
        (
            "CREATE OR REPLACE FUNCTION deeds_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'deeds are append-only'; END $$"
        ),
        (
            "CREATE TRIGGER deeds_no_change BEFORE UPDATE OR DELETE ON deeds "
            "FOR EACH ROW EXECUTE FUNCTION deeds_append_only()"
        ),
    ),
}
"""What makes the table append-only, for each database; migrations use it too."""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(Deed.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
