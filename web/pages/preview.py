"""What citizens would see of an entry that is not live yet."""

import datetime as dt
from dataclasses import dataclass

from dialogue.composing import Composer
from dialogue.replies import Reply
from dialogue.wording import DEFAULT, wording
from faq.entries import Entry
from faq.live import Live


@dataclass(frozen=True, slots=True)
class Preview:
    """An entry on a phone: its first screen, all of it, and the first screen in English if it is written."""

    first: Reply
    details: Reply | None
    english: Reply | None


def preview(live: Live, entry: Entry, today: dt.date) -> Preview:
    """Return what is seen of `entry` on a day, beside what is live."""
    beside, read = with_entry(live, entry, today)
    say, english = Composer(beside, wording(DEFAULT), today), Composer(beside, wording("en"), today)
    if read.is_small_talk:
        return Preview(say.small_talk(read), None, english.small_talk(read) if read.english else None)
    first, details = say.answer(read), say.details(read, 1)
    rest = details if details.html != first.html else None
    return Preview(first, rest, english.answer(read) if read.english else None)


def with_entry(live: Live, entry: Entry, today: dt.date) -> tuple[Live, Entry]:
    """Return what would be live with `entry` in it, and the entry, both as they read on a day."""
    alone = live.faq.model_copy(update={"entries": (entry,), "visits": ()}).on(today)
    read, now = alone.entries[0], live.on(today).faq
    rest = tuple(other for other in now.entries if other.key != entry.key)
    return Live(now.model_copy(update={"entries": (*rest, read)})), read
