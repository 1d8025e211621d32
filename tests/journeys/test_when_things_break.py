"""Whatever is away, citizens are answered, and no question is lost."""

import asyncio
import datetime as dt
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from faq.database import Base, connect, sessions
from faq.editing import draft_whole
from faq.entries import Faq
from nlu.rasa_client import RasaClient
from stats.endings import Ending
from tests.conftest import RunningRasa, publisher
from tests.journeys.town import NOBODY, Town, copy_of, town
from tests.telegram.citizen import Citizen

pytestmark = pytest.mark.rasa
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


async def test_without_understanding_the_words_are_searched(published: str, shipped: Faq, tmp_path: Path) -> None:
    async with town(tmp_path, shipped, database_url=published, nlu_url=NOBODY) as silent:
        lan = silent.telegram.citizen("Lan")

        await lan.says("đăng ký tạm trú cần giấy tờ gì")
        choice = await lan.reads()
        await lan.taps(choice.buttons[0])
        answer = await lan.reads()
        await lan.says("zzzz qqqq")
        nothing = await lan.reads()

        assert choice.text.startswith("Lúc này tôi chưa đọc được cả câu")
        assert len(choice.buttons) == 4
        assert "tạm trú" in answer.text
        assert nothing.buttons == ("☰ Danh mục",)
        away, chosen, lost = await silent.questions(3)
        assert (away.ending, away.entry, away.confidence, len(away.offered)) == (Ending.UNAVAILABLE, None, None, 3)
        assert chosen.ending == Ending.ANSWERED
        assert (lost.ending, lost.offered) == (Ending.UNAVAILABLE, [])
        assert silent.telegram.breaches == []


async def test_without_the_database_file_citizens_are_answered_and_the_records_follow(
    rasa: RunningRasa, shipped: Faq, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    async with town(tmp_path, shipped, database_url=f"sqlite:///{folder}/service.db", nlu_url=rasa.url) as running:
        lan = running.telegram.citizen("Lan")
        await lan.says("dang ky tam tru can giay to gi")
        answer = await lan.reads(timeout=15)

        folder.mkdir()
        copy_of(rasa.database_url, folder / "service.db")

        assert "tạm trú" in answer.text
        (question,) = await running.questions(1)
        assert (question.ending, question.entry) == (Ending.ANSWERED, "dang-ky-tam-tru.ho-so")
        assert list((tmp_path / "spool").glob("*.jsonl")) == []


async def test_published_text_shows_with_the_next_message(
    lan: Citizen, cua_lo: Town, rasa: RunningRasa, spoken: Faq
) -> None:
    await lan.says("dang ky tam tru can giay to gi")
    before = await lan.reads(timeout=15)
    new = "Câu này vừa được cán bộ sửa xong sáng nay."
    entries = tuple(
        entry.model_copy(update={"short": new}) if entry.key == "dang-ky-tam-tru.ho-so" else entry
        for entry in spoken.entries
    )

    async with cua_lo.sessions.begin() as session:
        edited = spoken.model_copy(update={"entries": entries})
        await draft_whole(session, edited, author="Hoa", now=dt.datetime.now(dt.UTC))
    async with RasaClient.at(rasa.url) as client:
        done = await publisher(cua_lo.sessions, client, rasa.models).publish(author="Hoa")
    await lan.says("dang ky tam tru can giay to gi")
    after = await lan.reads(timeout=15)

    assert not done.trained
    assert new not in before.text
    assert new in after.text
    first, second = await cua_lo.questions(2)
    assert (first.release, second.release) == (rasa.published.release, done.release)


@dataclass
class PostgreSQL:
    """A private server that can be stopped and started."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://town@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*as_postgres, *command], check=True, capture_output=True, cwd=self.folder, timeout=60)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")


@pytest.fixture
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    if not PROGRAMS:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL's programs (Debian: postgresql)")
        pytest.skip("bỏ qua: chưa cài PostgreSQL (Debian: postgresql)")
    # Not below pytest's folder: the user postgres may not enter it.
    folder = Path(f"/tmp/hoi-dap-postgresql-{os.getpid()}")
    folder.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = PostgreSQL(PROGRAMS[-1].parent, folder, port)
    try:
        server.run("initdb", "-U", "town", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.mark.postgresql
async def test_while_postgresql_is_stopped_citizens_are_answered_and_the_records_follow(
    rasa: RunningRasa, postgresql: PostgreSQL, shipped: Faq, tmp_path: Path
) -> None:
    engine = connect(postgresql.url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()

    async with town(tmp_path, shipped, database_url=postgresql.url, nlu_url=rasa.url) as running:
        lan = running.telegram.citizen("Lan")
        await lan.says("chào bạn")
        await lan.reads(timeout=15)
        await running.questions(1)

        await asyncio.to_thread(postgresql.stop)
        await lan.says("dang ky tam tru can giay to gi")
        answer = await lan.reads(timeout=15)
        await lan.says("thế lệ phí bao nhiêu")
        fee = await lan.reads(timeout=15)
        await asyncio.to_thread(postgresql.start)

        assert "tạm trú" in answer.text
        assert "tạm trú" in fee.text
        questions = await running.questions(3, seconds=20)
        assert [question.text for question in questions] == [
            "chào bạn",
            "dang ky tam tru can giay to gi",
            "thế lệ phí bao nhiêu",
        ]
        assert running.telegram.breaches == []


@pytest.mark.postgresql
async def test_while_postgresql_refuses_everybody_citizens_are_answered(
    rasa: RunningRasa, postgresql: PostgreSQL, shipped: Faq, tmp_path: Path
) -> None:
    engine = connect(postgresql.url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text("create role guest login connection limit 0"))
        await connection.execute(text("grant all on all tables in schema public to guest"))
    as_guest = postgresql.url.replace("town@", "guest@")

    async with town(tmp_path, shipped, database_url=as_guest, nlu_url=rasa.url) as running:
        lan = running.telegram.citizen("Lan")
        await lan.says("dang ky tam tru can giay to gi")
        answer = await lan.reads(timeout=15)

        async with sessions(engine).begin() as session:
            await session.execute(text("alter role guest connection limit 10"))

        assert "tạm trú" in answer.text
        assert len(await running.questions(1, seconds=20)) == 1
    await engine.dispose()
