"""Many citizens who ask on time, whatever becomes of their questions (an open loop: a slow bot gets no rest)."""

import asyncio
import itertools
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from stats.masking import mask
from tests.telegram.server import TelegramServer
from tests.telegram.world import Post

EACH = 15
"""Questions of a citizen before somebody else takes their seat: at 20 in a minute the bot asks them to wait."""
TAILS = ("", "ở Nghi Thu", "cho mẹ tôi", "cho ông nội", "ở Nghi Hải", "cho cháu", "nhà bên", "tuần này", "hôm nay")
"""Behind a question they make another sentence of it: the NLU server remembers the vectors of those it has seen."""


@dataclass
class Question:
    """What somebody asked, when, and when something came back."""

    text: str
    asked: float
    answered: list[float] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        """From the update to the first reply."""
        return (self.answered[0] - self.asked) * 1000


class Asker:
    """A citizen who asks; the n-th reply in a private chat belongs to the n-th question."""

    def __init__(self, telegram: TelegramServer, name: str) -> None:
        self.questions: list[Question] = []
        self._citizen = telegram.citizen(name, language="vi")
        self.heard: list[str] = []
        self.chat = telegram.world.chats[self._citizen.id]
        self.chat.watchers[:] = [self._notice]  # nobody reads what the citizen would keep as unread

    async def asks(self, text: str) -> Question:
        """Send a question."""
        question = Question(text, time.perf_counter())
        self.questions.append(question)
        await self._citizen.says(text)
        return question

    def _notice(self, post: Post, edited: bool) -> None:
        if edited or not self.questions:
            return
        question = self.questions[min(len(self.heard), len(self.questions) - 1)]
        self.heard.append(post.html)
        question.answered.append(time.perf_counter())


class Crowd:
    """Citizens on so many seats; each leaves after `each` questions."""

    def __init__(self, telegram: TelegramServer, texts: Iterable[str], *, seats: int, each: int = EACH) -> None:
        self._telegram = telegram
        self._texts = iter(texts)
        self._each = each
        self.askers: list[Asker] = []
        self._seats = deque(self._newcomer() for _ in range(seats))

    async def asks(self, rate: float, seconds: float) -> list[Question]:
        """Ask `rate` questions a second in all for so long; return them."""
        return [question async for question in self._on_time(rate, round(rate * seconds))]

    async def asks_until(self, rate: float, over: "asyncio.Task[None]") -> list[Question]:
        """Ask until something is over."""
        asked = []
        async for question in self._on_time(rate):
            asked.append(question)
            if over.done():
                break
        await over
        return asked

    async def _on_time(self, rate: float, number: int | None = None) -> AsyncIterator[Question]:
        started = time.perf_counter()
        for asked in itertools.count() if number is None else range(number):
            await asyncio.sleep(started + asked / rate - time.perf_counter())
            yield await self._next()

    async def _next(self) -> Question:
        asker = self._seats.popleft()
        if len(asker.questions) == self._each:
            asker = self._newcomer()
        self._seats.append(asker)
        return await asker.asks(next(self._texts))

    def _newcomer(self) -> Asker:
        asker = Asker(self._telegram, f"Người {len(self.askers) + 1}")
        self.askers.append(asker)
        return asker


async def settled(questions: Sequence[Question], patience: float) -> None:
    """Wait until all are answered, or for so long."""
    last = time.monotonic() + patience
    while time.monotonic() < last and not all(question.answered for question in questions):
        await asyncio.sleep(0.05)


def unanswered(questions: Sequence[Question]) -> int:
    """Count those that nothing came back to."""
    return sum(not question.answered for question in questions)


def percentiles(questions: Sequence[Question]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds; what is unanswered took for ever."""
    taken = sorted(q.milliseconds if q.answered else float("inf") for q in questions)
    return statistics.median(taken), taken[min(len(taken) - 1, int(len(taken) * 0.95))]


def endless(texts: Sequence[str]) -> Iterator[str]:
    """Yield questions that are each a sentence of its own for a long time."""
    for tail in itertools.cycle(TAILS):
        yield from (f"{text} {tail}".strip() for text in texts)


def countable(texts: Iterable[str]) -> list[str]:
    """Return the texts that are written down as they are, each once: their rows can be counted."""
    return [text for text in dict.fromkeys(texts) if not mask(text).kinds and mask(text).text == text]
