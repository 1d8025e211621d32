"""Writing down what was asked, so that nothing is lost when the database is away and nothing is counted twice.

What cannot be written waits in the folder `spool`, a file a process, and is written later. A process holds a lock on
its file for as long as it lives; a file without a lock is an orphan and belongs to whoever locks it first.
"""

import asyncio
import dataclasses
import datetime as dt
import errno
import fcntl
import json
import logging
import os
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from faq.database import Sessions
from stats.masking import mask
from stats.questions import Asked, Forgotten, Question, from_json, row, storable
from stats.rolling import mark_changed

log = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds after which a database that does not answer counts as away."""
BATCH = 200
REFUSALS = (StatementError, ValueError, TypeError, ArithmeticError)
"""What a refused row may be: SQLAlchemy's own errors, or a driver's complaint about a value (too large a number)."""
_OWNER_ONLY = 0o600
_PERSON = re.compile(rb'"person": *"[^"]*"')


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did: rows written, lines set aside, rows that still wait."""

    written: int = 0
    set_aside: int = 0
    waiting: int = 0


class Recorder:
    """Writes questions to the database, or to the spool while it is away."""

    def __init__(self, sessions: Sessions, spool: Path, *, patience: float = PATIENCE) -> None:
        self._sessions = sessions
        self._spool = Spool(spool)
        self._patience = patience
        self._replaying = asyncio.Lock()

    async def record(self, asked: Asked) -> None:
        """Write `asked`, masked once more; never raise because of the database or the disk."""
        asked = _masked(asked)
        try:
            await self._write([asked])
        except asyncio.CancelledError:
            self._keep(asked)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the question must count
            log.warning("database away, a question waits on disk (%s)", type(error).__name__)
            await asyncio.to_thread(self._keep, asked)

    async def replay(self) -> Replayed:
        """Write what waits, also what dead processes left; stop at the first sign that the database is away."""
        async with self._replaying:
            written = set_aside = 0
            try:
                for waiting in self._spool.claim():
                    with waiting:
                        done = await self._write_back(waiting)
                        waiting.remove()
                    written += done.written
                    set_aside += done.set_aside
            except Exception as error:  # noqa: BLE001 - a driver's own errors too
                log.warning("replay stopped, the rest waits (%s)", type(error).__name__)
            return Replayed(written, set_aside, self.waiting())

    async def run(self, interval: float) -> None:
        """Replay every `interval` seconds until cancelled."""
        while True:
            await self.replay()
            await asyncio.sleep(interval)

    def waiting(self) -> int:
        """Count the rows that wait on disk."""
        return self._spool.count()

    def close(self) -> None:
        """Let go of the spool file, so that another process may take it over."""
        self._spool.close()

    def _keep(self, asked: Asked) -> None:
        try:
            self._spool.append(asked)
        except OSError as error:
            # Without a traceback, for it may hold a citizen's words.
            log.error("a question is lost, the disk does not take it (%s)", type(error).__name__)  # noqa: TRY400

    async def _write(self, questions: list[Asked]) -> None:
        async with asyncio.timeout(self._patience), self._sessions() as session, session.begin():
            await session.execute(_insert(session.get_bind().dialect.name), [row(asked) for asked in questions])
            await mark_changed(session, (asked.asked_at for asked in questions))

    async def _write_back(self, waiting: "Waiting") -> Replayed:
        readable: list[tuple[bytes, Asked]] = []
        broken: list[bytes] = []
        for line in waiting.lines():
            asked = _parsed(line)
            if asked is None:
                broken.append(line)
            else:
                readable.append((line, asked))
        written = len(readable)
        for start in range(0, len(readable), BATCH):
            wanted = await self._without_forgotten(readable[start : start + BATCH])
            refused = await self._write_batch(wanted) if wanted else []
            written -= len(refused)
            broken += refused
        for line in broken:
            self._spool.set_aside(line)
        return Replayed(written, len(broken))

    async def _without_forgotten(self, batch: list[tuple[bytes, Asked]]) -> list[tuple[bytes, Asked]]:
        """Drop what was asked by people who then wanted to be forgotten."""
        people = {asked.person for _, asked in batch if asked.person}
        async with asyncio.timeout(self._patience), self._sessions() as session:
            found = await session.scalars(select(Forgotten).where(Forgotten.person.in_(people)))
            forgotten = {row.person: row.at for row in found}
        return [(line, asked) for line, asked in batch if not _is_forgotten(asked, forgotten)]

    async def _write_batch(self, batch: list[tuple[bytes, Asked]]) -> list[bytes]:
        """Write a batch; if the database refuses it, write row by row. Return the lines it will never take."""
        try:
            await self._write([asked for _, asked in batch])
        except REFUSALS as error:
            if not _is_refusal(error):
                raise
        else:
            return []
        refused: list[bytes] = []
        for line, asked in batch:
            try:
                await self._write([asked])
            except REFUSALS as error:
                if not _is_refusal(error):
                    raise
                refused.append(line)
        return refused


class Spool:
    """A folder of questions that wait, and beside it the lines nobody could read (`<folder>.bad`)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bad = folder.with_name(f"{folder.name}.bad")
        self._lock = threading.Lock()
        self._own: IO[bytes] | None = None

    def append(self, asked: Asked) -> None:
        """Add a line to this process's file; it is on the disk when this returns."""
        line = json.dumps(asked.as_json()).encode() + b"\n"
        with self._lock:
            if self._own is None:
                self._own = self._new_file()
            _append(self._own, line)

    def set_aside(self, line: bytes) -> None:
        """Keep a line that cannot be written for a person to look at."""
        line = _PERSON.sub(b'"person": null', line)  # nobody could find it again to remove it
        with self._lock, _open(self.bad, os.O_CREAT | os.O_APPEND | os.O_RDWR) as bad:
            _append(bad, line.rstrip(b"\n") + b"\n")

    def claim(self) -> "Iterator[Waiting]":
        """Give out each file that no living process holds, the own one included; new lines go to a new file."""
        self.close()
        for path in self._files():
            waiting = Waiting.of(path)
            if waiting is not None:
                yield waiting

    def count(self) -> int:
        """Count the lines that wait."""
        return sum(_lines_in(path) for path in self._files())

    def close(self) -> None:
        """Finish this process's file."""
        with self._lock:
            if self._own is not None:
                self._own.close()
                self._own = None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _new_file(self) -> IO[bytes]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:12]}.jsonl"
            file = _open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_RDWR)
            # Between making and locking it another process may have found it empty and removed it.
            if _locked(file) and _still_there(file, path):
                return file
            file.close()


class Waiting:
    """A spool file that this process holds."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file

    @classmethod
    def of(cls, path: Path) -> "Waiting | None":
        """Lock the file at `path`; None if a living process holds it or another one has finished it."""
        try:
            file = _open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        except OSError as error:  # somebody else's file, or no file at all: the others must not wait for it
            log.warning("a spool file cannot be opened (%s)", type(error).__name__)
            return None
        if _locked(file) and _still_there(file, path):
            return cls(path, file)
        file.close()
        return None

    def __enter__(self) -> Self:
        """Hold the file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        self._file.close()

    def lines(self) -> Iterator[bytes]:
        """Read its lines; empty ones are nothing."""
        self._file.seek(0)
        return (line for line in self._file.read().split(b"\n") if line.strip())

    def remove(self) -> None:
        """Remove it, once all its lines are in the database or set aside."""
        self._path.unlink(missing_ok=True)


def _is_forgotten(asked: Asked, forgotten: Mapping[str, dt.datetime]) -> bool:
    at = forgotten.get(asked.person or "")
    return at is not None and asked.asked_at <= at


def _masked(asked: Asked) -> Asked:
    masked = mask(storable(asked.text))
    kinds = tuple(sorted({*asked.masked_kinds, *masked.kinds}))
    return dataclasses.replace(asked, text=masked.text, masked_kinds=kinds)


def _parsed(line: bytes) -> Asked | None:
    try:
        return _masked(from_json(line))
    except ValueError:
        return None


def _insert(dialect: str) -> Insert:
    if dialect == "postgresql":
        return postgresql.insert(Question).on_conflict_do_nothing(index_elements=[Question.id])
    return sqlite.insert(Question).on_conflict_do_nothing(index_elements=[Question.id])


def _is_refusal(error: Exception) -> bool:
    """Whether the database is there but will never take this row."""
    if not isinstance(error, DBAPIError):
        return True
    # asyncpg's errors arrive as plain DBAPIError; classes 22 and 23 of SQLSTATE are wrong data and broken constraints.
    state = getattr(error.orig, "sqlstate", None) or ""
    return isinstance(error, DataError | IntegrityError) or state[:2] in {"22", "23"}


def _open(path: Path, flags: int) -> IO[bytes]:
    return os.fdopen(os.open(path, flags | os.O_CLOEXEC, _OWNER_ONLY), "r+b", buffering=0)


def _append(file: IO[bytes], line: bytes) -> None:
    end = file.seek(0, os.SEEK_END)
    try:
        _write_whole(file, line)
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)  # half a line would spoil the next one
        raise


def _write_whole(file: IO[bytes], line: bytes) -> None:
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, "the disk took half a line")


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_there(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lines_in(path: Path) -> int:
    try:
        return sum(1 for line in path.read_bytes().splitlines() if line.strip())
    except OSError:
        return 0
