"""What masking removes, what it keeps, and what holds for any text."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.masking import TOKENS, mask
from tests.stats.sentences import KEPT, MASKED

DIGIT_RUN = re.compile(r"\d(?:[ .-]?\d){8,}")
WORDS = st.sampled_from(
    ("cho hỏi", "của em", "làm sao", "là", "nhé", "số", "xã", "cccd", "sdt", "otp", "tên:", "địa chỉ", "")
)
ANYTHING = st.text() | st.lists(
    WORDS
    | st.sampled_from((*"0123456789 .-/@,:ôlO\u200b\n", "năm", "hai", "37B1", "sinh", *TOKENS.values()))
    | st.sampled_from([text for text, _, _ in MASKED]),
    max_size=40,
).map("".join)


@pytest.mark.parametrize(("text", "expected", "kind"), MASKED)
def test_personal_data_is_replaced(text: str, expected: str, kind: str) -> None:
    masked = mask(text)

    assert (masked.text, masked.kinds) == (expected, frozenset({kind}))


@pytest.mark.parametrize("text", KEPT)
def test_what_is_not_personal_stays(text: str) -> None:
    masked = mask(text)

    assert (masked.text, masked.kinds) == (text, frozenset())


def test_table_is_large() -> None:
    assert len(MASKED) + len(KEPT) >= 120


def test_several_kinds_in_one_message() -> None:
    masked = mask("tôi tên là Lê Thị Na, sinh 1/2/1980, cccd 040180123456, sđt 0912345678, mail na@gmail.com")

    expected = "tôi tên là [tên], sinh [ngày sinh], cccd [số định danh], sđt [số điện thoại], mail [email]"
    assert masked.text == expected
    assert masked.kinds == {"name", "birth_date", "identity", "phone", "email"}


def test_decomposed_accents_are_understood() -> None:
    assert mask("mật khẩu là abc123").text == "mật khẩu là [mã]"


@given(ANYTHING)
def test_masking_again_changes_nothing(text: str) -> None:
    masked = mask(text)

    assert mask(masked.text) == type(masked)(masked.text)


@given(ANYTHING)
def test_kinds_tell_whether_something_was_masked(text: str) -> None:
    masked = mask(text)

    assert (masked.text == text) == (not masked.kinds)
    assert masked.kinds <= set(TOKENS)


@given(before=ANYTHING, email=st.emails(), after=ANYTHING)
def test_no_email_survives(before: str, email: str, after: str) -> None:
    masked = mask(f"{before} {email} {after}")

    assert email not in masked.text
    assert not re.search(r"[\w.+-]@[\w-]+\.\w", masked.text)


@given(
    before=st.text() | WORDS,
    digits=st.text("0123456789", min_size=9, max_size=24),
    after=WORDS,
)
def test_no_long_number_survives(before: str, digits: str, after: str) -> None:
    masked = mask(f"{before} {digits} {after}").text

    assert digits not in masked or re.match(r"1[89]00|(?:19|20)\d\d", digits)


@given(
    digits=st.from_regex(r"0[35789]\d{8}|0\d{11}", fullmatch=True),
    separators=st.lists(st.sampled_from(("", " ", ".", "-", "\u200b", "\u00a0")), min_size=12, max_size=12),
    before=WORDS,
    after=WORDS,
)
def test_spaced_and_dotted_numbers_are_masked(digits: str, separators: list[str], before: str, after: str) -> None:
    written = "".join(digit + between for digit, between in zip(digits, separators, strict=False))

    masked = mask(f"{before} {written} {after}").text

    assert not DIGIT_RUN.search(masked)
    assert sum(map(str.isdigit, masked)) < 5


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1",
        "1 ",
        "@a",
        "a.a@",
        "otp 1234 ",
        "tên: ",
        "địa chỉ o ",
        "không ",
        "12 a ",
        "1/2/2020/",
        "sinh 1/1/",
        "\u200b",
        "so nha 1 xom a ",
    ],
)
def test_long_messages_take_little_time(piece: str) -> None:
    text = (piece * 4096)[:4096]
    mask(text)

    started = time.process_time()
    mask(text)

    assert time.process_time() - started < 0.25


def test_time_grows_with_length_only() -> None:
    def seconds(length: int) -> float:
        text = ("gọi 0912 345 678 otp 1234 tên: an a@b.vn " * length)[: 40 * length]
        mask(text)
        started = time.process_time()
        mask(text)
        return time.process_time() - started

    assert seconds(800) < 40 * max(seconds(80), 0.002)
