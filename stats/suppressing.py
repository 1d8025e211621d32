"""Small counts: what was asked by so few people that a table could point at one of them is not shown.

The one place of the thresholds. See `hidden` for the rule, and `stats.ledger` for tables that could be subtracted.
"""

from collections.abc import Collection, Mapping
from typing import Final

from stats.figuring import Figure

FEWEST: Final = 5
"""People behind a number that staff and the working group may see."""
FEWEST_IN_PUBLIC: Final = 10
ENOUGH: Final = 2 * FEWEST_IN_PUBLIC - 2
"""People from which on it does not matter how many they are."""


def is_small(people: int, fewest: int = FEWEST) -> bool:
    """Whether there are people behind a number, but too few."""
    return 0 < people < fewest


def is_small_figure(figure: Figure, fewest: int = FEWEST) -> bool:
    """Whether a row of a table is small; questions that nobody in particular asked count as people each."""
    return is_small(_people(figure), fewest)


def small_mark(fewest: int = FEWEST) -> str:
    """Return what stands where a number is not shown."""
    return f"< {fewest}"


def hidden(figures: Mapping[str, Figure], fewest: int = FEWEST, already: Collection[str] = ()) -> frozenset[str]:
    """Return the keys of a table whose rows are not shown.

    Hidden are small ones and with them always one that is not small: somebody who subtracts all others from the total
    gets a sum in which each small one may be anything from 1 to `fewest - 1`. It takes `2 * fewest - 2` people for
    that (with fewer, «at least `fewest`» would narrow the rest down). Where no row is so large, the whole table is
    hidden; how many rows it has then must not be told either. What is hidden from staff is hidden in public too: who
    has both tables must not find in one what the other hides.
    """
    small = {key for key, figure in figures.items() if is_small_figure(figure, fewest)} | set(already)
    if fewest > FEWEST:
        small |= hidden(figures, FEWEST, already)
    if not small or any(_covers(figures[key], fewest) for key in small if key in figures):
        return frozenset(small)
    covers = [key for key, figure in figures.items() if key not in small and _covers(figure, fewest)]
    if not covers:
        return frozenset(figures) | small
    return frozenset({*small, min(covers, key=lambda key: (figures[key].questions, key))})


def _covers(figure: Figure, fewest: int) -> bool:
    """Whether a row hides the small ones that are hidden with it."""
    return _people(figure) >= 2 * fewest - 2


def _people(figure: Figure) -> int:
    return figure.people or figure.questions
