"""`python -m stats mask | report | weekly | template | campaign | demo-data | rebuild`: figures without the pages."""

import argparse
import asyncio
import datetime as dt
import getpass
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from rich.console import Console
from rich.markup import escape
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import VIETNAM, Sessions, async_url, connect, sessions
from faq.editing import live_faq
from faq.settings import Settings
from stats import campaigns
from stats.commands import HoldsQuestionsError, add_demo_data, add_rebuild, demo_data, rebuild
from stats.figures import day
from stats.figuring import Period
from stats.masking import mask
from stats.questions import Question
from stats.survey import Survey
from stats.surveying import UnknownTopicError, exported

STANDARD_OUTPUT = Path("-")


class CannotReportError(Exception):
    """Why there is no report, in one Vietnamese sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    options = _parser().parse_args(arguments)
    if options.command == "mask":
        return _mask(sys.stdin.buffer, sys.stdout.buffer)
    try:
        if options.command == "demo-data":
            return _demo_data(options)
        if options.command == "rebuild":
            return asyncio.run(_rebuild(options, Settings(), Console(highlight=False, soft_wrap=True)))
        if options.command == "template":
            print(f"Đã ghi mẫu báo cáo {_commands().template(options)}")
        elif options.command == "weekly":
            asyncio.run(_weekly(options, Settings()))
        elif options.command == "campaign":
            asyncio.run(_campaign(options, Settings(), Console(highlight=False, soft_wrap=True)))
        else:
            _report(options, Settings(), Console())
    except CannotReportError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stats", description="Thống kê câu hỏi của người dân.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="lệnh", title="các lệnh")
    commands.add_parser("mask", help="đọc từng dòng từ đầu vào chuẩn, in ra dòng đã che dữ liệu cá nhân")
    counting = commands.add_parser("report", help="in báo cáo: người dân đã hỏi gì, kết thúc ra sao")
    counting.add_argument("--from", dest="since", required=True, metavar="NGÀY", help="từ ngày, ví dụ 2026-11-01")
    counting.add_argument("--to", dest="until", required=True, metavar="NGÀY", help="đến hết ngày, ví dụ 2026-11-23")
    counting.add_argument("--topic", default="", metavar="MÃ", help="chỉ một chủ đề, ví dụ tam-tru")
    counting.add_argument("--xlsx", type=Path, metavar="TỆP", help="ghi thêm báo cáo ra tệp Excel này")
    counting.add_argument("--json", type=Path, metavar="TỆP", help="ghi thêm ra tệp JSON này («-»: in ra)")
    _commands().add_to(commands)
    campaign = commands.add_parser("campaign", help="tờ rơi, áp phích: tạo mã ?start=…; không ghi tên thì liệt kê")
    campaign.add_argument("name", nargs="?", help="tên đợt, ví dụ: Tờ rơi chợ Hôm")
    campaign.add_argument("--place", default="", metavar="NƠI", help="phát ở đâu")
    campaign.add_argument("--entry", metavar="MÃ", help="mã mục mở ra đầu tiên; để trống thì mở danh mục")
    campaign.add_argument("--from", dest="since", metavar="NGÀY", help="từ ngày (mặc định: hôm nay)")
    campaign.add_argument("--to", dest="until", metavar="NGÀY", help="đến hết ngày")
    campaign.add_argument("--by", default=getpass.getuser(), help="ai tạo")
    add_demo_data(commands)
    add_rebuild(commands)
    return parser


def _demo_data(options: argparse.Namespace) -> int:
    try:
        demo_data(options, Console(highlight=False, soft_wrap=True))
    except HoldsQuestionsError:
        raise CannotReportError(
            f"{options.into} đã có câu hỏi của người dân: hãy ghi dữ liệu giả vào nơi khác (--into)."
        ) from None
    except (SQLAlchemyError, OSError) as error:
        raise CannotReportError(f"Không ghi được vào {options.into} ({type(error).__name__}).") from None
    return 0


async def _rebuild(options: argparse.Namespace, settings: Settings, console: Console) -> int:
    engine = _engine(settings.database_url)
    try:
        await _require_table(engine)
        return 1 if await rebuild(engine, options, console) else 0
    except (SQLAlchemyError, OSError) as error:
        reason = type(error).__name__
        raise CannotReportError(f"Không dùng được cơ sở dữ liệu ({reason}): hãy xem lại DATABASE_URL.") from None
    finally:
        await engine.dispose()


def _mask(source: BinaryIO, target: BinaryIO) -> int:
    for line in iter(source.readline, b""):
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        try:
            target.write(mask(text).text.encode("utf-8", "replace") + b"\n")
            target.flush()
        except BrokenPipeError:
            return 0
    return 0


def _report(options: argparse.Namespace, settings: Settings, console: Console) -> None:
    since, until = _date(options.since), _date(options.until)
    if until < since:
        raise CannotReportError(f"Ngày cuối ({day(until)}) phải bằng hoặc sau ngày đầu ({day(since)}).")
    said = asyncio.run(_surveyed(options, settings.database_url, Period(since, until, options.topic)))
    if options.json != STANDARD_OUTPUT:
        from stats.printing import show

        show(said, console)
    for path, written in _files(options, said):
        if path == STANDARD_OUTPUT:
            print(written.decode())
        else:
            _write(written, path)
            console.print(f"Đã ghi tệp {escape(str(path))}")


def _files(options: argparse.Namespace, said: Survey) -> Iterator[tuple[Path, bytes]]:
    from stats.reports.workbook import book
    from stats.survey_tables import as_data, tables

    if options.xlsx:
        yield options.xlsx, book(tables(said))
    if options.json:
        yield options.json, json.dumps(as_data(said), ensure_ascii=False, indent=1).encode()


async def _weekly(options: argparse.Namespace, settings: Settings) -> None:
    from stats.reports.making import CannotMakeError

    engine = _engine(settings.database_url)
    try:
        await _require_table(engine)
        for path in await _commands().weekly(options, sessions(engine), settings.var_dir):
            print(f"Đã lập {path}")
    except CannotMakeError as error:
        raise CannotReportError(str(error)) from None
    except (SQLAlchemyError, OSError) as error:
        raise CannotReportError(f"Không lập được báo cáo ({type(error).__name__}).") from None
    finally:
        await engine.dispose()


def _commands() -> ModuleType:
    from stats.reports import commands

    return commands


async def _campaign(options: argparse.Namespace, settings: Settings, console: Console) -> None:
    engine = _engine(settings.database_url)
    try:
        await _require_table(engine)
        made = sessions(engine)
        if not options.name:
            for campaign in await campaigns.every(made):
                until = f" đến {day(campaign.last_day)}" if campaign.last_day else ""
                opens = campaign.entry or "danh mục"
                line = f"{campaign.code}  {campaign.name} ({opens}; từ {day(campaign.first_day)}{until})"
                console.print(line, markup=False)
            return
        await _require_entry(made, options.entry)
        added = await campaigns.add(
            made,
            name=options.name,
            place=options.place,
            author=options.by,
            first_day=_date(options.since) if options.since else dt.datetime.now(VIETNAM).date(),
            last_day=_date(options.until) if options.until else None,
            entry=options.entry,
        )
        console.print(f"Mã: {added.code}\nĐường dẫn: https://t.me/TÊN_BOT?start={added.code}", markup=False)
    except (SQLAlchemyError, OSError) as error:
        reason = type(error).__name__
        raise CannotReportError(f"Không dùng được cơ sở dữ liệu ({reason}): hãy xem lại DATABASE_URL.") from None
    finally:
        await engine.dispose()


async def _require_entry(made: Sessions, key: str | None) -> None:
    if key is None:
        return
    async with made() as session:
        faq = await live_faq(session)
    if faq is None or all(entry.key != key for entry in faq.entries):
        raise CannotReportError(f"Không có mục {key} trong bản đang chạy.")


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise CannotReportError(f"“{text}” không phải là ngày: hãy viết năm-tháng-ngày, ví dụ 2026-11-23.") from None


async def _surveyed(options: argparse.Namespace, url: str, period: Period) -> Survey:
    engine = _engine(url)
    try:
        await _require_table(engine)
        forms = [form for form in ("xlsx", "json") if getattr(options, form)]
        return await exported(sessions(engine), period, author=getpass.getuser(), forms=forms)
    except UnknownTopicError:
        raise CannotReportError(f"Không có chủ đề {period.topic} trong bản đang chạy.") from None
    except OverflowError:
        raise CannotReportError("Khoảng ngày quá xa: hãy chọn những ngày gần đây hơn.") from None
    except (SQLAlchemyError, OSError) as error:
        reason = type(error).__name__
        raise CannotReportError(f"Không đọc được cơ sở dữ liệu ({reason}): hãy xem lại DATABASE_URL.") from None
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    try:
        address = make_url(async_url(url))
        engine = connect(url)
    except (ArgumentError, ImportError):
        raise CannotReportError("DATABASE_URL không đúng dạng, ví dụ đúng: sqlite:///var/service.db.") from None
    # SQLite would make an empty database where there is none.
    if engine.dialect.name == "sqlite" and address.database and not Path(address.database).is_file():
        raise CannotReportError(f"Chưa có cơ sở dữ liệu {address.database}: hãy chạy dịch vụ ít nhất một lần.")
    return engine


async def _require_table(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if not await connection.run_sync(lambda plain: inspect(plain).has_table(Question.__tablename__)):
            raise CannotReportError("Cơ sở dữ liệu chưa có bảng câu hỏi: hãy chạy dịch vụ để tạo bảng.")


def _write(written: bytes, path: Path) -> None:
    try:
        path.write_bytes(written)
    except OSError as error:
        raise CannotReportError(f"Không ghi được tệp {path}: {error.strerror}.") from None


if __name__ == "__main__":
    sys.exit(main())
