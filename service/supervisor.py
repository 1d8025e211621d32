"""Run several programs together: their lines side by side, all stopped together."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable, Iterable
from contextlib import suppress

from service.environments import ROOT
from service.parts import Part

PATIENCE = 8.0
"""Seconds a program may take to stop before it is killed."""
COLOURS = {"nlu": "35", "trang": "36", "bot": "32"}

Write = Callable[[str, str], None]


def write_line(name: str, line: str) -> None:
    """Print a line with the name of the part that speaks."""
    colour = COLOURS.get(name)
    label = f"{name:<8}│"
    shown = f"\033[{colour}m{label}\033[0m" if colour and sys.stdout.isatty() else label
    print(f"{shown} {line}", flush=True)


class Supervisor:
    """Holds the running parts."""

    def __init__(self, write: Write = write_line) -> None:
        self._write = write
        self._running: dict[str, Process] = {}
        self._parts: dict[str, Part] = {}
        self._readers: list[asyncio.Task[None]] = []
        self.stopping = asyncio.Event()

    async def start(self, part: Part) -> Process:
        """Start a part in a session of its own, so that Ctrl-C reaches us first and we stop it in order."""
        process = await asyncio.create_subprocess_exec(
            *part.command,
            stdout=PIPE,
            stderr=STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **part.env},
            cwd=ROOT,
            start_new_session=True,
        )
        self._running[part.name] = process
        self._parts[part.name] = part
        self._readers.append(asyncio.create_task(self._read(part.name, process)))
        return process

    async def first_exit(self) -> tuple[str, int] | None:
        """Wait until a part ends by itself, or until we are told to stop (None)."""
        waits = {asyncio.create_task(p.wait(), name=name) for name, p in self._running.items()}
        stop = asyncio.create_task(self.stopping.wait())
        done, rest = await asyncio.wait({*waits, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        if stop in done:
            return None
        ended = next(iter(done))
        return ended.get_name(), int(ended.result())

    async def restart(self, name: str) -> Process:
        """Start again a part that has ended."""
        return await self.start(self._parts[name])

    def forget(self, name: str) -> None:
        """Stop watching a part that has ended."""
        self._running.pop(name, None)

    async def stop(self) -> None:
        """Stop all parts, the last started first."""
        for process in reversed(self._running.values()):
            _signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), PATIENCE)
            except TimeoutError:
                _signal(process, signal.SIGKILL)
                await process.wait()
        for process in self._running.values():
            # What a part started itself may outlive it and hold its output open.
            _signal_group(process, signal.SIGKILL)
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._running.clear()

    async def _read(self, name: str, process: Process) -> None:
        if process.stdout is None:
            return
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than the reader's buffer; unread, it would stop the part
                self._write(name, "(một dòng quá dài, bỏ qua)")
                continue
            if not line:
                return
            self._write(name, line.decode(errors="replace").rstrip())


def listen_for_signals(supervisor: Supervisor, signals: Iterable[int] = (signal.SIGINT, signal.SIGTERM)) -> None:
    """Let Ctrl-C stop everything."""
    loop = asyncio.get_running_loop()
    for number in signals:
        loop.add_signal_handler(number, supervisor.stopping.set)


def _signal(process: Process, number: int) -> None:
    if process.returncode is None:
        _signal_group(process, number)


def _signal_group(process: Process, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
