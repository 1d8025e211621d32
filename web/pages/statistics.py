"""What was asked between two days, as a page and as an Excel file."""

import asyncio
import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from faq.entries import Place
from stats.reporting import Report, Titles, report
from stats.workbook import write_xlsx
from web.chart import draw
from web.formats import BadDayError, typed_day
from web.office import office
from web.showing import show

USUAL_DAYS = 7
MOST_DAYS = 366
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Period:
    """The days a report covers, both included."""

    since: dt.date
    until: dt.date

    @property
    def query(self) -> str:
        """The period as it stands in an address."""
        return f"from={self.since.isoformat()}&to={self.until.isoformat()}"


class BadPeriodError(ValueError):
    """The days asked for cannot be counted; the text says why."""


async def statistics(request: Request) -> Response:
    """Show the report."""
    today = office(request).today()
    try:
        period, fault = asked_period(request, today), ""
    except BadPeriodError as error:
        period, fault = usual_period(today), str(error)
    counted = await _count(request, period)
    chart = draw([(day.day, day.count) for day in counted.days])
    values = {"report": counted, "chart": chart, "period": period, "fault": fault, "today": today}
    return show(request, "statistics.html", status=400 if fault else 200, **values)


async def workbook(request: Request) -> Response:
    """Send the report as an Excel file."""
    try:
        period = asked_period(request, office(request).today())
    except BadPeriodError:
        return RedirectResponse(f"/thong-ke?{request.url.query}", 303)
    content = await asyncio.to_thread(_as_excel, await _count(request, period))
    name = f"thong-ke-{period.since.isoformat()}-{period.until.isoformat()}.xlsx"
    return Response(content, media_type=EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def asked_period(request: Request, today: dt.date) -> Period:
    """Return the days in the address, the last week if there are none; raise `BadPeriodError`."""
    usual, asked = usual_period(today), request.query_params
    until = _day(asked.get("to")) or usual.until
    since = _day(asked.get("from")) or min(usual.since, until)
    if since > until:
        raise BadPeriodError("Ngày đầu phải trước hoặc trùng ngày cuối.")
    if (until - since).days >= MOST_DAYS:
        raise BadPeriodError(f"Mỗi lần xem được nhiều nhất {MOST_DAYS} ngày. Anh/chị vui lòng chọn khoảng ngắn hơn.")
    return Period(since, until)


def usual_period(today: dt.date) -> Period:
    """Return the last seven days, today included."""
    return Period(today - dt.timedelta(days=USUAL_DAYS - 1), today)


async def _count(request: Request, period: Period) -> Report:
    parts = office(request).parts
    live = await parts.faq.now()
    return await report(parts.sessions, _filled(Titles.of(live.faq), live.faq.place), period.since, period.until)


def _filled(titles: Titles, place: Place) -> Titles:
    return Titles({key: place.fill(title) for key, title in titles.entries.items()}, titles.topics)


def _day(text: str | None) -> dt.date | None:
    try:
        return typed_day(text or "")
    except BadDayError as error:
        raise BadPeriodError(str(error)) from None


def _as_excel(counted: Report) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "thong-ke.xlsx"
        write_xlsx(counted, path)
        return path.read_bytes()
