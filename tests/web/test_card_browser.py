"""The card in a real browser: a new entry by keyboard, counters, autosave, preview, two people at once."""

import os
import shutil

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, ConsoleMessage, Page

from faq.database import Sessions
from faq.drafting import standing
from faq.entries import Faq
from tests.web.cards import KEY, publish, small
from tests.web.fakes import Clock
from tests.web.inspecting import picture, sideways, turn_to
from tests.web.test_browser import address, browser
from tests.web.visits import PASSWORD
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff

__all__ = ["address", "browser"]

CHROMIUM = shutil.which("chromium")
EXAMPLES = [
    "doi anh dai dien vneid",
    "làm sao thay cái hình trên vneid",
    "ảnh trong vneid xấu quá muốn đổi",
    "thay anh ca nhan tren dinh danh dien tu",
    "vneid cho đổi ảnh không ad",
    "cach cap nhat anh moi trong app vneid",
    "hình đại diện vneid răng mà thay được hè",
    "doi hinh nen voi anh dai dien o mo",
    "mở vneid lên đổi tấm ảnh chỗ nào",
    "muốn thay ảnh chân dung hiện trên vneid",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium: apt-get install chromium fonts-noto-core"
    ),
]


@pytest.fixture
async def town(app: FastAPI, made_sessions: Sessions, faq: Faq, passwords: Passwords, clock: Clock) -> None:
    """Something is published, and two people may edit it."""
    await publish(made_sessions, small(faq), clock())
    async with made_sessions.begin() as session:
        for name in ("lan", "minh"):
            await create_staff(session, name, password=PASSWORD, role=Role.EDITOR, passwords=passwords, now=clock())


async def enter(browser: Browser, address: str, name: str, **options: object) -> Page:
    context = await browser.new_context(locale="vi-VN", **options)
    page = await context.new_page()
    await page.goto(f"{address}/dang-nhap")
    await page.get_by_label("Tên đăng nhập").fill(name)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Tổng quan").wait_for()
    return page


def complaints_of(page: Page) -> list[str]:
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        broken_off = message.text.startswith("htmx:")  # pieces under way when the page is left, or asked for anew
        if message.type in {"error", "warning"} and not broken_off:
            said.append(f"{message.text} {message.location}")

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
async def test_first_time_user_adds_an_entry_with_ten_examples(  # noqa: PLR0917 - fixtures
    browser: Browser, address: str, town: None, made_sessions: Sessions, width: int, height: int
) -> None:
    page = await enter(browser, address, "lan", viewport={"width": width, "height": height})
    complaints = complaints_of(page)
    await turn_to(page, "Hỏi đáp")
    await page.get_by_role("link", name="Thêm mục mới").click()
    await picture(page, f"card-new-{width}")

    await page.get_by_label("Chủ đề").select_option("vneid")
    await page.get_by_label("Loại câu hỏi").select_option("cach-lam")
    await page.get_by_label("Tên ngắn trên nút bấm").first.fill("Đổi ảnh đại diện")
    await page.get_by_label("Câu hỏi", exact=True).first.fill("Đổi ảnh đại diện trên VNeID thế nào?")
    await page.get_by_label("Trả lời ngắn").first.fill("Mở VNeID, vào Cá nhân, bấm vào ảnh rồi chọn ảnh mới.")
    await page.get_by_label("Câu ví dụ").fill("\n".join(EXAMPLES))
    await page.get_by_label("Câu trả lời dựa vào đâu").fill("Hướng dẫn sử dụng VNeID")
    await page.get_by_text("Đã tự lưu lúc").wait_for()
    await page.locator("#xem-truoc").get_by_text("bấm vào ảnh rồi chọn ảnh mới").wait_for()
    await page.locator('[name="them"]').first.check()
    await picture(page, f"card-filled-{width}")
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await page.get_by_text("Đã lưu bản nháp").wait_for()
    await picture(page, f"card-saved-{width}")

    assert await sideways(page) <= 0
    assert complaints == []
    async with made_sessions() as session:
        saved = (await standing(session, "vneid.doi-anh-dai-dien")).draft
    assert saved is not None
    assert saved["examples"][:10] == EXAMPLES
    assert len(saved["examples"]) == 11


async def test_counter_and_faults_follow_the_typing(browser: Browser, address: str, town: None) -> None:
    page = await enter(browser, address, "lan")
    await page.goto(f"{address}/faq/{KEY}/sua")

    await page.get_by_label("Tên ngắn trên nút bấm").first.fill("x" * 40)
    assert await page.locator("#dem-title").inner_text() == "40/36"
    await page.get_by_label("Giấy tờ").first.fill("một\n[[m: ngắn | dài hơn]] ạ")
    assert await page.locator("#dem-papers").inner_text() == "dòng dài nhất 9/220"
    await page.locator("#xem-truoc").get_by_text("dài quá 36 ký tự").wait_for()
    await page.get_by_label("Tên ngắn trên nút bấm").first.press("Enter")
    await page.get_by_text("Chưa lưu được, xin sửa 1 chỗ").wait_for()
    await picture(page, "card-faults-1280")

    assert await page.evaluate("document.activeElement.id") == "tom-tat"
    assert await page.locator("#o-title").input_value() == "x" * 40


async def test_typing_is_offered_again_after_the_window_was_closed(browser: Browser, address: str, town: None) -> None:
    page = await enter(browser, address, "lan", viewport={"width": 360, "height": 740})
    await page.goto(f"{address}/faq/{KEY}/sua")
    await page.get_by_label("Trả lời ngắn").first.fill("Gõ dở rồi mất điện")
    await page.get_by_text("Đã tự lưu lúc").wait_for()

    again = await page.context.new_page()
    await again.goto(f"{address}/faq/{KEY}/sua")
    await picture(again, "card-offer-360")
    await again.get_by_role("link", name="Dùng tiếp").click()

    assert await again.get_by_label("Trả lời ngắn").first.input_value() == "Gõ dở rồi mất điện"
    assert await sideways(again) <= 0


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
async def test_two_browsers_at_once_lose_nothing(  # noqa: PLR0917 - fixtures
    browser: Browser, address: str, town: None, made_sessions: Sessions, width: int, height: int
) -> None:
    lan = await enter(browser, address, "lan", viewport={"width": width, "height": height})
    minh = await enter(browser, address, "minh")
    for page in (lan, minh):
        await page.goto(f"{address}/faq/{KEY}/sua")
    await minh.get_by_label("Trả lời ngắn").first.fill("VNeID là ứng dụng của Bộ Công an, theo Minh.")
    await minh.get_by_text("Đã tự lưu lúc").wait_for()
    other = await lan.context.new_page()
    await other.goto(f"{address}/faq/{KEY}/sua")
    assert await other.get_by_text("minh đang sửa mục này").is_visible()
    await other.close()
    examples = lan.locator("#o-examples")
    await minh.get_by_role("button", name="Lưu bản nháp").click()
    await minh.get_by_text("Đã lưu bản nháp").wait_for()

    await lan.get_by_label("Trả lời ngắn").first.fill("VNeID là ứng dụng định danh, theo Lan.")
    await examples.fill(f"{await examples.input_value()}\ncau cua lan viet them")
    await lan.get_by_role("button", name="Lưu bản nháp").click()
    await lan.get_by_role("heading", name="Có người vừa sửa mục này").wait_for()
    await picture(lan, f"card-clash-{width}")
    assert await sideways(lan) <= 0
    await lan.get_by_label("Của người kia").check()
    await lan.get_by_role("button", name="Lưu bản đã chọn").click()
    await lan.get_by_text("Đã lưu bản nháp").wait_for()
    await lan.get_by_role("link", name="Lịch sử").click()
    await picture(lan, f"history-{width}")

    assert await sideways(lan) <= 0
    async with made_sessions() as session:
        saved = (await standing(session, KEY)).draft
    assert saved is not None
    assert saved["short"] == "VNeID là ứng dụng của Bộ Công an, theo Minh."
    assert saved["examples"][-1] == "cau cua lan viet them"


async def test_session_that_ends_while_typing_costs_nothing(
    browser: Browser, address: str, town: None, made_sessions: Sessions
) -> None:
    page = await enter(browser, address, "lan")
    await page.goto(f"{address}/faq/{KEY}/sua")
    await page.context.clear_cookies()
    await page.get_by_label("Trả lời ngắn").first.fill("Gõ khi phiên đã hết.")
    await page.get_by_text("Phiên làm việc đã hết").wait_for()

    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="thẻ khác").click()
    again = await opened.value
    await again.get_by_label("Tên đăng nhập").fill("lan")
    await again.get_by_label("Mật khẩu").fill(PASSWORD)
    await again.keyboard.press("Enter")
    await again.get_by_role("heading", name="Tổng quan").wait_for()
    await page.bring_to_front()
    await page.evaluate("window.dispatchEvent(new Event('focus'))")
    await page.get_by_text("Anh/chị đã vào lại").wait_for()
    await page.get_by_role("button", name="Lưu bản nháp").click()
    await page.get_by_text("Đã lưu bản nháp").wait_for()

    async with made_sessions() as session:
        saved = (await standing(session, KEY)).draft
    assert saved is not None
    assert saved["short"] == "Gõ khi phiên đã hết."


async def test_card_is_filled_in_and_saved_by_keyboard_without_javascript(
    browser: Browser, address: str, town: None, made_sessions: Sessions
) -> None:
    page = await enter(browser, address, "lan", viewport={"width": 360, "height": 740}, java_script_enabled=False)
    await page.goto(f"{address}/faq/{KEY}/sua")

    reached: list[str] = []
    for _ in range(90):
        await page.keyboard.press("Tab")
        name = await page.evaluate("document.activeElement.name ?? ''")
        reached.append(name)
        if name == "gain":
            await page.keyboard.type("Tiện.")
        if name == "viec":
            break
    await page.keyboard.press("Enter")
    await page.get_by_text("Đã lưu bản nháp").wait_for()

    assert {"title", "question", "short", "examples", "law.document", "related.one", "why"} <= set(reached)
    async with made_sessions() as session:
        saved = (await standing(session, KEY)).draft
    assert saved is not None
    assert "Tiện." in saved["gain"]


@pytest.mark.parametrize("width", [1280, 360])
async def test_every_page_of_the_card_fits_its_window(browser: Browser, address: str, town: None, width: int) -> None:
    page = await enter(browser, address, "lan", viewport={"width": width, "height": 800})
    wide = {}
    for name, path in {
        "edit": f"/faq/{KEY}/sua",
        "withdraw": f"/faq/{KEY}/rut",
        "history-first": f"/faq/{KEY}/lich-su",
        "entry-buttons": f"/faq/{KEY}",
        "list-drafts": "/faq?trang-thai=co-nhap",
    }.items():
        await page.goto(address + path)
        await picture(page, f"card-{name}-{width}")
        wide[name] = await sideways(page)

    assert {name: by for name, by in wide.items() if by > 0} == {}
