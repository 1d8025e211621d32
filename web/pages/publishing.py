"""Publishing: choose drafts, see what would come of them, let a second person decide."""

import asyncio
import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from faq import proposing
from faq.drafting import stamp
from faq.editing import changed_fields
from faq.entries import BARE_TOPIC, EMERGENCY, OUTSIDE_TOPIC, SCAM_TOPIC, topic_of
from faq.excel import field_title
from faq.judging import Failure, Report
from faq.live import Live
from faq.models import Draft, Kind, Publication, PublicationState
from faq.problems import Problem
from faq.rehearsing import ASKED_BACK, NOT_UNDERSTOOD, OUTSIDE, Group, Rehearsal, keeps_safe, loss_of
from faq.releasing import Plan, faults_of
from faq.sheets import LAWS, MILESTONES, PLACE, SHORT_FORMS, TAXONOMY, VISITS
from faq.sheets import OUTSIDE as OUT_OF_SCOPE
from stats.masking import mask
from web.access import field, row_number, signed_form, staff_of
from web.office import Office, office
from web.rights import Right
from web.showing import is_partial, show

MOST_DRAFTS = 600
MOST_SHOWN = 15
MOST_FAILURES = 40
KEPT_FAULTS = 4
SHEETS = {
    TAXONOMY: "Chủ đề và loại câu hỏi",
    PLACE: "Địa bàn và cơ quan",
    LAWS: "Danh mục văn bản",
    OUT_OF_SCOPE: "Câu ngoài phạm vi",
    MILESTONES: "Mốc ngày đổi quy định",
    SHORT_FORMS: "Chữ viết tắt",
    VISITS: "Danh sách chuẩn bị đi làm thủ tục",
}
STATES = {
    PublicationState.WAITING: ("Chờ chuẩn bị", "wait"),
    PublicationState.PREPARING: ("Đang chuẩn bị", "wait"),
    PublicationState.PROPOSED: ("Chờ duyệt", "wait"),
    PublicationState.REFUSED: ("Bộ kiểm tra từ chối", "bad"),
    PublicationState.APPROVED: ("Đã duyệt, đang chuyển", "wait"),
    PublicationState.LIVE: ("Đã công bố", "good"),
    PublicationState.FAILED: ("Chưa thành công", "bad"),
    PublicationState.WITHDRAWN: ("Đã rút lại", ""),
}
MOVING = {PublicationState.WAITING, PublicationState.PREPARING, PublicationState.APPROVED}
OUTCOMES = {ASKED_BACK: "hỏi lại người dân", NOT_UNDERSTOOD: "chưa hiểu", OUTSIDE: "coi là ngoài phạm vi"}
LOSSES = {EMERGENCY: "mất câu trả lời khẩn cấp", SCAM_TOPIC: "mất cảnh báo lừa đảo"}
SEEN = "da_xem"
NOT_SEEN = (
    "Đợt này đụng tới câu khẩn cấp hoặc câu về lừa đảo. Anh/chị xem phần «Cần xem trước tiên», "
    "đánh dấu đã xem rồi mới duyệt được."
)
TOO_LATE = "Đợt công bố này vừa chuyển sang bước khác. Anh/chị xem lại trạng thái mới dưới đây."
PRIVATE = "Lý do có vẻ chứa dữ liệu cá nhân. Anh/chị vui lòng bỏ đi rồi gửi lại."


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft as the list shows it."""

    key: str
    title: str
    is_entry: bool
    kinds: Sequence[str]
    fields: Sequence[str]
    author: str
    updated_at: dt.datetime
    why: str
    faults: Sequence[Problem]
    pending: int | None
    """Number of the publication that it is already part of."""

    @property
    def serious(self) -> bool:
        """Whether it cannot be published as it is."""
        return any(fault.serious for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Change:
    """A group of a rehearsal in words."""

    before: str
    after: str
    count: int
    texts: Sequence[str]
    loss: str = ""
    """What keeps somebody safe and is lost, in words."""


async def drafts(request: Request) -> Response:
    """Show the drafts to choose from, and what became of earlier choices."""
    return await _list(request)


async def ask(request: Request) -> Response:
    """Ask for what was chosen to be prepared."""
    form = await signed_form(request, most_fields=MOST_DRAFTS + 5)
    here, author = office(request), staff_of(request).name
    chosen = [key for key in form.getlist("chon") if isinstance(key, str)]
    why = " ".join(field(form, "ly_do").split())[: proposing.LONGEST_WHY]
    if fault := await _fault_of(here, chosen, why):
        return await _list(request, chosen=chosen, why=why, fault=fault)
    async with here.parts.sessions.begin() as session:
        asked = await proposing.ask(session, chosen, why=why, author=author, now=here.clock())
    return RedirectResponse(f"/cong-bo/{asked.id}", 303)


async def publication(request: Request) -> Response:
    """Show one publication: how far it is, what it would change, and who may decide."""
    return await _one(request)


async def progress(request: Request) -> Response:
    """Show how far it is; once it moves no more, HTMX loads the whole page."""
    found = await _found(request)
    moving = found.state in MOVING
    if not is_partial(request):
        return RedirectResponse(f"/cong-bo/{found.id}", 303)
    answer = show(request, "publication_progress.html", **_progress(found, office(request).clock()))
    if not moving:
        answer.headers["HX-Refresh"] = "true"
    return answer


async def approve(request: Request) -> Response:
    """Let it go live."""
    form = await signed_form(request)
    if not field(form, SEEN) and _dangers(await _found(request)):
        return await _one(request, fault=NOT_SEEN, status=400)
    here, name = office(request), staff_of(request).name
    one = here.settings.one_person_office

    async def decide(session: AsyncSession, number: int) -> None:
        await proposing.approve(session, number, approver=name, now=here.clock(), one_person=one)

    return await _decided(request, decide)


async def override(request: Request) -> Response:
    """Let it go live although the gate refused it."""
    why, here, name = await _reason(request), office(request), staff_of(request).name
    if not field(await request.form(), SEEN) and _dangers(await _found(request)):
        return await _one(request, fault=NOT_SEEN, status=400)

    async def decide(session: AsyncSession, number: int) -> None:
        await proposing.override(session, number, approver=name, why=why, now=here.clock())

    return await _decided(request, decide, why)


async def withdraw(request: Request) -> Response:
    """Take it back, or decline it."""
    why, here, visitor = await _reason(request), office(request), staff_of(request)
    may = visitor.may(Right.APPROVE)

    async def decide(session: AsyncSession, number: int) -> None:
        await proposing.withdraw(session, number, author=visitor.name, why=why, now=here.clock(), may_decline=may)

    return await _decided(request, decide, why)


def titles_of(live: Live, drafts: Iterable[Draft]) -> dict[str, str]:
    """Return what pages call each entry and sheet, live or drafted."""
    drafted = {draft.key: str(draft.content.get("question", draft.key)) for draft in drafts if draft.content}
    known = {entry.key: entry.question for entry in live.faq.entries} | drafted
    return {key: live.faq.place.fill(text) for key, text in known.items()} | SHEETS


async def _list(request: Request, *, chosen: Collection[str] | None = None, why: str = "", fault: str = "") -> Response:
    here = office(request)
    plan, live = await here.publisher().plan(), await here.parts.faq.now()
    faults = await _faults(here, plan)
    async with here.parts.sessions() as session:
        latest = list(await session.scalars(select(Publication).order_by(Publication.id.desc()).limit(MOST_SHOWN)))
        still_open = select(Publication).where(Publication.state.in_(proposing.OPEN))
        pending = {key: one.id for one in await session.scalars(still_open) for key in one.drafts}
    titles = titles_of(live, plan.drafts.values())
    rows = [_row(draft, plan, titles, faults, pending) for draft in _newest_first(plan)]
    me = staff_of(request).name
    own = {row.key for row in rows if row.pending is None and row.author == me}
    return show(
        request,
        "publishing.html",
        status=400 if fault else 200,
        rows=rows,
        ticked=own if chosen is None else set(chosen),
        me=me,
        others=[one for one in faults if one.entry not in plan.drafts and one.serious],
        latest=latest,
        states=STATES,
        may_edit=staff_of(request).may(Right.EDIT),
        fault=fault,
        why=why,
        longest_why=proposing.LONGEST_WHY,
    )


async def _one(request: Request, *, fault: str = "", status: int = 200) -> Response:
    here, visitor = office(request), staff_of(request)
    found, live = await _found(request), await here.parts.faq.now()
    async with here.parts.sessions() as session:
        chosen = await session.scalars(select(Draft).where(Draft.key.in_(list(found.drafts))))
        titles, result = _follow_ups(live) | titles_of(live, chosen), found.result
        own_work = await proposing.kept_from_deciding(session, found, visitor.name)
    report, before = Report.from_json(result.get("report", {})), Report.from_json(result.get("live_report", {}))
    rehearsal = Rehearsal.from_json(result.get("rehearsal", {}))
    return show(
        request,
        "publication.html",
        status=status,
        **_progress(found, here.clock()),
        fault=fault,
        titles=titles,
        result=result,
        report=report,
        before=before,
        rehearsal=rehearsal,
        **_failures(report, before, titles),
        **_changes(rehearsal, titles),
        dangers=_dangers(found),
        keeps_safe=keeps_safe,
        is_author=found.author == visitor.name,
        own_work=own_work,
        may_approve=visitor.may(Right.APPROVE),
        may_withdraw=found.state in proposing.OPEN and (visitor.may(Right.APPROVE) or found.author == visitor.name),
        one_person=here.settings.one_person_office,
        longest_why=proposing.LONGEST_WHY,
    )


def _progress(found: Publication, now: dt.datetime) -> dict[str, Any]:
    started, expected = found.result.get("started"), found.result.get("expected")
    begun = dt.datetime.fromisoformat(started) if started and found.state == PublicationState.PREPARING else None
    return {
        "publication": found,
        "state": STATES[PublicationState(found.state)],
        "moving": found.state in MOVING,
        "percent_done": int(100 * (found.share or 0)),
        "passed": _span((now - begun).total_seconds()) if begun else "",
        "expected": _span(expected) if begun and expected else "",
    }


def _span(seconds: float) -> str:
    """Return a time in words: 3 phút 20 giây."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} phút {rest} giây" if minutes else f"{rest} giây"


async def _found(request: Request) -> Publication:
    async with office(request).parts.sessions() as session:
        found = await session.get(Publication, row_number(request.path_params["number"]))
    if found is None:
        raise HTTPException(404)
    return found


async def _reason(request: Request) -> str:
    return " ".join(field(await signed_form(request), "ly_do").split())[: proposing.LONGEST_WHY]


async def _decided(request: Request, decide: Any, why: str = "") -> Response:
    """Do what was decided, or show the publication with why that cannot be."""
    here, number = office(request), row_number(request.path_params["number"])
    if mask(why).kinds:
        return await _one(request, fault=PRIVATE, status=400)
    try:
        async with here.parts.sessions.begin() as session:
            await decide(session, number)
    except LookupError:
        raise HTTPException(404) from None
    except proposing.NotAllowedError as error:
        return await _one(request, fault=str(error), status=403)
    except proposing.TooLateError:
        return await _one(request, fault=TOO_LATE, status=409)
    return RedirectResponse(f"/cong-bo/{number}", 303)


async def _fault_of(here: Office, chosen: Collection[str], why: str) -> str:
    """Say why this cannot be asked for."""
    if not why:
        return "Anh/chị vui lòng ghi lý do công bố: một câu ngắn là đủ."
    if mask(why).kinds:
        return PRIVATE
    plan = await here.publisher().plan(chosen)
    if not plan.drafts:
        return "Anh/chị chưa chọn bản nháp nào."
    serious = [fault for fault in await _faults(here, plan) if fault.serious]
    if serious:
        titles = titles_of(await here.parts.faq.now(), plan.drafts.values())
        told = "; ".join(f"«{titles.get(fault.entry, fault.entry)}»: {fault.why}" for fault in serious[:3])
        return f"Còn lỗi phải sửa trước khi công bố: {told}"
    return ""


async def _faults(here: Office, plan: Plan) -> tuple[Problem, ...]:
    """Return what is wrong with the FAQ as a plan makes it; checking takes a while, so the last ones are kept."""
    if not plan.new:
        return ()
    name = (plan.base, *sorted((key, stamp(draft)) for key, draft in plan.drafts.items()))
    if name not in here.faults:
        found = await asyncio.to_thread(faults_of, plan.new)
        while len(here.faults) >= KEPT_FAULTS:
            here.faults.pop(next(iter(here.faults)))
        here.faults[name] = found
    return here.faults[name]


def _newest_first(plan: Plan) -> Sequence[Draft]:
    return sorted(plan.drafts.values(), key=lambda draft: (draft.updated_at, draft.key), reverse=True)


def _row(
    draft: Draft, plan: Plan, titles: Mapping[str, str], faults: Sequence[Problem], pending: Mapping[str, int]
) -> DraftRow:
    old, new = plan.old.get(draft.key), plan.new.get(draft.key)
    names = changed_fields(old, new) if old and new else ()
    if new is None:
        kinds = ["rút mục"]
    elif old is None:
        kinds = ["mục mới"]
    else:
        kinds = [*(["câu ví dụ"] if "examples" in names else []), *(["chữ"] if set(names) - {"examples"} else [])]
    return DraftRow(
        key=draft.key,
        title=titles.get(draft.key, draft.key),
        is_entry=draft.kind == Kind.ENTRY,
        kinds=kinds if draft.kind == Kind.ENTRY else ["bảng chung"],
        fields=[field_title(name) for name in names] if draft.kind == Kind.ENTRY else [],
        author=draft.author,
        updated_at=draft.updated_at,
        why=draft.why,
        faults=[fault for fault in faults if fault.entry == draft.key],
        pending=pending.get(draft.key),
    )


def _dangers(found: Publication) -> bool:
    """Whether something that keeps people safe is lost, or is itself changed: to be seen before it is approved."""
    result = found.result
    report, before = (Report.from_json(result.get(name, {})) for name in ("report", "live_report"))
    touched = any(keeps_safe(key) for key in (*result.get("changed", ()), *result.get("removed", ())))
    lost = Rehearsal.from_json(result.get("rehearsal", {})).losses
    return bool(touched or lost or any(failure.safety for failure in _newly_wrong(report, before)))


def _changes(rehearsal: Rehearsal, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return what would be answered otherwise: what keeps people safe apart from all else."""
    changes = [_change(group, titles) for group in rehearsal.groups]
    return {"losses": [one for one in changes if one.loss], "changes": [one for one in changes if not one.loss]}


def _change(group: Group, titles: Mapping[str, str]) -> Change:
    loss = LOSSES.get(loss_of(group.before, group.after), "")
    return Change(_said(group.before, titles), _said(group.after, titles), group.count, group.texts, loss)


def _failures(report: Report, before: Report, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the check sentences that fail: what the live model gets right apart from what it gets wrong, too."""
    new = _newly_wrong(report, before)
    old = [failure for failure in report.failures if failure not in new]
    return {
        "unsafe": _named([failure for failure in new if failure.safety], titles),
        "newly_wrong": _named([failure for failure in new if not failure.safety], titles)[:MOST_FAILURES],
        "newly_wrong_count": sum(not failure.safety for failure in new),
        "still_wrong": _named(old, titles)[:MOST_FAILURES],
        "still_wrong_count": len(old),
    }


def _newly_wrong(report: Report, before: Report) -> Sequence[Failure]:
    """Return what the live model gets right (all, where it was never judged)."""
    known = {failure.text for failure in before.failures}
    return [failure for failure in report.failures if failure.text not in known]


def _follow_ups(live: Live) -> dict[str, str]:
    """Return what pages call the questions that name nothing but an aspect ("thế hết mấy tiền")."""
    return {one.intent: f"câu hỏi tiếp về {one.title.lower()}, chưa nêu thủ tục" for one in live.faq.taxonomy.aspects}


def _named(failures: Sequence[Failure], titles: Mapping[str, str]) -> Sequence[Failure]:
    return [Failure(f.text, _said(f.expected, titles), _said(f.guessed, titles), f.safety) for f in failures]


def _said(outcome: str, titles: Mapping[str, str]) -> str:
    """Return an entry, or what stands for none, in words."""
    if topic_of(outcome) == OUTSIDE_TOPIC:
        return "ngoài phạm vi"
    gone = "câu hỏi tiếp, chưa nêu thủ tục" if topic_of(outcome) == BARE_TOPIC else "một mục đã rút"
    return OUTCOMES.get(outcome) or titles.get(outcome) or (gone if outcome else "không có ý nào")
