"""How Telegram says no."""

from typing import Any


class RefusalError(Exception):
    """A call that is answered with `ok: false`."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, Any]:
        """Give the answer as JSON."""
        more = {"parameters": {"retry_after": self.retry_after}} if self.retry_after is not None else {}
        return {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        } | more


def bad_request(what: str) -> RefusalError:
    """Refuse with a 400."""
    return RefusalError(400, f"Bad Request: {what}")


def forbidden(what: str) -> RefusalError:
    """Refuse with a 403."""
    return RefusalError(403, f"Forbidden: {what}")


def conflict(what: str) -> RefusalError:
    """Refuse with a 409."""
    return RefusalError(409, f"Conflict: {what}")
