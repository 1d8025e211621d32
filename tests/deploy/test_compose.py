"""docker-compose.yml: nothing reaches in but through the proxy, and nothing runs with more than it needs."""

import ast
import importlib
import re
from typing import Any

import pytest

from tests.deploy.files import ROOT, MissingVariableError, compose, fill_in, image, variables

SERVICES: dict[str, Any] = compose()["services"]
ONE_SHOT = {"prepare"}
OURS = {"nlu", "prepare", "bot", "office", "proxy"}
REQUIRED = dict.fromkeys(("NLU_TOKEN", "POSTGRES_PASSWORD", "SECRET_KEY", "SITE_DOMAIN", "TELEGRAM_BOT_TOKEN"), "x") | {
    "TELEGRAM_WEBHOOK_SECRET": "x"
}
each = pytest.mark.parametrize("name", SERVICES)


def test_the_services_are_those_of_the_design() -> None:
    assert set(SERVICES) == {"db", "nlu", "prepare", "bot", "office", "proxy"}


def test_only_the_proxy_publishes_ports() -> None:
    assert {name: service.get("ports") for name, service in SERVICES.items() if service.get("ports")} == {
        "proxy": ["80:8080", "443:8443"]
    }


@each
def test_each_service_runs_with_little(name: str) -> None:
    service = SERVICES[name]

    uid, _, gid = service["user"].partition(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & set(service)


@each
def test_each_service_has_limits_and_rotated_logs(name: str) -> None:
    service = SERVICES[name]

    assert service["mem_limit"]
    assert service["pids_limit"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@each
def test_each_service_is_watched_or_runs_once(name: str) -> None:
    service = SERVICES[name]

    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert ("healthcheck" in service) == (name not in ONE_SHOT)


@each
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        once = needed in ONE_SHOT
        assert how == {"condition": "service_completed_successfully" if once else "service_healthy"}


@each
def test_images_are_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9./-]+:\d+\.\d+[\w.-]*", SERVICES[name]["image"])
    assert ("build" in SERVICES[name]) == (name in OURS)


@each
def test_volumes_networks_and_build_files_exist(name: str) -> None:
    whole, service = compose(), SERVICES[name]

    assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(whole["volumes"])
    assert set(service["networks"]) <= set(whole["networks"])
    if "build" in service:
        assert (ROOT / service["build"]["dockerfile"]).is_file()


def test_database_and_nlu_stand_on_networks_without_a_way_out() -> None:
    networks = compose()["networks"]

    closed = {name for name, network in networks.items() if network.get("internal")}
    outside = {name for name, service in SERVICES.items() if not set(service["networks"]) <= closed}
    assert outside == {"bot", "proxy"}
    assert not set(SERVICES["db"]["networks"]) & set(SERVICES["nlu"]["networks"])
    assert not set(SERVICES["proxy"]["networks"]) & {*SERVICES["db"]["networks"], *SERVICES["nlu"]["networks"]}


def test_whoever_names_a_service_shares_a_network_with_it() -> None:
    for name, service in SERVICES.items():
        for value in service.get("environment", {}).values():
            for host in re.findall(r"(?:@|//)(db|nlu):\d+", str(value)):
                assert set(service["networks"]) & set(SERVICES[host]["networks"]), (name, host)


def test_models_lie_at_the_same_path_for_those_who_speak_of_them() -> None:
    mounts = {
        name: [volume for volume in service["volumes"] if volume.startswith("models:")]
        for name, service in SERVICES.items()
    }

    writable = ["models:/service/var/models"]
    assert {name: found for name, found in mounts.items() if found} == {
        "nlu": ["models:/service/var/models:ro"],
        "prepare": writable,
        "bot": writable,
        "office": writable,
    }
    assert SERVICES["nlu"]["user"] == SERVICES["office"]["user"]
    assert SERVICES["office"]["environment"]["VAR_DIR"] == "/service/var"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_variable_is_told_in_a_sentence(name: str) -> None:
    with pytest.raises(MissingVariableError, match=f"Hãy điền {name} trong .env"):
        fill_in(compose(), REQUIRED | {name: ""})


def test_all_else_has_a_default() -> None:
    filled = fill_in(compose(), REQUIRED)

    assert filled["services"]["bot"]["environment"]["TELEGRAM_API_URL"] == "https://api.telegram.org"
    assert filled["services"]["bot"]["environment"]["TELEGRAM_WEBHOOK_URL"] == ""
    assert "$" not in str(filled)
    assert variables() == {
        *REQUIRED,
        "KEEP_TEXT_DAYS",
        "ONE_PERSON_OFFICE",
        "TELEGRAM_API_URL",
        "TELEGRAM_BOT_NAME",
        "TELEGRAM_WEBHOOK_URL",
    }


def test_settings_given_to_the_service_are_known_to_it() -> None:
    from bot.settings import BotSettings
    from web.settings import WebSettings

    for name, settings in (("prepare", WebSettings), ("office", WebSettings), ("bot", BotSettings)):
        known = {field.upper() for field in settings.model_fields}
        assert set(SERVICES[name]["environment"]) - known <= {"FORWARDED_ALLOW_IPS"}


@pytest.mark.parametrize("name", sorted(OURS - {"proxy"}))
def test_commands_exist(name: str) -> None:
    service = SERVICES[name]
    commands = [service["command"]]
    if "healthcheck" in service:
        commands.append(service["healthcheck"]["test"][1:])
    there = {f"{target}{source.rpartition('/')[2]}" for sources, target in _copied(service) for source in sources}
    for program, first, *rest in commands:
        if first == "-m":
            assert importlib.util.find_spec(f"{rest[0]}.__main__")
        else:
            assert program in {"sh", "python"}
            assert first in there
            assert (ROOT / first).is_file()


@pytest.mark.parametrize("name", ["bot", "office"])
def test_programs_take_these_arguments(name: str) -> None:
    _, _, module, *arguments = SERVICES[name]["command"]

    importlib.import_module(f"{module}.__main__")._parser().parse_args(arguments)


def test_the_preparation_runs_commands_that_the_faq_has() -> None:
    from faq.__main__ import _parser

    lines = re.findall(r"python -m faq (.+)$", (ROOT / "deploy/prepare.sh").read_text("utf-8"), re.MULTILINE)
    assert [_parser().parse_args(line.replace('"', "").split(maxsplit=2)).command for line in lines] == [
        "migrate",
        "fill",
    ]


def test_health_is_asked_of_parts_that_the_script_knows() -> None:
    tree = ast.parse((ROOT / "deploy/health.py").read_text("utf-8"))
    parts = next(
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PARTS"
    )
    asked = {
        service["healthcheck"]["test"][-1]
        for service in SERVICES.values()
        if "deploy/health.py" in service.get("healthcheck", {}).get("test", [])
    }
    assert isinstance(parts, ast.Dict)
    assert asked == {ast.literal_eval(key) for key in parts.keys if key}


def _copied(service: dict[str, Any]) -> list[tuple[list[str], str]]:
    name = service["build"]["dockerfile"].rpartition("/")[2].partition(".")[0]
    return [copy for copy in image(name).copies if copy[1] == "deploy/"]
