"""What the web process does besides showing pages: one list of background jobs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress

from dialogue.building import Parts
from dialogue.deciding import Limits
from faq.publishing import PublicationWorker
from faq.rehearsing import Sureness
from faq.releasing import usual_publisher
from stats.lately import Lately
from web.settings import WebSettings

Job = Callable[[Parts, WebSettings], Coroutine[None, None, None]]
"""Runs until it is cancelled."""


async def publish(parts: Parts, settings: WebSettings) -> None:
    """Prepare publications, switch to what was approved, and keep the NLU servers on what is live."""
    publisher = await asyncio.to_thread(usual_publisher, parts.sessions, parts.rasa, settings.models)
    limits = Limits()
    sureness = Sureness(limits.sure, limits.worth_offering)
    await PublicationWorker(publisher, parts.sessions, Lately(parts.sessions), sureness=sureness).run()


JOBS: tuple[Job, ...] = (publish,)


@asynccontextmanager
async def working(parts: Parts, settings: WebSettings) -> AsyncIterator[None]:
    """Do the background jobs meanwhile."""
    tasks = [asyncio.create_task(job(parts, settings)) for job in JOBS]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
