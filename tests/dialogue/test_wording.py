"""Every word the bot says stands in both catalogues, and nothing else does."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import dialogue
from dialogue.wording import DOMAIN, FOLDER, LANGUAGES, wording

ROOMS = (Path(dialogue.__file__).parent, Path(dialogue.__file__).parents[1] / "bot")
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def said_in_code() -> set[str]:
    """Find what is passed to `words(...)`, `self._words(...)`, `wording(...)(...)`."""
    said = set()
    for path in (path for room in ROOMS for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and _speaks(node.func)
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                said.add(node.args[0].value)
    return said


def _speaks(function: ast.expr) -> bool:
    if isinstance(function, ast.Call):
        return _name(function.func) == "wording"
    return _name(function) in {"words", "_words", "marked"}


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue(language) if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_holds_what_the_code_says_and_no_more(language: str) -> None:
    assert set(messages(language)) == said_in_code()


def test_vietnamese_is_complete() -> None:
    assert [key for key, said in messages("vi").items() if not said.strip()] == []
    assert [str(message.id) for message in catalogue("vi") if message.fuzzy and message.id] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(language: str) -> None:
    for key, said in messages(language).items():
        assert set(PLACEHOLDER.findall(said or key)) == set(PLACEHOLDER.findall(key)), key


def test_vietnamese_is_another_text_than_the_key() -> None:
    assert [key for key, said in messages("vi").items() if key == said] == []


def test_language_nobody_has_is_vietnamese() -> None:
    assert wording("xx").language == "vi"
    assert wording("../en").language == "vi"
