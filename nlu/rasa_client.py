"""The only code that speaks Rasa's HTTP API."""

import asyncio
import functools
import json
import logging
import tarfile
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from nlu.training_set import Example, TrainingSet, plain, sentences_as_yaml
from nlu.understanding import Guess, Understanding

log = logging.getLogger(__name__)
T = TypeVar("T")

PARSE_SECONDS = 5.0
TRAIN_SECONDS = 3600.0
_BESIDE = Example("beside", "beside")
"""Judged with every batch: Rasa judges nothing when all sentences stand for one intent."""
_YAML = {"Content-Type": "application/x-yaml"}
_CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
"""What is raised when a connection that was kept open turns out to be closed."""


class NluUnavailableError(Exception):
    """The NLU server does not answer, or answers with an error."""


class NluAwayError(NluUnavailableError):
    """Nothing comes back from the NLU server: it is not there, or does not answer in time."""


class NoModelError(NluUnavailableError):
    """The NLU server runs but has no model yet (Rasa answers 409)."""


class TrainingFailedError(Exception):
    """Rasa could not train a model on the sentences it was given."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a candidate made of one check sentence."""

    text: str
    expected: str
    guessed: str
    confidence: float
    understanding: Understanding = field(default_factory=Understanding)
    """The likeliest intents."""


class RasaClient:
    """A Rasa server at a private address."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @classmethod
    def at(cls, url: str, token: str = "") -> Self:
        """Connect to the server at `url` (nothing is sent until a method is called)."""
        params = {"token": token} if token else {}
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        return cls(
            httpx.AsyncClient(base_url=url, timeout=PARSE_SECONDS, limits=limits, trust_env=False, params=params)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def parse(self, text: str) -> Understanding:
        """Return what the live model makes of `text` (already masked); all intents with confidences."""
        reply = await self._send("POST", "/model/parse", again=True, json={"text": plain(text)})
        with _as_expected("/model/parse"):
            data = reply.json()
            return Understanding.of(_guesses(data.get("intent_ranking") or []), data.get("model_id"))

    async def live_model(self) -> str:
        """Return the file name of the model that answers; raise `NoModelError` if there is none."""
        return (await self._status())[0]

    async def has(self, model: Path) -> bool:
        """Whether the model in the file `model` is the one that answers, under whatever name it was loaded.

        Raises what `live_model` raises; a file that is no model is no server's.
        """
        name, number = await self._status()
        return name == model.name or (number is not None and number == await asyncio.to_thread(number_of, model))

    @property
    def servers(self) -> "Sequence[RasaClient]":
        """The servers behind this one, itself if there are no more."""
        return (self,)

    async def answers(self) -> bool:
        """Whether the server is there at all, with a model or without."""
        try:
            return (await self._http.get("/", timeout=2)).is_success
        except httpx.HTTPError:
            return False

    async def train(self, training_set: TrainingSet, to: Path) -> Path:
        """Train a candidate and write it to `to`; the live model goes on answering."""
        reply = await self._request(
            "POST",
            "/model/train",
            params={"save_to_default_model_directory": "false", "force_training": "true"},
            content=training_set.as_yaml().encode(),
            headers=_YAML,
            timeout=TRAIN_SECONDS,
        )
        if not reply.is_success:
            raise TrainingFailedError(_reason(reply))
        to.parent.mkdir(parents=True, exist_ok=True)
        unfinished = to.with_suffix(".part")
        unfinished.write_bytes(reply.content)
        unfinished.replace(to)
        return to

    async def judge(self, model: Path, sentences: Iterable[Example]) -> tuple[Judged, ...]:
        """Return what the model in the file `model` makes of `sentences`, without making it live."""
        reply = await self._send(
            "POST",
            "/model/test/intents",
            params={"model": str(model)},
            content=sentences_as_yaml((*sentences, _BESIDE)).encode(),
            headers=_YAML,
            timeout=TRAIN_SECONDS,
        )
        with _as_expected("/model/test/intents"):
            predictions = reply.json()["intent_evaluation"]["predictions"]
            return tuple(_judged(p) for p in predictions if p["intent"] != _BESIDE.intent)

    async def switch(self, model: Path) -> None:
        """Make the model in the file `model` the live one; a bad file leaves the old one."""
        await self._send("PUT", "/model", json={"model_file": str(model)}, timeout=120)

    async def _status(self) -> tuple[str, str | None]:
        """Return the name of the file that answers, and the number that Rasa gave the model in it."""
        reply = await self._send("GET", "/status", again=True)
        with _as_expected("/status"):
            data = reply.json()
            return Path(str(data["model_file"])).name, data.get("model_id")

    async def _send(self, method: str, path: str, *, again: bool = False, **options: Any) -> httpx.Response:
        """Send a request; one that may be sent `again` is, once, if the connection was cut."""
        reply = await self._request(method, path, again=again, **options)
        if reply.status_code == httpx.codes.CONFLICT:
            raise NoModelError(f"{method} {path}: no model yet")
        if not reply.is_success:
            # What the server says of a failed parse may quote the sentence.
            why = f"HTTP {reply.status_code}" if path == "/model/parse" else _reason(reply)
            raise NluUnavailableError(f"{method} {path}: {why}")
        return reply

    async def _request(self, method: str, path: str, *, again: bool = False, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            if again and isinstance(error, _CUT):
                return await self._request(method, path, **options)
            # The error's own text may quote the request, that is a citizen's words.
            raise NluAwayError(f"{method} {path}: {type(error).__name__}") from None


class RasaServers(RasaClient):
    """Several Rasa servers that share the folder of models, used as one.

    The first that is there reads, trains and judges; all switch. One that is away while the others switch has to be
    given the live model when it is back.
    """

    def __init__(self, clients: Sequence[RasaClient]) -> None:
        self._clients = tuple(clients)

    @property
    def servers(self) -> Sequence[RasaClient]:
        """The servers, in the order in which they are asked."""
        return self._clients

    async def close(self) -> None:
        """Close the connections to all."""
        await asyncio.gather(*(client.close() for client in self._clients))

    async def parse(self, text: str) -> Understanding:
        """Return what the first server that is there makes of `text`."""
        return await self._first(lambda client: client.parse(text))

    async def live_model(self) -> str:
        """Return the file name of the model that answers on the first server that is there."""
        return await self._first(lambda client: client.live_model())

    async def has(self, model: Path) -> bool:
        """Whether a model is the one that answers on the first server that is there."""
        return await self._first(lambda client: client.has(model))

    async def answers(self) -> bool:
        """Whether any server is there."""
        return any(await asyncio.gather(*(client.answers() for client in self._clients)))

    async def train(self, training_set: TrainingSet, to: Path) -> Path:
        """Train a candidate on the first server that is there."""
        return await self._first(lambda client: client.train(training_set, to))

    async def judge(self, model: Path, sentences: Iterable[Example]) -> tuple[Judged, ...]:
        """Judge on the first server that is there."""
        asked = tuple(sentences)
        return await self._first(lambda client: client.judge(model, asked))

    async def switch(self, model: Path) -> None:
        """Make a model the live one on all servers that are there; at least one must be, and none may refuse it."""
        done = await asyncio.gather(*(client.switch(model) for client in self._clients), return_exceptions=True)
        troubles = [result for result in done if result is not None]
        refused = [trouble for trouble in troubles if not isinstance(trouble, NluAwayError)]
        if refused or len(troubles) == len(self._clients):
            raise (refused or troubles)[0]
        if troubles:
            log.warning("%d of %d NLU servers did not switch: away", len(troubles), len(self._clients))

    async def _first(self, ask: Callable[[RasaClient], Awaitable[T]]) -> T:
        """Ask one server after the other until one is there."""
        *others, last = self._clients
        for client in others:
            try:
                return await ask(client)
            except NluAwayError:
                log.warning("an NLU server is away; asking the next one")
        return await ask(last)


def _guesses(ranking: Iterable[Any]) -> list[Guess]:
    return [Guess(str(item["name"]), float(item["confidence"])) for item in ranking if item["name"]]


def _judged(prediction: dict[str, Any]) -> Judged:
    guessed, confidence = prediction.get("predicted") or "", float(prediction.get("confidence") or 0)
    understanding = Understanding.of(_guesses(prediction.get("ranking") or []))
    return Judged(prediction["text"], prediction["intent"], guessed, confidence, understanding)


def nlu_at(url: str, replicas: str = "", token: str = "") -> RasaClient:
    """Return the way to the server at `url` and to those at the comma-separated addresses `replicas`."""
    addresses = [address.strip() for address in (url, *replicas.split(",")) if address.strip()]
    clients = [RasaClient.at(address, token) for address in addresses]
    return clients[0] if len(clients) == 1 else RasaServers(clients)


def number_of(model: Path) -> str | None:
    """Return the number that Rasa gave the model in a file when it trained it; None if the file holds no model."""
    return _number_in(model, model.stat().st_mtime_ns) if model.exists() else None


@functools.lru_cache(maxsize=32)
def _number_in(model: Path, _changed: int) -> str | None:
    try:
        with tarfile.open(model) as archive:
            for member in archive:
                if Path(member.name).name == "metadata.json" and (content := archive.extractfile(member)) is not None:
                    return str(json.load(content)["model_id"])
    except (OSError, tarfile.TarError, ValueError, KeyError, EOFError):
        return None
    return None


@contextmanager
def _as_expected(path: str) -> Iterator[None]:
    """Take an answer of another shape than Rasa's for no answer; its text may quote a citizen's words."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NluUnavailableError(f"{path}: unreadable answer ({type(error).__name__})") from None


def _reason(reply: httpx.Response) -> str:
    try:
        data = reply.json()
        return f"HTTP {reply.status_code} {data.get('reason', '')}: {data.get('message', '')}"[:500]
    except (ValueError, AttributeError):
        return f"HTTP {reply.status_code}"
