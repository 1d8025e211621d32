"""How long the inbox takes with 200,000 questions and 2,000 groups behind it; the understanding is made up."""

import asyncio
import datetime as dt
import random
import re
import statistics
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from argon2 import PasswordHasher
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, insert, select

import bot.handled  # noqa: F401 - adds its table
import dialogue.kept  # noqa: F401 - adds its tables
from dialogue.building import Parts
from dialogue.conversation import Dialogue
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.editing import draft_whole
from faq.entries import Faq
from faq.folding import fold
from faq.live import LiveFaq
from nlu.rasa_client import RasaClient
from nlu.understanding import Guess, Understanding
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting, regroup
from stats.likeness import WordWeights, vector
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked, Question
from tests.web.fakes import rasa
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

QUESTIONS, GROUPS, WORDINGS, DOUBTFUL = 200_000, 2_000, 6, 0.15
DAYS = 90
TIMES = 20
CHUNK = 5_000
PATHS = {
    "trang đầu": "/hop-cau-hoi",
    "trang 40": "/hop-cau-hoi?trang=40",
    "tìm chữ": "/hop-cau-hoi?tim=vneid+1234",
    "theo chủ đề": "/hop-cau-hoi?chu-de=vneid",
    "đã quyết định": "/hop-cau-hoi?xem=da-quyet",
    "một nhóm": "/hop-cau-hoi/1",
    "một nhóm, tìm nhóm để gộp": "/hop-cau-hoi/1?tim=vneid",
}
console = Console(width=120, highlight=False)


async def _nothing(_asked: Asked) -> None:
    """Record nothing."""


async def main() -> None:
    """Fill a SQLite file and time the pages, and a reading that finds nothing new."""
    with TemporaryDirectory() as folder:
        engine = connect(f"sqlite:///{folder}/service.db")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        made, faq = sessions(engine), await asyncio.to_thread(ContentFiles().read)
        async with made.begin() as session:
            some = faq.model_copy(update={"entries": faq.entries[:20]})
            await draft_whole(session, some, author="bench", now=dt.datetime.now(dt.UTC))
        await fill(made, faq)
        await _measure(made, faq, Path(folder))
        await engine.dispose()


async def _measure(made: Sessions, faq: Faq, folder: Path) -> None:
    quick, live = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), LiveFaq(made, faq)
    async with made.begin() as session:
        await create_staff(
            session, "lan", password=PASSWORD, role=Role.EDITOR, passwords=quick, now=dt.datetime.now(dt.UTC)
        )
    async with RasaClient(rasa()) as client:
        parts = Parts(Dialogue(live, client, Pseudonyms("bench"), _nothing), live, made, client)
        app = build(parts, WebSettings(_env_file=None, secret_key="bench", var_dir=folder), passwords=quick)
        table = Table("Hộp câu hỏi", "p50", "p95")
        started = time.perf_counter()
        await app.state.office.inbox.read()
        reading = (time.perf_counter() - started) * 1000
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bench") as browser:
            guest = Guest(browser)
            await guest.log_in("lan", PASSWORD)
            for title, path in PATHS.items():
                table.add_row(title, *(f"{share:.0f} ms" for share in await _timed(guest, path)))
            table.add_row("gộp 25 nhóm", f"{await _joining(guest):.0f} ms", "")
    console.print(table)
    console.print(f"đọc lại cả tuần mà không có gì mới: {reading:.0f} ms")


async def _joining(guest: Guest) -> float:
    page = (await guest.get("/hop-cau-hoi")).text
    groups = re.findall(r'name="gop" value="(\d+)"', page)
    data = {"csrf": await guest.token("/hop-cau-hoi"), "gop": groups}
    started = time.perf_counter()
    answer = await guest.client.post("/hop-cau-hoi/gop", data=data)
    assert "loi" not in answer.headers["location"]
    return (time.perf_counter() - started) * 1000


async def _timed(guest: Guest, path: str) -> tuple[float, float]:
    taken = []
    await guest.get(path)
    for _ in range(TIMES):
        started = time.perf_counter()
        assert (await guest.get(path)).status_code == 200
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


async def fill(made: Sessions, faq: Faq) -> None:
    """Write down questions, and the groups of those without a good answer."""
    rng, now = random.Random(7), dt.datetime.now(dt.UTC)
    words = WordWeights(0, {})
    groups, messages = [], []
    for number in range(1, GROUPS + 1):
        entry = rng.choice(faq.entries)
        understood = Understanding.of((Guess(entry.key, 0.4), Guess(rng.choice(faq.entries).key, 0.1)))
        decided = Decision.IGNORED if number % 5 == 0 else Decision.OPEN
        values = {"text": "", "decision": decided, "people": 0, "times": 0, "wordings": 0, "doubt": 0.0, "rank": 0.0}
        groups.append({"id": number, **values, "profile": {}, "whys": {}, "first_at": now, "last_at": now})
        groups[-1] |= {"decided_at": now, "decided_by": "lan"} if number % 5 == 0 else {"decided_at": None}
        for text in (f"{example} {number}" for example in rng.sample(entry.examples, WORDINGS)):
            row = {"folded": fold(text)[:200], "group_id": number, "text": text, "times": 0, "people": 0, "unfit": ""}
            messages.append(row | {"taken": False, "vector": dict(vector(fold(text), understood, words))})
    messages = list({message["folded"]: message for message in messages}.values())
    await _insert(made, InboxGroup, groups)
    await _insert(made, InboxMessage, messages)
    asked, seen = [], []
    for _ in range(QUESTIONS):
        doubtful, name, at = rng.random() < DOUBTFUL, uuid.uuid4().hex, now - dt.timedelta(days=rng.random() * DAYS)
        message, person = rng.choice(messages), f"{rng.randrange(20_000):032d}"
        asked.append(_question(name, at, person, str(message["text"]), doubtful=doubtful))
        if doubtful:
            values = {"at": at, "why": "not_understood", "doubt": 0.7}
            seen.append({"id": name, "folded": message["folded"], "person": person, **values})
    await _insert(made, Question, asked)
    await _insert(made, InboxSighting, seen)
    async with made.begin() as session:
        await regroup(session, range(1, GROUPS + 1))
        console.print(f"{len(asked)} câu hỏi, {len(seen)} câu chưa trả lời tốt, {await _count(session)} nhóm")


async def _count(session: object) -> int:
    return int(await session.scalar(select(func.count()).select_from(InboxGroup)))  # type: ignore[attr-defined]


def _question(name: str, at: dt.datetime, person: str, text: str, *, doubtful: bool) -> dict[str, object]:
    ending = "not_understood" if doubtful else "answered"
    return {
        "id": name, "asked_at": at, "person": person, "channel": "telegram", "kind": "text", "text": text,
        "ending": ending, "offered": [], "confidence": 0.3, "milliseconds": 5, "masked_kinds": [], "language": "vi",
    }  # fmt: skip


async def _insert(made: Sessions, table: type[Base], rows: Sequence[dict[str, object]]) -> None:
    async with made.begin() as session:
        for start in range(0, len(rows), CHUNK):
            await session.execute(insert(table), rows[start : start + CHUNK])
