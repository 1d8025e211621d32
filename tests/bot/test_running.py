"""`python -m bot` as a process: it says in one sentence why it cannot run."""

import asyncio
import os
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import closing
from pathlib import Path

from faq.migrating import migrate
from tests.bot.running import until
from tests.telegram.server import TOKEN, TelegramServer

ROOT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"


async def start(folder: Path, *arguments: str, **environment: str) -> Process:
    """Start `python -m bot` away from the repository's `.env`."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "HOME"}}
    settings = {
        "SECRET_KEY": "a secret for tests",
        "NLU_URL": NOBODY,
        "DATABASE_URL": f"sqlite:///{folder}/service.db",
        "VAR_DIR": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *arguments),
        cwd=folder,
        env={**clean, **settings, **environment},
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )


async def ended(process: Process, typed: bytes = b"") -> tuple[int | None, str, str]:
    out, error = await asyncio.wait_for(process.communicate(typed), 60)
    return process.returncode, out.decode(), error.decode()


async def test_wrong_token_missing_token_and_bad_address_are_one_sentence_each(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    processes = [
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN="1:wrong", TELEGRAM_API_URL=telegram.url),
        await start(tmp_path, "run", TELEGRAM_API_URL=telegram.url),
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL="telegram"),
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, SECRET_KEY=""),
    ]

    wrong, missing, no_address, no_secret = [await ended(process) for process in processes]

    assert wrong == (1, "", wrong[2])
    assert wrong[2].startswith("Telegram không nhận TELEGRAM_BOT_TOKEN này.")
    assert missing[2].startswith("Chưa có TELEGRAM_BOT_TOKEN.")
    assert no_address[2] == "Thiết lập TELEGRAM_API_URL phải bắt đầu bằng https:// hoặc http://.\n"
    assert no_secret[2].startswith("Chưa có SECRET_KEY")
    for code, out, error in (wrong, missing, no_address, no_secret):
        assert (code, out, error.count("\n")) == (1, "", 1)


async def test_telegram_that_cannot_be_reached_is_waited_for_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=address)
    assert process.stderr
    line = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()

    async with TelegramServer(port=port) as telegram:
        lan = telegram.citizen("Lan")
        lan.patience = 30
        await lan.starts()
        await lan.reads()
        process.terminate()
        code, out, error = await ended(process)

    assert line.startswith(f"Chưa nối được với Telegram ({address})")
    assert (code, out) == (0, "Bot @loopback_bot đang nghe.\n")
    assert "Chưa nối được" not in error
    assert "Traceback" not in error


async def test_port_that_is_taken_is_one_sentence(telegram: TelegramServer, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = await start(
            tmp_path,
            "run",
            TELEGRAM_BOT_TOKEN=telegram.token,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_WEBHOOK_URL="http://127.0.0.1:1/telegram",
            TELEGRAM_WEBHOOK_SECRET="x",
            TELEGRAM_WEBHOOK_PORT=str(taken.getsockname()[1]),
        )
        code, out, error = await ended(process)

    assert (code, out) == (1, "")
    assert error.splitlines()[-1].startswith("Không nghe được ở 127.0.0.1:")


async def test_bot_listens_by_webhook_and_stops_when_told(telegram: TelegramServer, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lan = telegram.citizen("Lan")
    lan.patience = 30
    process = await start(
        tmp_path,
        "run",
        TELEGRAM_BOT_TOKEN=telegram.token,
        TELEGRAM_API_URL=telegram.url,
        TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{port}/hop-thu",
        TELEGRAM_WEBHOOK_SECRET="only-telegram-knows",
        TELEGRAM_WEBHOOK_PATH="/hop-thu",
        TELEGRAM_WEBHOOK_PORT=str(port),
    )

    await lan.starts()
    await lan.reads()
    await until(lambda: telegram.pending == 0)
    process.terminate()
    code, out, error = await ended(process)

    assert (code, out) == (0, "Bot @loopback_bot đang nghe.\n")
    assert "Traceback" not in error
    assert telegram.breaches == []


async def test_killed_process_loses_nothing_and_its_successor_answers_once(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    await asyncio.to_thread(migrate, f"sqlite:///{tmp_path}/service.db")
    service = {"TELEGRAM_BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
    lan, hoa = telegram.citizen("Lan"), telegram.citizen("Hoa")
    lan.patience = hoa.patience = 30
    process = await start(tmp_path, "run", **service)
    await lan.starts()
    await lan.reads()

    telegram.fail_next("sendMessage", "timeout", seconds=20)
    await lan.says("đăng ký tạm trú")
    await until(lambda: len(rows(tmp_path, "questions")) == 2)  # written down while the reply is on its way
    await hoa.starts()
    await hoa.reads()
    await until(lambda: len(rows(tmp_path, "handled_updates where done_at is not null")) == 2)
    await lan.says("/menu")
    process.kill()
    await ended(process)
    process = await start(tmp_path, "run", **service)
    answers = await lan.sees(2)
    await lan.reads_nothing(0.3)
    await hoa.reads_nothing(0)
    process.terminate()
    code, _, _ = await ended(process)

    assert code == 0
    assert "Ông/bà muốn hỏi về việc gì?" in answers[1].text
    assert telegram.pending == 0
    assert len(rows(tmp_path, "questions")) == 4


def rows(folder: Path, of: str) -> list[object]:
    with closing(sqlite3.connect(folder / "service.db")) as database:
        return list(database.execute(f"select * from {of}"))


async def test_terminal_without_nlu_says_so(tmp_path: Path) -> None:
    processes = [await start(tmp_path, "ask"), await start(tmp_path, "ask", "--jsonl", SECRET_KEY="")]

    for process in processes:
        code, out, error = await ended(process, b'{"id": 1, "turns": ["x"]}\n')
        assert (code, out) == (1, "")
        assert error == f"Chưa có máy hiểu ngôn ngữ (NLU) ở {NOBODY}. Chạy `make nlu` ở cửa sổ khác rồi thử lại.\n"


async def test_setting_that_is_wrong_is_named(tmp_path: Path) -> None:
    code, _, error = await ended(await start(tmp_path, "run", TELEGRAM_WEBHOOK_PORT="cổng"))

    assert code == 1
    assert error == "Thiết lập TELEGRAM_WEBHOOK_PORT phải là một số.\n"
    assert error.count("\n") == 1


async def test_sigterm_lets_the_answer_under_way_go_out(telegram: TelegramServer, tmp_path: Path) -> None:
    lan = telegram.citizen("Lan")
    lan.patience = 30
    process = await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url)
    await lan.starts()
    await lan.reads()

    telegram.fail_next("sendMessage", "late", seconds=1.0)
    await lan.says("đăng ký tạm trú")
    while not telegram.calls_of("sendMessage")[1:]:
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    code, out, error = await ended(process)

    assert (code, out) == (0, "Bot @loopback_bot đang nghe.\n")
    assert "Traceback" not in error
    assert telegram.token not in error
    assert len([screen for screen in lan.chat if not screen.mine]) == 2
    waiting = b"".join(path.read_bytes() for path in (tmp_path / "spool").glob("*.jsonl"))
    assert waiting.count(b"\n") == 2
    assert telegram.breaches == []


async def test_telegram_that_fails_at_first_is_waited_for(telegram: TelegramServer, tmp_path: Path) -> None:
    lan = telegram.citizen("Lan")
    lan.patience = 30
    telegram.fail_next("deleteWebhook", 502)
    process = await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=telegram.url)

    await lan.starts()
    await lan.reads()

    process.terminate()
    code, _, error = await ended(process)
    assert code == 0
    assert "Traceback" not in error
