"""Half-way in: somebody who has shown their password, or a link, and still owes the code of the second step.

No session stands for it: only a signed cookie, good for five minutes and for the guest whose it is.
"""

import hmac
from dataclasses import dataclass

from fastapi import Request, Response

from web.access import GUEST_COOKIE, LOG_IN, set_cookie, sign
from web.office import office

COOKIE = "hd_buoc_hai"
SECONDS = 5 * 60
BY_PASSWORD, BY_LINK = "password", "link"


@dataclass(frozen=True, slots=True)
class HalfWay:
    """Who it is, and by what they came."""

    staff_id: int
    way: str


def set_half_way(request: Request, response: Response, half: HalfWay) -> None:
    """Give somebody their five minutes."""
    until = int(office(request).clock().timestamp()) + SECONDS
    body = f"{half.staff_id}.{half.way}.{until}"
    set_cookie(request, response, COOKIE, f"{body}.{_signature(request, body)}", SECONDS, path=LOG_IN)


def half_way(request: Request) -> HalfWay | None:
    """Return who is half-way in, by the cookie."""
    body, _, signature = request.cookies.get(COOKIE, "").rpartition(".")
    if not hmac.compare_digest(_signature(request, body).encode(), signature.encode("utf-8", "replace")):
        return None
    staff_id, way, until = body.split(".")
    return HalfWay(int(staff_id), way) if office(request).clock().timestamp() < int(until) else None


def drop_half_way(response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path=LOG_IN, httponly=True, samesite="lax")


def _signature(request: Request, body: str) -> str:
    return sign(request, f"half-way:{request.cookies.get(GUEST_COOKIE, '')}:{body}")
