"""Telegram is told 200 when an update is handled, and brings all others again; strangers get nothing."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dialogue.conversation import Dialogue
from faq.database import Sessions
from tests.bot.running import Notebook, Scripted, running, settings_for, until
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer

SECRET = "only-telegram_knows"
HEADER = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Webhook:
    """The bot's letterbox, and somebody who can reach it."""

    address: str
    client: httpx.AsyncClient

    async def brings(self, content: object, headers: dict[str, str] = HEADER) -> int:
        body = content if isinstance(content, bytes) else json.dumps(content)
        return (await self.client.post(self.address, content=body, headers=headers)).status_code


@pytest.fixture
async def webhook(telegram: TelegramServer, dialogue: Dialogue, database: Sessions) -> AsyncIterator[Webhook]:
    port = free_port()
    address = f"http://127.0.0.1:{port}/hop-thu.1"
    settings = settings_for(
        telegram,
        telegram_webhook_url=address,
        telegram_webhook_secret=SECRET,
        telegram_webhook_port=port,
        telegram_webhook_path="hop-thu.1",
    )
    async with httpx.AsyncClient(timeout=10) as client, running(settings, dialogue, database):
        yield Webhook(address, client)


@pytest.fixture
def lan(telegram: TelegramServer, webhook: Webhook) -> Citizen:
    return telegram.citizen("Lan")


def question(lan: Citizen, number: int, text: str = "phí tạm trú") -> dict[str, Any]:
    chat = {"id": lan.chat_id, "type": "private", "first_name": "Lan"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": lan.user, "text": text}
    return {"update_id": number, "message": message}


async def test_question_is_answered_and_taken(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.says("phí tạm trú")

    assert "ệ phí" in (await lan.reads()).text
    await until(lambda: telegram.pending == 0)
    (call,) = telegram.calls_of("setWebhook")
    assert call.params["secret_token"] == SECRET
    assert telegram.breaches == []


async def test_telegram_hears_200_only_when_the_update_is_handled(
    lan: Citizen, telegram: TelegramServer, recogniser: Scripted
) -> None:
    recogniser.slow["chậm"] = asyncio.Event()

    await lan.says("chậm một chút")
    await until(lambda: recogniser.heard == ["chậm một chút"])
    await asyncio.sleep(0.1)
    assert telegram.pending == 1
    recogniser.slow["chậm"].set()

    await lan.reads()
    await until(lambda: telegram.pending == 0)


async def test_update_brought_twice_is_answered_once(
    lan: Citizen, webhook: Webhook, telegram: TelegramServer, recogniser: Scripted, notebook: Notebook
) -> None:
    await lan.starts()
    await lan.reads()
    recogniser.slow["phí"] = asyncio.Event()
    asked = question(lan, 5)

    both = asyncio.gather(webhook.brings(asked), webhook.brings(asked))
    await until(lambda: bool(recogniser.heard))
    recogniser.slow["phí"].set()

    assert await both == [200, 200]
    assert await webhook.brings(asked) == 200
    await lan.reads()
    await lan.reads_nothing(0.1)
    assert len(notebook.records) == 2


async def test_what_another_process_has_in_hand_is_to_come_again(
    lan: Citizen, webhook: Webhook, database: Sessions
) -> None:
    from bot.handled import HandledUpdates

    other = HandledUpdates(database, "another")
    await other.claim(5)

    assert await webhook.brings(question(lan, 5)) == 503
    await other.done(5)
    assert await webhook.brings(question(lan, 5)) == 200
    await lan.reads_nothing(0.1)


async def test_stranger_without_the_secret_is_turned_away(
    webhook: Webhook, lan: Citizen, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "con Tí nhà tôi"
    wrong: list[dict[str, str]] = [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": "x"},
    ]

    for headers in wrong:
        assert await webhook.brings(question(lan, 5, secret), headers) == 403
        assert await webhook.brings(b"{", headers) == 403
    answers = [
        await webhook.client.get(webhook.address, headers=HEADER),
        await webhook.client.post(webhook.address + "x", headers=HEADER),
        await webhook.client.post(webhook.address.removesuffix(".1") + "-1", headers=HEADER),
    ]

    assert [answer.status_code for answer in answers] == [405, 404, 404]
    assert all(b"Traceback" not in answer.content for answer in answers)
    assert caplog.text.count("wrong secret") == 2
    assert "Tí" not in caplog.text
    await lan.reads_nothing(0.1)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"9" * 5_000, b'{"update_id": 1', b"\x00"])
async def test_body_that_is_no_json_is_a_bad_request(webhook: Webhook, body: bytes) -> None:
    assert await webhook.brings(body) == 400


async def test_body_too_large_is_refused(webhook: Webhook, lan: Citizen) -> None:
    huge = question(lan, 5, "phí " * 300_000)

    try:
        status = await webhook.brings(huge)
    except httpx.TransportError:  # hung up on, before it was read
        status = 413

    assert status in {400, 413}
    await lan.reads_nothing(0.1)


@pytest.mark.parametrize(
    "content",
    [
        [],
        None,
        "phí tạm trú",
        {},
        {"update_id": "7"},
        {"update_id": None, "message": {}},
        {"update_id": 7, "message": {"message_id": "x", "text": "con Tí nhà tôi"}},
        {"update_id": 8, "callback_query": "con Tí nhà tôi"},
        {"update_id": 9},
    ],
)
async def test_update_nobody_can_read_is_taken_and_noted_without_its_words(
    webhook: Webhook, caplog: pytest.LogCaptureFixture, content: object
) -> None:
    caplog.set_level(logging.DEBUG)

    assert await webhook.brings(content) == 200

    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpcore"))
    assert "Tí" not in ours
    if content != {"update_id": 9}:
        assert "cannot be read" in ours or "without an update's number" in ours
