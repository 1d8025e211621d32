"""What the office does beside serving its pages, for as long as it is open."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from dialogue.building import Parts
from stats.reports.making import WeeklyReports
from stats.rolling import Roller
from web.settings import WebSettings

Job = Callable[[], Coroutine[Any, Any, None]]
"""Goes on until it is cancelled; what goes wrong within, it deals with itself."""


def jobs(parts: Parts, settings: WebSettings) -> Sequence[Job]:
    """Return what is to be done."""
    return (Roller(parts.sessions).run, WeeklyReports(parts.sessions, settings.var_dir).run)


@asynccontextmanager
async def background(*jobs: Job) -> AsyncIterator[None]:
    """Let jobs run beside what is done inside."""
    tasks = [asyncio.create_task(job()) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
