"""The second step at log-in: a code of six digits from an app on one's phone (TOTP, RFC 6238).

The secret is made of the service's SECRET_KEY and a random nonce, and only the nonce is stored: who reads the
database has nothing. Each code is good once.
"""

import base64
import datetime as dt
import hmac
import re
import secrets
from hashlib import sha256

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from web.staff import Staff, Visitor, member_named

ISSUER = "Hoi Dap Dich Vu Cong"
"""As apps show it; some garble accents."""
STEP_SECONDS = 30
SECRET_BYTES = 20
"""As RFC 4226 recommends; as text it can still be typed off a screen."""
_NONCE = re.compile(r"[\w-]{22}", re.ASCII)
_CODE = re.compile(r"[0-9]{6}")


def new_nonce() -> str:
    """Return what makes a new secret."""
    return secrets.token_urlsafe(16)


def is_nonce(text: str) -> bool:
    """Whether `text` could be one of `new_nonce`'s."""
    return _NONCE.fullmatch(text) is not None


def secret_of(key: str, staff_id: int, nonce: str) -> str:
    """Return somebody's secret in base32, as apps take it."""
    mixed = hmac.new(key.encode(), f"totp:{staff_id}:{nonce}".encode(), sha256).digest()
    return base64.b32encode(mixed[:SECRET_BYTES]).decode()


def in_groups(secret: str) -> str:
    """Return a secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture(secret: str, name: str) -> Markup:
    """Return a QR code for the app, as SVG without styles."""
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    drawn = segno.make_qr(address, error="m")
    svg = drawn.svg_inline(svgclass="qr", lineclass=None, omitsize=True, light="#fff", border=4)
    return Markup(svg)  # noqa: S704 - made of modules, not of text


def step_of(secret: str, code: str, now: dt.datetime) -> int | None:
    """Return the step that a code belongs to: this one, the one before or the one after; None if it is none of them."""
    typed = "".join(code.split())
    if not _CODE.fullmatch(typed):
        return None
    this, app = int(now.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    steps = (this - 1, this, this + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), typed)), None)


async def use_code(session: AsyncSession, staff_id: int, code: str, *, key: str, now: dt.datetime) -> bool:
    """Use a code up: whether it is good and was not used before. Of two at the same moment one gets False."""
    nonce = await session.scalar(select(Staff.totp_nonce).where(Staff.id == staff_id))
    step = step_of(secret_of(key, staff_id, nonce), code, now) if nonce else None
    if step is None:
        return False
    unused = or_(Staff.totp_step.is_(None), Staff.totp_step < step)
    same = (Staff.id == staff_id) & (Staff.totp_nonce == nonce) & Staff.active
    used = update(Staff).where(same, unused).values(totp_step=step).returning(Staff.id)
    return await session.scalar(used) is not None


async def switch_on(session: AsyncSession, who: Visitor, nonce: str, *, step: int, now: dt.datetime) -> None:
    """Ask for a code from now on; the one of `step`, which confirmed it, is used up. If it is on already, leave it."""
    off = (Staff.id == who.staff_id) & Staff.totp_nonce.is_(None)
    switched = update(Staff).where(off).values(totp_nonce=nonce, totp_step=step).returning(Staff.id)
    if await session.scalar(switched) is not None:
        note(session, who.name, "staff.second_step_on", who.name, now=now)


async def switch_off(session: AsyncSession, name: str, *, author: str, now: dt.datetime) -> None:
    """Ask for no code any more; raise `UnknownStaffError`."""
    member = await member_named(session, name)
    if member.totp_nonce is not None:
        member.totp_nonce = member.totp_step = None
        note(session, author, "staff.second_step_off", member.name, now=now)
