"""Replies fit the phone and Telegram, and lose nothing of an answer, whatever staff write."""

import dataclasses
import datetime as dt
import functools
import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.composing import FIRST_SCREEN, Composer
from dialogue.replies import LONGEST_CALLBACK, Button, Reply
from dialogue.wording import LANGUAGES, wording
from faq.content_files import ContentFiles
from faq.entries import Details, Document, Entry, Faq
from faq.live import Live
from faq.shape import Citation, Link
from tests.telegram.contract import check

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module", params=LANGUAGES)
def say(request: pytest.FixtureRequest, shipped: Faq) -> Composer:
    return Composer(Live(shipped), wording(request.param), TODAY)


def pages(say: Composer, entry: Entry) -> Iterator[Reply]:
    """Turn the pages of an entry's details as a thumb does."""
    number = 1
    while True:
        page = say.details(entry, number)
        yield page
        if not any(b.press == f"d:{number + 1}:{entry.key}" for b in buttons(page)):
            return
        number += 1


def buttons(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]


def carried(button: Button) -> dict[str, str | None]:
    if button.url:
        return {"url": button.url}
    return {"callback_data": button.press} if button.press else {"switch_inline_query": button.share}


def breaches(reply: Reply) -> list[str]:
    keyboard = [[{"text": b.label} | carried(b) for b in row] for row in reply.buttons]
    markup = json.dumps({"inline_keyboard": keyboard})
    found = check("sendMessage", {"chat_id": "1", "text": reply.html, "parse_mode": "HTML", "reply_markup": markup})
    return [str(breach) for breach in found]


def everything(say: Composer, faq: Faq) -> Iterator[Reply]:
    """Compose every reply there is."""
    yield from (say.welcome(), say.help(), say.menu(), say.gone(), say.languages(), say.only_text(), say.empty())
    yield from (say.unknown_command(), say.out_of_scope(), say.personal_data(), say.unavailable([]), say.in_english())
    topics = list(dict.fromkeys(entry.topic for entry in faq.entries))
    yield from (say.topic(topic) for topic in topics)
    yield say.not_understood(topics)
    for entry in faq.entries:
        yield say.answer(entry)
        yield say.small_talk(entry)
        yield from pages(say, entry)
    for start in range(0, len(faq.entries), 3):
        yield say.offer(faq.entries[start : start + 3])
        yield say.unavailable(faq.entries[start : start + 3])


def test_telegram_takes_every_reply_that_can_be_made_of_the_shipped_faq(say: Composer, shipped: Faq) -> None:
    replies = list(everything(say, shipped))

    assert len(replies) > 3 * len(shipped.entries)
    assert [breach for reply in replies for breach in breaches(reply)] == []


def test_buttons_of_the_shipped_faq_carry_what_telegram_allows(say: Composer, shipped: Faq) -> None:
    carried = {b.press for reply in everything(say, shipped) for b in buttons(reply) if b.press}

    assert max(len(press.encode()) for press in carried) <= LONGEST_CALLBACK


def test_longest_key_staff_may_choose_fits_every_button(shipped: Faq) -> None:
    key = f"{'t' * 27}.{'k' * 28}"
    entry = shipped.entries[0].model_copy(update={"key": key, "details": _long("x" * 300)})
    topic = shipped.taxonomy.topics[0].model_copy(update={"id": "t" * 27})
    faq = shipped.model_copy(
        update={"entries": (entry,), "taxonomy": shipped.taxonomy.model_copy(update={"topics": (topic,)})}
    )
    say = Composer(Live(faq), wording("vi"), TODAY)

    for reply in everything(say, faq):
        assert breaches(reply) == []


def test_first_screen_of_every_shipped_entry_fits_a_small_phone(say: Composer, shipped: Faq) -> None:
    too_long = {entry.key: len(say.answer(entry).text) for entry in shipped.entries}

    assert {key: length for key, length in too_long.items() if length > FIRST_SCREEN} == {}


def test_first_screen_leads_to_more_unless_it_says_all(say: Composer, shipped: Faq) -> None:
    for entry in shipped.entries:
        first = say.answer(entry)
        more = [b for b in buttons(first) if b.press == f"d:1:{entry.key}"]
        shown = first.text + "".join(b.url or "" for b in buttons(first))
        assert more or not missing(shown, say.worded(entry), shipped), entry.key
        assert shipped.place.fill(say.worded(entry).short) in first.text


def test_details_lose_nothing(say: Composer, shipped: Faq) -> None:
    for entry in shipped.entries:
        turned = list(pages(say, entry))
        shown = "\n".join(page.text for page in turned) + "".join(b.url or "" for p in turned for b in buttons(p))
        assert missing(shown, say.worded(entry), shipped) == [], entry.key


def test_english_is_shown_where_there_is_some_and_its_lack_is_told_where_there_is_none(shipped: Faq) -> None:
    say = Composer(Live(shipped), wording("en"), TODAY)
    with_english = [entry for entry in shipped.entries if entry.english]
    without = next(entry for entry in shipped.entries if not entry.english)

    assert len(with_english) > 80
    for entry in with_english:
        assert entry.english
        assert shipped.place.fill(entry.english.short) in say.answer(entry).text
        assert "in Vietnamese only" not in say.answer(entry).text
    assert say.answer(without).text.startswith("This answer is available in Vietnamese only.")


def missing(shown: str, entry: Entry, faq: Faq) -> list[str]:
    """Name the parts of an answer that are not shown."""
    numbers = {document.id: document.number for document in faq.documents}
    law = [numbers[citation.document] for citation in entry.law] + [c.article for c in entry.law if c.article]
    told = (entry.question, entry.short, *filter(None, [entry.gain]), *entry.details.texts())
    texts = [faq.place.fill(text) for text in told]
    return [text for text in (*texts, *law, *(link.url for link in entry.links)) if text not in shown]


def test_answer_shows_the_way_on(say: Composer, shipped: Faq) -> None:
    for entry in shipped.entries:
        pressed = [button.press for button in buttons(say.answer(entry))]
        assert "m" in pressed
        assert f"t:{entry.topic}" in pressed
        assert [key for key in entry.related[:3] if f"e:{key}" not in pressed] == []


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
MARKUP = st.lists(
    st.sampled_from(["<b>", "</b>", "&amp;", "&", "<", ">", '"', "{cong-an}", "{x}", "\n", "😀", "\u202e", "chữ ", "%s", "<a href="]),
    min_size=1,
    max_size=100,
).map("".join)  # fmt: skip


def _cut(length: int) -> st.SearchStrategy[str]:
    full = st.sampled_from("a😀<ộ").map(lambda c: c * length)
    return st.one_of(TEXT, MARKUP, full).map(lambda text: text.strip()[:length].strip()).filter(bool)


def _lines(length: int, most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(_cut(length), max_size=most).map(tuple)


DETAILS = st.builds(
    Details,
    steps=_lines(220, 8),
    papers=_lines(220, 8),
    fee=st.none() | _cut(320),
    time=st.none() | _cut(320),
    office=st.none() | _cut(320),
    notes=_lines(320, 6),
)
ENTRY = st.builds(
    Entry,
    key=st.just("vneid.thu"),
    aspect=st.just("la-gi"),
    title=_cut(36),
    question=_cut(120),
    short=_cut(320),
    details=DETAILS,
    gain=st.none() | _cut(280),
    law=st.lists(st.builds(Citation, document=st.just("luat"), article=st.none() | _cut(120)), max_size=8).map(tuple),
    links=st.lists(st.builds(Link, title=_cut(60), url=st.just("https://x.gov.vn/?a=<b>&c")), max_size=3).map(tuple),
    facts=st.just(("x",)),
    to_check=st.lists(st.just("x"), max_size=1).map(tuple),
    checked_on=st.just(dt.date(2026, 1, 1)),
    review_by=st.sampled_from([dt.date(2026, 2, 1), dt.date(2027, 1, 1)]),
    valid_until=st.sampled_from([None, dt.date(2026, 3, 1)]),
    examples=st.just(("x",) * 10),
)


@functools.cache
def bare() -> Faq:
    """Return the shipped topics and place, without entries."""
    return ContentFiles().read().model_copy(update={"entries": (), "outside": ()})


def _long(text: str) -> Details:
    return Details(
        steps=(text[:220],) * 8, papers=(text[:220],) * 8, fee=text, time=text, office=text, notes=(text,) * 6
    )


@settings(max_examples=40, deadline=None)
@given(entry=ENTRY, language=st.sampled_from(LANGUAGES), name=_cut(300))
def test_telegram_takes_whatever_staff_write_and_nothing_is_lost(entry: Entry, language: str, name: str) -> None:
    document = Document(id="luat", number="1/2026/QH", name=name)
    faq = bare().model_copy(update={"entries": (entry,), "documents": (document,)})
    say = Composer(Live(faq), wording(language), TODAY)

    first, turned = say.answer(entry), list(pages(say, entry))

    assert [b for reply in (first, *turned, say.offer([entry])) for b in breaches(reply)] == []
    shown = "\n".join(page.text for page in turned)
    if entry.valid_until is not None:
        assert "01/03/2026" in shown
        return
    assert [
        text for text in missing(shown, entry, faq) if "\n" not in text and not text.startswith("https://x.gov")
    ] == []
    assert faq.place.fill(entry.short) in first.text


@pytest.mark.parametrize("sign", ["a", "😀", "<", "&"])
def test_longest_answer_staff_can_write_is_spread_over_pages_that_telegram_takes(shipped: Faq, sign: str) -> None:
    document = Document(id="luat", number="1/2026/QH", name=sign * 300)
    law = (Citation(document="luat", article=sign * 120),) * 8
    changes = {
        "question": sign * 120,
        "short": sign * 320,
        "gain": sign * 280,
        "law": law,
        "details": _long(sign * 320),
    }
    entry = shipped.entries[0].model_copy(update=changes)
    faq = bare().model_copy(update={"entries": (entry,), "documents": (document,)})
    say = Composer(Live(faq), wording("vi"), TODAY)

    turned = list(pages(say, entry))

    assert len(turned) > 1
    assert [breach for reply in (say.answer(entry), *turned) for breach in breaches(reply)] == []
    assert sum(page.text.count(sign) for page in turned) >= sum(text.count(sign) for text in entry.texts()) - 36


def test_answer_that_is_no_longer_valid_says_so_and_tells_nothing_of_it(shipped: Faq) -> None:
    entry = shipped.entries[0].model_copy(update={"valid_until": dt.date(2026, 11, 22)})
    late = Composer(Live(shipped), wording("vi"), TODAY)
    in_time = Composer(Live(shipped), wording("vi"), dt.date(2026, 11, 22)).answer(entry)

    for reply in (late.answer(entry), late.details(entry, 1)):
        assert "chỉ có hiệu lực đến 22/11/2026" in reply.text
        assert shipped.place.fill(entry.short) not in reply.text
    assert "chỉ có hiệu lực" not in in_time.text
    assert shipped.place.fill(entry.short) in in_time.text


def test_answer_past_its_review_date_says_so(shipped: Faq) -> None:
    entry = shipped.entries[0]
    late = Composer(Live(shipped), wording("vi"), entry.review_by + dt.timedelta(days=1)).answer(entry)
    in_time = Composer(Live(shipped), wording("vi"), entry.review_by).answer(entry)

    assert "quá hạn rà soát" in late.text
    assert "quá hạn rà soát" not in in_time.text


def test_doubt_is_told_in_few_words_with_the_office_to_ask(shipped: Faq) -> None:
    police = shipped.place.words["cong-an"]
    say = Composer(Live(shipped), wording("vi"), TODAY)
    entry = shipped.entries[0].model_copy(update={"to_check": ("x",), "short": "Làm ở trụ sở."})
    pointing = entry.model_copy(update={"short": "Cần chắc thì hỏi {cong-an}."})

    assert f"Có điểm còn chờ xác nhận; cần chắc xin hỏi {police}." in say.answer(entry).text
    assert "Có điểm còn chờ xác nhận." in say.answer(pointing).text
    assert "chờ xác nhận" not in say.answer(entry.model_copy(update={"to_check": ()})).text


def test_button_that_carries_too_much_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="too much"):
        Button("x", press="e:" + "ộ" * 30)
    with pytest.raises(ValueError, match="either"):
        Button("x", press="m", url="https://x.vn")


def test_reply_without_markup_reads_as_text() -> None:
    reply = Reply("<b>A &lt; B</b> &amp; <i>C</i>")

    assert reply.text == "A < B & C"
    assert dataclasses.replace(reply, html="x").text == "x"
