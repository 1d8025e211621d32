"""The only code that speaks Rasa's HTTP API."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from nlu.training_set import Example, TrainingSet, plain, sentences_as_yaml
from nlu.understanding import Guess, Understanding

PARSE_SECONDS = 5.0
TRAIN_SECONDS = 3600.0
_BESIDE = Example("beside", "beside")
"""Judged with every batch: Rasa judges nothing when all sentences stand for one intent."""
_YAML = {"Content-Type": "application/x-yaml"}


class NluUnavailableError(Exception):
    """The NLU server does not answer, or answers with an error."""


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
        reply = await self._send("POST", "/model/parse", json={"text": plain(text)})
        with _as_expected("/model/parse"):
            data = reply.json()
            ranking = data.get("intent_ranking") or []
            guesses = [Guess(str(item["name"]), float(item["confidence"])) for item in ranking if item["name"]]
            return Understanding.of(guesses, data.get("model_id"))

    async def live_model(self) -> str:
        """Return the file name of the model that answers; raise `NoModelError` if there is none."""
        reply = await self._send("GET", "/status")
        with _as_expected("/status"):
            return Path(str(reply.json()["model_file"])).name

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
            return tuple(
                Judged(p["text"], p["intent"], p.get("predicted") or "", float(p.get("confidence") or 0))
                for p in predictions
                if p["intent"] != _BESIDE.intent
            )

    async def switch(self, model: Path) -> None:
        """Make the model in the file `model` the live one; a bad file leaves the old one."""
        await self._send("PUT", "/model", json={"model_file": str(model)}, timeout=120)

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        reply = await self._request(method, path, **options)
        if reply.status_code == httpx.codes.CONFLICT:
            raise NoModelError(f"{method} {path}: no model yet")
        if not reply.is_success:
            # What the server says of a failed parse may quote the sentence.
            why = f"HTTP {reply.status_code}" if path == "/model/parse" else _reason(reply)
            raise NluUnavailableError(f"{method} {path}: {why}")
        return reply

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            # The error's own text may quote the request, that is a citizen's words.
            raise NluUnavailableError(f"{method} {path}: {type(error).__name__}") from None


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
