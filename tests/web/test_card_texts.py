"""The card as texts: a form and back, its differences, two people's work put together, other ways of typing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from faq.entries import Entry, Faq
from faq.sentences import Owned, Sentences
from faq.variants import MOST, share_of_variants, variants, without_accents
from web.card import (
    BY_NAME,
    LISTS,
    NAMES,
    content_of,
    count_of,
    entry_of,
    faults_of,
    fields_of,
    key_of,
    plain,
)
from web.difference import changes, merge, packed, unpacked, words_between

TEXTS = st.text(alphabet="ab đ\n|«{[", max_size=30)


def test_form_and_back_changes_nothing_of_any_shipped_entry(faq: Faq) -> None:
    for entry in faq.entries:
        content = plain(entry)
        assert content_of(fields_of(content), content) == content
        assert entry_of(fields_of(content), None, entry.key) == entry.model_copy(update={"formerly": ()})


def test_what_the_form_does_not_show_survives_an_edit(faq: Faq) -> None:
    before = {**plain(faq.entries[0]), "formerly": ["vneid.cu"], "later": {"field": 1}}

    after = content_of({**fields_of(before), "title": "Tên khác"}, before)

    assert after == {**before, "title": "Tên khác"}


def test_item_with_a_line_break_survives_the_edit_of_another_field(faq: Faq) -> None:
    before = {**plain(faq.entries[0]), "details": {"notes": ["một\nhai", "ba"]}}

    assert content_of({**fields_of(before), "title": "Tên khác"}, before)["details"]["notes"] == ["một\nhai", "ba"]
    assert content_of({**fields_of(before), "notes": "một"}, before)["details"]["notes"] == ["một"]


@given(st.dictionaries(st.sampled_from(NAMES), TEXTS))
def test_any_form_makes_a_content_that_shows_the_same_form(fields: dict[str, str]) -> None:
    once = fields_of(content_of(fields, None))

    assert fields_of(content_of(once, None)) == once


def test_emptied_english_is_no_english(faq: Faq) -> None:
    entry = next(e for e in faq.entries if e.english)
    emptied = {name: "" if name.startswith("en.") else text for name, text in fields_of(plain(entry)).items()}

    assert entry_of(emptied, plain(entry), entry.key).english is None


def test_day_is_read_as_people_write_it(faq: Faq) -> None:
    fields = {**fields_of(plain(faq.entries[0])), "valid_until": "3/11/2027"}

    assert str(entry_of(fields, None, "a.b").valid_until) == "2027-11-03"


@pytest.mark.parametrize(
    ("name", "text", "field", "why"),
    [
        ("title", "", "title", "thiếu, bắt buộc phải có"),
        ("title", "x" * 37, "title", "dài quá 36 ký tự"),
        ("steps", "một\n" + "x" * 221, "steps", "dòng 2: dài quá 220 ký tự"),
        ("links", "Trang | http://a.vn", "links", "dòng 1: địa chỉ phải bắt đầu bằng https:// và không có dấu cách"),
        ("law", "| Điều 2", "law", "dòng 1: chưa chọn văn bản"),
        ("review_by", "2020-01-01", "review_by", "phải sau ngày kiểm tra"),
        ("review_by", "mai", "review_by", "phải là ngày dạng 2026-11-22"),
        ("facts", "", "facts", "chưa ghi câu trả lời dựa vào đâu: tên văn bản và điều, hoặc mã dữ kiện"),
        ("en.short", "x" * 321, "en.short", "dài quá 320 ký tự"),
        ("related", "không có", "related", "dòng 1: không có mục này; anh/chị chọn trong danh sách hiện ra khi gõ"),
    ],
)
def test_fault_stands_at_its_field_in_vietnamese(faq: Faq, name: str, text: str, field: str, why: str) -> None:
    entry = next(e for e in faq.entries if e.english and not e.is_small_talk)

    with pytest.raises(ValidationError) as told:
        entry_of({**fields_of(plain(entry)), name: text}, plain(entry), entry.key)

    assert [(fault.field, fault.why) for fault in faults_of(told.value)] == [(field, why)]


def test_counter_counts_the_longest_reading_of_the_longest_line() -> None:
    assert count_of("short", "a [[m: bb | cccc]] d") == len("a cccc d")
    assert count_of("steps", "một\nhai ba") == 6
    assert "steps" in LISTS
    assert BY_NAME["title"].longest == 36


def test_key_of_a_new_entry_is_made_of_its_title_and_unlike_any_other() -> None:
    assert key_of("vneid", "Đổi số điện thoại?", ()) == "vneid.doi-so-dien-thoai"
    assert key_of("vneid", "Đổi số", {"vneid.doi-so", "vneid.doi-so-2"}) == "vneid.doi-so-3"
    assert len(key_of("cap-doi-cap-lai-can-cuoc", "dài " * 30, ())) <= 56
    assert key_of("vneid", "???", ()) == "vneid.muc"


def test_difference_is_told_word_by_word() -> None:
    told = [(span.kind, span.text) for span in words_between("lệ phí 10 nghìn", "lệ phí 20 nghìn đồng")]

    assert told == [("same", "lệ phí "), ("gone", "10"), ("new", "20"), ("same", " nghìn"), ("new", " đồng")]


def test_examples_differ_by_lines_whatever_their_order() -> None:
    (change,) = changes({"examples": "a\nb\nc"}, {"examples": "c\na\nd"})

    assert (change.new, change.gone, change.title) == (("d",), ("b",), "Câu ví dụ")


def test_two_peoples_work_is_put_together_and_only_the_same_field_clashes() -> None:
    opened = {"title": "T", "short": "S", "examples": "a\nb"}
    mine = {**opened, "short": "S của tôi", "examples": "a\nb\nm"}
    theirs = {**opened, "title": "T khác", "short": "S khác", "examples": "b\nk"}

    merged, clashes = merge(opened, mine, theirs)

    assert (merged["title"], merged["short"]) == ("T khác", "S của tôi")
    assert [(clash.name, clash.both) for clash in clashes] == [("short", None), ("examples", "b\nk\nm")]


@given(st.text(max_size=40))
def test_packed_fields_are_unpacked_and_anything_else_is_nothing(text: str) -> None:
    fields = dict.fromkeys(NAMES, "") | {"title": text}

    assert unpacked(packed(fields)) == fields
    assert set(unpacked(text)) == set(NAMES)


def test_variants_are_new_ways_of_typing_and_never_more_than_fit(faq: Faq) -> None:
    examples = ["Đăng ký tạm trú hết bao nhiêu tiền", "không có giấy tờ thì làm thế nào"]

    made = variants(examples, faq.short_forms, examples)

    assert "Dang ky tam tru het bao nhieu tien" in made
    assert any("bn" in text.split() or "bnh" in text.split() or "nhiu" in text for text in made) or len(made) > 2
    assert not set(made) & set(examples)
    assert len(variants([f"câu số {n} được không" for n in range(40)], faq.short_forms, ())) == MOST
    assert variants(examples, faq.short_forms, [*examples, *made]) != made


def test_share_of_synthetic_examples_counts_what_another_becomes(faq: Faq) -> None:
    example = "làm thẻ được không"

    assert share_of_variants([example, "mất thẻ thì sao"], faq.short_forms) == 0
    assert share_of_variants([example, without_accents(example)], faq.short_forms) == 0.5
    assert share_of_variants([], faq.short_forms) == 0


def test_sentences_find_the_same_and_the_nearly_same() -> None:
    known = Sentences([Owned.by("a.b", "Làm thẻ ở đâu?"), Owned.by("c.d", "mất thẻ căn cước thì phải làm sao")])

    assert [found.intent for found in known.same("lam the o dau")] == ["a.b"]
    assert [found.intent for found in known.alike("mat the can cuoc thi phai lam saoo")] == ["c.d"]
    assert known.alike("???") == ()
    assert known.alike("một câu khác hẳn") == ()


def test_entry_is_one_again(faq: Faq) -> None:
    entry = faq.entries[0]

    assert isinstance(entry_of(fields_of(plain(entry)), plain(entry), entry.key), Entry)
