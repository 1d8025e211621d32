"""An attacker who has every published file, knows how the tables hang together, and solves for what is hidden.

Stronger than anybody real: knows which rows are not empty, that each answered question has an entry, to which topic and
aspect each entry belongs, and that nobody asked twice (so that «< 5» means four questions at most).
"""

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from stats.figuring import Figure
from stats.ledger import Counted, Table, Week, protect, summed
from stats.public.content import Asked, Kept, Page, page
from stats.published import Names
from stats.rolling import ASPECT, CAMPAIGN, CHANNEL, ENTRY, HOUR, TOPIC, UNKNOWN, Counts
from stats.suppressing import FEWEST_IN_PUBLIC, is_small, small_mark

Cell = tuple[dt.date, str, str]
"""Week, kind of thing, key."""
ROUNDS = 30


def week_of_questions(rnd: random.Random, monday: dt.date, size: int) -> Counted:
    """Return a week of questions, each of somebody else."""
    taxonomy = [(f"t{n % 7}", f"t{n % 7}.e{n}", f"a{(n * 5) % 6}") for n in range(30)]
    weights = [1 / (1 + n * rnd.uniform(0.5, 3)) for n in range(len(taxonomy))]
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    entries: dict[str, Counter[str]] = defaultdict(Counter)
    hours: dict[str, Counter[str]] = defaultdict(Counter)
    endings = rnd.choice([(80, 9, 6, 4, 1, 0.5), (70, 1, 25, 2, 1, 1), (96, 1, 1, 1, 0.5, 0.5)])
    for _ in range(size):
        ending = rnd.choices(
            ["answered", "offered", "not_understood", "out_of_scope", "personal_data", "unavailable"], endings
        )[0]
        topic, entry, aspect = rnd.choices(taxonomy, weights)[0] if ending == "answered" else (UNKNOWN,) * 3
        day = (monday + dt.timedelta(rnd.choices(range(7), [9, 8, 8, 7, 6, 2, 1])[0])).isoformat()
        hour = f"{day} {rnd.choices(range(24), [1] * 7 + [9] * 5 + [5] * 9 + [2] * 3)[0]:02}"
        for dim, key in (
            (TOPIC, topic),
            (ASPECT, aspect),
            ("ending", ending),
            ("day", day),
            (CHANNEL, rnd.choices(["telegram", "web"], [30, 1])[0]),
        ):
            tally[dim][key] += 1
        if rnd.random() < 0.2:
            tally[CAMPAIGN][rnd.choices(["c1", "c2", "c3"], [9, 3, 1])[0]] += 1
        entries[topic].update([entry] if entry != UNKNOWN else [])
        hours[day][hour] += 1
    flat = {dim: _figures(tally[dim]) for dim in (TOPIC, ASPECT, "ending", "day", CHANNEL, CAMPAIGN)}
    return Counted(
        monday,
        Figure("", Counts(answered=size), size),
        flat,
        {topic: _figures(found) for topic, found in entries.items()},
        {day: _figures(found) for day, found in hours.items()},
        {entry: aspect for _, entry, aspect in taxonomy},
    )


def _figures(tally: Mapping[str, int]) -> dict[str, Figure]:
    return {key: Figure(key, Counts(answered=count), count) for key, count in tally.items()}


def tables_of(counted: Counted) -> dict[str, dict[str, int]]:
    """Return the truth."""
    nested = {
        ENTRY: {key: f.questions for figures in counted.entries.values() for key, f in figures.items()},
        HOUR: {key: f.questions for figures in counted.hours.values() for key, f in figures.items()},
    }
    return {
        **{dim: {key: f.questions for key, f in figures.items()} for dim, figures in counted.flat.items()},
        **nested,
    }


@dataclass
class Attacker:
    """Collects equations, and solves them."""

    fewest: int
    rows: list[tuple[dict[Cell, float], float]] = field(default_factory=list)
    low: dict[Cell, float] = field(default_factory=dict)
    high: dict[Cell, float] = field(default_factory=dict)

    def learn(self, counted: Counted, week: Week) -> None:
        """Take in a week's report."""
        self.meet(counted, week)
        for dim, table in week.tables.items():
            self.read(counted, dim, table, week.fewest)

    def meet(self, counted: Counted, week: Week) -> None:
        """Learn how a week's tables hang together, and its number of questions if that is told."""
        monday, truth = counted.monday, tables_of(counted)
        for dim, cells in truth.items():
            for key in cells:
                self.low[monday, dim, key], self.high[monday, dim, key] = 0, float(counted.total.questions)
        self._structure(counted, known=week.numbers["questions"] is not None)

    def _structure(self, counted: Counted, *, known: bool) -> None:
        monday, total = counted.monday, counted.total.questions
        for dim in (TOPIC, ASPECT, "ending", "day", CHANNEL) if known else ():
            self.rows.append(({(monday, dim, key): 1 for key in counted.flat[dim]}, total))
        self._same(
            monday, ("day", counted.flat["day"]), HOUR, {key: day for day, f in counted.hours.items() for key in f}
        )
        topics = {key: topic for topic, f in counted.entries.items() for key in f}
        self._same(monday, (TOPIC, counted.flat[TOPIC]), ENTRY, topics)
        self._same(monday, (ASPECT, counted.flat[ASPECT]), ENTRY, {key: counted.aspects[key] for key in topics})
        if "answered" in counted.flat["ending"]:
            self.rows.append(({(monday, "ending", "answered"): -1, **{(monday, ENTRY, key): 1 for key in topics}}, 0))

    def _same(self, monday: dt.date, above: tuple[str, Iterable[str]], dim: str, within: Mapping[str, str]) -> None:
        """Learn that each row of one table is the sum of rows of another."""
        for group in above[1]:
            inside = {(monday, dim, key): 1.0 for key, of in within.items() if of == group}
            if inside:
                self.rows.append(({(monday, above[0], group): -1.0, **inside}, 0))

    def read(self, counted: Counted, dim: str, table: Table, fewest: int) -> None:
        """Take in a table."""
        monday, truth = counted.monday, tables_of(counted)[dim]
        for key, count in table.cells.items():
            assert truth[key] == count
            self.rows.append(({(monday, dim, key): 1}, count))
        for key in table.small if dim != ENTRY else ():
            cell = monday, dim, key
            self.low[cell], self.high[cell] = max(1, self.low[cell]), min(fewest - 1, self.high[cell])

    def learn_sums(self, weeks: Sequence[Week]) -> None:
        """Take in a report of several weeks."""
        for dim in weeks[0].tables:
            for key, total in summed(weeks, dim).items():
                cells = {(week.monday, dim, key): 1.0 for week in weeks if (week.monday, dim, key) in self.low}
                self.rows.append((cells, total))

    def learn_page(self, said: Page) -> None:
        """Take in a public page: the last week's rows and marks, and the last weeks' sums."""
        monday = said.past[0].monday
        weeks = [one.monday for one in said.past[: said.added_up]]
        shown = ((TOPIC, said.topics), (ENTRY, said.entries), ("ending", [Asked(row, None) for row in said.endings]))
        for dim, asked in shown:
            for one in asked:
                cell = monday, dim, one.row.key
                if one.row.count is not None:
                    self.rows.append(({cell: 1}, one.row.count))
                elif one.row.mark == small_mark(said.fewest):
                    self.low[cell], self.high[cell] = max(1, self.low[cell]), min(said.fewest - 1, self.high[cell])
                if one.together is not None:
                    cells = {(week, dim, one.row.key): 1.0 for week in weeks if (week, dim, one.row.key) in self.low}
                    self.rows.append((cells, one.together))

    def pinned(self) -> dict[Cell, float]:
        """Return every cell whose value follows, by linear algebra or from the limits of each cell."""
        known = {next(iter(cells)): value for cells, value in self.rows if len(cells) == 1}
        rows = [_without(cells, value, known) for cells, value in self.rows]
        found = dict(known)
        for part in _parts([row for row in rows if row[0]]):
            found |= _solved(part)
            found |= self._narrowed(part)
        return found

    def _narrowed(self, part: Sequence[tuple[dict[Cell, float], float]]) -> dict[Cell, float]:
        low, high = dict(self.low), dict(self.high)
        for _ in range(ROUNDS):
            for cells, value in part:
                least = sum(factor * (low if factor > 0 else high)[cell] for cell, factor in cells.items())
                most = sum(factor * (high if factor > 0 else low)[cell] for cell, factor in cells.items())
                for cell, factor in cells.items():
                    others = (
                        least - factor * (low if factor > 0 else high)[cell],
                        most - factor * (high if factor > 0 else low)[cell],
                    )
                    ends = sorted(((value - others[0]) / factor, (value - others[1]) / factor))
                    low[cell], high[cell] = max(low[cell], ends[0]), min(high[cell], ends[1])
        touched = {cell for cells, _ in part for cell in cells}
        return {cell: low[cell] for cell in touched if high[cell] - low[cell] < 0.5}


def _without(cells: Mapping[Cell, float], value: float, known: Mapping[Cell, float]) -> tuple[dict[Cell, float], float]:
    left = {cell: factor for cell, factor in cells.items() if cell not in known}
    return left, value - sum(factor * known[cell] for cell, factor in cells.items() if cell in known)


def _parts(rows: Sequence[tuple[dict[Cell, float], float]]) -> list[list[tuple[dict[Cell, float], float]]]:
    """Return equations in groups that have no unknown in common."""
    owner: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        while owner.setdefault(cell, cell) != cell:
            cell = owner[cell]
        return cell

    for cells, _ in rows:
        first = root(next(iter(cells)))
        for cell in cells:
            owner[root(cell)] = first
    grouped: dict[Cell, list[tuple[dict[Cell, float], float]]] = defaultdict(list)
    for row in rows:
        grouped[root(next(iter(row[0])))].append(row)
    return list(grouped.values())


def _solved(part: Sequence[tuple[dict[Cell, float], float]]) -> dict[Cell, float]:
    unknown = list(dict.fromkeys(cell for cells, _ in part for cell in cells))
    at = {cell: number for number, cell in enumerate(unknown)}
    matrix, values = np.zeros((len(part), len(unknown))), np.array([value for _, value in part])
    for number, (cells, _) in enumerate(part):
        for cell, factor in cells.items():
            matrix[number, at[cell]] = factor
    _, strengths, ways = np.linalg.svd(matrix)
    rank = int((strengths > 1e-9).sum())
    free = ways[rank:]
    solution = np.linalg.lstsq(matrix, values, rcond=None)[0]
    fixed = np.abs(free).max(axis=0, initial=0) < 1e-7
    return {cell: float(solution[at[cell]]) for cell in unknown if fixed[at[cell]]}


@dataclass(frozen=True)
class Year:
    """A year of weeks with all reports made of it."""

    counted: tuple[Counted, ...]
    weeks: tuple[Week, ...]
    attacker: Attacker

    @property
    def small(self) -> dict[Cell, int]:
        """Return every count that nobody may find, with its true value."""
        return {
            (counted.monday, dim, key): count
            for counted in self.counted
            for dim, cells in tables_of(counted).items()
            for key, count in cells.items()
            if is_small(count, self.attacker.fewest)
        }

    def recovered(self) -> dict[Cell, int]:
        """Return the small counts that the attacker finds exactly."""
        found = self.attacker.pinned()
        return {cell: count for cell, count in self.small.items() if cell in found and round(found[cell]) == count}


def pages(counted: Sequence[Counted]) -> list[Page]:
    """Return the public page of each week, as it was made with the week's report."""
    kept = [Kept(protect(one, FEWEST_IN_PUBLIC), ()) for one in counted]
    made_on = dt.date(2027, 1, 4)
    return [page(kept[number::-1], Names(), made_on=made_on) for number in range(len(kept))]


def year(seed: int, fewest: int, weeks: int = 53, on_demand: int = 10) -> Year:
    """Simulate a year of busy and quiet weeks, the report of each, and some of several weeks."""
    rnd = random.Random(seed)
    mondays = [dt.date(2025, 12, 29) + dt.timedelta(7 * number) for number in range(weeks)]
    counted = tuple(week_of_questions(rnd, monday, rnd.choice([3, 12, 40, 90, 200, 400, 900])) for monday in mondays)
    protected = tuple(protect(one, fewest) for one in counted)
    attacker = Attacker(fewest)
    for one, week in zip(counted, protected, strict=True):
        attacker.learn(one, week)
    for number in range(4, weeks):
        attacker.learn_sums(protected[number - 4 : number])
    for _ in range(on_demand):
        begin = rnd.randrange(weeks - 12)
        attacker.learn_sums(protected[begin : begin + rnd.randint(2, 12)])
    return Year(counted, protected, attacker)
