"""The Dockerfiles: what they copy is there and is enough, and what they set is what `make run` sets."""

import fnmatch
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.parts import nlu_server, rasa_environment
from tests.deploy.files import DOCKERFILES, ROOT, Image, image

each = pytest.mark.parametrize("name", DOCKERFILES)
SERVICE_MODULES = (
    "bot.__main__",
    "web.__main__",
    "faq.__main__",
    "stats.__main__",
    "bot.application",
    "web.application",
)


@each
def test_bases_are_pinned(name: str) -> None:
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z]+(-[a-z]+)?", base) for base in image(name).bases)


@each
def test_the_last_word_on_the_user_is_not_root(name: str) -> None:
    assert image(name).user == "10001:10001"


@each
def test_what_is_copied_is_there_and_let_through(name: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}

    for sources, _ in image(name).copies:
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source.partition("/")[0] in let_through


def test_nothing_secret_or_large_is_let_into_an_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()

    assert "*" in ignored
    for secret in (".env", "var", ".git", ".venv", ".venv-nlu", "tests"):
        assert not any(fnmatch.fnmatch(secret, line[1:]) for line in ignored if line.startswith("!"))


@each
def test_scripts_that_are_run_were_copied_before(name: str) -> None:
    stage: list[str] = []
    for step in image(name).steps:
        if step.word == "FROM":
            stage = []
        if step.word == "COPY":
            *sources, target = step.rest.split()
            stage += [f"{target.removeprefix('./')}{Path(source).name}" for source in sources]
        if step.word == "RUN":
            assert all(script in stage for script in re.findall(r"\bsh (\S+\.sh)", step.rest))


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "deploy").glob("*.sh")))
def test_scripts_are_ones_a_plain_shell_reads(script: str) -> None:
    assert subprocess.run(["sh", "-n", ROOT / "deploy" / script], check=False).returncode == 0


def test_the_service_needs_nothing_that_its_image_does_not_hold(tmp_path: Path) -> None:
    folder = image("service").lay_out(tmp_path / "service")

    wanted = "; ".join(f"import {module}" for module in SERVICE_MODULES)
    code = f"import sys; sys.path.insert(0, ''); {wanted}; from faq.content_files import ContentFiles; ContentFiles().read()"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_nlu_server_is_set_as_by_make_run(tmp_path: Path) -> None:
    environment = image("nlu").environment

    assert rasa_environment() | {"PYTHONPATH": "/service"} == {name: environment[name] for name in rasa_environment()}
    script = " ".join((ROOT / "deploy/nlu.sh").read_text("utf-8").replace("\\\n", " ").split())
    flags = [word for word in nlu_server("0.0.0.0", 5005, tmp_path, token="x").command[1:] if word.startswith("-")]
    assert re.findall(r"(?<= )--?[a-z-]+(?= )", script.partition("exec python")[2]) == flags


def test_both_images_have_the_same_user_and_folders() -> None:
    for name in ("service", "nlu"):
        assert "sh deploy/make-user.sh" in [step.rest for step in image(name).last_stage if step.word == "RUN"]


@each
def test_a_dockerfile_has_no_more_words_than_these_tests_read(name: str) -> None:
    words = {step.word for step in Image.of(DOCKERFILES[name]).steps}

    assert words <= {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "CMD"}
