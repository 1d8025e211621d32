"""The FAQ as a workbook: taken out, and brought back as drafts after a look at what would change."""

import asyncio
import re
import secrets
from pathlib import Path

from fastapi import HTTPException, Request, Response
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, RedirectResponse

from faq.audit import note
from faq.editing import drafted_pieces
from faq.entries import Faq
from faq.excel import read_partly, write_xlsx
from faq.importing import Ground, Plan, carry_out, ground, planned, with_versions
from faq.models import Kind
from faq.problems import BrokenContentError
from faq.sheets import assemble
from faq.workbook import LARGEST_FILE
from web.access import field, signed_form, staff_of
from web.card import fields_of
from web.difference import Change as FieldChange
from web.difference import changes
from web.office import Office, office
from web.pages.statistics import EXCEL
from web.proofreading import personal_in
from web.rights import Right
from web.showing import show
from web.uploads import Upload

DRAFTED = "nhap"
MOST_SHOWN = 300
_COUNT = re.compile("[0-9]{1,6}")
NO_FILE = "Anh/chị chưa chọn tệp."
EXPIRED = "Tệp đã tải lên không còn (quá 30 phút, đã nạp, hoặc hệ thống khởi động lại). Anh/chị tải lại tệp."
NO_RELEASE = "Chưa có bản công bố nào đang dùng, nên chưa nạp được. Anh/chị công bố một lần trước."
BUSY = "Đang có một tệp khác được đọc. Anh/chị đợi một phút rồi thử lại."


async def excel(request: Request) -> Response:
    """Show what can be taken out and brought in."""
    return _page(request)


async def workbook(request: Request) -> Response:
    """Send the FAQ, live or with its drafts."""
    here = office(request)
    wants_drafts = request.query_params.get("ban") == DRAFTED
    faq = await (_drafted(here) if wants_drafts else _live(here))
    path = await asyncio.to_thread(_written, faq, here.uploads.folder)
    async with here.parts.sessions.begin() as session:
        which = "drafts" if wants_drafts else "live"
        note(session, staff_of(request).name, "excel.taken_out", "excel", now=here.clock(), which=which)
    name = f"hoi-dap-{'ban-nhap' if wants_drafts else 'dang-dung'}-{here.today().isoformat()}.xlsx"
    return FileResponse(path, media_type=EXCEL, filename=name, background=BackgroundTask(path.unlink, missing_ok=True))


async def upload(request: Request) -> Response:
    """Take a workbook, look through it and show what it would do."""
    form = await signed_form(request, files=1)
    try:
        return await _taken_in(request, form.get("tep"), public=field(form, "cong-khai") == "1")
    finally:
        await form.close()


async def preview(request: Request) -> Response:
    """Show what the workbook would do."""
    kept = _kept(request)
    if kept is None:
        return _page(request, fault=EXPIRED)
    token = request.path_params["token"]
    shown = await asyncio.to_thread(_differences, kept.plan)
    return show(request, "excel_preview.html", plan=kept.plan, token=token, most=MOST_SHOWN, differences=shown)


def _differences(plan: Plan) -> dict[str, list[FieldChange]]:
    """Return what differs in each entry that is shown, field by field, as the history of an entry shows it."""
    entries = (c for c in plan.changed[:MOST_SHOWN] if c.piece.kind is Kind.ENTRY and c.before is not None)
    return {c.piece.key: list(changes(fields_of(c.before), fields_of(c.piece.content))) for c in entries}


async def confirm(request: Request) -> Response:
    """Draft it."""
    form, kept, here = await signed_form(request), _kept(request), office(request)
    if kept is None:
        return _page(request, fault=EXPIRED)
    here.uploads.drop(request.path_params["token"])
    async with here.parts.sessions.begin() as session:
        done = await carry_out(
            session,
            kept.plan,
            author=staff_of(request).name,
            now=here.clock(),
            contested=field(form, "thay-ca") == "1",
            withdraw_missing=field(form, "rut") == "1",
        )
    return RedirectResponse(f"/excel?nap={done.saved}&rut={done.withdrawn}&de={len(done.left_alone)}", 303)


async def give_up(request: Request) -> Response:
    """Forget a workbook."""
    await signed_form(request)
    if _kept(request) is not None:
        office(request).uploads.drop(request.path_params["token"])
    return RedirectResponse("/excel", 303)


async def _taken_in(request: Request, sent: UploadFile | str | None, *, public: bool) -> Response:
    here = office(request)
    if not isinstance(sent, UploadFile) or not sent.size:
        return _page(request, fault=NO_FILE)
    if sent.size > LARGEST_FILE:
        return _page(request, fault="Tệp lớn quá 20 MB.")
    if here.uploads.reading.locked():
        return _page(request, fault=BUSY)
    async with here.uploads.reading:
        path = await asyncio.to_thread(here.uploads.write, sent.file)
        try:
            plan = await _looked_through(here, path, public=public)
        except BrokenContentError as error:
            path.unlink(missing_ok=True)
            return _page(request, fault=_why(error))
        except LookupError:
            path.unlink(missing_ok=True)
            return _page(request, fault=NO_RELEASE)
    token = here.uploads.keep(staff_of(request).staff_id, path, plan)
    return RedirectResponse(f"/excel/xem-truoc/{token}", 303)


def _page(request: Request, *, fault: str = "") -> Response:
    asked = request.query_params
    done = {name: int(asked[name]) for name in ("nap", "rut", "de") if _COUNT.fullmatch(asked.get(name, ""))}
    may_edit = staff_of(request).may(Right.EDIT)
    return show(request, "excel.html", status=400 if fault else 200, fault=fault, done=done, may_edit=may_edit)


def _kept(request: Request) -> Upload | None:
    return office(request).uploads.find(staff_of(request).staff_id, request.path_params["token"])


async def _looked_through(here: Office, path: Path, *, public: bool) -> Plan:
    """Return what a workbook would do. Raises `BrokenContentError`, `LookupError`."""
    async with here.parts.sessions() as session:
        before = await ground(session)
    plan = await asyncio.to_thread(_plan, path, before, public)
    async with here.parts.sessions() as session:
        return await with_versions(session, plan, before)


def _plan(path: Path, before: Ground, public: bool) -> Plan:  # noqa: FBT001 - called in a thread
    def is_personal(text: str, answer: bool) -> bool:  # noqa: FBT001 - as `planned` calls it
        return bool(personal_in(text, public=public and answer))

    return planned(read_partly(path), before, is_personal=is_personal)


def _why(error: BrokenContentError) -> str:
    """Say why a whole file is not taken; the name it has here is nobody's."""
    first = error.problems[0]
    return f"{first.file}, cột «{first.field}»: {first.why}." if first.field else f"Không nạp được: {first.why}."


async def _live(here: Office) -> Faq:
    return (await here.parts.faq.now()).faq


async def _drafted(here: Office) -> Faq:
    async with here.parts.sessions() as session:
        found = await drafted_pieces(session)
    if not found:
        return await _live(here)
    try:
        return await asyncio.to_thread(assemble, found)
    except (KeyError, ValueError):
        raise HTTPException(409) from None


def _written(faq: Faq, folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_urlsafe(24)}.xlsx"
    path.touch(mode=0o600, exist_ok=False)
    write_xlsx(faq, path)
    return path
