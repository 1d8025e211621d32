"""Replies as a page may show them: bold, italic and links only, whatever else there is becomes plain text."""

from html.parser import HTMLParser

from markupsafe import Markup, escape

_PLAIN_TAGS = frozenset({"b", "i"})
_SCHEMES = ("https://", "http://", "tel:")


def rendered(html: str) -> Markup:
    """Return a reply's HTML with only what is allowed, every tag closed, and line breaks kept."""
    allowed = _Allowed()
    allowed.feed(html)
    allowed.close()
    return allowed.result()


class _Allowed(HTMLParser):
    """Copies what is on the list; of all other tags only the text inside is kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[Markup] = []
        self._open: list[str] = []

    def result(self) -> Markup:
        closing = (Markup(f"</{tag}>") for tag in reversed(self._open))  # noqa: S704 - from the list above
        return Markup("").join((*self._parts, *closing))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PLAIN_TAGS:
            self._start(tag, Markup(f"<{tag}>"))  # noqa: S704 - from the list above
        elif tag == "a":
            self._start_link(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            self._parts.append(Markup(f"</{last}>"))  # noqa: S704 - from the list above
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self._parts.append(Markup("<br>").join(escape(line) for line in data.split("\n")))

    def _start_link(self, href: str) -> None:
        if href.lower().startswith(_SCHEMES):
            self._start("a", Markup('<a href="{}" rel="noopener noreferrer">').format(href))

    def _start(self, tag: str, html: Markup) -> None:
        self._open.append(tag)
        self._parts.append(html)
