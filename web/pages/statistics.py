"""What people asked in some days: as a page, as an Excel file, as JSON."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from starlette.responses import JSONResponse, RedirectResponse

from stats import gaps
from stats.bars import draw
from stats.charts import WEEKDAYS, Bar, days_in_words
from stats.comparing import Change
from stats.definitions import LEFT_OUT, METRICS
from stats.figures import whole
from stats.figuring import Period
from stats.freshness import LONGER, PATIENCE
from stats.holidays import in_words
from stats.inbox import Decision
from stats.published import NOT_LIVE, Listing, Names, Row
from stats.reports.blocks import NOTHING, Mean, written
from stats.reports.workbook import book
from stats.rolling import ENTRY, TOPIC
from stats.survey import NOT_YET, Step, Survey, survey
from stats.survey_tables import (
    HIDDEN_HOUR,
    NAMES,
    NOTE_OF_CHANGE,
    as_data,
    before,
    change,
    compared_days,
    count_of,
    hours,
    live_since,
    mean_of,
    number,
    tables,
    value_of,
)
from stats.surveying import note_export
from web.access import staff_of
from web.filters import BadPeriodError, asked_period, presets, query_of, usual
from web.office import office
from web.showing import show

PATH = "/thong-ke"
EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADLINES: Final = (
    "questions",
    "people",
    "answered_share",
    "offered_share",
    "not_understood_share",
    "out_of_scope_share",
    "helpful_share",
)
ASIDE: Final = ("small_talk", "pressed", "scam")
"""Told on lines of their own."""
MOST: Final = {ENTRY: 15}
MOST_GROUPS: Final = 10
MOST_URGENT: Final = 3
SHADES: Final = 5


@dataclass(frozen=True, slots=True)
class _List:
    """A table of what was asked by one kind of thing."""

    title: str
    name: str
    listing: Listing
    most: int | None
    """Rows that the page shows."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows that the page shows."""
        return self.listing.rows[: self.most]

    @property
    def more(self) -> int:
        """Rows that only the files hold."""
        return len(self.listing.rows) - len(self.rows)

    @property
    def longest(self) -> int:
        """The largest number, now or before; at least one."""
        return max((*(max(row.count or 0, row.last or 0) for row in self.rows), 1))


@dataclass(frozen=True, slots=True)
class Square:
    """An hour of a weekday: what stands in it, and how dark it is."""

    text: str
    shade: int


async def statistics(request: Request) -> Response:
    """Show the page."""
    here = office(request)
    names = await names_of(request)
    try:
        period, fault = asked_period(request.query_params, here.today(), names.topics), ""
    except BadPeriodError as error:
        period, fault = usual(here.today()), str(error)
    said = await surveyed(request, period, names, patience=PATIENCE)
    values = {"fault": fault, **_values(said)}
    return show(request, "statistics.html", status=400 if fault else 200, **values)


async def workbook(request: Request) -> Response:
    """Send the page's tables as an Excel file, a sheet each."""
    return await _file(request, "xlsx", lambda said: book(tables(said)), EXCEL)


async def data(request: Request) -> Response:
    """Send what the page says as JSON."""
    return await _file(request, "json", lambda said: bytes(JSONResponse(as_data(said)).body), "application/json")


async def _file(request: Request, ending: str, make: Callable[[Survey], bytes], media_type: str) -> Response:
    names = await names_of(request)
    try:
        period = asked_period(request.query_params, office(request).today(), names.topics)
    except BadPeriodError:
        return RedirectResponse(f"{PATH}?{request.url.query}", 303)
    said = await surveyed(request, period, names)
    content = await asyncio.to_thread(make, said)
    here = office(request)
    async with here.parts.sessions.begin() as session:
        note_export(period, ending, author=staff_of(request).name, session=session, now=here.clock())
    name = f"thong-ke-{period.since.isoformat()}-{period.until.isoformat()}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def names_of(request: Request) -> Names:
    """Return what keys are called in what is live."""
    return Names.of((await office(request).parts.faq.now()).faq)


async def surveyed(request: Request, period: Period, names: Names, *, patience: float = LONGER) -> Survey:
    """Return what is told of a period, from roll-ups brought up to date if that is quick."""
    here = office(request)
    as_of = await here.freshness.as_of(patience)
    async with here.parts.sessions() as session:
        return await survey(session, period, names, today=here.today(), counted_at=as_of)


def _values(said: Survey) -> dict[str, object]:
    """Return what the template needs."""
    period, bars = said.period, _bars(said)
    return {
        "said": said,
        "period": period,
        "query": query_of(period),
        "presets": presets(said.today, period.topic),
        "before": before(said).lower(),
        "mean_of": mean_of(said),
        "headlines": [said.line(ident) for ident in HEADLINES],
        "aside": [said.line(ident) for ident in ASIDE],
        **_noteworthy(said),
        "compared_days": compared_days(said),
        "holidays": in_words(said.holidays),
        "live_since": live_since(said),
        "left_out": LEFT_OUT,
        "note_of_change": NOTE_OF_CHANGE,
        "chart": draw(bars),
        "chart_words": days_in_words(bars, weekly=said.weekly),
        "lists": {dim: _List(*NAMES[dim], said.tables[dim], MOST.get(dim)) for dim in said.tables},
        "hours": _hours_asked(said),
        "week": _squares(said),
        "hours_note": hours(said).note,
        "sparse": sum(count is None for count in said.hours.values()) > len(said.hours) / 2,
        "groups_shown": said.groups[:MOST_GROUPS],
        "gaps_shown": said.gaps[:MOST_GROUPS],
        "not_yet": NOT_YET,
        "drafted": sum(NOT_LIVE in one.state for one in said.groups),
        "gaps_note": gaps.NOTE,
        "metrics": METRICS.values(),
        **WORDS,
    }


def _noteworthy(said: Survey) -> dict[str, object]:
    """Return what changed beyond chance, and what waits for somebody's hand."""
    told = {Change.MORE, Change.LESS}
    open_groups = [group for group in said.groups if group.decision == Decision.OPEN]
    return {
        "moved": [line for line in map(said.line, HEADLINES) if line.change in told],
        "moved_topics": [row for row in said.tables[TOPIC].rows if row.change in told and not said.period.topic][:3],
        "urgent": open_groups[:MOST_URGENT],
        "open_groups": len(open_groups),
    }


def _bars(said: Survey) -> list[Bar]:
    return [Bar(step.first, step.count, step.mark, ", ".join(step.holidays)) for step in said.steps]


def _hours_asked(said: Survey) -> list[int]:
    """Return the hours from the first to the last in which anybody asked."""
    asked = sorted({hour for (_, hour), count in said.hours.items() if count != 0})
    return list(range(asked[0], asked[-1] + 1)) if asked else []


def _squares(said: Survey) -> list[tuple[str, list[Square]]]:
    most = max((count or 0 for count in said.hours.values()), default=0)
    shown = _hours_asked(said)
    return [
        (name, [_square(said.hours[weekday, hour], most, later=said.comes_later(weekday)) for hour in shown])
        for weekday, name in enumerate(WEEKDAYS)
    ]


def _square(count: int | None, most: int, *, later: bool) -> Square:
    if later:
        return Square(NOTHING, 0)
    if count is None:
        return Square(HIDDEN_HOUR, 0)
    return Square(whole(count) if count else "", math.ceil(SHADES * count / most) if count else 0)


def _query_of_topic(period: Period, topic: str) -> str:
    return query_of(Period(period.since, period.until, topic))


def _query_of_days(period: Period, step: Step) -> str:
    return query_of(Period(step.first, step.last, period.topic))


def _mean(row: Row) -> Mean | None:
    return None if row.mean is None else Mean(row.mean)


WORDS: Final[Mapping[str, object]] = {
    "mean": _mean,
    "value_of": value_of,
    "number": number,
    "count_of": count_of,
    "change": change,
    "written": written,
    "query_of_topic": _query_of_topic,
    "query_of_days": _query_of_days,
}
"""Functions with which the template writes numbers and addresses."""
