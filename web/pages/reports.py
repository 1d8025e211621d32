"""The weekly reports: a list, their files, and making one that is missing."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import HTTPException, Request, Response
from starlette.responses import RedirectResponse

from stats.figures import day
from stats.reports.making import CannotMakeError, ChangedFileError, WeeklyReports, monday_named, week_name
from stats.spans import A_DAY
from stats.weekly import WeeklyReport
from web.access import field, signed_form, staff_of
from web.office import office
from web.pages import public
from web.pages.faults import PUBLIC_PATH
from web.rights import Right
from web.showing import show

PATH = "/bao-cao"
TYPES = {
    "docx": ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": ("PDF", "application/pdf"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file of a report, as the page lists it."""

    name: str
    kind: str
    size: int
    sha256: str

    @property
    def kilobytes(self) -> int:
        """Its size, at least one."""
        return max(1, round(self.size / 1024))


@dataclass(frozen=True, slots=True)
class Report:
    """A report, as the page lists it."""

    week: str
    title: str
    made_at: dt.datetime
    made_by: str
    trouble: str
    files: tuple[File, ...]


async def reports(request: Request) -> Response:
    """Show the list."""
    return await _page(request)


async def make(request: Request) -> Response:
    """Make the report of a past week that has none."""
    form = await signed_form(request)
    try:
        made = await _reports(request).make(monday_named(field(form, "tuan")), author=staff_of(request).name)
    except CannotMakeError as error:
        return await _page(request, fault=str(error))
    return RedirectResponse(f"{PATH}?xong={week_name(made.monday)}", 303)


async def download(request: Request, week: str, name: str) -> Response:
    """Send a file, if it still is the one that was made."""
    try:
        monday = monday_named(week)
        data = await _reports(request).read(monday, name, author=staff_of(request).name)
    except CannotMakeError:
        raise HTTPException(404) from None
    except ChangedFileError as error:
        return await _page(request, fault=f"{name}: {error} Không cho tải xuống; anh/chị vui lòng báo quản trị viên.")
    if data is None:
        raise HTTPException(404)
    _, media_type = TYPES[name.rpartition(".")[2]]
    headers = {"Content-Disposition": f'attachment; filename="{quote(name)}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


def _reports(request: Request) -> WeeklyReports:
    here = office(request)
    return WeeklyReports(here.parts.sessions, here.settings.var_dir, clock=here.clock, inbox=here.inbox.read)


async def _page(request: Request, *, fault: str = "") -> Response:
    kept = _reports(request)
    missing = [(week_name(monday), _title(monday)) for monday in await kept.can_be_made()]
    return show(
        request,
        "reports.html",
        status=409 if fault else 200,
        reports=[_report(row) for row in await kept.every()],
        missing=missing,
        may_make=staff_of(request).may(Right.EDIT),
        is_public=await public.public_page(request).read() is not None,
        may_switch=staff_of(request).may(Right.APPROVE),
        public_address=f"{office(request).settings.address}{PUBLIC_PATH}",
        switched=public.DONE.get(request.query_params.get("cong-khai", ""), ""),
        fault=fault,
        done=_done(request),
    )


def _done(request: Request) -> str:
    """Return the week that was just made, if the address names one."""
    try:
        return week_name(monday_named(request.query_params.get("xong", "")))
    except CannotMakeError:
        return ""


def _report(row: WeeklyReport) -> Report:
    files = (
        File(name, TYPES[name.rpartition(".")[2]][0], kept["size"], kept["sha256"]) for name, kept in row.files.items()
    )
    trouble = row.figures.get("trouble", "")
    return Report(week_name(row.monday), _title(row.monday), row.made_at, row.made_by, trouble, tuple(files))


def _title(monday: dt.date) -> str:
    year, week, _ = monday.isocalendar()
    return f"Tuần {week}/{year} ({day(monday)} – {day(monday + A_DAY * 6)})"
