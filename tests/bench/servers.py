"""Rasa servers for the bench: started, measured, stopped."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.rasa_client import RasaClient
from service.parts import nlu_server

START_SECONDS = 120


@dataclass(frozen=True)
class Server:
    """A running Rasa server."""

    url: str
    client: RasaClient
    pid: int


@asynccontextmanager
async def rasa_server(folder: Path) -> AsyncIterator[Server]:
    """Run Rasa with the models of `folder`."""
    port = free_port()
    part = nlu_server("127.0.0.1", port, folder)
    url = f"http://127.0.0.1:{port}"
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(part.command, env={**os.environ, **part.env}, stdout=log, stderr=log)
        try:
            async with RasaClient.at(url) as client:
                deadline = time.monotonic() + START_SECONDS
                while not await client.answers():
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise RuntimeError(f"Rasa did not start; see {folder}/rasa.log")
                    await asyncio.sleep(0.3)
                yield Server(url, client, process.pid)
        finally:
            process.terminate()
            process.wait(30)


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_megabytes(pid: int) -> float:
    """Return the memory a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Return how long a process has kept processors busy: it tells more than a clock where others use them too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
