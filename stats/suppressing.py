"""Small counts: what was asked by so few people that a table could point at one of them is not shown.

The one place of the thresholds. See `hidden` for the rule, and `stats.ledger` for tables that could be subtracted.
"""

from collections.abc import Collection, Mapping
from typing import Final

from stats.figuring import Figure

FEWEST: Final = 5
"""People behind a number that staff and the working group may see."""
FEWEST_IN_PUBLIC: Final = 10


def is_small(people: int, fewest: int = FEWEST) -> bool:
    """Whether there are people behind a number, but too few."""
    return 0 < people < fewest


def small_mark(fewest: int = FEWEST) -> str:
    """Return what stands where a number is not shown."""
    return f"< {fewest}"


def hidden(figures: Mapping[str, Figure], fewest: int = FEWEST, already: Collection[str] = ()) -> frozenset[str]:
    """Return the keys of a table whose rows are not shown.

    Hidden are small ones and, where just one of a table would be (so that the table's total gives it away), the
    smallest of the others with it. A row of questions that nobody in particular asked (no people) is small if the
    questions are few.
    """
    small = {key for key, figure in figures.items() if _is_small(figure, fewest)} | set(already)
    shown = [figure for key, figure in figures.items() if key not in small and figure.questions]
    if small and shown and _hidden_people(figures, small) < fewest:
        smallest = min(shown, key=lambda figure: (figure.people, figure.questions, figure.key))
        small.add(smallest.key)
    return frozenset(small)


def _is_small(figure: Figure, fewest: int) -> bool:
    return is_small(figure.people or figure.questions, fewest)


def _hidden_people(figures: Mapping[str, Figure], keys: Collection[str]) -> int:
    return sum(figures[key].people or figures[key].questions for key in keys if key in figures) if len(keys) > 1 else 0
