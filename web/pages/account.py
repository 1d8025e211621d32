"""One's own account: the password, the second step at log-in, and where one is logged in."""

from collections.abc import Mapping

from fastapi import Request, Response
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from stats.staff_chats import CODE_LASTS, linked_chats
from web.access import field, signed_form, staff_of
from web.attempts import asked_to_wait, inside
from web.office import office
from web.passwords import UNUSABLE, weakness
from web.rights import DUTIES, TITLES
from web.second_step import in_groups, is_nonce, new_nonce, picture, secret_of, step_of, switch_off, switch_on
from web.showing import show
from web.staff import Staff, change_password, end_session, open_sessions, staff_with_password

PATH = "/tai-khoan"
SECOND_STEP_PATH = f"{PATH}/buoc-hai"
DONE = {
    "mat-khau": "Đã đổi mật khẩu. Các phiên đăng nhập khác của anh/chị đã kết thúc.",
    "phien": "Đã kết thúc phiên đăng nhập ấy.",
    "bat": "Đã bật bước xác nhận thứ hai. Từ lần sau, đăng nhập cần thêm mã trên điện thoại.",
    "tat": "Đã tắt bước xác nhận thứ hai.",
    "bo-lien-ket": "Đã bỏ liên kết Telegram.",
}
"""What is said after a deed, by the word in the address."""
WRONG = "Mật khẩu chưa đúng."
DIFFERENT = "Hai lần nhập mật khẩu mới không giống nhau."
ONLY_BY_LINK = "Mật khẩu cũ đã bị bỏ. Xin quản trị viên làm liên kết mới, vào bằng liên kết ấy rồi chọn mật khẩu."
WRONG_CODE = "Mã chưa đúng. Anh/chị xem lại giờ trên điện thoại, đợi mã mới rồi nhập lại."


async def account(request: Request) -> Response:
    """Show one's account."""
    return await page(request, {})


async def change_own_password(request: Request) -> Response:
    """Change one's password: the old one is needed, unless there is none that could be used."""
    form = await signed_form(request)
    faults = await _faults_of_passwords(request, form)
    if faults:
        return await page(request, faults)
    here, who = office(request), staff_of(request)
    password_hash = await here.passwords.hash(field(form, "moi"))
    async with here.parts.sessions.begin() as session:
        ended = await change_password(session, who, password_hash, now=here.clock())
    for visit in ended:
        here.chats.forget(visit)
    return _done("mat-khau")


async def end_own_session(request: Request) -> Response:
    """End one of one's own sessions."""
    form = await signed_form(request)
    here, visit = office(request), field(form, "phien")
    async with here.parts.sessions.begin() as session:
        if await end_session(session, staff_of(request), visit, now=here.clock()):
            here.chats.forget(visit)
    return _done("phien")


async def second_step(request: Request) -> Response:
    """Show how to switch the second step on, with a new secret."""
    member = await _self(request)
    return _done("") if member.totp_nonce else _set_up(request, member, new_nonce(), {})


async def switch_second_step_on(request: Request) -> Response:
    """Switch the second step on, once a code shows that the phone has the secret."""
    form = await signed_form(request)
    member, here = await _self(request), office(request)
    # The nonce comes back from the page, so that a slip does not ask for a new picture. Whoever sends one of their
    # own making gains nothing: the secret is made of it with a key that they have not.
    nonce = field(form, "nonce") if is_nonce(field(form, "nonce")) else new_nonce()
    step = step_of(secret_of(here.settings.secret_key, member.id, nonce), field(form, "ma"), here.clock())
    faults = _only_faults({"ma": WRONG_CODE * (step is None), "mat-khau": await _wrong_password(request, form)})
    if step is None or faults:
        return _set_up(request, member, nonce, faults)
    async with here.parts.sessions.begin() as session:
        await switch_on(session, staff_of(request), nonce, step=step, now=here.clock())
    return _done("bat")


async def switch_second_step_off(request: Request) -> Response:
    """Switch the second step off; the password is needed, for browsers are left open."""
    form = await signed_form(request)
    if wrong := await _wrong_password(request, form):
        return await page(request, {"mat-khau": wrong})
    here, name = office(request), staff_of(request).name
    async with here.parts.sessions.begin() as session:
        await switch_off(session, name, author=name, now=here.clock())
    return _done("tat")


async def _faults_of_passwords(request: Request, form: FormData) -> Mapping[str, str]:
    """Return what is wrong, by the field."""
    new, has_one = field(form, "moi"), (await _self(request)).password_hash != UNUSABLE
    return _only_faults(
        {
            "mat-khau-cu": await _wrong_password(request, form) if has_one else "",
            "moi": weakness(new) if has_one or staff_of(request).by_link else ONLY_BY_LINK,
            "lai": DIFFERENT * (new != field(form, "lai")),
        }
    )


async def _wrong_password(request: Request, form: FormData) -> str:
    """Return in a sentence what is wrong with the password that is to show who it is; empty if it is right."""
    here, who = office(request), staff_of(request)
    attempt = inside(request, who.staff_id)
    if wait := attempt.wait():
        return asked_to_wait(wait)
    async with here.parts.sessions() as session:
        if await staff_with_password(session, who.name, field(form, "mat_khau"), here.passwords) is None:
            return WRONG
    attempt.was_good()
    return ""


async def _self(request: Request) -> Staff:
    async with office(request).parts.sessions() as session:
        return await session.get_one(Staff, staff_of(request).staff_id)


async def page(request: Request, faults: Mapping[str, str], *, telegram_code: str = "") -> Response:
    """Show one's account, once with a code for Telegram."""
    here, who = office(request), staff_of(request)
    async with here.parts.sessions() as session:
        member = await session.get_one(Staff, who.staff_id)
        opened = await open_sessions(session, who.staff_id, here.clock())
        chats = await linked_chats(session, who.staff_id)
    return show(
        request,
        "account.html",
        status=400 if faults else 200,
        role=TITLES[who.role],
        duties=DUTIES[who.role],
        has_password=member.password_hash != UNUSABLE,
        second_step=member.totp_nonce is not None,
        opened=opened,
        chats=chats,
        telegram_code=telegram_code,
        code_minutes=int(CODE_LASTS.total_seconds() // 60),
        bot=here.settings.telegram_bot_name,
        faults=faults,
        done=DONE.get(request.query_params.get("da", "")),
    )


def _set_up(request: Request, member: Staff, nonce: str, faults: Mapping[str, str]) -> Response:
    secret = secret_of(office(request).settings.secret_key, member.id, nonce)
    values = {"nonce": nonce, "secret": in_groups(secret), "picture": picture(secret, member.name), "faults": faults}
    has_password = member.password_hash != UNUSABLE
    return show(request, "second_step.html", status=400 if faults else 200, has_password=has_password, **values)


def _only_faults(checked: Mapping[str, str]) -> Mapping[str, str]:
    return {name: fault for name, fault in checked.items() if fault}


def _done(what: str) -> Response:
    return RedirectResponse(f"{PATH}?da={what}" if what else PATH, 303)
