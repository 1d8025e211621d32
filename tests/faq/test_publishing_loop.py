"""The whole loop on a real Rasa: drafted, prepared, approved by another, live, answered; and back again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from dialogue.conversation import Dialogue, Speaker
from dialogue.trying import NotLiveYet
from faq.models import Publication, PublicationState
from faq.proposing import approve, ask
from faq.publishing import PublicationWorker
from faq.rehearsing import Rehearsal
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked
from tests.faq.conftest import Town
from tests.faq.paper import Said
from tests.faq.samples import NOW, changed
from tests.faq.test_publishing import NEW_KEY, NEW_WORDS, with_something_new

pytestmark = pytest.mark.rasa

QUESTION = f"{NEW_WORDS} bay"
PATIENCE = 240


async def until(town: Town, number: int, wanted: PublicationState, meanwhile: Callable[[], Awaitable[object]]) -> float:
    """Wait for a state, doing something meanwhile; return the seconds."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        async with town.sessions() as session:
            one = await session.get_one(Publication, number)
        if one.state == wanted:
            return time.monotonic() - started
        assert one.state not in {PublicationState.FAILED, PublicationState.REFUSED}, one.trouble
        assert (one.share or 0) < 1
        await meanwhile()
        await asyncio.sleep(0.1)
    raise AssertionError(f"not {wanted}")


async def published(town: Town, key: str, somebody_asks: Callable[[], Awaitable[object]]) -> dict[str, float]:
    """Ask for a draft, wait for the proposal, approve it as somebody else, wait for it to be live."""
    async with town.sessions.begin() as session:
        number = (await ask(session, [key], why="vì sao", author="lan", now=NOW)).id
    proposal = await until(town, number, PublicationState.PROPOSED, somebody_asks)
    async with town.sessions.begin() as session:
        assert await approve(session, number, approver="minh", now=NOW)
    return {"proposal": proposal, "live": await until(town, number, PublicationState.LIVE, somebody_asks)}


async def nowhere(_asked: Asked) -> None:
    """Record nothing."""


async def test_question_is_answered_once_its_entry_is_published_and_no_longer_after_rolling_back(town: Town) -> None:
    dialogue = Dialogue(town.new_reader(), town.rasa, Pseudonyms("secret"), nowhere)
    worker = PublicationWorker(town.publisher(), town.sessions, Said())
    working = asyncio.create_task(worker.run())

    async def answer(question: str = QUESTION) -> str | None:
        turn = await dialogue.answer(Speaker("telegram", "1", str(time.monotonic())), question)
        return turn.asked.entry if turn.asked else None

    async def somebody_asks() -> None:
        assert await answer("thẻ căn cước là gì") is not None

    try:
        assert await answer() != NEW_KEY
        await town.draft(with_something_new(town.faq))
        trained = await published(town, NEW_KEY, somebody_asks)
        assert await answer() == NEW_KEY

        await town.draft(changed(with_something_new(town.faq), NEW_KEY, short="Đã bay."))
        texts = await published(town, NEW_KEY, somebody_asks)
        assert (await town.new_reader().now()).entries[NEW_KEY].short == "Đã bay."

        started = time.monotonic()
        async with town.sessions() as session:
            first = (await session.get_one(Publication, 1)).result
        await town.publisher().roll_back(first["base"], author="minh")
        back = time.monotonic() - started
        assert await answer() != NEW_KEY
        candidate = NotLiveYet(town.rasa, town.models / first["model_file"])
        understanding = await candidate.parse(QUESTION)
        assert understanding.guesses[0].intent == NEW_KEY
        assert len(understanding.guesses) > 5
        rehearsal = Rehearsal.from_json(first["rehearsal"])
        assert rehearsal.from_checks
        assert rehearsal.sentences > 100
        print(trained, texts, {"back": back, "seconds": first["seconds"]}, rehearsal.different)
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
