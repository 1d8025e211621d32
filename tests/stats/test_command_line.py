"""`python -m stats` as a person at the terminal meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.settings import Settings
from stats.__main__ import main
from stats.figures import percent, whole

DAYS = ("--from", "2026-11-01", "--to", "2026-11-23")


def test_mask_answers_each_line_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "stats", "mask"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        replies = []
        for line in ("gọi 0912345678\n".encode(), b"\xff\r\n", b"\n"):
            child.stdin.write(line)
            child.stdin.flush()
            replies.append(child.stdout.readline().decode())
        child.stdin.write(b"otp 123456")
        replies.append(child.communicate()[0].decode())

    assert replies == ["gọi [số điện thoại]\n", "\ufffd\n", "\n", "otp [mã]\n"]


def test_report_prints_tables_and_writes_files(
    engine: AsyncEngine,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del engine  # its tables are enough
    monkeypatch.setenv("DATABASE_URL", database)

    assert main(["report", *DAYS, "--xlsx", str(tmp_path / "out.xlsx"), "--json", str(tmp_path / "out.json")]) == 0

    printed = capsys.readouterr().out
    assert "từ 01/11/2026 đến 23/11/2026" in printed
    assert "Chưa trả lời được" in printed
    assert load_workbook(tmp_path / "out.xlsx").sheetnames[:2] == ["Số liệu chính", "Câu hỏi kết thúc ra sao"]
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["filter"]["from"] == "2026-11-01"


def test_unknown_topic_is_said(
    engine: AsyncEngine, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del engine
    monkeypatch.setenv("DATABASE_URL", database)

    assert main(["report", *DAYS, "--topic", "khong-co"]) == 1
    assert "Không có chủ đề khong-co" in capsys.readouterr().err


def test_json_alone_is_printed(
    engine: AsyncEngine, database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del engine
    monkeypatch.setenv("DATABASE_URL", database)

    assert main(["report", *DAYS, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["filter"]["to"] == "2026-11-23"


@pytest.mark.parametrize(
    ("days", "url", "sentence"),
    [
        (("--from", "1/11/2026", "--to", "2026-11-23"), "sqlite:///x.db", "“1/11/2026” không phải là ngày"),
        (("--from", "2026-11-23", "--to", "2026-11-01"), "sqlite:///x.db", "phải bằng hoặc sau ngày đầu"),
        (DAYS, "sqlite:///nowhere/x.db", "Chưa có cơ sở dữ liệu"),
        (DAYS, "postgresql://u:p@127.0.0.1:9/x", "Không đọc được cơ sở dữ liệu"),
        (DAYS, "nonsense", "DATABASE_URL không đúng dạng"),
        (DAYS, "nonsense://x", "DATABASE_URL không đúng dạng"),
    ],
)
def test_report_that_cannot_be_made_says_why(
    days: tuple[str, ...], url: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    assert main(["report", *days]) == 1

    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


def test_missing_table_and_broken_file_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    file.write_bytes(b"")

    assert main(["report", *DAYS]) == 1
    assert "chưa có bảng câu hỏi" in capsys.readouterr().err

    file.write_bytes(b"not a database" * 100)
    assert main(["report", *DAYS]) == 1
    assert "Không đọc được cơ sở dữ liệu" in capsys.readouterr().err


def test_excel_that_cannot_be_written_is_said(
    engine: AsyncEngine,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del engine
    monkeypatch.setenv("DATABASE_URL", database)

    assert main(["report", *DAYS, "--xlsx", str(tmp_path / "no" / "out.xlsx")]) == 1
    assert "Không ghi được tệp" in capsys.readouterr().err


def test_numbers_are_written_as_here() -> None:
    assert (whole(1234567), percent(0.125)) == ("1.234.567", "12,5 %")


def test_settings_read_the_environment_and_ignore_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "VAR_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("SECRET_KEY=abc\nTELEGRAM_BOT_TOKEN=x\nVAR_DIR=elsewhere\n")

    settings = Settings()

    assert (settings.database_url, settings.secret_key) == ("sqlite:///var/service.db", "abc")
    assert settings.spool == Path("elsewhere") / "spool"
    assert os.environ.get("SECRET_KEY") is None
