"""The table of routes: one screen with every page and who may see it."""

import datetime as dt
import socket
from collections.abc import Callable, Sequence

from fastapi import APIRouter, Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from dialogue.building import Parts
from faq.entries import CheckSentence
from web.access import LogInRequiredError, NoRightError, greet_citizen, require
from web.api import PATH as API
from web.api import api
from web.hardening import Hardened
from web.office import HERE, Office
from web.pages import (
    account,
    announcing,
    asking,
    campaigns,
    card,
    comparing,
    deeds,
    entering,
    excel,
    faq,
    faults,
    guide,
    health,
    history,
    inbox,
    judging,
    laws,
    links,
    members,
    overview,
    public,
    publishing,
    releases,
    remarks,
    reports,
    statistics,
    telegram,
    tokens,
    tryout,
)
from web.passwords import Passwords
from web.proofreading import Proofs
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
    ("GET", "/so-lieu", public.page),
)
FOR_CITIZENS = (
    ("GET", "/hoi", asking.page),
    ("POST", "/hoi", asking.ask),
    ("POST", "/hoi/xoa", asking.leave),
)
FOR_STAFF = (
    ("GET", "/", overview.overview, Right.READ),
    ("GET", "/faq", faq.entries, Right.READ),
    ("GET", "/faq/tim-muc", faq.offer_related, Right.EDIT),
    ("GET", "/faq/{key}", faq.entry, Right.READ),
    ("GET", "/faq/{key}/lich-su", history.history, Right.READ),
    ("GET", "/faq/{key}/sua", card.edit, Right.EDIT),
    ("POST", "/faq/{key}/sua", card.save_edit, Right.EDIT),
    ("POST", "/faq/{key}/tu-luu", card.keep_typed, Right.EDIT),
    ("POST", "/faq/{key}/bo-go", card.drop_typed, Right.EDIT),
    ("POST", "/faq/{key}/xem-truoc", card.show_preview, Right.EDIT),
    ("POST", "/faq/{key}/soat-cau", card.show_advice, Right.EDIT),
    ("POST", "/faq/{key}/bo-nhap", history.discard_draft, Right.EDIT),
    ("POST", "/faq/{key}/lay-lai", history.take_back, Right.EDIT),
    ("GET", "/faq/{key}/rut", history.ask_to_withdraw, Right.EDIT),
    ("POST", "/faq/{key}/rut", history.withdraw_entry, Right.EDIT),
    ("GET", "/muc-moi", card.new, Right.EDIT),
    ("POST", "/muc-moi", card.save_new, Right.EDIT),
    ("POST", "/muc-moi/tu-luu", card.keep_typed, Right.EDIT),
    ("POST", "/muc-moi/bo-go", card.drop_typed, Right.EDIT),
    ("POST", "/muc-moi/xem-truoc", card.show_preview, Right.EDIT),
    ("POST", "/muc-moi/soat-cau", card.show_advice, Right.EDIT),
    ("GET", "/hop-cau-hoi", inbox.groups, Right.READ),
    ("GET", "/hop-cau-hoi/{number}", inbox.group, Right.READ),
    ("POST", "/hop-cau-hoi/gop", inbox.join, Right.EDIT),
    ("POST", "/hop-cau-hoi/{number}", inbox.decide, Right.EDIT),
    ("POST", "/hop-cau-hoi/{number}/tach", inbox.split, Right.EDIT),
    ("POST", "/hop-cau-hoi/{number}/hoan-tac", inbox.undo, Right.EDIT),
    ("GET", "/cong-bo", publishing.drafts, Right.READ),
    ("POST", "/cong-bo", publishing.ask, Right.EDIT),
    ("GET", "/cong-bo/{number:int}", publishing.publication, Right.READ),
    ("GET", "/cong-bo/{number:int}/tien-do", publishing.progress, Right.READ),
    ("POST", "/cong-bo/{number:int}/duyet", publishing.approve, Right.APPROVE),
    ("POST", "/cong-bo/{number:int}/van-cong-bo", publishing.override, Right.APPROVE),
    ("POST", "/cong-bo/{number:int}/rut", publishing.withdraw, Right.EDIT),
    ("GET", "/cac-ban", releases.releases, Right.READ),
    ("GET", "/cac-ban/{name}", releases.release, Right.READ),
    ("POST", "/cac-ban/{name}/quay-lai", releases.roll_back, Right.APPROVE),
    ("GET", "/so-sanh", comparing.page, Right.READ),
    ("POST", "/so-sanh", comparing.compare, Right.READ),
    ("GET", "/thu", tryout.chat, Right.READ),
    ("POST", "/thu", tryout.say, Right.READ),
    ("GET", "/gop-y", remarks.remarks, Right.READ),
    ("GET", "/thong-ke", statistics.statistics, Right.READ),
    ("GET", "/thong-ke.xlsx", statistics.workbook, Right.READ),
    ("GET", "/thong-ke.json", statistics.data, Right.READ),
    ("GET", "/dot-tuyen-truyen", campaigns.every, Right.READ),
    ("POST", "/dot-tuyen-truyen", campaigns.make, Right.EDIT),
    ("GET", "/dot-tuyen-truyen/{code}", campaigns.one, Right.READ),
    ("POST", "/dot-tuyen-truyen/{code}/ket-thuc", campaigns.end, Right.EDIT),
    ("GET", "/dot-tuyen-truyen/{code}/{name}", campaigns.paper, Right.READ),
    ("GET", "/cham", judging.one, Right.EDIT),
    ("POST", "/cham", judging.give, Right.EDIT),
    ("POST", "/cham/hoan-tac", judging.take_back, Right.EDIT),
    ("GET", "/cham/ket-qua", judging.results, Right.READ),
    ("POST", "/tai-khoan/telegram", telegram.code, Right.READ),
    ("POST", "/tai-khoan/telegram/bo", telegram.unlink_own, Right.READ),
    ("GET", "/tai-khoan", account.account, Right.READ),
    ("POST", "/tai-khoan/mat-khau", account.change_own_password, Right.READ),
    ("POST", "/tai-khoan/phien", account.end_own_session, Right.READ),
    ("GET", "/tai-khoan/buoc-hai", account.second_step, Right.READ),
    ("POST", "/tai-khoan/buoc-hai", account.switch_second_step_on, Right.READ),
    ("POST", "/tai-khoan/buoc-hai/tat", account.switch_second_step_off, Right.READ),
    ("GET", "/excel", excel.excel, Right.READ),
    ("GET", "/excel/tai-ve", excel.workbook, Right.READ),
    ("POST", "/excel", excel.upload, Right.EDIT),
    ("GET", "/excel/xem-truoc/{token}", excel.preview, Right.EDIT),
    ("POST", "/excel/xem-truoc/{token}", excel.confirm, Right.EDIT),
    ("POST", "/excel/xem-truoc/{token}/bo", excel.give_up, Right.EDIT),
    ("POST", "/lien-ket", links.check_again, Right.EDIT),
    ("GET", "/thong-bao", announcing.notices, Right.READ),
    ("POST", "/thong-bao", announcing.give_notice, Right.APPROVE),
    ("POST", "/thong-bao/bo", announcing.withdraw_notice, Right.APPROVE),
    ("POST", "/thong-bao/dung", announcing.stop, Right.APPROVE),
    ("POST", "/thong-bao/chay-lai", announcing.resume, Right.APPROVE),
    ("GET", "/van-ban", laws.laws, Right.READ),
    ("GET", "/van-ban/{id}", laws.law, Right.READ),
    ("POST", "/van-ban/{id}/thay-the", laws.replace_law, Right.APPROVE),
    ("POST", "/van-ban/{id}/bo-thay-the", laws.restore_law, Right.APPROVE),
    ("GET", "/bao-cao", reports.reports, Right.READ),
    ("POST", "/bao-cao", reports.make, Right.EDIT),
    ("GET", "/bao-cao/cong-khai", public.preview, Right.READ),
    ("GET", "/bao-cao/cong-khai/so-lieu.html", public.download, Right.READ),
    ("POST", "/bao-cao/cong-khai", public.switch, Right.APPROVE),
    ("GET", "/bao-cao/{week}/{name}", reports.download, Right.READ),
    ("POST", "/dang-xuat", entering.log_out, Right.READ),
    ("GET", "/can-bo", members.members, Right.ADMINISTER),
    ("POST", "/can-bo", members.add, Right.ADMINISTER),
    ("GET", "/can-bo/{name}", members.member, Right.ADMINISTER),
    ("POST", "/can-bo/{name}", members.change, Right.ADMINISTER),
    ("POST", "/can-bo/{name}/lien-ket", members.link, Right.ADMINISTER),
    ("GET", "/nhat-ky", deeds.deeds, Right.ADMINISTER),
    ("GET", "/huong-dan", guide.page, Right.READ),
    ("GET", "/huong-dan.pdf", guide.printed, Right.READ),
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
    sentences: Sequence[CheckSentence] = (),
) -> FastAPI:
    """Return the application; `sentences` are kept out of training, so no example may be like one."""
    app = FastAPI(title="Hỏi Đáp Dịch Vụ Công", openapi_url=None, redirect_slashes=False)
    app.state.office = Office(parts, settings, passwords or Passwords(), clock, proofs=Proofs(sentences))
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
