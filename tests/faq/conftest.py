"""A town that has published a small FAQ on the real Rasa, and a PostgreSQL of its own."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faq.content_files import ContentFiles
from faq.database import Base, Sessions, connect, sessions
from faq.editing import draft_whole, live_faq
from faq.entries import Faq
from faq.judging import Gate
from faq.live import LiveFaq
from faq.releasing import LIVE_MODEL, PIPELINE, Published, Publisher
from nlu.rasa_client import RasaClient
from nlu.training_set import read_pipeline
from tests.conftest import RunningRasa
from tests.faq.samples import AUTHOR, NOW
from tests.faq.small import small_of


@dataclass
class Town:
    """A database, a folder of models, and a way to Rasa."""

    sessions: Sessions
    rasa: RasaClient
    models: Path
    faq: Faq

    def publisher(self, rasa: RasaClient | None = None, *, gate: Gate | None = None) -> Publisher:
        """A publisher who judges by the check sentences of the town's topics."""
        keys = {entry.key for entry in self.faq.entries}
        return Publisher(
            self.sessions,
            rasa or self.rasa,
            models=self.models,
            pipeline=read_pipeline(PIPELINE.read_text("utf-8")),
            sentences=tuple(s for s in ContentFiles().check_sentences() if s.accepted and s.accepted <= keys),
            gate=gate or Gate(),
        )

    async def draft(self, faq: Faq) -> None:
        """Make `faq` what the next publication brings."""
        async with self.sessions.begin() as session:
            await draft_whole(session, faq, author=AUTHOR, now=NOW)

    async def publish(self, faq: Faq) -> Published:
        """Draft and publish."""
        await self.draft(faq)
        return await self.publisher().publish(author=AUTHOR)

    async def live(self) -> Faq:
        """What is live, as a fresh reader of the database sees it."""
        async with self.sessions() as session:
            found = await live_faq(session)
        assert found is not None
        return found

    async def guess(self, text: str) -> str:
        """What Rasa takes a sentence for."""
        best = (await self.rasa.parse(text)).best
        assert best is not None
        return best.intent

    def new_reader(self) -> LiveFaq:
        """What the citizens' door holds."""
        return LiveFaq(self.sessions, self.faq)


@pytest.fixture(scope="session")
def small(shipped: Faq) -> Faq:
    """Two topics of the shipped FAQ: enough to train a model in a few seconds."""
    return small_of(shipped)


@pytest.fixture(scope="session")
def founded(rasa: RunningRasa, small: Faq, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a town that has published the small FAQ; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("founded")

    async def found() -> None:
        engine = connect(f"sqlite:///{folder}/town.db")
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with RasaClient.at(rasa.url) as client:
            await Town(sessions(engine), client, folder / "models", small).publish(small)
        await engine.dispose()

    asyncio.run(found())
    return folder


@pytest.fixture
async def town(rasa: RunningRasa, founded: Path, small: Faq, tmp_path: Path) -> AsyncIterator[Town]:
    """A town of its own for each test; Rasa gets the shipped model back at the end."""
    shutil.copytree(founded, tmp_path / "town", dirs_exist_ok=True)
    engine = connect(f"sqlite:///{tmp_path}/town/town.db")
    async with RasaClient.at(rasa.url) as client:
        town = Town(sessions(engine), client, tmp_path / "town/models", small)
        try:
            await client.switch(next(p for p in town.models.glob("*.tar.gz") if p.name != LIVE_MODEL))
            yield town
        finally:
            await client.switch(next(p for p in rasa.models.glob("*.tar.gz") if p.name != LIVE_MODEL))
            await engine.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL's programs")
        pytest.skip("bỏ qua: chưa cài postgresql")
    programs = found[-1].parent
    root = os.geteuid() == 0
    as_owner = ("runuser", "-u", "postgres", "--") if root else ()
    # Not below pytest's folder, which only the one who runs the tests may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if root:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_owner, str(programs / program), *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL
        )

    run("initdb", "-D", f"{folder}/data", "-U", "faq", "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    try:
        yield f"postgresql://faq@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder)
