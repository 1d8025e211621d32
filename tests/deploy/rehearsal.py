"""What `docker compose up` does, without Docker: the same commands, settings and order, on loopback addresses.

`python -m tests.deploy.rehearsal SERVICE_PACKAGES NLU_PACKAGES`: two environments made by deploy/make-environment.sh.
Real PostgreSQL, Rasa, pages, bot and Caddy; only Telegram is played (tests/telegram). What it does not try is Docker
itself: base images, users, read-only file systems, networks.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from faq.content_files import ContentFiles
from service.environments import ROOT
from tests.deploy.conftest import free_port, running_proxy
from tests.deploy.files import compose, fill_in, image
from tests.fewer import with_fewer_examples
from tests.telegram.server import TOKEN, TelegramServer

SECONDS = {"nlu": 180, "office": 60, "bot": 60}
SECRETS = {
    "POSTGRES_PASSWORD": "ab12" * 16,
    "NLU_TOKEN": "ab34" * 16,
    "SECRET_KEY": "cd34" * 16,
    "TELEGRAM_WEBHOOK_SECRET": "ef56" * 16,
}
QUESTION = "lam can cuoc lan dau can giay to gi"


class RehearsalError(Exception):
    """A part did not do what it must."""


def _shorten(room: Path) -> None:
    """Give the service a copy of the FAQ with the tests' sentences, whose vectors are known by now.

    What is rehearsed is the way, not the training.
    """
    original = room.resolve(strict=True)
    room.unlink()  # a link: the repository's own files must not be written
    shutil.copytree(original, room, ignore=shutil.ignore_patterns("__pycache__"))
    files = ContentFiles(room / "content")
    files.write(with_fewer_examples(files.read()))


class Stage:
    """One rehearsal: a folder, the compose file with values filled in, and the ports that stand for its hosts."""

    def __init__(self, folder: Path, packages: dict[str, Path], values: dict[str, str]) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("db", "nlu", "office", "bot", "https")}
        site = f"localhost:{self.ports['https']}"
        self._values = values | {"TELEGRAM_BOT_TOKEN": TOKEN, "SITE_DOMAIN": site}
        self._packages = packages
        (folder / "var/models").mkdir(parents=True)
        (folder / "var").chmod(0o755)
        self._folders = {name: image(name).lay_out(folder / name) for name in packages}
        _shorten(self._folders["service"] / "faq")

    def service(self, name: str, **values: str) -> dict[str, Any]:
        """Return a service of the compose file, ready for loopback."""
        return fill_in(compose(), self._values | values)["services"][name]

    def run(self, name: str, command: list[str], **values: str) -> "subprocess.Popen[bytes]":
        """Start a command of a service as its container would."""
        packages = self._packages["nlu" if name == "nlu" else "service"]
        folder = self._folders["nlu" if name == "nlu" else "service"]
        kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "SSL_CERT_FILE"}}
        environment = kept | (self._image_environment() if name == "nlu" else {})
        environment |= self._on_loopback(self.service(name, **values).get("environment", {}))
        environment |= {"PATH": f"{packages}/bin:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    @contextlib.contextmanager
    def up(self, name: str, **values: str) -> Iterator[None]:
        """Start a service, wait until its health check says so, and stop it with its own signal."""
        service = self.service(name, **values)
        began = time.monotonic()
        process = self.run(name, service["command"], **values)
        try:
            while self.run(name, service["healthcheck"]["test"][1:], **values).wait() != 0:
                if process.poll() is not None or time.monotonic() - began > SECONDS[name]:
                    raise RehearsalError(f"{name} is not well:\n{self.log(name)}")
                time.sleep(0.5)
            say(f"{name} is well after {time.monotonic() - began:.1f} s")
            yield
        finally:
            process.send_signal(2 if service.get("stop_signal") == "SIGINT" else 15)
            status = process.wait(20)
        if status not in {0, -15}:
            raise RehearsalError(f"{name} stopped with {status}:\n{self.log(name)}")

    def log(self, name: str) -> str:
        """Return the end of what a service printed."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")[-3000:]

    def _image_environment(self) -> dict[str, str]:
        here = {"PYTHONPATH": str(self._folders["nlu"]), "MODELS": str(self.folder / "var/models")}
        here |= {"RASA_CACHE_DIRECTORY": str(self.folder / "rasa-cache"), "HOME": str(self.folder)}
        here |= {"NLU_CACHE": str(ROOT / "var/vectors")}  # sentences of the tests need no second reading
        return image("nlu").environment | here | {"NLU_HOST": "127.0.0.1", "NLU_PORT": str(self.ports["nlu"])}

    def _on_loopback(self, environment: dict[str, str]) -> dict[str, str]:
        here = {
            "@db:5432": f"@127.0.0.1:{self.ports['db']}",
            "//nlu:5005": f"//127.0.0.1:{self.ports['nlu']}",
            "/service/var": str(self.folder / "var"),
            "0.0.0.0": "127.0.0.1",
        }
        moved = dict(environment)
        for name in environment:
            for there, replacement in here.items():
                moved[name] = moved[name].replace(there, replacement)
        ports = {"WEB_PORT": "office", "TELEGRAM_WEBHOOK_PORT": "bot"}
        return moved | {name: str(self.ports[part]) for name, part in ports.items() if name in moved}


def say(text: str) -> None:
    """Print a line of the rehearsal."""
    print(f"  {text}", flush=True)


@contextlib.contextmanager
def database(stage: Stage) -> Iterator[None]:
    """Run a PostgreSQL with the compose file's user, password and database."""
    settings = stage.service("db")["environment"]
    folder = stage.folder / "db"
    folder.mkdir()
    as_user = []
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "env", "HOME=/tmp"]
    password = folder.with_name("password")
    password.write_text(settings["POSTGRES_PASSWORD"])
    password.chmod(0o644)
    make = ["initdb", "-D", f"{folder}/data", f"--username={settings['POSTGRES_USER']}", "--auth-local=trust"]
    make += [*settings["POSTGRES_INITDB_ARGS"].split(), f"--pwfile={password}", "--encoding=UTF8"]
    _run([*as_user, _program("initdb"), *make[1:]])
    options = f"-p {stage.ports['db']} -k {folder} -c listen_addresses=127.0.0.1"
    control = [*as_user, _program("pg_ctl"), "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
    _run([*control, "-o", options, "start"])
    try:
        address = ["-h", str(folder), "-p", str(stage.ports["db"]), "-U", settings["POSTGRES_USER"]]
        _run([_program("createdb"), *address, settings["POSTGRES_DB"]])
        ready = stage.service("db")["healthcheck"]["test"][1:]
        _run([_program(ready[0]), *ready[1:], f"--port={stage.ports['db']}"])
        yield
    finally:
        _run([*control, "-m", "fast", "stop"])


def _run(command: list[str]) -> None:
    # Not from here: PostgreSQL's user may not look into this folder.
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd="/")


def _program(name: str) -> str:
    found = shutil.which(name) or next(map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    if found is None:
        raise RehearsalError(f"{name} is missing (Debian: postgresql)")
    return found


def prepare(stage: Stage) -> None:
    """Run the one-shot preparation."""
    began = time.monotonic()
    if stage.run("prepare", stage.service("prepare")["command"]).wait(900) != 0:
        raise RehearsalError(f"prepare failed:\n{stage.log('prepare')}")
    say(f"prepared in {time.monotonic() - began:.1f} s")


async def serve(stage: Stage, caddy: str) -> None:
    """Let a citizen ask by webhook through Caddy, then by polling; let staff's first link in through Caddy."""
    proxied = running_proxy(
        caddy,
        stage.folder,
        office=f"127.0.0.1:{stage.ports['office']}",
        bot=f"127.0.0.1:{stage.ports['bot']}",
        https_port=stage.ports["https"],
    )
    async with TelegramServer() as telegram:
        lan = telegram.citizen("Lan")
        with stage.up("office"), proxied as proxy:
            first_link(stage, proxy.client())
            ways = {"webhook": f"{proxy.https}/telegram", "polling": ""}
            for way, url in ways.items():
                values = {"TELEGRAM_API_URL": telegram.url, "TELEGRAM_WEBHOOK_URL": url}
                # The played Telegram runs in this process: the loop must not be held up while the bot starts.
                up = stage.up("bot", **values)
                await asyncio.to_thread(up.__enter__)
                try:
                    await lan.says(QUESTION)
                    [answer, *_] = await lan.sees(1)
                finally:
                    await asyncio.to_thread(up.__exit__, None, None, None)
                say(f"by {way}: {QUESTION!r} -> {answer.text.splitlines()[0]!r}")
        if telegram.breaches:
            raise RehearsalError(f"the Bot API was misused: {telegram.breaches}")


def first_link(stage: Stage, browser: httpx.Client) -> None:
    """Make the administrator's one-time link as the README says, and open it through the proxy."""
    if stage.run("office", ["python", "-m", "web", "link"]).wait(60) != 0:
        raise RehearsalError(f"no link:\n{stage.log('office')}")
    link = stage.log("office").strip().splitlines()[-1]
    with browser:
        page = browser.get(link)
        if page.status_code != httpx.codes.OK or "csrf" not in page.text:
            raise RehearsalError(f"the link {link} does not open: {page.status_code}")
        token = page.text.split('name="csrf" value="')[1].split('"')[0]
        inside = browser.post(link, data={"csrf": token}, follow_redirects=True)
        health = browser.get("/suc-khoe").json()
    if inside.status_code != httpx.codes.OK or "/dang-xuat" not in inside.text:
        raise RehearsalError(f"the link does not let in: {inside.status_code}")
    if health != {"ok": True, "database": True, "nlu": True}:
        raise RehearsalError(f"the office is not well: {health}")
    say("the first link lets the administrator in through the proxy")


def main(service: Path, nlu: Path) -> None:
    """Rehearse a first start, a second preparation, and a restart of the NLU server with the published model."""
    caddy = shutil.which("caddy")
    if caddy is None:
        raise RehearsalError("Caddy is missing (Debian: caddy)")
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
    folder.chmod(0o755)
    try:
        stage = Stage(folder, {"service": service, "nlu": nlu}, SECRETS)
        with database(stage):
            with stage.up("nlu"):
                prepare(stage)
            with stage.up("nlu"):
                prepare(stage)
                asyncio.run(serve(stage, caddy))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
