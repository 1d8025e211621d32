"""Every figure is the same wherever it is told, and is what the records say: page, Excel, JSON, API, command, reports.

Each is asked for the same days and read back as whoever opens it would; `tests.stats.retelling` says from the records
alone what must stand in each cell, and which cells must be hidden. `SAMENESS_EXAMPLES=500` tries more data sets than a
run of all tests does; `make bench` does so.
"""

import argparse
import asyncio
import datetime as dt
import io
import json
import os
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import insert, select

from dialogue.building import Parts
from dialogue.conversation import Dialogue
from dialogue.desk import Desk
from faq.audit import Deed
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from faq.entries import Faq
from faq.live import Live, LiveFaq
from nlu.rasa_client import RasaClient
from stats import charts, surveying
from stats.__main__ import _files
from stats.definitions import METRICS
from stats.endings import TITLES, Ending
from stats.feedback import Feedback
from stats.figuring import Period
from stats.pseudonyms import Pseudonyms
from stats.questions import Question
from stats.reports import making
from stats.reports.making import WeeklyReports, week_name
from stats.rolling import StaffPerson, mark_changed
from tests.stats.recounting import HERE
from tests.stats.retelling import LISTED, SMALL, Cells, Records, Retelling, Share, Stretch, Where, agree, written
from tests.stats.test_recount import TURNS
from tests.web import reading_back as read
from tests.web.conftest import QUICK
from tests.web.fakes import Clock, ScriptedRecogniser, rasa
from tests.web.visits import PASSWORD, Guest
from web.api import TABLES
from web.application import build
from web.filters import query_of
from web.pages import statistics
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff
from web.tokens import make_token

EXAMPLES = int(os.environ.get("SAMENESS_EXAMPLES", "2"))
A_DAY, A_WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
FAQ = ContentFiles().read().on(dt.date(2026, 11, 23))
KNOWN = tuple(
    (entry.key, entry.key.partition(".")[0], entry.aspect)
    for topic in ("can-cuoc", "vneid", "canh-bao-lua-dao")
    for entry in [e for e in FAQ.entries if e.key.startswith(f"{topic}.")][:6]
)
ODD = ((None, None, None), (None, "vneid", None), ("cá.mắm", "cá", "ở đâu"), ("can-cuoc.le-phi", "vneid", "la-gi"))
CHANNELS = {"telegram": "Telegram", "web": "Trang web"}
MOST_ON_PAGE, MOST_ON_PAPER = 15, 20
HEADLINES = ("questions", "people", *(metric for metric, _ in read.SAID), "helpful_share")
ASIDE = ("small_talk", "pressed", "scam", "mean_confidence")


@dataclass(frozen=True)
class Asked:
    """Some people who ask the same at the same hour."""

    people: int
    first: int
    times: int
    weeks_ago: int
    at: dt.timedelta
    what: tuple[str | None, str | None, str | None]
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Town:
    """All that was asked, and for which days somebody wants to know."""

    monday: dt.date
    asked: list[Asked]
    rated: list[Asked]
    staff: set[str]
    period: Period
    now: dt.datetime
    moments: list[dt.datetime] = field(default_factory=list)

    def questions(self) -> list[dict[str, Any]]:
        return [
            {"id": uuid.uuid4().hex, "asked_at": at, "person": who, "text": "…", "offered": [], "milliseconds": 1}
            | {"masked_kinds": [], "language": "vi", "entry": one.what[0], "topic": one.what[1], "aspect": one.what[2]}
            | one.fields
            for one in self.asked
            for who, at in self._each(one)
        ]

    def feedback(self) -> list[dict[str, Any]]:
        return [
            {"id": uuid.uuid4().hex, "said_at": at, "person": who, "text": "", "entry": one.what[0], **one.fields}
            for one in self.rated
            for who, at in self._each(one)
        ]

    def _each(self, one: Asked) -> Iterator[tuple[str, dt.datetime]]:
        begin = dt.datetime.combine(self.monday - A_WEEK * one.weeks_ago, dt.time(), HERE)
        for number in range(one.people * one.times):
            yield f"{one.first + number % one.people:032x}", (begin + one.at).astimezone(dt.UTC)


PEOPLE = st.integers(1, 4) | st.integers(4, 9) | st.integers(8, 40) | st.integers(8, 40)
TIMES = st.timedeltas(dt.timedelta(0), A_WEEK - dt.timedelta(microseconds=1)) | st.sampled_from(
    [A_DAY * day + dt.timedelta(hours=hour) for day in range(7) for hour in (0, 8, 23)]
    + [A_DAY - dt.timedelta(microseconds=1), A_WEEK - dt.timedelta(microseconds=1)]
)


def crowds(people: st.SearchStrategy[int], fields: st.SearchStrategy[Mapping[str, Any]]) -> st.SearchStrategy[Asked]:
    what = st.sampled_from(KNOWN) | st.sampled_from((*KNOWN, *ODD, ODD[0], ODD[0]))
    weeks = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4])
    return st.builds(Asked, people, st.integers(0, 30), st.sampled_from([1, 1, 2, 3]), weeks, TIMES, what, fields)


QUESTIONS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["telegram"] * 6 + ["web", "web", "test"]),
        "kind": st.sampled_from(["text"] * 8 + ["button", "command"]),
        "ending": st.sampled_from([str(Ending.ANSWERED)] * 8 + [str(ending) for ending in Ending]),
        "confidence": st.none() | st.integers(0, 1000).map(lambda share: share / 1000),
        "release": st.sampled_from(["r1", "r1", "r2", None]),
        "campaign": st.sampled_from(["chợ", "trường", "", None, None, None]),
    }
)
WORDS = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["telegram"] * 4 + ["web", "test"]),
        "kind": st.sampled_from(["helpful", "helpful", "not_helpful", "remark"]),
    }
)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    turn = draw(st.sampled_from(TURNS))
    monday = turn - A_DAY * turn.weekday()
    asked = draw(st.lists(crowds(PEOPLE, QUESTIONS), max_size=30))
    if draw(st.booleans()):  # records go back far enough for four weeks to be held against
        asked.append(
            draw(st.builds(Asked, PEOPLE, st.just(0), st.just(1), st.just(5), TIMES, st.just(ODD[0]), QUESTIONS))
        )
    if draw(st.integers(0, 7)) == 0:  # numbers of more than three digits
        asked.append(draw(crowds(st.integers(1000, 1500), QUESTIONS)))
    since = monday + A_DAY * draw(st.integers(-30, 8))
    days = draw(st.integers(0, 6) | st.integers(7, 30) | st.integers(60, 120))
    topic = draw(st.sampled_from(["", "can-cuoc", "vneid", "canh-bao-lua-dao"]))
    later = draw(st.sampled_from([0, 0, 0, 1, 40]))
    return Town(
        monday,
        asked,
        draw(st.lists(crowds(st.integers(1, 12), WORDS), max_size=6)),
        {f"{person:032x}" for person in draw(st.sets(st.integers(0, 30), max_size=2))},
        Period(since, since + A_DAY * days, topic),
        dt.datetime.combine(monday + A_WEEK * (later + 1), dt.time(10), HERE),
    )


def busy(seed: int) -> Town:
    """Return a town in which there is a bit of everything: many ask for much, few for some."""
    chance = random.Random(seed)

    def some(most: int, **fields: tuple[Any, ...]) -> Asked:
        at = dt.timedelta(minutes=chance.randrange(7 * 24 * 60))
        what, weeks = chance.choice((*KNOWN, *ODD)), chance.choice((0, 0, 1, 2, 3, 4, 5))
        drawn = {name: chance.choice(values) for name, values in fields.items()}
        return Asked(chance.randint(1, most), chance.randrange(30), chance.randint(1, 3), weeks, at, what, drawn)

    endings = ("answered",) * 9 + tuple(map(str, Ending))
    channels, kinds, campaigns = (
        ("telegram", "telegram", "web", "test"),
        ("text",) * 9 + ("button",),
        ("chợ", "trường", None),
    )
    fields = {"channel": channels, "kind": kinds, "ending": endings, "campaign": campaigns, "release": ("r1", None)}
    asked = [some(25, confidence=(None, 0.517, 0.883), **fields) for _ in range(chance.choice((10, 40, 120)))]
    rated = [some(12, channel=channels, kind=("helpful", "helpful", "not_helpful")) for _ in range(12)]
    turn = chance.choice(TURNS)
    monday = turn - A_DAY * turn.weekday()
    since = monday - A_DAY * chance.randrange(-3, 40)
    period = Period(
        since, since + A_DAY * chance.choice((0, 6, 27, 29, 90)), chance.choice(("", "", "vneid", "can-cuoc"))
    )
    return Town(monday, asked, rated, {f"{7:032x}"}, period, dt.datetime.combine(monday + A_WEEK, dt.time(10), HERE))


BUSY = st.integers(0, 1_000_000).map(busy)


class Tally:
    """How much was compared."""

    def __init__(self) -> None:
        self.towns = self.cells = self.hidden = 0
        self.by_whom: dict[str, int] = {}

    def __str__(self) -> str:
        whom = ", ".join(f"{name} {number:,}" for name, number in self.by_whom.items())
        return f"{self.towns} data sets, {self.cells:,} cells compared ({self.hidden:,} of them hidden): {whom}"


@dataclass(frozen=True)
class Office:
    """All ways to the figures, over one database that is emptied for each data set."""

    sessions: Sessions
    parts: Parts
    app: Any
    clock: Clock
    passwords: Passwords
    folder: Path
    tally: Tally

    async def differences(self, town: Town) -> list[str]:
        """Have everything told; return where it differs from what must be told."""
        self.clock.now = town.now.astimezone(dt.UTC)
        await self._live_through(town)
        transport = httpx.ASGITransport(self.app, client=("10.0.0.1", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
            guest = Guest(client)
            await self._log_in(guest)
            week = Period(town.monday, town.monday + A_DAY * 6)
            found = await self._surveyed(guest, week) + await self._surveyed(guest, town.period)
            found += await self._reported(town.monday) + await self._on_telegram(town)
        self.tally.towns += 1
        return found

    async def _live_through(self, town: Town) -> None:
        async with self.sessions.begin() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table is not Deed.__table__:  # nothing is ever taken out of it
                    await session.execute(table.delete())
            questions, feedback = town.questions(), town.feedback()
            if questions:
                await session.execute(insert(Question), questions)
            if feedback:
                await session.execute(insert(Feedback), feedback)
            session.add_all(StaffPerson(person=person) for person in town.staff)
            await mark_changed(session, [q["asked_at"] for q in questions] + [f["said_at"] for f in feedback])

    async def _log_in(self, guest: Guest) -> None:
        async with self.sessions.begin() as session:
            now = {"passwords": self.passwords, "now": self.clock()}
            await create_staff(session, "lan", password=PASSWORD, role=Role.EDITOR, **now)
        await guest.log_in("lan", PASSWORD)

    async def _retold(self, period: Period) -> Cells:
        return Retelling(await self._stretch(period.since, period.until, period.topic), self._today, titles()).cells

    @property
    def _today(self) -> dt.date:
        return self.clock().astimezone(HERE).date()

    async def _stretch(self, since: dt.date, until: dt.date, topic: str = "") -> Stretch:
        async with self.sessions() as session:
            questions = list(await session.scalars(select(Question)))
            feedback = list(await session.scalars(select(Feedback)))
            staff = set(await session.scalars(select(StaffPerson.person)))
        return Stretch(Records(questions, feedback, staff), {e.key: e.aspect for e in FAQ.entries}, since, until, topic)

    async def _surveyed(self, guest: Guest, period: Period) -> list[str]:
        expected, query = await self._retold(period), query_of(period)
        page = read.Page((await guest.get(f"/thong-ke?{query}")).text).read()
        book = (await guest.get(f"/thong-ke.xlsx?{query}")).content
        data = (await guest.get(f"/thong-ke.json?{query}")).json()
        command = await surveying.exported(self.sessions, period, author="lan", forms=["json"], clock=self.clock)
        files = dict(_files(argparse.Namespace(xlsx=Path("xlsx"), json=Path("json")), command))
        told = {
            "the page": (on_page(expected, period), page),
            "XLSX": (in_book(expected), read.from_book(book)),
            "JSON": (in_data(expected), read.from_data(data)),
            "the command's JSON": (in_data(expected), read.from_data(json.loads(files[Path("json")]))),
            "the command's XLSX": (in_book(expected), read.from_book(files[Path("xlsx")])),
            "the API's JSON": (in_data(expected), read.from_data(await self._api(guest, period, "json"))),
            "the API's CSV": (in_data(expected), read.from_data(await self._api(guest, period, "csv"))),
        }
        return [one for whom, both in told.items() for one in self._compared(f"{whom} of {query}", whom, *both)]

    async def _api(self, guest: Guest, period: Period, form: str) -> dict[str, Any]:
        async with self.sessions.begin() as session:
            token = await make_token(session, form, author="lan", now=self.clock())
        found: dict[str, Any] = {}
        for name in TABLES:
            query = query_of(period, topic_name="topic")
            answer = await guest.get(f"/api/v1/{name}?{query}&format={form}", Authorization=f"Bearer {token}")
            assert answer.status_code == 200, answer.text
            given = {"rows": read.rows_of_csv(answer.text)} if form == "csv" else answer.json()
            found |= {name: given["rows"], **({"left_out": given["left_out"]} if form == "json" else {})}
        if form == "csv":  # a table and nothing else
            found["left_out"] = (await guest.get(f"/thong-ke.json?{query_of(period)}")).json()["left_out"]
        return found

    async def _reported(self, monday: dt.date) -> list[str]:
        reports = WeeklyReports(self.sessions, self.folder, clock=self.clock)
        await reports.make(monday, author="lan")
        name = f"bao-cao-{week_name(monday)}"
        word, paper, book = [
            await reports.read(monday, f"{name}.{end}", author="lan") for end in ("docx", "pdf", "xlsx")
        ]
        assert word is not None is not paper, "made, and not changed since"
        assert book is not None
        cells = await self._retold(Period(monday, monday + A_DAY * 6))
        expected = in_report(cells, MOST_ON_PAPER, printed=True)
        told = {
            "DOCX": (expected, read.from_word(word)),
            "PDF": (expected, read.from_paper(paper, expected)),
            "the report's XLSX": (in_report(cells), read.from_report_book(book)),
        }
        return [one for whom, both in told.items() for one in self._compared(f"{whom} of {name}", whom, *both)]

    async def _on_telegram(self, town: Town) -> list[str]:
        sunday = town.monday + A_DAY * 6
        desk = Desk(self.sessions, self.folder / "reports", clock=self.clock)
        ended = await desk.figures("lan", Live(FAQ), dt.datetime.combine(sunday, dt.time(21), HERE))
        assert ended.reply is not None
        expected = on_telegram(
            today=await self._stretch(sunday, sunday),
            week=await self._stretch(town.monday, sunday),
            before=await self._stretch(town.monday - A_WEEK, sunday - A_WEEK),
        )
        return self._compared("/thongke", "/thongke", expected, read.from_telegram(ended.reply.text))

    def _compared(self, whose: str, whom: str, expected: Cells, said: Cells) -> list[str]:
        found = [
            f"{whose}, {' · '.join(filter(None, where))}: says {str(said.get(where, 'nothing'))[:80]!r}, "
            f"the records {expected.get(where, 'nothing')!r}"
            for where in {**expected, **said}
            if where not in expected or where not in said or not agree(expected[where], said[where])
        ]
        self.tally.cells += len(expected)
        self.tally.hidden += sum(isinstance(value, str) and value[0] in "<>ẩ•" for value in expected.values())
        self.tally.by_whom[whom] = self.tally.by_whom.get(whom, 0) + len(expected)
        return found


def titles() -> Mapping[str, Mapping[str, str]]:
    """What keys are called."""
    return {
        "topic": {t.id: t.title for t in FAQ.taxonomy.topics}
        | {"?": "Chưa rõ chủ đề", "ngoai-pham-vi": "Ngoài phạm vi"},
        "entry": {entry.key: read.plain(FAQ.place.fill(entry.question)) for entry in FAQ.entries},
        "aspect": {aspect.id: aspect.title for aspect in FAQ.taxonomy.aspects} | {"?": "Chưa rõ khía cạnh"},
        "channel": CHANNELS,
        "ending": {str(ending): title for ending, title in TITLES.items()},
        "release": {"?": "Chưa có bản công bố"},
    }


ALONE = ("ending", "release")
"""Tables of which pages and files say nothing of the periods before."""


def only(cells: Cells, keep: Callable[[Where], bool]) -> Cells:
    return {where: value for where, value in cells.items() if keep(where)}


def _number(row: str) -> int:
    return int(row.partition(".")[0])


def value_of(cells: Cells, metric: str) -> object:
    return cells["figures", read.NUMBERED[METRICS[metric].name], "value"]


def with_total(cells: Cells) -> Cells:
    questions = value_of(cells, "questions")
    share = Share(1) if isinstance(questions, int) and questions else None
    return cells | {("total", "", "count"): questions, ("total", "", "share"): share}


def in_data(cells: Cells) -> Cells:
    """What the JSON holds: all cells."""
    return only(cells, lambda at: at[2] not in {"none", "untold"})


def in_book(cells: Cells) -> Cells:
    """What the Excel file holds; of endings not what they were before."""
    return with_total(only(in_data(cells), lambda at: at[0] not in ALONE or at[2] in {"count", "share", "key"}))


def on_page(cells: Cells, period: Period) -> Cells:
    """What the page holds: of some figures and tables a part."""
    headlines = {read.NUMBERED[METRICS[name].name] for name in HEADLINES}
    aside = {read.NUMBERED[METRICS[name].name] for name in ASIDE}
    hours = _hours_shown(cells)
    drawn = bool(value_of(cells, "questions")) and isinstance(value_of(cells, "questions"), int)

    def kept(at: Where) -> bool:
        table, row, column = at
        if table == "figures":
            return row in headlines or (row in aside and column in {"value", "last", "mean"})
        if table in ALONE and row:
            return column in {"count", "share"}
        if table in LISTED:
            listed = not row or table != "entry" or _number(row) <= MOST_ON_PAGE
            return listed and column not in {"key", "change to mean"} and not (table == "topic" and period.topic)
        return {"step": drawn, "hour": bool(hours) and hours[0] <= row <= hours[-1]}.get(table, True)

    found = only(cells, kept)
    return with_total(found) | _drawn(found)


def _drawn(cells: Cells) -> Cells:
    """What the chart of days says beside the table."""
    return {("step", row, "drawn"): value for (table, row, _), value in cells.items() if table == "step"}


def _hours_shown(cells: Cells) -> list[str]:
    return sorted({row for (table, row, _), value in cells.items() if table == "hour" and value != 0})


def in_report(cells: Cells, most: int | None = None, *, printed: bool = False) -> Cells:
    """What the weekly report holds; on paper also what is said in words."""
    hours, told = _hours_shown(cells), any(value for at, value in cells.items() if at[0] == "hour" and value != "•")

    def kept(at: Where) -> bool:
        table, row, column = at
        if table in {"ending", "release"} or (table == "figures" and column not in read.LINE_ON_PAPER):
            return False
        if table in LISTED and row:
            return column in read.ROW_ON_PAPER and (table != "entry" or most is None or _number(row) <= most)
        return (printed or column not in {"none", "untold"}) and (table != "hour" or (told and row in hours))

    found = only(cells, kept)
    if not printed:
        return found
    any_day = any(isinstance(value, int) and value for at, value in found.items() if at[0] == "step")
    return found | (_drawn(found) if any_day else {}) | _said(found)


def _said(cells: Cells) -> Cells:
    """What the first sentences of the report say."""
    questions = value_of(cells, "questions")
    if not isinstance(questions, int) or not questions:
        return {}
    found: Cells = {("said", "", name): value_of(cells, name) for name in ("questions", "people")}
    for metric, _ in read.SAID:
        value, row = value_of(cells, metric), read.NUMBERED[METRICS[metric].name]
        found["said", metric, "value"] = {"ẩn": "không nêu", SMALL: "dưới 5 người"}.get(str(value), value)
        interval = cells["figures", row, "interval"]
        found["said", metric, "interval"] = interval
    return found


def on_telegram(*, today: Stretch, week: Stretch, before: Stretch) -> Cells:
    """What the message of a Sunday evening holds."""
    found: Cells = {}
    for name, stretch in (("today", today), ("week", week), ("same days", before), ("last week", before)):
        few = f"{SMALL} người hỏi"
        for number in ("questions", "people"):
            told = stretch.number(number)
            found[name, "", number] = few if told is None else int(told)
    for metric, _ in read.SAID:
        now, then = week.pair(metric), before.pair(metric)
        few = metric.removesuffix("_share") in week.tables["ending"].few
        unknown = "chưa đủ số liệu" if week.closed or not week.total.questions else f"{SMALL} người" if few else "ẩn"
        found["shares", metric, "value"] = Share(now[0] / now[1]) if now and now[1] else unknown
        known = now and now[1] and then and then[1]
        found["shares", metric, "last"] = Share(then[0] / then[1]) if known and then else None
    names, counts = titles()["entry"], week.tables["entry"].counts
    for number, key in enumerate(sorted(counts, key=lambda key: (-counts[key], key))[:10], 1):
        title = next((read.plain(FAQ.place.fill(e.title)) for e in FAQ.entries if e.key == key), names.get(key, key))
        found["top", f"{number}. {title}", "count"] = counts[key]
    return found


def _no_picture(_drawing: object, *, scale: float = 1.0) -> bytes:
    drawn = io.BytesIO()
    Image.new("L", (100, 50)).save(drawn, "PNG")
    return drawn.getvalue()


async def _faq(_session: object) -> Faq:
    return FAQ


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Town], list[str]]]:
    """Tell what differs over some town; charts stay undrawn, for nobody can read a number off them."""
    folder, tally = tmp_path_factory.mktemp("same"), Tally()
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setattr(charts.Drawing, "png", _no_picture)
        patch.setattr(making, "live_faq", _faq)
        patch.setattr(surveying, "live_faq", _faq)
        patch.setattr(statistics, "PATIENCE", 60.0)
        patch.setattr(statistics.surveyed, "__kwdefaults__", {"patience": 60.0})
        engine = connect(f"sqlite:///{folder}/service.db")

        async def made() -> Office:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
            sessions, clock = sessions_on(engine), Clock(dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC))
            live = LiveFaq(sessions, FAQ)
            parts = Parts(
                Dialogue(live, ScriptedRecogniser(), Pseudonyms("a secret"), _forget),
                live,
                sessions,
                RasaClient(rasa()),
            )
            passwords = Passwords(QUICK)
            ways = WebSettings(_env_file=None, secret_key="a secret for tests", var_dir=folder)
            app = build(parts, ways, clock=clock, passwords=passwords)
            return Office(sessions, parts, app, clock, passwords, folder, tally)

        office = runner.run(made())
        yield lambda town: runner.run(office.differences(town))
        runner.run(engine.dispose())
    print(f"\n{tally}")


async def _forget(_asked: object) -> None:
    """Nothing is asked here."""


@given(town=towns() | BUSY | BUSY)
@example(town=busy(5))
@example(town=busy(7))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a town less would take a second to be told, each time
)
def test_every_figure_is_the_same_everywhere(offices: Callable[[Town], list[str]], town: Town) -> None:
    found = offices(town)

    assert not found, "\n".join([f"{len(found)} differences, first ones:", *found[:8]])


def test_no_figure_is_taken_for_another() -> None:
    assert not agree(Share(0.125), "12,4 %")
    assert not agree(3, "ẩn")
    assert written(Share(0.0625)) == {"6,2 %", "6,3 %"}
    assert agree((Share(0.1), Share(0.2)), "10,0 % – 20,0 %")
