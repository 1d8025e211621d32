"""What the office's process does beside answering: jobs that run until it stops."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from dialogue.building import Parts
from stats.reports.making import WeeklyReports
from web.settings import WebSettings

Job = Callable[[], Awaitable[None]]


def jobs(parts: Parts, settings: WebSettings) -> Sequence[Job]:
    """Return the jobs; each runs until cancelled and gets over its own failures."""
    return (WeeklyReports(parts.sessions, settings.var_dir).run,)


@asynccontextmanager
async def working(jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Run the jobs meanwhile."""
    running = [asyncio.ensure_future(job()) for job in jobs]
    try:
        yield
    finally:
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)
