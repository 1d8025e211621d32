"""The real proxy: Caddy with the shipped Caddyfile, on loopback."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.deploy.files import ROOT

CADDYFILE = ROOT / "deploy/Caddyfile"
START_SECONDS = 30


@dataclass(frozen=True)
class Proxy:
    """A running Caddy."""

    https: str
    http: str
    log: Path
    root_certificate: Path

    def client(self) -> httpx.Client:
        """Return a client that trusts this Caddy's own authority and nobody else."""
        return httpx.Client(
            base_url=self.https, verify=ssl.create_default_context(cafile=self.root_certificate), trust_env=False
        )


Proxying = Callable[..., contextlib.AbstractContextManager[Proxy]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def caddy() -> str:
    found = shutil.which("caddy")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("CI must have Caddy (Debian: caddy)")
        pytest.skip("bỏ qua: chưa có Caddy (Debian: caddy)")
    return found


@contextlib.contextmanager
def running_proxy(
    caddy: str, folder: Path, *, office: str, bot: str, caddyfile: Path = CADDYFILE, https_port: int | None = None
) -> Iterator[Proxy]:
    """Start Caddy in front of an office and a bot."""
    ports = {name: free_port() for name in ("HTTP_PORT", "HTTPS_PORT", "HEALTH_PORT")}
    ports["HTTPS_PORT"] = https_port or ports["HTTPS_PORT"]
    environment = {
        **os.environ,
        **{name: str(port) for name, port in ports.items()},
        "SITE_DOMAIN": "localhost",
        "OFFICE_UPSTREAM": office,
        "BOT_UPSTREAM": bot,
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }
    command = [caddy, "run", "--config", str(caddyfile), "--adapter", "caddyfile"]
    log = folder / "caddy.log"
    certificate = folder / "data/caddy/pki/authorities/local/root.crt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            proxy = Proxy(
                f"https://localhost:{ports['HTTPS_PORT']}", f"http://localhost:{ports['HTTP_PORT']}", log, certificate
            )
            _wait_until_well(process, f"http://127.0.0.1:{ports['HEALTH_PORT']}/", proxy)
            yield proxy
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_well(process: "subprocess.Popen[bytes]", health: str, proxy: Proxy) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError, OSError):
            if httpx.get(health, trust_env=False).text == "ok":
                with proxy.client() as client:
                    client.get("/")
                return
        time.sleep(0.1)
    pytest.fail(f"Caddy did not start:\n{proxy.log.read_text('utf-8')}")
