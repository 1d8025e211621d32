"""What staff get told on Telegram: today, this week against last, what is asked most, a chart, the weekly report."""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialogue.hearing import Ended
from dialogue.layout import join, listed
from dialogue.replies import Button, Enclosed, Press, Reply, bold, escape, press, small
from faq.audit import note
from faq.database import VIETNAM, Sessions
from faq.live import Live
from stats import staff_chats
from stats.charts import Bar, days_chart
from stats.definitions import METRICS
from stats.figures import day, percent, whole
from stats.figuring import Figure, Period, excluded
from stats.intervals import wilson
from stats.ledger import Week
from stats.published import HIDDEN_MARK, Names
from stats.rolling import ENDING, ENTRY, STAFF, TESTS
from stats.spans import A_DAY, A_WEEK, monday_of
from stats.suppressing import FEWEST, small_mark
from stats.survey import Step, days_shown, shown
from stats.weekly import WeeklyReport

OFFERED = ("thongke",)
"""Commands that are shown to those who are linked."""
TOP = 10
CHART_DAYS = 28
SENT = (".docx", ".pdf")
SHARES = ("answered", "offered", "not_understood", "out_of_scope")
LINKED = "Đã liên kết tài khoản Telegram này với cán bộ «{name}». Gửi /thongke để xem thống kê."
NOT_A_CITIZEN = "Từ nay, điều anh/chị hỏi ở đây không tính là câu hỏi của người dân. Bỏ liên kết: trang Tài khoản."
NO_REPORT = "Chưa có báo cáo tuần nào."
GONE = "Tệp báo cáo không còn hoặc đã bị thay đổi. Anh/chị xem lại trên trang dành cho cán bộ."
FEW_LEFT_OUT = f"Ngày có dưới {FEWEST} người hỏi, và ngày che cho ngày ấy, không vẽ."
WEEKLY = "Báo cáo tuần"


@dataclass(frozen=True, slots=True)
class Told:
    """The figures behind the words."""

    today: Week
    week: Week
    same_days: Week
    """Of last week."""
    last_week: Week
    left_out: dict[str, Figure]
    days: Sequence[Step]


def linked(name: str) -> Ended:
    """Say whose account it is now."""
    reply = Reply(join([escape(LINKED.format(name=name)), small(NOT_A_CITIZEN)]))
    return Ended(reply, counted=False, offered_commands=OFFERED)


class Desk:
    """Answers staff, and knows who they are."""

    def __init__(
        self, sessions: Sessions, reports: Path, *, clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._sessions = sessions
        self._reports = reports
        self._clock = clock

    async def link(self, code: str, person: str) -> str | None:
        """Use a code up; return whose the account is from now on, nothing if the code is not good."""
        async with self._sessions.begin() as session:
            return await staff_chats.link(session, code, person, now=self._clock())

    async def whose(self, person: str) -> str | None:
        """Return whose of the staff an account is, at this moment."""
        async with self._sessions() as session:
            chat = await session.get(staff_chats.StaffChat, person)
        return chat.staff_name if chat else None

    async def figures(self, name: str, live: Live, now: dt.datetime) -> Ended:
        """Tell the figures, and note who saw them."""
        here = now.astimezone(VIETNAM)
        async with self._sessions.begin() as session:
            told = await _told(session, here.date(), Names.of(live.faq))
            note(session, name, "chat.figures", here.date().isoformat(), now=now)
        chart = await asyncio.to_thread(_drawn, told.days)
        rows = ((Button(WEEKLY, press(Press.WEEKLY)),),)
        pictures = (Enclosed(f"thong-ke-{here.date().isoformat()}.png", chart, picture=True),) if chart else ()
        return Ended(Reply(written(told, live, here), rows), counted=False, enclosed=pictures, offered_commands=OFFERED)

    async def weekly(self, name: str) -> Ended:
        """Hand over the latest weekly report, and note who took it."""
        async with self._sessions() as session:
            report = await session.scalar(select(WeeklyReport).order_by(WeeklyReport.monday.desc()).limit(1))
        if report is None:
            return Ended(Reply(escape(NO_REPORT)), counted=False, anew=True)
        files = await asyncio.to_thread(self._files, report)
        if not files:
            return Ended(Reply(escape(GONE)), counted=False, anew=True)
        async with self._sessions.begin() as session:
            note(session, name, "chat.report", report.monday.isoformat(), now=self._clock())
        week = f"{WEEKLY} từ {day(report.monday)} đến {day(report.monday + A_DAY * 6)}."
        return Ended(Reply(escape(week)), counted=False, anew=True, enclosed=files)

    def _files(self, report: WeeklyReport) -> tuple[Enclosed, ...]:
        """Return the files that are what was made."""
        folder, found = self._reports / report.monday.isoformat(), []
        for name in sorted(name for name in report.files if name.endswith(SENT)):
            path = folder / Path(name).name
            content = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(content).hexdigest() == report.files[name]["sha256"]:
                found.append(Enclosed(path.name, content))
        return tuple(found)


async def _told(session: AsyncSession, today: dt.date, names: Names) -> Told:
    monday = monday_of(today)
    week = Period(monday, today)
    return Told(
        today=await shown(session, Period(today, today), names),
        week=await shown(session, week, names),
        same_days=await shown(session, Period(week.since - A_WEEK, week.until - A_WEEK), names),
        last_week=await shown(session, Period(monday - A_WEEK, monday - A_DAY), names),
        left_out=await excluded(session, week),
        days=await days_shown(session, Period(today - A_DAY * (CHART_DAYS - 1), today), names),
    )


def _drawn(days: Sequence[Step]) -> bytes | None:
    """Return the picture of some days; nothing if there is nothing to draw."""
    chart = days_chart([Bar(step.first, step.count) for step in days])
    if chart is None:
        return None
    return chart.titled(f"Câu hỏi mỗi ngày, {day(days[0].first)} – {day(days[-1].last)}", FEW_LEFT_OUT).png()


def written(told: Told, live: Live, now: dt.datetime) -> str:
    """Return the message."""
    monday = monday_of(now.date())
    lines = [
        f"Hôm nay: {_asked(told.today)}",
        f"Tuần này (từ {day(monday)}, chưa hết): {_asked(told.week)}",
        f"Cùng những ngày ấy tuần trước: {_asked(told.same_days)}",
        f"Cả tuần trước: {_asked(told.last_week)}",
    ]
    shares = [f"• {METRICS[f'{name}_share'].name}: {_share(told, name)}" for name in SHARES]
    left_out = (
        f"Không tính trong tuần: {whole(_messages(told, STAFF))} tin của cán bộ, "
        f"{whole(_messages(told, TESTS))} tin thử. Số người đếm theo bí danh, bí danh đổi mỗi quý."
    )
    head = bold(f"Thống kê lúc {now:%H:%M} ngày {now:%d/%m/%Y}")
    parts = [head, escape("\n".join(lines)), listed("Tuần này", map(escape, shares))]
    return join([*parts, listed(f"{TOP} mục hỏi nhiều nhất tuần này", map(escape, _top(told, live))), small(left_out)])


def _asked(week: Week) -> str:
    questions, people = week.numbers["questions"], week.numbers["people"]
    if questions is None or people is None:
        return f"{small_mark()} người hỏi"
    return f"{whole(round(questions))} câu hỏi, {whole(round(people))} người"


def _share(told: Told, name: str) -> str:
    now, before = _pair(told.week, name), _pair(told.same_days, name)
    if now is None:
        return _mark(told.week, name)
    text = percent(now[0] / now[1])
    if before is None:
        return text
    low, high = wilson(*now)
    low_before, high_before = wilson(*before)
    # Only what cannot be chance is called a change.
    way = "tăng" if low > high_before else "giảm" if high < low_before else "tương đương"
    return f"{text} (tuần trước {percent(before[0] / before[1])}, {way})"


def _pair(week: Week, name: str) -> tuple[int, int] | None:
    """Return how many questions ended so, of how many; nothing if it may not be told, or there is nothing to tell."""
    count, questions = week.table(ENDING).read(name), week.numbers["questions"]
    return (count, round(questions)) if count is not None and questions else None


def _mark(week: Week, name: str) -> str:
    if not week.numbers["questions"]:
        return "chưa đủ số liệu"
    return f"{small_mark()} người" if name in week.table(ENDING).small else HIDDEN_MARK


def _top(told: Told, live: Live) -> list[str]:
    counts = told.week.table(ENTRY).cells
    found = sorted(counts, key=lambda key: (-counts[key], key))[:TOP]
    if not found:
        return ["Chưa có mục nào đủ người hỏi để nêu."]
    return [f"{number}. {_title(key, live)}: {whole(counts[key])}" for number, key in enumerate(found, 1)]


def _title(key: str, live: Live) -> str:
    entry = live.entry(key)
    return live.faq.place.fill(entry.title) if entry else key


def _messages(told: Told, why: str) -> int:
    figure = told.left_out.get(why)
    return figure.counts.messages if figure else 0
