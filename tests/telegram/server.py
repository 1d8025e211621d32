"""A Bot API server on loopback, for bots under test and citizens who talk to them."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

import uvicorn
from starlette.datastructures import UploadFile
from starlette.requests import Request

from tests.telegram.breach import Breach
from tests.telegram.citizen import Citizen
from tests.telegram.contract import Params, Reading, Upload, contract
from tests.telegram.faults import Fault, FaultPlan, Faults, What
from tests.telegram.methods import perform
from tests.telegram.refusal import RefusalError
from tests.telegram.world import Chat, World

Json = dict[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]

TOKEN = "7000000001:AAHloopbackloopbackloopbackloopback"
USERNAME = "loopback_bot"
STOPPING = 2.0
"""Seconds calls under way get to end when the server stops."""
CUT = 0
"""The status of a call whose answer did not reach the bot."""


@dataclass(frozen=True)
class Call:
    """A call the bot made, and what became of it."""

    method: str
    params: Params
    status: int
    result: Any
    """The result, or the description of what was wrong."""
    at: float
    """When it was answered, by `time.monotonic`."""

    @property
    def chat_id(self) -> int | str | None:
        """The chat it was about, if any."""
        return self.params.get("chat_id")


class _CutError(Exception):
    """The connection is to be cut without an answer."""


class TelegramServer:
    """Telegram, as far as a bot and a handful of citizens can tell."""

    def __init__(self, *, token: str = TOKEN, username: str = USERNAME, port: int = 0) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.breaches: list[Breach] = []
        self.url = ""
        self._port = port
        bot: Json = {"id": int(token.partition(":")[0]), "is_bot": True}
        bot |= {"first_name": "Loopback", "username": username}
        self.world = World(bot, self._call)
        self._plan = FaultPlan()
        self._closing = asyncio.Event()
        self._server: uvicorn.Server | None = None

    async def __aenter__(self) -> Self:
        # With the protocol named asyncio sets TCP_NODELAY; else answers take 40 ms.
        listening = socket.socket(proto=socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(
            self._app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=60,
        )
        config.load()
        # Not `serve`: it takes the signals from the tests, and its time to stop.
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[listening])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self.world.updates.close()
        if self._server:
            await _stop(self._server)

    # What tests use

    @property
    def base_url(self) -> str:
        """The `base_url` python-telegram-bot wants."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """The `base_file_url` python-telegram-bot wants."""
        return f"{self.url}/file/bot"

    @property
    def faults(self) -> Faults:
        """What goes wrong by chance; assign to change it."""
        return self._plan.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._plan.faults = faults

    def fail_next(
        self,
        method: str,
        what: What,
        *,
        times: int = 1,
        description: str | None = None,
        retry_after: int | None = None,
        seconds: float = 30.0,
    ) -> None:
        """Let the next calls of a method (`*`: of any) go wrong."""
        fault = Fault(what, description, retry_after, seconds)
        self._plan.fail_next(method, fault, times)

    def citizen(self, name: str, *, language: str | None = None, username: str | None = None) -> Citizen:
        """Let a person in."""
        chat = self.world.person(name, language, username)
        return Citizen(self.world, chat.members[chat.number], chat)

    def group(self, title: str) -> Chat:
        """Make a group with the bot in it; people come with `citizen.in_group`."""
        return self.world.group(title)

    def push(self, update: Json) -> Json:
        """Send the bot any update, however malformed."""
        return self.world.updates.push(update)

    def forget_queries(self) -> None:
        """Let all open queries grow too old to be answered."""
        self.world.questions.clear()

    def calls_of(self, *methods: str) -> list[Call]:
        """List the calls of these methods."""
        return [call for call in self.calls if call.method in methods]

    @property
    def pending(self) -> int:
        """How many updates the bot has not taken yet."""
        return len(self.world.updates.waiting)

    # HTTP

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body = await self._respond(scope, receive)
        except _CutError:
            # Uvicorn offers no way to hang up, so we take the connection from it.
            cycle: Any = send
            cycle.__self__.transport.abort()
            return
        kind = b"application/json"
        if isinstance(body, bytes):
            kind = b"application/octet-stream"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        length = str(len(content)).encode()
        headers = [(b"content-type", kind), (b"content-length", length)]
        if isinstance(body, dict) and "parameters" in body:
            wait = str(body["parameters"]["retry_after"]).encode()
            headers.append((b"retry-after", wait))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _respond(self, scope: Scope, receive: Receive) -> tuple[int, Any]:
        head, _, rest = unquote(scope["path"]).lstrip("/").partition("/")
        if head == "file":
            return self._file(rest)
        if not head.startswith("bot") or "/" in rest:
            return _refused(RefusalError(404, "Not Found"))
        if head != f"bot{self.token}":
            return _refused(RefusalError(401, "Unauthorized"))
        raw = await _parameters(scope, receive)
        if raw is None:
            problem = "Bad Request: can't parse request body"
            return _refused(RefusalError(400, problem))
        return await self._answer(rest, raw, receive)

    def _file(self, path: str) -> tuple[int, Any]:
        token, _, place = path.partition("/")
        file = self.world.files.get(place.rpartition("/")[2])
        if token != f"bot{self.token}" or file is None:
            return _refused(RefusalError(404, "Not Found"))
        return 200, file.content

    async def _answer(self, method: str, raw: Params, receive: Receive) -> tuple[int, Any]:
        reading = contract().read(method, raw)
        self.breaches += reading.breaches
        fault = self._plan.draw(reading.method)
        if fault and fault.what in ("drop", "timeout"):
            await self._cut(reading, fault, after=fault.what == "timeout")
        if fault and isinstance(fault.what, int):
            status, body = _refused(fault.refusal)
        else:
            status, body = await self._watched(reading, receive)
        if fault and fault.what == "lose":
            await self._cut(reading, fault)
        if fault and fault.what == "late":
            await self._sleep(fault.seconds)
        self._note(reading, status, body.get("result", body.get("description")))
        return status, body

    async def _watched(self, reading: Reading, receive: Receive) -> tuple[int, Any]:
        """Act on a call; a poll whose poller has gone is given up."""
        if reading.method != "getUpdates" or not reading.params.get("timeout"):
            return await self._act(reading)
        poll = asyncio.create_task(self._act(reading))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({poll, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not poll.done():
                raise _CutError
            return poll.result()
        finally:
            poll.cancel()
            gone.cancel()

    async def _act(self, reading: Reading) -> tuple[int, Any]:
        try:
            result = await self._call_reading(reading)
        except RefusalError as refusal:
            return _refused(refusal)
        return 200, {"ok": True, "result": result}

    async def _call_reading(self, reading: Reading) -> object:
        if not reading.known:
            raise RefusalError(404, "Not Found")
        if reading.answer:
            raise RefusalError(400, reading.answer)
        return await perform(self.world, reading.method, reading.params)

    async def _call(self, method: str, raw: Params) -> object:
        """Act on a call that came as a webhook's answer; what it gives goes nowhere."""
        reading = contract().read(method, raw)
        self.breaches += reading.breaches
        status, body = await self._act(reading)
        self._note(reading, status, body.get("result", body.get("description")))
        return body

    async def _cut(self, reading: Reading, fault: Fault, *, after: bool = False) -> None:
        if after:
            await self._sleep(fault.seconds)
        self._note(reading, CUT, fault.what)
        raise _CutError

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    def _note(self, reading: Reading, status: int, result: object) -> None:
        call = Call(reading.method, reading.params, status, result, time.monotonic())
        self.calls.append(call)


async def _stop(server: uvicorn.Server) -> None:
    """Hang up on everybody, once those who are being answered have their answer."""
    for listener in server.servers:
        listener.close()
    state, last = server.server_state, time.monotonic() + STOPPING
    for connection in list(state.connections):
        connection.shutdown()
    while (state.connections or state.tasks) and time.monotonic() < last:
        await asyncio.sleep(0.001)
    for task in state.tasks:
        task.cancel()


def _refused(refusal: RefusalError) -> tuple[int, Json]:
    return refusal.code, refusal.body


async def _parameters(scope: Scope, receive: Receive) -> Params | None:
    """Read a call's parameters from wherever they stand; None if they are garbled."""
    query = scope.get("query_string", b"").decode()
    params: Params = dict(parse_qsl(query, keep_blank_values=True))
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind == b"multipart/form-data":
        return params | await _multipart(scope, receive)
    try:
        return params | _parsed(kind, await _body(receive))
    except (ValueError, TypeError):
        return None


def _parsed(kind: bytes, body: bytes) -> Params:
    if kind == b"application/json":
        parsed: Params = json.loads(body or b"{}")
        return parsed
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return body


async def _multipart(scope: Scope, receive: Receive) -> Params:
    params: Params = {}
    form = await Request(scope, receive).form()
    for name, value in form.multi_items():
        params[name] = await _upload(value) if isinstance(value, UploadFile) else value
    await form.close()
    return params


async def _upload(file: UploadFile) -> Upload:
    kind = file.content_type or "application/octet-stream"
    return Upload(file.filename or "file", await file.read(), kind)
