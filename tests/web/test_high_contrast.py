"""Pages in high contrast, where the system's colours replace ours: whatever only a colour told must be told otherwise."""

# ruff: noqa: F811 - fixtures of another file are imported, and then asked for by name

import pytest
from playwright.async_api import Browser, Page

from tests.web.inspecting import SIZES, picture
from tests.web.test_browser import address, browser, pytestmark  # noqa: F401 - fixtures
from tests.web.test_every_page import app, desk, log_in, town  # noqa: F401 - fixtures
from tests.web.towns import Town

PAGES = {
    "card": "/faq/{key}/sua",
    "inbox": "/hop-cau-hoi",
    "publishing": "/cong-bo",
    "publication": "/cong-bo/3",
    "statistics": "/thong-ke?from=2026-11-10&to=2026-11-23",
    "releases": "/cac-ban",
}
UNBOUND = """[...document.querySelectorAll('main button, main .button, main .tag, main .notice, main .count, main .faults')]
    .filter(one => one.checkVisibility() && !one.classList.contains('visually-hidden'))
    .filter(one => parseFloat(getComputedStyle(one).borderLeftWidth) === 0)
    .map(one => one.outerHTML.slice(0, 120))"""
BARS = "[...document.querySelectorAll('svg .bar')].map(one => getComputedStyle(one).fill)"


async def without_border(page: Page) -> list[str]:
    """What has no border, so that nobody sees where it begins once its background is gone."""
    return list(await page.evaluate(UNBOUND))


@pytest.mark.parametrize("size", list(SIZES))
async def test_nothing_is_told_by_colour_alone(browser: Browser, address: str, town: Town, size: str) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", forced_colors="active", contrast="more"
    )
    page = await context.new_page()
    await page.goto(f"{address}/dang-nhap")
    await picture(page, f"contrast-log-in-{size}")
    await log_in(page, address)
    lost = {}

    for name, path in PAGES.items():
        await page.goto(address + path.format(key=town.key))
        if size == "phone":
            await page.locator(".menu > summary").click()
        await page.keyboard.press("Tab")
        await picture(page, f"contrast-{name}-{size}")
        lost[name] = await without_border(page)
    await page.goto(address + PAGES["statistics"])
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert {name: what for name, what in lost.items() if what} == {}
    assert ground not in await page.evaluate(BARS)
    await context.close()
