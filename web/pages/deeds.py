"""The audit log: who did what, when, the newest first. For administrators; nobody can change it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import Deed
from web.acts import ACTS, DETAILS, DETAILS_OF, VALUES, WORDS
from web.office import office
from web.showing import show
from web.staff import NOBODY_KNOWN, SERVER, everybody

PATH = "/nhat-ky"
ON_A_PAGE = 50
LONGEST_ASKED = 120
SHORT, LONGEST_DETAIL = 160, 2_000
DAY = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?= |$)", re.ASCII)
MOST_DIGITS = 9
"""Of a row's number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is narrowed to: by whom, which act, to what; and the row above which the page begins."""

    author: str
    act: str
    subject: str
    before: int | None

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.author or self.act or self.subject)

    def address(self, last: int | None = None) -> str:
        """Return the address of what came before the row `last`; without one, of the newest."""
        asked = {"nguoi": self.author, "viec": self.act, "doi-tuong": self.subject, "truoc": last}
        return f"{PATH}?{urlencode({name: value for name, value in asked.items() if value})}"


@dataclass(frozen=True, slots=True)
class Detail:
    """Something more that was noted."""

    name: str
    text: str

    @property
    def is_short(self) -> bool:
        """Whether it fits on the row."""
        return len(self.text) <= SHORT and "\n" not in self.text


async def deeds(request: Request) -> Response:
    """Show a page of the log."""
    wanted = _wanted(request.query_params)
    async with office(request).parts.sessions() as session:
        found = (await session.scalars(_query(wanted))).all()
        people = await _people(session)
    page = found[:ON_A_PAGE]
    return show(
        request,
        "deeds.html",
        wanted=wanted,
        rows=[(deed, WORDS.get(deed.act, deed.act), details(deed.details, deed.act)) for deed in page],
        older=wanted.address(page[-1].id) if len(found) > ON_A_PAGE else "",
        newest=wanted.address(),
        acts=ACTS,
        with_days=with_days,
        people=people,
    )


def details(noted: Mapping[str, Any], act: str = "") -> Sequence[Detail]:
    """Return in words what else was noted; what is empty says nothing."""
    named = ((DETAILS_OF.get((act, name)) or DETAILS.get(name, name), value) for name, value in noted.items())
    return [Detail(name, _text(value)) for name, value in named if value not in ("", None, [], {})]


def _text(value: object) -> str:
    match value:
        case list() if not any(isinstance(one, dict | list) for one in value):
            return ", ".join(map(_word, value))[:LONGEST_DETAIL]
        case dict() if not any(isinstance(one, dict | list) for one in value.values()):
            return "\n".join(f"{name}: {_word(one)}" for name, one in value.items())[:LONGEST_DETAIL]
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, indent=1)[:LONGEST_DETAIL]
    return _word(value)[:LONGEST_DETAIL]


def _word(value: object) -> str:
    return VALUES.get(str(value)) or with_days(str(value))


def with_days(text: str) -> str:
    """Return a text that begins with a day as people write days; any other as it is."""
    return DAY.sub(r"\3/\2/\1", text)


def _wanted(asked: Mapping[str, str]) -> Wanted:
    author, act, subject = (
        asked.get(name, "").replace("\x00", "").strip()[:LONGEST_ASKED] for name in ("nguoi", "viec", "doi-tuong")
    )
    before = asked.get("truoc", "")
    is_number = before.isascii() and before.isdecimal() and len(before) <= MOST_DIGITS
    return Wanted(author, act, subject, int(before) if is_number else None)


def _query(wanted: Wanted) -> Select[Deed]:
    """Ask for one row more than the page holds: it tells whether there is an older page."""
    query = select(Deed).order_by(Deed.id.desc()).limit(ON_A_PAGE + 1)
    if wanted.before is not None:
        query = query.where(Deed.id < wanted.before)
    if wanted.author:
        query = query.where(Deed.author == wanted.author)
    if wanted.act:
        query = query.where(Deed.act == wanted.act)
    return query.where(Deed.subject.startswith(wanted.subject, autoescape=True)) if wanted.subject else query


async def _people(session: AsyncSession) -> Sequence[str]:
    return [*(member.name for member in await everybody(session)), SERVER, NOBODY_KNOWN]
