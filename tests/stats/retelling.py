"""What may be told of some days, the slow way: straight from the records, by the rules as `stats.ledger` words them.

For tests to hold every page and file against. Takes names from the dictionary of figures and the FAQ, values from
`tests.stats.recounting`, and no number, rule or format from the code that tells: with none of it in common but words.
"""

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from stats.definitions import METRICS
from stats.feedback import Feedback
from stats.questions import Question
from tests.stats.recounting import ENDINGS, Values, here, values

FEWEST, COVERING, FEW_ENOUGH = 5, 8, 400
SMALL, HIDDEN, HIDDEN_HOUR, NOTHING = "< 5", "ẩn", "•", "–"
LISTED = ("topic", "entry", "aspect", "channel", "campaign", "release")
EVERY, NOWHERE = "*", "?"
SCAM = "canh-bao-lua-dao"
LONGEST_BY_DAY = 62
Z = 1.959964
Z_OF_ROWS = 3.0
Where = tuple[str, str, str]
"""Table, row (its number and its title), column."""
Cells = dict[Where, object]


class Share(float):
    """A share of 1."""


class Mean(float):
    """A mean of counts."""


@dataclass(frozen=True)
class Crowd:
    """Who asked for one thing, and how often."""

    people: int
    questions: int

    @property
    def heads(self) -> int:
        """People; questions that nobody in particular asked count as people each."""
        return self.people or self.questions

    @property
    def few(self) -> bool:
        return 0 < self.heads < FEWEST

    @property
    def covers(self) -> bool:
        return self.heads >= COVERING


Rows = Mapping[str, Crowd]


@dataclass(frozen=True)
class Shown:
    """What is told of a table: counts, and why others are not."""

    counts: Mapping[str, int] = field(default_factory=dict)
    few: frozenset[str] = frozenset()
    covers: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def at(self, key: str) -> int | None:
        if key in self.counts:
            return self.counts[key]
        return None if key in self.few | self.covers or {EVERY, re.split("[. ]", key)[0]} & self.closed else 0

    def mark(self, key: str) -> str:
        return SMALL if key in self.few else HIDDEN


CLOSED = Shown(closed=frozenset({EVERY}))


def lost(rows: Rows, held: Collection[str] = ()) -> set[str]:
    """A table adds up to what is told: with small rows always one goes that is not."""
    few = {key for key, crowd in rows.items() if crowd.few} | set(held)
    if not few or any(rows[key].covers for key in few):
        return few
    large = sorted((crowd.questions, key) for key, crowd in rows.items() if key not in few if crowd.covers)
    return few | ({large[0][1]} if large else set(rows))


def shown(rows: Rows, follows: Collection[str] = ()) -> Shown:
    """Tell a table; rows that follow from elsewhere can hide nothing."""
    sure = {key: crowd for key, crowd in rows.items() if key in follows and not crowd.few}
    risked = {key: crowd for key, crowd in rows.items() if key not in sure}
    gone = lost(risked)
    if gone and gone == set(risked):
        enough = sum(crowd.questions for crowd in risked.values()) >= 2 * FEWEST
        return Shown({key: crowd.questions for key, crowd in sure.items()} if enough else {}, closed=CLOSED.closed)
    few = frozenset(key for key in gone if risked[key].few)
    return Shown({key: c.questions for key, c in rows.items() if key not in gone}, few, frozenset(gone) - few)


def within(above: Shown, groups: Mapping[str, Rows]) -> Shown:
    """Tell the rows within the rows of another table: nothing inside of what is hidden, be it only that it is empty."""
    if above.closed:
        return CLOSED
    counts: dict[str, int] = {}
    few, covers, closed = set[str](), set[str](), set[str]()
    for group, rows in groups.items():
        inside = shown(rows) if above.at(group) else CLOSED if above.at(group) is None else Shown()
        counts |= inside.counts
        few, covers = few | inside.few, covers | inside.covers
        closed |= {group} if inside.closed else set()
    return Shown(counts, frozenset(few), frozenset(covers), frozenset(closed))


def campaigns(rows: Rows, total: int) -> Shown:
    """The questions of no campaign are a row that nobody sees, and everybody can work out."""
    rest = total - sum(crowd.questions for crowd in rows.values())
    gone = lost({**rows, "": Crowd(0, rest)}, {""} if rest else ()) - {""}
    if gone == set(rows) and rest < 2 * FEWEST:
        return CLOSED if gone else Shown()
    few = frozenset(key for key in gone if rows[key].few)
    return Shown({key: c.questions for key, c in rows.items() if key not in gone}, few, frozenset(gone) - few)


class Crossing:
    """Entries belong to topics and to aspects: hides until no small row is a sum of sums that are told. Exactly."""

    def __init__(self, tables: dict[str, Shown], rows: Mapping[str, Rows], aspects: Mapping[str, str]) -> None:
        self.tables, self.rows = tables, rows
        self.keys = list(rows["entry"])
        self.of = {
            "topic": {key: key.split(".")[0] for key in self.keys},
            "aspect": {key: aspects[key] for key in self.keys if key in aspects},
        }

    def settle(self) -> None:
        while (found := self._exposed()) is not None:
            near = [key for key in self.tables["entry"].counts if self._meet(key, found)]
            if not near:
                self.tables["aspect"] = CLOSED
                return
            told = self.tables["entry"]
            gone = min(near, key=lambda key: (told.counts[key], key))
            counts = {key: count for key, count in told.counts.items() if key != gone}
            self.tables["entry"] = Shown(counts, told.few, told.covers | {gone}, told.closed)

    def _exposed(self) -> list[str] | None:
        unknown = [key for key in self.keys if key not in self.tables["entry"].counts]
        if self.tables["aspect"].closed or not unknown:
            return None
        told = [[Fraction(key in of) for key in unknown] for dim in ("topic", "aspect") for of in self._sums(dim)]
        basis = _basis(told)
        for of in self._small():
            vector = [Fraction(key in of) for key in unknown]
            if any(vector) and not any(_rest(vector, basis)):
                return of
        return None

    def _sums(self, dim: str) -> Iterable[list[str]]:
        known = self.tables[dim].counts.keys() - {NOWHERE}
        for name in set(self.of[dim].values()) & known:
            yield [key for key, of in self.of[dim].items() if of == name]
        yield [key for key, of in self.of[dim].items() if of not in known]

    def _small(self) -> Iterable[list[str]]:
        """Return of which entries each small row consists: entries by topic, topics, aspects; the most asked first."""
        asked = sorted(self.rows["entry"].items(), key=lambda row: (row[0].split(".")[0], -row[1].questions, row[0]))
        yield from ([key] for key, crowd in asked if crowd.few)
        for dim in ("topic", "aspect"):
            for name, crowd in sorted(self.rows[dim].items(), key=lambda row: (-row[1].questions, row[0])):
                if crowd.few and name != NOWHERE:
                    yield [key for key, of in self.of[dim].items() if of == name]

    def _meet(self, key: str, others: Iterable[str]) -> bool:
        return any(
            self.of["topic"][key] == self.of["topic"][other]
            or self.of["aspect"].get(key) == self.of["aspect"].get(other)
            for other in others
        )


def _basis(rows: Iterable[list[Fraction]]) -> list[list[Fraction]]:
    basis: list[list[Fraction]] = []
    for row in rows:
        rest = _rest(row, basis)
        if any(rest):
            basis.append(rest)
    return basis


def _rest(row: list[Fraction], basis: Iterable[list[Fraction]]) -> list[Fraction]:
    """Return what is left of a row without those of a basis, each of which leads where those before have nothing."""
    for one in basis:
        lead = next(at for at, value in enumerate(one) if value)
        if row[lead]:
            factor = row[lead] / one[lead]
            row = [value - factor * other for value, other in zip(row, one, strict=True)]
    return row


@dataclass(frozen=True)
class Records:
    """All there is."""

    questions: Sequence[Question]
    feedback: Sequence[Feedback]
    staff: Collection[str]

    def of_citizens(self, since: dt.date, until: dt.date) -> list[Question]:
        return [q for q in self._asked(since, until) if q.channel != "test" and q.person not in self.staff]

    def left_out(self, since: dt.date, until: dt.date) -> dict[str, int]:
        asked = [q for q in self._asked(since, until) if is_question(q)]
        tests = sum(q.channel == "test" for q in asked)
        return {"tests": tests, "staff": sum(q.channel != "test" and q.person in self.staff for q in asked)}

    def _asked(self, since: dt.date, until: dt.date) -> list[Question]:
        return [q for q in self.questions if since <= here(q.asked_at).date() <= until]

    def rated(self, since: dt.date, until: dt.date) -> list[Feedback]:
        return [f for f in self._rated if since <= here(f.said_at).date() <= until]

    @cached_property
    def _rated(self) -> list[Feedback]:
        said = [f for f in self.feedback if f.kind in {"helpful", "not_helpful"}]
        return [f for f in said if f.channel != "test" and f.person not in self.staff]

    @cached_property
    def first_day(self) -> dt.date | None:
        moments = [q.asked_at for q in self.questions] + [f.said_at for f in self._rated]
        return here(min(moments)).date() if moments else None


def is_question(question: Question) -> bool:
    """Whether a message is a question: typed, no menu, no small talk."""
    return question.kind == "text" and question.ending in ENDINGS


def crowds(questions: Iterable[Question], key_of: Callable[[Question], str | None]) -> dict[str, Crowd]:
    """Count who asked for what: people once in a quarter."""
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if (key := key_of(question)) is not None:
            found[key].append(question)
    return {key: crowd(of) for key, of in found.items()}


def crowd(questions: Collection[Question]) -> Crowd:
    quarters = {
        (here(q.asked_at).year, (here(q.asked_at).month - 1) // 3, q.person) for q in questions if q.person is not None
    }
    return Crowd(len(quarters), len(questions))


def _entry(question: Question) -> str | None:
    """An entry asked for under another topic's name stays with what is not told."""
    entry = question.entry or NOWHERE
    return entry if entry != NOWHERE and entry.split(".")[0] == (question.topic or NOWHERE) else None


KEYS: Mapping[str, Callable[[Question], str | None]] = {
    "topic": lambda q: q.topic or NOWHERE,
    "aspect": lambda q: q.aspect or NOWHERE,
    "channel": lambda q: q.channel,
    "campaign": lambda q: q.campaign or None,
    "release": lambda q: q.release or NOWHERE,
    "ending": lambda q: q.ending,
    "entry": _entry,
}


@dataclass(frozen=True)
class Stretch:
    """Some days: what may be told of them."""

    records: Records
    aspects: Mapping[str, str]
    since: dt.date
    until: dt.date
    topic: str = ""

    @cached_property
    def messages(self) -> list[Question]:
        found = self.records.of_citizens(self.since, self.until)
        return [q for q in found if not self.topic or (q.topic or NOWHERE) == self.topic]

    @cached_property
    def questions(self) -> list[Question]:
        return [q for q in self.messages if is_question(q)]

    @cached_property
    def rated(self) -> list[Feedback]:
        found = self.records.rated(self.since, self.until)
        return [f for f in found if not self.topic or ((f.entry or NOWHERE).split(".")[0] == self.topic)]

    @cached_property
    def counted(self) -> Values:
        return values(self.messages, self.rated)

    @cached_property
    def total(self) -> Crowd:
        return crowd(self.questions)

    @cached_property
    def mute(self) -> bool:
        """Whether it is of a topic of which the table of all topics tells nothing."""
        whole = Stretch(self.records, self.aspects, self.since, self.until)
        return bool(self.topic) and whole.tables["topic"].at(self.topic) is None

    @cached_property
    def closed(self) -> bool:
        return self.mute or self.total.few

    @cached_property
    def tables(self) -> dict[str, Shown]:
        if self.closed:
            return dict.fromkeys((*KEYS, "weekday", "hour", "step"), CLOSED)
        rows = {dim: crowds(self.questions, key_of) for dim, key_of in KEYS.items()}
        follows = {"topic": {NOWHERE}, "aspect": {NOWHERE}, "ending": {"answered"}}
        made = {dim: shown(found, follows.get(dim, ())) for dim, found in rows.items()}
        made["campaign"] = campaigns(rows["campaign"], self.total.questions)
        by_topic: dict[str, dict[str, Crowd]] = {topic: {} for topic in rows["topic"]}
        for key, found in rows["entry"].items():
            by_topic[key.split(".")[0]][key] = found  # an entry told here has its own topic
        made["entry"] = within(made["topic"], by_topic)
        made["weekday"] = shown({key: found for key, found in self._weekdays.items() if found.questions})
        made["hour"] = within(made["weekday"], self._hours)
        made["step"] = within(*self._steps_within(made["weekday"]))
        crossing = Crossing(made, rows, self.aspects)
        crossing.settle()
        return crossing.tables

    @cached_property
    def _hours(self) -> dict[str, dict[str, Crowd]]:
        found = crowds(self.questions, lambda q: f"{here(q.asked_at).weekday()} {here(q.asked_at):%H}")
        return {day: {key: of for key, of in found.items() if key[0] == day} for day in map(str, range(7))}

    @cached_property
    def days(self) -> dict[dt.date, Crowd]:
        found = crowds(self.questions, lambda q: here(q.asked_at).date().isoformat())
        days = [self.since + dt.timedelta(days=number) for number in range((self.until - self.since).days + 1)]
        return {day: found.get(day.isoformat(), Crowd(0, 0)) for day in days}

    @cached_property
    def _weekdays(self) -> dict[str, Crowd]:
        """A weekday had at least as many people as the fullest of its days and hours."""
        found = {}
        for key, hours in self._hours.items():
            of = [day for date, day in self.days.items() if str(date.weekday()) == key]
            found[key] = _together(of, hours.values())
        return found

    @property
    def by_week(self) -> bool:
        return len(self.days) > LONGEST_BY_DAY

    @cached_property
    def steps(self) -> dict[str, tuple[dt.date, dt.date]]:
        """The days or weeks by key."""
        found: dict[str, tuple[dt.date, dt.date]] = {}
        for day in self.days:
            monday = day - dt.timedelta(days=day.weekday())
            key = f"all {monday}" if self.by_week else f"{day.weekday()} {day}"
            found[key] = (found.get(key, (day, day))[0], day)
        return found

    def _steps_within(self, weekdays: Shown) -> tuple[Shown, dict[str, dict[str, Crowd]]]:
        groups = defaultdict[str, dict[str, Crowd]](dict)
        for key, (first, last) in self.steps.items():
            of = [found for day, found in self.days.items() if first <= day <= last]
            if (found := _together(of)).questions:
                groups[key.split()[0]][key] = found
        return (Shown({"all": self.total.questions}) if self.by_week else weekdays), dict(groups)

    def step_mark(self, key: str) -> str:
        """A weekday of which there is one day only is that day."""
        alone = sum(other[0] == key[0] for other in self.steps) == 1
        few = self.tables["step"].few | (self.tables["weekday"].few if alone and not self.by_week else set())
        return SMALL if {key, key[0]} & few else HIDDEN

    def number(self, name: str) -> float | None:  # noqa: PLR0911 - each its own rule
        """A number that stands alone, if it may be told."""
        if self.closed:
            return None
        if name in {"questions", "people"}:
            return self.counted[name]
        if name in {"small_talk", "pressed"}:
            return _unless_few(self.counted[name] or 0)
        if name == "scam":
            return self.tables["topic"].at(SCAM)
        helped = sum(f.kind == "helpful" for f in self.rated)
        if name == "rated":
            return _unless_few(len(self.rated))
        if name == "helpful":
            both = (helped, len(self.rated) - helped)
            return None if any(_unless_few(one) is None for one in both) else helped
        sure = sum(q.ending in {"answered", "offered"} and q.confidence is not None for q in self.questions)
        if name == "sure":
            return self.counted["mean_confidence"] if sure >= FEWEST else None
        ending = self.tables["ending"]
        return None if ending.few or ending.closed else _unless_few(sure)

    def pair(self, metric: str) -> tuple[float, float] | None:
        """A share as a count and of how many, if it may be told."""
        if metric == "mean_confidence":
            sure = self.number("sure")
            return None if sure is None else (sure, 1.0)
        count = (
            self.number("helpful") if metric == "helpful_share" else self.tables["ending"].at(metric[: -len("_share")])
        )
        of = self.base(metric)
        return None if count is None or of is None else (count, of)

    def base(self, metric: str) -> float | None:
        return self.number({"helpful_share": "rated", "mean_confidence": "sure_count"}.get(metric, "questions"))


def _together(days: Collection[Crowd], others: Collection[Crowd] = ()) -> Crowd:
    return Crowd(max((of.people for of in (*days, *others)), default=0), sum(day.questions for day in days))


def _unless_few(count: float) -> float | None:
    return None if 0 < count < FEWEST else count


@dataclass(frozen=True)
class Retelling:
    """All cells that any page or file may hold of some days, as they must be."""

    stretch: Stretch
    today: dt.date
    titles: Mapping[str, Mapping[str, str]]
    """By table, then by key; a key that is not there is its own title."""

    @cached_property
    def earlier(self) -> list[Stretch]:
        """Up to four stretches of the same length before that lie after the first record, the latest first."""
        one, first, length = self.stretch, self.stretch.records.first_day, len(self.stretch.days)
        backs = (dt.timedelta(days=length * number) for number in range(1, 5))
        found = (Stretch(one.records, one.aspects, one.since - b, one.until - b, one.topic) for b in backs)
        return [stretch for stretch in found if first and stretch.since >= first]

    @property
    def last(self) -> Stretch | None:
        return self.earlier[0] if self.earlier else None

    @cached_property
    def cells(self) -> Cells:
        found: Cells = {("left out", "", name): n for name, n in self._left_out().items()}
        for number, metric in enumerate(METRICS.values(), 1):
            line = self._count(metric.id) if metric.unit == "count" else self._share(metric.id)
            found |= _row("figures", number, metric.name, line)
        for number, name in enumerate(ENDINGS, 1):
            found |= _row("ending", number, self._title("ending", name), self._listed("ending", name))
        for dim in LISTED:
            found |= self._listing(dim)
        return found | self._steps() | self._hours()

    def _left_out(self) -> dict[str, int]:
        return self.stretch.records.left_out(self.stretch.since, self.stretch.until)

    @property
    def _over(self) -> bool:
        return self.stretch.until < self.today

    @property
    def _spread(self) -> float:
        questions, people = self.stretch.number("questions"), self.stretch.number("people")
        return questions / people if questions and people else 1.0

    def _mean(self, read: Callable[[Stretch], float | None]) -> Mean | None:
        found = [read(stretch) for stretch in self.earlier]
        told = [value for value in found if value is not None]
        return Mean(sum(told) / len(told)) if told and len(told) == len(found) else None

    def _counts_differ(self, now: float | None, before: float | None, periods: int, spread: float, z: float) -> str:
        if now is None or before is None or not self._over:
            return "unknown"
        return _differ(now - before, (now + before / periods) * max(1.0, spread), z)

    def _count(self, name: str) -> Mapping[str, object]:
        now, last = self.stretch.number(name), self.last.number(name) if self.last else None
        mean = self._mean(lambda stretch: stretch.number(name))
        few = not self.stretch.mute and (name != "scam" or SCAM in self.stretch.tables["topic"].few)
        spread = 1.0 if name == "people" else self._spread
        return {
            "value": (SMALL if few else HIDDEN) if now is None else int(now),
            "n": None,
            "interval": None,
            "last": None if last is None else int(last),
            "mean": mean,
            "change": self._counts_differ(now, last, 1, spread, Z),
            "change to mean": self._counts_differ(now, mean, len(self.earlier) or 1, spread, Z),
        }

    def _share(self, name: str) -> Mapping[str, object]:
        now, last = self.stretch.pair(name), self.last.pair(name) if self.last else None
        pairs, of = [stretch.pair(name) for stretch in self.earlier], self.stretch.base(name)
        told = [pair for pair in pairs if pair]
        mean = (sum(p[0] for p in told), sum(p[1] for p in told)) if told and len(told) == len(pairs) else None
        compared = name != "mean_confidence"
        return {
            "value": Share(now[0] / now[1]) if now and now[1] else self._share_mark(name, of),
            "n": None if of is None else int(of),
            "interval": _interval(*now) if now and of and of < FEW_ENOUGH and compared else None,
            "last": Share(last[0] / last[1]) if last and last[1] else None,
            "mean": Share(mean[0] / mean[1]) if mean and mean[1] else None,
            "change": self._shares_differ(now, last) if compared else "unknown",
            "change to mean": self._shares_differ(now, mean) if compared else "unknown",
        }

    def _share_mark(self, name: str, of: float | None) -> str:
        if of == 0:
            return NOTHING
        if name.removesuffix("_share") in self.stretch.tables["ending"].few:
            return SMALL
        if name == "helpful_share" and of and of > FEWEST:
            helped = sum(f.kind == "helpful" for f in self.stretch.rated)
            if 0 < helped < FEWEST:
                return f"< {percent(FEWEST / of)}"
            if 0 < of - helped < FEWEST:
                return f"> {percent(1 - FEWEST / of)}"
        return HIDDEN

    def _shares_differ(self, now: tuple[float, float] | None, before: tuple[float, float] | None) -> str:
        if not now or not before or not now[1] or not before[1]:
            return "unknown"
        pooled = (now[0] + before[0]) / (now[1] + before[1])
        noise = pooled * (1 - pooled) * (1 / now[1] + 1 / before[1]) * max(1.0, self._spread)
        return _differ(now[0] / now[1] - before[0] / before[1], noise, Z)

    def _title(self, dim: str, key: str) -> str:
        return self.titles.get(dim, {}).get(key, key)

    def _listing(self, dim: str) -> Cells:
        table = self.stretch.tables[dim]
        hidden = sorted(table.few | table.covers)
        keys = [*sorted(table.counts, key=lambda key: (-table.counts[key], key)), *([] if dim == "entry" else hidden)]
        found: Cells = {}
        for number, key in enumerate(keys, 1):
            found |= _row(dim, number, self._title(dim, key), {"key": key, **self._listed(dim, key)})
        if not keys:
            found[dim, "", "none"] = "closed" if table.closed else "none"
        elif dim == "entry" and hidden:
            found[dim, "", "untold"] = len(hidden)
        return found

    def _listed(self, dim: str, key: str) -> Mapping[str, object]:
        table, questions = self.stretch.tables[dim], self.stretch.number("questions")
        now, last = table.at(key), self.last.tables[dim].at(key) if self.last and dim != "release" else None
        mean = None if dim == "release" else self._mean(lambda stretch: stretch.tables[dim].at(key))
        return {
            "count": table.mark(key) if now is None else now,
            "share": None if now is None or not questions else Share(now / questions),
            "last": last,
            "mean": mean,
            "change": self._counts_differ(now, last, 1, self._spread, Z_OF_ROWS),
            "change to mean": self._counts_differ(now, mean, len(self.earlier) or 1, self._spread, Z_OF_ROWS),
        }

    def _steps(self) -> Cells:
        found: Cells = {}
        for key, (first, last) in ({} if self.stretch.mute else self.stretch.steps).items():
            count = self.stretch.tables["step"].at(key)
            found["step", f"{first} {last}", "count"] = self.stretch.step_mark(key) if count is None else count
        return found

    def _hours(self) -> Cells:
        table = self.stretch.tables["hour"]
        told = {(day, hour): table.at(f"{day} {hour:02}") for day in range(7) for hour in range(24)}
        return {
            ("hour", f"{hour:02}", str(day)): HIDDEN_HOUR if count is None else count
            for (day, hour), count in told.items()
        }


def _row(table: str, number: int, title: str, columns: Mapping[str, object]) -> Cells:
    return {(table, f"{number}. {title}", column): value for column, value in columns.items()}


def _differ(difference: float, variance: float, z: float) -> str:
    if abs(difference) <= z * math.sqrt(variance):
        return "same"
    return "more" if difference > 0 else "less"


def _interval(count: float, of: float) -> tuple[Share, Share]:
    """Wilson's interval: the shares p with (count/of - p)² ≤ z² p (1 - p) / of, from the quadratic equation."""
    share = count / of
    a, b, c = 1 + Z * Z / of, -(2 * share + Z * Z / of), share * share
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return Share(max(0.0, (-b - root) / (2 * a))), Share(min(1.0, (-b + root) / (2 * a)))


def percent(share: float) -> str:
    """The one documented format: one decimal, a comma, a gap."""
    return f"{share * 100:.1f} %".replace(".", ",")


def mean(value: float) -> str:
    return f"{value:,.1f}".translate(str.maketrans(",.", ".,"))


def whole(number: int) -> str:
    return f"{number:,}".replace(",", ".")


WORDS = {"more": "tăng", "less": "giảm", "same": "tương đương", "unknown": NOTHING}


def written(value: object) -> set[str]:
    """Return how a value may stand in a text: two ways where it lies between two decimals."""
    match value:
        case None:
            return {NOTHING}
        case Share():
            return {percent(max(0.0, value + by)) for by in (-1e-9, 1e-9)}
        case Mean():
            return {mean(max(0.0, value + by)) for by in (-1e-9, 1e-9)}
        case (low, high):
            return {f"{a} – {b}" for a in written(low) for b in written(high)}
        case int():
            return {whole(value)}
    return {WORDS.get(str(value), str(value))}


def agree(value: object, said: object) -> bool:
    """Whether a number or a text is what it must be."""
    if isinstance(said, str):
        return said in written(value) | {str(value)}
    if isinstance(value, tuple) and isinstance(said, list | tuple):
        return all(map(agree, value, said))
    if isinstance(value, int | float) and isinstance(said, int | float):
        return math.isclose(value, said, rel_tol=1e-9, abs_tol=1e-9)
    return value == said
