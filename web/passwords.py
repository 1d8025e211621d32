"""Passwords, hashed with Argon2: the same work for a wrong name as for a wrong password, and off the event loop."""

import asyncio
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
UNUSABLE = "!"
"""Stands where a hash would: nobody can log in with a password."""

AT_ONCE = 2
"""Each check takes 64 MiB; a flood of log-ins must not take the machine down."""


class WeakPasswordError(ValueError):
    """The password is too short or too long."""


def weakness(password: str) -> str:
    """Return in a sentence why `password` will not do; empty if it will."""
    fits = SHORTEST <= len(password) <= LONGEST
    return "" if fits else f"Mật khẩu phải có từ {SHORTEST} đến {LONGEST} ký tự."


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash(secrets.token_bytes(16))
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Return what is stored of `password`; raise `WeakPasswordError` if it will not do."""
        if weak := weakness(password):
            raise WeakPasswordError(weak)
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def match(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one that was stored; without a stored one, do the work all the same."""
        usable = stored is not None and stored != UNUSABLE and len(password) <= LONGEST
        compared = stored if usable and stored is not None else self._decoy
        async with self._turns:
            return await asyncio.to_thread(self._same, compared, password[:LONGEST]) and usable

    def _same(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    """Keyboards write Vietnamese letters in two ways; both are the same password."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
