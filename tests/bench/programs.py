"""Programs that can be killed and started again, as the supervisor does it: the bot, Rasa, PostgreSQL."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nlu.rasa_client import NluUnavailableError, RasaClient
from service.__main__ import RESTART_PAUSE
from service.environments import ROOT
from service.parts import nlu_server
from tests.bench.servers import free_port
from tests.telegram.server import TelegramServer

START_SECONDS = 180
DATABASE = "postgres"


@dataclass
class Program:
    """A program of the service; `ready` tells whether it does its work."""

    name: str
    command: Sequence[str]
    ready: Callable[[], Awaitable[bool]]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    async def start(self) -> float:
        """Start it and wait until it is ready; return the seconds that took."""
        started = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.env},
                cwd=self.log.parent,  # away from the repository's `.env`
                stdout=log,
                stderr=log,
                user=self.user,
                start_new_session=True,
            )
        while not await self.ready():
            if not self.alive or time.monotonic() - started > START_SECONDS:
                raise RuntimeError(f"{self.name} did not start; see {self.log}")
            await asyncio.sleep(0.1)
        return time.monotonic() - started

    async def killed_and_restarted(self) -> float:
        """Kill it without a warning, start it again after the supervisor's pause; return the seconds it was away."""
        killed = time.monotonic()
        self._signal(signal.SIGKILL)
        await asyncio.sleep(RESTART_PAUSE)
        await self.start()
        return time.monotonic() - killed

    def stop(self) -> None:
        """End it."""
        if self.alive:
            self._signal(signal.SIGINT if self.user else signal.SIGTERM)

    def _signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def rasa(folder: Path, *arguments: str, name: str = "nlu") -> tuple[Program, str]:
    """Return Rasa with the models of a folder, and its address."""
    port = free_port()
    part = nlu_server("127.0.0.1", port, folder)
    url = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        async with RasaClient.at(url) as client:
            try:
                return bool(await client.live_model())
            except NluUnavailableError:
                return False

    # Rasa's own folder would be searched for an endpoints file; the log lies beside it.
    log = folder.parent / f"{name}.log"
    return Program(name, (*part.command, *arguments), ready, log, part.env), url


def bot(telegram: TelegramServer, folder: Path, *, nlu_url: str, database_url: str, unpaced: bool = False) -> Program:
    """Return the bot between a Telegram on loopback, an NLU server and a database."""
    module = "tests.bench.unpaced" if unpaced else "bot"
    log = folder / "bot.log"
    env = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "NLU_URL": nlu_url,
        "DATABASE_URL": database_url,
        "SECRET_KEY": "bench",
        "VAR_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    heard = 0

    async def ready() -> bool:
        nonlocal heard
        now = log.read_bytes().count("đang nghe".encode())
        if now == heard:
            return False
        heard = now
        return True

    return Program("bot", (sys.executable, "-m", module, "run"), ready, log, env)


def postgresql(folder: Path) -> tuple[Program, str]:
    """Return a PostgreSQL server and its address, new or in a folder that has one; its user must be able to enter."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    port = free_port()
    made = [programs / "initdb", "-D", folder / "data", "-U", "faq", "--auth=trust", "--encoding=UTF8", "--no-locale"]
    if not (folder / "data").exists():
        subprocess.run([*map(str, made)], check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL)
    options = ("-c", "listen_addresses=127.0.0.1", "-p", str(port), "-k", str(folder))
    command = (str(programs / "postgres"), "-D", str(folder / "data"), *options)
    asks = (str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port))

    async def ready() -> bool:
        process = await asyncio.create_subprocess_exec(*asks)
        return await process.wait() == 0

    log = folder / "postgresql.log"
    log.touch()
    return Program("postgresql", command, ready, log, user=user), f"postgresql://faq@127.0.0.1:{port}/{DATABASE}"
