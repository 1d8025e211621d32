"""How long each page for staff takes: 500 entries with 10,000 examples and 200,000 questions behind it, on SQLite.

The understanding is made up, and nothing is sent over a network: what is measured is our own work and the database's.
"""

import asyncio
import datetime as dt
import math
import re
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from argon2 import PasswordHasher
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

import bot.handled  # noqa: F401 - adds its table
import dialogue.kept  # noqa: F401 - adds its tables
from dialogue.building import Parts
from dialogue.conversation import Dialogue
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.editing import draft_whole
from faq.entries import CheckSentence, Entry, Faq
from faq.live import LiveFaq
from faq.models import Publication, PublicationState, Release, ReleaseState, Revision
from nlu.rasa_client import RasaClient
from stats import campaigns
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked
from stats.rolling import Roller, mark_changed
from tests.bench.inbox_pages import DAYS, fill
from tests.web.cards import publish
from tests.web.fakes import rasa
from tests.web.visits import PASSWORD, Guest
from web.application import FOR_STAFF, build
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import NameTakenError, create_staff

ENTRIES, EXAMPLES, DRAFTS = 500, 20, 30
"""Examples are those of each entry."""
TIMES = 10
AUTHOR = "lan"
PAST = "2026-11-19.1"
GOAL = 300.0
"""Milliseconds, of nineteen requests in twenty."""
LEFT_OUT = {
    "/faq/tim-muc",
    "/thong-ke.xlsx",
    "/excel/tai-ve",
    "/excel/xem-truoc/{token}",
    "/cong-bo/{number:int}/tien-do",
}
"""Files, what needs an upload, and what needs words."""
ALSO = (
    "/faq?tim=can+cuoc",
    "/hop-cau-hoi?tim=vneid+1234",
    "/hop-cau-hoi?xem=da-quyet",
    "/hop-cau-hoi?trang=40",
)
console = Console(width=120, highlight=False)


@dataclass(frozen=True)
class Line:
    """Milliseconds of one page."""

    path: str
    first: float
    others: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.others)

    @property
    def p95(self) -> float:
        """What nineteen of twenty stay below."""
        return sorted(self.others)[math.ceil(len(self.others) * 0.95) - 1]


@dataclass(frozen=True)
class Desk:
    """Pages on a furnished database, and somebody who may see all of them."""

    guest: Guest
    paths: tuple[str, ...]
    faq: Faq


async def main() -> None:
    """Fill a SQLite file, ask for every page and print a table."""
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/service.db")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with desk(engine, Path(folder)) as opened:
            lines = [await timed(opened.guest, path) for path in opened.paths]
        await engine.dispose()
    table = Table("trang", "lần đầu", "p50", "p95", f"≤ {GOAL:.0f} ms")
    for line in sorted(lines, key=lambda line: -line.p95):
        figures = (f"{taken:.0f} ms" for taken in (line.first, line.p50, line.p95))
        table.add_row(line.path, *figures, "đạt" if line.p95 <= GOAL else "CHƯA")
    console.print(table)


@asynccontextmanager
async def desk(engine: AsyncEngine, folder: Path) -> AsyncIterator[Desk]:
    """Furnish a database and log an administrator in to the pages on it."""
    made, files = sessions(engine), ContentFiles()
    faq = large(await asyncio.to_thread(files.read))
    code = await _code(made) or await _furnish(made, faq)
    async with _logged_in(made, faq, files.check_sentences(), folder) as guest:
        yield Desk(guest, tuple(_paths(faq, code)), faq)


def large(faq: Faq) -> Faq:
    """Return the FAQ with as many entries and examples as a town may have after years."""
    kept = [entry for entry in faq.entries if len(entry.examples) >= EXAMPLES]
    copies = (_copy(entry, number) for number in range(2, 9) for entry in kept)
    entries = [_shortened(entry) for entry in faq.entries]
    return faq.model_copy(update={"entries": (*entries, *(next(copies) for _ in range(ENTRIES - len(entries))))})


def _shortened(entry: Entry) -> Entry:
    return entry.model_copy(update={"examples": entry.examples[:EXAMPLES]})


def _copy(entry: Entry, number: int) -> Entry:
    told = {"key": f"{entry.key}-{number}", "question": f"{entry.question} ({number})", "formerly": ()}
    examples = tuple(f"{example} lần {number}" for example in entry.examples[:EXAMPLES])
    return entry.model_copy(update={**told, "examples": examples})


async def _code(made: Sessions) -> str | None:
    """Return the code of the campaign that an earlier run made."""
    async with made() as session:
        return await session.scalar(select(campaigns.Campaign.code).where(campaigns.Campaign.author == AUTHOR))


async def _furnish(made: Sessions, faq: Faq) -> str:
    """Write a release, drafts, questions, the inbox and a campaign; return the campaign's code."""
    now = dt.datetime.now(dt.UTC)
    await publish(made, faq, now)
    changed = [entry.model_copy(update={"short": "Câu trả lời mới."}) for entry in faq.entries[:DRAFTS]]
    drafted = faq.model_copy(update={"entries": (*changed, *faq.entries[DRAFTS:])})
    async with made.begin() as session:
        past = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "lan", "created_at": now}
        revisions = list(await session.scalars(select(Revision)))
        session.add(Release(name=PAST, state=ReleaseState.PAST, live_since=now, revisions=revisions, **past))
        await draft_whole(session, drafted, author="lan", now=now)
        proposal = {"drafts": {faq.entries[0].key: 1}, "why": "thử", "author": "lan", "created_at": now}
        session.add(Publication(state=PublicationState.WAITING, **proposal))
        await mark_changed(session, [now - dt.timedelta(days=days) for days in range(DAYS + 1)])
    await fill(made, faq)
    await Roller(made).refresh()
    about = {"name": "Chợ Hôm", "place": "Chợ Hôm", "entry": faq.entries[0].key}
    return (await campaigns.add(made, author=AUTHOR, first_day=now.date(), **about)).code


@asynccontextmanager
async def _logged_in(made: Sessions, faq: Faq, checks: tuple[CheckSentence, ...], folder: Path) -> AsyncIterator[Guest]:
    quick, live = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), LiveFaq(made, faq)
    with suppress(NameTakenError):
        async with made.begin() as session:
            kept = {"password": PASSWORD, "passwords": quick, "now": dt.datetime.now(dt.UTC)}
            await create_staff(session, "quan-tri", role=Role.ADMINISTRATOR, **kept)
    settings = WebSettings(_env_file=None, secret_key="bench", var_dir=folder, telegram_bot_name="hoidap_bot")
    async with RasaClient(rasa()) as client:
        parts = Parts(Dialogue(live, client, Pseudonyms("bench"), _nothing), live, made, client)
        app = build(parts, settings, passwords=quick, sentences=checks)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as browser:
            guest = Guest(browser)
            await guest.log_in("quan-tri", PASSWORD)
            yield guest


async def _nothing(_asked: Asked) -> None:
    """Record nothing."""


def _paths(faq: Faq, code: str) -> Iterator[str]:
    things = {"key": faq.entries[1].key, "number": "1", "number:int": "1", "id": faq.documents[0].id, "code": code}
    names = {"/cac-ban/{name}": PAST, "/can-bo/{name}": "quan-tri"}
    for method, path, *_ in FOR_STAFF:
        if method == "GET" and path not in LEFT_OUT and not path.endswith("}/{name}"):
            named = {**things, "name": names.get(path, "")}
            yield re.sub(r"\{([^}]+)\}", lambda found, named=named: named[found[1]], path)  # type: ignore[misc]
    yield from ALSO


async def timed(guest: Guest, path: str) -> Line:
    """Ask for a page several times."""
    first, *others = [await once(guest, path) for _ in range(TIMES + 1)]
    line = Line(path, first, tuple(others))
    console.print(f"{line.p95:5.0f} ms  {path}", markup=False)  # a run that is broken off has told something
    return line


async def once(guest: Guest, path: str) -> float:
    """Ask for a page; return the milliseconds it took."""
    started = time.perf_counter()
    answer = await guest.get(path)
    taken = (time.perf_counter() - started) * 1000
    assert answer.status_code == 200, (path, answer.status_code)
    return taken
