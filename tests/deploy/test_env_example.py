"""`.env.example` says what can be set, and `deploy/make-env.sh` makes a `.env` of it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import BotSettings
from service.preflight import check_env_file
from tests.deploy.files import ROOT, variables
from web.settings import WebSettings

EXAMPLE = ROOT / ".env.example"
SETTING = re.compile(r"^(#?)([A-Z][A-Z_]*)=(.*)$", re.MULTILINE)
FIELDS = {
    name.upper(): field for settings in (BotSettings, WebSettings) for name, field in settings.model_fields.items()
}
SECRETS = ("SECRET_KEY", "NLU_TOKEN", "POSTGRES_PASSWORD", "TELEGRAM_WEBHOOK_SECRET")


def settings() -> list[tuple[str, str, str]]:
    return SETTING.findall(EXAMPLE.read_text("utf-8"))


def test_every_setting_is_in_the_example_once_and_no_other() -> None:
    names = [name for _, name, _ in settings()]

    assert sorted(names) == sorted({*FIELDS, *variables()})


def test_commented_lines_show_the_default() -> None:
    for commented, name, value in settings():
        if commented:
            assert value == str(FIELDS[name].default), name
        else:
            assert value == "", name


def test_every_setting_is_explained() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()

    for number, line in enumerate(lines):
        if SETTING.match(line):
            assert lines[number - 1].startswith("# ") or SETTING.match(lines[number - 1]), line


def test_the_example_is_a_file_that_the_service_reads() -> None:
    check_env_file(EXAMPLE)

    assert WebSettings(_env_file=EXAMPLE).address == "http://127.0.0.1:8000"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    shutil.copy(EXAMPLE, tmp_path)
    shutil.copy(ROOT / "deploy/make-env.sh", tmp_path / "deploy")
    return tmp_path


def make_env(tree: Path) -> dict[str, str]:
    subprocess.run(["sh", "deploy/make-env.sh"], cwd=tree, check=True, capture_output=True)
    return {name: value for commented, name, value in SETTING.findall((tree / ".env").read_text()) if not commented}


def test_secrets_are_made_once_and_kept(tree: Path) -> None:
    first = make_env(tree)

    assert all(re.fullmatch("[0-9a-f]{64}", first[name]) for name in SECRETS)
    assert len({first[name] for name in SECRETS}) == len(SECRETS)
    assert (tree / ".env").stat().st_mode & 0o777 == 0o600
    assert make_env(tree) == first


def test_what_is_in_an_env_already_is_kept(tree: Path) -> None:
    (tree / ".env").write_text("SECRET_KEY=old\nSITE_DOMAIN=hoidap.example")

    made = make_env(tree)

    assert made["SECRET_KEY"] == "old"
    assert made["SITE_DOMAIN"] == "hoidap.example"
    assert set(made) == {*SECRETS, "SITE_DOMAIN"}
