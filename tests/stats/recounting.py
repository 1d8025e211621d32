"""The slow way to every figure: straight from the records, in plain Python, for tests to hold the roll-ups against.

Written from the words of `stats.definitions` and of issue 6, not from the code that counts; it imports none of it.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from stats.feedback import Feedback
from stats.questions import Question
from stats.rolling import StaffPerson

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
ENDINGS = ("answered", "offered", "not_understood", "out_of_scope", "personal_data", "unavailable")
Values = dict[str, float | None]
"""The value of each metric, by its id in `METRICS`."""
Recount = dict[str, dict[str, Values]]
"""Each table, by name; its rows by key. `all` has one row, without a key."""
KEYS: Mapping[str, Callable[[Question], str | None]] = {
    "all": lambda _: "",
    "topic": lambda question: question.topic or "?",
    "entry": lambda question: question.entry or "?",
    "aspect": lambda question: question.aspect or "?",
    "hour": lambda question: f"{here(question.asked_at).isoweekday() - 1} {here(question.asked_at):%H}",
    "day": lambda question: here(question.asked_at).date().isoformat(),
    "channel": lambda question: question.channel,
    "campaign": lambda question: question.campaign or None,
    "release": lambda question: question.release or "?",
}
"""In which row of a table a message stands; in none without a key."""


def here(moment: dt.datetime) -> dt.datetime:
    """Return a moment by the clocks of Vietnam."""
    return moment.astimezone(HERE)


async def recount_stored(session: AsyncSession, since: dt.date, until: dt.date, topic: str = "") -> Recount:
    """Count everything a database holds of some days again."""
    return recount(
        list(await session.scalars(select(Question))),
        list(await session.scalars(select(Feedback))),
        set(await session.scalars(select(StaffPerson.person))),
        since=since,
        until=until,
        topic=topic,
    )


def recount(
    questions: Iterable[Question],
    feedback: Iterable[Feedback],
    staff: Collection[str],
    *,
    since: dt.date,
    until: dt.date,
    topic: str = "",
) -> Recount:
    """Count everything of some days (both included), of a topic or of all, again."""
    asked = [q for q in questions if since <= here(q.asked_at).date() <= until]
    rated = [
        f
        for f in feedback
        if f.kind in ("helpful", "not_helpful")
        and since <= here(f.said_at).date() <= until
        and f.channel != "test"
        and f.person not in staff
    ]
    citizens = [q for q in asked if q.channel != "test" and q.person not in staff]
    tables = {"all", "day", "topic", "entry", "aspect", "hour", "channel", "campaign", "release"}
    if topic:
        tables.remove("topic")
        citizens = [q for q in citizens if (q.topic or "?") == topic]
        rated = [f for f in rated if _topic_rated(f) == topic]
    result: Recount = {}
    for table in tables:
        key_of = KEYS[table]
        keys = {key for q in citizens if (key := key_of(q)) is not None}
        keys |= {key for f in rated if (key := _key_rated(table, f)) is not None}
        result[table] = {
            key: values(
                [q for q in citizens if key_of(q) == key],
                [f for f in rated if _key_rated(table, f) == key],
            )
            for key in keys
        }
    result["excluded"] = {
        name: values(found, [])
        for name, found in {
            "tests": [q for q in asked if q.channel == "test"],
            "staff": [q for q in asked if q.channel != "test" and q.person in staff],
        }.items()
        if found
    }
    return result


def values(messages: Collection[Question], rated: Collection[Feedback]) -> Values:
    """Return the value of every metric over some messages and some words about answers."""
    typed = [m for m in messages if m.kind == "text" and m.ending != "menu"]
    small_talk = [m for m in typed if m.ending == "small_talk"]
    questions = [m for m in typed if m.ending != "small_talk"]
    sure = [q.confidence for q in questions if q.ending in {"answered", "offered"} and q.confidence is not None]
    helpful = sum(1 for f in rated if f.kind == "helpful")
    quarters = {(here(q.asked_at).year, (here(q.asked_at).month + 2) // 3, q.person) for q in questions if q.person}
    return {
        "questions": len(questions),
        "people": len(quarters),
        **{f"{name}_share": _share(sum(1 for q in questions if q.ending == name), len(questions)) for name in ENDINGS},
        "scam": sum(1 for q in questions if q.topic == "canh-bao-lua-dao"),
        "small_talk": len(small_talk),
        "pressed": len(messages) - len(typed),
        "helpful_share": _share(helpful, len(rated)),
        "mean_confidence": sum(sure) / len(sure) if sure else None,
    }


def _share(count: int, of: int) -> float | None:
    return count / of if of else None


def _topic_rated(feedback: Feedback) -> str:
    return feedback.entry.split(".")[0] if feedback.entry else "?"


def _key_rated(table: str, feedback: Feedback) -> str | None:
    match table:
        case "all":
            return ""
        case "day":
            return here(feedback.said_at).date().isoformat()
        case "topic":
            return _topic_rated(feedback)
        case "entry":
            return feedback.entry or "?"
    return None
