"""An office to knock at: real pages, a SQLite file, a small FAQ, and a recogniser that says what it is told to."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from dialogue.building import Parts
from dialogue.conversation import Dialogue
from dialogue.kept import Kept
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.entries import Faq
from faq.live import LiveFaq
from nlu.rasa_client import RasaClient
from stats.pseudonyms import Pseudonyms
from stats.recording import Recorder
from tests.web.fakes import Clock, ScriptedRecogniser, rasa
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def faq() -> Faq:
    return ContentFiles().read()


@pytest.fixture
def clock() -> Clock:
    return Clock(dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = connect(f"sqlite:///{tmp_path}/service.db")
    async with made.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield made
    await made.dispose()


@pytest.fixture
def made_sessions(engine: AsyncEngine) -> Sessions:
    return sessions(engine)


@pytest.fixture
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser()


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    return WebSettings(_env_file=None, secret_key="a secret for tests", var_dir=tmp_path)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(QUICK)


@pytest.fixture
async def parts(
    made_sessions: Sessions, faq: Faq, recogniser: ScriptedRecogniser, clock: Clock, tmp_path: Path
) -> AsyncIterator[Parts]:
    live = LiveFaq(made_sessions, faq)
    recorder = Recorder(made_sessions, tmp_path / "spool")
    dialogue = Dialogue(
        live,
        recogniser,
        Pseudonyms("a secret for tests"),
        recorder.record,
        kept=Kept(made_sessions, settle=recorder.replay, clock=clock),
        clock=clock,
    )
    async with RasaClient(rasa()) as client:
        yield Parts(dialogue, live, made_sessions, client)
    recorder.close()


@pytest.fixture
def app(parts: Parts, settings: WebSettings, clock: Clock, passwords: Passwords) -> FastAPI:
    return build(parts, settings, clock=clock, passwords=passwords)


@pytest.fixture
async def guest(app: FastAPI) -> AsyncIterator[Guest]:
    transport = httpx.ASGITransport(app, client=("10.0.0.1", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        yield Guest(client)


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[Guest]:
    """Somebody who knocks from another network."""
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        yield Guest(client)


@pytest.fixture
async def officer(guest: Guest, made_sessions: Sessions, passwords: Passwords, clock: Clock) -> Guest:
    """A guest who has logged in as `lan`."""
    async with made_sessions.begin() as session:
        await create_staff(session, "lan", password=PASSWORD, role=Role.EDITOR, passwords=passwords, now=clock())
    await guest.log_in("lan", PASSWORD)
    return guest
