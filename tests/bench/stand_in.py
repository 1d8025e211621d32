"""An NLU server that understands everything at once: what is left is the bot."""

import asyncio
import json
import socket
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@asynccontextmanager
async def stand_in(intents: Sequence[str]) -> AsyncIterator[str]:
    """Answer `/model/parse` with one of `intents`, the same for the same words; give the address."""

    async def app(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
        asked, more = b"", True
        while more:
            part = await receive()
            asked += part.get("body", b"")
            more = part.get("more_body", False)
        intent = intents[zlib.crc32(asked) % len(intents)]
        ranking = [{"name": intent, "confidence": 0.97}]
        body = json.dumps({"intent_ranking": ranking, "model_id": "stand-in", "model_file": "stand-in"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    listening = socket.socket(proto=socket.IPPROTO_TCP)  # so asyncio sets TCP_NODELAY
    listening.bind(("127.0.0.1", 0))
    # Rasa keeps idle connections for two minutes; uvicorn would hang up after five seconds, as the client's side does.
    config = uvicorn.Config(
        app, interface="asgi3", lifespan="off", ws="none", log_config=None, access_log=False, timeout_keep_alive=120
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
