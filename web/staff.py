"""Who may come in by the office's door: staff, their sessions, and links that let someone in once.

Of a session or a link only the SHA-256 of its token is stored: who reads the database cannot come in with it.
Whatever changes somebody's account is noted in the transaction that does it (`faq.audit`).
"""

import datetime as dt
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from faq.audit import note
from faq.database import Base
from stats.staff_chats import unlink
from web.passwords import UNUSABLE, Passwords
from web.rights import RIGHTS, Right, Role

SESSION_LASTS = dt.timedelta(hours=12)
LINK_LASTS = dt.timedelta(minutes=30)
FIRST_ADMINISTRATOR = "quan-tri"
SERVER = "máy chủ"
"""Stands as the author of what is done at the server's command line; nobody on the staff can have this name."""
NOBODY_KNOWN = "chưa rõ ai"
"""Stands as the author of a log-in that was refused."""
_NAME = re.compile(r"[^\W_][\w.-]{1,38}[^\W_]")


class BadNameError(ValueError):
    """The name has not the form of one."""


class NameTakenError(ValueError):
    """Somebody on the staff has this name."""


class NoAdministratorError(Exception):
    """There is staff, but no active administrator among them."""


class LastAdministratorError(Exception):
    """Afterwards nobody would be left who lets people in."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"«{name}» là quản trị viên cuối cùng đang hoạt động nên chưa khóa hay đổi vai trò được. "
            "Xin giao vai trò quản trị cho một người khác trước."
        )


class UnknownStaffError(LookupError):
    """Nobody on the staff has this name."""


class Staff(Base):
    """A member of staff."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[dt.datetime]
    active: Mapped[bool] = mapped_column(default=True)
    totp_nonce: Mapped[str | None] = mapped_column(String(64))
    """With the service's secret key it gives the secret of the second step; none without a second step."""
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    """Of the code that was used last: none is good twice."""


class StaffSession(Base):
    """Someone who has logged in and not out."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(String(80), default="")
    """What the browser calls itself, shortened: so that people know their own sessions."""
    by_link: Mapped[bool] = mapped_column(default=False)
    """Whether a link let them in: only then may a password be chosen where there is none."""


class StaffLink(Base):
    """A link that lets someone in once."""

    __tablename__ = "staff_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone of the staff who is in; `session` names the visit and does not let anybody in."""

    staff_id: int
    name: str
    role: Role
    session: str
    by_link: bool = False

    def may(self, right: Right) -> bool:
        """Whether their role gives them a right."""
        return right in RIGHTS[self.role]


def plain_name(name: str) -> str:
    """Return a name as it is stored: people type capitals and spaces as they like."""
    return unicodedata.normalize("NFC", name).replace("\x00", "").strip().lower()


async def create_staff(
    session: AsyncSession,
    name: str,
    *,
    password: str | None,
    role: Role,
    passwords: Passwords,
    now: dt.datetime,
    author: str = SERVER,
) -> Staff:
    """Add a member of staff; raise `BadNameError`, `NameTakenError` or `WeakPasswordError`.

    Without a password they come in by a link and choose one.
    """
    if not _NAME.fullmatch(plain_name(name)):
        raise BadNameError("Tên đăng nhập có từ 3 đến 40 ký tự, chỉ gồm chữ, số và các dấu . - _ ở giữa.")
    if not any(letter.isalpha() for letter in plain_name(name)):
        raise BadNameError("Tên đăng nhập phải có chữ; không dùng số điện thoại hay số giấy tờ làm tên.")
    password_hash = UNUSABLE if password is None else await passwords.hash(password)
    return await _add(session, plain_name(name), password_hash, role, now=now, author=author)


async def everybody(session: AsyncSession) -> Sequence[Staff]:
    """Return the staff in the order of their names."""
    return (await session.scalars(select(Staff).order_by(Staff.name))).all()


async def approvers(session: AsyncSession) -> Sequence[str]:
    """Return the names of those who may approve and are not locked out."""
    may = [role for role, rights in RIGHTS.items() if Right.APPROVE in rights]
    return (
        await session.scalars(select(Staff.name).where(Staff.role.in_(may), Staff.active).order_by(Staff.name))
    ).all()


async def first_administrator(session: AsyncSession, now: dt.datetime) -> Staff:
    """Return the administrator who was there first; make one without a password if there is no staff at all."""
    found = await session.scalar(
        select(Staff).where(Staff.role == Role.ADMINISTRATOR, Staff.active).order_by(Staff.id).limit(1)
    )
    if found is not None:
        return found
    if await session.scalar(select(Staff.id).limit(1)) is not None:
        raise NoAdministratorError
    return await _add(session, FIRST_ADMINISTRATOR, UNUSABLE, Role.ADMINISTRATOR, now=now, author=SERVER)


async def member_named(session: AsyncSession, name: str) -> Staff:
    """Return the member of staff of this name; raise `UnknownStaffError`."""
    query = select(Staff).where(Staff.name == plain_name(name)).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise UnknownStaffError(f"Không có cán bộ tên «{plain_name(name)}».")
    return found


async def change_role(session: AsyncSession, name: str, *, role: Role, author: str, now: dt.datetime) -> None:
    """Trust somebody with something else; raise `UnknownStaffError` or `LastAdministratorError`."""
    if role != Role.ADMINISTRATOR:
        await _keep_an_administrator(session, name)
    member = await member_named(session, name)
    if member.role != role:
        note(session, author, "staff.role", member.name, now=now, before=member.role, role=role)
        member.role = role


async def lock(session: AsyncSession, name: str, *, author: str, now: dt.datetime) -> Sequence[str]:
    """Keep somebody out from now on; return their sessions that ended.

    Raises `UnknownStaffError` or `LastAdministratorError`.
    """
    await _keep_an_administrator(session, name)
    member = await member_named(session, name)
    if member.active:
        member.active = False
        note(session, author, "staff.locked", member.name, now=now)
    await unlink(session, member.id, author=author, now=now)
    return await _shut_out(session, member.id)


async def unlock(session: AsyncSession, name: str, *, author: str, now: dt.datetime) -> None:
    """Let somebody log in again; raise `UnknownStaffError`."""
    member = await member_named(session, name)
    if not member.active:
        member.active = True
        note(session, author, "staff.unlocked", member.name, now=now)


async def change_password(
    session: AsyncSession, who: Visitor, password_hash: str, *, now: dt.datetime
) -> Sequence[str]:
    """Give somebody in the password of their choice; return their other sessions, which end."""
    member = await session.get_one(Staff, who.staff_id)
    member.password_hash = password_hash
    note(session, who.name, "staff.password", who.name, now=now)
    return await _shut_out(session, who.staff_id, but=who.session)


async def replace_password(
    session: AsyncSession, name: str, *, author: str, now: dt.datetime
) -> tuple[str, Sequence[str]]:
    """Take away a password that was forgotten, and all that it opened: sessions, links, chats.

    Return the token of a link by which its owner comes in to choose one, and the sessions that ended.
    """
    member = await member_named(session, name)
    if member.password_hash != UNUSABLE:
        member.password_hash = UNUSABLE
        note(session, author, "staff.password_removed", member.name, now=now)
    await unlink(session, member.id, author=author, now=now)
    ended = await _shut_out(session, member.id)
    return await hand_link(session, member, author=author, now=now), ended


async def staff_with_password(session: AsyncSession, name: str, password: str, passwords: Passwords) -> int | None:
    """Return whose name and password these are; finding nobody costs the same work."""
    wanted = plain_name(name)
    query = select(Staff.id, Staff.password_hash).where(Staff.name == wanted, Staff.active)
    found = (await session.execute(query)).one_or_none()
    await session.close()  # comparing waits for its turn; a flood of log-ins must not hold every connection meanwhile
    matches = await passwords.match(found.password_hash if found else None, password)
    return found.id if found and matches else None


async def note_refused(session: AsyncSession, name: str, step: str, *, now: dt.datetime) -> None:
    """Note that a log-in was refused, if there is somebody of this name: what else was typed is nobody's business."""
    known = await session.scalar(select(Staff.name).where(Staff.name == plain_name(name)))
    if known is not None:
        note(session, NOBODY_KNOWN, "session.refused", known, now=now, step=step)


async def open_session(
    session: AsyncSession, staff_id: int, now: dt.datetime, *, browser: str = "", by_link: bool = False
) -> str:
    """Let someone in; return the token that proves it."""
    await session.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    kept = {"staff_id": staff_id, "created_at": now, "expires_at": now + SESSION_LASTS, "browser": browser[:80]}
    session.add(StaffSession(token_hash=hashed(token), by_link=by_link, **kept))
    return token


async def open_sessions(session: AsyncSession, staff_id: int, now: dt.datetime) -> Sequence[StaffSession]:
    """Return somebody's sessions that are open, the newest first."""
    query = select(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.expires_at > now)
    return (await session.scalars(query.order_by(StaffSession.created_at.desc(), StaffSession.token_hash))).all()


async def end_session(session: AsyncSession, who: Visitor, token_hash: str, *, now: dt.datetime) -> bool:
    """End one of somebody's own sessions; return whether there was one of theirs."""
    own = (StaffSession.staff_id == who.staff_id) & (StaffSession.token_hash == token_hash)
    ended = await session.scalar(delete(StaffSession).where(own).returning(StaffSession.token_hash)) is not None
    if ended:
        note(session, who.name, "session.ended", who.name, now=now)
    return ended


async def end_sessions(session: AsyncSession, name: str, *, author: str, now: dt.datetime) -> Sequence[str]:
    """See somebody out wherever they are in; return the sessions that ended. Raises `UnknownStaffError`."""
    member = await member_named(session, name)
    note(session, author, "session.ended", member.name, now=now)
    return await _shut_out(session, member.id)


async def close_session(session: AsyncSession, token_hash: str) -> None:
    """See someone out."""
    await session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))


async def visitor(session: AsyncSession, token: str, now: dt.datetime) -> Visitor | None:
    """Return who came with `token`, if the session is still open and they are still on the staff."""
    query = (
        select(Staff, StaffSession.token_hash, StaffSession.by_link)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.token_hash == hashed(token), StaffSession.expires_at > now, Staff.active)
    )
    found = (await session.execute(query)).one_or_none()
    return Visitor(found[0].id, found[0].name, Role(found[0].role), found[1], found[2]) if found else None


async def make_link(session: AsyncSession, staff_id: int, now: dt.datetime) -> str:
    """Return the token of a link that lets `staff_id` in once, within half an hour; earlier ones are void."""
    unused = (StaffLink.staff_id == staff_id) & StaffLink.used_at.is_(None)
    await session.execute(delete(StaffLink).where((StaffLink.expires_at <= now) | unused))
    token = secrets.token_urlsafe(32)
    session.add(StaffLink(token_hash=hashed(token), staff_id=staff_id, created_at=now, expires_at=now + LINK_LASTS))
    return token


async def hand_link(session: AsyncSession, member: Staff, *, author: str, now: dt.datetime) -> str:
    """Return the token of a link for somebody, and note who made it."""
    note(session, author, "staff.link", member.name, now=now)
    return await make_link(session, member.id, now)


async def link_is_good(session: AsyncSession, token: str, now: dt.datetime) -> bool:
    """Whether a link would let someone in; looking does not use it up."""
    query = select(StaffLink.staff_id).where(*_good(token, now))
    return await session.scalar(query) is not None


async def use_link(session: AsyncSession, token: str, now: dt.datetime) -> int | None:
    """Use a link up and return whom it lets in; of two at the same moment one gets None."""
    used = update(StaffLink).where(*_good(token, now)).values(used_at=now).returning(StaffLink.staff_id)
    return await session.scalar(used)


def hashed(token: str) -> str:
    """Return what is stored of a token. It is random and long: no salt or slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def _keep_an_administrator(session: AsyncSession, name: str) -> None:
    """Raise `LastAdministratorError` if nobody but `name` administers.

    All administrators are written to, unchanged, before they are counted: of two such transactions the second waits
    for the first and counts what it has left, on SQLite (one writer) as on PostgreSQL (locked rows, looked at again).
    """
    administers = (Staff.role == Role.ADMINISTRATOR) & Staff.active
    held = update(Staff).where(administers).values(role=Role.ADMINISTRATOR).returning(Staff.name)
    found = await session.scalars(held.execution_options(synchronize_session=False))
    if set(found) == {plain_name(name)}:
        raise LastAdministratorError(plain_name(name))


async def _shut_out(session: AsyncSession, staff_id: int, *, but: str = "") -> Sequence[str]:
    """End somebody's sessions but one, and their links; return the sessions that ended."""
    await session.execute(delete(StaffLink).where(StaffLink.staff_id == staff_id))
    ended = delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.token_hash != but)
    return (await session.scalars(ended.returning(StaffSession.token_hash))).all()


async def _add(
    session: AsyncSession, name: str, password_hash: str, role: Role, *, now: dt.datetime, author: str
) -> Staff:
    added = Staff(name=name, password_hash=password_hash, role=role, created_at=now, active=True)
    session.add(added)
    try:
        await session.flush()
    except IntegrityError:
        raise NameTakenError(f"Đã có cán bộ tên «{name}».") from None
    note(session, author, "staff.added", name, now=now, role=role)
    return added


def _good(token: str, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    active = select(Staff.id).where(Staff.active)
    return (
        StaffLink.token_hash == hashed(token),
        StaffLink.used_at.is_(None),
        StaffLink.expires_at > now,
        StaffLink.staff_id.in_(active),
    )
