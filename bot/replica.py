"""Which of several processes of the bot this one is: a restarted process takes the place of the one that died.

Places are files in a folder, held by a lock for as long as the process lives, however it ends.
"""

import fcntl
import logging
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

MOST_REPLICAS = 64
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Place:
    """The place of this process; its name outlives it."""

    name: str
    _file: IO[str] | None = field(default=None, repr=False)

    def leave(self) -> None:
        """Let another process have the place."""
        if self._file is not None:
            self._file.close()


def take_place(folder: Path) -> Place:
    """Take the first free place; without a disk a new one, which no later process can take over."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(MOST_REPLICAS):
            file = _open(folder / f"{number}")
            if _locked(file):
                return Place(_name_in(file), file)
            file.close()
    except OSError as error:
        log.warning("no place for this process in the folder of replicas (%s)", type(error).__name__)
    return Place(uuid.uuid4().hex)


def _open(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _OWNER_ONLY), "r+", encoding="ascii")


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name_in(file: IO[str]) -> str:
    """Return the name of a place, made by the first process that takes it."""
    name = file.read().strip()
    if len(name) != len(uuid.uuid4().hex):
        name = uuid.uuid4().hex
        file.seek(0)
        file.truncate()
        file.write(name)
        file.flush()
    return name
