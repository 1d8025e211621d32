"""What a weekly report says, as plain data: DOCX, PDF and XLSX are all written from it, so that they cannot differ.

Counts come from the ledger (`stats.ledger`), which hides small ones; nothing here goes past it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.database import VIETNAM
from faq.entries import SCAM_TOPIC, Faq
from faq.models import Kind, Release, ReleaseRevision, ReleaseState, Revision
from stats import endings
from stats.campaigns import Campaign
from stats.comparing import Z_MANY, Change, compare_counts, compare_shares
from stats.definitions import METRICS, Metric, Unit
from stats.endings import Ending
from stats.feedback import NOT_HELPFUL, Feedback
from stats.figures import day, percent
from stats.figuring import PERIODS_BEFORE, Figure, Period, by, by_day, by_hour, by_topic, excluded, first_day, total
from stats.gaps import Gap, band, closed_gaps, live_since
from stats.holidays import Holiday, holidays
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting
from stats.intervals import FEW, Z_95, wilson
from stats.ledger import DAYS, ENDING, ENDINGS, FLAT, Counted, Week, frozen, mean, protect
from stats.masking import mask
from stats.questions import TEST_CHANNEL
from stats.rolling import (
    ASPECT,
    CAMPAIGN,
    CHANNEL,
    ENTRY,
    HOUR,
    RELEASE,
    STAFF,
    TESTS,
    TOPIC,
    UNKNOWN,
    ChangedDay,
    Counts,
    StaffPerson,
)
from stats.sampling import Sample, Verdict
from stats.spans import A_DAY, A_WEEK
from stats.suppressing import ENOUGH, FEWEST, FEWEST_IN_PUBLIC, small_mark

HIDDEN_MARK: Final = "ẩn"
MOST_GROUPS: Final = 200
WHY_HIDDEN: Final = (
    "«< {fewest}»: dưới {fewest} người hỏi. «ẩn»: không nêu, để không tính ngược ra được số dưới {fewest} người."
)
ALONE: Final = (DAYS, RELEASE)
"""Tables held against no earlier one: a release is asked while it is live, neither more nor less."""
DECIDED: Final = (Verdict.RIGHT, Verdict.HALF, Verdict.WRONG)
CHANNELS: Final = {"telegram": "Telegram", "web": "Trang web"}
DECISIONS: Final = {
    Decision.OPEN: "chưa xử lý",
    Decision.ADDED: "đã đưa vào mục có sẵn, chưa công bố",
    Decision.NEW_ENTRY: "đã soạn mục mới, chưa công bố",
    Decision.OUTSIDE: "ngoài phạm vi",
    Decision.IGNORED: "bỏ qua",
}


NOT_LIVE: Final = "chưa công bố"
ANSWERED: Final = {Decision.ADDED: "đã đưa vào mục có sẵn", Decision.NEW_ENTRY: "đã có mục mới"}
"""With the day on which citizens could get that answer."""
MOST_UNHELPFUL: Final = 3


@dataclass(frozen=True)
class Names:
    """What keys are called, and the place whose report it is."""

    entries: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    aspects: Mapping[str, str] = field(default_factory=dict)
    aspect_of: Mapping[str, str] = field(default_factory=dict)
    review_by: Mapping[str, dt.date] = field(default_factory=dict)
    """When each entry is to be looked at again."""
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, faq: Faq) -> "Names":
        """Take the names of a FAQ."""
        return cls(
            {entry.key: faq.place.fill(entry.question) for entry in faq.entries},
            {topic.id: topic.title for topic in faq.taxonomy.topics},
            {aspect.id: aspect.title for aspect in faq.taxonomy.aspects},
            {entry.key: entry.aspect for entry in faq.entries},
            {entry.key: entry.review_by for entry in faq.entries if not entry.is_small_talk},
            faq.place.words,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A metric of the week: its value, or what stands in its place, beside last week's and the mean of four weeks."""

    metric: Metric
    value: float | None
    mark: str = ""
    of: int | None = None
    interval: tuple[float, float] | None = None
    last: float | None = None
    mean: float | None = None
    change: Change = Change.UNKNOWN
    """Against last week."""
    change_to_mean: Change = Change.UNKNOWN

    @property
    def is_share(self) -> bool:
        """Whether it is written as a percentage."""
        return self.metric.unit == Unit.SHARE


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: how many questions, and their share of all."""

    key: str
    title: str
    count: int | None
    mark: str = ""
    share: float | None = None
    last: int | None = None
    mean: float | None = None
    change: Change = Change.UNKNOWN
    change_to_mean: Change = Change.UNKNOWN


@dataclass(frozen=True, slots=True)
class Listing:
    """A table; `closed` says that too few people asked for anything to be told."""

    rows: tuple[Row, ...]
    closed: bool = False
    untold: int = 0
    """Rows that are not even named."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that found no answer: how many people asked them since they appeared, and how many in the period."""

    id: int
    text: str
    people: str
    people_now: str
    state: str
    decision: str
    days: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What staff found in the samples of some weeks, from the Monday of the first to the Sunday of the last."""

    since: dt.date
    until: dt.date
    drawn: int
    judged: int
    right: int
    half: int
    wrong: int
    unclear: int

    @property
    def share(self) -> float | None:
        """Share of right ones among those that could be judged."""
        return self.right / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return wilson(self.right, self.judged)

    @property
    def days(self) -> str:
        """Whose answers were judged: the first and the last day."""
        return f"{day(self.since)} – {day(self.until)}"

    @property
    def verdicts(self) -> tuple[tuple[str, int], ...]:
        """How often each was found, in words; with those that nobody has judged yet."""
        judged = (("Đúng", self.right), ("Đúng một phần", self.half), ("Sai", self.wrong))
        return (*judged, ("Không rõ ý hỏi", self.unclear), ("Chưa chấm", self.drawn - self.judged - self.unclear))


@dataclass(frozen=True, slots=True)
class LiveRelease:
    """A release that was live in the week, and since when."""

    name: str
    since: dt.datetime


@dataclass(frozen=True)
class Published:
    """All that a weekly report says."""

    monday: dt.date
    counted_at: dt.datetime
    names: Names
    week: Week
    earlier: tuple[Week, ...]
    """Weeks that were held against it, the latest first."""
    lines: tuple[Line, ...]
    tables: Mapping[str, Listing]
    hours: Mapping[tuple[int, int], int | None]
    """By weekday and hour; none where it is hidden."""
    holidays: tuple[Holiday, ...] = ()
    new_entries: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    groups_more: int = 0
    gaps: tuple[Gap, ...] = ()
    public: Week | None = None
    """What everybody may see of the week; none if it was counted differently by the time of its report."""
    public_gaps: tuple[Gap, ...] = ()
    accuracy: Accuracy | None = None
    releases: tuple[LiveRelease, ...] = ()
    first_asked: tuple[Row, ...] = ()
    unhelpful: tuple[tuple[str, str], ...] = ()
    """Entries that most people found not helpful, with how many in a band."""
    reported: int = 0
    """Of the weeks before, how many are told as their own reports told them."""
    tests: int = 0
    staff: int = 0
    days_to_count: int = 0
    first_day: dt.date | None = None
    """Of all records."""

    @property
    def sunday(self) -> dt.date:
        """Last day of the week."""
        return self.monday + A_DAY * 6

    @property
    def number(self) -> tuple[int, int]:
        """ISO year and week."""
        return self.monday.isocalendar()[:2]

    @property
    def partial(self) -> bool:
        """Whether the records do not cover all of it."""
        return self.week.partial

    def line(self, ident: str) -> Line:
        """Return the line of a metric."""
        return next(line for line in self.lines if line.metric.id == ident)

    @property
    def hidden_note(self) -> str:
        """What the marks for small counts mean."""
        return WHY_HIDDEN.format(fewest=self.week.fewest)


async def publish(
    session: AsyncSession, monday: dt.date, names: Names, *, now: dt.datetime, fewest: int = FEWEST
) -> Published:
    """Return what the report of a week says; what was published of it or of weeks before stays as it was."""
    before = tuple(monday - A_WEEK * number for number in range(1, PERIODS_BEFORE + 1))
    fixed = await frozen(session, (monday, *before))
    first = await first_day(session)
    counted = await count(session, monday, names, first, now=now)
    now_shown = protect(counted, fewest)
    week = fixed.get(monday) or now_shown
    earlier = [
        fixed.get(one) or protect(await count(session, one, names, first, now=now), fewest)
        for one in before
        if first and one >= first
    ]
    told = Told(week, tuple(earlier), names, await campaign_names(session))
    tables = {dim: told.listing(dim) for dim in (*FLAT, ENTRY, DAYS)}
    period = Period(monday, monday + A_DAY * 6)
    groups, more = await groups_of(session, period, fewest)
    left_out = await excluded(session, period)
    return Published(
        monday=monday,
        counted_at=now,
        names=names,
        week=week,
        earlier=tuple(earlier),
        lines=tuple(told.line(metric) for metric in METRICS.values()),
        tables=tables,
        hours=told.hours(),
        holidays=holidays(monday + A_DAY * number for number in range(7)),
        new_entries=await new_entries(session, period, names),
        groups=groups,
        groups_more=more,
        gaps=await closed_gaps(session, monday + A_DAY * 6, fewest=fewest),
        # Two thresholds over different counts could be held against each other.
        public=protect(counted, FEWEST_IN_PUBLIC) if week == now_shown else None,
        public_gaps=await closed_gaps(session, monday + A_DAY * 6, fewest=FEWEST_IN_PUBLIC),
        accuracy=await accuracy_of(session, period),
        first_asked=first_asked(tables[ENTRY], earlier),
        unhelpful=await unhelpful(session, period, names),
        reported=sum(one in fixed for one in before),
        releases=await releases_of(session, period),
        tests=left_out[TESTS].questions if TESTS in left_out else 0,
        staff=left_out[STAFF].questions if STAFF in left_out else 0,
        days_to_count=await days_to_count(session, period),
        first_day=first,
    )


async def count(
    session: AsyncSession, monday: dt.date, names: Names, first: dt.date | None, *, now: dt.datetime
) -> Counted:
    """Count a week by the roll-ups."""
    period = Period(monday, monday + A_DAY * 6)
    flat = {dim: dict(await by(session, period, dim)) for dim in FLAT}
    whole = await total(session, period)
    flat[ENDING] = endings_of(whole, await by(session, period, ENDING))
    flat[DAYS] = {day.isoformat(): figure for day, figure in (await by_day(session, period)).items()}
    entries = await entries_of(session, period)
    hours: dict[str, dict[str, Figure]] = {}
    for (weekday, hour), figure in (await by_hour(session, period)).items():
        day = (monday + A_DAY * weekday).isoformat()
        hours.setdefault(day, {})[f"{day} {hour:02}"] = replace(figure, key=f"{day} {hour:02}")
    over = now >= _midnight(monday + A_WEEK)
    return Counted(
        monday, whole, flat, entries, hours, names.aspect_of, partial=not over or first is None or first > monday
    )


async def entries_of(session: AsyncSession, period: Period) -> dict[str, dict[str, Figure]]:
    """Return the entries of each topic; one that was asked under another topic's name stays with what is not told."""
    found = await by_topic(session, period, ENTRY, enough=ENOUGH)
    return {topic: own_entries(topic, figures) for topic, figures in found.items()}


def own_entries(topic: str, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the entries that a topic is named for, if anybody asked for them."""
    named = (key for key in figures if key.partition(".")[0] == topic and key != UNKNOWN)
    return {key: figures[key] for key in named if figures[key].questions}


def endings_of(whole: Figure, found: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the endings of all questions, with the people behind each."""
    return {
        name: Figure(name, Counts(**{name: count}), found[name].people if name in found else 0)
        for name in ENDINGS
        if (count := getattr(whole.counts, name))
    }


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), VIETNAM)


@dataclass(frozen=True)
class Told:
    """Writes lines and rows from what is shown of a week (or of another stretch of days) and of those before."""

    week: Week
    earlier: tuple[Week, ...]
    names: Names
    campaigns: Mapping[str, str]
    length: dt.timedelta = A_WEEK
    over: bool = True
    """Whether counts may be held against those of whole stretches before."""

    @property
    def spread(self) -> float:
        """How often somebody who asks does: so much wider than Poisson's is the noise."""
        questions, people = self.week.numbers.get("questions"), self.week.numbers.get("people")
        return questions / people if questions and people else 1.0

    @property
    def last(self) -> Week | None:
        """The week before, if its numbers may be held against this one's."""
        before = self.week.monday - self.length
        return next((week for week in self.earlier if week.monday == before), None)

    def line(self, metric: Metric) -> Line:
        """Return a metric of the week."""
        return self._share(metric) if metric.unit == Unit.SHARE else self._count(metric)

    def _count(self, metric: Metric) -> Line:
        def read(week: Week) -> float | None:
            if metric.id == "scam":
                return week.table(TOPIC).read(SCAM_TOPIC)
            return week.numbers.get(metric.id)

        value, last, average = read(self.week), read(self.last) if self.last else None, mean(self.earlier, read)
        # Somebody who taps or greets does so often: taps are no Poisson count of people, but nor are they of interest.
        spread = self.spread if metric.id != "people" else 1.0
        return Line(
            metric,
            value,
            "" if value is not None else small_mark(self.week.fewest) if self._is_small(metric) else HIDDEN_MARK,
            last=last,
            mean=average,
            change=self._compared(value, last, spread=spread),
            change_to_mean=self._compared(value, average, periods=len(self.earlier), spread=spread),
        )

    def _compared(
        self, now: float | None, before: float | None, *, spread: float, periods: int = 1, z: float = Z_95
    ) -> Change:
        return compare_counts(now, before, periods=periods, spread=spread, z=z) if self.over else Change.UNKNOWN

    def _is_small(self, metric: Metric) -> bool:
        if metric.id == "scam":
            return SCAM_TOPIC in self.week.table(TOPIC).small
        return metric.id in self.week.numbers  # of a topic that only hides others there are none

    def _share(self, metric: Metric) -> Line:
        read = _SHARES[metric.id]
        now, last = read(self.week), read(self.last) if self.last else None
        average = _pooled([read(week) for week in self.earlier])
        value = now[0] / now[1] if now and now[1] else None
        known = _of(self.week, metric.id)
        few = known is not None and 0 < known < FEW and now is not None and metric.id != "mean_confidence"
        compared = metric.id != "mean_confidence"
        return Line(
            metric,
            value,
            "" if value is not None else self._share_mark(metric, known),
            of=known,
            interval=wilson(round(now[0]), round(now[1])) if few and now else None,
            last=last[0] / last[1] if last and last[1] else None,
            mean=average[0] / average[1] if average and average[1] else None,
            change=compare_shares(now, last, spread=self.spread) if compared else Change.UNKNOWN,
            change_to_mean=compare_shares(now, average, spread=self.spread) if compared else Change.UNKNOWN,
        )

    def _share_mark(self, metric: Metric, known: int | None) -> str:
        """Return what stands for a share that is not shown.

        A limit only where presses were counted: few people may have asked any number of questions.
        """
        if known == 0:
            return "–"
        if metric.id.removesuffix("_share") in self.week.table(ENDING).small:
            return small_mark(self.week.fewest)
        limit = self.week.fewest / known if known else 1.0
        if limit < 1 and metric.id == "helpful_share" and self.week.numbers.get("few_helpful"):
            return f"< {percent(limit)}"
        if limit < 1 and metric.id == "helpful_share" and self.week.numbers.get("few_not_helpful"):
            return f"> {percent(1 - limit)}"
        return HIDDEN_MARK

    def listing(self, dim: str) -> Listing:
        """Return a table with its rows in their order: days by time, all else by number."""
        table = self.week.table(dim)
        if dim == DAYS:
            days = ((self.week.monday + A_DAY * number).isoformat() for number in range(7))
            return Listing(tuple(self.row(dim, day) for day in days))
        keys = sorted(table.cells, key=lambda key: (-table.cells[key], key))
        hidden = sorted(table.small | table.covers)
        if dim == ENTRY:  # most of hundreds of entries are asked by a few people
            return Listing(tuple(self.row(dim, key) for key in keys), bool(table.closed) and not keys, len(hidden))
        rows = tuple(self.row(dim, key) for key in (*keys, *hidden))
        return Listing(rows, bool(table.closed) and not rows)

    def row(self, dim: str, key: str) -> Row:
        """Return a row of a table."""

        def read(week: Week) -> float | None:
            return week.table(dim).read(key)

        table, now = self.week.table(dim), self.week.table(dim).read(key)
        last = self.last.table(dim).read(key) if self.last and dim not in ALONE else None
        average = mean(self.earlier, read) if dim not in ALONE else None
        questions = self.week.numbers.get("questions")
        return Row(
            key,
            self._title(dim, key),
            now,
            "" if now is not None else small_mark(self.week.fewest) if key in table.small else HIDDEN_MARK,
            now / questions if now is not None and questions else None,
            last,
            average,
            self._compared(now, last, spread=self.spread, z=Z_MANY),
            self._compared(now, average, periods=len(self.earlier), spread=self.spread, z=Z_MANY),
        )

    def _title(self, dim: str, key: str) -> str:
        titles: Mapping[str, str] = {
            TOPIC: {**self.names.topics, UNKNOWN: "Chưa rõ chủ đề"},
            ENTRY: self.names.entries,
            ASPECT: {**self.names.aspects, UNKNOWN: "Chưa rõ khía cạnh"},
            CHANNEL: CHANNELS,
            CAMPAIGN: self.campaigns,
            ENDING: ENDING_TITLES,
            RELEASE: {UNKNOWN: "Chưa có bản công bố"},
        }.get(dim, {})
        return titles.get(key, key)

    def hours(self) -> dict[tuple[int, int], int | None]:
        """Return the questions of each weekday and hour."""
        days = [(self.week.monday + A_DAY * number).isoformat() for number in range(7)]
        table = self.week.table(HOUR)
        return {(at, hour): table.read(f"{day} {hour:02}") for at, day in enumerate(days) for hour in range(24)}


Pair = tuple[float, float] | None
"""A count and of how many it is; nothing if it is hidden."""


def _ending(name: str) -> Callable[[Week], Pair]:
    def read(week: Week) -> Pair:
        count, questions = week.table(ENDING).read(name), week.numbers.get("questions")
        return None if count is None or questions is None else (count, questions)

    return read


def _helpful(week: Week) -> Pair:
    count, of = week.numbers.get("helpful"), week.numbers.get("rated")
    return None if count is None or of is None else (count, of)


def _sure(week: Week) -> Pair:
    sure = week.numbers.get("sure")
    return None if sure is None else (sure, 1.0)


_SHARES: Final[Mapping[str, Callable[[Week], Pair]]] = {
    **{f"{name}_share": _ending(name) for name in ENDINGS},
    "helpful_share": _helpful,
    "mean_confidence": _sure,
}
_BASES: Final = {"helpful_share": "rated", "mean_confidence": "sure_count"}


def _of(week: Week, ident: str) -> int | None:
    of = week.numbers.get(_BASES.get(ident, "questions"))
    return None if of is None else round(of)


def _pooled(pairs: Sequence[Pair]) -> Pair:
    """Return several weeks' shares as one: of all their questions; nothing if one of them is hidden."""
    told = [pair for pair in pairs if pair is not None]
    if not told or len(told) < len(pairs):
        return None
    return sum(pair[0] for pair in told), sum(pair[1] for pair in told)


async def campaign_names(session: AsyncSession) -> dict[str, str]:
    """Return the name of each campaign, by its code."""
    return {row.code: row.name for row in await session.scalars(select(Campaign))}


async def groups_of(session: AsyncSession, period: Period, fewest: int) -> tuple[tuple[Group, ...], int]:
    """Return the groups of questions without an answer that were asked in a period, those of most people first.

    In public, what a few people asked is not repeated, however well it is masked.
    """
    begin, end = _midnight(period.since), _midnight(period.until + A_DAY)
    asked = [InboxGroup.last_at >= begin, InboxGroup.first_at < end]
    if fewest > FEWEST:
        asked.append(InboxGroup.people >= fewest)
    shown = (InboxGroup.id, InboxGroup.text, InboxGroup.people, InboxGroup.decision, InboxGroup.first_at)
    query = select(*shown).where(*asked)
    most_people = InboxGroup.people.desc(), InboxGroup.rank.desc(), InboxGroup.id
    rows = list(await session.execute(query.order_by(*most_people).limit(MOST_GROUPS)))
    every = await session.scalar(select(func.count()).select_from(InboxGroup).where(*asked)) or 0
    live, now = await live_since(session, end), await _people_between(session, [row[0] for row in rows], begin, end)
    found = (_group(*row, now=now.get(row[0]), live=live.get(row[0]), period=period, fewest=fewest) for row in rows)
    return tuple(found), every - len(rows)


async def _people_between(
    session: AsyncSession, groups: Sequence[int], begin: dt.datetime, end: dt.datetime
) -> dict[int, int]:
    """Return how many different people were seen to ask what is in some groups; nothing of those never seen asked."""
    within = (InboxSighting.at >= begin) & (InboxSighting.at < end)
    people = func.count(func.distinct(case((within, func.coalesce(InboxSighting.person, "")))))
    query = (
        select(InboxMessage.group_id, people)
        .join(InboxSighting, InboxSighting.folded == InboxMessage.folded)
        .where(InboxMessage.group_id.in_(groups))
        .group_by(InboxMessage.group_id)
    )
    return {group: count for group, count in await session.execute(query)}  # noqa: C416 - a row is no tuple to mypy


def _group(
    ident: int,
    text: str,
    people: int,
    decision: str,
    first_at: dt.datetime,
    *,
    now: int | None,
    live: dt.datetime | None,
    period: Period,
    fewest: int,
) -> Group:
    first = first_at.astimezone(VIETNAM).date()
    return Group(
        ident,
        _masked(text),
        band(people, fewest),
        "–" if now is None else band(now, fewest),
        _state(Decision(decision), live),
        decision,
        days=(period.until + A_DAY - first).days,
        is_new=first >= period.since,
    )


def _state(decision: Decision, live: dt.datetime | None) -> str:
    """Return what became of a group: an answer that is written but not published helps nobody yet."""
    if live is None or decision not in ANSWERED:
        return DECISIONS[decision]
    return f"{ANSWERED[decision]}, công bố từ {day(live.astimezone(VIETNAM).date())}"


@lru_cache(maxsize=1000)
def _masked(text: str) -> str:
    """Mask once more what was masked when it was written down: rules get better, and old words stay."""
    return mask(text).text


async def new_entries(session: AsyncSession, period: Period, names: Names) -> tuple[str, ...]:
    """Return the titles of entries whose first version went live in a period."""
    begin, end = _midnight(period.since), _midnight(period.until + A_DAY)
    first = (
        select(Revision.key, func.min(Release.live_since).label("since"))
        .join(ReleaseRevision, ReleaseRevision.revision_id == Revision.id)
        .join(Release, Release.id == ReleaseRevision.release_id)
        .where(Revision.kind == Kind.ENTRY, Release.state != ReleaseState.REJECTED)
        .group_by(Revision.key)
        .subquery()
    )
    within = select(first.c.key).where(first.c.since >= begin, first.c.since < end)
    keys = list(await session.scalars(within.order_by(first.c.key)))
    any_before = await session.scalar(select(func.min(Release.live_since)))
    if any_before is None or any_before >= begin:
        return ()  # with the very first release everything would be new
    return tuple(names.entries.get(key, key) for key in keys)


def first_asked(listing: Listing, earlier: Sequence[Week]) -> tuple[Row, ...]:
    """Return the entries that were not asked for in any stretch before, if there are as many as a mean is made of."""
    if len(earlier) < PERIODS_BEFORE:
        return ()
    return tuple(row for row in listing.rows if row.count and row.last == 0 and row.mean == 0)


async def unhelpful(session: AsyncSession, period: Period, names: Names) -> tuple[tuple[str, str], ...]:
    """Return the entries that most people said did not help them, and how many did: never fewer than may be told."""
    people = func.count(func.distinct(Feedback.person))
    begin, end = _midnight(period.since), _midnight(period.until + A_DAY)
    query = (
        select(Feedback.entry, people)
        .where(Feedback.kind == NOT_HELPFUL, Feedback.said_at >= begin, Feedback.said_at < end)
        .where(Feedback.channel != TEST_CHANNEL, Feedback.person.not_in(select(StaffPerson.person)))
        .group_by(Feedback.entry)
        .having(people >= FEWEST)
    )
    rows = await session.execute(query.order_by(people.desc(), Feedback.entry).limit(MOST_UNHELPFUL))
    return tuple((names.entries.get(key, key), band(count)) for key, count in rows if key)


async def accuracy_of(session: AsyncSession, period: Period) -> Accuracy | None:
    """Return what staff found in the samples of the weeks of a period; else in the last week before that was judged.

    A week is judged after it, when its report is made already: that prints the one before.
    """
    last = period.until - A_DAY * 6
    judged = select(func.max(Sample.monday)).where(Sample.monday <= last, Sample.verdict.in_(DECIDED))
    latest = await session.scalar(judged)
    if latest is None:
        return None
    mondays = Sample.monday.between(min(period.since, latest), latest)
    first = await session.scalar(select(func.min(Sample.monday)).where(mondays))
    rows = await session.execute(select(Sample.verdict, func.count()).where(mondays).group_by(Sample.verdict))
    found: dict[str | None, int] = {verdict: number for verdict, number in rows}  # noqa: C416 - a row is no tuple to mypy
    right, half, wrong, unclear = (found.get(name, 0) for name in ("right", "half", "wrong", "unclear"))
    days = (first or latest, latest + A_DAY * 6)
    return Accuracy(*days, sum(found.values()), right + half + wrong, right, half, wrong, unclear)


async def releases_of(session: AsyncSession, period: Period) -> tuple[LiveRelease, ...]:
    """Return the releases that went live in a period, and the one that was live when it began."""
    begin, end = _midnight(period.since), _midnight(period.until + A_DAY)
    live = select(Release.name, Release.live_since).where(Release.state != ReleaseState.REJECTED)
    found = await session.execute(live.where(Release.live_since < end).order_by(Release.live_since))
    rows = [LiveRelease(name, since) for name, since in found if since]
    return (*[row for row in rows if row.since < begin][-1:], *(row for row in rows if row.since >= begin))


async def days_to_count(session: AsyncSession, period: Period) -> int:
    """Return how many days of a period have records that are not in the roll-ups yet."""
    waiting = select(func.count()).where(ChangedDay.day.between(period.since, period.until))
    return await session.scalar(waiting) or 0


ENDING_TITLES = {str(ending): endings.TITLES[Ending(ending)] for ending in ENDINGS}
