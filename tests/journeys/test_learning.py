"""The whole loop: a question fails, staff write its entry, another of them approves, it is answered; and back again."""

import asyncio
import datetime as dt
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Error, Locator, Page, expect
from sqlalchemy import select

from dialogue.building import parts
from faq.database import Sessions, connect, sessions
from faq.entries import Faq
from faq.migrating import migrate
from faq.publishing import PublicationWorker
from faq.releasing import LIVE_MODEL
from nlu.rasa_client import RasaClient
from stats.endings import Ending
from stats.inbox import InboxGroup
from stats.lately import Lately
from tests.conftest import RunningRasa
from tests.faq.conftest import Town as Publishing
from tests.faq.conftest import postgresql, small
from tests.journeys.town import Town, town
from tests.telegram.citizen import Citizen
from tests.web.conftest import QUICK
from tests.web.test_browser import browser
from tests.web.visits import PASSWORD
from web.application import build
from web.office import Office
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff
from web.working import Job, working

__all__ = ["browser", "postgresql", "small"]

CHROMIUM = shutil.which("chromium")
QUESTION = "người xăm kín mặt thì tính răng"
KEY = "can-cuoc.nguoi-xam-mat"
ANSWER = "Người xăm mặt làm thẻ như mọi người, chỉ cần thấy rõ hai mắt và hai tai."
EXAMPLES = (
    QUESTION,
    "mặt có hình xăm thì có răng không",
    "xam mat co lam the duoc khong",
    "em xăm trán với má thì làm thẻ ra răng",
    "hình xăm trên mặt có phải che lại không",
    "nguoi xam kin mat thi tinh sao",
    "lỡ xăm mặt rồi họ có nhận không",
    "xăm con rồng ở má có bị đuổi về không",
    "co hinh xam tren tran thi tinh kieu gi",
    "xăm mặt xăm cổ thì phải làm sao",
)
LATER = dt.timedelta(minutes=15)
"""The office looks so much later: what was asked back waits for a press before it comes into the inbox."""
PATIENCE = 180
FIRST, SECOND = "lan", "minh"

pytestmark = [
    pytest.mark.rasa,
    pytest.mark.browser,
    pytest.mark.postgresql,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium: apt-get install chromium fonts-noto-core"
    ),
]


@dataclass(frozen=True)
class Desk:
    """An office whose pages are up, in a town whose bot answers."""

    address: str
    town: Town
    citizen: Citizen

    async def asked(self, number: int) -> str:
        """Let the citizen ask; return what she reads, once so many questions are recorded."""
        await self.citizen.says(QUESTION)
        answer = await self.citizen.reads(timeout=30)
        await self.town.questions(number)
        self.citizen.skips()
        return answer.text


@pytest.fixture
async def desk(rasa: RunningRasa, postgresql: str, small: Faq, tmp_path: Path) -> AsyncIterator[Desk]:
    """A town that has published a small FAQ; Rasa gets the shipped model back at the end."""
    await asyncio.to_thread(migrate, postgresql)
    settings = WebSettings(
        _env_file=None, database_url=postgresql, nlu_url=rasa.url, secret_key="a secret for tests", var_dir=tmp_path
    )
    engine = connect(postgresql)
    async with RasaClient.at(rasa.url) as client:
        publishing = Publishing(sessions(engine), client, settings.models, small)
        try:
            await publishing.publish(small)
            await _let_in(publishing.sessions)
            async with (
                town(tmp_path / "bot", small, database_url=postgresql, nlu_url=rasa.url) as running,
                _office(settings, publishing) as address,
            ):
                yield Desk(address, running, running.telegram.citizen("Hoa", language="vi"))
        finally:
            await client.switch(next(p for p in rasa.models.glob("*.tar.gz") if p.name != LIVE_MODEL))
            await engine.dispose()


async def _let_in(made: Sessions) -> None:
    async with made.begin() as session:
        for name in (FIRST, SECOND):
            values = {"passwords": Passwords(QUICK), "now": dt.datetime.now(dt.UTC)}
            await create_staff(session, name, password=PASSWORD, role=Role.APPROVER, **values)


@asynccontextmanager
async def _office(settings: WebSettings, publishing: Publishing) -> AsyncIterator[str]:
    """Switch the pages on, as `web.__main__` does; the gate knows the check sentences of the small FAQ only."""

    async def publish(_office: Office) -> None:
        await PublicationWorker(publishing.publisher(), publishing.sessions, Lately(publishing.sessions)).run()

    async with parts(settings) as made:
        app = build(
            made,
            settings,
            clock=lambda: dt.datetime.now(dt.UTC) + LATER,
            passwords=Passwords(QUICK),
            sentences=publishing.publisher().sentences,
        )
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
            async with working(app.state.office, (Job("publish", every=1, do=publish),)):
                serving = asyncio.create_task(server.serve(sockets=[listening]))
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
                server.should_exit = True
                await serving


async def enter(browser: Browser, address: str, name: str) -> Page:
    """Log in, at a desk of one's own."""
    page = await (await browser.new_context(locale="vi-VN")).new_page()
    page.set_default_timeout(30_000)
    await page.goto(f"{address}/dang-nhap")
    await page.get_by_label("Tên đăng nhập").fill(name)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Tổng quan").wait_for()
    return page


async def comes_up(page: Page, wanted: Locator) -> None:
    """Load the page anew until something is on it."""
    last = time.monotonic() + PATIENCE
    while True:
        with suppress(Error):  # not there yet
            await wanted.wait_for(timeout=1_000)
            return
        assert time.monotonic() < last, f"{wanted} did not come up on {page.url}"
        await page.reload()


async def write_entry(page: Page) -> None:
    """From the inbox to a saved draft."""
    await page.get_by_role("link", name="Hộp câu hỏi").first.click()
    group = page.get_by_role("article").filter(has_text=QUESTION)
    await comes_up(page, group)
    await group.get_by_role("button", name="Soạn mục mới").click()
    assert QUESTION in await page.get_by_label("Câu ví dụ").input_value()
    await page.get_by_label("Chủ đề").select_option("can-cuoc")
    await page.get_by_label("Loại câu hỏi").select_option("cach-lam")
    await page.get_by_label("Tên ngắn trên nút bấm").first.fill("Người xăm mặt")
    await page.get_by_label("Câu hỏi", exact=True).first.fill("Người xăm mặt làm thẻ căn cước thế nào?")
    await page.get_by_label("Trả lời ngắn").first.fill(ANSWER)
    await page.get_by_label("Câu ví dụ").fill("\n".join(EXAMPLES))
    await page.get_by_label("Câu trả lời dựa vào đâu").fill("Luật Căn cước Điều 23")
    await page.get_by_text("Đã tự lưu lúc").wait_for()
    await page.locator("#xem-truoc").get_by_text(ANSWER).wait_for()
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await page.get_by_text("Đã lưu bản nháp").wait_for()


async def try_draft(page: Page, address: str) -> None:
    """Put the question to the draft and to what is live, side by side."""
    await page.goto(f"{address}/so-sanh")
    await page.get_by_label("Câu hỏi", exact=True).fill(QUESTION)
    await page.get_by_role("button", name="Hỏi thử").click()
    await page.get_by_text("chưa được huấn luyện").wait_for()
    await expect(page.locator(".sides").first.get_by_role("article")).to_have_count(2)


async def prepare(page: Page, address: str) -> None:
    """Ask for the draft to be published, and come back to the page while it is trained."""
    await page.goto(f"{address}/cong-bo")
    await page.get_by_label("Người xăm mặt làm thẻ").check()
    await page.get_by_label("Lý do công bố").fill("Người dân hỏi mà chưa có mục.")
    await page.get_by_role("button", name="Chuẩn bị công bố").click()
    await page.get_by_role("progressbar").wait_for()
    await page.reload()
    await page.get_by_role("progressbar").wait_for()
    await page.get_by_role("heading", name="Duyệt", exact=True).wait_for(timeout=PATIENCE * 1_000)


async def test_question_that_failed_is_answered_once_staff_have_published_its_entry_and_not_after_rolling_back(
    desk: Desk, browser: Browser
) -> None:
    assert ANSWER not in await desk.asked(1)
    assert (await desk.town.questions(1))[0].ending != Ending.ANSWERED
    author = await enter(browser, desk.address, FIRST)

    await write_entry(author)
    await try_draft(author, desk.address)
    await prepare(author, desk.address)

    await author.get_by_text("câu sẽ được trả lời khác đi").wait_for()
    await author.get_by_text("không tự duyệt được").wait_for()
    assert await author.get_by_role("button", name="Duyệt và công bố").count() == 0
    assert ANSWER not in await desk.asked(2)

    second = await enter(browser, desk.address, SECOND)
    await second.goto(f"{desk.address}/cong-bo")
    await second.get_by_role("link", name="Đợt số 1:").click()
    seen = second.get_by_label("Tôi đã xem phần")
    if await seen.count():  # a model trained anew may lose a warning elsewhere; then that is to be ticked
        await seen.check()
    await second.get_by_role("button", name="Duyệt và công bố").click()
    await second.get_by_text("Đã công bố", exact=True).wait_for(timeout=PATIENCE * 1_000)

    assert ANSWER in await desk.asked(3)
    answered = (await desk.town.questions(3))[2]
    assert (answered.ending, answered.entry) == (Ending.ANSWERED, KEY)
    async with desk.town.sessions() as session:
        assert list(await session.scalars(select(InboxGroup.target))) == [KEY]

    await second.goto(f"{desk.address}/cac-ban")
    await second.get_by_role("button", name="Quay lại bản này").click()
    await second.get_by_text("đang chạy trở lại").wait_for(timeout=60_000)

    assert ANSWER not in await desk.asked(4)
    assert (await desk.town.questions(4))[3].entry != KEY
    assert desk.town.telegram.breaches == []
