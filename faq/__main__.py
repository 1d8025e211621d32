"""`python -m faq`: staff's path without pages: check, import, export, print, publish, roll back."""

import argparse
import asyncio
import datetime as dt
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from faq.commands import Office, RefusedToGoOnError
from faq.content_files import SHIPPED
from faq.notices import NoticeKind, Notices
from faq.problems import BrokenContentError
from faq.releasing import BusyError, NothingToPublishError, OvertakenError, RefusedError, UnknownReleaseError
from faq.settings import Settings
from nlu.rasa_client import NluUnavailableError, TrainingFailedError

console = Console(highlight=False, soft_wrap=True)
BUSY = "Đang có một lần công bố khác chạy dở. Hãy đợi xong rồi thử lại."
OVERTAKEN = "Trong lúc chuẩn bị, bản đang chạy đã đổi nên lần này không được đè lên. Hãy công bố lại."


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        return asyncio.run(_do(chosen))
    except BrokenContentError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False)
        console.print(f"{len(error.problems)} chỗ phải sửa trước.", style="red")
    except RefusedError as error:
        _explain_refusal(error)
    except (RefusedToGoOnError, TrainingFailedError, ValueError) as error:
        console.print(str(error), style="red", markup=False)
    except NothingToPublishError:
        console.print("Không có gì khác với bản đang chạy; không cần công bố.")
        return 0
    except (BusyError, OvertakenError) as error:
        console.print(BUSY if isinstance(error, BusyError) else OVERTAKEN, style="red")
    except UnknownReleaseError as error:
        console.print(f"Không có bản công bố nào để quay lại ({str(error) or 'chưa có bản trước'}).", style="red")
    except NluUnavailableError as error:
        console.print(
            f"Máy hiểu ngôn ngữ (NLU) không trả lời: {error}. Chạy `make nlu` rồi thử lại.", style="red", markup=False
        )
    except (SQLAlchemyError, OSError) as error:
        console.print(_out_of_reach(error), style="red", markup=False)
    return 1


def _out_of_reach(error: Exception) -> str:
    """Say which file or database cannot be used."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"Không đọc hoặc ghi được {error.filename}."
    return f"Không dùng được cơ sở dữ liệu ({type(error).__name__}). Xem lại DATABASE_URL."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m faq", description="Bộ hỏi đáp: kiểm tra, nạp, xuất, công bố, quay lại."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="kiểm tra các tệp, nói rõ tệp nào, mục nào, trường nào, vì sao")
    check.add_argument("folder", nargs="?", type=Path, default=SHIPPED)
    load = commands.add_parser("import", help="nạp tệp YAML hoặc Excel thành bản nháp; cho xem trước và hỏi")
    load.add_argument("source", nargs="?", type=Path, default=SHIPPED, help="thư mục YAML hoặc tệp .xlsx")
    load.add_argument("--yes", action="store_true", help="không hỏi lại")
    save = commands.add_parser("export", help="xuất bản đang chạy ra thư mục YAML hoặc tệp .xlsx")
    save.add_argument("target", type=Path)
    booklet = commands.add_parser("booklet", help="in mọi câu trả lời thành một tệp PDF và một tệp HTML")
    booklet.add_argument("--out", type=Path, metavar="THƯ-MỤC", help="mặc định: booklet trong VAR_DIR")
    publish = commands.add_parser("publish", help="công bố bản nháp: huấn luyện, kiểm tra, chuyển; hoặc từ chối")
    publish.add_argument("--by", default=getpass.getuser(), help="ai công bố")
    rollback = commands.add_parser("rollback", help="quay lại một bản trước, cả câu chữ lẫn mô hình")
    rollback.add_argument("release", nargs="?", help="tên bản, ví dụ 2026-11-23.1; để trống là bản ngay trước")
    commands.add_parser("releases", help="liệt kê các bản đã công bố")
    commands.add_parser("migrate", help="tạo hoặc nâng cấp các bảng của cơ sở dữ liệu")
    notice = commands.add_parser("notice", help="thông báo cho mọi người dùng bot: thêm, bỏ; không ghi gì thì liệt kê")
    notice.add_argument("text", nargs="?", help="câu thông báo, trong ngoặc kép")
    notice.add_argument("--from", dest="first_day", type=_day, metavar="NGÀY", help="từ ngày (mặc định: hôm nay)")
    notice.add_argument("--until", dest="last_day", type=_day, metavar="NGÀY", help="đến hết ngày")
    notice.add_argument("--withdraw", type=int, metavar="SỐ", help="bỏ thông báo số này")
    notice.add_argument("--by", default=getpass.getuser(), help="ai thông báo")
    stop = commands.add_parser("stop", help="tạm dừng bot cho mọi người; phải ghi lý do")
    stop.add_argument("reason", help="lý do, người dân sẽ đọc")
    stop.add_argument("--by", default=getpass.getuser(), help="ai cho dừng")
    resume = commands.add_parser("resume", help="cho bot trả lời lại")
    resume.add_argument("--by", default=getpass.getuser(), help="ai cho chạy lại")
    fill = commands.add_parser("fill", help="nếu chưa có gì đang chạy: nạp bộ hỏi đáp kèm theo và công bố")
    fill.add_argument("--by", default=getpass.getuser(), help=argparse.SUPPRESS)
    return parser


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} không phải là ngày dạng 2026-12-31") from None


async def _do(chosen: argparse.Namespace) -> int:
    if chosen.command == "check":
        return Office.check(chosen.folder, console)
    async with Office.open(Settings(), console) as office:
        match chosen.command:
            case "import":
                await office.load(chosen.source, sure=chosen.yes)
            case "export" | "booklet":
                await _hand_out(office, chosen)
            case "publish":
                await office.publish(author=chosen.by)
            case "rollback":
                await office.roll_back(chosen.release)
            case "releases":
                await office.releases()
            case "migrate":
                await office.migrate()
            case "notice" | "stop" | "resume":
                await _tell_everybody(office.notices, chosen)
            case "fill":
                await office.fill(author=chosen.by)
    return 0


async def _hand_out(office: Office, chosen: argparse.Namespace) -> None:
    """Give what is live to staff as files to edit, or to everybody on paper."""
    if chosen.command == "export":
        await office.save(chosen.target)
        return
    from faq.booklet.writing import write

    await office.print_booklet(write, chosen.out)


async def _tell_everybody(notices: Notices, chosen: argparse.Namespace) -> None:
    if chosen.command == "stop":
        await notices.stop(chosen.reason, author=chosen.by)
        console.print("Đã tạm dừng. Người dân thấy lý do trong vòng một phút. Cho chạy lại: resume.")
    elif chosen.command == "resume":
        stopped = await notices.resume(author=chosen.by)
        console.print("Bot trả lời lại." if stopped else "Bot không bị tạm dừng.")
    else:
        await _announce(notices, chosen)


async def _announce(notices: Notices, chosen: argparse.Namespace) -> None:
    if chosen.withdraw is not None:
        stood = await notices.withdraw(chosen.withdraw, author=chosen.by)
        console.print("Đã bỏ thông báo." if stood else "Không có thông báo nào mang số này.")
    elif chosen.text is not None:
        number = await notices.give(chosen.text, author=chosen.by, first_day=chosen.first_day, last_day=chosen.last_day)
        console.print(f"Đã ghi thông báo số {number}. Người dân thấy trong vòng một phút.")
    else:
        for row in await notices.standing():
            until = f", đến hết {row.last_day:%d/%m/%Y}" if row.last_day else ""
            what = "TẠM DỪNG" if row.kind == NoticeKind.STOP else f"số {row.id}"
            console.print(f"[{what}] {row.text} (từ {row.first_day:%d/%m/%Y}{until}; {row.author})", markup=False)


def _explain_refusal(error: RefusedError) -> None:
    console.print(f"Không công bố: {error}. Bản cũ vẫn chạy.", style="red", markup=False)
    for failure in error.report.failures[:40]:
        mark = "AN TOÀN " if failure.safety else ""
        console.print(f"  {mark}«{failure.text}»: cần {failure.expected}, hiểu thành {failure.guessed}", markup=False)
    if len(error.report.failures) > 40:  # noqa: PLR2004 - a screenful
        console.print(f"  … và {len(error.report.failures) - 40} câu nữa")


if __name__ == "__main__":
    sys.exit(main())
