"""Texts that change on a known day: read before it, on it, and told to be over when nothing follows."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from faq import dated
from faq.checking import check
from faq.entries import Details, Entry, Faq, Milestone
from faq.shape import PLACEHOLDER

FEE = "Phí: [[moc-a: 25.000 đồng (đến hết {den-moc-a}) | 50.000 đồng]]."


def entry(**changes: object) -> Entry:
    facts = {
        "key": "can-cuoc.thu",
        "aspect": "le-phi",
        "title": "Thử",
        "question": "Thử?",
        "short": FEE,
        "facts": ["x"],
        "checked_on": dt.date(2026, 1, 1),
        "review_by": dt.date(2027, 1, 1),
        "examples": ["x"] * 10,
    }
    return Entry.model_validate({**facts, **changes})


@pytest.mark.parametrize(
    ("text", "passed", "expected"),
    [
        (FEE, (), "Phí: 25.000 đồng (đến hết {den-moc-a})."),
        (FEE, ("moc-a",), "Phí: 50.000 đồng."),
        (FEE, ("moc-b",), "Phí: 25.000 đồng (đến hết {den-moc-a})."),
        ("[[a: trước]]", ("a",), "Điều này chỉ áp dụng đến hết {den-a}; nay xin hỏi lại {cong-an}."),
        ("[[a: trước | ]]", ("a",), ""),
        ("[[a: 1 | 2]] và [[b: 3 | 4]]", ("b",), "1 và 4"),
        ("không có gì [cũ] | mới", ("a",), "không có gì [cũ] | mới"),
    ],
)
def test_text_reads_by_what_has_passed(text: str, passed: tuple[str, ...], expected: str) -> None:
    assert dated.read(text, passed) == expected


@pytest.mark.parametrize("text", ["[[a: x | y", "a: x]]", "[[A: x]]", "[[a x]]", "[[a: [[b: x]] ]]"])
def test_half_written_phrase_is_no_phrase(text: str) -> None:
    assert not dated.is_well_formed(text)


@given(st.text())
def test_text_without_phrases_stays_as_it_is(text: str) -> None:
    if "[[" not in text:
        assert dated.read(text, ["a"]) == text.strip()


def test_limit_holds_for_each_reading_alone() -> None:
    assert entry(short=f"[[a: {'x' * 320} | {'y' * 320}]]")
    with pytest.raises(ValidationError, match="dài quá 320"):
        entry(short=f"[[a: x | {'y' * 321}]]")


def test_short_answer_never_becomes_empty() -> None:
    with pytest.raises(ValidationError, match="thành trống"):
        entry(short="[[a: x | ]]")


def test_more_milestones_than_can_be_proofread_are_refused() -> None:
    with pytest.raises(ValidationError, match="nhiều nhất 3 mốc"):
        entry(short="[[a: x | y]] [[b: x | y]] [[c: x | y]] [[d: x | y]]")


def test_faq_reads_by_the_day(shipped: Faq) -> None:
    milestone = Milestone(id="moc-a", title="Mốc", first_day=dt.date(2027, 1, 1))
    details = Details(notes=("[[moc-a: Chỉ năm nay. | ]]", "Luôn luôn."), fee=FEE)
    faq = shipped.model_copy(update={"milestones": (milestone,), "entries": (entry(details=details),)})

    before, after = faq.on(dt.date(2026, 12, 31)), faq.on(dt.date(2027, 1, 1))

    assert before.place.fill(before.entries[0].short) == "Phí: 25.000 đồng (đến hết 31/12/2026)."
    assert before.entries[0].details.notes == ("Chỉ năm nay.", "Luôn luôn.")
    assert after.entries[0].short == after.entries[0].details.fee == "Phí: 50.000 đồng."
    assert after.entries[0].details.notes == ("Luôn luôn.",)


def test_faults_of_dates_are_named(shipped: Faq) -> None:
    twice = (Milestone(id="moc-b", title="Mốc", first_day=dt.date(2027, 1, 1)),) * 2
    broken = entry(title="[[moc-b: x]]", short="[[moc-b: x | y", details=Details(fee=FEE))
    faq = shipped.model_copy(update={"milestones": twice, "entries": (broken,)})

    said = "\n".join(str(problem) for problem in check(faq))

    for fault in ("không có mốc moc-a", "viết sai dạng", "tên nút và câu hỏi", "có hai mốc cùng mã", "{den-moc-a}"):
        assert fault in said


def test_shipped_faq_reads_well_on_every_side_of_every_milestone(shipped: Faq) -> None:
    days = {m.first_day for m in shipped.milestones} | {m.first_day - dated.ONE_DAY for m in shipped.milestones}
    for day in sorted(days):
        faq = shipped.on(day)
        texts = [faq.place.fill(text) for e in faq.entries for text in e.texts()]
        assert [text for text in texts if "[[" in text or "]]" in text or PLACEHOLDER.search(text)] == []
        assert [e.key for e in faq.entries if e.milestones or not e.short] == []
