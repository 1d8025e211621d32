"""The updates that wait for the bot: fetched by polling or brought to its webhook."""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.telegram.contract import contract
from tests.telegram.refusal import bad_request, conflict
from tests.telegram.rules import UPDATE_TYPES

Json = dict[str, Any]
Reply = Callable[[str, Json], Awaitable[object]]

FIRST_UPDATE = 730_000_001
FIRST_RETRY = 0.05
LAST_RETRY = 2.0
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass
class Webhook:
    """Where updates are brought to, and how that went."""

    url: str
    secret: str | None = None
    max_connections: int = 40
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    locks: dict[object, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    error: str | None = None
    error_date: int = 0


class Updates:
    """The bot's queue of updates."""

    def __init__(self, reply: Reply) -> None:
        self.webhook: Webhook | None = None
        self.waiting: dict[int, Json] = {}
        self._reply = reply
        self._allowed: frozenset[str] = UPDATE_TYPES - _NOT_BY_DEFAULT
        self._last = FIRST_UPDATE - 1
        self._poll: asyncio.Future[str | None] | None = None
        self._client: httpx.AsyncClient | None = None

    def add(self, kind: str, content: Json) -> None:
        """Queue an update as Telegram makes them, unless the bot asked not to get its kind."""
        breaches = contract().read_update({"update_id": self._last + 1, kind: content})
        assert not breaches, f"Telegram sends no such update: {breaches[0]}"
        if kind in self._allowed:
            self.push({kind: content})

    def push(self, update: Json) -> Json:
        """Queue any update as it is; it gets an id if it has none."""
        update = {"update_id": self._last + 1} | update
        number = update["update_id"]
        self._last = max(self._last, number)
        self.waiting[number] = update
        if self.webhook:
            self._bring(self.webhook, update)
        else:
            self._wake(None)
        return update

    async def get(self, params: Json) -> list[Json]:
        """Answer getUpdates: acknowledge, then wait for something new."""
        if self.webhook:
            message = "can't use getUpdates method while webhook is active; "
            raise conflict(message + "use deleteWebhook to delete the webhook first")
        self._wake("getUpdates")
        self._allow(params)
        self._acknowledge(params.get("offset") or 0)
        limit = min(max(params.get("limit") or 100, 1), 100)
        timeout = min(max(params.get("timeout") or 0, 0), 50)
        if not self.waiting and timeout:
            await self._wait(timeout)
        return [self.waiting[number] for number in sorted(self.waiting)][:limit]

    async def set_webhook(self, params: Json) -> bool:
        """Bring updates to an address from now on; an empty one means: do not."""
        url = params.get("url") or ""
        if not url:
            return await self.delete_webhook(params)
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            message = "bad webhook: An HTTPS URL must be provided for webhook"
            raise bad_request(message)
        self._wake("setWebhook")
        self._stop_bringing()
        self._forget(params)
        self._allow(params)
        most = params.get("max_connections") or 40
        self.webhook = Webhook(url, params.get("secret_token"), most)
        for number in sorted(self.waiting):
            self._bring(self.webhook, self.waiting[number])
        return True

    async def delete_webhook(self, params: Json) -> bool:
        """Keep updates for getUpdates again."""
        self._stop_bringing()
        self.webhook = None
        self._forget(params)
        return True

    def webhook_info(self) -> Json:
        """Answer getWebhookInfo."""
        info: Json = {
            "url": self.webhook.url if self.webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self.waiting),
        }
        if self.webhook:
            info["max_connections"] = self.webhook.max_connections
            info["ip_address"] = "127.0.0.1"
            if self.webhook.error:
                info["last_error_date"] = self.webhook.error_date
                info["last_error_message"] = self.webhook.error
        if self._allowed != UPDATE_TYPES - _NOT_BY_DEFAULT:
            info["allowed_updates"] = sorted(self._allowed)
        return info

    async def close(self) -> None:
        """Let go of all that waits."""
        self._wake(None)
        self._stop_bringing()
        if self._client:
            await self._client.aclose()

    def _allow(self, params: Json) -> None:
        asked = params.get("allowed_updates")
        if asked is not None:
            self._allowed = frozenset(asked) or UPDATE_TYPES - _NOT_BY_DEFAULT

    def _acknowledge(self, offset: int) -> None:
        numbers = sorted(self.waiting)
        done = numbers[:offset] if offset < 0 else [n for n in numbers if n < offset]
        for number in done:
            del self.waiting[number]

    def _forget(self, params: Json) -> None:
        if params.get("drop_pending_updates"):
            self.waiting.clear()

    def _wake(self, instead: str | None) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(instead)

    async def _wait(self, timeout: float) -> None:
        self._poll = poll = asyncio.get_running_loop().create_future()
        try:
            instead = await asyncio.wait_for(poll, timeout)
        except TimeoutError:
            return
        if instead == "getUpdates":
            message = "terminated by other getUpdates request; "
            raise conflict(message + "make sure that only one bot instance is running")
        if instead:
            message = f"terminated by {instead} request"
            raise conflict(message)

    def _stop_bringing(self) -> None:
        for task in self.webhook.tasks if self.webhook else ():
            task.cancel()

    def _bring(self, webhook: Webhook, update: Json) -> None:
        task = asyncio.create_task(self._deliver(webhook, update))
        webhook.tasks.add(task)
        task.add_done_callback(webhook.tasks.discard)

    async def _deliver(self, webhook: Webhook, update: Json) -> None:
        """Bring one update until it is taken; those of one chat in their order."""
        async with webhook.locks[_chat_of(update)]:
            retry = FIRST_RETRY
            while update["update_id"] in self.waiting:
                if await self._post(webhook, update):
                    self.waiting.pop(update["update_id"], None)
                    return
                await asyncio.sleep(retry)
                retry = min(retry * 2, LAST_RETRY)

    async def _post(self, webhook: Webhook, update: Json) -> bool:
        secret = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret}
        headers = {k: v for k, v in secret.items() if v}
        try:
            response = await self._http(webhook).post(webhook.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            _note(webhook, f"Connection failed: {type(error).__name__}")
            return False
        if not response.is_success:
            status = f"{response.status_code} {response.reason_phrase}"
            _note(webhook, f"Wrong response from the webhook: {status}")
            return False
        await self._act_on(response)
        return True

    async def _act_on(self, response: httpx.Response) -> None:
        """Do what a webhook answered with: a call in the body is a call."""
        if not response.headers.get("content-type", "").startswith("application/json"):
            return
        body = json.loads(response.content or b"null")
        if isinstance(body, dict) and "method" in body:
            await self._reply(body.pop("method"), body)

    def _http(self, webhook: Webhook) -> httpx.AsyncClient:
        if self._client is None:
            # Loopback certificates are signed by nobody Telegram would know.
            self._client = httpx.AsyncClient(
                verify=False,
                trust_env=False,
                timeout=60,
                limits=httpx.Limits(max_connections=webhook.max_connections),
            )
        return self._client


def _note(webhook: Webhook, error: str) -> None:
    webhook.error, webhook.error_date = error, int(time.time())


def _chat_of(update: Json) -> object:
    """Tell whose updates must keep their order."""
    waiting = deque(value for value in update.values() if isinstance(value, dict))
    while waiting:
        content = waiting.popleft()
        if isinstance(chat := content.get("chat"), dict):
            return chat.get("id")
        if isinstance(message := content.get("message"), dict):
            waiting.append(message)
    return None
