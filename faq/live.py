"""What is live now, held in memory and renewed as soon as another release is: texts go live with the next message."""

import asyncio
import datetime as dt
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import ValidationError
from rapidfuzz import fuzz, process
from sqlalchemy import select

from faq.basis import lost
from faq.database import Sessions
from faq.editing import live_release, pieces_of
from faq.entries import EMERGENCY, Aspect, Entry, Faq, Topic
from faq.folding import fold
from faq.models import Release, ReleaseState
from faq.naming import TopicNames
from faq.sheets import assemble

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds that a message waits for the database to say what is live."""

PAUSE_AFTER_FAILURE = 5.0
"""Seconds without asking a database that just failed: citizens must not wait for it with each message."""


@dataclass(frozen=True)
class Live:
    """A FAQ prepared for answering: by key, by topic, and searchable word by word."""

    faq: Faq
    release: str | None = None
    written: Faq | None = field(default=None, repr=False, compare=False)
    """The same with its dated texts, where `faq` is what they read on a day."""
    entries: dict[str, Entry] = field(init=False, repr=False)
    _lost: "tuple[dt.date, frozenset[str]] | None" = field(init=False, repr=False, compare=False, default=None)
    _today: "tuple[dt.date, Live] | None" = field(init=False, repr=False, compare=False, default=None)

    def on(self, day: dt.date) -> "Live":
        """Return what is live as it reads on `day`; made once a day."""
        if self._today is None or self._today[0] != day:
            object.__setattr__(self, "_today", (day, Live(self.faq.on(day), self.release, self.faq)))
        assert self._today is not None
        return self._today[1]

    def lost_basis(self, day: dt.date) -> frozenset[str]:
        """Return the entries and visits that rest on what no longer holds (see `faq.basis.lost`); found once a day."""
        if self._lost is None or self._lost[0] != day:
            object.__setattr__(self, "_lost", (day, lost(self.written or self.faq, day)))
        assert self._lost is not None
        return self._lost[1]

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", {entry.key: entry for entry in self.faq.entries})

    @cached_property
    def owners(self) -> dict[str, str]:
        """Intent of each example, by its folded text; of groups out of scope as well."""
        asked = {fold(text): group.intent for group in self.faq.outside for text in group.examples}
        return asked | {fold(text): entry.key for entry in self.faq.entries for text in entry.examples}

    @cached_property
    def _moved(self) -> dict[str, Entry]:
        return {key: entry for entry in self.faq.entries for key in entry.formerly}

    def entry(self, key: str) -> Entry | None:
        """Return the entry of a key, also of one that it had before."""
        return self.entries.get(key) or self._moved.get(key)

    @cached_property
    def topics(self) -> dict[str, Topic]:
        """Topics by id, in the order of the taxonomy."""
        return {topic.id: topic for topic in self.faq.taxonomy.topics}

    @cached_property
    def aspects(self) -> dict[str, Aspect]:
        """Aspects by id."""
        return {aspect.id: aspect for aspect in self.faq.taxonomy.aspects}

    @cached_property
    def by_topic(self) -> dict[str, tuple[Entry, ...]]:
        """Entries of each topic, in the order of its aspects."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.faq.entries:
            found[entry.topic].append(entry)
        return {topic: tuple(entries) for topic, entries in found.items()}

    @cached_property
    def names(self) -> TopicNames:
        """What people call the topics."""
        return TopicNames.of(self.faq.taxonomy)

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
            if not entry.is_small_talk or entry.key == EMERGENCY
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
        self._renewing = asyncio.Lock()

    async def now(self) -> Live:
        """Return what is live; what was live last if the database does not answer in time."""
        if self._clock() < self._ask_again_at:
            return self._live
        try:
            async with asyncio.timeout(PATIENCE):
                name = await self._live_name()
                if name is not None and name != self._live.release:
                    await self._renew()
        except (ValidationError, KeyError) as error:
            self._go_on("the live release cannot be read by this version", error)
        except Exception as error:  # noqa: BLE001 - a driver's own errors too; citizens are answered all the same
            self._go_on("database does not answer", error)
        return self._live

    async def _live_name(self) -> str | None:
        async with self._sessions() as session:
            return await session.scalar(select(Release.name).where(Release.state == ReleaseState.LIVE))

    async def _renew(self) -> None:
        async with self._renewing:  # one reads; whoever waited finds it done
            async with self._sessions() as session:
                release = await live_release(session)
                if release is None or release.name == self._live.release:
                    return
                found = await pieces_of(release)
            self._live = await asyncio.to_thread(lambda: Live(assemble(found), release.name))

    def _go_on(self, why: str, error: Exception) -> None:
        self._ask_again_at = self._clock() + PAUSE_AFTER_FAILURE
        log.warning("%s (%s); going on with release %s", why, type(error).__name__, self._live.release)
