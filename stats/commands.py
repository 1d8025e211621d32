"""`python -m stats demo-data | rebuild`: a made-up year for trials, and roll-ups counted again from the records."""

import argparse
import asyncio
import datetime as dt
from pathlib import Path

from rich.console import Console
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.content_files import ContentFiles
from faq.database import VIETNAM, async_url, connect, sessions
from faq.migrating import migrate
from stats.demo.filling import citizens_questions, fill
from stats.demo.town import Town
from stats.figures import day, whole
from stats.rolling import COUNTED, EVERYTHING, Counts, Mismatch, Roller
from stats.spans import DAY, MONTH, QUARTER, WEEK

DEMO = "sqlite:///var/demo.db"
LEVELS = {DAY: "ngày", WEEK: "tuần từ", MONTH: "tháng từ", QUARTER: "quý từ"}


class HoldsQuestionsError(Exception):
    """The database holds what citizens asked; made-up questions do not belong there."""


def add_demo_data(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the command line."""
    demo = commands.add_parser("demo-data", help="tạo dữ liệu giả của một năm để chạy thử, vào một cơ sở dữ liệu riêng")
    demo.add_argument("--days", type=_positive, default=365, metavar="SỐ", help="số ngày (mặc định 365)")
    demo.add_argument("--per-day", type=_positive, default=120, metavar="SỐ", help="tin nhắn mỗi ngày (mặc định 120)")
    demo.add_argument("--records", type=_positive, metavar="SỐ", help="tổng số tin nhắn, thay cho --per-day")
    demo.add_argument("--until", type=_date, metavar="NGÀY", help="ngày cuối (mặc định: hôm qua)")
    demo.add_argument("--seed", type=int, default=1, metavar="SỐ", help="cùng số thì ra cùng dữ liệu")
    demo.add_argument("--into", default=DEMO, metavar="URL", help=f"cơ sở dữ liệu (mặc định {DEMO})")
    demo.add_argument("--anyway", action="store_true", help="ghi cả khi cơ sở dữ liệu đã có câu hỏi của người dân")


def add_rebuild(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of the command line."""
    again = commands.add_parser("rebuild", help="đếm lại từ từng bản ghi, báo mọi chỗ khác số đã tổng hợp và sửa lại")
    again.add_argument("--from", dest="since", type=_date, metavar="NGÀY", help="từ ngày")
    again.add_argument("--to", dest="until", type=_date, metavar="NGÀY", help="đến hết ngày")


def demo_data(options: argparse.Namespace, console: Console) -> None:
    """Make a year of questions; raise HoldsQuestionsError where others are."""
    path = make_url(async_url(options.into)).database
    if options.into.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    migrate(options.into)
    asyncio.run(_fill(options, console))


async def _fill(options: argparse.Namespace, console: Console) -> None:
    engine = connect(options.into)
    try:
        there = await citizens_questions(engine)
        if there and not options.anyway:
            raise HoldsQuestionsError
        until = options.until or dt.datetime.now(VIETNAM).date() - dt.timedelta(days=1)
        town = Town(
            faq=ContentFiles().read(),
            since=until - dt.timedelta(days=options.days - 1),
            days=options.days,
            records=options.records or options.days * options.per_day,
            seed=options.seed,
            salt=there,
        )
        with console.status("Đang tạo dữ liệu giả") as status:
            await fill(engine, town, lambda words: status.update(f"Đang tạo dữ liệu giả: {words}"))
    finally:
        await engine.dispose()
    console.print(
        f"Đã ghi {whole(town.records)} tin nhắn giả, từ {day(town.since)} đến {day(town.until)}, vào {options.into}",
        markup=False,
    )


async def rebuild(engine: AsyncEngine, options: argparse.Namespace, console: Console) -> int:
    """Count days again, print each difference; return how many there were."""
    roller = Roller(sessions(engine))
    first, last = options.since or dt.date.min, options.until or dt.date.max
    days = [one for one in await roller.days() if first <= one <= last]
    with console.status("Đang đếm lại") as status:
        found = await roller.rebuild(days, lambda one: status.update(f"Đang đếm lại: {day(one)}"))
    for difference in found:
        console.print(_told(difference), markup=False)
    outcome = f"{whole(len(found))} chỗ khác, đã sửa lại" if found else "không có chỗ nào khác"
    console.print(f"Đã đếm lại {whole(len(days))} ngày: {outcome}.", markup=False)
    return len(found)


def _told(difference: Mismatch) -> str:
    where = difference.where
    topic = "" if where.topic == EVERYTHING else f", chủ đề {where.topic}"
    span = f"{LEVELS[difference.level]} {day(difference.first_day)}{topic}, {where.dim} {where.key}".rstrip()
    return f"{span}: {_changes(difference.stored or Counts(), difference.counted or Counts())}"


def _changes(stored: Counts, counted: Counts) -> str:
    pairs = ((name, getattr(stored, name), getattr(counted, name)) for name in COUNTED)
    told = [f"{name} {before} → {after}" for name, before, after in pairs if before != after]
    return "; ".join(told) or "những người hỏi"


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}” không phải là số lớn hơn 0")
    return int(text)


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” không phải là ngày, ví dụ đúng: 2026-11-23") from None
