"""Somebody with a browser: opens pages, and sends the forms they find there with their tokens."""

import re

import httpx

from faq.audit import Deed

PASSWORD = "mật khẩu đủ dài"
ABOUT_WORK = ~Deed.act.startswith("staff.") & ~Deed.act.startswith("session.")
"""What staff did, beside being let in."""
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Guest:
    """A browser without JavaScript."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def token(self, path: str) -> str:
        """The token on the forms of a page."""
        found = _TOKEN.search((await self.client.get(path)).text)
        assert found, f"no form on {path}"
        return found[1]

    async def send(
        self, page: str, to: str | None = None, /, *, headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Open `page`, fill in its form and send it."""
        data = {"csrf": await self.token(page), **fields}
        return await self.client.post(to or page, data=data, headers=headers)

    async def log_in(self, name: str, password: str, **fields: str) -> httpx.Response:
        return await self.send("/dang-nhap", ten=name, mat_khau=password, **fields)
