"""Runs of digits in a citizen's message: which are harmless (dates, money, laws), and what the others are.

Works on plain lower-case letters (see `stats.lookalikes`); knows nothing of the original text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

LONG = 8
"""A run of this many digits is masked unless it is known to be harmless."""
COMPLETE = 9
"""A number this long without a gap stands for itself, whatever stands beside it."""

IDENTITY = 12
"""Digits of a personal identity number."""

_SEPARATOR = r"[ .,_/*()|+-]{1,3}"
_SEQUENCE = re.compile(rf"\d+(?:{_SEPARATOR}(?:\d+|[oil](?!\w)))*")
_GROUP = re.compile(r"\d+|[oil]")

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
DATE = (
    rf"(?<!\d)(?<!\d[./-])(?:{_DAY} ?(?P<s>[./-]) ?{_MONTH} ?(?P=s) ?{_YEAR}|{_YEAR}-{_MONTH}-{_DAY})"
    r"(?!\d)(?![./-]\d{3})"
    rf"|(?<!\d)(?<!\d )(?<!\d[./-]){_DAY} {_MONTH} {_YEAR}(?!\d| \d|[./-]\d)"
)
CURRENCY = r"(?:d|dong|vnd|k|tr|trieu|nghin|ngan|ty|ti|usd)(?![^\W_]|/)"
_MONEY = (
    rf"(?<!\d)(?<!\d[.,])[1-9]\d{{0,2}}(?:[.,]\d{{3}}){{1,4}}(?=(?:,\d\d?)? ?{CURRENCY})"
    rf"|(?<!\d)(?<!\d[.,])[1-9]\d{{0,2}}(?: \d{{3}}){{0,3}} 000(?= ?{CURRENCY})"
)
_PLAIN_MONEY = rf"(?<!\d)(?<!\d[ .,-])[1-9]\d{{3,11}}(?<=000)(?= ?{CURRENCY})"
_LAW = rf"(?<!\d)(?<!\d[./-])\d{{1,5}}[a-z]?/{_YEAR}(?=/[a-z])"
_AGES = r"(?<!\d)(?<!\d[ .,/-])[1-9]\d(?:(?:, ?|/| ?- ?| va | )[1-9]\d){1,4}(?= ?tuoi)"
_HARMLESS_ALONE = re.compile(rf"{DATE}|{_MONEY}|{_PLAIN_MONEY}|{_LAW}|{_AGES}")

_TIME = r"(?:[01]?\d|2[0-3])[.:][0-5]\d"
_SHORT_NUMBER = r"1[89]00[ .-]?(?:\d{4}(?:\d\d)?|\d\d[ .-]\d\d(?:[ .-]\d\d)?|\d{3}[ .-]\d{3})|11\d|1022|156|5656"
_THOUSANDS = r"[1-9]\d{0,2}(?:[.,]\d{3})*[.,]\d00"
_HARMLESS_ITEM = re.compile(
    rf"(?:{_SHORT_NUMBER}|{_DAY}/{_MONTH}/{_YEAR}|{_DAY}-{_MONTH}-{_YEAR}|{_THOUSANDS}|\d{{1,4}}/{_YEAR}|{_YEAR}"
    rf"|{_DAY}/{_MONTH}|{_TIME}|(?P<small>[1-9]\d?))(?!\d)"
)
_BETWEEN = re.compile(_SEPARATOR)
_SHORT_ONLY = re.compile(rf"(?:{_SHORT_NUMBER})(?:{_SEPARATOR}(?:{_SHORT_NUMBER}))*+")
_SMALL = re.compile(r"[1-9]\d?")

_BROKEN = re.compile(r"\d+(?:[^\w\x00]{1,12}\d+)+")
_IDENTITY_SHAPE = re.compile(r"0(?:0[1-9]|[1-9]\d)[0-3]\d{8}")
_PHONE_SHAPE = re.compile(r"(?:0|84)[35789]\d{8}")
_WIDE = 3
"""Digits between gaps that differ: shorter groups could be times and days of a list."""

_HINT_WINDOW = 32
_HINT = re.compile(
    r"(?P<account>\bstk\b|\bs?tk\b|tai khoan|so the|\bthe (?:atm|tin dung|ghi no)|\batm\b|ngan hang|\bbank|\bvisa\b)"
    r"|(?P<insurance>bhyt|bhxh|bao hiem)"
    r"|(?P<phone>sdt|dien thoai|\bdt\b|phone|zalo|\balo\b|lien he|\bgoi\b|hotline)"
    r"|(?P<identity>cccd|cmnd|cmtnd|\bcmt\b|can cuoc|dinh danh|chung minh|ma so thue|\bmst\b)"
    r"|(?P<passport>ho chieu|passport)"
    r"|(?P<birth_date>(?<!khai )\bsinh\b|\bsn\b)"
)
_PHONE = re.compile(r"(?:0084|84)0?[235789]\d{8,9}|0[35789]\d{8}|02\d{8,9}|01[2689]\d{8}")


@dataclass(frozen=True, slots=True)
class Number:
    """A run of digits that may belong to a person."""

    start: int
    end: int
    kind: str


def personal_numbers(letters: str) -> Iterator[Number]:
    """Find the long runs of digits that are not known to be harmless, from left to right."""
    start = 0
    for harmless in _HARMLESS_ALONE.finditer(letters):
        yield from _numbers(letters, start, harmless.start())
        start = harmless.end()
    yield from _numbers(letters, start, len(letters))


def broken_numbers(letters: str) -> Iterator[Number]:
    """Find identity and phone numbers that line breaks, wide gaps or odd signs keep apart (0912⏎345678, 040:095:…)."""
    start = 0
    for harmless in _HARMLESS_ALONE.finditer(letters):
        yield from _broken(letters, start, harmless.start())
        start = harmless.end()
    yield from _broken(letters, start, len(letters))


def _broken(letters: str, start: int, end: int) -> Iterator[Number]:
    for run in _BROKEN.finditer(letters, start, end):
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in re.finditer(r"\d+", run[0])]
        first = 0
        while first < len(groups):
            last = _shaped(letters, groups, first)
            if last is None:
                first += 1
                continue
            begin, finish = groups[first][0], groups[last][1]
            digits = "".join(letters[s:e] for s, e in groups[first : last + 1])
            yield Number(begin, finish, kind_of(digits, letters[max(0, begin - _HINT_WINDOW) : begin]))
            first = last + 1


def has_shape(digits: str) -> bool:
    """Whether `digits` have the form of a personal identity number or a mobile phone's."""
    return (_IDENTITY_SHAPE.fullmatch(digits) or _PHONE_SHAPE.fullmatch(digits)) is not None


def _shaped(letters: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """Return the last group of the number that begins with `groups[first]`, if it has the form of one."""
    digits = ""
    for last in range(first, len(groups)):
        digits += letters[groups[last][0] : groups[last][1]]
        if len(digits) > IDENTITY:
            return None
        if last > first and has_shape(digits):
            parts = groups[first : last + 1]
            gaps = {letters[a[1] : b[0]] for a, b in pairwise(parts)}
            if len(gaps) == 1 or all(e - s >= _WIDE for s, e in parts):
                return last
    return None


def is_harmless(run: str) -> bool:
    """Whether a run of digits is nothing but dates, years, times, round sums and official short numbers."""
    position, small = 0, 0
    while item := _HARMLESS_ITEM.match(run, position):
        small += item["small"] is not None
        position = item.end()
        if position == len(run):
            return small <= 1
        between = _BETWEEN.match(run, position)
        if between is None:
            return False
        position = between.end()
    return False


def kind_of(digits: str, before: str) -> str:
    """Name what a run of `digits` is, from its form and from the words `before` it."""
    hint = _hint(before)
    if _is_phone(digits):
        return hint if hint in {"account", "insurance"} else "phone"
    if len(digits) == IDENTITY and digits.startswith("0"):
        return "account" if hint == "account" else "identity"
    if hint == "birth_date" and len(digits) != LONG:
        hint = None
    if hint:
        return hint
    return {9: "identity", IDENTITY: "identity", 10: "insurance"}.get(len(digits), "account")


def _is_phone(digits: str) -> bool:
    several = len(digits) % 10 == 0 and re.match(r"0[35789]", digits) is not None
    return several or _PHONE.fullmatch(digits) is not None


def _hint(before: str) -> str | None:
    last = None
    for match in _HINT.finditer(before[-_HINT_WINDOW:]):
        last = match.lastgroup
    return last


def _numbers(letters: str, start: int, end: int) -> Iterator[Number]:
    for sequence in _SEQUENCE.finditer(letters, start, end):
        if count(sequence[0]) >= LONG and not is_harmless(sequence[0]):
            for first, last in _parts(sequence):
                yield _number(letters, first, last)


def _number(letters: str, start: int, end: int) -> Number:
    digits = "".join(_GROUP.findall(letters[start:end])).translate(str.maketrans("oil", "011"))
    before = letters[max(0, start - _HINT_WINDOW) : start]
    if before.endswith("(+"):
        start -= 2
    elif before.endswith("+"):
        start -= 1
    return Number(start, end, kind_of(digits, before))


def count(run: str) -> int:
    """Count the digits in a run."""
    return sum(map(len, _GROUP.findall(run)))


def _parts(sequence: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Cut a sequence behind each complete number, and leave short official or small numbers at its ends alone."""
    offset = sequence.start()
    groups = [(offset + g.start(), offset + g.end()) for g in _GROUP.finditer(sequence[0])]
    text = sequence.string
    pending: list[tuple[int, int]] = []
    parts: list[list[tuple[int, int]]] = []
    for group in groups:
        pending.append(group)
        if group[1] - group[0] >= COMPLETE:
            parts.append(pending)
            pending = []
    if not parts:
        yield groups[0][0], groups[-1][1]
        return
    if pending and not _may_stay(text[pending[0][0] : pending[-1][1]]):
        parts[-1].extend(pending)
    for part in parts:
        lead = part[:-1] if part[-1][1] - part[-1][0] >= COMPLETE else []
        begin = part[-1][0] if lead and _may_stay(text[lead[0][0] : lead[-1][1]]) else part[0][0]
        yield begin, part[-1][1]


def _may_stay(run: str) -> bool:
    return (_SMALL.fullmatch(run) is not None and run != "84") or _SHORT_ONLY.fullmatch(run) is not None
