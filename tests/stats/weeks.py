"""Weeks of questions in a database, with whatever else a report tells of."""

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from faq.database import VIETNAM, Sessions
from faq.models import Kind, Release, ReleaseRevision, ReleaseState, Revision
from stats.endings import Ending
from stats.inbox import Decision, InboxGroup, InboxMessage
from stats.questions import Asked, Question, row
from stats.rolling import Roller, mark_changed
from stats.sampling import Sample

MONDAY = dt.date(2026, 11, 16)
NOW = dt.datetime(2026, 11, 23, 7, 0, tzinfo=VIETNAM)
HOSTILE = '{{ 7*7 }} {% raw %} <script>alert(1)</script> &amp; ]]> "x" {_{ bẫy }_} \x0b =1+1'
TOPICS = ("can-cuoc", "tam-tru", "vneid", "canh-bao-lua-dao")
ENTRIES = tuple((f"{topic}.muc-{n}", topic, f"khia-{n}") for topic in TOPICS for n in range(3))
ENDINGS = [Ending.ANSWERED] * 16 + [Ending.OFFERED] * 2 + [Ending.NOT_UNDERSTOOD] * 2 + [Ending.OUT_OF_SCOPE]


async def ask(sessions: Sessions, rnd: random.Random, monday: dt.date, questions: int, people: int) -> None:
    """Have so many questions asked in a week, and counted."""
    rows, moments = [], []
    for _ in range(questions):
        at = dt.datetime.combine(monday + dt.timedelta(rnd.randrange(7)), dt.time(rnd.randrange(7, 21)), VIETNAM)
        ending = rnd.choice(ENDINGS)
        entry, topic, aspect = rnd.choice(ENTRIES[: rnd.randrange(1, 13)]) if ending == Ending.ANSWERED else (None,) * 3
        asked = Asked(
            id=uuid.UUID(int=rnd.getrandbits(128)).hex,
            asked_at=at,
            channel=rnd.choice(["telegram", "telegram", "web", "test"]),  # type: ignore[arg-type]
            text="hỏi",
            ending=ending,
            person=f"{rnd.randrange(people):032x}",
            entry=entry,
            topic=topic,
            aspect=aspect,
            campaign=rnd.choice([None, None, "cho-hom"]),
            confidence=round(rnd.random(), 3) if ending == Ending.ANSWERED else None,
        )
        rows.append(row(asked))
        moments.append(at)
    async with sessions.begin() as session:
        if rows:
            await session.execute(insert(Question), rows)
        await mark_changed(session, moments)
    await Roller(sessions).refresh()


async def ask_weeks(sessions: Sessions, seed: int = 1, sizes: Sequence[int] = (150, 130, 160, 140, 300)) -> None:
    """Have questions asked in the weeks that end with the one of the report."""
    rnd = random.Random(seed)
    for back, size in zip(range(len(sizes) - 1, -1, -1), sizes, strict=True):
        await ask(sessions, rnd, MONDAY - dt.timedelta(7 * back), size, max(1, size // 2))


def group(text: str, **changes: Any) -> InboxGroup:
    """Return a group of questions without an answer."""
    at = dt.datetime(2026, 11, 18, 5, tzinfo=dt.UTC)
    values = {"people": 7, "times": 9, "doubt": 0.5, "rank": 3.0, "first_at": at, "last_at": at}
    return InboxGroup(text=text, **(values | changes))


async def fill_inbox(sessions: Sessions) -> None:
    """Have some questions without an answer, hostile ones among them, and a sample that was judged."""
    async with sessions.begin() as session:
        session.add_all([group("đổi bằng lái ở đâu", people=23), group(HOSTILE), group("ít người hỏi", people=2)])
        verdicts = ["right"] * 40 + ["half"] * 3 + ["wrong"] * 4 + ["unclear", None, None]
        session.add_all(
            Sample(monday=MONDAY, number=n, question_id="x", text="t", ending="answered", verdict=verdict)
            for n, verdict in enumerate(verdicts)
        )


async def close_gap(sessions: Sessions) -> None:
    """Have a group of questions answered by an entry that went live on the Wednesday of the report's week."""
    asked, decided = dt.datetime(2026, 11, 10, 5, tzinfo=dt.UTC), dt.datetime(2026, 11, 17, 5, tzinfo=dt.UTC)
    live = dt.datetime(2026, 11, 18, 2, tzinfo=dt.UTC)
    wording = "xe điện có phải đăng ký không"
    rows = [
        row(Asked(id=f"{n:032x}", asked_at=at, channel="telegram", text=wording, ending=ending, person=f"{n:032x}"))
        for n, (at, ending) in enumerate(
            [(asked, Ending.NOT_UNDERSTOOD)] * 8
            + [(asked, Ending.ANSWERED)] * 2
            + [(live + dt.timedelta(hours=1), Ending.ANSWERED)] * 6
        )
    ]
    async with sessions.begin() as session:
        await session.execute(insert(Question), rows)
        made = {"first_at": asked, "last_at": decided, "decided_at": decided, "decided_by": "lan"}
        found = group(wording, decision=Decision.NEW_ENTRY, target="dang-ky-xe.xe-dien", people=10, **made)
        revision = {"kind": Kind.ENTRY, "content": {}, "author": "lan", "number": 1}
        revisions = [
            Revision(key="vneid.la-gi", created_at=asked, **revision),
            Revision(key="dang-ky-xe.xe-dien", created_at=live, **revision),
        ]
        report = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "lan"}
        releases = [
            Release(name="r1", state=ReleaseState.PAST, created_at=asked, live_since=asked, **report),
            Release(name="r2", state=ReleaseState.LIVE, created_at=live, live_since=live, **report),
        ]
        session.add_all([found, *revisions, *releases])
        await session.flush()
        session.add(InboxMessage(folded="xe", group_id=found.id, text=wording, times=16, people=10, vector={}))
        session.add_all(
            ReleaseRevision(release_id=r.id, revision_id=v.id)
            for r, v in [(releases[0], revisions[0]), (releases[1], revisions[0]), (releases[1], revisions[1])]
        )
