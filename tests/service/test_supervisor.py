"""Several programs side by side: their lines labelled, all of them stopped together."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.parts import Part
from service.supervisor import Supervisor, write_line

SLEEPS = "import time; print('chạy', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('chạy', flush=True); time.sleep(600)"
)
PARENT = """
import pathlib, subprocess, sys, time
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('con', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
{end}
"""


class Lines:
    """What the parts said, as (part, line)."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __call__(self, name: str, line: str) -> None:
        self.said.append((name, line))

    async def until(self, line: str, times: int = 1) -> None:
        async with asyncio.timeout(20):
            while sum(said == line for _, said in self.said) < times:
                await asyncio.sleep(0.02)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
async def supervisor(lines: Lines) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(lines)
    yield supervisor
    await supervisor.stop()


def part(name: str, code: str, *arguments: str) -> Part:
    return Part(name, (sys.executable, "-c", code, *arguments), {"PYTHONUTF8": "1"})


def lives(number: int) -> bool:
    """Whether a process runs (one that ended and waits to be collected does not)."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_lines_carry_the_name_of_their_part(supervisor: Supervisor, lines: Lines) -> None:
    await supervisor.start(part("một", "import sys; print('ra'); print('lỗi', file=sys.stderr)"))
    await supervisor.start(part("hai", "print('xin chào')"))
    await lines.until("ra")
    await lines.until("lỗi")
    await lines.until("xin chào")

    assert sorted(lines.said) == [("hai", "xin chào"), ("một", "lỗi"), ("một", "ra")]


def test_printed_line_starts_with_its_label(capsys: pytest.CaptureFixture[str]) -> None:
    write_line("nlu", "sẵn sàng")

    assert capsys.readouterr().out == "nlu     │ sẵn sàng\n"


async def test_odd_bytes_and_endless_lines_do_not_stop_a_part(supervisor: Supervisor, lines: Lines) -> None:
    code = "import sys; o = sys.stdout.buffer; o.write(b'\\xff\\n' + b'a' * 300000 + b'\\n'); o.flush(); print('xong')"
    await supervisor.start(part("một", code))
    await lines.until("xong")

    assert lines.said[0] == ("một", "\ufffd")
    assert ("một", "(một dòng quá dài, bỏ qua)") in lines.said


async def test_all_parts_are_stopped(supervisor: Supervisor, lines: Lines) -> None:
    started = [await supervisor.start(part(name, SLEEPS)) for name in ("một", "hai", "ba")]
    await lines.until("chạy", times=3)

    await supervisor.stop()

    assert [process.returncode for process in started] == [-15, -15, -15]


async def test_part_that_does_not_listen_is_killed(
    supervisor: Supervisor, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.supervisor.PATIENCE", 0.3)
    process = await supervisor.start(part("một", STUBBORN))
    await lines.until("chạy")

    await supervisor.stop()

    assert process.returncode == -9


@pytest.mark.parametrize("end", ["time.sleep(600)", "sys.exit(3)"], ids=["that runs", "that ended by itself"])
async def test_children_of_a_part_are_stopped_too(
    supervisor: Supervisor, lines: Lines, tmp_path: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.supervisor.PATIENCE", 0.3)
    await supervisor.start(part("một", PARENT.format(end=end), str(tmp_path / "child")))
    await lines.until("con")
    child = int((tmp_path / "child").read_text())
    assert lives(child)

    async with asyncio.timeout(15):
        await supervisor.stop()
        while lives(child):
            await asyncio.sleep(0.02)


async def test_part_that_ends_by_itself_is_named_with_its_status(supervisor: Supervisor) -> None:
    await supervisor.start(part("một", SLEEPS))
    await supervisor.start(part("hai", "import sys; sys.exit(3)"))

    assert await supervisor.first_exit() == ("hai", 3)


async def test_order_to_stop_ends_the_waiting(supervisor: Supervisor) -> None:
    await supervisor.start(part("một", SLEEPS))
    waiting = asyncio.create_task(supervisor.first_exit())

    supervisor.stopping.set()

    assert await waiting is None


async def test_forgotten_part_no_longer_ends_the_waiting(supervisor: Supervisor) -> None:
    await supervisor.start(part("một", SLEEPS))
    await supervisor.start(part("bot", "pass"))
    assert await supervisor.first_exit() == ("bot", 0)

    supervisor.forget("bot")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(supervisor.first_exit(), 0.3)


async def test_part_sees_its_own_settings_beside_ours(
    supervisor: Supervisor, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS", "1")
    code = "import os; print(os.environ['OURS'], os.environ['THEIRS'], os.getsid(0) == os.getpid())"
    await supervisor.start(Part("một", (sys.executable, "-c", code), {"THEIRS": "2"}))

    await lines.until("1 2 True")
    assert "THEIRS" not in os.environ
