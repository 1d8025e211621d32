"""What is live now, held in memory and renewed as soon as another release is: texts go live with the next message."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process

from faq.database import Sessions
from faq.editing import live_faq, live_release
from faq.entries import Entry, Faq, Topic
from faq.folding import fold

log = logging.getLogger(__name__)

PAUSE_AFTER_FAILURE = 5.0
"""Seconds without asking a database that just failed: citizens must not wait for it with each message."""


@dataclass(frozen=True)
class Live:
    """A FAQ prepared for answering: by key, by topic, and searchable word by word."""

    faq: Faq
    release: str | None = None
    entries: dict[str, Entry] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", {entry.key: entry for entry in self.faq.entries})

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """Topics by id, in the order of the taxonomy."""
        return {topic.id: topic for topic in self.faq.taxonomy.topics}

    @cached_property
    def by_topic(self) -> dict[str, tuple[Entry, ...]]:
        """Entries of each topic, in the order of its aspects."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.faq.entries:
            found[entry.topic].append(entry)
        return {topic: tuple(entries) for topic, entries in found.items()}

    def aspect_of(self, key: str) -> str | None:
        """Return the aspect of an entry."""
        entry = self.entries.get(key)
        return entry.aspect if entry else None

    def general(self, topic: str, aspect: str) -> Entry | None:
        """Return the entry that answers an aspect of a topic in general."""
        entries = [entry for entry in self.by_topic.get(topic, ()) if entry.aspect == aspect]
        exact = (entry for entry in entries if entry.key == f"{topic}.{aspect}")
        return next(exact, entries[0] if entries else None)

    @cached_property
    def _sentences(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (entry.key, fold(text))
            for entry in self.faq.entries
            if not entry.is_small_talk
            for text in (entry.question, entry.title, *entry.examples)
        )

    def search(self, text: str, limit: int = 3, least: float = 55.0) -> tuple[Entry, ...]:
        """Find entries by words alone, best first: for when nothing understands sentences."""
        folded = fold(text)
        if not folded:
            return ()
        hits = process.extract(
            folded,
            [sentence for _, sentence in self._sentences],
            scorer=fuzz.token_set_ratio,
            limit=30,
            score_cutoff=least,
        )
        keys = dict.fromkeys(self._sentences[index][0] for _, _, index in hits)
        return tuple(self.entries[key] for key in list(keys)[:limit])


class LiveFaq:
    """Gives the FAQ that is live at this moment."""

    def __init__(self, sessions: Sessions, fallback: Faq, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._live = Live(fallback)
        self._clock = clock
        self._ask_again_at = 0.0

    async def now(self) -> Live:
        """Return what is live; what was live last if the database does not answer."""
        if self._clock() < self._ask_again_at:
            return self._live
        try:
            await self._renew()
        except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
            self._ask_again_at = self._clock() + PAUSE_AFTER_FAILURE
            log.warning(
                "database does not answer (%s); going on with release %s", type(error).__name__, self._live.release
            )
        return self._live

    async def _renew(self) -> None:
        async with self._sessions() as session:
            release = await live_release(session)
            if release is None or release.name == self._live.release:
                return
            faq = await live_faq(session)
        if faq is not None:
            self._live = Live(faq, release.name)
