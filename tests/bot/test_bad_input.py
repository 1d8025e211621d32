"""Whatever is sent, a friendly sentence comes back where one is due, and the next question is answered."""

import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dialogue.wording import wording
from stats.endings import Ending
from tests.bot.running import Notebook, Scripted
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer

VI = wording("vi")
NO_WORDS = VI("I see no words in this message. Please type a question, or choose a topic.")
TEXT_ONLY = VI(
    "I read typed text only. For your safety I do not open pictures, files, voice, contacts or locations, and "
    "nothing of them is kept. Please type your question."
)
GONE = VI("That answer is no longer here. Please choose from the menu or ask again.")
UNKNOWN_COMMAND = VI("I do not know this command. See /help, or just type a question.")
MENU = VI("What would you like to know about?")

Sending = Callable[[Citizen], Awaitable[Any]]


async def still_answers(citizen: Citizen) -> None:
    await citizen.says("phí tạm trú")
    answer = await citizen.reads()
    assert "Lệ phí" in answer.text or "lệ phí" in answer.text


@pytest.mark.parametrize("text", ["👍👍👍", "🇻🇳", "…?!", "۩", "\u200f\u200f.", "\u200b.", "-- / --"])
async def test_message_without_words_is_answered_kindly(lan: Citizen, telegram: TelegramServer, text: str) -> None:
    await lan.says(text)

    assert (await lan.reads()).text == NO_WORDS
    await still_answers(lan)
    assert telegram.breaches == []


@pytest.mark.parametrize(
    "text",
    [
        "phí " * 1023,
        "phí \x00\x01\x02tạm\x1b[31m trú",
        "phí \u202eurt mạt\u202c",
        "phí مرحبا بالعالم",
        "phí " + unicodedata.normalize("NFD", "tạm trú ở ") + unicodedata.normalize("NFC", "phường"),
        "phí t" + "\u0323\u0302" * 300,
        "phí <b>tạm</b> & trú </i> &lt;",
        "phí {police} {0} %s %(x)s",
        "phí [tạm trú](http://x.vn) `trú`",
        "phí\n\n\n\ttạm\r\ntrú",
    ],
    ids=[
        "4096",
        "control",
        "bidi",
        "arabic",
        "mixed",
        "marks",
        "html",
        "placeholders",
        "markdown",
        "lines",
    ],
)
async def test_odd_text_is_read_all_the_same(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, text: str
) -> None:
    await lan.says(text)

    answer = await lan.reads()

    assert answer.buttons
    (record,) = await notebook.of(1)
    assert (record.ending, record.entry) == (Ending.ANSWERED, "dang-ky-tam-tru.le-phi")
    assert telegram.breaches == []


async def test_citizens_own_brackets_are_words_too(lan: Citizen, recogniser: Scripted, notebook: Notebook) -> None:
    await lan.says("[phí tạm trú]")
    await lan.reads()

    assert recogniser.heard == ["[phí tạm trú]"]


@pytest.mark.parametrize(
    "send",
    [
        lambda c: c.sends_photo(caption="phí tạm trú"),
        lambda c: c.sends_voice(),
        lambda c: c.sends_sticker(),
        lambda c: c.sends_contact(),
        lambda c: c.sends_location(),
        lambda c: c.sends_document(),
        lambda c: c.sends({"dice": {"emoji": "🎲", "value": 3}}),
        lambda c: c.sends({"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                                    "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                                    "allows_revoting": False, "members_only": False}}),
    ],
    ids=["photo", "voice", "sticker", "contact", "location", "document", "dice", "poll"],
)  # fmt: skip
async def test_what_is_not_text_is_never_opened(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, send: Sending
) -> None:
    await send(lan)

    assert (await lan.reads()).text == TEXT_ONLY
    (record,) = await notebook.of(1)
    assert (record.kind, record.text, record.ending) == ("other", "", Ending.NOT_UNDERSTOOD)
    assert telegram.calls_of("getFile") == []
    await still_answers(lan)
    assert telegram.breaches == []


async def test_edited_question_is_answered_anew(lan: Citizen, telegram: TelegramServer, notebook: Notebook) -> None:
    written = await lan.says("phí tạm trú")
    first = await lan.reads()

    await lan.edits(written, "hồ sơ tạm trú")
    second = await lan.reads()

    assert first.text != second.text
    assert [record.entry for record in await notebook.of(2)] == ["dang-ky-tam-tru.le-phi", "dang-ky-tam-tru.ho-so"]
    assert telegram.breaches == []


async def test_edit_that_changes_no_word_is_not_answered(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook
) -> None:
    written = await lan.says("phí tạm trú")
    await lan.reads()

    await lan.edits(written, "phí tạm trú")
    await lan.edits(written, "phí tạm trú")

    await lan.reads_nothing()
    assert len(notebook.records) == 1


async def test_moving_live_location_is_answered_once(lan: Citizen, telegram: TelegramServer) -> None:
    shared = await lan.sends_location()
    assert (await lan.reads()).text == TEXT_ONLY

    for step in range(3):
        moved = {**shared.message, "edit_date": shared.message["date"] + step}
        telegram.push({"edited_message": moved})
    await lan.reads_nothing(0.3)

    await still_answers(lan)


@pytest.mark.parametrize(
    "data",
    ["e:da-xoa.roi", "d:1:da-xoa.roi", "d:x", "d", "e", "t:khong-co", "t:ngoai-pham-vi", ":::", "zzz", "e:" + "x" * 62, "🐟"],
)  # fmt: skip
async def test_button_that_leads_nowhere_leads_to_the_menu(lan: Citizen, telegram: TelegramServer, data: str) -> None:
    await lan.says("/menu")
    await lan.reads()

    await lan.taps_raw(data)

    changed = await lan.reads()
    assert changed.text == GONE
    assert len(changed.buttons) > 5
    await still_answers(lan)
    assert telegram.breaches == []


@pytest.mark.parametrize("page", ["0", "99", "-1", "²", "٣", ""])
async def test_page_that_does_not_exist_becomes_one_that_does(
    lan: Citizen, telegram: TelegramServer, page: str
) -> None:
    await lan.says("phí tạm trú")
    await lan.reads()

    await lan.taps_raw(f"d:{page}:dang-ky-tam-tru.ho-so")

    assert (await lan.reads()).text
    assert telegram.breaches == []


async def test_button_pressed_twice_without_effect_is_no_error(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook
) -> None:
    await lan.says("/menu")
    await lan.reads()

    await lan.taps_raw("m")
    await lan.taps_raw("m")

    await lan.reads_nothing()
    assert [record.ending for record in await notebook.of(3)] == [Ending.MENU] * 3
    await still_answers(lan)


@pytest.mark.parametrize("data", ["m", "e:dang-ky-tam-tru.le-phi", "d:1:dang-ky-tam-tru.le-phi"])
async def test_button_of_a_message_too_old_to_change_answers_below(
    lan: Citizen, telegram: TelegramServer, notebook: Notebook, data: str
) -> None:
    await lan.starts()
    welcome = await lan.reads()
    old = {"chat": welcome.message["chat"], "message_id": welcome.message_id, "date": 0}
    telegram.fail_next("editMessageText", 400, description="Bad Request: message to edit not found")

    telegram.push({"callback_query": {"id": "1", "from": lan.user, "message": old, "chat_instance": "1", "data": data}})

    below = await lan.reads()
    assert not below.edited
    assert below.message_id > welcome.message_id
    assert len(await notebook.of(2)) == 2


async def test_button_whose_query_has_grown_old_still_answers(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.starts()
    await lan.reads()
    telegram.fail_next("answerCallbackQuery", 400, description="Bad Request: query is too old")

    with pytest.raises(AssertionError, match="Waited in vain"):
        await lan.taps_raw("e:dang-ky-tam-tru.le-phi", timeout=0.5)

    assert "ệ phí" in (await lan.reads()).text


@pytest.mark.parametrize(
    "command", ["/khong_co", "/START", "/help@loopback_bot", "/menu lung tung", "/a" + "b" * 40, "/start@another_bot"]
)
async def test_commands_known_and_unknown_get_a_reply(lan: Citizen, telegram: TelegramServer, command: str) -> None:
    await lan.says(command)

    assert (await lan.reads()).buttons
    assert telegram.breaches == []


async def test_unknown_command_is_named_so(lan: Citizen) -> None:
    await lan.says("/khong_co 040099012345")

    assert (await lan.reads()).text == UNKNOWN_COMMAND


@pytest.mark.parametrize(
    "payload",
    [
        "to-roi_01",
        "x" * 64,
        "x" * 65,
        "a b",
        "mã-có-dấu",
        "<script>",
        "' OR 1=1 --",
        "040099012345",
        "0912345678",
        "tran-thi-b",
        "\x00",
    ],
)
async def test_start_code_that_is_no_campaign_is_kept_nowhere(
    lan: Citizen, notebook: Notebook, telegram: TelegramServer, payload: str
) -> None:
    await lan.starts(payload)
    welcome = await lan.reads()
    await lan.says("phí tạm trú")
    await lan.reads()

    assert welcome.text.startswith("Xin chào")
    records = await notebook.of(2)
    assert [record.campaign for record in records] == [None, None]
    assert telegram.breaches == []


async def test_updates_without_sender_or_content_harm_nobody(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.starts()
    await lan.reads()
    nobody = {"message_id": 900, "date": 1, "chat": {"id": lan.chat_id, "type": "private", "first_name": "Lan"}}

    telegram.push({"message": {**nobody, "text": "phí"}})
    telegram.push({"message": {**nobody, "from": lan.user, "pinned_message": {**nobody, "date": 0}}})
    telegram.push({"callback_query": {"id": "2", "from": lan.user, "chat_instance": "1", "data": "m"}})
    telegram.push({"callback_query": {"id": "3", "from": lan.user, "chat_instance": "1", "game_short_name": "x"}})
    telegram.push({})

    await still_answers(lan)


async def test_update_nobody_can_read_does_not_hold_up_the_others(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.starts()
    await lan.reads()

    telegram.push({"message": {"message_id": "x", "date": "y", "chat": {"id": lan.chat_id}, "text": "phí"}})
    telegram.push({"callback_query": {"id": 5}})

    await still_answers(lan)


async def test_language_of_buttons_can_be_changed_and_back(lan: Citizen, telegram: TelegramServer) -> None:
    await lan.says("/ngon_ngu")
    await lan.reads()

    await lan.taps("English")
    english = await lan.reads()
    await lan.says("phí tạm trú")
    answer = await lan.reads()

    assert english.text == wording("en")("What would you like to know about?")
    assert "temporary residence" in answer.text
    await lan.taps_raw("l:vi")
    assert (await lan.reads()).text == MENU
    assert telegram.breaches == []
