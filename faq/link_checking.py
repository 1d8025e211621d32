"""Whether the official pages that answers point to are there: each asked once a week, politely. Blocks nothing.

The only file beside `nlu/rasa_client.py` that speaks HTTP.
"""

import asyncio
import datetime as dt
import ipaddress
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.database import Sessions
from faq.entries import Faq
from faq.models import LinkCheck

log = logging.getLogger(__name__)

EVERY = dt.timedelta(days=7)
PATIENCE = 10.0
"""Seconds for one address, its redirects with it."""
PAUSE = 1.0
"""Seconds between two requests."""
MOST_REDIRECTS = 5
LONGEST = 500
GOOD = 400
"""Below it a page is there."""
NAME = "hoi-dap-dich-vu-cong (weekly check of links)"


@dataclass(frozen=True, slots=True)
class Found:
    """What became of asking for one address."""

    status: int | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Failing:
    """An official page that does not open, and what points to it."""

    url: str
    since: dt.datetime
    trouble: str
    pointing: tuple[str, ...]


def addresses(faq: Faq) -> Mapping[str, tuple[str, ...]]:
    """Return every official address, with the keys of the entries, ids of the documents and visits that point to it."""
    found = defaultdict[str, list[str]](list)
    for entry in faq.entries:
        for link in entry.links:
            found[link.url].append(entry.key)
    for visit in faq.visits:
        for link in visit.links:
            found[link.url].append(visit.id)
    for document in faq.documents:
        if document.url:
            found[document.url].append(document.id)
    return {url: tuple(dict.fromkeys(keys)) for url, keys in found.items() if len(url) <= LONGEST}


class LinkChecker:
    """Asks for the pages, and writes down what it found."""

    def __init__(
        self,
        sessions: Sessions,
        *,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        http: Callable[[], httpx.AsyncClient] = lambda: httpx.AsyncClient(headers={"User-Agent": NAME}),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._http = http
        self._sleep = sleep
        self._asking = asyncio.Lock()
        self.offline_at: dt.datetime | None = None
        """When a check could not be done at all, because nothing answered."""

    @property
    def busy(self) -> bool:
        """Whether a check is under way."""
        return self._asking.locked()

    async def check_if_due(self, faq: Faq) -> None:
        """Check unless that was done within a week."""
        async with self._sessions() as session:
            last = await session.scalar(select(func.max(LinkCheck.checked_at)))
        if last is None or self._clock() - last >= EVERY:
            await self.check(faq)

    async def check(self, faq: Faq) -> bool:
        """Ask for every address, one after the other; say whether that could be done."""
        if self._asking.locked():
            return True
        async with self._asking:
            urls = list(addresses(faq))
            found = await self._ask_all(urls)
            if urls and all(one.status is None for one in found.values()):
                self.offline_at = self._clock()
                log.warning("links cannot be checked: no host answers")
                return False
            self.offline_at = None
            async with self._sessions.begin() as session:
                await self._write(session, found)
            return True

    async def _ask_all(self, urls: Sequence[str]) -> dict[str, Found]:
        found = {}
        async with self._http() as http:
            for number, url in enumerate(urls):
                if number:
                    await self._sleep(PAUSE)
                found[url] = await _ask(http, url)
        return found

    async def _write(self, session: AsyncSession, found: Mapping[str, Found]) -> None:
        await session.execute(delete(LinkCheck).where(LinkCheck.url.not_in(found)))
        known = {row.url: row for row in await session.scalars(select(LinkCheck))}
        now = self._clock()
        for url, one in found.items():
            row = known.get(url)
            if row is None:
                row = LinkCheck(url=url, failing_since=None)
                session.add(row)
            row.checked_at, row.status, row.trouble = now, one.status, one.trouble
            row.failing_since = (row.failing_since or now) if one.trouble else None


async def failing(session: AsyncSession, faq: Faq) -> Sequence[Failing]:
    """Return the pages that did not open and that something still points to, those longest gone first."""
    pointing = addresses(faq)
    query = select(LinkCheck).where(LinkCheck.failing_since.is_not(None)).order_by(LinkCheck.failing_since)
    return [
        Failing(row.url, row.failing_since, row.trouble, pointing[row.url])
        for row in await session.scalars(query)
        if row.url in pointing and row.failing_since is not None
    ]


async def _ask(http: httpx.AsyncClient, url: str) -> Found:
    """Ask for a page: its head, or the page itself without reading it where a server gives no heads."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await _follow(http, "HEAD", url)
            return found if not found.trouble else await _follow(http, "GET", url)
    except TimeoutError:
        return Found(None, "không trả lời trong 10 giây")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Found(None, _why(error))


async def _follow(http: httpx.AsyncClient, method: str, url: str) -> Found:
    for _ in range(MOST_REDIRECTS + 1):
        async with http.stream(method, url, follow_redirects=False, timeout=PATIENCE) as answer:
            status, target = answer.status_code, answer.headers.get("location")
        if not answer.is_redirect or not target:
            return Found(status, "" if status < GOOD else f"trang trả lỗi {status}")
        url = str(httpx.URL(url).join(target))
        if not _may_follow(url):
            return Found(status, "chuyển sang địa chỉ không an toàn")
    return Found(status, "chuyển hướng quá nhiều lần")


def _may_follow(url: str) -> bool:
    """Whether an address is public and over HTTPS."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" and "." in host and not host.endswith((".local", ".internal"))
    return False


def _why(error: Exception) -> str:
    reasons: Iterator[str] = (
        why
        for kind, why in (
            (httpx.TimeoutException, "không trả lời trong 10 giây"),
            (httpx.ConnectError, "không kết nối được"),
        )
        if isinstance(error, kind)
    )
    return next(reasons, "không mở được")
