"""`/api/v1`: the figures for other programs, read-only, as JSON or CSV, for whoever has a token.

An application of its own. Whoever takes figures is noted, as for an export. Small counts are hidden as on
the page.
"""

import csv
import datetime as dt
import io
import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from stats.definitions import METRICS
from stats.figuring import Period
from stats.reports.making import week_name
from stats.survey_tables import as_data
from stats.surveying import note_export
from stats.weekly import WeeklyReport
from web.access import network_of
from web.filters import BadPeriodError, asked_period
from web.office import Office, office
from web.pages.statistics import names_of, surveyed
from web.tokens import ApiToken, find_token, note_use

T = TypeVar("T")

PATH: Final = "/api/v1"
ABOUT: Final = """Số liệu câu hỏi của người dân, chỉ đọc. / What citizens asked, read-only.

Mỗi lời gọi cần mã truy cập do quản trị viên làm ở trang `/api`: `Authorization: Bearer hddvc_…`. Mỗi mã được gọi
nhiều nhất 60 lần một phút. Mỗi lần lấy số liệu được ghi vào nhật ký. Số dưới 5 người hỏi không nêu: `questions` là
`null` và `mark` nói vì sao.

Each call needs a token that an administrator makes on the page `/api`. A token may call 60 times a minute; whoever
takes figures is logged. Numbers from fewer than 5 people are not given: `questions` is `null`, `mark` says why.
"""
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


class Form(StrEnum):
    """As what an answer is sent."""

    JSON = "json"
    CSV = "csv"


class Fault(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="Lý do, cho người đọc / why, for people")
    status: int


class Scope(BaseModel):
    """Which days and topic were counted."""

    since: dt.date = Field(alias="from")
    until: dt.date = Field(alias="to")
    topic: str | None


class LeftOut(BaseModel):
    """What is not counted: questions typed to try the service, and those of staff."""

    tests: int
    staff: int


class Figure(BaseModel):
    """A figure of the period as a whole; see `/definitions`."""

    id: str
    name: str
    unit: Literal["count", "share"]
    value: float | None
    mark: str
    n: int | None = Field(description="Mẫu số của tỷ lệ / what a share is a share of")
    interval: tuple[float, float] | None = Field(description="Khoảng tin cậy 95 % (Wilson), khi n < 400")
    before: float | None = Field(description="Kỳ trước, cùng độ dài / the period before, of the same length")
    mean_before: float | None = Field(description="Trung bình tối đa bốn kỳ trước / mean of up to four periods before")
    change: Literal["more", "less", "same", "unknown"]
    change_to_mean: Literal["more", "less", "same", "unknown"]


class Row(BaseModel):
    """How often one thing was asked."""

    key: str
    title: str
    questions: int | None
    mark: str
    share: float | None
    before: int | None
    mean_before: float | None
    change: Literal["more", "less", "same", "unknown"]
    change_to_mean: Literal["more", "less", "same", "unknown"]


class Step(BaseModel):
    """A day; a week where the period is longer than 62 days."""

    since: dt.date = Field(alias="from")
    until: dt.date = Field(alias="to")
    questions: int | None
    mark: str
    holidays: list[str]


class Hour(BaseModel):
    """An hour of the week: 1 is Monday."""

    weekday: int
    hour: int
    questions: int | None
    mark: str


class Gap(BaseModel):
    """A question that had no answer and got one; what citizens wrote is not told."""

    entry: str
    first_day: dt.date = Field(description="Ngày xuất hiện / when it was first asked")
    live_day: dt.date = Field(description="Ngày có câu trả lời / when an answer went live")
    not_answered_before: str = Field(description="Tỷ lệ chưa trả lời được, bằng chữ / share not answered, in words")
    not_answered_after: str


class Checked(BaseModel):
    """What staff found in random samples of the weeks in the period; else of the last week before that was judged."""

    since: dt.date = Field(alias="from", serialization_alias="from")
    until: dt.date = Field(alias="to", serialization_alias="to")
    drawn: int
    right: int
    half: int
    wrong: int
    unclear: int
    share: float | None = Field(description="Đúng / (đúng, đúng một phần, sai)")
    interval: tuple[float, float] | None = Field(description="Khoảng tin cậy 95 % (Wilson)")


class Answer(BaseModel, Generic[T]):
    """Rows of a table, and what they were counted from."""

    filter: Scope
    counted_at: dt.datetime
    unfinished: bool = Field(description="Kỳ chưa hết / the period is not over")
    days_to_count: int = Field(description="Số ngày còn đang cộng / days whose newest records are not counted yet")
    fewest_people: int
    left_out: LeftOut
    periods_before: int
    rows: list[T]


class Definition(BaseModel):
    """What a figure means."""

    id: str
    name: str
    formula: str
    unit: Literal["count", "share"]
    left_out: str


class Definitions(BaseModel):
    """All figures."""

    rows: list[Definition]


class Report(BaseModel):
    """A weekly report that was made."""

    week: str
    monday: dt.date
    made_at: dt.datetime
    files: dict[str, dict[str, Any]] = Field(description="Dung lượng và SHA-256 của từng tệp / size and SHA-256")


class Reports(BaseModel):
    """All weekly reports, the latest first."""

    rows: list[Report]


_bearer = HTTPBearer(auto_error=False, description="Mã truy cập làm ở trang /api / a token made on the page /api")


async def token_of(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiToken:
    """Return the token of a request; whoever tries wrong ones, or calls too often, has to wait."""
    here, network = office(request), network_of(request)
    _wait(here.by_wrong_token.wait(network))
    async with here.parts.sessions() as session:
        token = await find_token(session, given.credentials) if given else None
    if token is None:
        here.by_wrong_token.note(network)
        raise HTTPException(401, "Cần mã truy cập còn hiệu lực.", {"WWW-Authenticate": "Bearer"})
    _wait(here.by_token.wait(token.token_hash))
    here.by_token.note(token.token_hash)
    return token


def _wait(seconds: float) -> None:
    if seconds:
        raise HTTPException(429, "Gọi quá nhiều lần, hãy chờ rồi gọi lại.", {"Retry-After": str(math.ceil(seconds))})


Token = Annotated[ApiToken, Depends(token_of)]
_DAYS: Final = "Năm-tháng-ngày, giờ Việt Nam; mặc định tuần trước / default: last week"
FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Fault, "description": words}
    for status, words in {
        401: "Thiếu mã truy cập, hoặc mã đã thu hồi / no token, or a revoked one",
        422: "Ngày hoặc chủ đề chưa đúng / wrong days or topic",
        429: "Gọi quá nhiều lần / too many calls",
        503: "Cơ sở dữ liệu không trả lời / the database does not answer",
    }.items()
}
CSV_TOO: Final[dict[str, Any]] = {"content": {"text/csv": {"schema": {"type": "string"}}}}
"""What a table may be sent as, too."""


def api(here: Office) -> FastAPI:
    """Return the application that answers below `/api/v1`."""
    made = FastAPI(
        title="Hỏi Đáp Dịch Vụ Công: số liệu",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
    )
    made.state.office = here
    for name, (told, model) in TABLES.items():
        made.add_api_route(
            f"/{name}",
            _table(name),
            name=name,
            summary=told,
            response_model=None,
            responses={200: {"model": Answer[model], **CSV_TOO}, **FAULTS},  # type: ignore[valid-type]
        )
    short: dict[int | str, dict[str, Any]] = {status: FAULTS[status] for status in (401, 429, 503)}
    made.add_api_route("/definitions", definitions, summary="Cách tính / what each figure means", responses=short)
    made.add_api_route("/reports", reports, summary="Báo cáo tuần đã lập / weekly reports", responses=short)
    for error, handler in HANDLERS.items():
        made.add_exception_handler(error, handler)
    return made


TABLES: Final[Mapping[str, tuple[str, type[BaseModel]]]] = {
    "figures": ("Số liệu chính / the figures as a whole", Figure),
    "endings": ("Câu hỏi kết thúc ra sao / how questions ended", Row),
    "topics": ("Theo chủ đề / by topic", Row),
    "entries": ("Theo mục hỏi đáp / by entry", Row),
    "aspects": ("Theo khía cạnh / by aspect", Row),
    "channels": ("Theo kênh / by channel", Row),
    "campaigns": ("Theo đợt tuyên truyền / by campaign", Row),
    "releases": ("Theo bản công bố / by release", Row),
    "days": ("Theo ngày, hoặc tuần / by day, or week", Step),
    "hours": ("Theo giờ và thứ / by hour and weekday", Hour),
    "gaps": ("Đã bổ sung câu trả lời trong bốn tuần đến hết kỳ / questions that got an answer", Gap),
    "checked": ("Kiểm tra thủ công / accuracy checked by hand", Checked),
}


def _table(name: str) -> Callable[..., Any]:
    async def answer(  # noqa: PLR0917 - FastAPI's way to name what an address may hold
        request: Request,
        token: Token,
        since: Annotated[dt.date | None, Query(alias="from", description=_DAYS)] = None,
        until: Annotated[dt.date | None, Query(alias="to", description=_DAYS)] = None,
        topic: Annotated[str, Query(max_length=40, description="Mã chủ đề / id of a topic")] = "",
        form: Annotated[Form, Query(alias="format")] = Form.JSON,
    ) -> Response:
        names, here = await names_of(request), office(request)
        asked = {"from": since and since.isoformat(), "to": until and until.isoformat(), "topic": topic}
        period = asked_period(
            {key: value for key, value in asked.items() if value}, here.today(), names.topics, topic_name="topic"
        )
        said = as_data(await surveyed(request, period, names))
        await _note(here, token, f"api {name} {form}", period)
        rows = said[name]
        if form == Form.CSV:
            file = f'attachment; filename="{name}-{period.since}-{period.until}.csv"'
            return Response(as_csv(rows, TABLES[name][1]), media_type="text/csv", headers={"Content-Disposition": file})
        scope = {key: said[key] for key in Answer.model_fields if key != "rows"}
        return JSONResponse({**scope, "rows": rows})

    return answer


async def _note(here: Office, token: ApiToken, form: str, period: Period) -> None:
    async with here.parts.sessions.begin() as session:
        await note_use(session, token.token_hash, here.clock())
        note_export(period, form, author=f"api: {token.name}", session=session, now=here.clock())


def as_csv(rows: Sequence[Mapping[str, Any]], model: type[BaseModel]) -> str:
    """Return rows as CSV with a head; no text is a formula to whoever opens it."""
    fields = [field.alias or name for name, field in model.model_fields.items()]
    written = io.StringIO()
    writer = csv.DictWriter(written, fields)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return "\ufeff" + written.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


async def definitions(_token: Token) -> Definitions:
    """Return what each figure means: the only source of these words."""
    rows = [
        Definition(id=m.id, name=m.name, formula=m.formula, unit=m.unit.value, left_out=m.left_out)
        for m in METRICS.values()
    ]
    return Definitions(rows=rows)


async def reports(request: Request, _token: Token) -> Reports:
    """Return the weekly reports that were made; their files are on the staff's pages."""
    async with office(request).parts.sessions() as session:
        found = (await session.scalars(select(WeeklyReport).order_by(WeeklyReport.monday.desc()))).all()
    return Reports(
        rows=[
            Report(week=week_name(row.monday), monday=row.monday, made_at=row.made_at, files=row.files) for row in found
        ]
    )


def _fault(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": words, "status": status}, status, headers)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _fault(error.status_code, str(error.detail), error.headers)


async def _wrong(_request: Request, error: Exception) -> Response:
    return _fault(422, str(error) if isinstance(error, BadPeriodError) else "Tham số chưa đúng.")


async def _away(_request: Request, _error: Exception) -> Response:
    return _fault(503, "Cơ sở dữ liệu chưa trả lời, hãy gọi lại sau.", {"Retry-After": "30"})


async def _failed(_request: Request, _error: Exception) -> Response:
    return _fault(500, "Có lỗi, hãy gọi lại sau.")


HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Any]]] = {
    HTTPException: _refused,
    RequestValidationError: _wrong,
    BadPeriodError: _wrong,
    SQLAlchemyError: _away,
    ConnectionError: _away,
    TimeoutError: _away,
    Exception: _failed,
}
