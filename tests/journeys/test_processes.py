"""The bot as it runs in the town: a process of its own, by polling and by webhook."""

import asyncio
import json
import signal
import socket
from pathlib import Path

import httpx
import pytest

from faq.database import connect, sessions
from stats.endings import Ending
from tests.bot.running import Scripted
from tests.bot.test_running import ended, start
from tests.conftest import RunningRasa
from tests.journeys.town import Overheard, Town
from tests.telegram.server import TelegramServer

pytestmark = pytest.mark.rasa


def service(telegram: TelegramServer, rasa: RunningRasa, published: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "NLU_URL": rasa.url,
        "DATABASE_URL": published,
    }


async def test_bot_by_polling_answers_records_and_stops_when_told(
    rasa: RunningRasa, published: str, tmp_path: Path
) -> None:
    async with TelegramServer() as telegram:
        lan = telegram.citizen("Lan")
        lan.patience = 30
        process = await start(tmp_path, "run", **service(telegram, rasa, published))

        await lan.says("dang ky tam tru can giay to gi")
        answer = await lan.reads()
        await lan.taps("Xem thêm")
        await lan.reads()
        process.send_signal(signal.SIGTERM)
        code, out, error = await ended(process)

        assert "tạm trú" in answer.text
        assert (code, out) == (0, "Bot @loopback_bot đang nghe.\n")
        assert "Traceback" not in error
        assert "tam tru" not in error
        assert telegram.pending == 0
        assert telegram.breaches == []
        engine = connect(published)
        asked, pressed = await Town(telegram, sessions(engine), Overheard(Scripted()), tmp_path).questions(2)  # type: ignore[arg-type]
        assert (asked.ending, asked.entry) == (Ending.ANSWERED, "dang-ky-tam-tru.ho-so")
        assert (pressed.kind, pressed.person) == ("button", asked.person)
        await engine.dispose()


async def test_bot_by_webhook_answers_telegram_and_nobody_else(
    rasa: RunningRasa, published: str, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    async with TelegramServer() as telegram:
        lan = telegram.citizen("Lan")
        lan.patience = 30
        address = f"http://127.0.0.1:{port}/telegram"
        webhook = {
            "TELEGRAM_WEBHOOK_URL": address,
            "TELEGRAM_WEBHOOK_SECRET": "only-telegram-knows",
            "TELEGRAM_WEBHOOK_PORT": port,
        }
        process = await start(tmp_path, "run", **service(telegram, rasa, published), **webhook)

        await lan.says("dang ky tam tru can giay to gi")
        answer = await lan.reads()
        await lan.taps("☰ Danh mục")
        menu = await lan.reads()
        async with httpx.AsyncClient() as stranger:
            forged = await stranger.post(address, json={"update_id": 1})
        process.send_signal(signal.SIGTERM)
        code, _, error = await ended(process)

        assert "tạm trú" in answer.text
        assert menu.edited
        assert forged.status_code == 403
        assert (code, "Traceback" in error) == (0, False)
        assert telegram.breaches == []


async def test_script_reads_what_the_terminal_says(rasa: RunningRasa, published: str, tmp_path: Path) -> None:
    lines = [
        {"id": "a", "turns": ["dang ky tam tru can giay to gi", "thế lệ phí bao nhiêu"]},
        {"id": 2, "turns": ["hôm nay đội tuyển đá bóng mấy giờ"]},
    ]
    typed = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()
    environment = {"NLU_URL": rasa.url, "DATABASE_URL": published}

    good, bad = await asyncio.gather(
        ended(await start(tmp_path, "ask", "--jsonl", **environment), typed),
        ended(await start(tmp_path, "ask", "--jsonl", **environment), typed + b"\xff\xfe\n"),
    )

    first, second = (json.loads(line) for line in good[1].splitlines())
    assert (first["id"], first["ending"], first["topic"], first["aspect"]) == (
        "a",
        "answered",
        "dang-ky-tam-tru",
        "le-phi",
    )
    assert (second["id"], second["ending"], second["entry"]) == (2, "out_of_scope", None)
    assert (good[0], good[2]) == (0, "")
    assert (bad[0], bad[1]) == (1, good[1])
    assert bad[2].startswith("dòng 3: ")
    assert bad[2].count("\n") == 1
