"""Asking on: what a message leaves out is taken from what was talked about, unless it says all by itself."""

import pytest

from dialogue.following import asks_on, in_context, is_talk, leaning
from dialogue.memory import Memory
from faq.content_files import ContentFiles
from faq.folding import fold
from faq.live import Live
from nlu.understanding import Guess, Understanding

LIVE = Live(ContentFiles().read())
FEE, PAPERS = "dang-ky-tam-tru.le-phi", "dang-ky-tam-tru.ho-so"
RESIDENCE = Memory(topic="dang-ky-tam-tru", aspect="ho-so", entry=PAPERS)


def guessed(**confidences: float) -> Understanding:
    return Understanding.of(Guess(intent, confidence) for intent, confidence in confidences.items())


def leans(text: str, memory: Memory = RESIDENCE, **alone: float) -> tuple[str, ...] | None:
    found = leaning(guessed(**alone), text, fold(text).split(), memory, live=LIVE)
    return found.sentences if found else None


def test_question_without_a_topic_is_read_with_the_one_talked_about() -> None:
    assert leans("thế hết mấy tiền") == ("đăng ký tạm trú thế hết mấy tiền",)


def test_question_after_a_particular_case_is_read_with_that_case_too() -> None:
    memory = Memory(topic="dang-ky-thuong-tru", aspect="cach-lam", entry="dang-ky-thuong-tru.tach-ho")

    assert leans("hết mấy tiền", memory) == ("đăng ký thường trú hết mấy tiền", "Tách hộ, đổi chủ hộ hết mấy tiền")


def test_topic_named_after_a_bare_question_gets_that_question() -> None:
    assert leans("căn cước", Memory(aspect="le-phi")) == ("căn cước lệ phí bao nhiêu",)


def test_topic_without_a_question_is_read_with_the_aspect_talked_about() -> None:
    assert leans("còn tạm vắng thì sao") == ("còn tạm vắng thì sao cần giấy tờ gì",)


@pytest.mark.parametrize(
    ("text", "memory"),
    [
        ("thế hết mấy tiền", Memory()),
        ("thế hết mấy tiền", Memory(topic="da-xoa")),
        ("còn tạm trú thì sao", RESIDENCE),
        ("còn tạm vắng thì sao", Memory(topic="dang-ky-tam-tru")),
        ("còn " * 20 + "mấy tiền", RESIDENCE),
    ],
)
def test_other_messages_stand_by_themselves(text: str, memory: Memory) -> None:
    assert leans(text, memory) is None


def test_message_that_names_a_topic_and_is_sure_stands_by_itself() -> None:
    assert leans("vneid bị khóa", **{"vneid.bi-khoa": 0.95}) is None
    assert leans("vneid bị khóa", **{"vneid.bi-khoa": 0.5}) is not None


def meant(alone: dict[str, float], told: dict[str, float], text: str = "thế hết mấy tiền") -> Understanding:
    found = leaning(guessed(**alone), text, fold(text).split(), RESIDENCE, live=LIVE)
    assert found is not None
    return in_context(guessed(**alone), guessed(**told), found, LIVE)


def test_what_is_likely_with_the_topic_counts() -> None:
    found = meant({"vneid.le-phi": 0.9}, {FEE: 0.8, "vneid.le-phi": 0.1})

    assert found.best == Guess(FEE, pytest.approx(1.0))


def test_question_about_something_else_is_not_pulled_back() -> None:
    found = meant({"nop-phat-giao-thong.tru-diem": 0.9}, {"nop-phat-giao-thong.tru-diem": 0.9, FEE: 0.1})

    assert found.best == Guess("nop-phat-giao-thong.tru-diem", 0.9)


def test_bare_aspect_gets_its_answer_in_the_topic_whatever_else_was_guessed() -> None:
    found = meant({"hoi-tiep.le-phi": 0.9}, {PAPERS: 0.4, FEE: 0.3, "vneid.le-phi": 0.3})

    assert found.best is not None
    assert found.best.intent == FEE
    assert sum(g.confidence for g in found.guesses) == pytest.approx(1.0)


def test_aspect_counts_only_if_it_is_what_is_then_understood() -> None:
    text, alone = "còn tạm vắng thì sao", {"khai-bao-tam-vang.la-gi": 0.6}

    assert meant(alone, {"khai-bao-tam-vang.ho-so": 0.7}, text).best == Guess("khai-bao-tam-vang.ho-so", 1.0)
    assert meant(alone, {"khai-bao-tam-vang.le-phi": 0.7}, text).best == Guess("khai-bao-tam-vang.la-gi", 0.6)


def test_message_that_names_nothing_but_a_topic_gets_the_aspect_even_if_another_is_likelier() -> None:
    told = {"khai-bao-tam-vang.la-gi": 0.8, "khai-bao-tam-vang.ho-so": 0.1}

    assert meant({"khai-bao-tam-vang.la-gi": 0.95}, told, "tạm vắng nữa").best == Guess("khai-bao-tam-vang.ho-so", 1.0)
    said_more = meant({"khai-bao-tam-vang.la-gi": 0.6}, told, "tạm vắng con bé nhà em nghĩa là gì")
    assert said_more.best == Guess("khai-bao-tam-vang.la-gi", 0.6)


def test_thanks_and_complaints_are_talk_but_asking_for_somebody_may_be_more() -> None:
    assert is_talk(guessed(**{"chitchat.cam-on": 0.7}), LIVE)
    assert not is_talk(guessed(**{"chitchat.cam-on": 0.5}), LIVE)
    assert not is_talk(guessed(**{"chitchat.lien-he": 0.9}), LIVE)
    assert not is_talk(guessed(**{FEE: 0.9}), LIVE)
    assert not is_talk(Understanding(), LIVE)


@pytest.mark.parametrize(
    ("text", "somebody"),
    [
        ("thế còn cho bố tôi 80 tuổi thì sao", True),
        ("con toi 10 tuoi thi sao", True),
        ("bà tôi yếu không đi được thì sao", True),
        ("tôi 65 tuổi có được miễn không", True),
        ("bac yeu chan thang con di thay duoc khong", True),
        ("trường có làm hộ không ạ", True),
        ("người bán ở Thanh Hóa thì sao", True),
        ("thế hết mấy tiền", False),
        ("con tôi bị cảm lạnh", False),
        ("vậy ngồi ở nhà làm được không", False),
        ("tôi đăng ký xe cho vợ rồi nhé", False),
    ],
)
def test_asking_on_is_noticed(text: str, somebody: bool) -> None:
    assert asks_on(fold(text).split()) is somebody


def test_whoever_brings_in_somebody_else_asks_the_same_as_before() -> None:
    assert leans("thế còn bố tôi 80 tuổi thì sao") == (
        "đăng ký tạm trú thế còn bố tôi 80 tuổi thì sao",
        "đăng ký tạm trú thế còn bố tôi 80 tuổi thì sao cần giấy tờ gì",
    )
    found = meant({"hoi-tiep.dieu-kien": 0.9}, {PAPERS: 0.5, "dang-ky-tam-tru.loi-ich": 0.3}, "còn mẹ tôi thì sao")
    assert found.best == Guess(PAPERS, 1.0)
