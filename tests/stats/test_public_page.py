"""The public page: off until it is switched on, nothing in it but what its threshold lets through, no script."""

import datetime as dt
import random
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import VIETNAM, Sessions
from stats.gaps import Gap
from stats.ledger import protect
from stats.public.content import Improved, Kept, keep, page
from stats.public.keeping import NAME, PublicPage
from stats.public.writing import content_security, html, style
from stats.published import Names, publish
from stats.reports import making
from stats.reports.making import WeeklyReports
from stats.rolling import TOPIC
from stats.suppressing import FEWEST_IN_PUBLIC
from stats.weekly import WeeklyReport
from tests.stats.attack import week_of_questions
from tests.stats.weeks import HOSTILE, MONDAY, ask_weeks, close_gap, fill_inbox

SEVEN = dt.datetime(2026, 11, 23, 7, 0, tzinfo=VIETNAM)
NAMES = Names(words={"phuong": "phường Cửa Lò", "cong-an": "Công an phường Cửa Lò"}, topics={"t0": "Căn cước"})
TODAY = dt.date(2026, 11, 23)
FOREIGN = re.compile(r"<script|<link|<img|<iframe|<form|href=|src=|url\(|@import|\bon\w+=|style=", re.IGNORECASE)


def kept(monday: dt.date = MONDAY, size: int = 400, improved: tuple[Improved, ...] = ()) -> Kept:
    counted = week_of_questions(random.Random(size), monday, size)
    return Kept(protect(counted, FEWEST_IN_PUBLIC), improved)


def text(*weeks: Kept, names: Names = NAMES) -> str:
    return html(page(weeks, names, made_on=TODAY)).decode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WeeklyReports, "_written", lambda *_: making._Files({"x.pdf": b"x"}, ""))


def public(sessions: Sessions, folder: Path) -> PublicPage:
    return PublicPage(sessions, folder, clock=lambda: SEVEN)


def reports(sessions: Sessions, folder: Path, now: dt.datetime = SEVEN) -> WeeklyReports:
    return WeeklyReports(sessions, folder, clock=lambda: now)


async def test_it_is_off_until_switched_on_and_gone_once_switched_off(sessions: Sessions, tmp_path: Path) -> None:
    kept = public(sessions, tmp_path)
    assert await kept.read() is None

    await kept.switch_on(author="hoa")
    assert "Chưa có số liệu" in (await kept.read() or b"").decode()
    assert (tmp_path / "public" / NAME).exists()

    await kept.switch_off(author="hoa")
    await kept.refresh()
    assert await kept.read() is None
    assert not (tmp_path / "public" / NAME).exists()
    async with sessions() as session:
        assert [(d.author, d.act) for d in await session.scalars(select(Deed))] == [
            ("hoa", "public.on"),
            ("hoa", "public.off"),
        ]


@pytest.mark.usefixtures("quick")
async def test_it_is_made_anew_with_each_report_while_it_is_on(sessions: Sessions, tmp_path: Path) -> None:
    await ask_weeks(sessions)
    kept = public(sessions, tmp_path)
    await reports(sessions, tmp_path).catch_up()
    assert await kept.read() is None, "a report does not switch it on"

    await kept.switch_on(author="hoa")
    before = await kept.read()
    await reports(sessions, tmp_path, SEVEN + dt.timedelta(days=7)).catch_up()

    assert before is not None
    assert "16/11/2026 đến 22/11/2026" in before.decode()
    assert "23/11/2026 đến 29/11/2026" in (await kept.read() or b"").decode()


@pytest.mark.usefixtures("quick")
async def test_it_says_what_the_report_says(sessions: Sessions, tmp_path: Path) -> None:
    await ask_weeks(sessions, sizes=(900, 700))

    made = await reports(sessions, tmp_path).make(MONDAY, author="lan")

    said = Kept.from_json(made.figures["public"]).week
    report = made.figures["week"]
    assert said.fewest == FEWEST_IN_PUBLIC
    assert said.numbers["questions"] == report["numbers"]["questions"]
    assert said.table(TOPIC).cells
    assert all(report["tables"][TOPIC]["cells"][key] == count for key, count in said.table(TOPIC).cells.items())


@pytest.mark.usefixtures("quick")
async def test_week_that_was_counted_differently_meanwhile_is_not_on_it(sessions: Sessions, tmp_path: Path) -> None:
    """A report kept what it said of the week before; late records would make two thresholds over two counts."""
    await ask_weeks(sessions, sizes=(300, 300))
    await reports(sessions, tmp_path).make(MONDAY, author="lan")
    await ask_weeks(sessions, seed=2, sizes=(40, 40))

    late = await reports(sessions, tmp_path).make(MONDAY - dt.timedelta(7), author="lan")

    assert late.figures["public"] is None
    assert "09/11" not in (await public(sessions, tmp_path).made()).decode()


@pytest.mark.usefixtures("quick")
async def test_report_is_made_even_if_the_page_cannot_be(
    sessions: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_weeks(sessions, sizes=(60,))
    await public(sessions, tmp_path).switch_on(author="hoa")

    def full(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(PublicPage, "_write", full)

    assert await reports(sessions, tmp_path).catch_up() == [MONDAY]


async def test_no_word_of_a_citizen_is_on_it(sessions: Sessions) -> None:
    await ask_weeks(sessions, sizes=(300, 300))
    await fill_inbox(sessions)
    await close_gap(sessions)
    async with sessions() as session:
        found = keep(await publish(session, MONDAY, NAMES, now=SEVEN))
    assert found is not None

    said = text(Kept.from_json(found))

    assert "dang-ky-xe.xe-dien" in said, "the entry that closed a gap is named"
    for words in ("xe điện có phải", "đổi bằng lái", "bẫy", "ít người hỏi"):
        assert words not in said


@pytest.mark.usefixtures("quick")
async def test_page_of_a_report_made_before_there_were_public_pages(sessions: Sessions, tmp_path: Path) -> None:
    await ask_weeks(sessions, sizes=(60,))
    await reports(sessions, tmp_path).catch_up()
    async with sessions.begin() as session:
        row = await session.get(WeeklyReport, MONDAY)
        assert row is not None
        row.figures = {name: value for name, value in row.figures.items() if name != "public"}

    assert "Chưa có số liệu" in (await public(sessions, tmp_path).made()).decode()


def test_nothing_of_it_lies_elsewhere_and_nothing_runs() -> None:
    said = text(kept(), kept(MONDAY - dt.timedelta(7), 300))

    assert FOREIGN.findall(said) == []
    assert content_security().startswith("default-src 'none'; style-src 'sha256-")
    assert content_security() in said
    assert f"<style>{style()}</style>" in said, "the hash is of what stands there"
    assert "</" not in style()


def test_titles_are_text() -> None:
    names = Names(words={"phuong": HOSTILE}, topics={f"t{n}": HOSTILE for n in range(7)})

    assert "<script" not in text(kept(), names=names)


def test_every_number_in_its_tables_has_ten_people_behind_it() -> None:
    """In these weeks nobody asks twice: a number of questions is one of people."""
    for seed in range(10):
        said = text(*(kept(MONDAY - dt.timedelta(7 * back), 90 + 40 * seed + back) for back in range(5)))
        cells = re.findall(r'<td class="num[^"]*">([\d.]+)</td>', said)
        assert cells
        assert [cell for cell in cells if 0 < int(cell.replace(".", "")) < FEWEST_IN_PUBLIC] == []


def test_week_of_nine_people_tells_nothing() -> None:
    said = text(kept(size=9), kept(MONDAY - dt.timedelta(7), 300))

    assert "dưới 10 người hỏi, nên không nêu số liệu" in said
    assert "Chủ đề</th>" not in said
    assert '<td class="num">300</td>' in said


def test_weeks_are_told_together_as_far_as_none_is_missing() -> None:
    week = dt.timedelta(7)
    said = page([kept(), kept(MONDAY - week, 500), kept(MONDAY - 3 * week, 450)], NAMES, made_on=TODAY)

    assert (said.added_up, len(said.past)) == (2, 3)
    assert "Cột «2 tuần»" in html(said).decode()


def test_chart_is_told_in_words() -> None:
    said = text(kept(), kept(MONDAY - dt.timedelta(7), 300))

    assert "Số câu hỏi từng tuần. 09/11/26: 300, 16/11/26: 400." in said


def test_gap_is_told_without_the_question() -> None:
    gap = Gap("câu của người dân", "a.b", dt.date(2026, 11, 1), TODAY, "khoảng 80 % (10–19 câu)", "chưa ai hỏi")
    one = Improved.of(gap)
    names = Names(entries={"a.b": "Đăng ký xe điện"})

    said = text(kept(improved=(one,)), names=names)

    assert Improved.from_json(one.as_json()) == one
    assert "Đăng ký xe điện" in said
    assert "trước khoảng 80 % (10–19 câu); sau chưa ai hỏi" in said
    assert "câu của người dân" not in said
