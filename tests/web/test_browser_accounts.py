"""Accounts in a real browser: the second step from set-up to log-in, and how the pages look. Leaves pictures."""

# ruff: noqa: F811 - fixtures of another file are imported, and then asked for by name

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from faq.audit import note
from faq.database import Sessions
from tests.web.fakes import Clock
from tests.web.second import code
from tests.web.test_browser import SIZES, address, browser, link, picture, pytestmark, sideways  # noqa: F401 - fixtures
from tests.web.visits import PASSWORD
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff


async def barriers(page: Page) -> list[str]:
    """What axe-core finds serious on a page."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in {"serious", "critical"}]


class Inspection:
    """Looks at one page after the other: keeps a picture, and whatever a ward officer should not meet."""

    def __init__(self, page: Page, size: str) -> None:
        self._page, self._size = page, size
        self.faults: list[str] = []
        page.on("console", lambda said: self._hear(f"{said.text} {said.location}"))
        page.on("pageerror", lambda error: self._hear(str(error)))

    async def look(self, name: str) -> None:
        await picture(self._page, f"{name}-{self._size}")
        if (by := await sideways(self._page)) > 0:
            self.faults.append(f"{name} is too wide by {by}")
        self.faults += await barriers(self._page)

    def _hear(self, said: str) -> None:
        if "the server responded with a status of 4" not in said:
            self.faults.append(said)


async def choose_password(page: Page) -> None:
    await page.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
    await page.get_by_label("Nhập lại mật khẩu mới").fill(PASSWORD)
    await page.get_by_role("button", name="Lưu mật khẩu").click()
    await page.get_by_role("status").wait_for()


@pytest.mark.parametrize("size", list(SIZES))
async def test_second_step_is_set_up_from_the_text_and_asked_for(
    browser: Browser, address: str, link: str, size: str, clock: Clock
) -> None:
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    seen = Inspection(page, size)

    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()
    await page.get_by_role("link", name="quan-tri").click()
    await choose_password(page)
    await page.get_by_role("link", name="Bật bước xác nhận thứ hai").click()
    secret = (await page.locator("#khoa").inner_text()).replace(" ", "")
    await seen.look("second-step")
    await page.get_by_label("Mã 6 số").fill("000000")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Bật").click()
    await page.get_by_role("alert").wait_for()
    await seen.look("second-step-wrong")
    await page.get_by_label("Mã 6 số").fill(code(secret, clock))
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Bật").click()
    await page.get_by_text("đang bật").wait_for()
    await seen.look("account")
    await page.get_by_role("button", name="Đăng xuất").click()
    clock.pass_by(seconds=30)
    await page.get_by_label("Tên đăng nhập").fill("quan-tri")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await seen.look("code")
    await page.get_by_label("Mã 6 số").fill(code(secret, clock))
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Tổng quan").wait_for()

    assert seen.faults == []


@pytest.mark.parametrize("size", list(SIZES))
async def test_administrator_adds_somebody_and_reads_the_log(  # noqa: PLR0917 - fixtures
    browser: Browser, address: str, link: str, size: str, clock: Clock, made_sessions: Sessions, passwords: Passwords
) -> None:
    width, height = SIZES[size]
    async with made_sessions.begin() as session:
        for name, role in (("nguyen-thi-hoa", Role.EDITOR), ("tran.minh", Role.APPROVER), ("to-cong-tac", Role.VIEWER)):
            kept = {"password": PASSWORD, "passwords": passwords, "now": clock(), "author": "quan-tri"}
            await create_staff(session, name, role=role, **kept)
        note(session, "nguyen-thi-hoa", "draft.saved", "vneid.la-gi", now=clock(), why="lệ phí đổi từ 01/12/2026")
        gone = {"title": "VNeID là gì", "short": "Ứng dụng định danh. " * 20}
        note(session, "tran.minh", "draft.discarded", "vneid.la-gi", now=clock(), content=gone)
    page = await browser.new_page(viewport={"width": width, "height": height}, locale="vi-VN")
    seen = Inspection(page, size)

    await page.goto(link)
    await page.get_by_role("button", name="Vào trang").click()
    await page.get_by_role("link", name="Cán bộ", exact=True).click()
    await seen.look("members")
    await page.get_by_label("Tên đăng nhập").fill("lê-lan")
    await page.get_by_role("radio", name="duyệt").check()
    await page.get_by_role("button", name="Thêm").click()
    handed = await page.get_by_label("Chép và gửi riêng").input_value()
    await seen.look("handed-link")
    await page.get_by_role("link", name="Xong").click()
    await seen.look("member")
    await page.goto(f"{address}/can-bo/quan-tri")
    await page.get_by_role("button", name="Khóa").click()
    await page.get_by_role("alert").wait_for()
    await seen.look("last-administrator")
    await page.get_by_role("link", name="Nhật ký", exact=True).click()
    await seen.look("deeds")
    await page.goto(handed)
    await page.get_by_role("button", name="Vào trang").click()
    await page.get_by_role("heading", name="Tổng quan").wait_for()
    await page.goto(f"{address}/can-bo")
    await seen.look("no-right")

    assert await page.get_by_role("heading", name="Chưa được giao quyền").is_visible()
    assert seen.faults == []
