"""Draws a citizen's chat as Telegram shows it on a small phone: a page without scripts, and pictures of it.

`python -m tests.telegram.drawing FOLDER` plays the conversations of `conversations.py` and draws them; it needs
Chromium, a running NLU server, and a database with a live release. With `--readme docs/pictures` it also writes the
pictures of the README. Roboto (Debian: fonts-roboto-unhinted) is the letters of most phones; Noto Sans is wider.
"""

import argparse
import asyncio
import html
import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Locator, async_playwright

from tests.telegram.citizen import Screen

Json = dict[str, Any]

STYLE = Path(__file__).with_suffix(".css")
WIDTH = 360
TALLEST = 800
TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote>", "</blockquote>"),
}
IN_README = {
    "start-1": "chat-start",
    "own-data-1": "chat-answer",
    "asked-back-2": "chat-asked-back",
    "scam-1": "chat-scam",
    "papers-6": "chat-papers",
    "large-letters-4": "chat-large-letters",
}
MINUTE = "08:15"
"""Of every message: the time of the day would make each picture a new one."""
COLOURS = 256
LINKS = {"text_link", "url", "mention", "text_mention", "bot_command", "hashtag", "email", "phone_number"}


@dataclass(frozen=True)
class Frame:
    """A phone at one moment: what stands on it, which button is under the thumb, what comes up at the bottom."""

    caption: str
    screens: tuple[Screen, ...]
    tapped: str = ""
    toast: str = ""
    title: str = "Hỏi Đáp Dịch Vụ Công"
    subtitle: str = "bot"


def page_of(title: str, frames: Iterable[Frame]) -> str:
    """Return a page that needs nothing else."""
    phones = "\n".join(
        f"<figure>{_phone(frame)}<figcaption>{html.escape(frame.caption)}</figcaption></figure>" for frame in frames
    )
    return (
        f'<!doctype html>\n<html lang="vi"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>\n{STYLE.read_text('utf-8')}</style></head>\n<body><div class=album>\n{phones}\n</div></body></html>\n"
    )


def marked_up(text: str, entities: Sequence[Json]) -> str:
    """Return a text of Telegram as HTML; its entities count in halves of UTF-16, and lie within one another."""
    opening: dict[int, str] = defaultdict(str)
    closing: dict[int, str] = defaultdict(str)
    for entity in sorted(entities, key=lambda e: (e["offset"], -e["length"])):
        before, after = ("<a>", "</a>") if entity["type"] in LINKS else TAGS.get(entity["type"], ("", ""))
        opening[entity["offset"]] += before
        end = entity["offset"] + entity["length"]
        closing[end] = after + closing[end]
    written, offset = [], 0
    for character in text:
        written += [closing[offset], opening[offset], html.escape(character, quote=False)]
        offset += 2 if ord(character) > 0xFFFF else 1
    return "".join([*written, closing[offset]])


def _phone(frame: Frame) -> str:
    initials = "".join(word[0] for word in frame.title.split()[:2])
    name = f"<span><b>{html.escape(frame.title)}</b><small>{html.escape(frame.subtitle)}</small></span>"
    head = f"<header><span class=face>{html.escape(initials)}</span>{name}</header>"
    newest = next((s.message_id for s in reversed(frame.screens) if frame.tapped in s.buttons), None)
    messages = "".join(_message(s, frame.tapped if s.message_id == newest else "") for s in frame.screens)
    toast = f"<div class=toast>{html.escape(frame.toast)}</div>" if frame.toast else ""
    return f"<div class=phone>{head}<div class=chat>{messages}</div>{toast}</div>"


def _message(screen: Screen, tapped: str) -> str:
    message = screen.message
    entities = message.get("entities") or message.get("caption_entities") or ()
    said = marked_up(screen.text, entities) if screen.kind == "text" else f"📎 {screen.kind} {html.escape(screen.text)}"
    # Telegram does not say of a bot's message that it was edited.
    edited = "đã sửa " if screen.edited and screen.mine else ""
    meta = f"<span class=meta>{edited}{MINUTE}{' ✓✓' if screen.mine else ''}</span>"
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    keyboard = "".join(f"<div class=row>{''.join(_button(b, tapped) for b in row)}</div>" for row in rows)
    mine = " mine" if screen.mine else ""
    return f"<div class='message{mine}'><div class=bubble>{_above(screen)}{said}{meta}</div>{keyboard}</div>"


def _above(screen: Screen) -> str:
    """Return what a group shows above a message: who wrote it, and what it answers."""
    message = screen.message
    if message["chat"]["type"] == "private":
        return ""
    who = "" if screen.mine else f"<span class=who>{html.escape(message['from']['first_name'])}</span>"
    answered = message.get("reply_to_message")
    if not answered:
        return who
    name, words = html.escape(answered["from"]["first_name"]), html.escape(answered.get("text", ""))
    return f"{who}<span class=quote><b>{name}</b>{words}</span>"


def _button(button: Json, tapped: str) -> str:
    corner = "↗" if "url" in button else "→" if "switch_inline_query" in button else ""
    pressed = " tapped" if button["text"] == tapped else ""
    return f"<div class='button{pressed}'><span>{html.escape(button['text'])}</span><em>{corner}</em></div>"


async def draw(pages: dict[str, str], folder: Path) -> list[str]:
    """Write pages and pictures of their phones; return the buttons whose labels do not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    too_long: list[str] = []
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium") or "chromium"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 4 * (WIDTH + 24) + 32, "height": TALLEST}, locale="vi-VN")
        for name, content in pages.items():
            (folder / f"{name}.html").write_text(content, "utf-8")
            await page.set_content(content)
            await page.screenshot(path=folder / f"{name}.png", full_page=True)
            for number, phone in enumerate(await page.locator(".phone").all(), 1):
                await phone.screenshot(path=folder / f"{name}-{number}.png")
            too_long += [f"{name}: {label}" for label in await _cut_off(page.locator(".button span"))]
        await browser.close()
    return sorted(set(too_long))


def put_in_readme(drawn: Path, pictures: Path) -> None:
    """Keep the pictures of the README, small: few colours, and no longer than a phone."""
    for name, kept in IN_README.items():
        with Image.open(drawn / f"{name}.png") as picture:
            phone = picture.convert("RGB").crop((0, 0, WIDTH, min(picture.height, TALLEST)))
            phone.quantize(COLOURS, dither=Image.Dither.NONE).save(pictures / f"{kept}.png", optimize=True)


async def _cut_off(labels: Locator) -> list[str]:
    found: list[str] = await labels.evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    return found


async def main() -> None:
    """Play, draw, and say which labels a phone cuts off."""
    from tests.telegram.conversations import played  # it needs the whole service, drawing does not

    parser = argparse.ArgumentParser(prog="python -m tests.telegram.drawing", description="Vẽ các cuộc trò chuyện.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", type=Path, default=Path("var/service.db"), help="được chép ra, không bị ghi")
    parser.add_argument("--nlu", default="http://127.0.0.1:5005")
    parser.add_argument("--readme", type=Path, help="thư mục nhận các ảnh của README")
    chosen = parser.parse_args()
    pages = {}
    async for name, title, frames in played(chosen.database, chosen.nlu):
        pages[name] = page_of(title, frames)
        transcript = "\n\n".join(f"── {f.caption}\n" + "\n".join(map(str, f.screens)) + f"\n{f.toast}" for f in frames)
        chosen.folder.mkdir(parents=True, exist_ok=True)
        (chosen.folder / f"{name}.txt").write_text(transcript, "utf-8")
    for label in await draw(pages, chosen.folder):
        print(f"nhãn nút bị cắt — {label}")
    if chosen.readme:
        put_in_readme(chosen.folder, chosen.readme)


if __name__ == "__main__":
    asyncio.run(main())
