"""What many tests lean on: the shipped FAQ, a database, and one real Rasa server for the whole run."""

import asyncio
import datetime as dt
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot.handled  # noqa: F401 - adds its table
import dialogue.kept  # noqa: F401 - adds its tables and those of the statistics
import faq.audit
import faq.notices  # noqa: F401 - adds its table
import stats.inbox
import stats.retention
import stats.rolling
import stats.sampling
import stats.staff_chats
import stats.weekly  # noqa: F401 - adds its table
import web.staff
import web.tokens  # noqa: F401 - adds its table
from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.editing import draft_whole
from faq.entries import CheckSentence, Faq
from faq.releasing import PIPELINE, Published, Publisher
from nlu.rasa_client import RasaClient
from nlu.training_set import read_pipeline
from service.environments import NLU, ROOT
from service.parts import nlu_server
from tests.fewer import with_fewer_examples

RASA_SECONDS = 120
os.environ.setdefault("PTB_TIMEDELTA", "1")
os.environ.setdefault("NLU_CACHE", str(ROOT / "var/vectors"))  # a sentence is turned into a vector once, not once a run


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of the real Rasa on one core, for it is started once; the others by file."""
    item.add_marker(pytest.mark.xdist_group("rasa" if _needs_rasa(item) else item.nodeid.partition("::")[0]))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of the real Rasa: they are the longest row."""
    items.sort(key=lambda item: not _needs_rasa(item))


def _needs_rasa(item: pytest.Item) -> bool:
    return "rasa" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def shipped() -> Faq:
    """The FAQ that the repository ships."""
    return ContentFiles().read()


@pytest.fixture(scope="session")
def spoken(shipped: Faq) -> Faq:
    """What the tests' Rasa knows: the shipped FAQ with fewer examples."""
    return with_fewer_examples(shipped)


@pytest.fixture(scope="session")
def check_sentences() -> tuple[CheckSentence, ...]:
    """The sentences kept out of training."""
    return ContentFiles().check_sentences()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Sessions]:
    """An empty SQLite database with all tables."""
    engine = connect(f"sqlite:///{tmp_path}/test.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield sessions(engine)
    await engine.dispose()


@dataclass(frozen=True)
class RunningRasa:
    """A real Rasa server, its folder of models, and the release that answers."""

    url: str
    models: Path
    database_url: str
    published: Published


@pytest.fixture(scope="session")
def rasa(tmp_path_factory: pytest.TempPathFactory, spoken: Faq) -> Iterator[RunningRasa]:
    """Start Rasa once and publish the FAQ on it: the way a town switches the service on."""
    if not (NLU / "bin/python").exists():
        if os.environ.get("CI"):
            pytest.fail("CI must have the NLU environment (.venv-nlu)")
        pytest.skip("bỏ qua: chưa có .venv-nlu (make setup)")
    folder = tmp_path_factory.mktemp("rasa")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    part = nlu_server("127.0.0.1", port, folder / "models")
    with (folder / "rasa.log").open("wb") as log:
        process = subprocess.Popen(part.command, env={**os.environ, **part.env}, stdout=log, stderr=log)
        try:
            url, database_url = f"http://127.0.0.1:{port}", f"sqlite:///{folder}/published.db"
            published = asyncio.run(_publish(url, database_url, folder / "models", spoken))
            yield RunningRasa(url, folder / "models", database_url, published)
        finally:
            process.terminate()
            process.wait(20)


async def _publish(url: str, database_url: str, models: Path, faq: Faq) -> Published:
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions(engine)
    async with RasaClient.at(url) as client:
        deadline = time.monotonic() + RASA_SECONDS
        while not await client.answers():
            assert time.monotonic() < deadline, "Rasa did not start"
            await asyncio.sleep(0.3)
        async with made.begin() as session:
            await draft_whole(session, faq, author="kiểm tra", now=dt.datetime.now(dt.UTC))
        published = await publisher(made, client, models).publish(author="kiểm tra")
    await engine.dispose()
    return published


def publisher(made: Sessions, client: RasaClient, models: Path) -> Publisher:
    """Return a publisher of the shipped pipeline and check sentences."""
    return Publisher(
        made,
        client,
        models=models,
        pipeline=read_pipeline(PIPELINE.read_text("utf-8")),
        sentences=ContentFiles().check_sentences(),
    )
