"""Guesses in order, and their sums by topic and aspect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.understanding import Guess, Understanding

guesses = st.lists(
    st.builds(Guess, st.sampled_from(["a.x", "a.y", "b.x", "b.y"]), st.floats(0, 1)), unique_by=lambda g: g.intent
)


def topic(intent: str) -> str:
    return intent.partition(".")[0]


@given(guesses)
def test_likeliest_comes_first_whatever_the_order(found: list[Guess]) -> None:
    understanding = Understanding.of(found)

    assert understanding == Understanding.of(reversed(found))
    assert [g.confidence for g in understanding.guesses] == sorted((g.confidence for g in found), reverse=True)
    assert understanding.best == (understanding.guesses[0] if found else None)


@given(guesses)
def test_sums_by_topic_add_up_to_all(found: list[Guess]) -> None:
    sums = Understanding.of(found).sums(topic)

    assert sum(sums.values()) == pytest.approx(sum(g.confidence for g in found))
    assert list(sums.values()) == sorted(sums.values(), reverse=True)


@given(guesses)
def test_what_has_no_group_is_left_out(found: list[Guess]) -> None:
    assert Understanding.of(found).sums(lambda _intent: None) == {}


@given(guesses)
def test_only_keeps_what_passes_in_order(found: list[Guess]) -> None:
    whole = Understanding.of(found, "model")
    kept = whole.only(lambda intent: topic(intent) == "a")

    assert kept.guesses == tuple(g for g in whole.guesses if topic(g.intent) == "a")
    assert kept.model == "model"


def test_confidence_of_an_intent_that_was_not_guessed_is_nought() -> None:
    understanding = Understanding.of([Guess("a.x", 0.7)])

    assert (understanding.confidence("a.x"), understanding.confidence("b.x")) == (0.7, 0.0)
