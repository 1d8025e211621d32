"""Rules that change on a known day: one text for the time before, one from that day on.

Staff write `[[milestone: text before | text from that day on]]` anywhere in an answer. Without `|` the text ends with
its rule, and says so; with nothing after `|` it is left out. `{tu-<milestone>}` stands for the day itself and
`{den-<milestone>}` for the day before it, so that a postponed day is changed in one place.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from itertools import product

_DATED = re.compile(r"\[\[([a-z0-9]+(?:-[a-z0-9]+)*):((?:(?!\[\[|\]\]).)*)\]\]", re.DOTALL)
_OVER = "Điều này chỉ áp dụng đến hết {{den-{milestone}}}; nay xin hỏi lại {{cong-an}}."
ONE_DAY = dt.timedelta(days=1)


def milestones_in(text: str) -> tuple[str, ...]:
    """Return the ids of the milestones on which `text` changes, each once."""
    return tuple(dict.fromkeys(match[1] for match in _DATED.finditer(text)))


def is_well_formed(text: str) -> bool:
    """Whether no bracket of `text` is left over once its dated phrases are read."""
    rest = _DATED.sub("", text)
    return "[[" not in rest and "]]" not in rest


def read(text: str, passed: Iterable[str]) -> str:
    """Return `text` as it reads when the milestones `passed` are behind us."""
    over = frozenset(passed)

    def phrase(match: "re.Match[str]") -> str:
        milestone, (before, bar, after) = match[1], match[2].partition("|")
        if milestone not in over:
            return before.strip()
        return after.strip() if bar else _OVER.format(milestone=milestone)

    return _DATED.sub(phrase, text).strip()


def readings(text: str) -> tuple[str, ...]:
    """Return every way in which `text` can read, whatever the order of its milestones."""
    names = milestones_in(text)
    kept = product((False, True), repeat=len(names))
    return tuple(read(text, (name for name, over in zip(names, choice, strict=True) if over)) for choice in kept)


def words_of(days: Mapping[str, dt.date]) -> dict[str, str]:
    """Return what `{tu-…}` and `{den-…}` stand for, given the first day of each milestone."""
    first = {f"tu-{name}": f"{day:%d/%m/%Y}" for name, day in days.items()}
    last = {f"den-{name}": f"{day - ONE_DAY:%d/%m/%Y}" for name, day in days.items()}
    return first | last
