"""How fast the statistics are, and that they stay so: with some records behind them, and with ten million.

`python -m tests.bench statistics --records 10000000 --database postgresql` makes up two years of questions, rolls them
up, and measures what pages ask for, every page and export, the weekly report, recording a question, and counting a busy
day again. Small numbers by default.
"""

import argparse
import asyncio
import dataclasses
import datetime as dt
import os
import random
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

import faq.notices  # noqa: F401 - adds its table
from faq.content_files import ContentFiles
from faq.database import VIETNAM, Base, Sessions, connect, sessions
from faq.entries import Faq
from stats import figuring
from stats.demo.filling import fill
from stats.demo.town import Town
from stats.endings import Ending
from stats.figuring import Period
from stats.questions import Asked, Question, new_id
from stats.recording import Recorder
from stats.reports.making import WeeklyReports
from stats.rolling import DayCell, Roller, mark_changed
from stats.spans import A_WEEK, monday_of
from stats.weekly import WeeklyReport
from tests.bench import programs
from tests.bench.holding_up import Line
from tests.bench.pages import Desk, desk, once, timed
from web.filters import query_of

UNTIL = dt.date(2026, 11, 29)
DIMS = ("topic", "entry", "aspect", "hour", "channel", "campaign", "release")
PERIODS = {"tuần": 7, "tháng": 30, "quý": 91, "hai năm": 730}
FEW = 10_000
"""Records behind the recording that the other is held against."""
PAGE, RECORDING, EXPORT, REPORT = 300.0, 10.0, 5_000.0, 15_000.0
"""Goals in milliseconds."""
RECORDED = 400
REPORTS = 5
console = Console(width=150, highlight=False)


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    taken: tuple[float, ...]

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.taken)

    @property
    def p95(self) -> float:
        """What nineteen of twenty stay below."""
        return sorted(self.taken)[min(len(self.taken) - 1, int(len(self.taken) * 0.95))]

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f} ms, p95 {self.p95:.1f} ms"


async def main() -> None:
    """Measure and print."""
    options = _arguments()
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGINT, signal.SIGTERM):  # the folder is to go with this
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    console.print(f"Tải của máy lúc đầu: {_load()}; {os.cpu_count()} nhân")
    folder = options.kept or Path(tempfile.mkdtemp(prefix="counting-", dir=options.folder))
    folder.mkdir(exist_ok=True, parents=True)
    folder.chmod(0o755)  # PostgreSQL's own user goes through it
    shipped = ContentFiles().read()
    try:
        async with _database(options.database, folder, "few") as engine:
            few = await _recording(engine, await _filled(engine, shipped, FEW, 30), folder)
        async with _database(options.database, folder, "many") as engine:
            lines = await _measured(engine, shipped, options, folder, few)
    finally:
        shutil.rmtree(folder / "few", ignore_errors=True)
        if not options.kept:
            shutil.rmtree(folder)
    _print(lines, f"{options.records:,} bản ghi trong {options.days} ngày, {options.database}".replace(",", "."))
    console.print(f"Tải của máy lúc cuối: {_load()}")


async def _measured(
    engine: AsyncEngine, shipped: Faq, options: argparse.Namespace, folder: Path, few: Times
) -> list[Line]:
    begun = time.perf_counter()
    told: dict[str, float] = {}
    town = await _filled(engine, shipped, options.records, options.days, told)
    filled = time.perf_counter()
    made = sessions(engine)
    rolling = filled - told.get("tổng hợp theo ngày", filled)
    async with made() as session:
        cells = await session.scalar(select(func.count()).select_from(DayCell))
    if engine.dialect.name == "postgresql":
        await _analyzed(engine)
    lines = [
        Line("viết bản ghi, lập chỉ mục", "", f"{filled - begun - rolling:.0f} s"),
        Line(f"tổng hợp tất cả ({cells} ô)", "", f"{rolling:.0f} s"),
        *[line async for line in _read(made, town, options.times)],
        Line(f"ghi một câu hỏi, sau {FEW} bản ghi", "≤ 10 ms", str(few), few.p95 <= RECORDING),
        _goal(f"ghi một câu hỏi, sau {options.records} bản ghi", RECORDING, await _recording(engine, town, folder)),
        Line("đếm lại một ngày đông nhất", "", str(await _counted_again(made, town))),
        *[line async for line in _reports(made, town, folder)],
    ]
    async with desk(engine, folder) as opened:
        lines += [line async for line in _exports(opened, town, options.times)]
        for path in opened.paths:
            lines.append(_goal(f"trang {path}", PAGE, Times((await timed(opened.guest, path)).others)))
    return lines


async def _filled(
    engine: AsyncEngine, shipped: Faq, records: int, days: int, told: dict[str, float] | None = None
) -> Town:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        held = await connection.scalar(select(func.count()).select_from(Question))
    town = Town(faq=shipped, since=UNTIL - dt.timedelta(days=days - 1), days=days, records=records)
    if held:  # kept by an earlier run
        return town
    with console.status("") as status:

        def tell(words: str) -> None:
            status.update(f"{records} bản ghi: {words}")
            if told is not None:
                told[words] = time.perf_counter()

        await fill(engine, town, tell)
    return town


async def _analyzed(engine: AsyncEngine) -> None:
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("VACUUM ANALYZE")


async def _read(made: Sessions, town: Town, times: int) -> AsyncIterator[Line]:
    """Measure what pages ask for; periods of the same length that lie differently each time."""
    chance = random.Random(1)
    for name, length in PERIODS.items():

        def period(length: int = length) -> Period:
            return _somewhere(chance, town, length)

        yield _goal(f"total, {name}", PAGE, await _timed(made, figuring.total, period, times))
        for dim in DIMS:
            yield _goal(f"by {dim}, {name}", PAGE, await _timed(made, _by(dim), period, times))
        yield _goal(f"by_hour, {name}", PAGE, await _timed(made, figuring.by_hour, period, times))
        yield _goal(f"by_day, {name}", PAGE, await _timed(made, figuring.by_day, period, times))
        yield _goal(f"by entry, một chủ đề, {name}", PAGE, await _timed(made, _by("entry"), _of_a_topic(period), times))


Asks = Callable[..., Awaitable[object]]


def _by(dim: str) -> Asks:
    return lambda session, period: figuring.by(session, period, dim)


def _of_a_topic(period: Callable[[], Period]) -> Callable[[], Period]:
    return lambda: dataclasses.replace(period(), topic="vneid")


async def _timed(made: Sessions, asks: Asks, period: Callable[[], Period], times: int) -> Times:
    taken = []
    for _ in range(times):
        over = period()
        async with made() as session:
            begun = time.perf_counter()
            await asks(session, over)
            taken.append((time.perf_counter() - begun) * 1000)
    return Times(tuple(taken))


async def _reports(made: Sessions, town: Town, folder: Path) -> AsyncIterator[Line]:
    """Make the reports of the last whole weeks, with all their files."""
    reports, taken = WeeklyReports(made, folder), []
    last = monday_of(town.until + dt.timedelta(days=1)) - A_WEEK
    async with made.begin() as session:  # those of an earlier run
        await session.execute(delete(WeeklyReport))
    shutil.rmtree(folder / "reports", ignore_errors=True)
    for number in reversed(range(min(REPORTS, town.days // 7))):
        begun = time.perf_counter()
        await reports.make(last - A_WEEK * number, author="bench")
        taken.append((time.perf_counter() - begun) * 1000)
    yield _goal("báo cáo tuần, ba tệp", REPORT, Times(tuple(taken)))


async def _exports(opened: Desk, town: Town, times: int) -> AsyncIterator[Line]:
    """Ask for the page of statistics and its files, over periods that lie differently each time."""
    chance = random.Random(2)
    for path, goal in {"/thong-ke": PAGE, "/thong-ke.json": EXPORT, "/thong-ke.xlsx": EXPORT}.items():
        for name, length in PERIODS.items():
            for topic in ("", "vneid"):
                taken = []
                for _ in range(times):
                    query = query_of(dataclasses.replace(_somewhere(chance, town, length), topic=topic))
                    taken.append(await once(opened.guest, f"{path}?{query}"))
                yield _goal(f"{path}, {name}{topic and ', một chủ đề'}", goal, Times(tuple(taken)))


def _somewhere(chance: random.Random, town: Town, length: int) -> Period:
    days = min(length, town.days - 1)
    back = dt.timedelta(days=chance.randrange(max(1, town.days - days)))
    return Period(town.until - back - dt.timedelta(days=days - 1), town.until - back)


async def _recording(engine: AsyncEngine, town: Town, folder: Path) -> Times:
    made = sessions(engine)
    recorder = Recorder(made, folder / "spool")
    taken = []
    for number in range(RECORDED):
        asked = Asked(
            id=new_id(),
            asked_at=dt.datetime.combine(town.until, dt.time(12), VIETNAM),
            channel="telegram",
            text="làm căn cước ở đâu",
            ending=Ending.ANSWERED,
            person=f"{number % 40:032x}",
            entry="can-cuoc.noi-lam",
            topic="can-cuoc",
            aspect="noi-lam",
            confidence=0.8,
        )
        begun = time.perf_counter()
        await recorder.record(asked)
        taken.append((time.perf_counter() - begun) * 1000)
    if recorder.waiting():
        raise RuntimeError("questions were kept on disk instead of being recorded")
    return Times(tuple(taken[RECORDED // 10 :]))


async def _counted_again(made: Sessions, town: Town) -> Times:
    async with made() as session:
        found = await figuring.by_day(session, Period(town.since, town.until))
    busiest = max(found, key=lambda day: found[day].counts.messages)
    roller = Roller(made, clock=lambda: dt.datetime.combine(busiest, dt.time(23), VIETNAM))
    await roller.refresh()
    taken = []
    for _ in range(5):
        async with made.begin() as session:
            await mark_changed(session, [dt.datetime.combine(busiest, dt.time(12), VIETNAM)])
        begun = time.perf_counter()
        await roller.refresh()
        taken.append((time.perf_counter() - begun) * 1000)
    return Times(tuple(taken))


@asynccontextmanager
async def _database(kind: str, folder: Path, name: str) -> AsyncIterator[AsyncEngine]:
    place = folder / name
    place.mkdir(exist_ok=True)
    server = None
    if kind == "postgresql":
        server, url = programs.postgresql(place)
        await server.start()
    else:
        url = f"sqlite:///{place}/service.db"
    engine = connect(url)
    try:
        yield engine
    finally:
        await engine.dispose()
        if server is not None:
            await asyncio.to_thread(server.stop)


def _goal(what: str, goal: float, times: Times) -> Line:
    console.print(f"{what}: {times}", markup=False)  # a run that is broken off has told something
    return Line(what, f"≤ {goal:.0f} ms", str(times), times.p95 <= goal)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench statistics", description="Đo tốc độ của thống kê.")
    parser.add_argument("--records", type=int, default=20_000, help="số bản ghi")
    parser.add_argument("--days", type=int, default=760, help="trong bao nhiêu ngày")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kept", type=Path, help="nơi giữ cơ sở dữ liệu, để lần đo sau dùng lại")
    parser.add_argument("--times", type=int, default=20, help="đo mỗi phép bao nhiêu lần")
    parser.add_argument("--folder", type=Path, help="nơi để cơ sở dữ liệu tạm (10 triệu bản ghi: khoảng 6 GB)")
    return parser.parse_args()


def _print(lines: list[Line], title: str) -> None:
    table = Table("Phép đo", "Mục tiêu", "Đo được", "", title=title, title_justify="left")
    for line in lines:
        table.add_row(line.what, line.goal, line.measured, {True: "đạt", False: "CHƯA ĐẠT", None: ""}[line.met])
    console.print(table)


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())
