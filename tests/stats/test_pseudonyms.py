"""Pseudonyms: the same for the same person, and nothing to be guessed without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.pseudonyms import Pseudonyms


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
