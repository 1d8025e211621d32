"""A published FAQ of two topics, and people who fill in cards."""

import datetime as dt
import re
from html import unescape

import httpx

from faq.database import Sessions
from faq.entries import Faq
from faq.models import Release, ReleaseState, Revision
from faq.sheets import pieces
from tests.web.visits import Guest
from web.card import Fields, fields_of

TOPICS = ("vneid", "khai-bao-tam-vang")
KEY = "vneid.la-gi"


def small(faq: Faq) -> Faq:
    """Two topics of the shipped FAQ."""
    entries = tuple(entry for entry in faq.entries if entry.topic in TOPICS)
    keys = {entry.key for entry in entries}
    kept = (e.model_copy(update={"related": tuple(key for key in e.related if key in keys)}) for e in entries)
    return faq.model_copy(update={"entries": tuple(kept)})


async def publish(sessions: Sessions, faq: Faq, at: dt.datetime, report: dict[str, object] | None = None) -> None:
    """Make a FAQ live without a model."""
    revisions = [
        Revision(kind=p.kind, key=p.key, number=1, content=p.content, author="hoa", created_at=at, why="bản đầu")
        for p in pieces(faq).values()
    ]
    fields = {"model_file": "x.tar.gz", "fingerprint": "x", "author": "hoa", "created_at": at, "live_since": at}
    async with sessions.begin() as session:
        session.add(
            Release(name="2026-11-20.1", state=ReleaseState.LIVE, report=report or {}, revisions=revisions, **fields)
        )


def hidden(page: str, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return unescape(found[1])


class Card:
    """Somebody who has opened the form of an entry and fills it in."""

    def __init__(self, who: Guest, key: str, fields: Fields, page: str) -> None:
        self.who = who
        self.path = f"/faq/{key}" if key else "/muc-moi"
        self.fields = fields
        self.page = page
        self.rest = {name: hidden(page, name) for name in ("csrf", "base", "opened")}
        if not key:
            self.rest["moi"] = hidden(page, "moi")

    @classmethod
    async def open(cls, who: Guest, key: str, content: dict[str, object], query: str = "") -> "Card":
        """Open the form; its fields are what it must show."""
        answer = await who.get(f"/faq/{key}/sua{query}")
        assert answer.status_code == 200
        return cls(who, key, fields_of(content), answer.text)

    @classmethod
    async def new(cls, who: Guest, query: str = "", **fields: str) -> "Card":
        """Open the form of a new entry."""
        answer = await who.get(f"/muc-moi{query}")
        days = {"checked_on": "2026-11-23", "review_by": "2027-05-24"}
        return cls(who, "", {**fields_of(None), **days, **fields}, answer.text)

    async def save(self, **changed: str | list[str]) -> httpx.Response:
        """Press «Lưu bản nháp»."""
        return await self._send(f"{self.path}/sua" if self.path != "/muc-moi" else self.path, changed)

    async def piece(self, name: str, **changed: str | list[str]) -> httpx.Response:
        """Let HTMX ask for a piece of the page."""
        return await self._send(f"{self.path}/{name}", changed, {"hx-request": "true"})

    async def _send(
        self, path: str, changed: dict[str, str | list[str]], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        data = {**self.rest, **self.fields, **{name.replace("__", "."): text for name, text in changed.items()}}
        return await self.who.client.post(path, data=data, headers=headers)
