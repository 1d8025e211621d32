"""Every page of the office in a real browser: no barrier, nothing to scroll sideways, no complaint. Walks the tables."""

# ruff: noqa: F811 - fixtures of another file are imported, and then asked for by name

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page
from sqlalchemy import select

from dialogue.building import Parts
from faq.database import Sessions
from faq.entries import Faq
from faq.excel import write_xlsx
from faq.models import Publication, PublicationState
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting, Why
from stats.public.keeping import PublicPage
from tests.faq.paper import Desk
from tests.faq.samples import changed
from tests.faq.small import small_of
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.inspecting import Inspection, picture
from tests.web.test_browser import address, browser, pytestmark  # noqa: F401 - fixtures
from tests.web.towns import Town
from tests.web.visits import PASSWORD
from web.application import FOR_CITIZENS, FOR_STAFF, OPEN, build
from web.passwords import Passwords
from web.settings import WebSettings

ZOOMED = 640
"""What is left of a desk's width at 200 %."""
NO_PAGES = {
    "/suc-khoe",
    "/thong-ke.xlsx",
    "/thong-ke.json",
    "/huong-dan.pdf",
    "/excel/tai-ve",
    "/dot-tuyen-truyen/{code}/{name}",
    "/bao-cao/{week}/{name}",
    "/bao-cao/cong-khai/so-lieu.html",
}
"""Files, and what machines read."""
ASKED_FOR = (
    *("/faq?tim=can+cuoc", "/faq?tim=khong-co-gi", "/hop-cau-hoi?xem=da-quyet", "/hop-cau-hoi?tim=khong+co"),
    *("/cham?tuan=2026-11-16", "/thong-ke?from=2026-11-17&to=2026-11-23", "/khong-co"),
)
"""Other faces of some pages."""


@pytest.fixture
def settings(settings: WebSettings) -> WebSettings:
    return settings.model_copy(update={"telegram_bot_name": "hoidap_cualo_bot"})


@pytest.fixture
def desk(made_sessions: Sessions, tmp_path: Path) -> Desk:
    return Desk(made_sessions, tmp_path)


@pytest.fixture
def app(parts: Parts, desk: Desk, settings: WebSettings, clock: Clock, passwords: Passwords) -> FastAPI:
    """The office, with the Rasa of paper."""
    known = Parts(parts.dialogue, parts.faq, parts.sessions, desk.rasa)
    return build(known, settings, clock=clock, passwords=passwords)


@pytest.fixture
async def town(  # noqa: PLR0917 - fixtures
    app: FastAPI,
    made_sessions: Sessions,
    faq: Faq,
    desk: Desk,
    clock: Clock,
    recogniser: ScriptedRecogniser,
    passwords: Passwords,
) -> Town:
    town = Town(made_sessions, small_of(faq), desk, clock)
    await town.publish()
    await town.ask(app, recogniser)
    await town.settle(passwords)
    return town


def paths() -> Iterator[str]:
    """Every page that can be opened, as the tables have it."""
    for method, path, *_ in (*OPEN, *FOR_CITIZENS, *FOR_STAFF):
        if method == "GET" and path not in NO_PAGES:
            yield path


async def log_in(page: Page, address: str) -> None:
    await page.goto(f"{address}/dang-nhap")
    await page.get_by_label("Tên đăng nhập").fill("quan-tri")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Tổng quan").wait_for()


async def uploaded(page: Page, address: str, book: Path) -> str:
    """The address of the preview of a workbook."""
    await page.goto(f"{address}/excel")
    await page.locator('input[type="file"]').set_input_files(book)
    await page.get_by_role("button", name="Xem trước thay đổi").click()
    await page.wait_for_url("**/xem-truoc/**")
    return page.url.removeprefix(address)


async def numbers(sessions: Sessions) -> dict[str, list[str]]:
    """A publication in each state, and a group of each kind."""
    async with sessions() as session:
        publications = {one.state: str(one.id) for one in await session.scalars(select(Publication))}
        groups = {one.decision: str(one.id) for one in await session.scalars(select(InboxGroup))}
    assert set(publications) == set(PublicationState)
    assert set(groups) == {Decision.OPEN, Decision.IGNORED}
    return {"cong-bo": list(publications.values()), "hop-cau-hoi": list(groups.values())}


async def addresses(town: Town, preview: str) -> dict[str, str]:
    """Every page that can be opened, with what exists in the town, by a name that is the same each time."""
    found = await numbers(town.sessions)
    things = {
        "/faq/{key}": [town.key, town.other],
        "/faq/{key}/lich-su": [town.key],
        "/faq/{key}/sua": [town.key, town.other],
        "/faq/{key}/rut": [town.third],
        "/hop-cau-hoi/{number}": found["hop-cau-hoi"],
        "/cong-bo/{number:int}": found["cong-bo"],
        "/cong-bo/{number:int}/tien-do": found["cong-bo"][:1],
        "/cac-ban/{name}": ["2026-11-23.1"],
        "/dot-tuyen-truyen/{code}": [town.campaign],
        "/excel/xem-truoc/{token}": [preview.rpartition("/")[2]],
        "/van-ban/{id}": [town.document],
        "/can-bo/{name}": ["lan", "quan-tri"],
        "/vao/{token}": ["khong-co"],
    }
    filled = {
        f"{path}{number or ''}": re.sub(r"\{[^}]+\}", one, path)
        for path in paths()
        for number, one in enumerate(things.get(path, [""]))
    }
    return filled | {path: path for path in ASKED_FOR}


async def test_every_page_is_usable_by_everybody_on_a_desk_a_phone_and_at_twice_the_size(
    browser: Browser, address: str, town: Town, settings: WebSettings, tmp_path: Path
) -> None:
    await PublicPage(town.sessions, settings.var_dir).switch_on(author="quan-tri")
    page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    page.set_default_timeout(10_000)
    seen = Inspection(page, "desk")
    await log_in(page, address)
    write_xlsx(changed(town.faq, town.third, title="Tên ngắn mới"), tmp_path / "faq.xlsx")
    preview = await uploaded(page, address, tmp_path / "faq.xlsx")
    missing = []

    for face, path in (await addresses(town, preview)).items():
        await page.set_viewport_size({"width": 1280, "height": 900})
        answer = await page.goto(address + path)
        assert answer is not None
        if answer.status != 200 and "khong-co" not in path:
            missing.append((path, answer.status))
        name = "every" + re.sub(r"\W+", "-", face)
        await seen.look(name)
        await page.set_viewport_size({"width": ZOOMED, "height": 450})
        await seen.measure(f"{name} at twice the size")
        await page.set_viewport_size({"width": 360, "height": 740})
        await seen.measure(f"{name} on a phone")
        await picture(page, f"{name}-phone")

    assert missing == []
    assert seen.faults == []


async def test_groups_are_put_together_with_the_keyboard_and_without_scripts(
    browser: Browser, address: str, town: Town, clock: Clock
) -> None:
    async with town.sessions.begin() as session:
        group = InboxGroup(text="đi đò qua sông", first_at=clock(), last_at=clock())
        session.add(group)
        await session.flush()
        session.add(InboxMessage(folded="di do qua song", group_id=group.id, text=group.text, vector={}))
        seen = {"folded": "di do qua song", "at": clock(), "why": Why.NOT_UNDERSTOOD, "doubt": 0.5}
        session.add(InboxSighting(id="f" * 32, **seen))
    context = await browser.new_context(locale="vi-VN", java_script_enabled=False)
    page = await context.new_page()
    page.set_default_timeout(5_000)
    await log_in(page, address)
    await page.goto(f"{address}/hop-cau-hoi")
    boxes = page.get_by_label("Chọn để gộp")
    count = await boxes.count()

    await boxes.first.focus()
    await page.keyboard.press("Space")
    await boxes.last.focus()
    await page.keyboard.press("Space")
    await picture(page, "inbox-joining")
    await page.keyboard.press("Enter")
    await page.get_by_text("gộp từ 2 nhóm").wait_for()
    await picture(page, "inbox-joined")
    await page.get_by_role("button", name="Hoàn tác: tách lại").press("Enter")
    await page.get_by_text("Đã tách lại").wait_for()

    assert await boxes.count() == count > 1
    await context.close()


async def test_group_is_decided_with_the_keyboard_alone(browser: Browser, address: str, town: Town) -> None:
    page = await browser.new_page(locale="vi-VN")
    await log_in(page, address)
    await page.goto(f"{address}/hop-cau-hoi")
    page.set_default_timeout(5_000)
    walked = []

    for _ in range(80):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        walked.append((await focused.inner_text()).strip() or await focused.get_attribute("name"))
        box = await focused.bounding_box()
        assert box is not None, walked
        assert box["width"] > 1, f"nobody sees what has the focus: {walked}"
        if walked[-1] == "Bỏ qua":
            break
    await page.keyboard.press("Enter")
    await page.get_by_role("status").get_by_role("button", name="Hoàn tác").wait_for()

    assert walked[0] == "Đến nội dung chính"
    assert "tim" in walked
    async with town.sessions() as session:
        decided = list(await session.scalars(select(InboxGroup.decided_by).where(InboxGroup.text != "ad ơi")))
    assert "quan-tri" in decided
