"""A small FAQ for tests, and the moves that make another one of it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from faq.entries import Entry, Faq

NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
AUTHOR = "kiểm tra"


def entry(key: str = "can-cuoc.thu", **fields: Any) -> dict[str, Any]:
    """An entry as plain data; `fields` say what is special about it."""
    return {
        "key": key,
        "aspect": "la-gi",
        "title": "Thẻ căn cước",
        "question": f"Thẻ căn cước là gì ({key})?",
        "short": "Là giấy tờ tùy thân.",
        "easy": ["Đây là giấy tờ tùy thân."],
        "facts": ["CC01"],
        "checked_on": dt.date(2026, 11, 22),
        "review_by": dt.date(2027, 5, 31),
        "examples": [f"câu hỏi thứ {number} về {key}" for number in range(10)],
        **fields,
    }


def made(key: str = "can-cuoc.thu", **fields: Any) -> Entry:
    """The same as an `Entry`."""
    return Entry.model_validate(entry(key, **fields))


def with_entries(faq: Faq, entries: Iterable[Entry]) -> Faq:
    """`faq` with other entries."""
    return faq.model_copy(update={"entries": tuple(entries)})


def changed(faq: Faq, key: str, **fields: Any) -> Faq:
    """`faq` with some fields of one entry changed."""
    assert any(e.key == key for e in faq.entries), key
    return with_entries(faq, (e.model_copy(update=fields) if e.key == key else e for e in faq.entries))


TRICKY = (
    *("=1+1", "=HYPERLINK('x')", "+84 912", "-5", "@sum", "007", "1e5", "true", "null", "~", "2026-11-22", "0x1F"),
    *("#N/A", "- gạch", "a: b", "# không phải ghi chú", "'nháy'", '"nháy"', "{cong-an}", "[x](y)", "a | b", "_x000D_"),
)
"""What YAML and office programs like to take for something else than text."""

# Whatever a keyboard, a copied web page or an office program can put into a text; no lone surrogates, for
# neither UTF-8 nor pydantic takes them.
anything = st.characters(exclude_categories=["Cs"])
printable = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"], include_characters="\n\t")


def text(longest: int, characters: st.SearchStrategy[str] = anything) -> st.SearchStrategy[str]:
    """A text that an entry may hold: not blank, not too long, already stripped as pydantic strips it."""
    found = st.one_of(st.text(characters, max_size=longest), st.sampled_from(TRICKY))
    return found.map(lambda t: t[:longest].strip()).filter(bool)


def entries(characters: st.SearchStrategy[str] = anything) -> st.SearchStrategy[Entry]:
    """An entry with every field filled, or left out, with such texts."""
    lines = st.lists(text(220, characters), max_size=3)
    citations = st.fixed_dictionaries(
        {"document": st.sampled_from(["68-2020-qh14", "6-a"])}, optional={"article": text(120, characters)}
    )
    links = st.fixed_dictionaries({"title": text(60, characters), "url": st.just("https://vneid.gov.vn/a?b=1")})
    details = st.fixed_dictionaries(
        {},
        optional={"steps": lines, "papers": lines, "notes": lines}
        | {name: text(320, characters) for name in ("fee", "time", "office")},
    )
    english = st.fixed_dictionaries(
        {"title": text(36, characters), "question": text(120, characters), "short": text(320, characters)},
        optional={"details": details, "gain": text(280, characters)},
    )
    return st.fixed_dictionaries(
        {
            "key": st.just("can-cuoc.thu"),
            "aspect": st.just("la-gi"),
            "title": text(36, characters),
            "question": text(120, characters),
            "short": text(320, characters),
            "facts": st.just(["CC01"]),
            "checked_on": st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
            "review_by": st.dates(dt.date(2031, 1, 1), dt.date(2032, 1, 1)),
            "examples": st.lists(text(400, characters), min_size=10, max_size=12),
        },
        optional={
            "details": details,
            "english": english,
            "easy": lines,
            "formerly": st.just(["can-cuoc.cu"]),
            "gain": text(280, characters),
            "law": st.lists(citations, max_size=2),
            "links": st.lists(links, max_size=2),
            "to_check": lines,
            "valid_until": st.dates(),
            "related": st.just(["can-cuoc.khac"]),
        },
    ).map(Entry.model_validate)
