"""Staff who make a mistake in a file are told which file, which entry, which field, and why."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from faq.checking import NO_SUCH_WORD, check, check_sentences
from faq.content_files import SHIPPED, ContentFiles
from faq.entries import CheckSentence, Faq
from faq.problems import BrokenContentError, Problem
from tests.faq.samples import entry, made, with_entries

TOPIC = "can-cuoc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the shipped sheets, and one topic that a test fills."""
    for name in (
        "topics.yml",
        "place.yml",
        "laws.yml",
        "ngoai-pham-vi.yml",
        "milestones.yml",
        "short-forms.yml",
        "visits.yml",
    ):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    write(tmp_path, entry())
    return tmp_path


def write(folder: Path, *entries: dict[str, Any]) -> None:
    (folder / f"{TOPIC}.yml").write_text(
        yaml.safe_dump({"topic": TOPIC, "entries": list(entries)}, allow_unicode=True), encoding="utf-8"
    )


def faults(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(BrokenContentError) as caught:
        ContentFiles(folder).read()
    return caught.value.problems


def test_good_folder_is_read(folder: Path) -> None:
    assert [e.key for e in ContentFiles(folder).read().entries] == ["can-cuoc.thu"]


def test_problem_reads_as_one_line() -> None:
    problem = Problem("can-cuoc.yml", "can-cuoc.thu", "short", "dài quá 320 ký tự")

    assert str(problem) == "[LỖI] can-cuoc.yml · can-cuoc.thu · short: dài quá 320 ký tự"


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"short": "a" * 321}, "short", "dài quá 320 ký tự"),
        ({"short": "   "}, "short", "để trống"),
        ({"short": 7}, "short", "phải là chữ (hãy đặt trong dấu ngoặc kép)"),
        ({"shrot": "x"}, "shrot", "không có trường nào tên như vậy"),
        ({"key": "Căn Cước"}, "key", "sai dạng"),
        ({"key": "can-cuoc"}, "key", "sai dạng"),
        ({"key": "can-cuoc." + "a" * 48}, "key", "dài quá 56 ký tự"),
        ({"examples": ["một"]}, "examples", "cần ít nhất 10 mục, mới có 1"),
        ({"examples": "một"}, "examples", "phải là một danh sách"),
        ({"examples": [*"abcdefghi", "x" * 401, "y"]}, "examples.10", "dài quá 400 ký tự"),
        ({"details": {"steps": ["bước"] * 9}}, "details.steps", "nhiều nhất 8 mục, đang có 9"),
        ({"details": {"phi": "x"}}, "details.phi", "không có trường nào tên như vậy"),
        ({"details": "x"}, "details", "phải là một nhóm trường"),
        ({"law": [{"article": "Điều 1"}]}, "law.1.document", "thiếu, bắt buộc phải có"),
        ({"links": [{"title": "x", "url": "http://a.vn"}]}, "links.1.url", "sai dạng"),
        ({"checked_on": "hôm qua"}, "checked_on", "phải là ngày dạng 2026-11-22"),
        ({"checked_on": True}, "checked_on", "phải là ngày dạng 2026-11-22"),
        ({"checked_on": dt.datetime(2026, 1, 1, 9)}, "checked_on", "phải là ngày dạng 2026-11-22, không kèm giờ"),
        ({"review_by": dt.date(2026, 1, 1)}, "", "review_by: phải sau checked_on"),
        ({"facts": []}, "", "facts: phải ghi ít nhất một mã dữ kiện"),
    ],
)
def test_field_at_fault_is_named(folder: Path, fields: dict[str, Any], field: str, why: str) -> None:
    wrong = entry(**fields)
    write(folder, wrong)

    assert faults(folder) == (Problem("can-cuoc.yml", wrong["key"], field, why),)


def test_missing_field_is_named(folder: Path) -> None:
    wrong = entry()
    del wrong["title"], wrong["short"]
    write(folder, wrong)

    assert faults(folder) == (
        Problem("can-cuoc.yml", "can-cuoc.thu", "title", "thiếu, bắt buộc phải có"),
        Problem("can-cuoc.yml", "can-cuoc.thu", "short", "thiếu, bắt buộc phải có"),
    )


def test_faults_of_all_entries_and_files_are_told_at_once(folder: Path) -> None:
    write(folder, entry("can-cuoc.a", short=""), entry("can-cuoc.b", title=""))
    (folder / "laws.yml").unlink()

    assert [(p.file, p.entry, p.field) for p in faults(folder)] == [
        ("laws.yml", "", ""),
        ("can-cuoc.yml", "can-cuoc.a", "short"),
        ("can-cuoc.yml", "can-cuoc.b", "title"),
    ]


def test_entry_without_key_is_counted(folder: Path) -> None:
    wrong = entry("can-cuoc.b")
    del wrong["key"]
    write(folder, entry(), wrong)

    assert faults(folder) == (Problem("can-cuoc.yml", "mục thứ 2", "key", "thiếu, bắt buộc phải có"),)


@pytest.mark.parametrize(
    ("content", "field", "why"),
    [
        (b"topic: can-cuoc\nentries: [", "dòng 2", "không đọc được YAML"),
        (b"topic: can-cuoc\n\tentries: x", "dòng 2", "không đọc được YAML"),
        ("topic: thẻ".encode("utf-16"), "", "không đọc được YAML (không phải UTF-8)"),
        (b"topic: can-cuoc\nentries: [{checked_on: 2026-02-30}]", "", "không đọc được YAML (có ngày không có thật)"),
        (b"topic: can-cuoc\nentries: " + b"[" * 5000, "", "không đọc được YAML (lồng nhau quá sâu)"),
        (b"", "", "tệp trống"),
        (b"topic: vneid\nentries: []", "topic", "phải là can-cuoc"),
        (b"- a", "topic", "phải là can-cuoc"),
        (b"topic: can-cuoc\nentries: 5", "", "phải là một danh sách"),
    ],
)
def test_file_that_cannot_be_read_is_named(folder: Path, content: bytes, field: str, why: str) -> None:
    (folder / "can-cuoc.yml").write_bytes(content)

    [problem] = faults(folder)

    assert (problem.file, problem.entry, problem.field) == ("can-cuoc.yml", "", field)
    assert problem.why.startswith(why)


@pytest.mark.parametrize(
    "name",
    ["topics.yml", "place.yml", "laws.yml", "ngoai-pham-vi.yml", "milestones.yml", "short-forms.yml", "visits.yml"],
)
def test_empty_sheet_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("# chưa viết gì\n", encoding="utf-8")

    assert faults(folder) == (Problem(name, "", "", "tệp trống"),)


def test_sheets_are_held_to_their_shape(folder: Path) -> None:
    outside = [{"key": "x", "title": "X", "kind": "gần", "examples": list("abcdefghij")}]
    (folder / "ngoai-pham-vi.yml").write_text(yaml.safe_dump({"groups": outside}), encoding="utf-8")
    (folder / "laws.yml").write_text("documents: nothing", encoding="utf-8")

    assert faults(folder) == (
        Problem("laws.yml", "", "documents", "phải là một danh sách"),
        Problem("ngoai-pham-vi.yml", "x", "kind", "phải là một trong: 'near' or 'far'"),
    )


def test_check_sentence_needs_exactly_one_label(folder: Path) -> None:
    (folder / "checks").mkdir()
    (folder / "checks/a.yml").write_text("- {text: một}\n- {text: hai, entry: a.b, outside: far}\n- {text: ba, x: 1}")
    (folder / "checks/b.yml").write_text("- {text: [}")

    with pytest.raises(BrokenContentError) as caught:
        ContentFiles(folder).check_sentences()

    assert [(p.file, p.entry, p.field) for p in caught.value.problems] == [
        ("checks/a.yml", "mục thứ 1", ""),
        ("checks/a.yml", "mục thứ 2", ""),
        ("checks/a.yml", "mục thứ 3", "x"),
        ("checks/b.yml", "", "dòng 1"),
    ]


def whole(shipped: Faq, *entries: dict[str, Any]) -> tuple[Problem, ...]:
    """What is serious about a FAQ of these entries beside the shipped sheets."""
    faq = with_entries(shipped, (made(**fields) for fields in entries))
    return tuple(problem for problem in check(faq) if problem.serious)


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"aspect": "mau-sac"}, "aspect", "không có khía cạnh mau-sac"),
        ({"key": "bong-da.la-gi"}, "key", "không có chủ đề bong-da"),
        ({"related": ["can-cuoc.khong-co"]}, "related", "không có mục can-cuoc.khong-co"),
        ({"related": ["can-cuoc.thu"]}, "related", "trỏ về chính nó"),
        ({"law": [{"document": "1-2000-nd-cp"}]}, "law", "danh mục văn bản không có 1-2000-nd-cp"),
        (
            {"links": [{"title": "x", "url": "https://dichvucong.gov.vn.ke-gian.com/a"}]},
            "links",
            "dichvucong.gov.vn.ke-gian.com không có trong danh sách trang chính thức",
        ),
        (
            {"links": [{"title": "x", "url": "https://dichvucong.gov.vn@ke-gian.com/"}]},
            "links",
            "ke-gian.com không có trong danh sách trang chính thức",
        ),
        ({"short": "Đến {nha-toi}."}, "", NO_SUCH_WORD.format("{nha-toi}")),
        ({"details": {"steps": ["Gọi {ai-do}"]}}, "", NO_SUCH_WORD.format("{ai-do}")),
        ({"short": "Hãy gửi ảnh thẻ vào đây."}, "", "câu trả lời không được xin số, ảnh, mã hay mật khẩu"),
        ({"examples": ["???", *"abcdefghi"]}, "examples", "câu ví dụ không có chữ nào"),
    ],
)
def test_fault_that_shows_in_the_whole_is_named(shipped: Faq, fields: dict[str, Any], field: str, why: str) -> None:
    wrong = {"key": "can-cuoc.thu", **fields}

    topic = wrong["key"].partition(".")[0]
    assert Problem(f"{topic}.yml", wrong["key"], field, why) in whole(shipped, wrong)


def test_placeholder_that_the_place_knows_is_fine(shipped: Faq) -> None:
    assert not whole(shipped, {"short": "Đến {cong-an}."})


@pytest.mark.parametrize("other", ["làm thẻ ở đâu", "LÀM THẺ Ở ĐÂU", "lam the o dau??", "làm  thẻ, ở đâu"])
def test_sentence_under_two_entries_is_found_however_it_is_typed(shipped: Faq, other: str) -> None:
    first = {"key": "can-cuoc.a", "examples": ["làm thẻ ở đâu", *(f"a {n}" for n in range(9))]}
    second = {"key": "can-cuoc.b", "examples": [other, *(f"b {n}" for n in range(9))]}

    assert whole(shipped, first, second) == (
        Problem("can-cuoc.yml", "can-cuoc.a", "examples", "câu «lam the o dau» cũng nằm ở can-cuoc.b"),
    )


def test_same_sentence_twice_in_one_entry_is_only_noted(shipped: Faq) -> None:
    fields = {"examples": ["hết hạn", "het han", *(f"a {n}" for n in range(9))]}

    assert not whole(shipped, fields)
    assert "câu «het han» có 2 lần" in [p.why for p in check(with_entries(shipped, [made(**fields)]))]


def test_two_entries_of_one_key_are_refused(shipped: Faq) -> None:
    assert Problem("can-cuoc.yml", "can-cuoc.thu", "key", "có hai mục cùng mã này") in whole(shipped, {}, {})


def test_serious_problems_come_first(shipped: Faq) -> None:
    problems = check(with_entries(shipped, [made(short="Đến {nha-toi}.")]))

    assert [p.serious for p in problems] == sorted((p.serious for p in problems), reverse=True)
    assert {p.serious for p in problems} == {True, False}


def test_check_sentence_must_not_be_an_example_nor_name_an_unknown_entry(shipped: Faq) -> None:
    faq = with_entries(shipped, [made(examples=["Mất thẻ phải làm sao?", *(f"a {n}" for n in range(9))])])
    sentences = (
        CheckSentence(text="mat the phai lam sao", entry="can-cuoc.thu"),
        CheckSentence(text="câu khác", entry="can-cuoc.thu", also=("can-cuoc.la",)),
    )

    assert [(p.file, p.entry, p.field, p.why) for p in check_sentences(sentences, faq)] == [
        ("checks", "câu khác", "entry", "không có mục can-cuoc.la"),
        (
            "checks",
            "mat the phai lam sao",
            "text",
            "gần như câu ví dụ «Mất thẻ phải làm sao?»; câu kiểm tra không được có trong huấn luyện",
        ),
    ]
