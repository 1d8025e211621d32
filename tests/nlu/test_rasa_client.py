"""The client against answers as Rasa gives them, and against answers that it should never give."""

import json
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from nlu.rasa_client import (
    Judged,
    NluAwayError,
    NluUnavailableError,
    NoModelError,
    RasaClient,
    RasaServers,
    TrainingFailedError,
    nlu_at,
)
from nlu.training_set import Example, TrainingSet
from nlu.understanding import Guess, Understanding

SECRET = "tôi tên Nguyễn Văn Bí Mật"
PARSED = {
    "text": "x",
    "intent": {"name": "a.b", "confidence": 0.7},
    "entities": [],
    "intent_ranking": [{"name": "c.d", "confidence": 0.3}, {"name": "a.b", "confidence": 0.7}],
    "model_id": "m1",
}
RANKING = [{"name": "a.b", "confidence": 0.9}, {"name": "c.d", "confidence": 0.1}]
JUDGED = {
    "intent_evaluation": {
        "predictions": [
            {"text": "một", "intent": "a.b", "predicted": "a.b", "confidence": 0.9, "ranking": RANKING},
            {"text": "hai", "intent": "a.b", "predicted": None, "confidence": None},
        ]
    }
}
SET = TrainingSet((Example("a.b", "một"),), {"version": "3.1", "pipeline": []})

Answer = Callable[[httpx.Request], httpx.Response]
Act = Callable[[RasaClient, Path], Any]

ACTS: dict[str, Act] = {
    "parse": lambda client, _folder: client.parse(SECRET),
    "live_model": lambda client, _folder: client.live_model(),
    "judge": lambda client, folder: client.judge(folder / "m.tar.gz", [Example("a.b", "một")]),
    "switch": lambda client, folder: client.switch(folder / "m.tar.gz"),
    "train": lambda client, folder: client.train(SET, folder / "new.tar.gz"),
}
READING = {name: act for name, act in ACTS.items() if name in {"parse", "live_model", "judge"}}


class Server:
    """Gives the answer it was told to give, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _request: httpx.Response(200, json={})
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answer(request)

    def says(self, status: int, **content: Any) -> None:
        self.answer = lambda _request: httpx.Response(status, **content)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[RasaClient]:
    http = httpx.AsyncClient(base_url="http://rasa", transport=httpx.MockTransport(server))
    async with RasaClient(http) as client:
        yield client


async def test_all_intents_come_back_likeliest_first(server: Server, client: RasaClient) -> None:
    server.says(200, json=PARSED)

    understanding = await client.parse("[x]\n/y")

    assert understanding.guesses == (Guess("a.b", 0.7), Guess("c.d", 0.3))
    assert understanding.model == "m1"
    assert (server.asked[0].url.path, server.asked[0].content) == ("/model/parse", b'{"text":"(x) /y"}')


@pytest.mark.parametrize("ranking", [[], None, [{"name": None, "confidence": 0.0}]])
async def test_sentence_without_any_intent_is_no_guess(server: Server, client: RasaClient, ranking: Any) -> None:
    server.says(200, json={**PARSED, "intent_ranking": ranking})

    assert (await client.parse("x")).best is None


async def test_broken_character_is_no_crash(server: Server, client: RasaClient) -> None:
    server.says(200, json=PARSED)

    assert (await client.parse("vỡ \ud83d")).best == Guess("a.b", 0.7)


async def test_judgement_of_each_sentence_comes_back(server: Server, client: RasaClient, tmp_path: Path) -> None:
    server.says(200, json=JUDGED)

    judged = await client.judge(tmp_path / "m.tar.gz", [Example("a.b", "một"), Example("a.b", "hai")])

    both = Understanding((Guess("a.b", 0.9), Guess("c.d", 0.1)))
    assert judged == (Judged("một", "a.b", "a.b", 0.9, both), Judged("hai", "a.b", "", 0.0))
    assert server.asked[0].url.params["model"] == str(tmp_path / "m.tar.gz")
    assert server.asked[0].headers["content-type"] == "application/x-yaml"


async def test_live_model_is_named(server: Server, client: RasaClient) -> None:
    server.says(200, json={"model_file": "/app/models/abc.tar.gz", "fingerprint": {}})

    assert await client.live_model() == "abc.tar.gz"


async def test_trained_model_is_written_whole(server: Server, client: RasaClient, tmp_path: Path) -> None:
    server.says(200, content=b"model")

    written = await client.train(SET, tmp_path / "models/new.tar.gz")

    assert written.read_bytes() == b"model"
    assert [p.name for p in written.parent.iterdir()] == ["new.tar.gz"]
    assert yaml.safe_load(server.asked[0].content)["intents"] == ["a.b"]


@pytest.mark.parametrize("status", [400, 500])
async def test_training_that_fails_says_why(server: Server, client: RasaClient, tmp_path: Path, status: int) -> None:
    server.says(status, json={"reason": "TrainingError", "message": "no pipeline"})

    with pytest.raises(TrainingFailedError, match=f"HTTP {status} TrainingError: no pipeline"):
        await client.train(SET, tmp_path / "new.tar.gz")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("act", ["parse", "live_model", "judge", "switch"])
async def test_no_model_yet_is_said(server: Server, client: RasaClient, tmp_path: Path, act: str) -> None:
    server.says(409, json={"reason": "Conflict", "message": "No agent loaded."})

    with pytest.raises(NoModelError):
        await ACTS[act](client, tmp_path)


@pytest.mark.parametrize("act", ["parse", "live_model", "judge", "switch"])
@pytest.mark.parametrize(
    "content", [{"json": {"reason": "ParsingError", "message": SECRET}}, {"text": SECRET}, {"json": [SECRET]}, {}]
)
async def test_error_of_the_server_is_unavailability(
    server: Server, client: RasaClient, tmp_path: Path, act: str, content: dict[str, Any]
) -> None:
    server.says(500, **content)

    with pytest.raises(NluUnavailableError, match="HTTP 500") as caught:
        await ACTS[act](client, tmp_path)

    assert act != "parse" or "Bí Mật" not in str(caught.value)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError(f"refused {SECRET}"),
        httpx.ReadTimeout(f"slow {SECRET}"),
        httpx.PoolTimeout("full"),
        httpx.RemoteProtocolError("not HTTP"),
        httpx.DecodingError("not gzip"),
    ],
)
async def test_silence_is_unavailability(
    server: Server, client: RasaClient, tmp_path: Path, act: str, error: httpx.HTTPError
) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    server.answer = fail

    with pytest.raises(NluUnavailableError) as caught:
        await ACTS[act](client, tmp_path)

    assert type(error).__name__ in str(caught.value)
    assert "Bí Mật" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("act", READING)
@pytest.mark.parametrize(
    "content",
    [
        {"content": b"<html>" + SECRET.encode()},
        {"content": b"\xff\xfe"},
        {"content": b""},
        {"json": None},
        {"json": [1]},
        {"json": "x"},
        {"json": {"intent_ranking": [1], "intent_evaluation": 1}},
        {"json": {"intent_ranking": {"a": SECRET}, "intent_evaluation": {"predictions": [{}]}}},
        {"json": {"intent_ranking": [{"name": "a", "confidence": SECRET}], "intent_evaluation": {"predictions": 3}}},
        {"json": {"intent_ranking": [{"name": "a"}], "intent_evaluation": {"predictions": [SECRET]}}},
    ],
)
async def test_unreadable_answer_is_unavailability(
    server: Server, client: RasaClient, tmp_path: Path, act: str, content: dict[str, Any]
) -> None:
    server.says(200, **content)

    with pytest.raises(NluUnavailableError) as caught:
        await READING[act](client, tmp_path)

    assert "Bí Mật" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_server_answers_or_not(server: Server, client: RasaClient) -> None:
    assert await client.answers()

    server.says(500)
    assert not await client.answers()

    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    server.answer = refuse
    assert not await client.answers()


async def test_cut_connection_is_tried_once_more_for_reading_only(server: Server, client: RasaClient) -> None:
    def cut(_request: httpx.Request) -> httpx.Response:
        server.says(200, json=PARSED)
        raise httpx.RemoteProtocolError("Server disconnected")

    server.answer = cut
    assert (await client.parse("x")).best == Guess("a.b", 0.7)
    assert len(server.asked) == 2

    server.answer = cut
    with pytest.raises(NluAwayError):
        await client.switch(Path("/m.tar.gz"))


async def test_model_is_known_by_its_number_under_another_name(
    server: Server, client: RasaClient, tmp_path: Path
) -> None:
    metadata = tmp_path / "metadata.json"
    metadata.write_text(json.dumps({"model_id": "7"}))
    with tarfile.open(tmp_path / "new.tar.gz", "w:gz") as archive:
        archive.add(metadata, "metadata.json")
    (tmp_path / "broken.tar.gz").write_text("nothing")

    server.says(200, json={"model_file": "/models/live.tar.gz", "model_id": "7"})

    assert await client.has(tmp_path / "new.tar.gz")
    assert await client.has(tmp_path / "live.tar.gz")
    assert not await client.has(tmp_path / "broken.tar.gz")
    assert not await client.has(tmp_path / "gone.tar.gz")


class Pair:
    """Two servers behind one client."""

    def __init__(self) -> None:
        self.servers = (Server(), Server())
        transports = (httpx.MockTransport(server) for server in self.servers)
        self.client = RasaServers(
            [RasaClient(httpx.AsyncClient(base_url="http://rasa", transport=transport)) for transport in transports]
        )
        for server in self.servers:
            server.says(200, json=PARSED)

    def goes_away(self, number: int) -> None:
        def nothing(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        self.servers[number].answer = nothing

    @property
    def asked(self) -> tuple[int, ...]:
        return tuple(len(server.asked) for server in self.servers)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = Pair()
    async with pair.client:
        yield pair


async def test_second_server_is_asked_only_when_the_first_is_away(pair: Pair) -> None:
    await pair.client.parse("x")
    assert pair.asked == (1, 0)

    pair.goes_away(0)
    assert (await pair.client.parse("x")).best == Guess("a.b", 0.7)
    assert pair.asked == (2, 1)

    pair.goes_away(1)
    with pytest.raises(NluAwayError):
        await pair.client.parse("x")
    assert not await pair.client.answers()


async def test_all_servers_switch_and_one_that_is_away_is_left_for_later(pair: Pair) -> None:
    await pair.client.switch(Path("/m.tar.gz"))
    assert pair.asked == (1, 1)

    pair.goes_away(1)
    await pair.client.switch(Path("/m.tar.gz"))
    pair.goes_away(0)
    with pytest.raises(NluAwayError):
        await pair.client.switch(Path("/m.tar.gz"))


async def test_switch_that_one_server_refuses_is_refused(pair: Pair) -> None:
    pair.servers[1].says(400, json={"reason": "BadRequest"})

    with pytest.raises(NluUnavailableError, match="BadRequest"):
        await pair.client.switch(Path("/m.tar.gz"))


async def test_addresses_make_one_server_or_several() -> None:
    async with nlu_at("http://a") as one, nlu_at("http://a", " http://b, http://c ,", "token") as several:
        assert (len(one.servers), len(several.servers)) == (1, 3)
