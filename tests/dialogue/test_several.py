"""Two questions in one message are found where people part them; a story and its question stay together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.several import questions_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("thẻ hết hạn đổi ở đâu, với lại hết bao nhiêu tiền", ("thẻ hết hạn đổi ở đâu", "hết bao nhiêu tiền")),
        ("Mấy tuổi làm căn cước? Có mất tiền không?", ("Mấy tuổi làm căn cước", "Có mất tiền không")),
        ("lam vneid o mo, con tam tru thi can chi", ("lam vneid o mo", "con tam tru thi can chi")),
        ("đổi thẻ mấy ngày ngoài ra vneid bị khóa thì sao", ("đổi thẻ mấy ngày", "vneid bị khóa thì sao")),
        ("làm căn cước mất bao lâu, có tốn tiền không", ("làm căn cước mất bao lâu", "có tốn tiền không")),
        ("tạm trú cần giấy tờ gì, ở đâu, mấy ngày", ("tạm trú cần giấy tờ gì", "ở đâu", "mấy ngày")),
        ("em ở trọ, làm tạm trú cần gì, có mất tiền ko ạ", ("em ở trọ, làm tạm trú cần gì", "có mất tiền ko ạ")),
        ("đổi thẻ ở đâu, mấy ngày, cảm ơn ad", ("đổi thẻ ở đâu", "mấy ngày, cảm ơn ad")),
        ("tạm trú cần gì ạ\nphạt nguội tra ở đâu", ("tạm trú cần gì ạ", "phạt nguội tra ở đâu")),
    ],
)
def test_questions_are_parted(text: str, parts: tuple[str, ...]) -> None:
    assert questions_in(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Tôi mất thẻ hôm qua ở chợ. Làm lại ở đâu?",
        "con tôi và vợ tôi làm căn cước ở đâu",
        "tôi mất thẻ, làm lại ở đâu",
        "con tôi 6 tuổi, chưa có thẻ căn cước, làm ở đâu",
        "chủ nhà không cho nhập khẩu, giờ tôi phải làm sao",
        "làm thẻ cần gì, xin chỉ giúp",
        "ở đâu, gì, nào, mấy ngày, bao lâu, bao nhiêu tiền, chỗ nào",
        "alo? làm căn cước ở đâu",
        "đổi thẻ ở đâu?",
        "",
        "gì vậy ta? sao vậy ta? đâu vậy ta? chi vậy ta?",
    ],
)
def test_everything_else_is_one_question(text: str) -> None:
    assert questions_in(text) == ()


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    assert len(questions_in(text)) in {0, 2, 3}
