"""The shipped Caddyfile, read and run by a real Caddy in front of the real pages."""

import asyncio
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from faq.database import Base, connect
from tests.deploy.conftest import CADDYFILE, Proxy, free_port, running_proxy
from tests.deploy.files import ROOT

SECRET = "a-secret-that-telegram-sends"


class Telegrams(ThreadingHTTPServer):
    """Stands where the bot's webhook stands, and remembers what came."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str, dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Take)


class _Take(BaseHTTPRequestHandler):
    server: Telegrams

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.command, self.path, dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def office_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The office's pages as the container runs them, with a SQLite file."""
    folder, port = tmp_path_factory.mktemp("office"), free_port()
    url = f"sqlite:///{folder}/service.db"
    asyncio.run(_make_tables(url))
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "NLU_URL": "http://127.0.0.1:9",
        "SECRET_KEY": "a secret for tests",
        "VAR_DIR": str(folder / "var"),
        "WEB_HOST": "127.0.0.1",
        "WEB_PORT": str(port),
        "WEB_ADDRESS": "https://hoidap.example/",
        "FORWARDED_ALLOW_IPS": "*",
    }
    command = [str(ROOT / ".venv/bin/python"), "-m", "web", "run"]
    with (folder / "office.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/suc-khoe", process, folder / "office.log")
            assert "https://hoidap.example\n" in (folder / "office.log").read_text("utf-8")
            health = [str(ROOT / ".venv/bin/python"), "deploy/health.py", "office"]
            assert subprocess.run(health, cwd=ROOT, env=environment, check=False).returncode == 0
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(15)


async def _make_tables(url: str) -> None:
    engine = connect(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, log.read_text("utf-8")
        threading.Event().wait(0.1)
    pytest.fail(f"the office did not start:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def bot() -> Iterator[Telegrams]:
    with Telegrams() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def proxy(caddy: str, office_address: str, bot: Telegrams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("caddy")
    with running_proxy(caddy, folder, office=office_address, bot=f"127.0.0.1:{bot.server_address[1]}") as running:
        yield running


@pytest.fixture
def visitor(proxy: Proxy) -> Iterator[httpx.Client]:
    with proxy.client() as client:
        yield client


def test_caddy_reads_the_file(caddy: str) -> None:
    environment = {**os.environ, "SITE_DOMAIN": "hoidap.example"}

    command = [caddy, "validate", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert '"level":"warn"' not in done.stderr


def test_pages_come_through_with_their_headers_and_tls(visitor: httpx.Client) -> None:
    answer = visitor.get("/dang-nhap")

    assert answer.status_code == 200
    assert "Mật khẩu" in answer.text
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_the_office_knows_that_the_visitor_came_by_https(visitor: httpx.Client) -> None:
    answer = visitor.get("/dang-nhap")

    assert "Secure" in answer.headers["set-cookie"]
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_forms_come_through_and_attempts_count_for_the_real_address(visitor: httpx.Client) -> None:
    page = visitor.get("/dang-nhap").text
    token = page.split('name="csrf" value="')[1].split('"')[0]

    form = {"csrf": token, "mat_khau": "sai"}
    answers = [
        visitor.post(
            "/dang-nhap", data={**form, "ten": f"nguoi{number}"}, headers={"X-Forwarded-For": f"203.0.113.{number}"}
        )
        for number in range(21)
    ]
    assert [answer.status_code for answer in answers] == [400] * 20 + [429]
    assert "không đúng" in answers[0].text


def test_plain_http_is_sent_to_https(proxy: Proxy) -> None:
    answer = httpx.get(f"{proxy.http}/dang-nhap", trust_env=False)

    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://localhost")


def test_telegram_reaches_the_bot_with_its_secret_and_the_bot_only(visitor: httpx.Client, bot: Telegrams) -> None:
    bot.came.clear()

    answer = visitor.post("/telegram", json={"update_id": 1}, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})

    assert answer.status_code == 200
    # What another test sent may arrive late.
    [(method, path, headers, _body)] = [came for came in bot.came if came[3] == b'{"update_id":1}']
    assert (method, path) == ("POST", "/telegram")
    assert headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
    assert headers["X-Forwarded-Proto"] == "https"
    assert visitor.post("/telegram/other", json={}).status_code in {404, 405}
    assert all(came[1] == "/telegram" for came in bot.came)


def test_large_bodies_are_refused(visitor: httpx.Client, bot: Telegrams) -> None:
    bot.came.clear()

    assert visitor.post("/telegram", content=b"x" * 2_000_000).status_code >= 400
    assert all(len(body) < 2_000_000 for *_, body in bot.came)


def test_a_workbook_comes_through_and_nothing_else_that_large(visitor: httpx.Client) -> None:
    token = visitor.get("/dang-nhap").text.split('name="csrf" value="')[1].split('"')[0]
    large = {"tep": ("a.xlsx", b"x" * 5_000_000)}

    sent = {path: visitor.post(path, data={"csrf": token}, files=large).status_code for path in ("/excel", "/faq")}

    assert sent["/excel"] == 303  # to the log-in: it reached the pages
    assert sent["/faq"] >= 400


def test_a_part_that_is_away_is_told_politely_and_logged_without_secrets(caddy: str, tmp_path: Path) -> None:
    gone = f"127.0.0.1:{free_port()}"
    # Only with debugging on does Caddy write down requests whose errors have a page of their own.
    talkative = tmp_path / "Caddyfile"
    talkative.write_text(CADDYFILE.read_text("utf-8").replace("admin off", "admin off\n\tdebug", 1), "utf-8")

    with (
        running_proxy(caddy, tmp_path, office=gone, bot=gone, caddyfile=talkative) as running,
        running.client() as client,
    ):
        page = client.get("/vao/mot-ma-dung-mot-lan", headers={"Cookie": "hd_phien=bi-mat"})
        client.post("/telegram", json={}, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})

    assert page.status_code == 502
    assert page.text.startswith("Trang đang tạm nghỉ")
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    log = running.log.read_text("utf-8")
    assert "connection refused" in log
    for private in ("mot-ma-dung-mot-lan", SECRET, "bi-mat"):
        assert private not in log
