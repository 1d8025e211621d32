"""No small count follows from all that is published together."""

import datetime as dt
import json
import random
from dataclasses import replace

import pytest

from faq.database import Sessions
from stats.endings import Ending
from stats.figuring import Figure
from stats.ledger import CLOSED, Table, Week, freeze, frozen, mean, protect, summed
from stats.rolling import ASPECT, CAMPAIGN, ENTRY, HOUR, TOPIC, Counts
from stats.suppressing import FEWEST, FEWEST_IN_PUBLIC, hidden
from stats.weekly import WeeklyReport
from tests.stats.attack import Attacker, pages, tables_of, week_of_questions, year

MONDAY = dt.date(2026, 11, 16)


def figure(people: int, questions: int | None = None) -> Figure:
    return Figure("", Counts(answered=people if questions is None else questions), people)


@pytest.mark.parametrize("fewest", [FEWEST, FEWEST_IN_PUBLIC])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_small_count_of_a_year_can_be_found(seed: int, fewest: int) -> None:
    made = year(seed, fewest)

    assert len(made.small) > 1000
    assert made.recovered() == {}
    assert sum(len(week.table(TOPIC).cells) for week in made.weeks) > 100


def test_nothing_is_found_by_who_has_the_public_files_too() -> None:
    made = year(4, FEWEST)
    for counted in made.counted:
        for dim, table in protect(counted, FEWEST_IN_PUBLIC).tables.items():
            made.attacker.read(counted, dim, table, FEWEST_IN_PUBLIC)

    assert made.recovered() == {}


@pytest.mark.parametrize("seed", [5, 6])
def test_nothing_of_fewer_than_ten_is_found_by_who_has_the_public_page_of_every_week(seed: int) -> None:
    made = year(seed, FEWEST_IN_PUBLIC, on_demand=0)
    attacker = Attacker(FEWEST_IN_PUBLIC)
    for counted, week in zip(made.counted, made.weeks, strict=True):
        attacker.meet(counted, week)

    for said in (every := pages(made.counted)):
        attacker.learn_page(said)

    assert replace(made, attacker=attacker).recovered() == {}
    told = [one for said in every for one in (*said.topics, *said.entries)]
    assert sum(one.row.count is not None for one in told) > 200
    assert sum(one.together is not None for one in told) > 20
    assert min(one.row.count for one in told if one.row.count is not None) >= FEWEST_IN_PUBLIC


@pytest.mark.parametrize("seed", [5, 6])
def test_nothing_is_found_by_who_has_all_reports_and_all_public_pages(seed: int) -> None:
    made = year(seed, FEWEST)

    for said in pages(made.counted):
        made.attacker.learn_page(said)

    assert made.recovered() == {}


def test_public_pages_and_reports_say_the_same_wherever_both_say_something() -> None:
    made = year(7, FEWEST, on_demand=0)

    for said, week in zip(pages(made.counted), made.weeks, strict=True):
        assert said.past[0].questions.value in {None, week.numbers["questions"]}
        for dim, rows in ((TOPIC, said.topics), (ENTRY, said.entries)):
            shown = {one.row.key: one.row.count for one in rows if one.row.count is not None}
            assert shown == {key: week.table(dim).cells[key] for key in shown}


def test_attacker_finds_what_is_hidden_carelessly() -> None:
    """The attack is worth something: hiding only the small rows themselves does not withstand it."""
    made = year(1, FEWEST)
    attacker = Attacker(FEWEST)

    for counted, week in zip(made.counted, made.weeks, strict=True):
        truth = tables_of(counted)
        careless = {dim: Table({k: n for k, n in rows.items() if n >= FEWEST}) for dim, rows in truth.items()}
        attacker.learn(counted, replace(week, tables=careless))

    assert len(replace(made, attacker=attacker).recovered()) > 30


def test_public_tables_hide_whatever_staff_tables_hide() -> None:
    for seed in range(20):
        counted = week_of_questions(random.Random(seed), MONDAY, 250)
        staff, public = protect(counted, FEWEST), protect(counted, FEWEST_IN_PUBLIC)
        for dim in staff.tables:
            assert set(public.table(dim).cells) <= set(staff.table(dim).cells)


def test_small_rows_are_never_hidden_alone() -> None:
    table = {"a": figure(40), "b": figure(12), "c": figure(8), "d": figure(6), "e": figure(3), "f": figure(1)}

    assert hidden(table) == {"c", "e", "f"}


def test_ones_alone_do_not_cover_each_other() -> None:
    table = {"a": figure(40), **{f"b{n}": figure(1) for n in range(5)}}

    assert hidden(table) == set(table)


def test_table_without_small_rows_hides_nothing() -> None:
    assert hidden({"a": figure(40), "b": figure(5)}) == set()


def test_nothing_is_told_of_a_week_of_four_people() -> None:
    week = protect(week_of_questions(random.Random(1), MONDAY, 4))

    assert set(week.numbers.values()) == {None}
    assert list(week.tables.values()) == [CLOSED] * 8


def test_nothing_inside_of_what_is_hidden_is_shown() -> None:
    for seed in range(20):
        week = protect(week_of_questions(random.Random(seed), MONDAY, 150))
        assert {key.partition(".")[0] for key in week.table(ENTRY).cells} <= set(week.table(TOPIC).cells)
        assert {key.partition(" ")[0] for key in week.table(HOUR).cells} <= set(week.table("day").cells)


def test_sums_leave_out_rows_that_one_week_hides() -> None:
    one = protect(week_of_questions(random.Random(5), MONDAY, 150))
    other = protect(week_of_questions(random.Random(4), MONDAY + dt.timedelta(7), 300))

    sums = summed([one, other], TOPIC)

    hidden_somewhere = {k for w in (one, other) for k in w.table(TOPIC).small | w.table(TOPIC).covers}
    assert sums
    assert not hidden_somewhere & set(sums)
    assert mean([one, other], lambda week: week.table(TOPIC).read(next(iter(hidden_somewhere)))) is None


def test_hidden_rating_does_not_follow_from_the_other() -> None:
    counted = week_of_questions(random.Random(3), MONDAY, 300)
    rated = replace(counted.total, counts=Counts(answered=300, helpful=40, not_helpful=2))

    numbers = protect(replace(counted, total=rated)).numbers

    assert numbers["helpful"] is None
    assert numbers["rated"] == 42


def test_campaign_is_hidden_where_the_rest_would_give_it_away() -> None:
    counted = week_of_questions(random.Random(3), MONDAY, 60)
    campaigns = {"c1": figure(50), "c2": figure(8)}

    week = protect(replace(counted, flat={**counted.flat, CAMPAIGN: campaigns}))

    assert week.table(CAMPAIGN).cells == {"c1": 50}, "two came through none, and 60 - 50 - 8 is told"


def test_endings_follow_from_topics_and_are_hidden_by_one_another() -> None:
    counted = week_of_questions(random.Random(3), MONDAY, 300)
    endings = {
        Ending.ANSWERED: figure(260),
        Ending.OFFERED: figure(30),
        Ending.NOT_UNDERSTOOD: figure(8),
        Ending.UNAVAILABLE: figure(2),
    }

    table = protect(replace(counted, flat={**counted.flat, "ending": endings})).table("ending")

    assert table.cells == {Ending.ANSWERED: 260, Ending.OFFERED: 30}
    assert table.small == {Ending.UNAVAILABLE}


def test_week_survives_the_trip_through_json() -> None:
    week = protect(week_of_questions(random.Random(5), MONDAY, 300))

    assert Week.from_json(json.loads(json.dumps(week.as_json()))) == week
    assert week.table(ASPECT).read("no such aspect") in {0, None}


async def test_week_is_found_in_its_own_report_or_beside_another(sessions: Sessions) -> None:
    week, before = (protect(week_of_questions(random.Random(n), MONDAY - dt.timedelta(7 * n), 300)) for n in range(2))
    async with sessions.begin() as session:
        made = {"monday": MONDAY, "made_at": dt.datetime.now(dt.UTC), "made_by": "x", "files": {}}
        session.add(WeeklyReport(**made, figures=freeze(week, [before])))

    async with sessions() as session:
        assert await frozen(session, [MONDAY]) == {MONDAY: week}
        assert await frozen(session, [before.monday]) == {before.monday: before}
