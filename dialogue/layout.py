"""How much fits on a screen, and on a page of a message."""

from collections.abc import Iterable, Sequence

from dialogue.replies import Reply, bold, escape

FIRST_SCREEN = 900
"""Characters that fit a small phone without scrolling far."""

PAGE = 3_500
"""Characters of a page of details, as Telegram counts them: it takes 4,096."""


def listed(title: str, lines: Iterable[str]) -> str:
    """Return a title in bold with lines below it."""
    return bold(title) + "\n" + "\n".join(map(escape, lines))


def join(parts: Iterable[str]) -> str:
    """Return parts with a blank line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def length(parts: Sequence[str]) -> int:
    """Return how many characters a reader sees."""
    return len(Reply(join(parts)).text)


def telegram_length(parts: Sequence[str]) -> int:
    """Count as Telegram does: an emoji is two."""
    return len(Reply(join(parts)).text.encode("utf-16-le", "surrogatepass")) // 2


def fitting(gist: Sequence[str], wanted: Sequence[str], fine_print: str) -> list[str]:
    """Return a first screen: the gist, what fits of what is wanted, in its order, and the fine print."""
    kept = list(gist)
    for part in wanted:
        if length([*kept, part, fine_print]) <= FIRST_SCREEN:
            kept.append(part)
    return [*kept, fine_print]


def pages(parts: Sequence[str]) -> list[list[str]]:
    """Spread parts over pages; a list longer than a page is broken between its lines."""
    found: list[list[str]] = [[]]
    for part in filter(None, parts):
        for piece in _pieces(part):
            if found[-1] and telegram_length([*found[-1], piece]) > PAGE:
                found.append([])
            found[-1].append(piece)
    return found


def _pieces(part: str) -> list[str]:
    if telegram_length([part]) <= PAGE:
        return [part]
    pieces = [""]
    for line in part.split("\n"):
        longer = f"{pieces[-1]}\n{line}" if pieces[-1] else line
        if pieces[-1] and telegram_length([longer]) > PAGE:
            pieces.append(line)
        else:
            pieces[-1] = longer
    return pieces
