"""`python -m tests.web.guide_pictures`: the pictures of the guide and of the README, from a made-up town."""

import asyncio
import datetime as dt
import io
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from dialogue.building import Parts
from dialogue.conversation import Dialogue
from dialogue.kept import Kept
from faq.content_files import ContentFiles
from faq.database import Base, connect, sessions
from faq.entries import CheckSentence, Faq
from faq.folding import fold
from faq.live import LiveFaq
from nlu.understanding import Guess, Understanding
from stats.demo.filling import DEMO_IDS, fill
from stats.demo.town import Town
from stats.inbox import InboxGroup
from stats.pseudonyms import Pseudonyms
from stats.recording import Recorder
from tests.faq.paper import Desk, PaperRasa
from tests.faq.samples import changed
from tests.web.conftest import QUICK
from tests.web.fakes import Clock
from tests.web.test_browser import CHROMIUM
from tests.web.test_card_browser import EXAMPLES, enter
from tests.web.test_pages import ask
from tests.web.visits import PASSWORD
from web.application import build
from web.guide import PICTURES
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

DOCS = Path(__file__).parents[2] / "docs" / "pictures"
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
GUIDE_WIDTH, README_WIDTH = 1000, 1280
DAYS, A_DAY = 60, 60
CHECKED = 400
"""Check sentences that the trial in the pictures goes through."""
KEY = "vneid.quen-mat-khau"
ASKED = {
    "mật khẩu vneid tui quên béng mất tiêu": (KEY, 9),
    "mất mật khẩu chừ răng hè": (KEY, 5),
    "vneid báo sai mật khẩu hoài": (KEY, 3),
    "ở trọ có phải khai báo chi không": ("dang-ky-tam-tru.cach-lam", 6),
    "con mới sinh làm giấy tờ ở mô": ("ngoai-pham-vi.khac", 4),
}
"""What waits in the inbox: the sentence, what it is taken for, and by how many it was asked."""
NEW_EXAMPLES = ("quên béng mật khẩu vneid", "mật khẩu vneid mất tiêu rồi", "chừ quên mật khẩu thì răng")


class TownRasa(PaperRasa):
    """Has its doubts about what waits in the inbox."""

    async def parse(self, text: str) -> Understanding:
        for said, (intent, _people) in ASKED.items():
            if fold(said) == fold(text):
                return Understanding.of((Guess(intent, 0.42),))
        return await super().parse(text)


@dataclass(frozen=True)
class TownHall:
    """Everything behind the pages."""

    app: FastAPI
    desk: Desk
    faq: Faq
    engine: AsyncEngine


@asynccontextmanager
async def town_hall(folder: Path) -> AsyncIterator[TownHall]:
    """Give a town in which something is published, asked and drafted."""
    faq, clock, engine = ContentFiles().read(), Clock(NOW), connect(f"sqlite:///{folder}/town.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions(engine)
    desk = Desk(made, folder)
    desk.rasa = TownRasa(folder)
    desk.sentences = _checks(faq)
    desk.said.texts, desk.said.times = (*NEW_EXAMPLES, *(e.examples[1] for e in faq.entries)), 37
    await desk.draft(faq)
    await desk.publisher.publish(author="cài đặt")
    live, recorder, secret = LiveFaq(made, faq), Recorder(made, folder / "spool"), Pseudonyms("made up")
    kept = Kept(made, settle=recorder.replay, clock=clock)
    dialogue = Dialogue(live, desk.rasa, secret, recorder.record, kept=kept, clock=clock)
    settings = WebSettings(_env_file=None, secret_key="made up", var_dir=folder, telegram_bot_name="ten_bot")
    parts = Parts(dialogue, live, made, desk.rasa)
    app = build(parts, settings, clock=clock, passwords=Passwords(QUICK))
    await _people(app)
    await _asked(app, engine, faq)
    yield TownHall(app, desk, faq, engine)
    recorder.close()
    await engine.dispose()


def _checks(faq: Faq) -> tuple[CheckSentence, ...]:
    return tuple(CheckSentence(text=e.examples[0], entry=e.key) for e in faq.entries if not e.is_small_talk)[:CHECKED]


async def _people(app: FastAPI) -> None:
    here = app.state.office
    async with here.parts.sessions.begin() as session:
        for name, role in (("lan", Role.EDITOR), ("minh", Role.APPROVER)):
            await create_staff(session, name, password=PASSWORD, role=role, passwords=here.passwords, now=NOW)


async def _asked(app: FastAPI, engine: AsyncEngine, faq: Faq) -> None:
    """Fill the inbox from a few sentences and the statistics from a made-up season."""
    made, number = app.state.office.parts.sessions, 0
    for text, (_intent, people) in ASKED.items():
        for _ in range(people):
            number += 1
            await ask(made, NOW - dt.timedelta(hours=number), text, person=f"{number:032d}", confidence=0.4)
    await app.state.office.inbox.read()
    since = NOW.date() - dt.timedelta(days=DAYS)
    await fill(engine, Town(faq=faq, since=since, days=DAYS, records=DAYS * A_DAY))
    async with made.begin() as session:
        await session.execute(delete(InboxGroup).where(InboxGroup.id >= DEMO_IDS))


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Give the address at which the pages are served."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def _log_in(page: Page, address: str) -> None:
    await page.context.clear_cookies()
    await page.goto(f"{address}/dang-nhap")


async def _new_card(page: Page, address: str) -> None:
    await page.goto(f"{address}/muc-moi")
    await page.get_by_label("Chủ đề").select_option("vneid")
    await page.get_by_label("Loại câu hỏi").select_option("cach-lam")
    await page.get_by_label("Tên ngắn trên nút bấm").first.fill("Đổi ảnh đại diện")
    await page.get_by_label("Câu hỏi", exact=True).first.fill("Đổi ảnh đại diện trên VNeID thế nào?")
    await page.get_by_label("Trả lời ngắn").first.fill("Mở VNeID, vào Cá nhân, bấm vào ảnh rồi chọn ảnh mới.")
    await page.get_by_label("Câu ví dụ").fill("\n".join(EXAMPLES))
    await page.get_by_label("Câu trả lời dựa vào đâu").fill("Hướng dẫn sử dụng VNeID")
    await page.locator("#xem-truoc").get_by_text("bấm vào ảnh rồi chọn ảnh mới").wait_for()
    await page.evaluate("window.scrollTo(0, 0)")


async def _compared(page: Page, address: str) -> None:
    await page.goto(f"{address}/so-sanh")
    await page.get_by_label("Câu hỏi", exact=True).fill("quên mật khẩu vneid")
    await page.get_by_role("button", name="Hỏi thử").click()
    await page.get_by_text("Máy đoán").first.wait_for()


async def _notice(page: Page, address: str) -> None:
    await page.goto(f"{address}/thong-bao")
    await page.get_by_label("Nội dung").fill("Thứ bảy 28/11 công an phường làm thẻ căn cước ở nhà văn hóa khối 5.")
    await page.get_by_role("button", name="Xem trước").click()
    await page.get_by_text("Xem trước: người dân sẽ thấy").wait_for()


def _at(path: str) -> "Act":
    async def go(page: Page, address: str) -> None:
        await page.goto(address + path)

    return go


Act = Callable[[Page, str], Awaitable[None]]


@dataclass(frozen=True)
class Shot:
    """A picture: who looks, what they do first, and how much of the page is kept."""

    name: str
    act: Act
    tall: int = 760
    who: str = "minh"


SHOTS = (
    Shot("overview", _at("/"), 620),
    Shot("card-new", _new_card, 820, who="lan"),
    Shot("history", _at(f"/faq/{KEY}/lich-su"), 470),
    Shot("inbox", _at("/hop-cau-hoi"), 760, who="lan"),
    Shot("comparing", _compared, 860),
    Shot("publication", _at("/cong-bo/1"), 1180),
    Shot("notices", _notice, 800),
    Shot("statistics", _at(f"/thong-ke?from={NOW.date() - dt.timedelta(days=28)}&to={NOW.date()}"), 720),
    Shot("judging", _at("/cham"), 830, who="lan"),
    Shot("judged", _at("/cham/ket-qua"), 330, who="lan"),
    Shot("log-in", _log_in, 480),
)
FOR_README = ("card-new", "inbox", "publication", "comparing", "statistics", "judging", "judged")
NOT_IN_GUIDE = ("judged",)


async def _drafted(hall: TownHall) -> None:
    """Draft better words for one entry, and prepare a publication of it."""
    entry = next(e for e in hall.faq.entries if e.key == KEY)
    short = entry.short.replace(".", ", làm tại nhà được.", 1)
    await hall.desk.draft(changed(hall.faq, KEY, short=short, examples=(*entry.examples, *NEW_EXAMPLES)), author="lan")


async def _proposed(hall: TownHall, page: Page, address: str) -> None:
    await page.goto(f"{address}/cong-bo")
    await page.get_by_role("checkbox").first.check()
    await page.get_by_label("Lý do công bố").fill("nói rõ làm tại nhà được, thêm cách hỏi của bà con")
    await page.get_by_role("button", name="Chuẩn bị công bố").click()
    await page.get_by_role("heading", name="Đợt công bố số 1").wait_for()
    await hall.desk.worker.prepare_next()


async def _judged(page: Page, address: str) -> None:
    await page.goto(f"{address}/cham")
    for verdict in ("1", "1", "2", "1", "3", "1", "1", "1", "4", "1", "1"):
        async with page.expect_navigation():
            await page.locator(f'.verdict[data-key="{verdict}"]').click()


async def _shoot(browser: Browser, address: str, shot: Shot, width: int, *, whole: bool) -> bytes:
    """Return what somebody sees: the `whole` page with its head, or only what the page is about."""
    page = await enter(browser, address, shot.who, viewport={"width": width, "height": 900})
    await shot.act(page, address)
    box = await page.locator("main").bounding_box()
    assert box is not None
    top, tall = (0.0, shot.tall + box["y"]) if whole else (box["y"], shot.tall)
    drawn = await page.screenshot(clip={"x": 0, "y": top, "width": width, "height": tall}, full_page=True)
    await page.context.close()
    return drawn


def _fewer_colours(drawn: bytes, colours: int) -> bytes:
    kept = io.BytesIO()
    Image.open(io.BytesIO(drawn)).convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(
        kept, "PNG", optimize=True
    )
    return kept.getvalue()


async def _keep(browser: Browser, address: str, shot: Shot) -> None:
    if shot.name not in NOT_IN_GUIDE:
        drawn = await _shoot(browser, address, shot, GUIDE_WIDTH, whole=False)
        (PICTURES / f"{shot.name}.png").write_bytes(_fewer_colours(drawn, 32))
    if shot.name in FOR_README:
        drawn = await _shoot(browser, address, shot, README_WIDTH, whole=True)
        (DOCS / f"desk-{shot.name}.png").write_bytes(_fewer_colours(drawn, 64))


async def main() -> None:
    """Make every picture again."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with town_hall(Path(folder)) as hall, served(hall.app) as address, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            await _drafted(hall)
            await _proposed(hall, await enter(browser, address, "lan"), address)
            await _judged(await enter(browser, address, "lan"), address)
            for shot in SHOTS:
                await _keep(browser, address, shot)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
