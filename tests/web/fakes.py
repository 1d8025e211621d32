"""What is outside our process: understanding and time."""

import datetime as dt

import httpx

from nlu.understanding import Guess, Understanding


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += dt.timedelta(**time)


class ScriptedRecogniser:
    """Understands what it was told; nothing else."""

    def __init__(self) -> None:
        self.script: dict[str, tuple[Guess, ...]] = {}
        self.heard: list[str] = []
        self.broken: Exception | None = None

    def learn(self, text: str, intent: str, confidence: float = 0.97) -> None:
        self.script[text] = (Guess(intent, confidence),)

    async def parse(self, text: str) -> Understanding:
        self.heard.append(text)
        if self.broken is not None:
            raise self.broken
        return Understanding.of(self.script.get(text, (Guess("ngoai-pham-vi.khac", 0.2),)))


def rasa(*, up: bool = True) -> httpx.AsyncClient:
    """A Rasa server that only tells which model it has."""

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"model_file": "live.tar.gz"}) if up else httpx.Response(503, json={})

    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://nlu")
