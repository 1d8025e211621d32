"""Make both Python environments from hashed requirements. Needs nothing but Python 3.11's standard library.

`make setup` runs this before any package exists, so it imports nothing of the project.
"""

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE = ROOT / ".venv"
NLU = ROOT / ".venv-nlu"
STAMP = "requirements.sha256"
_SECRET_KEY = re.compile(r"\s*(?:export\s+)?SECRET_KEY\s*=(.*)")
NO_PYTHON_3_10 = (
    "Cần thêm Python 3.10 cho máy hiểu ngôn ngữ (Rasa không chạy trên bản mới hơn). "
    "Đã thử tự tải nhưng không được. Cài bằng `pyenv install 3.10` hoặc `.venv/bin/uv python install 3.10`, "
    "rồi chạy lại."
)


class SetupError(Exception):
    """Set-up cannot go on; the text says why and what to do, in one sentence."""


def main(arguments: list[str]) -> int:
    """Make what is missing or outdated; `--dev` adds what tests need."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what tells people so
        print("Cần Python 3.11 trở lên để chạy dịch vụ.", file=sys.stderr)
        return 1
    try:
        make_service_environment(ROOT / ("requirements-dev.txt" if "--dev" in arguments else "requirements.txt"))
        make_nlu_environment(ROOT / "nlu/server/requirements.txt")
        make_secret_key(ROOT / ".env")
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_service_environment(requirements: Path) -> None:
    """Make `.venv` (Python >= 3.11)."""
    if _is_current(SERVICE, requirements):
        return
    _say(f"Tạo môi trường Python của dịch vụ (.venv) từ {requirements.name} …")
    if not (SERVICE / "bin/python").exists():
        venv.create(SERVICE, with_pip=True, clear=SERVICE.exists())
    if not (SERVICE / "bin/uv").exists():
        lines = _lines_of("uv", requirements)
        wanted = SERVICE / "uv.txt"
        wanted.write_text(lines, encoding="utf-8")
        _run([str(SERVICE / "bin/python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(wanted)])
    _sync(SERVICE, requirements)


def make_nlu_environment(requirements: Path) -> None:
    """Make `.venv-nlu` (Python 3.10, for Rasa only)."""
    if _is_current(NLU, requirements):
        return
    python = find_python_3_10()
    _say("Tạo môi trường Python 3.10 cho máy hiểu ngôn ngữ (.venv-nlu), khoảng 600 MB, mất vài phút …")
    _run([str(SERVICE / "bin/uv"), "venv", "--quiet", "--clear", "--python", python, str(NLU)])
    _sync(NLU, requirements)


def find_python_3_10() -> str:
    """Return a Python 3.10: on PATH, kept by pyenv, or held or fetched by uv."""
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.10*/bin/python3.10"))
    for candidate in (shutil.which("python3.10"), *map(str, reversed(kept))):
        if candidate and _is_3_10(candidate):
            return candidate
    found = subprocess.run(  # noqa: S603 - our own uv
        [str(SERVICE / "bin/uv"), "python", "find", "3.10"], capture_output=True, text=True, check=False
    )
    if found.returncode == 0 and _is_3_10(found.stdout.strip()):
        return found.stdout.strip()
    _say("Chưa thấy Python 3.10, thử tự tải về …")
    fetched = subprocess.run(  # noqa: S603 - our own uv
        [str(SERVICE / "bin/uv"), "python", "install", "3.10"], capture_output=True, check=False
    )
    if fetched.returncode != 0:
        raise SetupError(NO_PYTHON_3_10)
    return "3.10"


def make_secret_key(env: Path) -> None:
    """Write a `SECRET_KEY` into `.env` if there is none: it keys pseudonyms and must stay the same."""
    text = env.read_text(encoding="utf-8") if env.exists() else ""
    lines = text.removesuffix("\n").split("\n") if text else []
    keys = [match[1].strip("\"' ") for line in lines if (match := _SECRET_KEY.fullmatch(line))]
    if os.environ.get("SECRET_KEY") or any(keys):
        return
    kept = [line for line in lines if not _SECRET_KEY.fullmatch(line)]
    env.touch(mode=0o600)
    env.chmod(0o600)
    env.write_text("\n".join([*kept, f"SECRET_KEY={secrets.token_hex(32)}"]) + "\n", encoding="utf-8")


def _is_3_10(python: str) -> bool:
    check = "import sys; sys.exit(sys.version_info[:2] != (3, 10))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0  # noqa: S603 - found above
    except OSError:
        return False


def _sync(environment: Path, requirements: Path) -> None:
    python = str(environment / "bin/python")
    _run([str(SERVICE / "bin/uv"), "pip", "sync", "--python", python, "--require-hashes", str(requirements)])
    (environment / STAMP).write_text(_fingerprint(requirements), encoding="utf-8")


def _is_current(environment: Path, requirements: Path) -> bool:
    stamp = environment / STAMP
    installed = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    # An environment that also holds the tests' packages serves `make run` as well.
    enough = {_fingerprint(requirements), _fingerprint(ROOT / "requirements-dev.txt")}
    return installed in (
        enough if environment == SERVICE and requirements.name == "requirements.txt" else {_fingerprint(requirements)}
    )


def _fingerprint(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def _lines_of(package: str, requirements: Path) -> str:
    """Return one package's lines of a hashed requirements file."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = start + 1
    while end < len(lines) and lines[end].startswith("    --hash"):
        end += 1
    return "\n".join(lines[start:end]).rstrip(" \\") + "\n"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False)  # noqa: S603 - commands of this file
    if done.returncode != 0:
        raise SetupError(f"Không cài được ({' '.join(command[:4])} …). Xem dòng báo lỗi ở trên; thường là do mạng.")


def _say(text: str) -> None:
    print(f"chuẩn bị│ {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
