"""A Rasa of paper: its models are lists of sentences in files, and the one that answers is named in a file, too.

So several processes can share it as they share a real server, and a process can be killed at any step.
"""

import datetime as dt
import json
import os
import signal
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from sqlalchemy import select

from faq.audit import Deed
from faq.database import Sessions
from faq.editing import draft_whole
from faq.entries import CheckSentence, Faq
from faq.folding import fold
from faq.judging import Gate
from faq.publishing import PublicationWorker
from faq.releasing import Publisher
from nlu.rasa_client import Judged, NluAwayError, RasaClient, TrainingFailedError
from nlu.training_set import Example, TrainingSet
from nlu.understanding import Guess, Understanding
from tests.faq.samples import AUTHOR

OUTSIDE = "ngoai-pham-vi.khac"


class PaperRasa(RasaClient):
    """Knows the very sentences of its models, and nothing else."""

    def __init__(self, folder: Path, *, dies_at: str = "") -> None:
        self._answering = folder / "answering"
        self._dies_at = dies_at
        self.trained = 0
        self.away = False
        self.cannot_train = False

    async def close(self) -> None:
        pass

    async def train(self, training_set: TrainingSet, to: Path) -> Path:
        self._here("training")
        if self.cannot_train:
            raise TrainingFailedError("HTTP 500")
        self.trained += 1
        to.write_text(json.dumps({fold(e.text): e.intent for e in training_set.examples}))
        self.die("trained")
        return to

    async def judge(self, model: Path, sentences: Iterable[Example]) -> tuple[Judged, ...]:
        self._here("judging")
        known = json.loads(model.read_text())
        if model.name == self.live:  # which is only asked to compare it with a candidate
            self.die("rehearsing")
        guesses = (
            (s, Guess(known.get(fold(s.text), OUTSIDE), 0.9 if fold(s.text) in known else 0.1)) for s in sentences
        )
        return tuple(Judged(s.text, s.intent, g.intent, g.confidence, Understanding.of([g])) for s, g in guesses)

    async def switch(self, model: Path) -> None:
        self._here("switching")
        self._answering.write_text(str(model))
        self.die("switched")

    async def live_model(self) -> str:
        self._here("asking")
        return self.live

    async def has(self, model: Path) -> bool:
        self._here("asking")
        return self.live == model.name

    async def parse(self, text: str) -> Understanding:
        known = json.loads(Path(self._answering.read_text()).read_text())
        return Understanding((Guess(known.get(fold(text), OUTSIDE), 0.9 if fold(text) in known else 0.1),))

    @property
    def live(self) -> str:
        """Name of the file that answers."""
        return Path(self._answering.read_text()).name if self._answering.exists() else ""

    def die(self, step: str) -> None:
        """End the process at this step as nothing can be caught, if it is the one."""
        if step == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _here(self, step: str) -> None:
        self.die(step)
        if self.away:
            raise NluAwayError(step)


class PaperPublisher(Publisher):
    """May end just after the release is in the database."""

    def _remember(self, name: str) -> None:
        assert isinstance(self._rasa, PaperRasa)
        if not self._is_remembered(name):
            self._rasa.die("committed")
        super()._remember(name)


class Said:
    """What citizens said lately."""

    def __init__(self, *texts: str, answered: int = 0) -> None:
        self.texts = texts
        self.times = answered
        self.keys: Collection[str] = ()

    async def sentences(self, since: dt.datetime, most: int) -> Sequence[str]:
        return self.texts[:most]

    async def answered(self, since: dt.datetime, keys: Collection[str]) -> int:
        self.keys = tuple(keys)
        return self.times


class Desk:
    """A database, a Rasa of paper, and those who publish."""

    def __init__(self, sessions: Sessions, folder: Path, *, gate: Gate | None = None, dies_at: str = "") -> None:
        self.sessions = sessions
        self.models = folder / "models"
        self.rasa = PaperRasa(folder, dies_at=dies_at)
        self.said = Said()
        self.now = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
        self.gate = gate or Gate(least_right=0.5, worst_drop=0.2)

    @property
    def publisher(self) -> Publisher:
        return PaperPublisher(
            self.sessions,
            self.rasa,
            models=self.models,
            pipeline={"pipeline": []},
            sentences=self.sentences,
            gate=self.gate,
            clock=lambda: self.now,
        )

    @property
    def worker(self) -> PublicationWorker:
        return PublicationWorker(self.publisher, self.sessions, self.said, clock=lambda: self.now)

    sentences: tuple[CheckSentence, ...] = ()

    async def draft(self, faq: Faq, author: str = AUTHOR) -> None:
        async with self.sessions.begin() as session:
            await draft_whole(session, faq, author=author, now=self.now)

    async def deeds(self) -> list[str]:
        async with self.sessions() as session:
            return list(await session.scalars(select(Deed.act).order_by(Deed.id)))


def sentences_of(faq: Faq) -> tuple[CheckSentence, ...]:
    """An example of each entry for a check sentence: what is trained is known."""
    return tuple(
        CheckSentence(text=entry.examples[0], entry=entry.key, safety=entry.topic == "canh-bao-lua-dao")
        for entry in faq.entries
    )
