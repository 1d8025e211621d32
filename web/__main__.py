"""`python -m web run` serves the office's pages; `staff` and `link` let people in and out. Builds the real things."""

import argparse
import asyncio
import datetime as dt
import errno
import getpass
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from dialogue.building import parts
from faq.content_files import ContentFiles
from faq.database import VIETNAM, Sessions, connect, sessions
from faq.entries import CheckSentence
from faq.problems import BrokenContentError
from faq.settings import explain
from stats.figures import day
from web.application import build
from web.passwords import Passwords, WeakPasswordError
from web.rights import TITLES, Role
from web.second_step import switch_off
from web.settings import WebSettings
from web.staff import (
    SERVER,
    BadNameError,
    LastAdministratorError,
    NameTakenError,
    NoAdministratorError,
    UnknownStaffError,
    change_role,
    create_staff,
    everybody,
    first_administrator,
    hand_link,
    lock,
    plain_name,
    unlock,
)
from web.working import working

log = logging.getLogger(__name__)

TAKEN = (
    "Cổng {port} trên {host} đang có chương trình khác dùng. Tắt chương trình đó, "
    "hoặc đặt WEB_PORT thành số khác trong .env rồi chạy lại."
)
NOT_OPENED = "Không mở được cổng {port} trên {host} ({why}). Xem lại WEB_HOST và WEB_PORT trong .env."
NO_SECRET = "Chưa có SECRET_KEY trong .env. Chạy `make setup` để tạo, rồi chạy lại."  # noqa: S105 - a sentence
NO_DATABASE = "Chưa đọc được cơ sở dữ liệu ({kind}). Xem lại DATABASE_URL, và chạy `make setup` nếu chưa chạy lần nào."
NO_ADMINISTRATOR = (
    "Chưa có quản trị viên nào đang hoạt động. Thêm một người: python -m web staff add TÊN --role administrator"
)
BACKLOG = 128


class StoppedError(Exception):
    """It cannot go on; the text says why, in one sentence."""


STOPPING = (
    StoppedError,
    BadNameError,
    NameTakenError,
    WeakPasswordError,
    NoAdministratorError,
    LastAdministratorError,
    UnknownStaffError,
    BrokenContentError,
    ValidationError,
    SQLAlchemyError,
    ConnectionError,
    socket.gaierror,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit status."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(_do(chosen, WebSettings()))
    except STOPPING as error:
        print(_why(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _why(error: Exception) -> str:
    """Return what stopped it, in a sentence for whoever sits at the terminal."""
    match error:
        case ValidationError():
            return "\n".join(explain(error))
        case BrokenContentError():
            return f"Nội dung hỏi đáp đi kèm có lỗi: {error}"
        case NoAdministratorError():
            return NO_ADMINISTRATOR
        case SQLAlchemyError() | OSError():
            return NO_DATABASE.format(kind=type(error).__name__)
        case _:
            return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m web", description="Cửa của cán bộ: trang quản lý và hỏi thử.")
    commands = parser.add_subparsers(dest="what", metavar="lệnh", required=True)
    commands.add_parser("run", help="chạy các trang")
    commands.add_parser("link", help="in liên kết vào trang một lần cho quản trị viên (dùng được 30 phút)")
    staff = commands.add_parser("staff", help="cán bộ được vào trang").add_subparsers(
        dest="act", metavar="việc", required=True
    )
    staff.add_parser("list", help="liệt kê cán bộ")
    add = _about(staff, "add", "thêm cán bộ")
    add.add_argument("--role", type=Role, choices=list(Role), default=Role.EDITOR, help="vai trò (mặc định: editor)")
    add.add_argument("--password-stdin", action="store_true", help="đọc mật khẩu từ dòng đầu của đầu vào chuẩn")
    role = _about(staff, "role", "đổi vai trò của một cán bộ")
    role.add_argument(
        "role", metavar="VAI_TRÒ", type=Role, choices=list(Role), help="viewer, editor, approver hoặc administrator"
    )
    _about(staff, "lock", "khóa một cán bộ: không đăng nhập được nữa, mọi phiên kết thúc")
    _about(staff, "unlock", "mở khóa cho một cán bộ")
    _about(staff, "no-second-step", "bỏ bước xác nhận thứ hai của một cán bộ (mất điện thoại, đổi SECRET_KEY)")
    return parser


def _about(
    staff: "argparse._SubParsersAction[argparse.ArgumentParser]", act: str, told: str
) -> argparse.ArgumentParser:
    """Add a command that is about one member of staff."""
    parser = staff.add_parser(act, help=told)
    parser.add_argument("name", metavar="TÊN", help="tên đăng nhập")
    return parser


async def _do(chosen: argparse.Namespace, settings: WebSettings) -> None:
    await COMMANDS[chosen.what](settings, chosen)


async def _staff(settings: WebSettings, chosen: argparse.Namespace) -> None:
    await STAFF_COMMANDS[chosen.act](settings, chosen)


async def _run(settings: WebSettings, _chosen: argparse.Namespace) -> None:
    if not settings.secret_key:
        raise StoppedError(NO_SECRET)
    # uvicorn gives a signal on once it has stopped; this way the parts are closed first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _listen(settings.web_host, settings.web_port) as listening:
        async with parts(settings) as made:
            app = build(made, settings, sentences=_check_sentences())
            config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False, lifespan="off")
            print(f"Trang của cán bộ: {settings.address}", flush=True)
            async with working(app.state.office):
                await uvicorn.Server(config).serve(sockets=[listening])


def _check_sentences() -> tuple[CheckSentence, ...]:
    """Return the sentences kept out of training; none while somebody is in the middle of editing their files."""
    try:
        return ContentFiles().check_sentences()
    except BrokenContentError as error:
        log.warning("check sentences cannot be read: %s", error)
        return ()


async def _link(settings: WebSettings, _chosen: argparse.Namespace) -> None:
    now = dt.datetime.now(dt.UTC)
    async with _database(settings) as made, made.begin() as session:
        owner = await first_administrator(session, now)
        token = await hand_link(session, owner, author=SERVER, now=now)
    print(f"{settings.address}/vao/{token}")


async def _list(settings: WebSettings, _chosen: argparse.Namespace) -> None:
    async with _database(settings) as made, made() as session:
        for member in await everybody(session):
            state = " · có bước thứ hai" * (member.totp_nonce is not None) + " · đã khóa" * (not member.active)
            since = day(member.created_at.astimezone(VIETNAM).date())
            print(f"{member.name} · {TITLES[Role(member.role)]} · từ {since}{state}")


async def _add(settings: WebSettings, chosen: argparse.Namespace) -> None:
    password = sys.stdin.readline().rstrip("\r\n") if chosen.password_stdin else _asked_password()
    async with _database(settings) as made, made.begin() as session:
        added = await create_staff(
            session,
            chosen.name,
            password=password,
            role=chosen.role,
            passwords=Passwords(),
            now=dt.datetime.now(dt.UTC),
        )
    print(f"Đã thêm cán bộ «{added.name}» ({TITLES[Role(added.role)]}).")


async def _role(settings: WebSettings, chosen: argparse.Namespace) -> None:
    async with _database(settings) as made, made.begin() as session:
        await change_role(session, chosen.name, role=chosen.role, author=SERVER, now=dt.datetime.now(dt.UTC))
    print(f"Vai trò của «{plain_name(chosen.name)}» nay là: {TITLES[chosen.role]}.")


def _change(do: Callable[..., Awaitable[object]], told: str) -> Callable[..., Awaitable[None]]:
    """Return the command that does `do` with a member of staff and tells so."""

    async def command(settings: WebSettings, chosen: argparse.Namespace) -> None:
        async with _database(settings) as made, made.begin() as session:
            await do(session, chosen.name, author=SERVER, now=dt.datetime.now(dt.UTC))
        print(told.format(plain_name(chosen.name)))

    return command


def _asked_password() -> str:
    if not sys.stdin.isatty():
        raise StoppedError("Không có bàn phím để nhập mật khẩu; hãy dùng --password-stdin.")
    try:
        password = getpass.getpass("Mật khẩu: ")
        again = getpass.getpass("Nhập lại mật khẩu: ")
    except EOFError:
        raise StoppedError("Chưa nhập mật khẩu, chưa thêm ai.") from None
    if again != password:
        raise StoppedError("Hai lần nhập mật khẩu không giống nhau.")
    return password


@asynccontextmanager
async def _database(settings: WebSettings) -> AsyncIterator[Sessions]:
    engine = connect(settings.database_url)
    try:
        yield sessions(engine)
    finally:
        await engine.dispose()


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started, so that a taken one is told in one sentence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        told = TAKEN if error.errno == errno.EADDRINUSE else NOT_OPENED
        raise StoppedError(told.format(port=port, host=host, why=error.strerror or type(error).__name__)) from None


COMMANDS: Mapping[str, Callable[..., Awaitable[None]]] = {"run": _run, "link": _link, "staff": _staff}
STAFF_COMMANDS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "list": _list,
    "add": _add,
    "role": _role,
    "lock": _change(lock, "Đã khóa «{}»: không đăng nhập được nữa, mọi phiên đã kết thúc."),
    "unlock": _change(unlock, "«{}» đăng nhập lại được."),
    "no-second-step": _change(switch_off, "«{}» đăng nhập không cần mã trên điện thoại nữa."),
}

if __name__ == "__main__":
    sys.exit(main())
