"""One message while it is dealt with: who speaks, what is live, what was said before, and how it ends."""

import datetime as dt
import time
from dataclasses import dataclass, field, replace

from dialogue.brief import BriefComposer
from dialogue.chats import Chat, Mode
from dialogue.composing import Composer
from dialogue.easy import EasyComposer
from dialogue.memory import Memory
from dialogue.replies import Enclosed, Reply
from dialogue.wording import DEFAULT, Wording, wording
from faq.entries import Entry
from faq.live import Live
from faq.notices import NOTHING, Announced
from stats.endings import Ending
from stats.questions import Channel

COMPOSERS: dict[Mode, type[Composer]] = {Mode.PLAIN: Composer, Mode.EASY: EasyComposer, Mode.HELPER: BriefComposer}
MOST_OPENED = 30


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who talks, and through which door."""

    channel: Channel
    person: str
    conversation: str

    @property
    def key(self) -> str:
        """Name of the conversation among those of all doors."""
        return f"{self.channel}:{self.conversation}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a message ended, before it is written down; what is not `counted` is no question."""

    reply: Reply
    ending: Ending = Ending.MENU
    entry: Entry | None = None
    topic: str | None = None
    focus: str | None = None
    """Aspect that was asked for, where it is but a part of the entry."""
    offered: tuple[str, ...] = ()
    confidence: float | None = None
    counted: bool = True
    anonymous: bool = False
    """Whether it is counted without a pseudonym."""
    anew: bool = False
    toast: str | None = None
    enclosed: tuple[Enclosed, ...] = ()
    offered_commands: tuple[str, ...] | None = None

    @property
    def aspect(self) -> str | None:
        """The aspect that was answered."""
        return self.focus or (self.entry.aspect if self.entry else None)


@dataclass(slots=True)
class Hearing:
    """Everything needed while one message is dealt with."""

    speaker: Speaker
    at: dt.datetime
    """When it came; the quarter of `asker` is that of this moment."""
    person: str
    """Pseudonym of the speaker that does not change: for what they chose."""
    asker: str
    """Pseudonym of the speaker in this quarter: for what they ask, and say of answers."""
    live: Live
    memory: Memory
    chat: Chat
    today: dt.date
    announced: Announced = NOTHING
    started: float = field(default_factory=time.perf_counter)

    @property
    def language(self) -> str:
        """Language of buttons and notices."""
        return self.chat.language or DEFAULT

    @property
    def words(self) -> Wording:
        """Words of that language."""
        return wording(self.language)

    @property
    def say(self) -> Composer:
        """Who writes the replies, in the way of answering that was chosen."""
        return COMPOSERS[self.chat.mode](self.live, self.words, self.today)

    def opened(self, entry: Entry) -> None:
        """Remember an entry for the card that a volunteer hands over."""
        if self.chat.mode is Mode.HELPER:
            kept = dict.fromkeys((*(key for key in self.memory.opened if key != entry.key), entry.key))
            self.memory = replace(self.memory, opened=tuple(kept)[-MOST_OPENED:])
