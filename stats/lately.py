"""What citizens asked lately, for rehearsing a publication: masked, each sentence once, nothing that was tried out."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select

from faq.database import Sessions
from stats.masking import without_marks
from stats.questions import TEST_CHANNEL, Question


class Lately:
    """Reads it from the questions."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def sentences(self, since: dt.datetime, most: int) -> Sequence[str]:
        """Return different sentences without the marks of what was hidden, the latest first."""
        typed = select(Question.text).where(*_real(since), Question.kind == "text", Question.text != "")
        latest = typed.group_by(Question.text).order_by(func.max(Question.asked_at).desc()).limit(most)
        async with self._sessions() as session:
            found = [without_marks(text) for text in await session.scalars(latest)]
        return [text for text in dict.fromkeys(found) if any(c.isalpha() for c in text)]

    async def answered(self, since: dt.datetime, keys: Collection[str]) -> int:
        """Count the questions that were answered with one of some entries."""
        query = select(func.count()).select_from(Question).where(*_real(since), Question.entry.in_(keys))
        async with self._sessions() as session:
            return await session.scalar(query) or 0


def _real(since: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Question.asked_at >= since, Question.channel != TEST_CHANNEL
