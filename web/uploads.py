"""Workbooks that wait for somebody's word: read and compared, kept half an hour, each for whoever sent it."""

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from faq.importing import Plan

KEPT = dt.timedelta(minutes=30)
MOST = 50
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook that was looked through; its file, and what it would do."""

    owner: int
    path: Path
    plan: Plan
    until: dt.datetime


@dataclass(slots=True)
class Uploads:
    """Those of this process; one a person, for nobody confirms two at once."""

    folder: Path
    clock: Callable[[], dt.datetime]
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever has one read: it takes memory."""
    _kept: dict[str, Upload] = field(default_factory=dict)

    def write(self, content: BinaryIO) -> Path:
        """Keep what was sent in a file that only this service can read. Reads and writes: for a thread."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep()
        path = self.folder / f"{secrets.token_urlsafe(24)}.xlsx"
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as kept:
            while block := content.read(BLOCK):
                kept.write(block)
        return path

    def keep(self, owner: int, path: Path, plan: Plan) -> str:
        """Keep a plan until it is confirmed; return the token that its page carries."""
        for token in [token for token, upload in self._kept.items() if upload.owner == owner]:
            self.drop(token)
        while len(self._kept) >= MOST:
            self.drop(next(iter(self._kept)))
        token = secrets.token_urlsafe(24)
        self._kept[token] = Upload(owner, path, plan, self.clock() + KEPT)
        return token

    def find(self, owner: int, token: str) -> Upload | None:
        """Return what a token stands for, if it is this person's and not too old."""
        upload = self._kept.get(token)
        return upload if upload is not None and upload.owner == owner and upload.until > self.clock() else None

    def drop(self, token: str) -> None:
        """Forget an upload, and its file."""
        upload = self._kept.pop(token, None)
        if upload is not None:
            upload.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Forget what is too old, also files that an earlier process has left."""
        for token in [token for token, upload in self._kept.items() if upload.until <= self.clock()]:
            self.drop(token)
        oldest = (self.clock() - KEPT).timestamp()
        waiting = {upload.path for upload in self._kept.values()}
        for path in self.folder.glob("*.xlsx"):
            with suppress(FileNotFoundError):  # one that was just sent is gone
                if path not in waiting and path.stat().st_mtime < oldest:
                    path.unlink()
