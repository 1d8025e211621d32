"""What is wrong before the start is said in one sentence, and nothing is printed that may be secret."""

import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.settings import BotSettings
from faq.settings import explain
from service.environments import ROOT, STAMP, SetupError, _fingerprint, make_secret_key
from service.preflight import check_env_file, check_port, check_private
from web.settings import WebSettings

SECRET = "8123456:bi-mat"


def refusal(check: object, *arguments: object) -> str:
    with pytest.raises(SetupError) as caught:
        check(*arguments)  # type: ignore[operator]
    return str(caught.value)


@pytest.fixture
def env(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    "broken", [SECRET, f"TELEGRAM_BOT_TOKEN {SECRET}", f'TOKEN="{SECRET}', f"=  {SECRET}", "TELEGRAM_BOT_TOKEN"]
)
def test_broken_line_is_numbered_and_not_printed(env: Path, broken: str) -> None:
    env.write_text(f"# ghi chú\nA=1\n{broken}\nB=2\n", encoding="utf-8")

    sentence = refusal(check_env_file, env)

    assert sentence.startswith("Dòng 3 của tệp .env không đọc được")
    assert "bi-mat" not in sentence


def test_file_of_another_encoding_is_said(env: Path) -> None:
    env.write_bytes("TÊN=giá trị".encode("utf-16"))

    assert refusal(check_env_file, env).startswith("Tệp .env không phải chữ UTF-8.")


@pytest.mark.parametrize("content", ["", "# chỉ ghi chú\n\n", "A=1\nexport B='hai ba'\nC=\n", "A=1\r\nB=2\r\n"])
def test_good_file_is_fine(env: Path, content: str) -> None:
    env.write_bytes(content.encode())

    check_env_file(env)


def test_no_file_is_fine(env: Path) -> None:
    check_env_file(env)


def test_taken_port_names_what_it_is_for_and_the_setting(taken: int) -> None:
    assert refusal(check_port, "127.0.0.1", taken, "các trang", "WEB_PORT") == (
        f"Cổng {taken} (cho các trang) đang có chương trình khác dùng. "
        "Tắt chương trình đó hoặc đặt WEB_PORT khác trong .env."
    )


def test_free_port_is_left_free(taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]

    check_port("127.0.0.1", free, "các trang", "WEB_PORT")
    check_port("127.0.0.1", free, "các trang", "WEB_PORT")


@pytest.mark.parametrize("address", ["192.0.2.1", "khong-co.invalid"])
def test_address_of_another_machine_is_not_called_a_taken_port(address: str) -> None:
    sentence = refusal(check_port, address, 8000, "các trang", "WEB_PORT")

    assert sentence.startswith(f"Máy này không có địa chỉ {address}")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:5005", ("127.0.0.1", 5005)),
        ("http://localhost:6000/", ("localhost", 6000)),
        ("http://[::1]:5005", ("::1", 5005)),
        ("http://127.0.0.1", ("127.0.0.1", 5005)),
    ],
)
def test_private_address_is_taken_apart(url: str, address: tuple[str, int]) -> None:
    assert check_private(url) == address


@pytest.mark.parametrize(
    "url", ["http://0.0.0.0:5005", "http://192.168.1.5:5005", "http://nlu.example.vn:5005", "http://127.0.0.1@x.vn:1"]
)
def test_address_that_strangers_reach_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NLU_PRIVATE_NETWORK", raising=False)
    assert refusal(check_private, url).startswith("NLU_URL phải là địa chỉ riêng của máy này (127.0.0.1)")

    monkeypatch.setenv("NLU_PRIVATE_NETWORK", "yes")
    assert check_private(url)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:5005", "https://127.0.0.1", "http://", "http://127.0.0.1:cổng", "http://[::1", "http://a:99999"],
)
def test_address_of_another_form_is_refused(url: str) -> None:
    assert refusal(check_private, url) == "NLU_URL phải có dạng http://127.0.0.1:5005."


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)


@pytest.mark.usefixtures("no_key")
class TestSecretKey:
    def test_is_made_once_and_only_its_owner_may_read_it(self, env: Path) -> None:
        make_secret_key(env)
        first = env.read_text()
        make_secret_key(env)

        assert first == env.read_text()
        assert len(first.strip().removeprefix("SECRET_KEY=")) == 64
        assert stat.S_IMODE(env.stat().st_mode) == 0o600

    def test_keeps_the_lines_of_others_and_closes_the_file_to_them(self, env: Path) -> None:
        env.write_text("# của tôi\nTELEGRAM_BOT_TOKEN=1:a\nSECRET_KEY=\n\nWEB_PORT=80", encoding="utf-8")
        env.chmod(0o644)

        make_secret_key(env)

        *others, last = env.read_text("utf-8").splitlines()
        assert others == ["# của tôi", "TELEGRAM_BOT_TOKEN=1:a", "", "WEB_PORT=80"]
        assert last.startswith("SECRET_KEY=")
        assert stat.S_IMODE(env.stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        "line", ["SECRET_KEY=abc", "export SECRET_KEY=abc", "SECRET_KEY = abc", " SECRET_KEY='a b'"]
    )
    def test_is_kept_however_it_is_written(self, env: Path, line: str) -> None:
        env.write_text(f"A=1\n{line}\n", encoding="utf-8")

        make_secret_key(env)

        assert env.read_text("utf-8") == f"A=1\n{line}\n"

    @pytest.mark.parametrize(
        "line", ["SECRET_KEY=", "SECRET_KEY=''", 'SECRET_KEY=""', "SECRET_KEY = ", "#SECRET_KEY=abc"]
    )
    def test_that_is_empty_is_none(self, env: Path, line: str) -> None:
        env.write_text(f"{line}\n", encoding="utf-8")

        make_secret_key(env)

        assert len(env.read_text("utf-8").splitlines()[-1].removeprefix("SECRET_KEY=")) == 64

    def test_from_the_environment_is_enough(self, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_KEY", "abc")

        make_secret_key(env)

        assert not env.exists()

    @given(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(lambda t: "SECRET" not in t)
        )
    )
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_other_lines_stay(self, env: Path, lines: list[str]) -> None:
        env.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

        make_secret_key(env)

        assert env.read_text("utf-8").split("\n")[:-2] == lines


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The product in a folder without environments."""
    for room in ("bot", "dialogue", "faq", "nlu", "service", "stats", "web"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    for name in ("requirements.txt", "requirements-dev.txt", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(folder: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONUTF8": "1", "PYTHONPATH": str(folder), **settings}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )


def service(folder: Path, what: str, **settings: str) -> str:
    done = run(folder, sys.executable, "-m", "service", what, **settings)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("what", ["setup", "nlu"])
def test_missing_environment_names_the_command_that_makes_it(elsewhere: Path, what: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

    assert service(elsewhere, what, NLU_URL=url) == "Chưa có môi trường .venv-nlu. Chạy `make setup` trước.\n"


def test_start_with_a_taken_port_is_one_sentence(elsewhere: Path, taken: int) -> None:
    assert service(elsewhere, "run", WEB_PORT=str(taken)).startswith(f"Cổng {taken} (cho các trang) đang có")
    assert service(elsewhere, "nlu", NLU_URL=f"http://127.0.0.1:{taken}").startswith(
        f"Cổng {taken} (cho máy hiểu ngôn ngữ) đang có"
    )


def test_start_with_a_broken_env_file_is_one_sentence(elsewhere: Path) -> None:
    (elsewhere / ".env").write_text(f"TELEGRAM_BOT_TOKEN {SECRET}\n")

    sentence = service(elsewhere, "run")

    assert sentence.startswith("Dòng 1 của tệp .env")
    assert "bi-mat" not in sentence
    assert sentence.count("\n") == 1


def test_setting_that_is_no_number_is_named(elsewhere: Path) -> None:
    assert service(elsewhere, "run", WEB_PORT="tám nghìn") == "Thiết lập WEB_PORT phải là một số.\n"


def test_machine_without_python_3_10_is_told_how_to_get_it(elsewhere: Path) -> None:
    uv = elsewhere / ".venv/bin/uv"
    uv.parent.mkdir(parents=True)
    uv.write_text("#!/bin/sh\nexit 2\n")
    uv.chmod(0o755)
    (elsewhere / ".venv" / STAMP).write_text(_fingerprint(elsewhere / "requirements.txt"))

    done = run(elsewhere, sys.executable, "service/environments.py", PATH=str(elsewhere / "nothing"))

    assert done.returncode == 1
    assert done.stderr == (
        "Cần thêm Python 3.10 cho máy hiểu ngôn ngữ (Rasa không chạy trên bản mới hơn). "
        "Đã thử tự tải nhưng không được. Cài bằng `pyenv install 3.10` hoặc `.venv/bin/uv python install 3.10`, "
        "rồi chạy lại.\n"
    )


def test_help_lists_every_target_for_people(elsewhere: Path) -> None:
    shown = run(elsewhere, "make", "help").stdout.splitlines()

    names = [line.split()[1] for line in shown]
    assert {"setup", "run", "nlu", "test", "check", "bench"} <= set(names)
    assert all(line.startswith("  make ") and len(line.split()) > 3 for line in shown)
    assert run(elsewhere, "make").stdout.splitlines() == shown
    phony = next(line for line in (ROOT / "Makefile").read_text("utf-8").splitlines() if line.startswith(".PHONY:"))
    assert set(names) == set(phony.split()[1:]) - {"environments", "environments-dev"}


def test_settings_are_explained_in_vietnamese_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_PORT", "tám nghìn")
    with pytest.raises(ValidationError) as number:
        WebSettings()
    monkeypatch.setenv("TELEGRAM_WEBHOOK_URL", "https://hoidap.example/telegram")
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET", raising=False)
    with pytest.raises(ValidationError) as secret:
        BotSettings()

    assert explain(number.value) == ("Thiết lập WEB_PORT phải là một số.",)
    assert explain(secret.value) == ("Thiết lập: TELEGRAM_WEBHOOK_URL cần đi cùng TELEGRAM_WEBHOOK_SECRET.",)
