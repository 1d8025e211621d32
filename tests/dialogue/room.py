"""A dialogue with a database of its own and a clock that stands still, for tests of what citizens can do."""

import datetime as dt

from dialogue.commands import COMMANDS
from dialogue.conversation import Dialogue, Speaker
from dialogue.kept import Kept
from dialogue.memory import Memories
from dialogue.replies import Button, Reply, Turn
from faq.database import VIETNAM, Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from faq.notices import Notices
from stats.pseudonyms import Pseudonyms
from stats.recording import Recorder
from tests.bot.running import Scripted
from tests.dialogue.test_memory import Clock

LAN, HOA = Speaker("telegram", "1", "1"), Speaker("telegram", "2", "2")


class Room:
    """Talk with it as a citizen would, and look at what it keeps."""

    def __init__(self, database: Sessions, faq: Faq, recorder: Recorder, recogniser: Scripted) -> None:
        self.database = database
        self.now = dt.datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)
        self.timer = Clock()
        self.recogniser = recogniser
        self.notices = Notices(database, clock=lambda: self.now, timer=self.timer)
        self.dialogue = Dialogue(
            LiveFaq(database, faq),
            recogniser,
            Pseudonyms("x"),
            recorder.record,
            kept=Kept(database, settle=recorder.replay, clock=lambda: self.now, timer=self.timer),
            notices=self.notices,
            memories=Memories(self.timer),
            clock=lambda: self.now,
        )

    async def says(self, text: str, who: Speaker = LAN) -> Turn:
        """Type a message or a command."""
        name, _, argument = text.removeprefix("/").partition(" ")
        if text.startswith("/") and name in COMMANDS:
            return await self._noted(await COMMANDS[name].run(self.dialogue, who, argument))
        return await self._noted(await self.dialogue.answer(who, text))

    async def presses(self, turn: Turn, label: str, who: Speaker = LAN) -> Turn:
        """Press the button whose label begins so."""
        button = next(b for b in buttons(turn.reply) if b.label.startswith(label))
        assert button.press is not None
        return await self.carries(button.press, who)

    async def carries(self, press: str, who: Speaker = LAN) -> Turn:
        """Press a button of which only this is known."""
        return await self._noted(await self.dialogue.press(who, press))

    async def _noted(self, turn: Turn) -> Turn:
        await self.dialogue.record(turn)
        return turn


def buttons(reply: Reply) -> list[Button]:
    return [button for row in reply.buttons for button in row]


def labels(reply: Reply) -> list[str]:
    return [button.label for button in buttons(reply)]
