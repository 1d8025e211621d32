"""One turn: what is heard, what is remembered, what is noted; whatever understanding does."""

import datetime as dt
import logging

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialogue.conversation import LONGEST_MESSAGE, Dialogue, Speaker
from dialogue.focusing import beside_the_aspect
from dialogue.memory import REMEMBERED_SECONDS, Memories
from faq.database import Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from nlu.rasa_client import RasaClient
from nlu.understanding import Guess, Understanding
from stats.endings import Ending
from stats.masking import TOKENS
from stats.pseudonyms import Pseudonyms
from tests.bot.running import Notebook, Scripted
from tests.dialogue.test_memory import Clock

LAN = Speaker("telegram", "1", "1")
NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


class Room:
    """A dialogue with all that a test may look at."""

    def __init__(self, database: Sessions, faq: Faq, recogniser: object) -> None:
        self.clock = Clock()
        self.notebook = Notebook()
        self.recogniser = recogniser
        self.dialogue = Dialogue(
            LiveFaq(database, faq),
            recogniser,  # type: ignore[arg-type]
            Pseudonyms("x"),
            self.notebook.record,
            memories=Memories(self.clock),
            clock=lambda: NOW,
        )


@pytest.fixture
def room(database: Sessions, shipped: Faq) -> Room:
    return Room(database, shipped, Scripted(phí="dang-ky-tam-tru.le-phi", chào="chitchat.chao-hoi"))


@pytest.mark.parametrize("token", sorted(TOKENS.values()))
async def test_message_of_nothing_but_hidden_data_has_no_words(room: Room, token: str) -> None:
    turn = await room.dialogue.answer(LAN, f"{token}, {token}!")

    assert turn.asked is not None
    assert turn.asked.ending == Ending.NOT_UNDERSTOOD
    assert room.recogniser.heard == []  # type: ignore[attr-defined]


async def test_words_beside_hidden_data_are_understood(room: Room) -> None:
    turn = await room.dialogue.answer(LAN, "phí của 040099012345 là bao nhiêu")

    assert turn.asked is not None
    assert (turn.asked.entry, turn.asked.masked_kinds) == ("dang-ky-tam-tru.le-phi", ("identity",))
    assert room.recogniser.heard == ["phí của là bao nhiêu"]  # type: ignore[attr-defined]


async def test_long_message_is_read_from_its_beginning(room: Room) -> None:
    turn = await room.dialogue.answer(LAN, "phí " + "rất dài " * 2000)

    assert turn.asked is not None
    assert len(turn.asked.text) == LONGEST_MESSAGE
    assert turn.asked.entry == "dang-ky-tam-tru.le-phi"


async def test_memory_is_of_the_last_half_hour_and_of_one_conversation(room: Room, shipped: Faq) -> None:
    await room.dialogue.answer(LAN, "phí tạm trú")
    assert room.dialogue._memories[LAN.key].topic == "dang-ky-tam-tru"
    assert room.dialogue._memories["web:1"].topic is None

    room.clock.now += REMEMBERED_SECONDS + 1

    assert room.dialogue._memories[LAN.key].topic is None


async def test_greeting_does_not_change_the_subject(room: Room) -> None:
    await room.dialogue.answer(LAN, "phí tạm trú")
    await room.dialogue.answer(LAN, "chào bạn")

    assert room.dialogue._memories[LAN.key].topic == "dang-ky-tam-tru"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=300)
    | st.sampled_from(["", " ", "\x00", "\ud800", "[", "]", "[]", "[số", "{", "}", "%", "/start"])
)
async def test_any_text_gets_a_reply_and_one_record(room: Room, text: str) -> None:
    turn = await room.dialogue.answer(LAN, text)

    assert turn.reply.html
    assert turn.asked is not None
    assert turn.asked.ending in Ending


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pressed=st.text(max_size=64) | st.from_regex(r"[edtml](:[0-9]{1,60})?(:[a-z.-]{0,20})?", fullmatch=True))
async def test_any_button_gets_a_reply(room: Room, pressed: str) -> None:
    assert (await room.dialogue.press(LAN, pressed)).reply.html


async def test_page_number_of_thousands_of_digits_is_the_first_page(room: Room) -> None:
    assert (await room.dialogue.press(LAN, f"d:{'9' * 5000}:dang-ky-tam-tru.ho-so")).reply.html


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(500, json={"reason": "ParsingError", "message": "cannot parse 'con Tí mất thẻ'"}),
        httpx.Response(409, json={"message": "con Tí mất thẻ"}),
        httpx.Response(200, text="con Tí mất thẻ"),
        httpx.Response(200, json=["con Tí mất thẻ"]),
        httpx.Response(200, json={"intent_ranking": [{"con Tí": "mất thẻ"}]}),
        httpx.ReadError("con Tí mất thẻ"),
    ],
    ids=["500", "409", "no JSON", "a list", "no names", "cut"],
)
async def test_broken_understanding_offers_choices_and_quotes_nobody_in_the_log(
    database: Sessions, shipped: Faq, reply: httpx.Response | httpx.ReadError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def answer(_request: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    async with RasaClient(httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://nlu")) as rasa:
        turn = await Room(database, shipped, rasa).dialogue.answer(LAN, "con Tí mất thẻ căn cước làm lại ở đâu")

    assert turn.asked is not None
    assert (turn.asked.ending, len(turn.asked.offered)) == (Ending.UNAVAILABLE, 3)
    assert "NLU does not answer" in caplog.text
    assert "Tí" not in caplog.text


async def test_half_a_character_does_not_stop_understanding(database: Sessions, shipped: Faq) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"intent_ranking": [{"name": "chitchat.chao-hoi", "confidence": 0.9}]})

    async with RasaClient(httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://nlu")) as rasa:
        turn = await Room(database, shipped, rasa).dialogue.answer(LAN, "chào \ud83d")

    assert turn.asked is not None
    assert turn.asked.ending == Ending.SMALL_TALK


async def test_follow_up_about_a_case_gets_that_cases_own_part_and_not_the_general_one(
    database: Sessions, shipped: Faq
) -> None:
    """ "Tách hộ" takes 5 days, its topic in general 7: whoever asks on about it must read 5."""
    scripted = Scripted(
        tách="dang-ky-thuong-tru.tach-ho", mấy="dang-ky-thuong-tru.thoi-han", đăng="dang-ky-thuong-tru.thoi-han"
    )
    dialogue = Room(database, shipped, scripted).dialogue
    await dialogue.answer(LAN, "tách hộ cần gì")

    case = await dialogue.answer(LAN, "mấy ngày xong")
    general = await dialogue.answer(LAN, "đăng ký thường trú mấy ngày xong")

    assert case.asked is not None
    assert (case.asked.entry, case.asked.aspect) == ("dang-ky-thuong-tru.tach-ho", "thoi-han")
    assert "⏱ Thời gian: Tách hộ: 05 ngày làm việc." in case.reply.text
    assert general.asked is not None
    assert general.asked.entry == "dang-ky-thuong-tru.thoi-han"


async def test_part_that_is_asked_for_goes_first(room: Room) -> None:
    room.recogniser.script |= {"mất": "dang-ky-xe.doi-cap-lai"}  # type: ignore[attr-defined]

    turn = await room.dialogue.answer(LAN, "mất biển số xe, làm lại bao lâu")

    assert turn.asked is not None
    assert (turn.asked.entry, turn.asked.aspect) == ("dang-ky-xe.doi-cap-lai", "thoi-han")
    question, part, *_ = turn.reply.text.split("\n\n")
    assert question.endswith("?")
    assert part.startswith("⏱ Thời gian: Mất: xác minh 30 ngày")


async def test_case_named_beside_its_fee_gets_its_own_fee_and_the_general_answer_as_a_button(
    database: Sessions, shipped: Faq
) -> None:
    """ "Mất thẻ, làm lại hết bao nhiêu tiền": whoever lost a card reads what that costs, not a list of all prices."""
    general, case = "cap-doi-cap-lai-can-cuoc.le-phi", "cap-doi-cap-lai-can-cuoc.mat-the"
    dialogue = Room(database, shipped, Scripted(làm=general, lam=case, đổi=general, doi=general)).dialogue

    lost = await dialogue.answer(LAN, "làm lại thẻ căn cước bị mất hết bao nhiêu tiền")
    changed = await dialogue.answer(LAN, "đổi thẻ căn cước hết bao nhiêu tiền")

    assert lost.asked is not None
    assert (lost.asked.entry, lost.asked.aspect, lost.asked.offered) == (case, "le-phi", (general,))
    _question, fee, *_ = lost.reply.text.split("\n\n")
    assert fee.startswith("💵 Lệ phí: 35.000 đồng")
    assert changed.asked is not None
    assert changed.asked.entry == general


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("mat the lam lai het bao nhieu tien", "mat the lam lai"),
        ("lam lai the mat may dong", "lam lai the"),
        ("gia han tam tru co mat phi khong", "gia han tam tru"),
        ("bao nhieu tien", ""),
    ],
)
def test_rest_of_a_question_about_a_fee_says_nothing_of_losing(shipped: Faq, text: str, rest: str) -> None:
    """ "Mất mấy đồng" asks what it costs; "mất thẻ" tells what happened."""
    fee = next(aspect for aspect in shipped.taxonomy.aspects if aspect.id == "le-phi")

    assert beside_the_aspect(text.split(), fee) == rest.split()


class Doubtful(Scripted):
    """Understands two things at once."""

    async def parse(self, text: str) -> Understanding:
        likely = (await super().parse(text)).guesses[0].intent
        return Understanding.of([Guess(likely, 0.6), Guess("dang-ky-tam-tru.ho-so", 0.3)])


async def test_answer_that_was_just_given_is_not_repeated_in_doubt(database: Sessions, shipped: Faq) -> None:
    dialogue = Room(database, shipped, Doubtful(phí="dang-ky-tam-tru.le-phi", rồi="dang-ky-tam-tru.le-phi")).dialogue

    first = await dialogue.answer(LAN, "phí tạm trú")
    second = await dialogue.answer(LAN, "rồi tạm trú nữa")

    assert first.asked is not None
    assert first.asked.ending == Ending.ANSWERED
    assert second.asked is not None
    assert (second.asked.ending, second.asked.offered) == (
        Ending.OFFERED,
        ("dang-ky-tam-tru.le-phi", "dang-ky-tam-tru.ho-so"),
    )


async def test_next_moment_of_a_scam_is_answered_by_itself(database: Sessions, shipped: Faq) -> None:
    scripted = Scripted(chuyển="canh-bao-lua-dao.da-chuyen-tien", nó="canh-bao-lua-dao.cach-lam")
    dialogue = Room(database, shipped, scripted).dialogue
    await dialogue.answer(LAN, "chuyển tiền cho nó rồi")

    turn = await dialogue.answer(LAN, "nó vẫn đang gọi")

    assert turn.asked is not None
    assert turn.asked.entry == "canh-bao-lua-dao.cach-lam"


async def test_several_questions_about_the_case_talked_about_get_its_own_parts(
    database: Sessions, shipped: Faq
) -> None:
    scripted = Scripted(
        tách="dang-ky-thuong-tru.tach-ho", mấy="dang-ky-thuong-tru.thoi-han", hết="dang-ky-thuong-tru.le-phi"
    )
    dialogue = Room(database, shipped, scripted).dialogue
    await dialogue.answer(LAN, "tách hộ cần gì")

    turn = await dialogue.answer(LAN, "mấy ngày thì xong? hết bao nhiêu tiền vậy?")

    assert turn.asked is not None
    assert turn.asked.entry == "dang-ky-thuong-tru.tach-ho"
    assert "⏱ Thời gian: Tách hộ: 05 ngày làm việc." in turn.reply.text


async def test_english_with_names_of_places_in_it_is_english(room: Room) -> None:
    turn = await room.dialogue.answer(LAN, "Hello, I am a foreigner living in Cua Lo, do I need to register my stay?")

    assert turn.reply.text.startswith("Typed questions are understood in Vietnamese only")
