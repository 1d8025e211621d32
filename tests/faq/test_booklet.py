"""The booklet for paper and for a stick: everything that is published stands in both, and nothing else."""

import datetime as dt
import re
import unicodedata
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader

from faq.booklet.chapters import Booklet, booklet, is_printed, order
from faq.booklet.page import html
from faq.booklet.paper import INDEX, pdf
from faq.entries import EMERGENCY, SCAM_TOPIC, Details, Faq, Link, Milestone
from tests.faq.samples import changed, made, with_entries

TODAY = dt.date(2026, 11, 30)


class Reader(HTMLParser):
    """What a browser makes of a file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._hidden = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.fetched += [value or "" for name, value in attrs if name in {"src", "srcset", "poster", "data"}]
        self._hidden = tag in {"style", "title"}
        if tag == "a":
            self.links.append(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def pages_of(file: bytes) -> list[str]:
    return [" ".join((page.extract_text() or "").split()) for page in PdfReader(BytesIO(file)).pages]


def together(text: str) -> str:
    """A text without its spaces: lines break wherever they must."""
    return "".join(text.split())


@pytest.fixture(scope="module")
def whole(shipped: Faq) -> Booklet:
    return booklet(shipped, TODAY)


@pytest.fixture(scope="module")
def drawn(whole: Booklet) -> bytes:
    return pdf(whole)


@pytest.fixture(scope="module")
def sheets(drawn: bytes) -> list[str]:
    return pages_of(drawn)


@pytest.fixture(scope="module")
def browsed(whole: Booklet) -> Reader:
    return Reader(html(whole))


def small(faq: Faq, *entries: object, **more: object) -> Faq:
    return with_entries(faq, entries).model_copy(update=more)  # type: ignore[arg-type]


def test_every_published_entry_is_on_paper_and_on_the_page(shipped: Faq, sheets: list[str], browsed: Reader) -> None:
    today = shipped.on(TODAY)
    wanted = [today.place.fill(e.question) for e in today.entries if is_printed(e)]
    told = [today.place.fill(t) for e in today.entries if is_printed(e) for t in (e.short, *e.details.steps)]
    paper, page = together(" ".join(sheets)), together(browsed.text)

    assert len(wanted) > 150
    assert [q for q in wanted if together(q) not in page] == []
    assert [q for q in wanted if together(q) not in paper] == []
    assert [t for t in told if together(t) not in page] == []


def test_small_talk_stays_in_the_chat(shipped: Faq, whole: Booklet) -> None:
    keys = {item.key for chapter in whole.chapters for item in chapter.items}

    assert {key for key in keys if key.startswith("chitchat.")} == {EMERGENCY}


def test_emergency_numbers_and_scams_come_first(whole: Booklet, sheets: list[str]) -> None:
    first = next(page for page in sheets if page.startswith("Khẩn cấp"))

    assert [chapter.id for chapter in whole.chapters[:2]] == ["khan-cap", SCAM_TOPIC]
    assert all(number in first for number in ("113", "114", "115"))


def test_contents_and_index_name_the_pages_on_which_things_stand(
    drawn: bytes, sheets: list[str], whole: Booklet
) -> None:
    outline = PdfReader(BytesIO(drawn))
    marks = {str(d.title): outline.get_destination_page_number(d) for d in flat(outline.outline)}
    index = together(" ".join(sheets[marks["Tra theo câu hỏi"] :]))

    for item in whole.by_question:
        page = marks[item.question] + 1
        assert together(item.question) in together(sheets[page - 1])
        assert sheets[page - 1].endswith(f" {page}")
        assert f"{together(item.question)}{page}" in index


def flat(outline: list[object]) -> list[object]:
    return [d for one in outline for d in (flat(one) if isinstance(one, list) else [one])]


def test_paper_is_a4_with_its_typeface_inside_and_accents_to_search(drawn: bytes, sheets: list[str]) -> None:
    reader = PdfReader(BytesIO(drawn))
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]

    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages} == {(595, 842)}
    assert {font["/BaseFont"].partition("+")[2] for font in fonts} == {"BeVietnamPro-Regular", "BeVietnamPro-SemiBold"}
    assert all("/FontFile2" in font["/FontDescriptor"] and "/ToUnicode" in font for font in fonts)
    assert "Đăng ký tạm trú" in " ".join(sheets)
    assert unicodedata.is_normalized("NFC", " ".join(sheets))
    assert reader.trailer["/Root"]["/Lang"] == "vi"


def test_paper_and_page_tell_whose_they_are_and_when(sheets: list[str], browsed: Reader, shipped: Faq) -> None:
    for text in (sheets[0], browsed.text):
        assert shipped.place.words["cong-an"] in text
        assert "30/11/2026" in text
        assert "Hướng dẫn, không thay cho văn bản." in text


def test_page_fetches_nothing_and_leads_only_to_official_hosts(browsed: Reader, whole: Booklet, shipped: Faq) -> None:
    outside = [link for link in browsed.links if not link.startswith("#")]

    assert browsed.fetched == []
    assert {"script", "iframe", "img", "link", "form", "object"} & set(browsed.tags) == set()
    assert {urlsplit(link).hostname for link in outside} <= set(shipped.place.hosts)
    assert {urlsplit(link).scheme for link in outside} == {"https"}
    assert set(re.findall(r"url\(\"(\w+):", html(whole))) == {"data"}


def test_links_on_the_page_lead_somewhere_and_ids_are_named_once(browsed: Reader) -> None:
    inside = {link.removeprefix("#") for link in browsed.links if link.startswith("#")}

    assert len(set(browsed.ids)) == len(browsed.ids)
    assert inside <= set(browsed.ids)
    assert INDEX in inside


@pytest.mark.parametrize(
    ("day", "fee", "told"),
    [(dt.date(2026, 12, 31), "25.000 đồng", True), (dt.date(2027, 1, 1), "50.000 đồng", False)],
)
def test_dated_phrases_read_as_on_the_day_of_printing(shipped: Faq, day: dt.date, fee: str, told: bool) -> None:
    moc = Milestone(id="moc", title="Hết thời gian giảm", first_day=dt.date(2027, 1, 1))
    entry = made(details=Details(fee="[[moc: 25.000 đồng | 50.000 đồng]]"))
    printed = booklet(small(shipped, entry, milestones=(moc,)), day)

    text = Reader(html(printed)).text

    assert f"Lệ phí : {fee}" in text
    assert "[[" not in text
    assert ("Từ 01/01/2027: Hết thời gian giảm." in text) is told
    assert fee in " ".join(pages_of(pdf(printed)))


@pytest.mark.parametrize(("day", "printed"), [(dt.date(2026, 12, 31), True), (dt.date(2027, 1, 1), False)])
def test_entry_past_its_validity_is_left_out_with_a_line(shipped: Faq, day: dt.date, printed: bool) -> None:
    entry = made(short="Câu trả lời cũ.", valid_until=dt.date(2026, 12, 31))
    line = f"«{entry.question}»: quy định này chỉ có hiệu lực đến 31/12/2026"
    made_booklet = booklet(small(shipped, entry), day)

    for text in (Reader(html(made_booklet)).text, " ".join(pages_of(pdf(made_booklet)))):
        assert ("Câu trả lời cũ." in text) is printed
        assert (together(line) in together(text)) is not printed


def test_law_and_day_of_checking_stand_below_each_answer(shipped: Faq, whole: Booklet) -> None:
    items = {item.key: item for chapter in whole.chapters for item in chapter.items}

    for entry in shipped.entries:
        if is_printed(entry):
            small_print = " ".join(items[entry.key].small_print)
            assert f"Nội dung rà soát ngày {entry.checked_on:%d/%m/%Y}." in small_print
            assert small_print.startswith("Căn cứ: ") is bool(entry.law)
            doubtful = not entry.confirmed and entry.topic != SCAM_TOPIC
            assert ("còn chờ xác nhận" in small_print) is doubtful


def test_answer_that_was_not_reviewed_in_time_says_so(shipped: Faq) -> None:
    late = booklet(shipped, dt.date(2099, 1, 1))

    assert all("quá hạn rà soát" in i.small_print[-1] for c in late.chapters for i in c.items)


def test_whatever_staff_type_is_text(shipped: Faq) -> None:
    hostile = '<script>alert("1")</script> & <b>đậm</b> </p> 👍 \x00 漢'
    entry = made(question=hostile, short=hostile, links=(Link(title=hostile, url='https://a.vn/"onclick="x'),))
    printed = booklet(small(shipped, entry), TODAY)

    page, paper = Reader(html(printed)), " ".join(pages_of(pdf(printed)))

    assert "script" not in page.tags
    assert "b" not in page.tags
    assert '<script>alert("1")</script> & <b>đậm</b>' in page.text
    assert '<script>alert("1")</script> & <b>đậm</b>' in paper
    assert "👍" not in paper


def test_typeface_has_every_letter_of_the_shipped_faq(shipped: Faq, sheets: list[str]) -> None:
    from faq.booklet.paper import _signs

    used = {c for e in shipped.entries for text in (*e.texts(), *(link.title for link in e.links)) for c in text}

    assert {c for c in used if ord(c) not in _signs() and not c.isspace()} == set()


def test_questions_are_in_the_order_of_a_vietnamese_dictionary() -> None:
    words = ["đi", "da", "ơ", "ô", "o", "dì", "dỉ", "dí", "di", "ăn", "âm", "an", "Ở đâu", "2 thẻ", "di chuyển"]

    assert sorted(words, key=order) == [
        *("2 thẻ", "an", "ăn", "âm", "da", "di", "dì", "dỉ", "dí", "di chuyển", "đi", "o", "ô", "ơ", "Ở đâu"),
    ]


def test_booklet_of_an_edited_answer_holds_the_edit(shipped: Faq) -> None:
    edited = changed(shipped, "vneid.la-gi", short="Câu vừa sửa sáng nay.")

    assert "Câu vừa sửa sáng nay." in Reader(html(booklet(edited, TODAY))).text


def test_fonts_come_with_their_licence() -> None:
    folder = Path(__file__).parents[2] / "faq/booklet/fonts"

    assert "SIL Open Font License" in (folder / "OFL.txt").read_text("utf-8")
