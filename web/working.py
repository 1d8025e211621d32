"""What the office's pages do in the background: one list of jobs, each run again and again while the pages are up."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dialogue.deciding import Limits
from faq.publishing import PublicationWorker
from faq.rehearsing import Sureness
from faq.releasing import usual_publisher
from stats.lately import Lately
from stats.reports.making import WeeklyReports
from stats.retention import Retention
from stats.rolling import Roller
from web.office import Office

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so many seconds, the first time `after` the start."""

    name: str
    every: float
    do: Callable[[Office], Awaitable[object]]
    after: float = 0.0


async def check_links(office: Office) -> None:
    """Ask once a week whether the official pages are there."""
    await office.links.check_if_due((await office.parts.faq.now()).faq)


async def read_inbox(office: Office) -> None:
    """Read what was asked and not answered well into the inbox."""
    await office.inbox.read()


async def sweep_uploads(office: Office) -> None:
    """Remove workbooks that nobody confirmed in time, also those that an earlier process has left."""
    await asyncio.to_thread(office.uploads.sweep)


async def remove_old_words(office: Office) -> None:
    """Remove words that were kept as long as is promised, once a day."""
    await Retention(office.parts.sessions, days=office.settings.keep_text_days).remove_if_due()


async def publish(office: Office) -> None:
    """Prepare publications, switch to what was approved, and keep the NLU servers on what is live; never ends."""
    parts, limits = office.parts, Limits()
    publisher = await asyncio.to_thread(usual_publisher, parts.sessions, parts.rasa, office.settings.models)
    sureness = Sureness(limits.sure, limits.worth_offering, limits.emergency)
    await PublicationWorker(publisher, parts.sessions, Lately(parts.sessions), sureness=sureness).run()


async def make_reports(office: Office) -> None:
    """Make the weekly reports when they are due; never ends."""
    await WeeklyReports(office.parts.sessions, office.settings.var_dir, inbox=office.inbox.read).run()


async def roll_up(office: Office) -> None:
    """Count the days in which something changed; never ends."""
    await Roller(office.parts.sessions).run()


JOBS = (
    Job("publish", every=5, do=publish),
    Job("roll-ups", every=5, do=roll_up),
    Job("reports", every=60, do=make_reports),
    Job("inbox", every=60, do=read_inbox),
    Job("uploads", every=1_800, do=sweep_uploads),
    Job("old words", every=900, do=remove_old_words),
    Job("links", every=3_600, do=check_links, after=60),
)


@asynccontextmanager
async def working(office: Office, jobs: tuple[Job, ...] = JOBS) -> AsyncIterator[None]:
    """Do the jobs until the pages are closed."""
    tasks = [asyncio.create_task(_keep_doing(job, office), name=job.name) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _keep_doing(job: Job, office: Office) -> None:
    await asyncio.sleep(job.after)
    while True:
        try:
            await job.do(office)
        except Exception as error:  # noqa: BLE001 - a job that fails is tried again; its text may quote anything
            log.warning("job %s failed (%s)", job.name, type(error).__name__)
        await asyncio.sleep(job.every)
