"""What was asked in any stretch of days, of one topic or of all: what the page, its files, the command and the API say.

It is told by the same rules as a weekly report (`stats.published.Told`), and small counts are hidden by the same ones
(`stats.ledger.protect`). A stretch may be of any length; it is held against those of the same length before it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from stats.definitions import METRICS
from stats.figuring import PERIODS_BEFORE, Figure, Period, by_day, by_each, excluded, first_day
from stats.gaps import Gap, closed_gaps
from stats.holidays import Holiday, holidays
from stats.ledger import CLOSED, DAYS, ENDINGS, Counted, Table, Week, protect
from stats.published import (
    HIDDEN_MARK,
    WHY_HIDDEN,
    Accuracy,
    Group,
    Line,
    Listing,
    LiveRelease,
    Names,
    Row,
    Told,
    accuracy_of,
    campaign_names,
    days_to_count,
    endings_of,
    entries_of,
    first_asked,
    groups_of,
    new_entries,
    own_entries,
    releases_of,
)
from stats.rolling import (
    ALL,
    ASPECT,
    CAMPAIGN,
    CHANNEL,
    ENDING,
    ENTRY,
    EVERYTHING,
    HOUR,
    RELEASE,
    STAFF,
    TESTS,
    TOPIC,
    Counts,
)
from stats.spans import A_DAY, days_between, monday_of
from stats.suppressing import ENOUGH, FEWEST, small_mark

MOST_DAYS_IN_ROWS: Final = 62
"""A longer stretch is shown by week."""
A_WEEKS_DAYS: Final = 7
NOT_YET: Final = "chưa đến"
LISTED: Final = (TOPIC, ENTRY, ASPECT, CHANNEL, CAMPAIGN, RELEASE)
_FLAT: Final = (ASPECT, CHANNEL, CAMPAIGN, RELEASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A day, or a week where days are too many: how many questions, and whether the stretch holds all of it."""

    first: dt.date
    last: dt.date
    count: int | None
    mark: str
    holidays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """All that is told of a stretch of days."""

    period: Period
    topic_title: str
    counted_at: dt.datetime
    today: dt.date
    names: Names
    shown: Week
    earlier: tuple[Week, ...]
    lines: tuple[Line, ...]
    endings: tuple[Row, ...]
    tables: Mapping[str, Listing]
    steps: tuple[Step, ...]
    hours: Mapping[tuple[int, int], int | None]
    """By weekday (0 is Monday) and hour; none where it is hidden."""
    holidays: tuple[Holiday, ...]
    first_asked: tuple[Row, ...]
    """Entries that nobody asked for in the stretches before."""
    new_entries: tuple[str, ...]
    groups: tuple[Group, ...]
    groups_more: int
    gaps: tuple[Gap, ...]
    """Questions that had no answer and got one in the four weeks before the last day."""
    accuracy: Accuracy | None
    """What checking by hand found; of all topics together."""
    releases: tuple[LiveRelease, ...]
    tests: int
    staff: int
    days_to_count: int
    """Days whose newest records are not in the figures yet."""
    first_day: dt.date | None

    @property
    def weekly(self) -> bool:
        """Whether its steps are weeks."""
        return self.period.days > MOST_DAYS_IN_ROWS

    @property
    def is_week(self) -> bool:
        """Whether it is an ISO week."""
        return self.period.days == A_WEEKS_DAYS and self.period.since.weekday() == 0

    @property
    def unfinished(self) -> bool:
        """Whether its last day is not over yet."""
        return self.period.until >= self.today

    @property
    def not_yet(self) -> bool:
        """Whether none of it has begun."""
        return self.period.since > self.today

    def comes_later(self, weekday: int) -> bool:
        """Whether the period's only days of this name (0 is Monday) have not come yet."""
        begun = days_between(self.period.since, min(self.period.until, self.today))
        return self.unfinished and all(day.weekday() != weekday for day in islice(begun, A_WEEKS_DAYS))

    @property
    def begins_before_records(self) -> bool:
        """Whether nothing was recorded yet in a part of it."""
        return self.first_day is None or self.period.since < self.first_day

    def line(self, ident: str) -> Line:
        """Return the line of a metric."""
        return next(line for line in self.lines if line.metric.id == ident)

    @property
    def hidden_note(self) -> str:
        """What the marks for small counts mean."""
        return WHY_HIDDEN.format(fewest=self.shown.fewest)


async def survey(
    session: AsyncSession,
    period: Period,
    names: Names,
    *,
    today: dt.date,
    counted_at: dt.datetime,
    fewest: int = FEWEST,
) -> Survey:
    """Return what is told of a period; of its last days not more than there is."""
    first = await first_day(session)
    before = [period.before(times) for times in range(1, PERIODS_BEFORE + 1)]
    counted, days = await _count_with_hours(session, period, names)
    shown = await _protected(session, counted, period, fewest)
    earlier = [
        await _protected(session, await _count(session, one, names), one, fewest)
        for one in before
        if first and one.since >= first
    ]
    told = Told(
        shown, tuple(earlier), names, await campaign_names(session), A_DAY * period.days, over=period.until < today
    )
    listings = {dim: told.listing(dim) for dim in LISTED}
    groups, more = await groups_of(session, period, fewest) if not period.topic else ((), 0)
    left_out = await excluded(session, period)
    free = holidays(days_between(period.since, period.until))
    return Survey(
        period=period,
        topic_title=names.topics.get(period.topic, period.topic),
        counted_at=counted_at,
        today=today,
        names=names,
        shown=shown,
        earlier=tuple(earlier),
        lines=tuple(_unless(told.line(metric), later=period.since > today) for metric in METRICS.values()),
        endings=tuple(told.row(ENDING, name) for name in ENDINGS),
        tables=listings,
        steps=tuple(_steps(period, counted, days, free, fewest, today=today)) if shown.numbers else (),
        hours=_hours(shown.table(HOUR)),
        holidays=free,
        first_asked=first_asked(listings[ENTRY], earlier),
        new_entries=await new_entries(session, period, names) if not period.topic else (),
        groups=groups,
        groups_more=more,
        gaps=await closed_gaps(session, period.until, fewest=fewest) if not period.topic else (),
        accuracy=await accuracy_of(session, period) if not period.topic else None,
        releases=await releases_of(session, period),
        tests=_questions(left_out.get(TESTS)),
        staff=_questions(left_out.get(STAFF)),
        days_to_count=await days_to_count(session, period),
        first_day=first,
    )


def _unless(line: Line, *, later: bool) -> Line:
    """Return a line, of days to come without a number: none is neither nought nor hidden."""
    return replace(line, value=None, mark=NOT_YET, of=None, interval=None) if later else line


async def shown(session: AsyncSession, period: Period, names: Names, *, fewest: int = FEWEST) -> Week:
    """Return only what may be shown of a period: counts and marks, nothing compared or written, no days and hours."""
    return await _protected(session, await _count(session, period, names), period, fewest)


async def days_shown(session: AsyncSession, period: Period, names: Names, *, fewest: int = FEWEST) -> tuple[Step, ...]:
    """Return only the days of a period up to now (its weeks, if they are many), as far as they may be shown."""
    return tuple(_steps(period, *await _count_with_hours(session, period, names), (), fewest, today=period.until))


async def _protected(session: AsyncSession, counted: Counted, period: Period, fewest: int) -> Week:
    """Return what is shown of a period; nothing of a topic that the table of all topics hides."""
    if period.topic:
        found = await by_each(session, replace(period, topic=EVERYTHING), (ALL, TOPIC), enough=ENOUGH)
        flat = {TOPIC: found[TOPIC], ASPECT: {}, ENDING: {}, DAYS: {}}
        every = replace(counted, total=_whole(found), flat=flat, entries={}, hours={})
        if protect(every, fewest).table(TOPIC).read(period.topic) is None:
            return Week(period.since, fewest, dict.fromkeys((*counted.flat, ENTRY, HOUR), CLOSED), {})
    return protect(counted, fewest)


async def _count(session: AsyncSession, period: Period, names: Names) -> Counted:
    """Count a period by the roll-ups, but for its days and hours."""
    dims = (ALL, TOPIC, ENDING, *_FLAT, *((ENTRY,) if period.topic else ()))
    found = await by_each(session, period, dims, enough=ENOUGH)
    whole = _whole(found)
    if period.topic:
        found[TOPIC] = {period.topic: replace(whole, key=period.topic)} if whole.questions else {}
        entries = {period.topic: own_entries(period.topic, found[ENTRY])}
    else:
        entries = await entries_of(session, period)
    flat = {dim: found[dim] for dim in (TOPIC, *_FLAT)} | {ENDING: endings_of(whole, found[ENDING]), DAYS: {}}
    return Counted(period.since, whole, flat, entries, {}, names.aspect_of)


async def _count_with_hours(
    session: AsyncSession, period: Period, names: Names
) -> tuple[Counted, Mapping[dt.date, Figure]]:
    """Count a period whole, and its days; hours stand within weekdays, whose days are many."""
    counted, hours = await _count(session, period, names), defaultdict[str, dict[str, Figure]](dict)
    found = await by_each(session, period, (HOUR,), enough=ENOUGH)
    for key, figure in found[HOUR].items():
        hours[key[0]][key] = figure
    days = await by_day(session, period)
    return replace(counted, flat={**counted.flat, DAYS: _weekdays(days, hours)}, hours=hours), days


def _whole(found: Mapping[str, Mapping[str, Figure]]) -> Figure:
    return found[ALL].get(EVERYTHING, Figure(EVERYTHING, Counts(), 0))


def _weekdays(days: Mapping[dt.date, Figure], hours: Mapping[str, Mapping[str, Figure]]) -> dict[str, Figure]:
    """Add up the days of each weekday; it had at least as many people as the fullest of its days and hours."""
    found: dict[str, list[Figure]] = defaultdict(list)
    for day, figure in days.items():
        found[str(day.weekday())].append(figure)
    return {key: _together(key, of, hours.get(key, {}).values()) for key, of in found.items()}


def _together(key: str, figures: Collection[Figure], others: Collection[Figure] = ()) -> Figure:
    counts = Counts()
    for figure in figures:
        counts.add(figure.counts)
    return Figure(key, counts, max(figure.people for figure in (*figures, *others)))


def _steps(
    period: Period,
    counted: Counted,
    days: Mapping[dt.date, Figure],
    free: Sequence[Holiday],
    fewest: int,
    *,
    today: dt.date,
) -> Iterator[Step]:
    """Yield the days or weeks; a day is hidden so that it does not follow from its weekday's hours either."""
    within: dict[str, dict[str, Figure]] = defaultdict(dict)
    long = period.days > MOST_DAYS_IN_ROWS
    for first, of in groupby(days, monday_of if long else _itself):
        figure, group = _together("", [days[day] for day in of]), ALL if long else str(first.weekday())
        within[group][f"{group} {first}"] = figure
    above = {ALL: counted.total} if long else counted.flat[DAYS]
    empty: dict[str, dict[str, Figure]] = {TOPIC: {}, ASPECT: {}, ENDING: {}}
    week = protect(replace(counted, flat={**empty, DAYS: above}, entries={}, hours=within), fewest)
    table = week.table(HOUR)
    alone = {next(iter(of)) for group, of in within.items() if len(of) == 1 and group in week.table(DAYS).small}
    table = replace(table, small=table.small | alone)  # the only Monday is small where Mondays are
    for key in sorted((key for of in within.values() for key in of), key=itemgetter(slice(-10, None))):
        begin = dt.date.fromisoformat(key.split()[1])
        end = min(begin + A_DAY * (6 - begin.weekday()), period.until) if long else begin
        names = tuple(dict.fromkeys(one.name for one in free if begin <= one.day <= end))
        told = (None, NOT_YET) if begin > today else _read(table, key, fewest)
        yield Step(max(begin, period.since), end, *told, names)


def _read(table: Table, key: str, fewest: int) -> tuple[int | None, str]:
    count = table.read(key)
    return count, "" if count is not None else small_mark(fewest) if key in table.small else HIDDEN_MARK


def _itself(day: dt.date) -> dt.date:
    return day


def _hours(table: Table) -> dict[tuple[int, int], int | None]:
    return {
        (weekday, hour): table.read(f"{weekday} {hour:02}") for weekday in range(A_WEEKS_DAYS) for hour in range(24)
    }


def _questions(figure: Figure | None) -> int:
    return figure.questions if figure else 0
