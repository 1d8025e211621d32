"""What can be searched for, and passed on in another chat: nothing personal, with its source, at most ten."""

import pytest

from dialogue.replies import Press
from nlu.rasa_client import NluUnavailableError
from tests.dialogue.room import Room, buttons


async def test_answers_are_found_and_say_where_they_come_from(here: Room) -> None:
    found = await here.dialogue.inline("phí tạm trú")

    assert 1 <= len(found) <= 10
    assert found[0].id == "dang-ky-tam-tru.le-phi"
    assert "máy hướng dẫn của Công an phường Cửa Lò" in found[0].reply.text
    assert all(b.url for item in found for b in buttons(item.reply))
    assert max(len(item.id.encode()) for item in found) <= 64


async def test_button_to_pass_on_finds_the_very_answer_first(here: Room) -> None:
    answer = await here.says("mất thẻ rồi")
    share = next(b.share for b in buttons(answer.reply) if b.share)

    (found, *_) = await here.dialogue.inline(share)

    assert answer.asked is not None
    assert found.id == answer.asked.entry


async def test_nothing_typed_offers_warnings_of_scams(here: Room) -> None:
    found = await here.dialogue.inline("")

    assert len(found) == 10
    assert {item.id.partition(".")[0] for item in found} == {"canh-bao-lua-dao"}


async def test_personal_data_never_reaches_understanding(here: Room) -> None:
    await here.dialogue.inline("phí của 040099012345")

    assert here.recogniser.heard == ["phí của [số định danh]"]


async def test_search_lists_answers_and_says_how_when_nothing_is_given(here: Room) -> None:
    listed, how = await here.says("/tim phí tạm trú"), await here.says("/tim")

    assert buttons(listed.reply)[0].press == f"{Press.ENTRY}:dang-ky-tam-tru.le-phi"
    assert how.reply.text.startswith("Xin gõ /tim")


async def test_search_goes_on_by_words_alone(here: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    here.recogniser.broken = NluUnavailableError("away")

    listed = await here.says("/tim gia hạn tạm trú")

    assert any((b.press or "").startswith("e:dang-ky-tam-tru") for b in buttons(listed.reply))
