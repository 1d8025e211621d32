"""The terminal talks through the same dialogue; scripts feed it lines and read JSON."""

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from bot.terminal import BadLineError, answer_lines, chat
from dialogue.conversation import Dialogue
from faq.database import Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from nlu.rasa_client import NluUnavailableError
from stats.endings import Ending
from tests.bot.running import Notebook, Scripted

FIELDS = {"id", "ending", "entry", "topic", "aspect", "offered", "confidence", "text"}


@pytest.fixture
def faq(database: Sessions, shipped: Faq) -> LiveFaq:
    return LiveFaq(database, shipped)


async def answers(dialogue: Dialogue, faq: LiveFaq, *lines: object) -> list[dict[str, Any]]:
    source = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    target = io.StringIO()
    await answer_lines(dialogue, faq, source, target)
    return [json.loads(line) for line in target.getvalue().splitlines()]


async def talk(dialogue: Dialogue, *lines: str) -> str:
    screen = io.StringIO()
    await chat(dialogue, [f"{line}\n" for line in lines], Console(file=screen, width=1000))
    return screen.getvalue()


async def test_each_line_gets_what_its_last_turn_got(dialogue: Dialogue, faq: LiveFaq, notebook: Notebook) -> None:
    first, second = await answers(
        dialogue, faq, {"id": 7, "turns": ["chào", "phí tạm trú"]}, {"id": ["x"], "turns": ["chào"]}
    )

    assert first.keys() == second.keys() == FIELDS
    text = first.pop("text")
    assert first == {
        "id": 7,
        "ending": "answered",
        "entry": "dang-ky-tam-tru.le-phi",
        "topic": "dang-ky-tam-tru",
        "aspect": "le-phi",
        "offered": [],
        "confidence": 0.95,
    }
    assert "<b>" not in text
    assert (second["id"], second["ending"], second["topic"]) == (["x"], "small_talk", "chitchat")
    assert notebook.records == []


async def test_choices_come_with_topic_and_aspect(dialogue: Dialogue, faq: LiveFaq, recogniser: Scripted) -> None:
    recogniser.broken = NluUnavailableError()

    (away,) = await answers(dialogue, faq, {"id": 1, "turns": ["đăng ký tạm trú cần giấy tờ gì"]})

    assert (away["ending"], away["entry"], away["confidence"]) == ("unavailable", None, None)
    assert len(away["offered"]) == 3
    for choice in away["offered"]:
        topic, _, _ = choice["entry"].partition(".")
        assert choice == {"entry": choice["entry"], "topic": topic, "aspect": choice["aspect"]}


async def test_conversations_of_different_lines_know_nothing_of_each_other(
    dialogue: Dialogue, faq: LiveFaq, shipped: Faq
) -> None:
    lines = [{"id": n, "turns": ["phí tạm trú", "/menu", "khác"]} for n in range(3)]

    results = await answers(dialogue, faq, *lines)

    assert len({json.dumps({**result, "id": 0}) for result in results}) == 1


async def test_empty_lines_are_nothing(dialogue: Dialogue, faq: LiveFaq) -> None:
    assert await answers(dialogue, faq, "", "  \n", "\t") == []


async def test_turn_without_words_has_an_ending_too(dialogue: Dialogue, faq: LiveFaq) -> None:
    empty, hidden = await answers(dialogue, faq, {"id": 1, "turns": [""]}, {"id": 2, "turns": ["040099012345"]})

    assert (empty["ending"], hidden["ending"]) == ("not_understood", "personal_data")
    assert "040099012345" not in hidden["text"]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "7", "null", '"x"', "{}", '{"id": 1}', '{"id": 1, "turns": []}', '{"id": 1, "turns": "x"}', '{"turns": ["x"]}',
     '{"id": 1, "turns": [1]}', '{"id": 1, "turns": [null]}', "\ufffd", "[" * 100_000],
)  # fmt: skip
async def test_bad_line_is_named_by_its_number(dialogue: Dialogue, faq: LiveFaq, line: str) -> None:
    with pytest.raises(BadLineError, match=r"^dòng 2: "):
        await answers(dialogue, faq, {"id": 1, "turns": ["chào"]}, line)


async def test_person_at_the_terminal_is_answered_and_recorded(dialogue: Dialogue, notebook: Notebook) -> None:
    screen = await talk(dialogue, "phí tạm trú", "", "👍")

    assert screen.startswith("\nXin chào!")
    assert "→ 🌐" in screen
    assert screen.count("Tôi không thấy chữ nào") == 2
    assert [record.ending for record in notebook.records] == [Ending.ANSWERED, *[Ending.NOT_UNDERSTOOD] * 2]
    assert {record.channel for record in notebook.records} == {"test"}


@pytest.mark.parametrize("number", ["99", "0", "9" * 5000])
async def test_number_of_no_button_is_told_and_the_buttons_stay(
    dialogue: Dialogue, notebook: Notebook, number: str
) -> None:
    screen = await talk(dialogue, number, "1")

    buttons = len(re.findall(r"^  \[\d+\] ", screen.partition("Không có nút")[0], re.MULTILINE))
    assert f"Không có nút số {number[:9]}; có từ 1 đến {buttons}." in screen
    assert [record.kind for record in notebook.records] == ["button"]


async def test_number_presses_the_button(dialogue: Dialogue, notebook: Notebook, shipped: Faq) -> None:
    topic = shipped.taxonomy.topics[0]
    shown = re.search(rf"\[(\d+)\] .*{topic.title}", await talk(dialogue, "/menu"))
    assert shown

    screen = await talk(dialogue, "/menu", shown[1])

    assert f"\n{topic.title}\n" in screen
    assert (notebook.records[-1].kind, notebook.records[-1].topic) == ("button", topic.id)


async def test_square_brackets_in_answers_are_no_markup_of_the_terminal(dialogue: Dialogue, notebook: Notebook) -> None:
    assert "[1] " in await talk(dialogue, "[bold]phí[/bold]")
