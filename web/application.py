"""The table of routes: one screen with every page and who may see it."""

import datetime as dt
import socket
from collections.abc import Callable

from fastapi import APIRouter, Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from dialogue.building import Parts
from web.access import LogInRequiredError, NoRightError, greet_citizen, require
from web.api import PATH as API
from web.api import api
from web.hardening import Hardened
from web.office import HERE, Office
from web.pages import (
    account,
    asking,
    deeds,
    entering,
    faq,
    faults,
    health,
    members,
    overview,
    remarks,
    reports,
    statistics,
    tokens,
    tryout,
)
from web.passwords import Passwords
from web.rights import Right
from web.settings import WebSettings

OPEN = (
    ("GET", "/dang-nhap", entering.log_in_page),
    ("POST", "/dang-nhap", entering.log_in),
    ("GET", "/dang-nhap/ma", entering.code_page),
    ("POST", "/dang-nhap/ma", entering.give_code),
    ("GET", "/vao/{token}", entering.link_page),
    ("POST", "/vao/{token}", entering.use_link),
    ("GET", "/suc-khoe", health.health),
)
FOR_CITIZENS = (
    ("GET", "/hoi", asking.page),
    ("POST", "/hoi", asking.ask),
    ("POST", "/hoi/xoa", asking.leave),
)
FOR_STAFF = (
    ("GET", "/", overview.overview, Right.READ),
    ("GET", "/faq", faq.entries, Right.READ),
    ("GET", "/faq/{key}", faq.entry, Right.READ),
    ("GET", "/thu", tryout.chat, Right.READ),
    ("POST", "/thu", tryout.say, Right.READ),
    ("GET", "/gop-y", remarks.remarks, Right.READ),
    ("GET", "/thong-ke", statistics.statistics, Right.READ),
    ("GET", "/thong-ke.xlsx", statistics.workbook, Right.READ),
    ("GET", "/thong-ke.json", statistics.data, Right.READ),
    ("GET", "/bao-cao", reports.reports, Right.READ),
    ("POST", "/bao-cao", reports.make, Right.EDIT),
    ("GET", "/bao-cao/{week}/{name}", reports.download, Right.READ),
    ("GET", "/tai-khoan", account.account, Right.READ),
    ("POST", "/tai-khoan/mat-khau", account.change_own_password, Right.READ),
    ("POST", "/tai-khoan/phien", account.end_own_session, Right.READ),
    ("GET", "/tai-khoan/buoc-hai", account.second_step, Right.READ),
    ("POST", "/tai-khoan/buoc-hai", account.switch_second_step_on, Right.READ),
    ("POST", "/tai-khoan/buoc-hai/tat", account.switch_second_step_off, Right.READ),
    ("POST", "/dang-xuat", entering.log_out, Right.READ),
    ("GET", "/can-bo", members.members, Right.ADMINISTER),
    ("POST", "/can-bo", members.add, Right.ADMINISTER),
    ("GET", "/can-bo/{name}", members.member, Right.ADMINISTER),
    ("POST", "/can-bo/{name}", members.change, Right.ADMINISTER),
    ("POST", "/can-bo/{name}/lien-ket", members.link, Right.ADMINISTER),
    ("GET", "/nhat-ky", deeds.deeds, Right.ADMINISTER),
    ("GET", "/api", tokens.tokens, Right.ADMINISTER),
    ("POST", "/api", tokens.make, Right.ADMINISTER),
    ("POST", "/api/thu-hoi", tokens.revoke, Right.ADMINISTER),
)


def build(
    parts: Parts,
    settings: WebSettings,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    passwords: Passwords | None = None,
) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="Hỏi Đáp Dịch Vụ Công", openapi_url=None, redirect_slashes=False)
    app.state.office = Office(parts, settings, passwords or Passwords(), clock)
    app.include_router(_routes(OPEN))
    app.include_router(_routes(FOR_CITIZENS), dependencies=[Depends(greet_citizen)])
    app.include_router(_staff_routes())
    app.mount(API, api(app.state.office))
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_exception_handler(LogInRequiredError, entering.send_to_log_in)
    app.add_exception_handler(NoRightError, faults.no_right)
    app.add_exception_handler(HTTPException, faults.refused)
    for error in (SQLAlchemyError, ConnectionError, TimeoutError, socket.gaierror):
        app.add_exception_handler(error, faults.database_down)
    app.add_middleware(Hardened, fault=faults.page)
    return app


def _routes(table: tuple[tuple[str, str, Callable[..., object]], ...]) -> APIRouter:
    router = APIRouter(redirect_slashes=False)
    for method, path, page in table:
        router.add_api_route(path, page, methods=[method], response_model=None)
    return router


def _staff_routes() -> APIRouter:
    router = APIRouter(redirect_slashes=False)
    guards = {right: Depends(require(right)) for right in Right}
    for method, path, page, right in FOR_STAFF:
        router.add_api_route(path, page, methods=[method], response_model=None, dependencies=[guards[right]])
    return router
