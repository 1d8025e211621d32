"""A chat in the terminal, through the same dialogue as Telegram."""

import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TextIO

from rich.console import Console

from dialogue.commands import COMMANDS
from dialogue.conversation import Dialogue, Speaker
from dialogue.replies import Reply, Turn
from faq.live import LiveFaq

Ask = Callable[[str], Awaitable[Turn]]


class BadLineError(ValueError):
    """A line of input that is not what `--jsonl` reads."""


async def chat(dialogue: Dialogue, lines: Iterable[str], console: Console) -> None:
    """Talk until the input ends; a number presses the button of that number."""
    speaker = Speaker("test", "terminal", "terminal")  # staff try things here; citizens do not
    reply = (await dialogue.start(speaker)).reply
    show(reply, console)
    for line in lines:
        text = line.strip()
        presses = [button.press for row in reply.buttons for button in row if button.press]
        if text.isdecimal() and len(text) < 3 and 1 <= int(text) <= len(presses):  # noqa: PLR2004 - two digits
            turn = await dialogue.press(speaker, presses[int(text) - 1])
        elif text.isdecimal() and presses:
            console.print(f"Không có nút số {text[:9]}; có từ 1 đến {len(presses)}.", markup=False, highlight=False)
            continue
        elif text.startswith("/"):
            turn = await _obey(dialogue, speaker, text)
        else:
            turn = await dialogue.answer(speaker, line)
        reply = turn.reply
        show(reply, console)
        await dialogue.record(turn)


async def _obey(dialogue: Dialogue, speaker: Speaker, text: str) -> Turn:
    name, _, argument = text.removeprefix("/").partition(" ")
    command = COMMANDS.get(name)
    return await (command.run(dialogue, speaker, argument.strip()) if command else dialogue.unknown_command(speaker))


def show(reply: Reply, console: Console) -> None:
    """Print a reply with its buttons numbered."""
    console.print(f"\n{reply.text}\n", markup=False, highlight=False)
    number = 0
    for row in reply.buttons:
        for button in row:
            if button.url:
                console.print(f"   → {button.label}: {button.url}", markup=False, highlight=False)
            elif button.press:
                number += 1
                console.print(f"  [{number}] {button.label}", markup=False, highlight=False)


async def answer_lines(dialogue: Dialogue, faq: LiveFaq, source: Iterable[str], target: TextIO) -> None:
    """Answer conversations `{"id", "turns"}` line by line; print what the last turn of each got."""
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        name, turns = _conversation(line, number)
        speaker = Speaker("test", f"jsonl-{number}", f"jsonl-{number}")
        for turn in turns:
            last = await dialogue.answer(speaker, turn)
        print(json.dumps(await _result(name, last, faq), ensure_ascii=False), file=target, flush=True)


def _conversation(line: str, number: int) -> tuple[Any, list[str]]:
    try:
        data = json.loads(line)
        name, turns = data["id"], data["turns"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadLineError(f'dòng {number}: cần JSON dạng {{"id": …, "turns": ["…"]}}') from None
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise BadLineError(f"dòng {number}: turns phải là danh sách câu, không rỗng")
    return name, turns


async def _result(name: Any, turn: Turn, faq: LiveFaq) -> dict[str, Any]:
    asked, live = turn.asked, await faq.now()
    if asked is None:
        return {"id": name, "text": turn.reply.text}
    offered = [
        {"entry": key, "topic": live.entries[key].topic, "aspect": live.entries[key].aspect} for key in asked.offered
    ]
    return {
        "id": name,
        "ending": str(asked.ending),
        "entry": asked.entry,
        "topic": asked.topic,
        "aspect": asked.aspect,
        "offered": offered,
        "confidence": asked.confidence,
        "text": turn.reply.text,
    }


def typed_lines(console: Console) -> Iterable[str]:
    """Yield what is typed, with a prompt if a person sits there."""
    while True:
        if sys.stdin.isatty():
            console.print("\nBà con hỏi: ", end="")
        line = sys.stdin.readline()
        if not line:
            return
        yield line
