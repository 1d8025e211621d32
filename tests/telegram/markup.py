"""Read Telegram's HTML as Telegram does: plain text and entities, or its complaint.

What Telegram lets pass but its documentation does not allow becomes a remark.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Entity = dict[str, Any]

_KINDS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_ATTRIBUTES = {
    "a": {"href"},
    "span": {"class"},
    "tg-emoji": {"emoji-id"},
    "tg-time": {"unix", "format"},
    "code": {"class"},
    "blockquote": {"expandable"},
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_SPECIAL = re.compile(r"[<>&]")
_CHARACTER = re.compile(r"&(?:(lt|gt|amp|quot)|#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6}))(;?)")
_NAME = re.compile(r"[^\s>]*")
_SPACE = re.compile(r"\s*")
_ATTRIBUTE = re.compile(r"""([^\s=>/"']+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)(?=[\s>])))?""")
_MENTION = re.compile(r"tg://user\?id=(\d+)")
_LINK = re.compile(r"(?:https?|tg|ton|mailto|tel):|[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/]))"
    r"|(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<mention>(?<!\w)@\w{4,32})"
    r"|(?P<url>https?://[^\s<>\"]*[^\s<>\".,!?;:)]|(?<![\w.])www\.[\w-]+\.[\w./-]*\w)"
    r"|(?P<hashtag>(?<![\w#])#(?=\w*[^\W\d])\w+)"
)


@dataclass(frozen=True)
class Formatted:
    """A text as the reader sees it, with Telegram's complaint if it takes it not."""

    text: str
    entities: tuple[Entity, ...] = ()
    complaint: str | None = None
    remarks: tuple[str, ...] = ()


def utf16_length(text: str) -> int:
    """Count a text as Telegram does."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


@lru_cache(maxsize=4096)
def read(text: str, parse_mode: str | None = None) -> Formatted:
    """Parse a text of a bot; modes other than HTML are left as they are."""
    if (parse_mode or "").lower() != "html":
        return _trimmed(text, [], ())
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except _ComplaintError as complaint:
        return Formatted("", (), str(complaint))
    return _trimmed("".join(scanner.plain), scanner.entities, tuple(scanner.remarks))


def found_entities(text: str) -> list[Entity]:
    """Find what Telegram marks by itself: commands, mentions, addresses, hashtags."""
    if not any(sign in text for sign in "/@#.:"):
        return []
    return [
        {
            "type": found.lastgroup,
            "offset": utf16_length(text[: found.start()]),
            "length": utf16_length(found.group()),
        }
        for found in _FOUND.finditer(text)
    ]


def _trimmed(text: str, entities: list[Entity], remarks: tuple[str, ...]) -> Formatted:
    kept = text.strip()
    lead = utf16_length(text[: len(text) - len(text.lstrip())]) if kept else 0
    moved = list(_moved(entities, -lead, utf16_length(kept)))
    moved += (e for e in found_entities(kept) if not _overlaps(e, moved))
    moved.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return Formatted(kept, tuple(moved), None, remarks)


def _moved(entities: list[Entity], by: int, end: int) -> Iterator[Entity]:
    for entity in entities:
        start = max(entity["offset"] + by, 0)
        stop = min(entity["offset"] + by + entity["length"], end)
        if stop > start:
            yield entity | {"offset": start, "length": stop - start}


def _overlaps(entity: Entity, others: list[Entity]) -> bool:
    stop = entity["offset"] + entity["length"]
    closed = ("text_link", "code", "pre", "text_mention", "custom_emoji")
    return any(
        other["type"] in closed and other["offset"] < stop and entity["offset"] < other["offset"] + other["length"]
        for other in others
    )


class _ComplaintError(Exception):
    """What Telegram says after "can't parse entities: "."""


@dataclass(frozen=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    attributes: dict[str, str]
    offset: int
    piece: int


@dataclass
class _Scanner:
    text: str
    at: int = 0
    offset: int = 0
    plain: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def scan(self) -> None:
        while special := _SPECIAL.search(self.text, self.at):
            self._add(self.text[self.at : special.start()])
            self.at = special.start()
            self._special(special.group())
        self._add(self.text[self.at :])
        if self.opened:
            message = f'Can\'t find end tag corresponding to start tag "{self.opened[-1].tag}"'
            raise _ComplaintError(message)

    def _special(self, sign: str) -> None:
        if sign == "&":
            self._character()
        elif sign == ">":
            self.remarks.append(f"a bare > {self._byte(self.at)}: write &gt;")
            self._take(">")
        elif self.text.startswith("</", self.at):
            self._end_tag()
        else:
            self._start_tag()

    def _character(self) -> None:
        found = _CHARACTER.match(self.text, self.at)
        if not found:
            self.remarks.append(f"a bare & {self._byte(self.at)}: write &amp;")
            self._take("&")
            return
        if not found[4]:
            self.remarks.append(f"{found.group()} without its semicolon")
        self._add(_decoded(found))
        self.at = found.end()

    def _start_tag(self) -> None:
        begin = self.at
        tag = self._name(begin + 1).lower()
        if self.at == len(self.text):
            self._complain("Unclosed start tag", begin)
        if tag not in _KINDS:
            self._complain(f'Unsupported start tag "{tag}"', begin)
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            self._complain('Tag "span" must have class "tg-spoiler"', begin)
        self._remark_on(tag, attributes)
        self.opened.append(_Open(tag, attributes, self.offset, len(self.plain)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while not self._tag_ends(begin):
            found = _ATTRIBUTE.match(self.text, self.at)
            if not found:
                self._complain(f'Empty attribute name in the tag "{tag}"', begin)
                break
            self.at = found.end()
            value = next((part for part in found.groups()[1:] if part is not None), "")
            attributes[found[1]] = _CHARACTER.sub(_decoded, value)
        self.at += 1
        return attributes

    def _tag_ends(self, begin: int) -> bool:
        self._skip_space()
        if self.at >= len(self.text):
            self._complain("Unclosed start tag", begin)
        return self.text[self.at] == ">"

    def _remark_on(self, tag: str, attributes: dict[str, str]) -> None:
        for name in attributes.keys() - _ATTRIBUTES.get(tag, set()):
            self.remarks.append(f'attribute "{name}" of <{tag}> means nothing')
        if tag == "a" and not _LINK.match(attributes.get("href", "")):
            self.remarks.append("<a> without an address Telegram would open")
        outside = {each.tag for each in self.opened}
        if "code" in outside or ("pre" in outside and tag != "code"):
            self.remarks.append(f"<{tag}> inside of <code> or <pre>")
        if tag == "blockquote" and tag in outside:
            self.remarks.append("<blockquote> inside of <blockquote>")

    def _end_tag(self) -> None:
        begin = self.at
        if not self.opened:
            self._complain("Unexpected end tag", begin)
        name = self._name(begin + 2)
        self._skip_space()
        if not self.text.startswith(">", self.at):
            self._complain("Unclosed end tag", begin)
        self.at += 1
        expected = self.opened[-1].tag
        if name and name != expected:
            both = f', expected "</{expected}>", found "</{name}>"'
            self._complain("Unmatched end tag", begin, both)
        self._close(self.opened.pop())

    def _close(self, opened: _Open) -> None:
        length = self.offset - opened.offset
        inside = "".join(self.plain[opened.piece :])
        if not length or (opened.tag == "code" and self._names_language(opened)):
            return
        self.entities.append(
            {"type": _KINDS[opened.tag], "offset": opened.offset, "length": length} | _details(opened, inside)
        )
        self.entities[-1]["type"] = self.entities[-1].pop("kind", _KINDS[opened.tag])

    def _names_language(self, opened: _Open) -> bool:
        """Hand the class of `<pre><code class=...>` up to the pre."""
        language = opened.attributes.get("class", "")
        if not (self.opened and self.opened[-1].tag == "pre"):
            return False
        self.opened[-1].attributes["language"] = language.removeprefix("language-")
        return True

    def _name(self, start: int) -> str:
        found = _NAME.match(self.text, start)
        self.at = found.end() if found else start
        return self.text[start : self.at]

    def _skip_space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, sign: str) -> None:
        self._add(sign)
        self.at += 1

    def _add(self, piece: str) -> None:
        if piece:
            self.plain.append(piece)
            self.offset += utf16_length(piece)

    def _byte(self, at: int) -> str:
        return f"at byte offset {len(self.text[:at].encode())}"

    def _complain(self, what: str, at: int, more: str = "") -> None:
        message = f"{what} {self._byte(at)}{more}"
        raise _ComplaintError(message)


def _decoded(found: re.Match[str]) -> str:
    name, decimal, hexadecimal, _ = found.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _details(opened: _Open, inside: str) -> Entity:
    attributes = opened.attributes
    match opened.tag:
        case "a":
            return _link(attributes.get("href") or inside)
        case "tg-emoji":
            return {"custom_emoji_id": attributes.get("emoji-id", "")}
        case "tg-time":
            return {"unix_time": _seconds(attributes)}
        case "pre" if attributes.get("language"):
            return {"language": attributes["language"]}
        case "blockquote" if "expandable" in attributes:
            return {"kind": "expandable_blockquote"}
    return {}


def _seconds(attributes: dict[str, str]) -> int:
    unix = attributes.get("unix", "")
    return int(unix) if unix.isdecimal() else 0


def _link(address: str) -> Entity:
    if mentioned := _MENTION.fullmatch(address):
        user = {"id": int(mentioned[1]), "is_bot": False, "first_name": "Somebody"}
        return {"kind": "text_mention", "user": user}
    if re.match(r"(?:https?)://[^/]+$", address):
        address += "/"
    return {"url": address if ":" in address else f"http://{address}/"}
