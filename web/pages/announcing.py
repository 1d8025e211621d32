"""What everybody is told: dated notices, and the full stop with its reason and a second look before it."""

import datetime as dt
from dataclasses import dataclass
from typing import Self

from fastapi import Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from dialogue.composing import Composer
from dialogue.replies import Reply
from dialogue.wording import DEFAULT, wording
from faq.notices import FRESH, LONGEST, Notice, NoticeKind, NoticeRow, Stop, UnfitNoticeError, fit
from stats.masking import mask
from web.access import field, signed_form, staff_of
from web.formats import BadDayError, typed_day
from web.office import office
from web.rights import Right
from web.showing import show
from web.staff import approvers

SHOWN_PAST = 10
PERSONAL = "Có vẻ chứa thông tin riêng của người dân. Anh/chị bỏ phần ấy rồi gửi lại."
ALLOWED = frozenset({"phone", "address"})
"""A notice may name the telephone number and the address of an office."""
DONE = {
    "thong-bao": "Đã ghi thông báo.",
    "bo": "Đã bỏ thông báo.",
    "dung": "Bot đã tạm dừng.",
    "chay": "Bot trả lời lại.",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A form as it was filled in."""

    text: str = ""
    first_day: str = ""
    last_day: str = ""
    reason: str = ""

    @classmethod
    def of(cls, form: FormData) -> Self:
        """Read a form."""
        return cls(field(form, "text"), field(form, "first_day"), field(form, "last_day"), field(form, "reason"))


async def notices(request: Request) -> Response:
    """Show what is told, what will be and what was."""
    return await _page(request)


async def give_notice(request: Request) -> Response:
    """Tell everybody, or show beforehand how it will look."""
    form = await signed_form(request)
    written, here = Written.of(form), office(request)
    try:
        text, first_day, last_day = (
            _told(written.text, NoticeKind.NOTICE),
            _day(written.first_day),
            _day(written.last_day),
        )
        if field(form, "act") == "xem":
            look = await _look(request, Notice(0, text, last_day))
            return await _page(request, written=written, look=look)
        await here.notices.give(text, author=staff_of(request).name, first_day=first_day, last_day=last_day)
    except UnfitNoticeError as error:
        return await _page(request, written=written, fault=("text", str(error)))
    return RedirectResponse("/thong-bao?xong=thong-bao", 303)


async def withdraw_notice(request: Request) -> Response:
    """Take a notice back; one that is gone already stays so."""
    form = await signed_form(request)
    number = field(form, "number")
    if field(form, "sure") != "1":
        return await _page(request, leaving=number)
    if number.isascii() and number.isdecimal():
        await office(request).notices.withdraw(int(number[:9]), author=staff_of(request).name)
    return RedirectResponse("/thong-bao?xong=bo", 303)


async def stop(request: Request) -> Response:
    """Show what a stop will look like; stop once it is confirmed."""
    form = await signed_form(request)
    written = Written.of(form)
    try:
        reason = _told(written.reason, NoticeKind.STOP)
    except UnfitNoticeError as error:
        return await _page(request, written=written, fault=("reason", str(error)))
    if field(form, "sure") != "1":
        return show(request, "stop.html", reason=reason, look=await _look(request, Stop(reason)))
    await office(request).notices.stop(reason, author=staff_of(request).name)
    return RedirectResponse("/thong-bao?xong=dung", 303)


async def resume(request: Request) -> Response:
    """Let the guide answer again."""
    await signed_form(request)
    await office(request).notices.resume(author=staff_of(request).name)
    return RedirectResponse("/thong-bao?xong=chay", 303)


async def _page(
    request: Request,
    *,
    written: Written = Written(),
    fault: tuple[str, str] | None = None,
    look: Reply | None = None,
    leaving: str = "",
) -> Response:
    here = office(request)
    standing, coming = await here.notices.standing(), await here.notices.coming()
    async with here.parts.sessions() as session:
        may_approve = await approvers(session)
    return show(
        request,
        "notices.html",
        status=400 if fault else 200,
        written=written,
        fault=fault,
        look=look,
        leaving=[row for row in (*standing, *coming) if str(row.id) == leaving],
        stops=[row for row in standing if row.kind == NoticeKind.STOP],
        told=[row for row in standing if row.kind == NoticeKind.NOTICE],
        coming=coming,
        past=await here.notices.past(SHOWN_PAST),
        looks=await _look(request, *map(_as_notice, standing)),
        may_change=staff_of(request).may(Right.APPROVE),
        approvers=may_approve,
        done=DONE.get(request.query_params.get("xong", ""), ""),
        today=here.today(),
        longest=LONGEST,
        fresh=int(FRESH),
    )


def _as_notice(row: NoticeRow) -> Notice | Stop:
    return Stop(row.text) if row.kind == NoticeKind.STOP else Notice(row.id, row.text, row.last_day)


async def _look(request: Request, *said: Notice | Stop) -> Reply | None:
    """Return what citizens see of it."""
    here = office(request)
    say = Composer((await here.parts.faq.now()).on(here.today()), wording(DEFAULT), here.today())
    stops = [one for one in said if isinstance(one, Stop)]
    told = [one for one in said if isinstance(one, Notice)]
    if stops:
        return say.stopped(stops[0])
    return Reply("\n\n".join(say.announced(told))) if told else None


def _told(text: str, kind: NoticeKind) -> str:
    """Return what will be told. Raises `UnfitNoticeError`."""
    told = fit(text, kind)
    if mask(told).kinds - ALLOWED:
        raise UnfitNoticeError(PERSONAL)
    return told


def _day(text: str) -> dt.date | None:
    try:
        return typed_day(text)
    except BadDayError as error:
        raise UnfitNoticeError(str(error)) from None
