"""Official links: asked politely, failures kept with since when, and nothing said where nothing answers."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from faq.database import Sessions
from faq.entries import Faq
from faq.link_checking import EVERY, LinkChecker, addresses, failing
from faq.models import LinkCheck
from tests.faq.samples import NOW
from tests.web.fakes import Clock

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


class Web:
    """The official pages, as far as a test needs them."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def __call__(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, str(request.url)))
        answer = self.answers.get(request.url.host.split(".")[0], lambda _request: httpx.Response(200))
        return answer(request)


def linking(faq: Faq, *names: str) -> Faq:
    """A FAQ whose documents point to `https://<name>.gov.vn/` and to nothing else."""
    one = faq.documents[0]
    documents = tuple(one.model_copy(update={"id": name, "url": f"https://{name}.gov.vn/"}) for name in names)
    return faq.model_copy(update={"entries": (), "visits": (), "documents": documents})


async def no_sleep(_seconds: float) -> None:
    """A pause that takes no time."""


def checker(database: Sessions, web: Web, clock: Clock) -> LinkChecker:
    return LinkChecker(database, clock=clock, http=web, sleep=no_sleep)


async def troubles(database: Sessions, faq: Faq) -> dict[str, str]:
    async with database() as session:
        return {one.url: one.trouble for one in await failing(session, faq)}


def moved(to: str) -> Answer:
    return lambda _request: httpx.Response(302, headers={"location": to})


def away(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no")


def slow(_request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


def test_every_address_of_the_shipped_faq_is_https_and_found(shipped: Faq) -> None:
    found = addresses(shipped)

    assert len(found) > 20
    assert all(url.startswith("https://") and pointing for url, pointing in found.items())


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (lambda _r: httpx.Response(200), None),
        (lambda r: httpx.Response(405 if r.method == "HEAD" else 200), None),
        (lambda _r: httpx.Response(404), "trang trả lỗi 404"),
        (lambda _r: httpx.Response(503), "trang trả lỗi 503"),
        (moved("https://other.gov.vn/a"), None),
        (moved("/a"), "chuyển hướng quá nhiều lần"),
        (moved("http://other.gov.vn/"), "chuyển sang địa chỉ không an toàn"),
        (moved("https://127.0.0.1/"), "chuyển sang địa chỉ không an toàn"),
        (moved("https://localhost/"), "chuyển sang địa chỉ không an toàn"),
        (moved("file:///etc/passwd"), "chuyển sang địa chỉ không an toàn"),
        (away, "không kết nối được"),
        (slow, "không trả lời trong 10 giây"),
    ],
)
async def test_what_becomes_of_an_address(
    database: Sessions, shipped: Faq, clock: Clock, answer: Answer, trouble: str | None
) -> None:
    faq = linking(shipped, "one", "two")

    assert await checker(database, Web(one=answer), clock).check(faq)

    assert await troubles(database, faq) == ({"https://one.gov.vn/": trouble} if trouble else {})


async def test_body_is_not_read(database: Sessions, shipped: Faq, clock: Clock) -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            raise AssertionError("read")
            yield b""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(501) if request.method == "HEAD" else httpx.Response(200, stream=Endless())

    assert await checker(database, Web(one=answer), clock).check(linking(shipped, "one"))


async def test_since_when_is_kept_and_forgotten_when_it_opens_again(
    database: Sessions, shipped: Faq, clock: Clock
) -> None:
    faq, web = linking(shipped, "one", "two"), Web(one=away)
    check = checker(database, web, clock)
    await check.check(faq)
    clock.pass_by(days=7)
    await check.check(faq)
    async with database() as session:
        [gone] = await failing(session, faq)
    web.answers.clear()
    await check.check(faq)

    assert (gone.since, gone.pointing) == (NOW, ("one",))
    assert await troubles(database, faq) == {}


async def test_addresses_that_nothing_points_to_any_more_are_forgotten(
    database: Sessions, shipped: Faq, clock: Clock
) -> None:
    check = checker(database, Web(one=away), clock)
    await check.check(linking(shipped, "one", "two"))
    assert await troubles(database, linking(shipped, "two")) == {}

    await check.check(linking(shipped, "two"))

    async with database() as session:
        assert list(await session.scalars(select(LinkCheck.url))) == ["https://two.gov.vn/"]


async def test_machine_without_the_internet_says_so_and_blames_no_page(
    database: Sessions, shipped: Faq, clock: Clock
) -> None:
    faq = linking(shipped, "one", "two")
    check = checker(database, Web(one=away, two=away), clock)

    assert not await check.check(faq)

    assert check.offline_at == NOW
    async with database() as session:
        assert list(await session.scalars(select(LinkCheck))) == []


async def test_each_page_is_asked_once_a_week(database: Sessions, shipped: Faq, clock: Clock) -> None:
    faq, web = linking(shipped, "one", "two"), Web()
    check = checker(database, web, clock)
    for hours in (0, 1, EVERY.total_seconds() / 3600 - 2, 1):
        clock.pass_by(hours=hours)
        await check.check_if_due(faq)

    assert web.asked == [("HEAD", "https://one.gov.vn/"), ("HEAD", "https://two.gov.vn/")] * 2
    assert dt.timedelta(days=7) == EVERY
