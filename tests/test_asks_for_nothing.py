"""No text that a citizen can see asks for a number, a photo, a code or a password."""

import pytest

from dialogue.wording import LANGUAGES
from faq.checking import asks_for_secrets
from faq.entries import Faq
from tests.dialogue.test_wording import messages


@pytest.mark.parametrize(
    "text",
    [
        "Xin gửi ảnh thẻ căn cước vào đây.",
        "Ông/bà cho tôi biết số định danh, tôi tra giúp. Không mất tiền.",
        "Nhập mã OTP vào tin nhắn này.",
        "Cung cấp số điện thoại cho bot để được gọi lại.",
        "Please type your ID number here.",
    ],
)
def test_asking_is_recognised(text: str) -> None:
    assert asks_for_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "Đừng gửi ảnh thẻ căn cước vào đây.",
        "Tôi không bao giờ hỏi số giấy tờ, ảnh, mã hay mật khẩu.",
        "Mở ứng dụng VNeID, nhập mật khẩu rồi chọn Đăng nhập.",
        "Never type a code here.",
    ],
)
def test_warning_and_explaining_are_not_asking(text: str) -> None:
    assert not asks_for_secrets(text)


def test_no_answer_asks(shipped: Faq) -> None:
    texts = [text for entry in shipped.entries for text in entry.texts()]
    texts += [line.text for visit in shipped.visits for line in visit.lines]
    texts += [question.ask for visit in shipped.visits for question in visit.questions]

    assert len(texts) > 5_000
    assert [text for text in texts if asks_for_secrets(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_bot_asks(language: str) -> None:
    said = messages(language).values()

    assert [text for text in said if asks_for_secrets(text)] == []
