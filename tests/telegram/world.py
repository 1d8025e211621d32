"""What Telegram knows: the bot, people, chats, messages, files and open questions."""

import asyncio
import html
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.contract import Upload
from tests.telegram.markup import found_entities
from tests.telegram.refusal import bad_request, forbidden
from tests.telegram.updates import Reply, Updates

Json = dict[str, Any]

# Beyond 32 bits, as Telegram's are, so that a column too narrow is found.
FIRST_PERSON = 5_100_000_001
FIRST_GROUP = -1_002_100_000_001


@dataclass
class Post:
    """A message in a chat; an edit replaces `message`, never changes it."""

    message: Json
    html: str
    by_bot: bool
    markup: Json | None = None

    @property
    def number(self) -> int:
        """The message's id."""
        number: int = self.message["message_id"]
        return number

    @property
    def edited(self) -> bool:
        """Whether it has been edited."""
        return "edit_date" in self.message

    @property
    def editable(self) -> bool:
        """Whether the bot may edit it: its own, without a menu of replies."""
        return self.by_bot and (not self.markup or "inline_keyboard" in self.markup)


Watcher = Callable[[Post, bool], None]


@dataclass(eq=False)
class Chat:
    """A chat with the bot: one person, or a group."""

    profile: Json
    posts: dict[int, Post] = field(default_factory=dict)
    watchers: list[Watcher] = field(default_factory=list)
    members: dict[int, Json] = field(default_factory=dict)
    open: bool = False
    closed_because: str = "bot was blocked by the user"

    @property
    def number(self) -> int:
        """The chat's id."""
        number: int = self.profile["id"]
        return number

    def show(self, post: Post, *, edited: bool = False) -> None:
        """Put a message of the bot before those who look at the chat."""
        self.posts[post.number] = post
        for watcher in self.watchers:
            watcher(post, edited)


@dataclass(frozen=True)
class StoredFile:
    """A file Telegram keeps."""

    file_id: str
    content: bytes
    name: str


@dataclass
class Question:
    """A callback or inline query that waits for its answer."""

    answer: asyncio.Future[Json]


class World:
    """All that the methods of the Bot API look at and change."""

    def __init__(self, bot: Json, reply: Reply) -> None:
        self.bot = bot
        self.updates = Updates(reply)
        self.chats: dict[int, Chat] = {}
        self.questions: dict[str, Question] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.privacy_mode = True
        self._people = itertools.count(FIRST_PERSON)
        self._groups = itertools.count(FIRST_GROUP, -1)
        self._messages = itertools.count(1)
        self._numbers = itertools.count(4_000_000_000_000_001)

    def person(self, name: str, language: str | None, username: str | None) -> Chat:
        """Let a person into Telegram; the bot cannot write to them yet."""
        about = {"id": next(self._people), "first_name": name}
        about |= {"username": username} if username else {}
        chat = Chat(about | {"type": "private"})
        user = about | {"is_bot": False}
        user |= {"language_code": language} if language else {}
        chat.members[chat.number] = user
        self.chats[chat.number] = chat
        return chat

    def group(self, title: str) -> Chat:
        """Make a supergroup the bot is in."""
        number = next(self._groups)
        chat = Chat({"id": number, "title": title, "type": "supergroup"}, open=True)
        self.chats[number] = chat
        return chat

    def chat(self, key: int | str | None) -> Chat:
        """Find a chat the bot may write to, or refuse as Telegram does."""
        chat = self.known_chat(key)
        if not chat.open:
            raise forbidden(chat.closed_because)
        return chat

    def known_chat(self, key: int | str | None) -> Chat:
        """Find a chat the bot has met."""
        chat = self.chats.get(key) if isinstance(key, int) else None
        if chat is None or not (chat.open or chat.posts):
            what = "chat_id is empty" if key in (None, "") else "chat not found"
            raise bad_request(what)
        return chat

    def post(self, chat: Chat, sender: Json, content: Json, **about: Any) -> Post:
        """Write a message into a chat."""
        message = {
            "message_id": next(self._messages),
            "from": sender,
            "chat": chat.profile,
            "date": int(time.time()),
        }
        said = content.get("text") or content.get("caption") or ""
        by_bot = sender["id"] == self.bot["id"]
        defaults: Json = {"html": html.escape(said, quote=False), "by_bot": by_bot}
        post = Post(message | content, **(defaults | about))
        chat.posts[post.number] = post
        return post

    def replace(self, chat: Chat, post: Post, content: Json, **about: Any) -> Post:
        """Put an edited message in the place of the first one."""
        changed = post.message | content | {"edit_date": int(time.time())}
        message = {key: value for key, value in changed.items() if value is not None}
        kept: Json = {"html": post.html, "by_bot": post.by_bot, "markup": post.markup}
        chat.posts[post.number] = Post(message, **(kept | about))
        return chat.posts[post.number]

    def ask(self) -> tuple[str, Question]:
        """Open a question for the bot to answer."""
        number = str(next(self._numbers))
        question = Question(asyncio.get_running_loop().create_future())
        self.questions[number] = question
        return number, question

    def answer(self, number: str, answer: Json) -> bool:
        """Answer a question: once, and none that is not open."""
        question = self.questions.pop(number, None)
        if question is None:
            what = "query is too old and response timeout expired or query ID is invalid"
            raise bad_request(what)
        if not question.answer.done():
            question.answer.set_result(answer)
        return True

    def store(self, upload: Upload) -> Json:
        """Keep a file; give what every kind of file has."""
        number = next(self._numbers)
        file_id = f"AgACAgUAAxk{number}"
        self.files[file_id] = StoredFile(file_id, upload.content, upload.name)
        unique = f"AQAD{number % 100_000}"
        size = len(upload.content)
        return {"file_id": file_id, "file_unique_id": unique, "file_size": size}


def with_entities(text: str) -> Json:
    """Say a person's text as a message has it."""
    found = found_entities(text)
    return {"text": text} | ({"entities": found} if found else {})
