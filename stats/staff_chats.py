"""Which Telegram accounts belong to staff: they may ask for the figures there, and are no citizens."""

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from faq.database import Base


class StaffChat(Base):
    """A row of `staff_chats`: a member of staff who has shown that a Telegram account is theirs."""

    __tablename__ = "staff_chats"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Pseudonym of the account that does not change with the quarter."""
    staff_id: Mapped[int] = mapped_column(index=True)
    staff_name: Mapped[str] = mapped_column(String(40))
    linked_at: Mapped[dt.datetime]


class StaffChatCode(Base):
    """A row of `staff_chat_codes`: a code, shown on a page, that links the account from which it is sent, once."""

    __tablename__ = "staff_chat_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(index=True)
    staff_name: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[dt.datetime]
