"""A part that ends by itself is started again; what cannot run as it is set up is not."""

import asyncio
import sys

import pytest

from service import __main__ as service
from service.parts import Part
from service.supervisor import Supervisor


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def supervisor(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    monkeypatch.setattr(service, "RESTART_PAUSE", 0)
    monkeypatch.setattr(service, "write_line", lambda _name, line: lines.append(line))
    return Supervisor(lambda name, line: lines.append(f"{name}: {line}"))


def ends(name: str, status: int) -> Part:
    return Part(name, (sys.executable, "-c", f"import sys; print('here'); sys.exit({status})"))


async def test_part_that_keeps_ending_is_started_again_a_few_times(supervisor: Supervisor, lines: list[str]) -> None:
    await supervisor.start(ends("nlu", 3))

    assert await service._keep_running(supervisor) == ("nlu", 3)

    await supervisor.stop()
    assert lines.count("nlu: here") == 1 + service.MOST_RESTARTS
    assert "Phần «nlu» tự dừng (mã 3); khởi động lại, lần 1." in lines


async def test_bot_that_was_refused_is_left_and_the_rest_goes_on(supervisor: Supervisor, lines: list[str]) -> None:
    await supervisor.start(Part("trang", (sys.executable, "-c", "import time; time.sleep(60)")))
    await supervisor.start(ends("bot", 1))
    waiting = asyncio.create_task(service._keep_running(supervisor))
    while not any("Bot Telegram đã dừng" in line for line in lines):
        await asyncio.sleep(0.02)

    assert not waiting.done()
    supervisor.stopping.set()
    assert await waiting is None
    await supervisor.stop()
