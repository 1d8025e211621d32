"""Who takes something back is answered about what is right."""

import pytest

from dialogue.correcting import corrected
from faq.folding import fold
from tests.dialogue.room import Room


@pytest.mark.parametrize(
    ("before", "text", "asked"),
    [
        ("tôi mất thẻ căn cước", "à nhầm, hết hạn chứ không phải mất", "tôi hết hạn thẻ căn cước"),
        ("đổi thẻ hết hạn mất bao lâu", "à nhầm, mất thẻ chứ không phải hết hạn", "đổi thẻ mất thẻ mất bao lâu"),
        ("đăng ký tạm trú cần gì", "không phải tạm trú mà là tạm vắng", "đăng ký tạm vắng cần gì"),
        ("dang ky tam tru can gi", "tam vang chu ko phai tam tru nhe", "dang ky tam vang can gi"),
        ("hết bao nhiêu tiền", "à nhầm, hết hạn chứ không phải mất", "hết hạn"),
        ("đăng ký tạm trú cần gì", "xin lỗi em gõ nhầm, tạm vắng ạ", "tạm vắng"),
        ("đăng ký tạm trú cần gì", "ý tôi là lệ phí", "lệ phí"),
    ],
)
def test_earlier_question_is_put_right(before: str, text: str, asked: str) -> None:
    assert corrected(fold(text).split(), fold(before).split()) == fold(asked).split()


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("", "à nhầm, hết hạn chứ không phải mất"),
        ("đăng ký tạm trú cần gì", "thế hết mấy tiền"),
        ("đăng ký tạm trú cần gì", "tôi không phải chủ nhà mà là người thuê thì làm được không"),
        ("đăng ký tạm trú cần gì", "có phải nộp tiền không"),
        ("đăng ký tạm trú cần gì", "công an nhập nhầm tên tôi"),
    ],
)
def test_other_messages_correct_nothing(before: str, text: str) -> None:
    assert corrected(fold(text).split(), fold(before).split()) is None


async def test_corrected_question_is_answered(here: Room) -> None:
    here.recogniser.script |= {"tạm": "dang-ky-tam-tru.ho-so", "vang": "khai-bao-tam-vang.ho-so"}
    await here.says("tạm trú cần giấy tờ gì")

    turn = await here.says("à nhầm, vắng chứ không phải tạm trú")

    assert "vang can giay to gi" in here.recogniser.heard
    assert turn.asked is not None
    assert turn.asked.entry == "khai-bao-tam-vang.ho-so"
    assert turn.asked.text == "à nhầm, vắng chứ không phải tạm trú"
