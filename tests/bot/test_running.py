"""`python -m bot` as a process: it says in one sentence why it cannot run."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from tests.telegram.server import TelegramServer

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


async def test_wrong_token_missing_token_and_unreachable_telegram_are_one_sentence_each(
    telegram: TelegramServer, tmp_path: Path
) -> None:
    processes = [
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN="1:wrong", TELEGRAM_API_URL=telegram.url),
        await start(tmp_path, "run", TELEGRAM_API_URL=telegram.url),
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL=NOBODY),
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, TELEGRAM_API_URL="telegram"),
        await start(tmp_path, "run", TELEGRAM_BOT_TOKEN=telegram.token, SECRET_KEY=""),
    ]

    wrong, missing, unreachable, no_address, no_secret = [await ended(process) for process in processes]

    assert wrong == (1, "", wrong[2])
    assert wrong[2].startswith("Telegram không nhận TELEGRAM_BOT_TOKEN này.")
    assert missing[2].startswith("Chưa có TELEGRAM_BOT_TOKEN.")
    assert unreachable[2].startswith(f"Không nối được với Telegram ({NOBODY}).")
    assert no_address[2].startswith("Không nối được với Telegram (telegram).")
    assert no_secret[2].startswith("Chưa có SECRET_KEY")
    for code, out, error in (wrong, missing, unreachable, no_address, no_secret):
        assert (code, out, error.count("\n")) == (1, "", 1)


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
    while not telegram.calls_of("sendChatAction")[1:]:
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
