"""A town like the real one: the shipped FAQ, published on a real Rasa."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from faq.entries import Faq
from tests.conftest import RunningRasa
from tests.journeys.town import Town, copy_of, town
from tests.telegram.citizen import Citizen


@pytest.fixture
def published(rasa: RunningRasa, tmp_path: Path) -> str:
    """A database with the live release in it."""
    return copy_of(rasa.database_url, tmp_path / "service.db")


@pytest.fixture
async def cua_lo(rasa: RunningRasa, published: str, shipped: Faq, tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, shipped, database_url=published, nlu_url=rasa.url) as running:
        yield running


@pytest.fixture
def lan(cua_lo: Town) -> Citizen:
    return cua_lo.telegram.citizen("Lan", language="vi")
