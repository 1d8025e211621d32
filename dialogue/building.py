"""Put a dialogue together from real parts; every door's `__main__` does it this way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from dialogue.conversation import Dialogue
from dialogue.desk import Desk
from dialogue.kept import Kept
from faq.content_files import ContentFiles
from faq.database import Sessions, connect, sessions
from faq.editing import live_faq
from faq.entries import Faq
from faq.live import PATIENCE, LiveFaq
from faq.notices import Notices
from faq.settings import Settings
from nlu.rasa_client import RasaClient, nlu_at
from stats.pseudonyms import Pseudonyms
from stats.recording import Recorder

REPLAY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a door needs."""

    dialogue: Dialogue
    faq: LiveFaq
    sessions: Sessions
    rasa: RasaClient


async def _first(made: Sessions) -> Faq:
    """Return what to answer with until the database is asked again: what is live, else what the product ships.

    Raises `BrokenContentError` only where both are missing: staff may be in the middle of an edit of the files.
    """
    try:
        async with asyncio.timeout(PATIENCE), made() as session:
            faq = await live_faq(session)
    except Exception:  # noqa: BLE001 - a driver's own errors too; the first message asks again and tells the log
        faq = None
    return faq if faq is not None else await asyncio.to_thread(ContentFiles().read)


@asynccontextmanager
async def parts(settings: Settings) -> AsyncIterator[Parts]:
    """Give the parts of a running service, and write down what waits on disk meanwhile."""
    engine = connect(settings.database_url)
    made = sessions(engine)
    faq = LiveFaq(made, await _first(made))
    recorder = Recorder(made, settings.spool)
    replaying = asyncio.create_task(recorder.run(REPLAY_SECONDS))
    try:
        async with nlu_at(settings.nlu_url, settings.nlu_replicas, settings.nlu_token) as rasa:
            dialogue = Dialogue(
                faq,
                rasa,
                Pseudonyms(settings.secret_key),
                recorder.record,
                kept=Kept(made, settle=recorder.replay, keep_days=settings.keep_text_days),
                notices=Notices(made),
                desk=Desk(made, settings.reports),
            )
            yield Parts(dialogue, faq, made, rasa)
    finally:
        replaying.cancel()
        with suppress(asyncio.CancelledError):
            await replaying
        await engine.dispose()
