"""Accounts in a real browser: the second step from set-up to log-in, and how the pages look. Leaves pictures."""

# ruff: noqa: F811 - fixtures of another file are imported, and then asked for by name

import pytest
from playwright.async_api import Browser, Page

from faq.audit import note
from faq.database import Sessions
from tests.web.fakes import Clock
from tests.web.inspecting import SIZES, Inspection, turn_to
from tests.web.second import code
from tests.web.test_browser import address, browser, link, pytestmark  # noqa: F401 - fixtures
from tests.web.visits import PASSWORD
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff


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
    await turn_to(page, "Cán bộ")
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
    await turn_to(page, "Nhật ký")
    await seen.look("deeds")
    await page.goto(handed)
    await page.get_by_role("button", name="Vào trang").click()
    await page.get_by_role("heading", name="Tổng quan").wait_for()
    await page.goto(f"{address}/can-bo")
    await seen.look("no-right")

    assert await page.get_by_role("heading", name="Chưa được giao quyền").is_visible()
    assert seen.faults == []
