"""`python -m faq` as staff meet it at the terminal: one sentence in Vietnamese, and an exit status."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from faq.checking import NO_SUCH_WORD
from faq.content_files import SHIPPED, ContentFiles
from faq.entries import Faq
from faq.excel import read_xlsx
from faq.sheets import pieces
from service.environments import ROOT
from tests.conftest import RunningRasa
from tests.faq.samples import changed

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def faq(tmp_path: Path) -> Run:
    """`python -m faq …` in a folder of its own, with a database of its own and nobody at the keyboard."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "USER": "kiem-tra",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "PYTHONWARNINGS": "error",
            "NLU_URL": "http://127.0.0.1:9",
            **settings,
        }
        return subprocess.run(
            [sys.executable, "-m", "faq", *map(str, arguments)],
            cwd=tmp_path,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def shipped_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "content"))


def said(done: subprocess.CompletedProcess[str], status: int) -> list[str]:
    """What was printed, if the status is as expected and nothing went to the error output."""
    assert (done.returncode, done.stderr) == (status, ""), done.stdout + done.stderr
    return done.stdout.strip().splitlines()


def test_check_says_how_much_there_is(faq: Run, shipped_copy: Path, shipped: Faq) -> None:
    *_, last = said(faq("check", shipped_copy), 0)

    assert last.startswith(f"{len(shipped.entries)} mục, ")
    assert " 0 lỗi, " in last


def test_check_names_every_fault_of_form(faq: Run, shipped_copy: Path) -> None:
    data = yaml.safe_load((shipped_copy / "vneid.yml").read_text("utf-8"))
    data["entries"][0]["title"] = "a" * 40
    del data["entries"][1]["short"]
    (shipped_copy / "vneid.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    first, second = (entry["key"] for entry in data["entries"][:2])

    assert said(faq("check", shipped_copy), 1) == [
        f"[LỖI] vneid.yml · {first} · title: dài quá 36 ký tự",
        f"[LỖI] vneid.yml · {second} · short: thiếu, bắt buộc phải có",
        "2 chỗ phải sửa trước.",
    ]


def test_check_names_every_fault_of_the_whole(faq: Run, shipped_copy: Path, shipped: Faq) -> None:
    entry = next(e for e in shipped.entries if e.topic == "vneid")
    ContentFiles(shipped_copy).write(changed(shipped, entry.key, short="Đến {khong-co}."))

    first, *_, last = said(faq("check", shipped_copy), 1)

    assert first == f"[LỖI] vneid.yml · {entry.key}: " + NO_SUCH_WORD.format("{khong-co}")
    assert " 1 lỗi, " in last


def test_check_of_what_is_no_folder_says_so(faq: Run) -> None:
    assert said(faq("check", "hoi-dap.xlsx"), 1) == [
        "hoi-dap.xlsx không phải là thư mục; tệp Excel được kiểm tra khi nạp (import)."
    ]


def test_check_of_an_empty_folder_names_the_missing_files(faq: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert said(faq("check", str(tmp_path / "empty")), 1) == [
        "[LỖI] topics.yml: thiếu tệp này",
        "[LỖI] place.yml: thiếu tệp này",
        "[LỖI] laws.yml: thiếu tệp này",
        "[LỖI] ngoai-pham-vi.yml: thiếu tệp này",
        "[LỖI] milestones.yml: thiếu tệp này",
        "[LỖI] short-forms.yml: thiếu tệp này",
        "[LỖI] visits.yml: thiếu tệp này",
        "7 chỗ phải sửa trước.",
    ]


def test_import_without_tables_names_the_database(faq: Run) -> None:
    assert said(faq("import", "--yes"), 1) == [
        "Không dùng được cơ sở dữ liệu (OperationalError). Xem lại DATABASE_URL."
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a@127.0.0.1:9/b",
        "nothing at all",
        "mysql://a@127.0.0.1/b",
        "sqlite:////nowhere/at/all/service.db",
        "postgresql://a@127.0.0.1:port/b",
    ],
)
@pytest.mark.parametrize("command", ["releases", "migrate"])
def test_unusable_database_is_one_sentence(faq: Run, url: str, command: str) -> None:
    [sentence] = said(faq(command, DATABASE_URL=url), 1)

    assert sentence.startswith("Không dùng được cơ sở dữ liệu (")
    assert sentence.endswith(". Xem lại DATABASE_URL.")


def test_import_with_nobody_to_agree_changes_nothing(faq: Run) -> None:
    assert said(faq("migrate"), 0) == []

    *_, last = said(faq("import"), 1)

    assert last.endswith("Đã thôi, chưa đổi gì.")
    assert said(faq("publish"), 0) == ["Không có gì khác với bản đang chạy; không cần công bố."]


def test_import_shows_what_changes_and_drafts_it(faq: Run, shipped: Faq) -> None:
    faq("migrate")

    shown = said(faq("import", "--yes"), 0)

    assert shown[0] == f"mới: {len(pieces(shipped))}"
    assert {"đổi: 0", "bỏ: 0"} <= set(shown)
    assert shown[-1] == "Đã nạp thành bản nháp. Chạy `.venv/bin/python -m faq publish` để công bố."


def test_import_of_broken_files_drafts_nothing(faq: Run, shipped_copy: Path) -> None:
    faq("migrate")
    (shipped_copy / "vneid.yml").write_text("topic: vneid\nentries: [", "utf-8")

    first, last = said(faq("import", "--yes", shipped_copy), 1)

    assert first.startswith("[LỖI] vneid.yml · dòng ")
    assert last == "1 chỗ phải sửa trước."


def test_publishing_without_nlu_says_how_to_start_it(faq: Run) -> None:
    faq("migrate")
    faq("import", "--yes")

    *_, last = said(faq("publish"), 1)

    assert last.startswith("Máy hiểu ngôn ngữ (NLU) không trả lời: ")
    assert last.endswith("Chạy `make nlu` rồi thử lại.")


@pytest.mark.parametrize("target", ["out", "out.xlsx"])
def test_export_before_the_first_release_says_so(faq: Run, target: str) -> None:
    faq("migrate")

    assert said(faq("export", target), 1) == ["Chưa có bản nào đang chạy. Chạy `make setup` trước."]


def test_rollback_without_a_past_release_says_so(faq: Run) -> None:
    faq("migrate")

    assert said(faq("rollback"), 1) == ["Không có bản công bố nào để quay lại (chưa có bản trước)."]
    assert said(faq("rollback", "2020-01-01.1"), 1) == ["Không có bản công bố nào để quay lại (2020-01-01.1)."]


@pytest.mark.rasa
def test_what_is_exported_is_what_is_live(faq: Run, rasa: RunningRasa, tmp_path: Path, spoken: Faq) -> None:
    url = rasa.database_url

    assert said(faq("export", "out", DATABASE_URL=url), 0) == [f"Đã xuất {len(spoken.entries)} mục ra out."]
    assert said(faq("export", "out.xlsx", DATABASE_URL=url), 0) == [f"Đã xuất {len(spoken.entries)} mục ra out.xlsx."]
    assert pieces(ContentFiles(tmp_path / "out").read()) == pieces(spoken)
    assert pieces(read_xlsx(tmp_path / "out.xlsx", spoken)) == pieces(spoken)
    for source in ("out", "out.xlsx"):
        assert said(faq("import", "--yes", source, DATABASE_URL=url), 0) == [
            "Không có gì khác với bản đang chạy. Bản nháp cũ, nếu có, đã được bỏ."
        ]


@pytest.mark.rasa
def test_no_excel_file_is_one_sentence(faq: Run, rasa: RunningRasa, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("x")

    assert said(faq("import", "--yes", "a.xlsx", DATABASE_URL=rasa.database_url), 1) == [
        "[LỖI] a.xlsx: không phải tệp Excel (.xlsx)",
        "1 chỗ phải sửa trước.",
    ]


@pytest.mark.rasa
def test_releases_are_listed(faq: Run, rasa: RunningRasa) -> None:
    table = "\n".join(said(faq("releases", DATABASE_URL=rasa.database_url), 0))

    assert rasa.published.release in table
    assert "đang chạy" in table


def test_booklet_is_printed_from_what_the_product_ships_until_something_is_live(faq: Run, tmp_path: Path) -> None:
    lines = said(faq("booklet", "--out", tmp_path / "stick"), 0)

    assert lines[0] == "Chưa đọc được bản nào đang chạy: in bộ hỏi đáp kèm theo phần mềm."
    assert [line.partition(" (")[0] for line in lines[1:]] == [
        f"Đã in ra {tmp_path}/stick/so-tay-dich-vu-cong.pdf",
        f"Đã in ra {tmp_path}/stick/so-tay-dich-vu-cong.html",
    ]
    assert (tmp_path / "stick/so-tay-dich-vu-cong.pdf").read_bytes().startswith(b"%PDF-")
