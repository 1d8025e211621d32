"""How fast: parses one at a time and together, and answers through the whole bot and a Bot API server on loopback."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.rasa_client import RasaClient
from service.environments import ROOT
from tests.bench.servers import resident_megabytes
from tests.telegram.server import TelegramServer

CITIZENS = 20
QUESTIONS_EACH = 25
TOGETHER = 16


@dataclass(frozen=True)
class Times:
    """Milliseconds at the median and the 95th percentile, and how many a second."""

    p50: float
    p95: float
    per_second: float


async def parses_one_at_a_time(client: RasaClient, texts: Sequence[str]) -> Times:
    """Time single parses."""
    for text in texts[:20]:
        await client.parse(text)
    return await _timed([(client, text) for text in texts], together=1)


async def parses_together(client: RasaClient, texts: Sequence[str]) -> Times:
    """Time parses with several on their way at once."""
    return await _timed([(client, text) for text in texts], together=TOGETHER)


async def _timed(work: Sequence[tuple[RasaClient, str]], *, together: int) -> Times:
    gate, taken = asyncio.Semaphore(together), []

    async def one(client: RasaClient, text: str) -> None:
        async with gate:
            started = time.perf_counter()
            await client.parse(text)
            taken.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*(one(client, text) for client, text in work))
    return times(taken, time.perf_counter() - started)


def times(milliseconds: Sequence[float], seconds: float) -> Times:
    """Sum up single durations."""
    cuts = statistics.quantiles(milliseconds, n=20)
    return Times(statistics.median(milliseconds), cuts[18], len(milliseconds) / seconds)


@dataclass(frozen=True)
class WholeBot:
    """What the running bot did."""

    answers: Times
    unanswered: int
    megabytes: float
    breaches: int


async def whole_bot(nlu_url: str, database_url: str, texts: Sequence[str], folder: Path) -> WholeBot:
    """Run the real bot process between the real NLU server and a Bot API server, and let citizens ask."""
    async with TelegramServer() as telegram:
        env = {
            **os.environ,
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "NLU_URL": nlu_url,
            "DATABASE_URL": database_url,
            "SECRET_KEY": "bench",
            "VAR_DIR": str(folder),
        }
        with (folder / "bot.log").open("wb") as log:
            bot = subprocess.Popen([sys.executable, "-m", "bot", "run"], env=env, cwd=ROOT, stdout=log, stderr=log)
            try:
                return await _asked_by_citizens(telegram, bot.pid, texts)
            finally:
                bot.terminate()
                bot.wait(30)


async def _asked_by_citizens(telegram: TelegramServer, pid: int, texts: Sequence[str]) -> WholeBot:
    citizens = [telegram.citizen(f"Người {number}") for number in range(CITIZENS)]
    first = citizens[0]
    first.patience = 60
    await first.starts()
    await first.reads()
    taken: list[float] = []
    unanswered = 0

    async def converse(number: int) -> None:
        nonlocal unanswered
        citizen = citizens[number]
        citizen.patience = 20
        for turn in range(QUESTIONS_EACH):
            started = time.perf_counter()
            await citizen.says(texts[(number * QUESTIONS_EACH + turn) % len(texts)])
            try:
                await citizen.reads()
                taken.append((time.perf_counter() - started) * 1000)
            except AssertionError:
                unanswered += 1

    started = time.perf_counter()
    await asyncio.gather(*map(converse, range(CITIZENS)))
    answers = times(taken, time.perf_counter() - started)
    return WholeBot(answers, unanswered, resident_megabytes(pid), len(telegram.breaches))
