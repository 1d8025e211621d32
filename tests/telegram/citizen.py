"""People who talk to the bot: what they do and what they see."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.contract import Upload
from tests.telegram.markup import utf16_length
from tests.telegram.rules import TEXT_LIMIT
from tests.telegram.world import Chat, Post, World, with_entities

Json = dict[str, Any]

PATIENCE = 5.0
"""Seconds a citizen waits before giving up."""
_KINDS = ("photo", "voice", "sticker", "contact", "location", "document", "video")


@dataclass(frozen=True)
class Screen:
    """A message as a person sees it."""

    message_id: int
    text: str
    html: str = field(repr=False)
    rows: tuple[tuple[str, ...], ...] = ()
    urls: tuple[str, ...] = ()
    """Where buttons and links lead to."""
    keyboard: tuple[str, ...] = ()
    """The labels that come to stand below the input field."""
    edited: bool = False
    mine: bool = False
    kind: str = "text"
    message: Json = field(default_factory=dict, repr=False, compare=False)

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of the buttons below the message."""
        return tuple(label for row in self.rows for label in row)

    def __str__(self) -> str:
        who = "me " if self.mine else "bot"
        edited = " (edited)" if self.edited else ""
        what = self.text if self.kind == "text" else f"<{self.kind}> {self.text}"
        rows = "".join("\n      " + "".join(f"[{b}]" for b in row) for row in self.rows)
        return f"{self.message_id:>4} {who}{edited}: {what}{rows}"


@dataclass(frozen=True)
class Toast:
    """What comes up after a tap: a line at the top, an alert, or a page."""

    text: str = ""
    alert: bool = False
    url: str | None = None


class Citizen:
    """A person in one chat with the bot: their own, or a group."""

    def __init__(self, world: World, user: Json, chat: Chat) -> None:
        self.user = user
        self.patience = PATIENCE
        self._world = world
        self._chat = chat
        self._unread: deque[Screen] = deque()
        self._news = asyncio.Event()
        chat.watchers.append(self._notice)

    @property
    def id(self) -> int:
        """The person's id."""
        number: int = self.user["id"]
        return number

    @property
    def chat_id(self) -> int:
        """The chat's id; in private the same as the person's."""
        return self._chat.number

    def in_group(self, group: Chat) -> "Citizen":
        """Give the same person in a group."""
        group.members[self.id] = self.user
        return Citizen(self._world, self.user, group)

    # What people do

    async def starts(self, payload: str | None = None) -> Screen:
        """Press Start, perhaps after following a link with a payload."""
        return await self.says(f"/start {payload}" if payload else "/start")

    async def says(self, text: str, *, reply_to: Screen | int | None = None) -> Screen:
        """Write; a text too long for one message goes as several, as apps do it."""
        sent = [self._send(with_entities(part) | self._reply(reply_to)) for part in _parts(text)]
        return sent[-1]

    async def edits(self, message: Screen | int, text: str) -> Screen:
        """Change what they wrote."""
        post = self._chat.posts[_number(message)]
        content = {"entities": None} | with_entities(text)
        edited = self._world.replace(self._chat, post, content, html=text)
        self._deliver("edited_message", edited.message)
        return _screen(edited, edited=True)

    async def sends(self, content: Json) -> Screen:
        """Send a message of any kind, its fields given as Telegram names them."""
        return self._send(content)

    async def sends_photo(self, content: bytes = b"photo", caption: str | None = None) -> Screen:
        """Send a picture."""
        size = self._file("photo.jpg", content) | {"width": 90, "height": 90}
        said = {"caption": caption} if caption else {}
        return self._send({"photo": [size]} | said)

    async def sends_voice(self, content: bytes = b"voice", duration: int = 3) -> Screen:
        """Send something spoken."""
        file = self._file("voice.ogg", content)
        voice = file | {"duration": duration, "mime_type": "audio/ogg"}
        return self._send({"voice": voice})

    async def sends_sticker(self, emoji: str = "👍") -> Screen:
        """Send a sticker."""
        sticker = self._file("sticker.webp", b"sticker") | {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
        }
        return self._send({"sticker": sticker})

    async def sends_contact(self, phone_number: str = "+84901234567") -> Screen:
        """Send their own telephone number."""
        about = {"first_name": self.user["first_name"], "user_id": self.id}
        return self._send({"contact": about | {"phone_number": phone_number}})

    async def sends_location(self, latitude: float = 21.0285, longitude: float = 105.8542) -> Screen:
        """Send where they are."""
        place = {"latitude": latitude, "longitude": longitude}
        return self._send({"location": place})

    async def sends_document(
        self,
        name: str = "form.pdf",
        content: bytes = b"%PDF-",
        mime_type: str = "application/pdf",
    ) -> Screen:
        """Send a file."""
        about = {"file_name": name, "mime_type": mime_type}
        return self._send({"document": self._file(name, content) | about})

    async def taps(
        self,
        label: str,
        timeout: float | None = None,
    ) -> Toast:
        """Tap the newest button so labelled, or whose label so begins.

        Waits until there is one, and then until the bot has answered. A button
        with an address opens it; one below the input field says its label.
        """
        patience = self._deadline(timeout)
        while not (found := self._find(label)):
            await self._wait(patience, f"a button {label!r}")
        post, button = found
        if post is None:
            await self._press(button)
            return Toast()
        if "url" in button:
            return Toast(url=button["url"])
        data = button.get("callback_data", "")
        return await self._tap(post, data, label, patience)

    async def taps_raw(
        self,
        callback_data: str,
        *,
        message: Screen | int | None = None,
        timeout: float | None = None,
    ) -> Toast:
        """Send any callback data, as from the newest message of the bot."""
        posts = [post for post in self._chat.posts.values() if post.by_bot]
        if message is not None:
            posts = [self._chat.posts[_number(message)]]
        if not posts:
            self._give_up("a message of the bot to tap on")
        return await self._tap(posts[-1], callback_data, callback_data, self._deadline(timeout))

    async def types_inline(
        self,
        query: str,
        timeout: float | None = None,
    ) -> list[Json]:
        """Type behind the bot's name in any chat; give the results shown."""
        number, question = self._world.ask()
        asked = {"id": number, "from": self.user, "query": query, "offset": ""}
        self._world.updates.add("inline_query", asked)
        patience = self._deadline(timeout)
        answer = await self._answered(question.answer, patience, "inline results")
        results: list[Json] = answer["results"]
        return results

    async def blocks(self) -> None:
        """Block the bot: it gets 403 from now on."""
        self._chat.open = False
        self._member("member", "kicked")

    async def unblocks(self) -> None:
        """Let the bot write again."""
        self._chat.open = True
        self._member("kicked", "member")

    # What people see

    async def reads(
        self,
        timeout: float | None = None,
    ) -> Screen:
        """Read the next message or edit of the bot not read yet."""
        patience = self._deadline(timeout)
        while not self._unread:
            await self._wait(patience, "a message or an edit")
        return self._unread.popleft()

    async def sees(
        self,
        number: int,
        timeout: float | None = None,
    ) -> list[Screen]:
        """Read the next so many, all within the time."""
        patience = self._deadline(timeout)
        while len(self._unread) < number:
            await self._wait(patience, f"{number} messages or edits")
        return [self._unread.popleft() for _ in range(number)]

    async def reads_nothing(self, seconds: float = 0.2) -> None:
        """Make sure that the bot stays silent."""
        await asyncio.sleep(seconds)
        if self._unread:
            message = f"The bot was not silent.\n{self.transcript()}"
            raise AssertionError(message)

    def skips(self) -> list[Screen]:
        """Count all unread as read."""
        skipped = list(self._unread)
        self._unread.clear()
        return skipped

    @property
    def chat(self) -> tuple[Screen, ...]:
        """The whole chat, as it looks now."""
        posts = self._chat.posts.values()
        return tuple(_screen(post, edited=post.edited) for post in posts)

    def transcript(self) -> str:
        """Write the chat down, for people who ask why a test failed."""
        lines = "\n".join(str(screen) for screen in self.chat) or "  (nothing)"
        return f"The chat of {self.user['first_name']} so far:\n{lines}"

    # How they do it

    def _notice(self, post: Post, edited: bool) -> None:
        self._unread.append(_screen(post, edited=edited))
        self._news.set()

    def _send(self, content: Json) -> Screen:
        self._chat.open = self._chat.open or self._chat.profile["type"] == "private"
        post = self._world.post(self._chat, self.user, content)
        self._deliver("message", post.message)
        return _screen(post)

    def _deliver(self, kind: str, message: Json) -> None:
        if self._heard(message):
            self._world.updates.add(kind, message)

    def _heard(self, message: Json) -> bool:
        """Tell whether the bot gets a message: in groups its privacy mode decides."""
        if not self._chat.open:
            return False
        if self._chat.profile["type"] == "private" or not self._world.privacy_mode:
            return True
        replied = message.get("reply_to_message", {}).get("from", {})
        if replied.get("id") == self._world.bot["id"]:
            return True
        return self._addressed(message.get("text", ""))

    def _addressed(self, text: str) -> bool:
        name = f"@{self._world.bot['username']}"
        command = text.split(maxsplit=1)[0] if text.startswith("/") else ""
        return name in text or bool(command and "@" not in command)

    def _reply(self, to: Screen | int | None) -> Json:
        if to is None:
            return {}
        return {"reply_to_message": self._chat.posts[_number(to)].message}

    def _file(self, name: str, content: bytes) -> Json:
        return self._world.store(Upload(name, content))

    def _member(self, before: str, after: str) -> None:
        bot = self._world.bot
        change = {
            "chat": self._chat.profile,
            "from": self.user,
            "date": int(time.time()),
            "old_chat_member": {"user": bot, "status": before, "until_date": 0},
            "new_chat_member": {"user": bot, "status": after, "until_date": 0},
        }
        self._world.updates.add("my_chat_member", change)

    def _find(self, label: str) -> tuple[Post | None, Json] | None:
        posts = [p for p in reversed(self._chat.posts.values()) if p.by_bot]
        for post in posts:
            if button := _matching(label, _inline_buttons(post)):
                return post, button
        menu = next((p.markup for p in posts if _changes_menu(p)), None)
        button = _matching(label, _menu_buttons(menu))
        return (None, button) if button else None

    async def _press(self, button: Json) -> None:
        if button.get("request_contact"):
            await self.sends_contact()
        elif button.get("request_location"):
            await self.sends_location()
        else:
            await self.says(button["text"])

    async def _tap(self, post: Post, data: str, label: str, patience: float) -> Toast:
        number, question = self._world.ask()
        query = {
            "id": number,
            "from": self.user,
            "message": post.message,
            "chat_instance": str(self.chat_id * 31),
            "data": data,
        }
        self._world.updates.add("callback_query", query)
        what = f"an answer to the tap on {label!r}"
        answer = await self._answered(question.answer, patience, what)
        alert = bool(answer.get("show_alert"))
        return Toast(answer.get("text") or "", alert, answer.get("url"))

    async def _answered(self, answer: asyncio.Future[Json], patience: float, what: str) -> Json:
        try:
            return await asyncio.wait_for(answer, patience - time.monotonic())
        except TimeoutError:
            self._give_up(what)
            raise

    def _deadline(self, timeout: float | None) -> float:
        return time.monotonic() + (self.patience if timeout is None else timeout)

    async def _wait(self, patience: float, what: str) -> None:
        self._news.clear()
        try:
            await asyncio.wait_for(self._news.wait(), patience - time.monotonic())
        except TimeoutError:
            self._give_up(what)

    def _give_up(self, what: str) -> None:
        message = f"Waited in vain for {what}.\n{self.transcript()}"
        raise AssertionError(message) from None


def _screen(post: Post, *, edited: bool = False) -> Screen:
    message = post.message
    inline = message.get("reply_markup", {}).get("inline_keyboard", ())
    entities = message.get("entities") or message.get("caption_entities") or ()
    addresses = [b["url"] for row in inline for b in row if "url" in b]
    addresses += [entity["url"] for entity in entities if "url" in entity]
    return Screen(
        message_id=post.number,
        text=message.get("text") or message.get("caption") or "",
        html=post.html,
        rows=tuple(tuple(button["text"] for button in row) for row in inline),
        urls=tuple(addresses),
        keyboard=tuple(button["text"] for button in _menu_buttons(post.markup)),
        edited=edited,
        mine=not post.by_bot,
        kind=next((kind for kind in _KINDS if kind in message), "text"),
        message=message,
    )


def _inline_buttons(post: Post) -> Iterator[Json]:
    for row in post.message.get("reply_markup", {}).get("inline_keyboard", ()):
        yield from row


def _menu_buttons(markup: Json | None) -> Iterator[Json]:
    for row in (markup or {}).get("keyboard", ()):
        for button in row:
            yield button if isinstance(button, dict) else {"text": button}


def _changes_menu(post: Post) -> bool:
    return bool(post.markup) and not {"keyboard", "remove_keyboard"}.isdisjoint(post.markup or ())


def _matching(label: str, buttons: Iterator[Json]) -> Json | None:
    offered: Sequence[Json] = list(buttons)
    exact = (b for b in offered if b["text"] == label)
    begun = (b for b in offered if b["text"].startswith(label))
    return next(exact, None) or next(begun, None)


def _parts(text: str) -> Iterator[str]:
    """Cut a text into messages, trimmed as Telegram's apps do it."""
    text = text.strip()
    if not text:
        message = "Nobody can send an empty message: the apps do not let them."
        raise AssertionError(message)
    while utf16_length(text) > TEXT_LIMIT:
        size = TEXT_LIMIT if text.isascii() else TEXT_LIMIT // 2
        yield text[:size]
        text = text[size:]
    yield text


def _number(message: Screen | int) -> int:
    return message if isinstance(message, int) else message.message_id
