"""A room to talk in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faq.database import Sessions
from faq.entries import Faq
from stats.recording import Recorder
from tests.bot.running import Scripted
from tests.dialogue.room import Room


@pytest.fixture
def here(database: Sessions, shipped: Faq, tmp_path: Path) -> Iterator[Room]:
    """A room whose understanding is scripted: the first word decides."""
    recorder = Recorder(database, tmp_path / "spool")
    scripted = Scripted(phí="dang-ky-tam-tru.le-phi", mất="cap-doi-cap-lai-can-cuoc.mat-the", chào="chitchat.chao-hoi")
    yield Room(database, shipped, recorder, scripted)
    recorder.close()
