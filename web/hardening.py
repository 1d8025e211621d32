"""The outermost layer: headers on every answer, bodies of a modest size, and no traceback ever on a page."""

import logging
import re
import traceback
from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024
LARGER_BODIES = (
    (re.compile("POST (/faq/.*|/muc-moi.*)"), 512 * 1024),
    (re.compile("POST /excel"), 20 * 1024 * 1024 + LARGEST_BODY),
)
"""By method and path: a card holds hundreds of sentences, and each accented letter takes nine bytes
on its way; a workbook has the form around it."""
CONTENT_SECURITY = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
STATIC = "/static/"
Fault = Callable[[Request, int], Awaitable[Response]]
"""Shows a polite page for a status."""


class Hardened:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, fault: Fault) -> None:
        self._app = app
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        refusal = _refusal(scope)
        if refusal:
            await self._apologise(scope, receive, answer, refusal)
            return
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:  # a page that was left while a piece of it was still being sent
            return
        except Exception as error:  # noqa: BLE001 - the last place where anything can be caught
            # The error's own text may quote what somebody typed: only its type and place are noted.
            log.error(  # noqa: TRY400 - not with its text
                "page failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
            )
            if not answer.begun:
                await self._apologise(scope, receive, answer, 500)

    async def _apologise(self, scope: Scope, receive: Receive, send: Send, status: int) -> None:
        response = await self._fault(Request(scope), status)
        await response(scope, receive, send)


class _Answer:
    """Sends an answer with the headers put on."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._path = scope["path"]
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)  # a page may be stricter
            headers["Cache-Control"] = "public, max-age=3600" if self._path.startswith(STATIC) else "no-store"
        await self._send(message)


def _refusal(scope: Scope) -> int | None:
    """Return the status with which a body is refused; its length must be known beforehand."""
    headers = Headers(scope=scope)
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers:
        return 411
    return 413 if not length.isdecimal() or int(length[:12]) > _largest(scope) else None


def _largest(scope: Scope) -> int:
    asked = f"{scope['method']} {scope['path']}"
    return next((size for which, size in LARGER_BODIES if which.fullmatch(asked)), LARGEST_BODY)
