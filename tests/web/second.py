"""The second step as somebody with a phone takes it."""

import re

import pyotp

from tests.web.fakes import Clock
from tests.web.visits import PASSWORD, Guest

SET_UP = "/tai-khoan/buoc-hai"


def code(secret: str, clock: Clock, *, steps: int = 0) -> str:
    """What the app on the phone shows, so many steps from now."""
    return pyotp.TOTP(secret).at(clock(), counter_offset=steps)


async def scan(guest: Guest) -> tuple[str, dict[str, str]]:
    """Open the page of the second step; return the secret and the form's hidden fields."""
    page = (await guest.get(SET_UP)).text
    secret = re.search(r'id="khoa">([A-Z2-7 ]+)<', page)
    hidden = dict(re.findall(r'type="hidden" name="(csrf|nonce)" value="([^"]+)"', page))
    assert secret
    return secret[1].replace(" ", ""), hidden


async def switch_on(guest: Guest, clock: Clock) -> str:
    """Switch the second step on; return the secret. The code of the next half minute is the first that is good."""
    secret, hidden = await scan(guest)
    answer = await guest.client.post(SET_UP, data={**hidden, "ma": code(secret, clock), "mat_khau": PASSWORD})
    assert answer.status_code == 303, answer.text
    return secret
