"""Asks Telegram for updates, and lets it forget only those that are handled: a process that dies loses none."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.patience import growing, seconds_of

log = logging.getLogger(__name__)

LONG_POLL = 25
"""Seconds that Telegram may wait for something new while nothing is in hand."""
PAUSE, LONGEST_PAUSE = 0.1, 0.5
"""Seconds between two questions while something is in hand: then Telegram answers at once, with what is known."""
AT_ONCE = 100
"""Updates that Telegram gives at once, beginning with the first that is not handled."""
HELD_SECONDS = 5.0
FEW = 25
"""So long a few updates may keep the hundredth behind them from being seen; then they are in this process's hands only.
While many are in hand, there is no hurry to see more."""
CONFLICT = "another process asks for this bot's updates, or a webhook is set (409); trying again in %s s"
UNAUTHORIZED = "Telegram does not know this TELEGRAM_BOT_TOKEN any more (401); trying again in %s s"


@dataclass(frozen=True, slots=True)
class _InHand:
    task: asyncio.Task[None]
    since: float


class Poller:
    """Keeps asking for updates and passes each on once."""

    def __init__(
        self, bot: Bot, take: Callable[[Update], Awaitable[bool]], *, allowed_updates: tuple[str, ...]
    ) -> None:
        self._bot = bot
        self._take = take
        self._allowed_updates = allowed_updates
        self._seen: set[int] = set()
        self._last = -1
        self._in_hand: dict[int, _InHand] = {}
        self._left_behind: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Ask until cancelled."""
        pauses, after_failure = growing(PAUSE, LONGEST_PAUSE), growing()
        while True:
            try:
                news = await self._ask()
            except TelegramError as error:
                await asyncio.sleep(_wait_after(error, after_failure))
                continue
            except Exception as error:  # noqa: BLE001 - whatever the library stumbles over; the next answer may be better
                log.error("updates could not be read (%s)", type(error).__name__)  # noqa: TRY400 - its text may quote
                await asyncio.sleep(next(after_failure))
                continue
            after_failure = growing()
            if news:
                pauses = growing(PAUSE, LONGEST_PAUSE)
            if self._in_hand:
                await asyncio.wait([held.task for held in self._in_hand.values()], timeout=next(pauses))

    def stop(self) -> None:
        """Try nothing again from now on."""
        self._stopping.set()

    async def acknowledge(self) -> None:
        """Tell Telegram once more what is handled, so that it does not come to the next process."""
        with contextlib.suppress(TelegramError):
            await self._bot.get_updates(self._offset, limit=1, timeout=0, allowed_updates=self._allowed_updates)

    @property
    def _offset(self) -> int:
        return min(self._in_hand, default=self._last + 1)

    async def _ask(self) -> bool:
        """Fetch what is there and take in hand what is new; return whether anything is."""
        updates = await self._bot.get_updates(
            self._offset,
            timeout=0 if self._in_hand else LONG_POLL,
            limit=AT_ONCE,
            allowed_updates=self._allowed_updates,
        )
        new = [update for update in updates if update.update_id not in self._seen]
        for update in new:
            self._take_in_hand(update)
        if len(updates) >= AT_ONCE and not new and len(self._in_hand) <= FEW:
            self._leave_behind()
        self._seen = {number for number in self._seen if number >= self._offset}
        return bool(new)

    def _take_in_hand(self, update: Update) -> None:
        number = update.update_id
        self._seen.add(number)
        self._last = max(self._last, number)
        self._in_hand[number] = _InHand(asyncio.create_task(self._until_taken(update)), time.monotonic())

    async def _until_taken(self, update: Update) -> None:
        for pause in growing():
            if await self._take(update):
                self._in_hand.pop(update.update_id, None)
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            if self._stopping.is_set():
                return

    def _leave_behind(self) -> None:
        """Let go of those that keep Telegram from showing more than it has shown: others must not wait for them."""
        held = [number for number, held in self._in_hand.items() if time.monotonic() - held.since > HELD_SECONDS]
        for number in held:
            task = self._in_hand.pop(number).task
            self._left_behind.add(task)
            task.add_done_callback(self._left_behind.discard)
        if held:
            log.warning("%s updates take long; those behind them no longer wait for them", len(held))


def _wait_after(error: TelegramError, pauses: Iterator[float]) -> float:
    """Say what went wrong, and return how long to wait."""
    if isinstance(error, RetryAfter):
        return seconds_of(error)
    wait = next(pauses)
    if isinstance(error, Conflict):
        log.error(CONFLICT, wait)
    elif isinstance(error, InvalidToken):
        log.error(UNAUTHORIZED, wait)
    else:
        log.warning("Telegram cannot be asked (%s), trying again in %s s", type(error).__name__, wait)
    return wait
