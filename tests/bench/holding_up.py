"""How the service holds up: many citizens at once, faults on the way, parts that are killed, hostile updates, long use.

`python -m tests.bench holding` prints one table; `--quick` tries everything in about two minutes, `--only` some of it.
It starts servers of its own beside a copy of the database; the live ones are left alone.
"""

import argparse
import asyncio
import copy
import dataclasses
import logging
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, func, select

import dialogue.kept  # noqa: F401 - adds its tables and those of the statistics
import faq.notices  # noqa: F401 - adds its table
import web.staff  # noqa: F401 - adds its tables
from bot.handled import HandledUpdate
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.entries import Faq
from faq.migrating import migrate
from faq.releasing import LIVE_MODEL
from service.environments import ROOT
from stats.questions import Question as Row
from tests.bench import programs, rasa_alone
from tests.bench.crowd import EACH, Asker, Crowd, Question, countable, endless, percentiles, settled, unanswered
from tests.bench.programs import Program
from tests.bench.servers import cpu_seconds, resident_megabytes
from tests.bench.stand_in import stand_in
from tests.bot.fuzzing import MARKER, Fuzzer
from tests.telegram.faults import Faults
from tests.telegram.server import TelegramServer

SEATS = 20
WARM_UP = 20
PATIENCE = 120.0
LONGEST_P95 = 1000.0
FIRST_RATE, FASTER = 12.0, 1.2
CALM_RATE = 10.0
TALKS = 10
"""Questions in each of the chats whose order is looked at."""
TOGETHER = 24
"""Questions on their way at once while memory is watched."""
CANNOT_READ = "chưa đọc được"
WAITED = "a question waits on disk"
ASCII_OF_MARKER = MARKER[:4]
"""However a line of the log writes the rest of it."""
console = Console(width=150, highlight=False)


@dataclass(frozen=True)
class Scale:
    """How much is asked of the service."""

    rate: float = 25.0
    seconds: float = 60.0
    step_seconds: float = 12.0
    faulty: int = 500
    kills: int = 5
    kill_rate: float = 5.0
    calm_seconds: float = 5.0
    hostile: int = 5_000
    messages: int = 50_000
    regulars: int = 2_000
    peer_entries: int = 10_000
    peer_examples: int = 10_000
    """Of each entry; training on all of them takes some ten minutes, once."""


QUICK = Scale(10.0, 5.0, 2.0, 50, 1, 5.0, 1.0, 250, 1_000, 100, 12, 5)


@dataclass(frozen=True)
class Line:
    """A row of the table."""

    what: str
    goal: str
    measured: str
    met: bool | None = None


@dataclass(frozen=True)
class Bench:
    """What every measure starts from."""

    scale: Scale
    folder: Path
    database: Path
    nlu: Program
    nlu_url: str
    faq: Faq
    texts: tuple[str, ...]
    kept: Path


@dataclass(frozen=True)
class Town:
    """A running bot and its Telegram."""

    telegram: TelegramServer
    bot: Program

    @property
    def breaches(self) -> Line:
        """What of the bot's calls was not as the Bot API wants it."""
        number = len(self.telegram.breaches)
        return Line("   lỗi hợp đồng với Bot API", "0", str(number), number == 0)


Measure = Callable[[Bench], Awaitable[list[Line]]]


@asynccontextmanager
async def switched_on(
    bench: Bench, name: str, *, nlu_url: str = "", database_url: str = "", unpaced: bool = False
) -> AsyncIterator[Town]:
    """Run a bot of its own beside a copy of the database, and let it answer a few before anything is measured."""
    folder = bench.folder / name
    folder.mkdir()
    if not database_url:
        shutil.copy(bench.database, folder / "service.db")
        database_url = f"sqlite:///{folder}/service.db"
    async with TelegramServer() as telegram:
        nlu = nlu_url or bench.nlu_url
        program = programs.bot(telegram, folder, nlu_url=nlu, database_url=database_url, unpaced=unpaced)
        try:
            await program.start()
            await settled(await Crowd(telegram, bench.texts[::-1], seats=WARM_UP).asks(10, WARM_UP / 10), 30)
            yield Town(telegram, program)
        finally:
            await asyncio.to_thread(program.stop)


# 1 ── many at once


async def many_at_once(bench: Bench) -> list[Line]:
    """Let 20 citizens ask on time."""
    scale = bench.scale
    async with switched_on(bench, "many") as town:
        at_work = {"bot": town.bot.pid, "máy hiểu ngôn ngữ": bench.nlu.pid, "Telegram giả và phép đo": os.getpid()}
        before = {name: cpu_seconds(pid) for name, pid in at_work.items()}
        asked = await Crowd(town.telegram, endless(bench.texts), seats=SEATS).asks(scale.rate, scale.seconds)
        await settled(asked, 30)
        cost = {name: (cpu_seconds(pid) - before[name]) * 1000 / len(asked) for name, pid in at_work.items()}
        p50, p95 = percentiles(asked)
        lost = unanswered(asked)
        what = f"1. {SEATS} người cùng lúc, {scale.rate:.0f} câu/giây trong {scale.seconds:.0f} s ({len(asked)} câu)"
        return [
            Line(f"{what}: từ lúc gửi đến lúc trả lời, p50", "", f"{p50:.0f} ms"),
            Line("   p95", "≤ 400 ms", f"{p95:.0f} ms", p95 <= 400),
            Line("   không được trả lời", "0", str(lost), lost == 0),
            Line("   thời gian CPU mỗi câu", "", ", ".join(f"{name} {ms:.0f} ms" for name, ms in cost.items())),
            town.breaches,
        ]


# 2 ── as many as can be


async def as_many_as_can_be(bench: Bench) -> list[Line]:
    """Find how many answers a second are possible: of the bot with Telegram's ceiling and without, and of the peer."""
    paced = await _highest_of_bot(bench, unpaced=False)
    unpaced = await _highest_of_bot(bench, unpaced=True)
    peer = await _highest_of_peer(bench)
    goal = f"≥ 3 lần Rasa ({3 * peer:.0f})"
    return [
        Line(
            "2. câu trả lời mỗi giây, p95 ≤ 1 s, trong giới hạn 30/s của Telegram", "≥ 30", f"{paced:.0f}", paced >= 30
        ),
        Line("   bỏ giới hạn ấy", goal, f"{unpaced:.0f} ({unpaced / peer:.1f} lần)", unpaced >= 3 * peer),
        Line("   Rasa tự trả lời qua REST (mặc định; huấn luyện 1 lượt, tốc độ không đổi)", "", f"{peer:.0f}"),
    ]


async def _highest_of_bot(bench: Bench, *, unpaced: bool) -> float:
    name = "không giới hạn" if unpaced else "giới hạn 30/s"
    async with switched_on(bench, f"most-{unpaced}", unpaced=unpaced) as town:
        crowd = Crowd(town.telegram, endless(bench.texts), seats=SEATS)

        async def asks(rate: float) -> list[Question]:
            asked = await crowd.asks(rate, bench.scale.step_seconds)
            await settled(asked, 30)
            return asked

        return await highest(asks, name)


async def _highest_of_peer(bench: Bench) -> float:
    models = await rasa_alone.trained(_of_peer(bench), bench.kept)
    async with rasa_alone.answering(models) as http:
        talk = rasa_alone.Talk(http, endless(bench.texts), seats=SEATS, each=EACH)
        await talk.asks(5, WARM_UP / 5)
        return await highest(lambda rate: talk.asks(rate, bench.scale.step_seconds), "Rasa một mình")


def _of_peer(bench: Bench) -> Faq:
    """Return the FAQ, or as much of it as can be trained on while somebody waits."""
    most = bench.scale.peer_examples
    entries = (e.model_copy(update={"examples": e.examples[:most]}) for e in bench.faq.entries)
    outside = (group.model_copy(update={"examples": group.examples[:most]}) for group in bench.faq.outside)
    kept = {"entries": tuple(entries)[: bench.scale.peer_entries], "outside": tuple(outside)}
    return bench.faq.model_copy(update=kept)


async def highest(asks: Callable[[float], Awaitable[list[Question]]], name: str) -> float:
    """Raise the load until p95 passes a second; return the answers a second before that."""
    rate, best = FIRST_RATE, 0.0
    while True:
        asked = await asks(rate)
        p50, p95 = percentiles(asked)
        last = max((q.answered[0] for q in asked if q.answered), default=0.0)
        per_second = len(asked) / max(last - asked[0].asked, len(asked) / rate)
        console.print(f"   {name}: {rate:.0f} câu/giây → {per_second:.1f}, p50 {p50:.0f} ms, p95 {p95:.0f} ms")
        if p95 > LONGEST_P95:
            return best or per_second
        best, rate = per_second, rate * FASTER


# 3 ── faults on the way


async def faults_on_the_way(bench: Bench) -> list[Line]:
    """Ask through a bad network; the order of the replies is that of a good one."""
    number = bench.scale.faulty
    calm, _, _, _ = await _talks(bench, "calm", Faults(), number)
    faults = Faults(drop=0.10, error_500=0.10, too_many=0.05, retry_after=1)
    heard, asked, wrong, breaches = await _talks(bench, "faulty", faults, number)
    answered = len(asked) - unanswered(asked)
    ordered = sum(_without_repeats(mine) == _without_repeats(then) for mine, then in zip(heard, calm, strict=True))
    twice = sum(len(q.answered) > 1 for q in asked)
    return [
        Line(
            f"3. {len(asked)} câu, 10 % đứt, 10 % lỗi 500, 5 % lỗi 429 ({wrong} lần hỏng): được trả lời",
            str(len(asked)),
            str(answered),
            answered == len(asked),
        ),
        Line("   cuộc trò chuyện giữ đúng thứ tự", str(len(heard)), str(ordered), ordered == len(heard)),
        Line("   câu trả lời thấy hai lần", "", str(twice)),
        breaches,
    ]


async def _talks(
    bench: Bench, name: str, faults: Faults, number: int
) -> tuple[list[list[str]], list[Question], int, Line]:
    """Let citizens talk side by side; return what each heard, all questions, and how often a call went wrong."""
    async with switched_on(bench, name) as town:
        town.telegram.faults = faults
        before = len(town.telegram.calls)
        crowd = Crowd(town.telegram, bench.texts, seats=number // TALKS, each=TALKS)
        asked = await crowd.asks(CALM_RATE, number / CALM_RATE)
        await settled(asked, PATIENCE)
        await asyncio.sleep(1)
        wrong = sum(call.status in {0, 429, 500} for call in town.telegram.calls[before:])
        return [asker.heard for asker in crowd.askers], asked, wrong, town.breaches


def _without_repeats(heard: Sequence[str]) -> list[str]:
    return [reply for number, reply in enumerate(heard) if reply not in heard[:number]]


# 4 ── killed


async def killed(bench: Bench) -> list[Line]:
    """Kill the bot, the NLU and the database while citizens ask."""
    folder = Path(tempfile.mkdtemp(prefix="bench-postgresql-"))  # where PostgreSQL's user may enter
    folder.chmod(0o755)
    database, url = programs.postgresql(folder)
    await database.start()
    try:
        await _pour(bench.database, url)
        engine = connect(url)
        lines = []
        for what in ("bot", "nlu", "database"):
            async with sessions(engine).begin() as session:  # each Telegram counts its updates from the same number
                await session.execute(delete(HandledUpdate))
                await session.execute(delete(Row))
            async with switched_on(bench, f"killed-{what}", database_url=url) as town:
                program = {"bot": town.bot, "nlu": bench.nlu, "database": database}[what]
                lines += await _killed(bench, town, program, sessions(engine))
        await engine.dispose()
        return lines
    finally:
        await asyncio.to_thread(database.stop)
        shutil.rmtree(folder)


async def _killed(bench: Bench, town: Town, program: Program, made: Sessions) -> list[Line]:
    scale = bench.scale
    away: list[float] = []

    async def killing() -> None:
        for _ in range(scale.kills):
            await asyncio.sleep(scale.calm_seconds)
            away.append(await program.killed_and_restarted())
        await asyncio.sleep(scale.calm_seconds)

    await _nothing_waits(bench, town, made)
    async with made.begin() as session:
        await session.execute(delete(Row))
    # One question a citizen: what somebody hears is then an answer to it, and nothing else.
    crowd = Crowd(town.telegram, countable(bench.texts), seats=1, each=1)
    asked = await crowd.asks_until(scale.kill_rate, asyncio.create_task(killing()))
    await settled(asked, PATIENCE)
    await _nothing_waits(bench, town, made)
    replies = [reply for asker in crowd.askers for reply in asker.heard]
    return [*_told(program, asked, away), *_bridged(town, replies), *await _counted(asked, made), town.breaches]


def _bridged(town: Town, replies: Sequence[str]) -> list[Line]:
    """Show that something was away: who was told so, and how many records waited on disk."""
    told = sum(CANNOT_READ in reply for reply in replies)
    waited = town.bot.log.read_text("utf-8", "replace").count(WAITED)
    return [
        Line("   được báo là lúc này chưa đọc được câu hỏi", "", str(told)),
        Line("   bản ghi đã chờ trên đĩa rồi được ghi", "", str(waited)),
    ]


def _told(program: Program, asked: Sequence[Question], away: Sequence[float]) -> list[Line]:
    lost, twice = unanswered(asked), sum(len(q.answered) > 1 for q in asked)
    slowest = max((q.milliseconds / 1000 for q in asked if q.answered), default=0.0)
    title = f"4. kill -9 «{program.name}» × {len(away)} (mỗi lần vắng {sum(away) / len(away):.0f} s), {len(asked)} câu"
    return [
        Line(f"{title}: không ai trả lời", "0", str(lost), lost == 0),
        Line("   chờ lâu nhất", "", f"{slowest:.0f} s"),
        Line("   câu trả lời thấy hai lần", "", str(twice)),
    ]


async def _counted(asked: Sequence[Question], made: Sessions) -> list[Line]:
    async with made() as session:
        rows: Counter[str] = Counter(
            dict((await session.execute(select(Row.text, func.count()).group_by(Row.text))).all())
        )
    lost = sum(rows[q.text] == 0 for q in asked)
    doubled = sum(rows[q.text] > 1 for q in asked)
    return [
        Line("   bản ghi bị mất", "0", str(lost), lost == 0),
        Line("   bản ghi bị đếm hai lần", "0", str(doubled), doubled == 0),
    ]


async def _nothing_waits(bench: Bench, town: Town, made: Sessions) -> None:
    """Wait until everything asked is handled and written."""
    spool = bench.folder / town.bot.log.parent / "spool"
    before, still = -1, 0
    for _ in range(int(PATIENCE)):
        with suppress(Exception):  # the database may be coming back
            async with made() as session:
                now = await session.scalar(select(func.count()).select_from(Row)) or 0
            waits = town.telegram.pending or any(spool.glob("*.jsonl"))
            still = still + 1 if now == before and not waits else 0
            before = now
        if still >= 2:
            return
        await asyncio.sleep(1)


async def _pour(old: Path, url: str) -> None:
    """Fill PostgreSQL with what stands in a SQLite database."""
    await asyncio.to_thread(migrate, url)
    source, target = connect(f"sqlite:///{old}"), connect(url)
    async with source.connect() as reading, target.begin() as writing:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row) for row in (await reading.execute(table.select())).mappings()]
            await writing.execute(table.delete())
            if rows:
                await writing.execute(table.insert(), rows)
    await source.dispose()
    await target.dispose()


# 5 ── hostile


async def hostile(bench: Bench) -> list[Line]:
    """Send what no client of Telegram would."""
    number = bench.scale.hostile
    async with switched_on(bench, "hostile") as town:
        telegram, log = town.telegram, town.bot.log
        people = [telegram.citizen(f"Người lạ {n}") for n in range(max(number // 12, 10))]
        for person in people:
            telegram.world.chats[person.id].open = True
        groups = [telegram.group(f"Nhóm {n}").profile for n in range(len(people) // 10 + 1)]
        chats = [telegram.world.chats[person.id].profile for person in people] + groups
        for update in Fuzzer(5, [person.user for person in people], chats).updates(number):
            telegram.push(copy.deepcopy(update))
        await _taken(town, number * 0.2)
        lan = await Asker(telegram, "Lan").asks("đăng ký tạm trú cần giấy tờ gì")
        await settled([lan], 30)
        await _taken(town, 10)
        left, crashed = telegram.pending, not (town.bot.alive and lan.answered)
        quoted = log.read_text("utf-8", "replace").count(ASCII_OF_MARKER)
        return [
            Line(
                f"5. {number} cập nhật độc hại: bot chết hay thôi trả lời",
                "không",
                "có" if crashed else "không",
                not crashed,
            ),
            Line("   lời đáp cho những cập nhật ấy", "", str(len(telegram.calls_of("sendMessage")) - WARM_UP - 1)),
            Line("   cập nhật còn kẹt", "0", str(left), left == 0),
            Line("   lời người dân trong nhật ký", "0", str(quoted), quoted == 0),
        ]


async def _taken(town: Town, seconds: float) -> None:
    """Wait until the bot has taken all updates, or is gone, or for so long."""
    last = time.monotonic() + seconds
    while town.telegram.pending and town.bot.alive and time.monotonic() < last:
        await asyncio.sleep(0.2)


# 6 ── long use


async def long_use(bench: Bench) -> list[Line]:
    """Watch the bot's memory over many messages; understanding is stood in for, and Telegram's ceiling lifted."""
    scale = bench.scale
    keys = [entry.key for entry in bench.faq.entries]
    async with stand_in(keys) as nlu, switched_on(bench, "long", nlu_url=nlu, unpaced=True) as town:
        regulars = [Asker(town.telegram, f"Người {n}") for n in range(scale.regulars)]
        texts, grown = endless(bench.texts), []
        for tenth in range(5):
            await _asked_in_turn(town, regulars, [next(texts) for _ in range(scale.messages // 5)])
            grown.append(resident_megabytes(town.bot.pid))
            console.print(f"   bộ nhớ bot sau {(tenth + 1) * scale.messages // 5} câu: {grown[-1]:.0f} MB")
        asked = [question for asker in regulars for question in asker.questions]
        shown = " → ".join(f"{size:.0f}" for size in grown)
        rise = grown[-1] - grown[0]
        return [
            Line(
                f"6. bộ nhớ bot trong {len(asked)} câu, sau mỗi {scale.messages // 5}",
                "≤ 200 MB",
                f"{shown} MB",
                max(grown) <= 200,
            ),
            Line("   tăng từ mốc đầu đến mốc cuối", "phẳng (≤ 10 MB)", f"{rise:+.0f} MB", rise <= 10),
            Line("   không được trả lời", "0", str(unanswered(asked)), unanswered(asked) == 0),
            town.breaches,
        ]


async def _asked_in_turn(town: Town, askers: Sequence[Asker], texts: Sequence[str]) -> None:
    gate = asyncio.Semaphore(TOGETHER)

    async def one(asker: Asker, words: str) -> None:
        async with gate:
            await settled([await asker.asks(words)], 30)

    await asyncio.gather(*(one(askers[n % len(askers)], words) for n, words in enumerate(texts)))
    # What Telegram keeps is not to crowd the machine while the bot's memory is watched.
    town.telegram.calls.clear()
    for asker in askers:
        asker.chat.posts.clear()


MEASURES: dict[str, Measure] = {
    "1": many_at_once,
    "2": as_many_as_can_be,
    "3": faults_on_the_way,
    "4": killed,
    "5": hostile,
    "6": long_use,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench holding", description="Đo sức chịu của cả dịch vụ.")
    parser.add_argument("--quick", action="store_true", help="thử mọi phép đo với số nhỏ")
    parser.add_argument("--only", default=",".join(MEASURES), help="các phép đo, ví dụ 1,4")
    parser.add_argument("--database", type=Path, default=ROOT / "var/service.db", help="được chép ra, không bị ghi")
    parser.add_argument("--model", type=Path, default=ROOT / "var/models" / LIVE_MODEL, help="được chép ra")
    parser.add_argument("--kept", type=Path, default=ROOT / "var/bench", help="nơi giữ mô hình của Rasa một mình")
    for field in dataclasses.fields(Scale):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), metavar="SỐ")
    return parser.parse_args()


async def main() -> None:
    """Measure what was asked for, and print."""
    chosen = _arguments()
    asked = {f.name: getattr(chosen, f.name) for f in dataclasses.fields(Scale)}
    scale = dataclasses.replace(
        QUICK if chosen.quick else Scale(), **{name: value for name, value in asked.items() if value is not None}
    )
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGINT, signal.SIGTERM):  # what was started is to end with this
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it complains of the connections that we cut
    console.print(f"Tải của máy lúc đầu: {_load()}; {os.cpu_count()} nhân")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        async with _prepared(Path(name), scale, chosen) as bench:
            for number in chosen.only.split(","):
                _print(await MEASURES[number](bench))
    console.print(f"Tải của máy lúc cuối: {_load()}")


@asynccontextmanager
async def _prepared(folder: Path, scale: Scale, chosen: argparse.Namespace) -> AsyncIterator[Bench]:
    models = folder / "models"
    models.mkdir()
    shutil.copy(chosen.model, models / LIVE_MODEL)
    await asyncio.to_thread(_copy, chosen.database, folder / "service.db")
    files = ContentFiles()
    singles = tuple(sentence.text for sentence in files.check_sentences() if not sentence.before)
    nlu, url = programs.rasa(models)
    await nlu.start()
    try:
        yield Bench(scale, folder, folder / "service.db", nlu, url, files.read(), singles, chosen.kept)
    finally:
        await asyncio.to_thread(nlu.stop)


def _copy(database: Path, to: Path) -> None:
    """Copy a database that others write to; without what was asked before, its tables up to date."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
    migrate(f"sqlite:///{to}")
    with closing(sqlite3.connect(to)) as new, new:
        new.execute("DELETE FROM handled_updates")
        new.execute("DELETE FROM questions")


def _print(lines: Sequence[Line]) -> None:
    table = Table("Phép đo", "Mục tiêu", "Đo được", "")
    for line in lines:
        table.add_row(line.what, line.goal, line.measured, {True: "đạt", False: "CHƯA ĐẠT", None: ""}[line.met])
    console.print(table)


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())
