"""Campaigns: make one, print its code, and see what it brought."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from fastapi import HTTPException, Request, Response
from starlette.responses import RedirectResponse

from faq.live import Live
from stats import campaigns, leaflets
from stats.campaigns import Campaign
from stats.figuring import Figure
from stats.intervals import FEW, wilson
from stats.leaflets import A4, A5, Leaflet
from stats.masking import mask
from stats.rolling import Counts
from stats.suppressing import FEWEST, hidden, is_small
from web.access import field, signed_form, staff_of
from web.office import office
from web.rights import Right
from web.showing import show

PATH = "/dot-tuyen-truyen"
LONGEST = 120
NONE = Figure("", Counts(), 0)
DONE = {"tao": "Đã tạo đợt. Tải mã và tờ rơi ở dưới để in.", "ket-thuc": "Đã kết thúc đợt này."}
PDF, PNG = "application/pdf", "image/png"


@dataclass(frozen=True, slots=True)
class Row:
    """A campaign in the list."""

    campaign: Campaign
    openings: int
    asked: Figure
    state: str


def _papers() -> Mapping[str, tuple[str, Callable[[Leaflet], bytes]]]:
    return {
        "to-dan-a4.pdf": (PDF, partial(leaflets.pdf, sheet=A4)),
        "to-dan-a4.png": (PNG, partial(leaflets.png, sheet=A4)),
        "to-roi-a5.pdf": (PDF, partial(leaflets.pdf, sheet=A5)),
        "to-roi-a5.png": (PNG, partial(leaflets.png, sheet=A5)),
        "ma-qr.png": (PNG, lambda leaflet: leaflets.qr_png(leaflet.link)),
    }


PAPERS = _papers()
"""What can be printed, by the name in the address: its kind, and how it is made."""


async def every(request: Request) -> Response:
    """List the campaigns, the newest first."""
    return await _list(request, {}, {})


async def make(request: Request) -> Response:
    """Make one."""
    form, here = await signed_form(request), office(request)
    live = await here.parts.faq.now()
    values = {name: field(form, name).strip() for name in ("ten", "noi", "tu", "den", "muc")}
    faults = _faults(values, live)
    if faults:
        return await _list(request, values, faults)
    made = await campaigns.add(
        here.parts.sessions,
        name=values["ten"],
        place=values["noi"],
        author=staff_of(request).name,
        first_day=dt.date.fromisoformat(values["tu"]),
        last_day=dt.date.fromisoformat(values["den"]) if values["den"] else None,
        entry=values["muc"] or None,
        now=here.clock(),
    )
    return RedirectResponse(f"{PATH}/{made.code}?da=tao", 303)


async def one(request: Request, code: str) -> Response:
    """Show what a campaign brought, and what can be printed."""
    here, today = office(request), office(request).today()
    campaign, live = await _known(request, code), (await here.parts.faq.now()).on(today)
    async with here.parts.sessions() as session:
        outcome = await campaigns.outcome(session, campaign, tuple(live.topics), today)
    entry = live.entry(campaign.entry) if campaign.entry else None
    return show(
        request,
        "campaign.html",
        campaign=campaign,
        state=_state(campaign, today),
        is_over=campaign.is_over(today),
        entry=live.faq.place.fill(entry.question) if entry else "",
        outcome=outcome,
        unanswered=_unanswered(outcome.asked),
        interval=wilson(_unanswered(outcome.asked), outcome.asked.questions),
        few_questions=FEW,
        small=is_small,
        fewest=FEWEST,
        topics=[(live.topics[key].title, figure) for key, figure in _by_questions(outcome.topics)],
        secret=frozenset(live.topics[key].title for key in hidden(outcome.topics)),
        link=_link(request, code),
        may_edit=staff_of(request).may(Right.EDIT),
        done=DONE.get(request.query_params.get("da", "")),
    )


async def end(request: Request, code: str) -> Response:
    """End one early."""
    await signed_form(request)
    here = office(request)
    ended = await campaigns.end(here.parts.sessions, code, author=staff_of(request).name, now=here.clock())
    return RedirectResponse(f"{PATH}/{code}?da=ket-thuc" if ended else PATH, 303)


async def paper(request: Request, code: str, name: str) -> Response:
    """Give something to print."""
    campaign, link = await _known(request, code), _link(request, code)
    if name not in PAPERS or not link:
        raise HTTPException(404)
    kind, made = PAPERS[name]
    police = (await office(request).parts.faq.now()).faq.place.words.get("cong-an", "")
    content = await asyncio.to_thread(made, Leaflet(link, police, campaign.name, campaign.place))
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{code}-{name}"'})


async def _list(request: Request, values: Mapping[str, str], faults: Mapping[str, str]) -> Response:
    here, today = office(request), office(request).today()
    found = await campaigns.every(here.parts.sessions)
    live = (await here.parts.faq.now()).on(today)
    async with here.parts.sessions() as session:
        opened = await campaigns.openings(session, [campaign.code for campaign in found])
        first = min((campaign.first_day for campaign in found), default=today)
        asked = await campaigns.asked_after(session, min(first, today), today)
    rows = [Row(c, opened.get(c.code, 0), asked.get(c.code, NONE), _state(c, today)) for c in found]
    entries = [(entry.key, live.faq.place.fill(entry.title)) for entry in live.faq.entries if not entry.is_small_talk]
    return show(
        request,
        "campaigns.html",
        status=400 if faults else 200,
        rows=rows,
        entries=entries,
        values={"tu": today.isoformat(), **values},
        faults=faults,
        small=is_small,
        fewest=FEWEST,
        bot=here.settings.telegram_bot_name,
        may_edit=staff_of(request).may(Right.EDIT),
    )


def _faults(values: Mapping[str, str], live: Live) -> Mapping[str, str]:
    """Return what is wrong, by the field."""
    first, last = _day(values["tu"]), _day(values["den"])
    faults = {
        "ten": _fault_of_words(values["ten"], "tên đợt") or ("Anh/chị điền tên đợt." if not values["ten"] else ""),
        "noi": _fault_of_words(values["noi"], "nơi phát"),
        "tu": "" if first else "Ngày bắt đầu chưa đúng.",
        "den": "Ngày kết thúc chưa đúng." if values["den"] and not last else "",
        "muc": "Không có mục này." if values["muc"] and live.entry(values["muc"]) is None else "",
    }
    if first and last and last < first:
        faults["den"] = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    return {name: fault for name, fault in faults.items() if fault}


def _fault_of_words(text: str, what: str) -> str:
    if len(text) > LONGEST:
        return f"Anh/chị viết {what} ngắn hơn, nhiều nhất {LONGEST} ký tự."
    return f"Anh/chị bỏ số điện thoại, số giấy tờ hoặc thông tin riêng khỏi {what}." if mask(text).kinds else ""


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2026 <= day.year <= 2100 else None  # noqa: PLR2004 - beyond these years there is a slip


async def _known(request: Request, code: str) -> Campaign:
    found = await campaigns.find(office(request).parts.sessions, code)
    if found is None:
        raise HTTPException(404)
    return found


def _link(request: Request, code: str) -> str:
    bot = office(request).settings.telegram_bot_name
    return f"https://t.me/{bot}?start={code}" if bot else ""


def _state(campaign: Campaign, today: dt.date) -> str:
    if campaign.is_over(today):
        return "đã kết thúc"
    return "đang chạy" if campaign.holds(today) else "chưa bắt đầu"


def _unanswered(figure: Figure) -> int:
    return figure.counts.not_understood + figure.counts.offered + figure.counts.out_of_scope


def _by_questions(topics: Mapping[str, Figure]) -> list[tuple[str, Figure]]:
    return sorted(topics.items(), key=lambda item: (-item[1].questions, item[0]))
