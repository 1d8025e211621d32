"""Nothing smaller than its noise is called a change."""

import random

import pytest

from stats.comparing import Change, compare_counts, compare_shares


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        (100, 100, Change.SAME),
        (110, 100, Change.SAME),
        (150, 100, Change.MORE),
        (60, 100, Change.LESS),
        (3, 0, Change.SAME),
        (None, 100, Change.UNKNOWN),
        (100, None, Change.UNKNOWN),
        (0, 0, Change.SAME),
    ],
)
def test_counts(now: float | None, before: float | None, found: Change) -> None:
    assert compare_counts(now, before) == found


def test_people_who_ask_often_make_more_noise() -> None:
    assert compare_counts(150, 100) == Change.MORE
    assert compare_counts(150, 100, spread=4) == Change.SAME


def test_shares() -> None:
    assert compare_shares((50, 100), (48, 100)) == Change.SAME
    assert compare_shares((80, 100), (48, 100)) == Change.MORE
    assert compare_shares((20, 100), (48, 100)) == Change.LESS
    assert compare_shares((0, 0), (48, 100)) == Change.UNKNOWN
    assert compare_shares(None, (48, 100)) == Change.UNKNOWN


def test_chance_alone_is_seldom_called_a_change() -> None:
    rnd = random.Random(7)
    said = 0
    for _ in range(1000):
        now, before = (sum(rnd.random() < 0.2 for _ in range(300)) for _ in range(2))
        said += compare_shares((now, 300), (before, 300)) != Change.SAME
    assert said < 75
