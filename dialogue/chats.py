"""How somebody wants to be talked with: language and mode, remembered from one day to the next."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class Mode(StrEnum):
    """How answers are told."""

    PLAIN = "plain"
    EASY = "easy"
    """One short step at a time, for those with weak eyes and no hurry."""
    HELPER = "helper"
    """Short, several in a row, for volunteers beside somebody."""


@dataclass(frozen=True, slots=True)
class Chat:
    """What somebody chose; `helped` counts the people a volunteer helped on `helped_on`.

    `staff` is the name of the member of staff whose account it is, if anybody's.
    """

    language: str | None = None
    mode: Mode = Mode.PLAIN
    helped: int = 0
    helped_on: dt.date | None = None
    staff: str | None = None

    def helped_today(self, today: dt.date) -> int:
        """Return how many people were helped today."""
        return self.helped if self.helped_on == today else 0


class ChatRow(Base):
    """A row of `chats`, under the pseudonym of the person."""

    __tablename__ = "chats"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str | None] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(8))
    helped: Mapped[int]
    helped_on: Mapped[dt.date | None]
    changed_at: Mapped[dt.datetime]

    def chat(self) -> Chat:
        """Return the row as the dialogue reads it."""
        mode = Mode(self.mode) if self.mode in set(Mode) else Mode.PLAIN
        return Chat(self.language, mode, self.helped, self.helped_on)
