"""Pseudonyms: the same for the same person, and nothing to be guessed without the key."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.database import VIETNAM
from stats.pseudonyms import Pseudonyms, Quarter


@given(st.text(min_size=1), st.text(), st.integers())
def test_pseudonym_is_stable_and_32_hex(secret: str, channel: str, user: int) -> None:
    pseudonym = Pseudonyms(secret).of(channel, user)

    assert pseudonym == Pseudonyms(secret).of(channel, str(user))
    assert len(pseudonym) == 32
    assert int(pseudonym, 16) >= 0


def test_secret_channel_and_user_all_matter() -> None:
    one = Pseudonyms("một")

    assert (
        len({one.of("telegram", 1), one.of("web", 1), one.of("telegram", 2), Pseudonyms("hai").of("telegram", 1)}) == 4
    )
    assert one.of("a", "b:1") != one.of("a:b", "1")


def test_secret_is_needed_and_not_shown() -> None:
    with pytest.raises(ValueError, match="secret"):
        Pseudonyms("")
    assert "bí mật" not in repr(Pseudonyms("bí mật"))


@given(st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)), st.integers(1, 9))
def test_pseudonym_of_any_moment_is_among_all_that_somebody_ever_had(moment: dt.datetime, user: int) -> None:
    made, here = Pseudonyms("x"), moment.astimezone(VIETNAM)
    now = made.in_quarter("telegram", user, moment)

    assert now in made.ever("telegram", user, moment)
    assert now in made.ever("telegram", user, moment + dt.timedelta(days=3_000))
    assert now == made.in_quarter("telegram", user, here.replace(month=(here.month - 1) // 3 * 3 + 1, day=1))
    assert now != made.of("telegram", user)


def test_every_quarter_has_its_own() -> None:
    made = Pseudonyms("x").ever("telegram", 1, dt.datetime(2028, 5, 1, tzinfo=VIETNAM))

    assert len(set(made)) == len(made) == 1 + 10
    assert [str(quarter) for quarter in Quarter(2026, 3).until(Quarter(2027, 1))] == ["2026-Q3", "2026-Q4", "2027-Q1"]
    assert Quarter.of(dt.datetime(2026, 12, 31, 17, tzinfo=dt.UTC)) == Quarter(2027, 1)
