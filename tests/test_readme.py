"""README, help texts and code agree."""

import re
import tomllib

import pytest

from bot.settings import BotSettings
from faq.settings import Settings
from service.environments import ROOT
from stats.endings import Ending
from web.settings import WebSettings

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table_and_every_row_is_a_setting() -> None:
    told = set(re.findall(r"`([A-Z][A-Z_]+)`", README.partition("| Biến |")[2].partition("\n\n")[0]))
    known = {name.upper() for model in (Settings, BotSettings, WebSettings) for name in model.model_fields}

    assert told == known


@pytest.mark.parametrize("room", ["bot", "web", "dialogue", "stats", "faq", "nlu", "nlu/server", "service", "deploy"])
def test_map_names_rooms_that_exist(room: str) -> None:
    assert (ROOT / room).is_dir()
    assert f"{room}/" in README


def test_import_order_is_the_one_that_is_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    assert " → ".join(layers) in README


def test_words_name_every_ending() -> None:
    assert all(f"`{ending}`" in README for ending in Ending)


def test_pictures_exist() -> None:
    pictures = re.findall(r"!\[[^]]*]\(([^)]+)\)", README)

    assert pictures
    assert all((ROOT / picture).exists() for picture in pictures)


def test_make_targets_in_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z-]+)`", README)) | set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE))

    assert targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
