"""Receives the updates that Telegram brings, and says 200 once they are handled: else Telegram brings them again."""

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from telegram import Bot, Update
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from bot.settings import BotSettings

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - where it stands, not what it is
LARGEST_BODY = 1_000_000
BODY_SECONDS = 30.0
CONNECTIONS = 100
"""Updates that Telegram may bring at the same time; each waits for its answer."""


class NoPortError(Exception):
    """The address to listen at is not to be had; the text says why."""


Take = Callable[[Update], Awaitable[bool]]


def webhook_server(bot: Bot, take: Take, settings: BotSettings) -> HTTPServer:
    """Return a server for the one path; it does not listen yet."""
    parts = {"bot": bot, "take": take, "secret": settings.telegram_webhook_secret}
    application = Application(
        [(re.escape(settings.telegram_webhook_path), _Letterbox, parts)], log_function=_log_nothing
    )
    return HTTPServer(application, max_body_size=LARGEST_BODY, body_timeout=BODY_SECONDS)


class _Letterbox(RequestHandler):
    """One update brought by Telegram."""

    def initialize(self, bot: Bot, take: Take, secret: str) -> None:
        """Take what the server was made with."""
        self._bot, self._take, self._secret = bot, take, secret

    def set_default_headers(self) -> None:
        """Tell strangers nothing."""
        self.clear_header("Server")

    def prepare(self) -> None:
        """Let in whoever knows the secret."""
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            if given:  # who brings none is a stranger, or our own health check
                log.warning("an update was brought with a wrong secret")
            self._answer(HTTPStatus.FORBIDDEN)

    async def post(self) -> None:
        """Have the update handled, and say whether it need not come again."""
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        update = _readable(data, self._bot)
        if update is None or await self._take(update):
            self._answer(HTTPStatus.OK)
        else:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Tell strangers nothing but the number."""
        self._answer(HTTPStatus(status_code))

    def log_exception(self, kind: Any, _error: Any, _trace: Any) -> None:
        """Note the kind of error only: its text may quote a citizen."""
        if kind is not HTTPError:
            log.error("the webhook failed: %s", getattr(kind, "__name__", "?"))

    def _answer(self, status: HTTPStatus) -> None:
        self.set_status(status)
        self.finish()


def _readable(data: Any, bot: Bot) -> Update | None:
    """Return the update, or None for what will be no more readable the next time that it is brought."""
    number = data.get("update_id") if isinstance(data, dict) else None
    if not isinstance(number, int):
        log.error("something without an update's number was brought to the webhook")
        return None
    try:
        return Update.de_json(data, bot)
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over
        log.error("update %s cannot be read (%s)", number, type(error).__name__)  # noqa: TRY400 - its text may quote
        return None


def _log_nothing(_handler: RequestHandler) -> None:
    """Keep what strangers ask for out of the log."""
