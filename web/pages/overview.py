"""The first page: what is live, how much is asked, and what staff still have to confirm or review."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.editing import live_release
from faq.entries import Entry, Faq, Place
from faq.link_checking import Failing, failing
from faq.live import Live
from faq.models import Draft, Publication, PublicationState
from faq.notices import NoticeKind
from stats.figures import whole
from stats.figuring import Period
from stats.freshness import PATIENCE
from stats.inbox import Decision, InboxGroup
from stats.ledger import Week
from stats.published import Names
from stats.retention import is_late, last_run
from stats.suppressing import small_mark
from stats.survey import shown
from web.filters import query_of
from web.office import office
from web.pages.laws import lost_documents
from web.showing import show

REVIEW_AHEAD = dt.timedelta(days=14)
WEEK = 7
FIELDS = {"address": "địa chỉ", "phone": "số điện thoại", "hours": "giờ làm việc", "page": "trang chính thức"}


@dataclass(frozen=True, slots=True)
class Missing:
    """What nobody has confirmed yet about an office."""

    office: str
    fields: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for staff, how many there are, and the page where it is done."""

    what: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class NamedLink:
    """An official page that does not open, with the entries (key, question) and documents (id, number) behind it."""

    link: Failing
    entries: tuple[tuple[str, str], ...]
    documents: tuple[tuple[str, str], ...]


async def overview(request: Request) -> Response:
    """Show the first page."""
    here, today = office(request), office(request).today()
    live = await here.parts.faq.now()
    names, week = Names.of(live.faq), Period(today - dt.timedelta(days=WEEK - 1), today)
    await here.freshness.as_of(PATIENCE)
    async with here.parts.sessions() as session:
        release = await live_release(session)
        asked_today = questions_of(await shown(session, Period(today, today), names))
        late = await is_late(session, days=here.settings.keep_text_days, now=here.clock())
        last = await last_run(session)
        asked_in_week = questions_of(await shown(session, week, names))
        waiting = await _waiting(session)
        failing_links = await failing(session, live.faq)
    announced = await here.notices.standing()
    return show(
        request,
        "overview.html",
        release=release,
        today=today,
        retention_late=late,
        retention_last=last,
        keep_days=here.settings.keep_text_days,
        stops=[row for row in announced if row.kind == NoticeKind.STOP],
        notices=[row for row in announced if row.kind == NoticeKind.NOTICE],
        week_query=query_of(week),
        today_query=query_of(Period(today, today)),
        asked_today=asked_today,
        asked_in_week=asked_in_week,
        place=live.faq.place,
        entry_count=len(live.faq.entries),
        example_count=sum(len(entry.examples) for entry in live.faq.entries),
        missing=missing(live.faq.place),
        unconfirmed=sum(not entry.confirmed for entry in live.faq.entries),
        due=due_for_review(live.faq, today),
        waiting=[line for line in waiting if line.count],
        lost=[key for key in live.on(today).lost_basis(today) if key in live.entries],
        lost_documents=lost_documents(live.on(today), today),
        failing=[_named(live, link) for link in failing_links],
        links=here.links,
    )


async def _waiting(session: AsyncSession) -> Sequence[Waiting]:
    """Count what waits for somebody's hand."""
    counts = (
        ("Bản nháp chưa công bố", "/cong-bo", select(func.count()).select_from(Draft)),
        (
            "Lần công bố chờ duyệt",
            "/cong-bo",
            select(func.count()).select_from(Publication).where(Publication.state == PublicationState.PROPOSED),
        ),
        (
            "Nhóm câu hỏi chờ xử lý",
            "/hop-cau-hoi",
            select(func.count()).select_from(InboxGroup).where(InboxGroup.decision == Decision.OPEN),
        ),
    )
    return [Waiting(what, path, await session.scalar(query) or 0) for what, path, query in counts]


def _named(live: Live, link: Failing) -> NamedLink:
    """Name what points to a page that does not open."""
    questions = ((key, live.faq.place.fill(live.entries[key].question)) for key in link.pointing if key in live.entries)
    laws = [(d.id, d.number) for d in live.faq.documents if d.id in link.pointing]
    return NamedLink(link, tuple(questions), tuple(laws))


def questions_of(week: Week) -> str:
    """Return how many questions the statistics tell of some days, or the mark that they tell instead."""
    number = week.numbers.get("questions")
    return small_mark(week.fewest) if number is None else whole(round(number))


def missing(place: Place) -> Sequence[Missing]:
    """Return what the place's sheet leaves empty."""
    return [Missing(o.name, ", ".join(FIELDS[name] for name in o.missing)) for o in place.offices if o.missing]


def due_for_review(faq: Faq, today: dt.date) -> Sequence[Entry]:
    """Return the entries to review within a fortnight, those overdue first."""
    due = (entry for entry in faq.entries if not entry.is_small_talk and entry.review_by <= today + REVIEW_AHEAD)
    return sorted(due, key=lambda entry: (entry.review_by, entry.key))
