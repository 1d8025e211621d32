"""The card's form as it is sent: read, cleaned, and put under the names of `web.card`."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData

from faq.drafting import LONGEST_WHY
from faq.working_copies import NEW
from web.access import field, signed_form
from web.card import NAMES, PAIR, Fields, clean, read_lines
from web.difference import unpacked

MOST_FIELDS = 200
_COPY_KEY = re.compile(rf"{NEW}[0-9a-f]{{8}}")
_GROUP = re.compile("[1-9][0-9]{0,8}")
_LONGEST_BASE = 40
BOTH, THEIRS = "ca-hai", "kia"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent."""

    fields: Fields
    """Those that the form had."""
    extra: dict[str, str]
    base: str
    opened: Fields
    copy_key: str
    ticked: tuple[str, ...]
    """Suggested examples that were chosen; `fields` has them already."""
    public: bool
    only_look: bool


async def sent(request: Request) -> Sent:
    """Return the card's form that was sent."""
    form = await signed_form(request, most_fields=MOST_FIELDS)
    opened = unpacked(field(form, "opened"))
    key = field(form, "moi")
    return Sent(
        fields=_chosen(form, read_form(form), opened),
        extra={
            "topic": clean(field(form, "topic"))[:40],
            "why": clean(field(form, "why"))[:LONGEST_WHY],
            "nhom": group_of(field(form, "nhom")),
        },
        base=field(form, "base")[:_LONGEST_BASE],
        opened=opened,
        copy_key=key if _COPY_KEY.fullmatch(key) else "",
        ticked=tuple(_texts(form, "them")),
        public=field(form, "cong-khai") == "1",
        only_look=field(form, "viec") == "xem",
    )


def group_of(text: str) -> str:
    """Return the number of the inbox's group that an entry is written for; nothing if it is none."""
    return text if _GROUP.fullmatch(text) else ""


def new_copy_key() -> str:
    """Return a name under which a new entry is kept while it is typed."""
    return f"{NEW}{secrets.token_hex(4)}"


def read_form(form: FormData) -> Fields:
    """Return the fields that the form has; rows become lines."""
    fields = {name: clean(field(form, name)) for name in NAMES if name in form}
    rows = {
        "law": _pairs(_texts(form, "law.document"), _texts(form, "law.article")),
        "links": _pairs(_texts(form, "links.title"), _texts(form, "links.url")),
        "related": (text.rpartition(" · ")[2] for text in _texts(form, "related.one")),
    }
    sample = {"law": "law.document", "links": "links.title", "related": "related.one"}
    fields |= {name: "\n".join(filter(None, rows[name])) for name in rows if sample[name] in form}
    added = [text for text in _texts(form, "them") if text]
    if added and "examples" in fields:
        fields["examples"] = "\n".join(dict.fromkeys([*read_lines(fields["examples"]), *added]))
    return fields


def _chosen(form: FormData, fields: Fields, theirs: Fields) -> Fields:
    """Return the fields with what was chosen where two people had changed the same."""
    chosen = {name: field(form, f"chon.{name}") for name in NAMES}
    other = {name: theirs[name] for name, whose in chosen.items() if whose == THEIRS}
    both = {name: clean(field(form, f"{BOTH}.{name}")) for name, whose in chosen.items() if whose == BOTH}
    return {**fields, **other, **both}


def _pairs(left: Iterable[str], right: Iterable[str]) -> Iterable[str]:
    for one, other in zip(left, right, strict=False):
        if one or other:
            yield f"{one}{PAIR}{other}" if other else one


def _texts(form: FormData, name: str) -> list[str]:
    """Return what stands in fields of the same name, each on one line."""
    return [" ".join(clean(value).split()) for value in form.getlist(name) if isinstance(value, str)]
