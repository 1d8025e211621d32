"""Accuracy by hand: staff judge a week's sample of answers, one at a time; several share one list."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import HTTPException, Request, Response
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse

from faq.database import VIETNAM
from faq.editing import pieces_of
from faq.entries import Entry
from faq.live import Live
from faq.models import Release
from faq.sheets import assemble
from stats.figuring import Figure, Period, total
from stats.questions import Question
from stats.sampling import (
    VERDICTS,
    Checked,
    Sample,
    Verdict,
    checked,
    checked_weeks,
    draw,
    judge,
    last_of,
    next_one,
    undo,
)
from stats.spans import monday_of
from web.access import field, signed_form, staff_of
from web.office import office
from web.showing import show

PATH = "/cham"
RESULTS = f"{PATH}/ket-qua"
WEEKS_SHOWN = 12
APART = 17
"""Places in the list between two who judge at the same time."""
A_WEEK = dt.timedelta(days=7)
TOLD_SAME = "theo nội dung đang dùng, cũng là nội dung lúc người dân hỏi"
TOLD_THEN = "theo bản công bố {release}, là nội dung lúc người dân hỏi"
TOLD_UNKNOWN = (
    "theo nội dung đang dùng; không còn biết nội dung lúc người dân hỏi, có thể đã khác: nếu phân vân, chọn «Không rõ»"
)
TOLD = {
    "nhanh": "Câu ấy vừa có người khác chấm trước. Anh/chị chấm tiếp câu dưới đây.",
    "hoan-tac": "Đã hoàn tác. Anh/chị chấm lại câu dưới đây.",
    "het": "Không còn việc chấm nào của anh/chị để hoàn tác.",
}


@dataclass(frozen=True, slots=True)
class Week:
    """What judging came to, beside what the model holds of itself."""

    checked: Checked
    figure: Figure

    @property
    def last_day(self) -> dt.date:
        """Its Sunday."""
        return self.checked.monday + dt.timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a citizen was answered, as far as that is known."""

    entry: Entry | None
    live: Live
    told: str
    """Which content this is: that of the time, or today's."""


async def one(request: Request) -> Response:
    """Show the next question with the answer it got."""
    here, who = office(request), staff_of(request)
    monday = asked_week(request)
    await draw(here.parts.sessions, monday, now=here.clock())
    async with here.parts.sessions() as session:
        sample = await _chosen(session, request, monday, begin=who.staff_id * APART)
        offered = await _offered(session, sample) if sample else ()
        so_far, last = await checked(session, monday), await last_of(session, monday, who.name)
        live = (await here.parts.faq.now()).on(here.today())
        answer = await _answer(session, sample, live) if sample else Answer(None, live, "")
    return show(
        request,
        "judging.html",
        monday=monday,
        sunday=monday + dt.timedelta(days=6),
        sample=sample,
        entry=answer.entry,
        told_answer=answer.told,
        offered=_titles(answer.live, offered),
        fill=answer.live.faq.place.fill,
        so_far=so_far,
        last=last,
        last_entry=live.entry(last.entry) if last and last.entry else None,
        verdicts=VERDICTS,
        told=TOLD.get(request.query_params.get("bao", ""), ""),
    )


async def give(request: Request) -> Response:
    """Take a verdict."""
    form, here = await signed_form(request), office(request)
    monday = asked_week(request)
    verdict, number = field(form, "ket-qua"), field(form, "so")
    if verdict not in set(Verdict) or not (number.isascii() and number.isdigit() and len(number) < 4):  # noqa: PLR2004
        raise HTTPException(400)
    name = staff_of(request).name
    async with here.parts.sessions.begin() as session:
        done = await judge(session, monday, int(number), Verdict(verdict), author=name, now=here.clock())
    return _back(monday) if done else _back(monday, bao="nhanh")


async def take_back(request: Request) -> Response:
    """Take back one's last verdict and show its question again."""
    await signed_form(request)
    here, monday = office(request), asked_week(request)
    async with here.parts.sessions.begin() as session:
        number = await undo(session, monday, author=staff_of(request).name, now=here.clock())
    return _back(monday, bao="het") if number is None else _back(monday, bao="hoan-tac", so=str(number))


async def results(request: Request) -> Response:
    """Show the checked accuracy of the last weeks."""
    async with office(request).parts.sessions() as session:
        weeks = [
            Week(week, await total(session, Period(week.monday, week.monday + dt.timedelta(days=6))))
            for week in await checked_weeks(session, WEEKS_SHOWN)
        ]
    return show(request, "judged.html", weeks=weeks)


def asked_week(request: Request) -> dt.date:
    """Return the Monday in the address, that of the last week that is over if there is none; 404 if it is not over."""
    last = monday_of(office(request).today()) - A_WEEK
    text = request.query_params.get("tuan", "")
    try:
        monday = dt.date.fromisoformat(text) if text else last
    except ValueError:
        raise HTTPException(404) from None
    if monday != monday_of(monday) or not dt.date(2026, 1, 1) <= monday <= last:
        raise HTTPException(404)
    return monday


async def _chosen(session: AsyncSession, request: Request, monday: dt.date, *, begin: int) -> Sample | None:
    """Return the question that was undone just now, if the address names one, else the next."""
    number = request.query_params.get("so", "")
    if number.isascii() and number.isdigit() and len(number) < 4:  # noqa: PLR2004
        again = await session.get(Sample, (monday, int(number)))
        if again is not None and again.verdict is None and again.text:
            return again
    return await next_one(session, monday, begin=begin)


async def _offered(session: AsyncSession, sample: Sample) -> tuple[str, ...]:
    return tuple(await session.scalar(select(Question.offered).where(Question.id == sample.question_id)) or ())


async def _answer(session: AsyncSession, sample: Sample, live: Live) -> Answer:
    """Return the entry as it read in the release that was live when it was asked for; today's if that is gone."""
    question = await session.get(Question, sample.question_id)
    name, key = question.release if question else None, sample.entry or ""
    if name is not None and name == live.release:
        return Answer(live.entry(key), live, TOLD_SAME)
    then = await _as_it_was(session, name, question) if name and question else None
    if then is None:
        return Answer(live.entry(key), live, TOLD_UNKNOWN)
    return Answer(then.entry(key), then, TOLD_THEN.format(release=name))


async def _as_it_was(session: AsyncSession, name: str, question: Question) -> Live | None:
    """Return what a release held, as it read on the day of a question; nothing where that cannot be read any more."""
    release = await session.scalar(select(Release).where(Release.name == name))
    found = await pieces_of(release) if release else {}
    try:
        faq = await asyncio.to_thread(assemble, found)
    except (KeyError, ValidationError):
        return None
    return Live(faq, name).on(question.asked_at.astimezone(VIETNAM).date())


def _titles(live: Live, keys: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, Entry | None] = {key: live.entry(key) for key in keys}
    return {key: live.faq.place.fill(entry.question) if entry else key for key, entry in found.items()}


def _back(monday: dt.date, **more: str) -> Response:
    asked = "&".join(f"{name}={value}" for name, value in {"tuan": monday.isoformat(), **more}.items())
    return RedirectResponse(f"{PATH}?{asked}", 303)
