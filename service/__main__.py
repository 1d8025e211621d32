"""`python -m service setup|run|nlu`: what `make setup`, `make run` and `make nlu` do once the environments stand."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from bot.settings import BotSettings
from faq.settings import explain
from nlu.rasa_client import RasaClient
from service.environments import ROOT, SetupError
from service.parts import PYTHON, Part, bot, nlu_server, office
from service.preflight import check_env_file, check_nlu_environment, check_port, check_private
from service.supervisor import Supervisor, listen_for_signals, write_line
from web.settings import WebSettings

START_SECONDS = 180
HEARTBEAT = 10
MOST_RESTARTS, RESTART_PAUSE = 3, 2
REFUSED = 1
"""Exit status of a part that cannot run as it is set up: starting it again would not help."""

NO_BOT = """Chưa có TELEGRAM_BOT_TOKEN nên chưa nối với Telegram. Cách lấy:
  1. Mở Telegram, tìm @BotFather, nhắn /newbot rồi đặt tên cho bot.
  2. Chép mã BotFather gửi vào tệp .env: TELEGRAM_BOT_TOKEN=…
  3. Bấm Ctrl-C ở đây rồi chạy lại `make run`.
Trong lúc chờ: hỏi thử trên trình duyệt ở trang trên đây, hoặc ở cửa sổ lệnh khác: .venv/bin/python -m bot ask"""


class PartEndedError(Exception):
    """A part of the service ended by itself."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m service")
    parser.add_argument("what", choices=("setup", "run", "nlu"))
    chosen = parser.parse_args(arguments)
    try:
        check_env_file(ROOT / ".env")
        return asyncio.run({"setup": set_up, "run": run, "nlu": run_nlu}[chosen.what]())
    except (SetupError, PartEndedError) as error:
        print(error, file=sys.stderr)
    except ValidationError as error:
        print(*explain(error), sep="\n", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


async def set_up() -> int:
    """Make the tables, train the first model and fill the database, unless that was done before."""
    settings = WebSettings()
    supervisor = Supervisor()
    listen_for_signals(supervisor)
    try:
        await _start_nlu(supervisor, settings)
        await _prepare(supervisor)
    finally:
        await supervisor.stop()
    write_line("chuẩn bị", "Xong. Chạy `make run` để khởi động dịch vụ.")
    return 0


async def run_nlu() -> int:
    """Run only the NLU server, on the address of `NLU_URL`."""
    settings = WebSettings()
    supervisor = Supervisor()
    listen_for_signals(supervisor)
    try:
        await _start_nlu(supervisor, settings)
        write_line("nlu", f"Máy hiểu ngôn ngữ đang chạy ở {settings.nlu_url}. Bấm Ctrl-C để dừng.")
        ended = await supervisor.first_exit()
    finally:
        await supervisor.stop()
    return _status(ended)


async def run() -> int:
    """Start everything; stop everything on Ctrl-C."""
    settings, telegram = WebSettings(), BotSettings()
    check_port(settings.web_host, settings.web_port, "các trang", "WEB_PORT")
    supervisor = Supervisor()
    listen_for_signals(supervisor)
    try:
        await _start_nlu(supervisor, settings)
        await _prepare(supervisor)
        await supervisor.start(office())
        if telegram.telegram_bot_token:
            await supervisor.start(bot())
        await _tell_what_runs(settings, telegram)
        ended = await _keep_running(supervisor)
    finally:
        write_line("dịch vụ", "Đang dừng …")
        await supervisor.stop()
        write_line("dịch vụ", "Đã dừng hết.")
    return _status(ended)


async def _keep_running(supervisor: Supervisor) -> tuple[str, int] | None:
    """Start again what ends by itself, a few times; say which part cannot be kept, or nothing when told to stop."""
    restarts: Counter[str] = Counter()
    while True:
        ended = await supervisor.first_exit()
        if ended is None:
            return None
        name, status = ended
        if name == "bot" and status == REFUSED:
            write_line("dịch vụ", "Bot Telegram đã dừng; xem dòng «bot» ở trên. Các trang và ô hỏi thử vẫn chạy.")
            supervisor.forget(name)
            continue
        restarts[name] += 1
        if restarts[name] > MOST_RESTARTS:
            return ended
        write_line("dịch vụ", f"Phần «{name}» tự dừng (mã {status}); khởi động lại, lần {restarts[name]}.")
        await asyncio.sleep(RESTART_PAUSE)
        await supervisor.restart(name)


def _status(ended: tuple[str, int] | None) -> int:
    if ended is None:
        return 0
    raise PartEndedError(f"Phần «{ended[0]}» tự dừng (mã {ended[1]}); xem các dòng ngay trên. Đã dừng cả dịch vụ.")


async def _start_nlu(supervisor: Supervisor, settings: WebSettings) -> None:
    host, port = check_private(settings.nlu_url)
    check_port(host, port, "máy hiểu ngôn ngữ", "NLU_URL")
    check_nlu_environment()
    write_line("chuẩn bị", "Khởi động máy hiểu ngôn ngữ (Rasa), thường mất 15–40 giây …")
    process = await supervisor.start(nlu_server(host, port, settings.models, token=settings.nlu_token))
    started = time.monotonic()
    async with RasaClient.at(settings.nlu_url, settings.nlu_token) as rasa:
        while not await rasa.answers():
            if process.returncode is not None:
                raise PartEndedError("Máy hiểu ngôn ngữ không khởi động được; xem các dòng «nlu» ngay trên.")
            if supervisor.stopping.is_set():
                raise KeyboardInterrupt
            if time.monotonic() - started > START_SECONDS:
                raise PartEndedError("Máy hiểu ngôn ngữ khởi động quá lâu; xem các dòng «nlu» ngay trên.")
            await asyncio.sleep(0.5)
    write_line("chuẩn bị", f"Máy hiểu ngôn ngữ sẵn sàng sau {time.monotonic() - started:.0f} giây.")


async def _prepare(supervisor: Supervisor) -> None:
    for name, words in (("migrate", "bảng dữ liệu"), ("fill", "bộ hỏi đáp")):
        part = Part("chuẩn bị", (PYTHON, "-m", "faq", name, *(("--by", "cài đặt") if name == "fill" else ())))
        process = await supervisor.start(part)
        waited = 0
        while True:
            try:
                await asyncio.wait_for(asyncio.shield(process.wait()), HEARTBEAT)
                break
            except TimeoutError:
                waited += HEARTBEAT
                write_line("chuẩn bị", f"… vẫn đang làm ({words}), {waited} giây")
            if supervisor.stopping.is_set():
                raise KeyboardInterrupt
        if process.returncode != 0:
            raise PartEndedError(f"Chưa chuẩn bị được {words}; xem các dòng ngay trên.")
        supervisor.forget(part.name)


async def _tell_what_runs(settings: WebSettings, telegram: BotSettings) -> None:
    address = f"http://{settings.web_host}:{settings.web_port}"
    link = await _one_time_link()
    await asyncio.sleep(2)
    write_line("dịch vụ", "Đang chạy:")
    write_line("dịch vụ", f"  máy hiểu ngôn ngữ  {settings.nlu_url}")
    write_line("dịch vụ", f"  trang của cán bộ   {address}  (hỏi thử: {address}/thu)")
    if link and sys.stdout.isatty():
        write_line("dịch vụ", f"  vào một lần không cần mật khẩu (trong 30 phút): {link}")
    elif link:
        # A log file is no place for a key.
        write_line("dịch vụ", "  vào lần đầu: .venv/bin/python -m web link")
    if telegram.telegram_bot_token:
        write_line("dịch vụ", "  bot Telegram       xem các dòng «bot»")
    else:
        for line in NO_BOT.splitlines():
            write_line("dịch vụ", line)
    write_line("dịch vụ", "Bấm Ctrl-C để dừng tất cả.")


async def _one_time_link() -> str:
    process = await asyncio.create_subprocess_exec(
        PYTHON, "-m", "web", "link", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT
    )
    output, _ = await process.communicate()
    lines = output.decode().strip().splitlines()
    return lines[-1] if process.returncode == 0 and lines else ""


if __name__ == "__main__":
    sys.exit(main())
