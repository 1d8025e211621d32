"""A citizen asks, in her own words, and finds what she needs."""

import datetime as dt
import logging
import re

import pytest

from faq.entries import Entry, Faq
from stats import campaigns
from stats.endings import Ending
from stats.pseudonyms import Pseudonyms
from tests.bot.running import SECRET
from tests.conftest import RunningRasa
from tests.journeys.town import Town
from tests.telegram.citizen import Citizen, Screen

pytestmark = pytest.mark.rasa

IDENTITY = "040099012345"
"""Of nobody: made up for this test."""


def entry(faq: Faq, key: str) -> Entry:
    return next(entry for entry in faq.entries if entry.key == key)


async def asks(citizen: Citizen, text: str) -> Screen:
    await citizen.says(text)
    return await citizen.reads(timeout=15)


async def test_citizen_asks_without_accents_and_finds_her_way(lan: Citizen, cua_lo: Town, shipped: Faq) -> None:
    papers = entry(shipped, "dang-ky-tam-tru.ho-so")
    await lan.starts()
    assert (await lan.reads()).text.startswith("Xin chào!")

    answer = await asks(lan, "dang ky tam tru can giay to gi")

    assert answer.text.startswith(shipped.place.fill(papers.question))
    assert shipped.place.fill(papers.short) in answer.text
    assert len(answer.text) <= 900
    titles = [shipped.place.fill(entry(shipped, key).title) for key in papers.related[:3]]
    assert [button for button in answer.buttons if button in titles] == titles
    assert answer.buttons[-2:] == ("📂 Câu khác", "☰ Danh mục")
    assert papers.links[0].url.rstrip("/") in [url.rstrip("/") for url in answer.urls]
    assert (await lan.taps("🌐")).url

    await lan.taps("Xem thêm")
    details = await lan.reads()
    assert details.message_id == answer.message_id
    assert "📄 Giấy tờ" in details.text
    assert "Căn cứ:" in details.text
    assert cua_lo.telegram.breaches == []


async def test_citizen_goes_from_the_menu_to_a_topic_to_an_answer(lan: Citizen, cua_lo: Town, shipped: Faq) -> None:
    menu = await asks(lan, "/menu")
    assert list(menu.buttons) == ["📋 Chuẩn bị giấy tờ", *(topic.title for topic in shipped.taxonomy.topics)]

    await lan.taps("Thông báo lưu trú")
    topic = await lan.reads()
    assert topic.edited
    assert topic.text.startswith("Thông báo lưu trú\n")

    await lan.taps(topic.buttons[0])
    group = await lan.reads()
    assert group.edited

    await lan.taps(group.buttons[0])
    answer = await lan.reads()
    assert not answer.edited
    assert answer.buttons[-2] == "📂 Câu khác"

    await lan.taps("📂 Câu khác")
    assert (await lan.reads()).buttons == topic.buttons
    endings = [question.ending for question in await cua_lo.questions(5)]
    assert endings == [Ending.MENU, Ending.MENU, Ending.MENU, Ending.ANSWERED, Ending.MENU]
    assert cua_lo.telegram.breaches == []


async def test_asking_on_keeps_the_topic(lan: Citizen, cua_lo: Town) -> None:
    await asks(lan, "đăng ký tạm trú cần giấy tờ gì")

    fee = await asks(lan, "thế lệ phí bao nhiêu")

    _, question = await cua_lo.questions(2)
    assert (question.topic, question.aspect, question.ending) == ("dang-ky-tam-tru", "le-phi", Ending.ANSWERED)
    assert "tạm trú" in fee.text


async def test_another_citizen_asking_on_is_not_mixed_up_with_her(lan: Citizen, cua_lo: Town) -> None:
    await asks(lan, "đăng ký tạm trú cần giấy tờ gì")

    await asks(cua_lo.telegram.citizen("Hoa"), "thế lệ phí bao nhiêu")

    _, question = await cua_lo.questions(2)
    assert question.topic != "dang-ky-tam-tru"


async def test_unclear_question_is_asked_back_and_the_choice_answers(lan: Citizen, cua_lo: Town) -> None:
    choice = await asks(lan, "hết bao nhiêu tiền")  # of what, nobody can know

    assert choice.text.startswith("Để trả lời cho đúng")
    assert len(choice.buttons) == 4
    offered = (await cua_lo.questions(1))[-1]
    assert (offered.ending, offered.entry, len(offered.offered)) == (Ending.OFFERED, None, 3)

    await lan.taps(choice.buttons[1])

    answer = await lan.reads()
    assert not answer.edited
    chosen = (await cua_lo.questions(2))[-1]
    assert (chosen.kind, chosen.ending, chosen.entry) == ("button", Ending.ANSWERED, offered.offered[1])
    assert cua_lo.telegram.breaches == []


async def test_answer_is_passed_on_in_another_chat(lan: Citizen, cua_lo: Town) -> None:
    found = await lan.types_inline("thủ tục tạm trú")

    assert 1 <= len(found) <= 10
    assert await cua_lo.questions(0) == []
    assert cua_lo.telegram.breaches == []


async def test_what_is_kept_is_shown_and_gone_on_her_word(lan: Citizen, cua_lo: Town) -> None:
    await asks(lan, "đăng ký tạm trú cần giấy tờ gì")
    await cua_lo.questions(1)

    shown = await asks(lan, "/du_lieu_cua_toi")
    gone = await asks(lan, "/xoa")

    assert "đăng ký tạm trú cần giấy tờ gì" in shown.text
    assert gone.text.startswith("Xong: tôi đã xóa hết")
    pseudonyms = Pseudonyms(SECRET).ever("telegram", lan.id, dt.datetime.now(dt.UTC))
    left = str([vars(question) for question in await cua_lo.questions(0)])
    assert not any(pseudonym in left for pseudonym in pseudonyms)


async def test_greeting_is_returned(lan: Citizen, cua_lo: Town) -> None:
    greeting = await asks(lan, "chào bạn")

    assert greeting.buttons == ("☰ Danh mục",)
    (question,) = await cua_lo.questions(1)
    assert (question.ending, question.topic) == (Ending.SMALL_TALK, "chitchat")


async def test_football_is_out_of_scope(lan: Citizen, cua_lo: Town, shipped: Faq) -> None:
    refusal = await asks(lan, "hôm nay đội tuyển đá bóng mấy giờ")

    assert shipped.place.words["mot-cua"] in refusal.text
    (question,) = await cua_lo.questions(1)
    assert (question.ending, question.entry) == (Ending.OUT_OF_SCOPE, None)


@pytest.mark.parametrize("before", [None, "đăng ký tạm trú cần giấy tờ gì"])
async def test_scam_is_warned_of_before_all_else(lan: Citizen, cua_lo: Town, before: str | None) -> None:
    if before:
        await asks(lan, before)

    await asks(lan, "cong an goi dien bao cai vneid qua link roi doi ma otp, toi phai lam sao")

    question = (await cua_lo.questions(2 if before else 1))[-1]
    assert (question.topic, question.ending) == ("canh-bao-lua-dao", Ending.ANSWERED)


async def test_identity_number_is_warned_of_and_kept_nowhere(
    lan: Citizen, cua_lo: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = await asks(lan, f"Tôi bị mất thẻ căn cước số {IDENTITY}, xin hỏi cấp lại thẻ bị mất thế nào")

    assert answer.text.startswith("⚠️ Tin nhắn của ông/bà hình như có thông tin riêng")
    assert answer.buttons
    (question,) = await cua_lo.questions(1)
    assert question.text == "Tôi bị mất thẻ căn cước số [số định danh], xin hỏi cấp lại thẻ bị mất thế nào"
    assert (question.masked_kinds, question.topic) == (["identity"], "cap-doi-cap-lai-can-cuoc")
    assert cua_lo.nlu.heard == [question.text.replace("[số định danh], ", ", ")]
    assert digits_of(IDENTITY) not in digits_of(caplog.text)
    assert [s for s in lan.chat if not s.mine and IDENTITY in s.text] == []
    kept = b"".join(path.read_bytes() for path in cua_lo.folder.rglob("*") if path.is_file())
    assert "[số định danh]".encode() in kept
    assert IDENTITY.encode() not in kept
    assert cua_lo.telegram.breaches == []


async def test_nothing_but_an_identity_number_is_not_even_read(lan: Citizen, cua_lo: Town) -> None:
    answer = await asks(lan, IDENTITY)

    assert answer.text.startswith("⚠️")
    (question,) = await cua_lo.questions(1)
    assert (question.ending, question.text) == (Ending.PERSONAL_DATA, "[số định danh]")
    assert cua_lo.nlu.heard == []


async def test_each_message_leaves_one_complete_record(lan: Citizen, cua_lo: Town, rasa: RunningRasa) -> None:
    today = dt.date.today()
    campaign = await campaigns.add(cua_lo.sessions, name="Tờ rơi", place="chợ", author="Minh", first_day=today)
    await lan.starts(campaign.code)
    await lan.reads()
    for text in ("dang ky tam tru can giay to gi", "chào bạn", "/khong_co"):
        await asks(lan, text)
    await lan.sends_photo()
    await lan.reads()

    questions = await cua_lo.questions(5)

    assert [(q.kind, q.text) for q in questions] == [
        ("command", ""),
        ("text", "dang ky tam tru can giay to gi"),
        ("text", "chào bạn"),
        ("command", ""),
        ("other", ""),
    ]
    pseudonym = Pseudonyms(SECRET).in_quarter("telegram", lan.id, questions[0].asked_at)
    assert [question.person for question in questions] == [None, *[pseudonym] * 4]  # whoever comes is only counted
    for question in questions:
        assert (question.channel, question.campaign, question.language) == ("telegram", campaign.code, "vi")
        assert question.release == rasa.published.release
        assert 0 <= question.milliseconds < 60_000
    asked = questions[1]
    assert (asked.entry, asked.ending) == ("dang-ky-tam-tru.ho-so", Ending.ANSWERED)
    assert asked.confidence is not None
    assert 0.5 <= asked.confidence <= 1
    assert str(lan.id) not in str([vars(question) for question in questions])


def digits_of(text: str) -> str:
    return re.sub(r"[ .-]", "", text)
