"""What was talked about is known for half an hour."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue import memory as memory_module
from dialogue.memory import REMEMBERED_SECONDS, Memories, Memory

SAID = Memory(topic="vneid", aspect="le-phi", entry="vneid.le-phi", campaign="to-roi")


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@given(seconds=st.floats(0, 10 * REMEMBERED_SECONDS))
def test_memory_lasts_half_an_hour(seconds: float) -> None:
    clock = Clock()
    memories = Memories(clock)
    memories["lan"] = SAID

    clock.now += seconds

    fresh = clock.now - 1_000.0 <= REMEMBERED_SECONDS
    assert memories["lan"] == (SAID if fresh else Memory())


def test_what_somebody_wants_forgotten_is_forgotten() -> None:
    memories = Memories()
    memories["lan"] = memories["lan in a group"] = replace(SAID, person="p")
    memories["hoa"] = replace(SAID, person="q")

    memories.forget("p")

    assert memories["lan"] == memories["lan in a group"] == Memory()
    assert memories["hoa"] != Memory()


def test_what_is_over_is_not_kept_either() -> None:
    clock = Clock()
    memories = Memories(clock)
    memories["lan"] = SAID
    clock.now += REMEMBERED_SECONDS + 1
    memories["hoa"] = SAID

    assert list(memories._kept) == ["hoa"]


def test_stranger_has_no_memory() -> None:
    assert Memories()["nobody"] == Memory()


def test_longest_silent_conversation_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MOST_CONVERSATIONS", 2)
    memories = Memories()

    for name in ("lan", "hoa", "lan", "minh"):
        memories[name] = SAID

    assert memories["hoa"] == Memory()
    assert memories["lan"] == memories["minh"] == SAID


def test_answer_replaces_what_was_talked_about_and_nothing_else() -> None:
    after = SAID.after(topic="can-cuoc", aspect=None, entry=None)

    assert after == Memory(topic="can-cuoc", campaign="to-roi")
