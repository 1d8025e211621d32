"""How a page looks to whoever inspects it: pictures, scrolling sideways, what axe-core finds, what the console says."""

from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

PICTURES = Path(__file__).parents[2] / "var" / "screenshots"
SIZES = {"desk": (1280, 900), "phone": (360, 740)}


async def picture(page: Page, name: str) -> None:
    """Keep what is on the page; with its caret, for hiding it leaves a style that htmx would copy."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", full_page=True, caret="initial")


async def sideways(page: Page) -> int:
    """By how much the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def barriers(page: Page) -> list[str]:
    """What axe-core finds serious on a page."""
    found = (await Axe().run(page, options={"resultTypes": ["violations"]})).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in {"serious", "critical"}]


async def turn_to(page: Page, label: str) -> None:
    """Follow the navigation to a page; on a phone it is folded up."""
    menu = page.locator(".menu > summary")
    if await menu.is_visible():
        await menu.click()
    await page.get_by_role("navigation").get_by_role("link", name=label, exact=True).click()


class Inspection:
    """Looks at one page after the other: keeps a picture, and whatever a ward officer should not meet."""

    def __init__(self, page: Page, size: str) -> None:
        self._page, self._size = page, size
        self.faults: list[str] = []
        page.on("console", lambda said: self._hear(f"{said.text} {said.location}"))
        page.on("pageerror", lambda error: self._hear(str(error)))

    async def look(self, name: str) -> None:
        await picture(self._page, f"{name}-{self._size}")
        await self.measure(name)
        self.faults += [f"{name}: {fault}" for fault in await barriers(self._page)]

    async def measure(self, name: str) -> None:
        """Whether the page fits into its window."""
        if (by := await sideways(self._page)) > 0:
            self.faults.append(f"{name} is too wide by {by}")

    def _hear(self, said: str) -> None:
        if "the server responded with a status of 4" not in said:
            self.faults.append(said)
