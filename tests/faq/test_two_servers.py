"""Two real NLU servers that share a folder of models: both answer with what is live, also one that was away."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nlu.rasa_client import RasaClient, nlu_at
from service.parts import nlu_server
from tests.conftest import RASA_SECONDS, RunningRasa
from tests.faq.conftest import Town
from tests.faq.samples import AUTHOR
from tests.faq.test_publishing import with_something_new

pytestmark = pytest.mark.rasa


@contextmanager
def another(port: int, models: Path, log: Path) -> Iterator[str]:
    """A second server, with the live model if there is one in the folder."""
    part = nlu_server("127.0.0.1", port, models)
    with log.open("ab") as out:
        process = subprocess.Popen(part.command, env={**os.environ, **part.env}, stdout=out, stderr=out)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


async def there(client: RasaClient) -> None:
    deadline = time.monotonic() + RASA_SECONDS
    while not await client.answers():
        assert time.monotonic() < deadline, "the second server did not start"
        await asyncio.sleep(0.3)


async def test_both_switch_and_the_one_that_was_away_is_given_the_live_model(
    rasa: RunningRasa, town: Town, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    first = next(path for path in town.models.glob("*.tar.gz") if path.name != "live.tar.gz")
    async with nlu_at(rasa.url, f"http://127.0.0.1:{port}") as both:
        one, other = both.servers
        publisher = town.publisher(both)
        with another(port, town.models, tmp_path / "second.log"):
            await there(other)
            await town.draft(with_something_new(town.faq))
            await publisher.publish(author=AUTHOR)
            live = await one.live_model()
            assert live != first.name
            assert await other.live_model() == live

        # It is away while the town goes back: what was live is still in its folder when it starts again.
        (town.models / "live.tar.gz").rename(tmp_path / "stale.tar.gz")
        await publisher.roll_back()
        assert await one.has(first)
        (tmp_path / "stale.tar.gz").replace(town.models / "live.tar.gz")
        with another(port, town.models, tmp_path / "second.log"):
            await there(other)
            assert not await other.has(first)
            assert await publisher.restore_live_model()
            assert await other.has(first)
