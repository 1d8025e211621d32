"""The pages in a real browser: come in by link, open every page on a desk and on a phone, chat once. Leaves pictures."""

import asyncio
import datetime as dt
import os
import shutil
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright

from faq.database import Sessions
from faq.entries import Faq
from faq.models import Release, ReleaseState
from stats.endings import Ending
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.inspecting import SIZES, picture, sideways, turn_to
from tests.web.test_pages import ask
from web.staff import first_administrator, make_link

CHROMIUM = shutil.which("chromium")
PAGES = {
    "overview": "/",
    "faq": "/faq",
    "faq-search": "/faq?tim=vneid",
    "entry": "/faq/vneid.cach-lam",
    "statistics": "/thong-ke?from=2026-11-17&to=2026-11-23",
    "statistics-month": "/thong-ke?from=2026-10-25&to=2026-11-23",
    "missing": "/khong-co",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium: apt-get install chromium fonts-noto-core"
    ),
]


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The office's door on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM or "chromium", args=["--no-sandbox"])
        yield opened
        await opened.close()


@pytest.fixture
async def busy_month(made_sessions: Sessions, clock: Clock) -> None:
    """A release, and a month of questions."""
    async with made_sessions.begin() as session:
        release = {
            "model_file": "x.tar.gz",
            "fingerprint": "x",
            "report": {},
            "author": "quan-tri",
            "created_at": clock(),
        }
        session.add(Release(name="2026-11-20.1", state=ReleaseState.LIVE, live_since=clock(), **release))
    answered = {"ending": Ending.ANSWERED, "topic": "vneid", "entry": "vneid.cach-lam", "confidence": 0.91}
    for number in range(90):
        moment = clock() - dt.timedelta(days=number * number % 30)
        await ask(made_sessions, moment, "cách làm vneid", person=f"{number % 40:032d}", **answered)
    for number, text in enumerate(["lam giay khai sinh o mo", "doi bang lai xe", "làm giấy khai sinh ở mô"] * 5):
        await ask(made_sessions, clock() - dt.timedelta(days=number), text, person=f"{number:032d}")


@pytest.fixture
async def link(address: str, made_sessions: Sessions, clock: Clock) -> str:
    async with made_sessions.begin() as session:
        owner = await first_administrator(session, clock())
        return f"{address}/vao/{await make_link(session, owner.id, clock())}"


@pytest.mark.parametrize("size", list(SIZES))
async def test_staff_come_in_by_link_and_see_every_page(  # noqa: PLR0917 - fixtures
    browser: Browser, address: str, link: str, size: str, busy_month: None, faq: Faq
) -> None:
    doubtful = next(e.key for e in faq.entries if not e.confirmed)
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(f"{said.text} {said.location}") if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    too_wide: dict[str, int] = {}

    await page.goto(f"{address}/dang-nhap")
    await picture(page, f"log-in-{size}")
    await page.goto(link)
    await picture(page, f"link-{size}")
    await page.get_by_role("button", name="Vào trang").click()
    await page.get_by_role("heading", name="Tổng quan").wait_for()
    for name, path in {**PAGES, "entry-to-check": f"/faq/{doubtful}"}.items():
        await page.goto(address + path)
        await picture(page, f"{name}-{size}")
        too_wide[name] = await sideways(page)

    assert {name: by for name, by in too_wide.items() if by > 0} == {}
    assert [said for said in complaints if "404" not in said] == []


@pytest.mark.parametrize("size", list(SIZES))
async def test_staff_try_a_question_and_press_a_button(
    browser: Browser, address: str, link: str, size: str, recogniser: ScriptedRecogniser
) -> None:
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(f"{said.text} {said.location}") if said.type in {"error", "warning"} else None,
    )
    recogniser.learn("vneid la gi", "vneid.la-gi")
    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()

    await turn_to(page, "Hỏi thử")
    await picture(page, f"chat-empty-{size}")
    question = page.get_by_label("Câu hỏi", exact=True)
    await question.fill("vneid la gi")
    await question.press("Enter")
    await page.locator(".exchange").wait_for()
    await picture(page, f"chat-{size}")
    await page.locator(".exchange").get_by_role("button", name="☰").first.click()
    await page.locator(".exchange").nth(1).wait_for()
    await question.press_sequentially("còn đây")
    await picture(page, f"chat-menu-{size}")

    assert page.url == f"{address}/thu"
    assert await question.input_value() == "còn đây"
    assert await page.locator(".exchange").count() == 2
    assert await sideways(page) <= 0
    assert complaints == []


async def test_chat_works_without_javascript(
    browser: Browser, address: str, link: str, recogniser: ScriptedRecogniser
) -> None:
    recogniser.learn("vneid la gi", "vneid.la-gi")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()
    await turn_to(page, "Hỏi thử")

    await page.get_by_label("Câu hỏi", exact=True).fill("vneid la gi")
    await page.get_by_role("button", name="Gửi").click()
    await page.locator(".exchange").wait_for()

    assert await page.locator(".exchange").count() == 1


async def test_page_at_twice_the_size_does_not_scroll_sideways(browser: Browser, address: str, link: str) -> None:
    page = await browser.new_page(viewport={"width": 640, "height": 400}, device_scale_factor=2, locale="vi-VN")
    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()

    widths = []
    for path in ("/", "/faq", "/faq/vneid.cach-lam", "/thu", "/thong-ke"):
        await page.goto(address + path)
        widths.append(await sideways(page))

    assert max(widths) <= 0


async def test_chat_tells_when_the_page_or_the_network_fails_and_keeps_what_was_typed(
    browser: Browser, address: str, link: str, recogniser: ScriptedRecogniser
) -> None:
    recogniser.broken = RuntimeError("broken")
    page = await browser.new_page(locale="vi-VN")
    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()
    await turn_to(page, "Hỏi thử")
    question = page.get_by_label("Câu hỏi", exact=True)

    await question.fill("câu làm hỏng")
    await question.press("Enter")
    await page.get_by_text("Hệ thống gặp sự cố").wait_for()
    await page.route("**/thu", lambda route: route.abort())
    await question.press("Enter")
    await page.get_by_text("Chưa gửi được").wait_for()

    assert await question.input_value() == "câu làm hỏng"
    assert await page.get_by_role("heading", name="Hỏi thử").is_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 480), (180, 320), (1280, 900)])
async def test_citizen_asks_by_keyboard_without_javascript(
    browser: Browser, address: str, recogniser: ScriptedRecogniser, width: int, height: int
) -> None:
    """On a phone, on a very old one, on a phone at twice the size, on a desk."""
    recogniser.learn("vneid la gi", "vneid.la-gi")
    context = await browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": height}, locale="vi-VN"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{said.text} {said.location}"))
    await page.goto(f"{address}/hoi")
    await picture(page, f"citizen-first-{width}")
    first = await box_of(page)

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.type("vneid la gi")
    await page.keyboard.press("Enter")
    await page.locator("#moi-nhat").wait_for()
    await picture(page, f"citizen-answer-{width}")
    answer = await box_of(page)
    await page.keyboard.press("Tab")
    pressed = await page.locator("#moi-nhat :focus").inner_text()
    await page.get_by_role("button", name="☰").click()
    await page.locator(".talk > li").nth(1).wait_for()
    await picture(page, f"citizen-menu-{width}")

    assert pressed
    assert [await talk.text_content() for talk in await page.get_by_role("heading", level=3).all()] == [
        "Ông/bà: vneid la gi",
        "Ông/bà: ☰ Danh mục",
    ]
    assert max(first, answer, await box_of(page)) <= width
    assert complaints == []
    await context.close()


async def box_of(page: Page) -> float:
    """How wide the widest thing on the page reaches, without asking a script."""
    boxes = [await piece.bounding_box() for piece in await page.locator("body *:visible").all()]
    return max(box["x"] + box["width"] for box in boxes if box)
