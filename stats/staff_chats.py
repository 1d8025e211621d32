"""Which Telegram accounts belong to staff: they may ask for the figures there, and are no citizens.

Somebody who is logged in on the pages gets a code there and sends it from their account, once.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.audit import note
from faq.database import Base
from stats.campaigns import CODE_LETTERS
from stats.feedback import Feedback
from stats.questions import Question
from stats.rolling import StaffPerson, mark_changed

CODE_LASTS = dt.timedelta(minutes=15)
CODE_LENGTH = 10


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


async def new_code(session: AsyncSession, staff_id: int, name: str, *, now: dt.datetime) -> str:
    """Return a code for a member of staff; their earlier ones are void."""
    await session.execute(
        delete(StaffChatCode).where((StaffChatCode.staff_id == staff_id) | (StaffChatCode.expires_at <= now))
    )
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    session.add(StaffChatCode(code_hash=_hashed(code), staff_id=staff_id, staff_name=name, expires_at=now + CODE_LASTS))
    note(session, name, "chat.code", name, now=now)
    return code


async def link(session: AsyncSession, code: str, person: str, *, now: dt.datetime) -> str | None:
    """Use a code up and link the account that sent it; return whose it is now, nothing if the code is not good."""
    good = (StaffChatCode.code_hash == _hashed(code.strip().lower())) & (StaffChatCode.expires_at > now)
    whose = delete(StaffChatCode).where(good).returning(StaffChatCode.staff_id, StaffChatCode.staff_name)
    found = (await session.execute(whose)).one_or_none()
    if found is None:
        return None
    await session.merge(StaffChat(person=person, staff_id=found.staff_id, staff_name=found.staff_name, linked_at=now))
    note(session, found.staff_name, "chat.linked", found.staff_name, now=now)
    return str(found.staff_name)


async def linked_chats(session: AsyncSession, staff_id: int) -> Sequence[StaffChat]:
    """Return the accounts of a member of staff, the latest first."""
    query = select(StaffChat).where(StaffChat.staff_id == staff_id).order_by(StaffChat.linked_at.desc())
    return (await session.scalars(query)).all()


async def unlink(session: AsyncSession, staff_id: int, *, author: str, now: dt.datetime) -> int:
    """Let no account be somebody's any more, and no code make one so; return how many there were."""
    await session.execute(delete(StaffChatCode).where(StaffChatCode.staff_id == staff_id))
    gone = delete(StaffChat).where(StaffChat.staff_id == staff_id).returning(StaffChat.staff_name)
    names = (await session.scalars(gone)).all()
    if names:
        note(session, author, "chat.unlinked", names[0], now=now)
    return len(names)


async def leave_out(session: AsyncSession, person: str) -> None:
    """Count nothing that was asked under a pseudonym of the quarter as a citizen's, from its first day."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(StaffPerson).values(person=person).on_conflict_do_nothing().returning(StaffPerson.person)
    if await session.scalar(row) is None:
        return
    asked = await session.scalars(select(Question.asked_at).where(Question.person == person))
    said = await session.scalars(select(Feedback.said_at).where(Feedback.person == person))
    await mark_changed(session, [*asked, *said])


def _hashed(code: str) -> str:
    """Return what is stored of a code. It is random, long, and good for minutes: no slow hash is needed."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
