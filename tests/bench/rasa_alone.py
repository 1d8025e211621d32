"""Rasa answering the same FAQ by itself: its default pipeline, its policies, its REST channel. The peer to measure by."""

import asyncio
import copy
import datetime as dt
import itertools
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from dialogue.composing import Composer
from dialogue.wording import wording
from faq.entries import Faq
from faq.live import Live
from faq.releasing import LIVE_MODEL, training_set
from nlu.training_set import TrainingSet, read_pipeline
from service.environments import NLU
from service.parts import rasa_environment
from tests.bench import programs
from tests.bench.crowd import Question

DEFAULT_PIPELINE = Path(__file__).parent / "rasa_default.yml"
EPOCHS = 1
"""Answering takes as long after one epoch as after a hundred."""
FALLBACK = "nlu_fallback"
POLICIES = [{"name": "MemoizationPolicy"}, {"name": "RulePolicy"}]


async def trained(faq: Faq, folder: Path) -> Path:
    """Return a folder with the peer's model; one of the same content is not trained again."""
    training = training_set(faq, _quickly(read_pipeline(DEFAULT_PIPELINE.read_text("utf-8"))))
    models = folder / training.fingerprint
    if not (models / LIVE_MODEL).exists():
        models.mkdir(parents=True, exist_ok=True)
        _write(models, faq, training)
        await asyncio.to_thread(_train, models)
    return models


@asynccontextmanager
async def answering(models: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Run the peer."""
    program, url = programs.rasa(models, "--credentials", str(models / "credentials.yml"), name="peer")
    await program.start()
    try:
        limits = httpx.Limits(max_connections=500, max_keepalive_connections=100)
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits) as http:
            yield http
    finally:
        program.stop()


class Talk:
    """Citizens of the peer; who has asked enough is followed by somebody else, as at the bot."""

    def __init__(self, http: httpx.AsyncClient, texts: Iterator[str], *, seats: int, each: int) -> None:
        self._http = http
        self._texts = texts
        self._senders = (f"{turn // (seats * each)}-{turn % seats}" for turn in itertools.count())

    async def asks(self, rate: float, seconds: float) -> list[Question]:
        """Ask on time for so long, and wait for the answers."""
        started, tasks, asked = time.perf_counter(), [], []
        while (due := started + len(asked) / rate) < started + seconds:
            await asyncio.sleep(due - time.perf_counter())
            asked.append(Question(next(self._texts), time.perf_counter()))
            tasks.append(asyncio.create_task(self._ask(asked[-1])))
        await asyncio.gather(*tasks)
        return asked

    async def _ask(self, question: Question) -> None:
        asked = {"sender": next(self._senders), "message": question.text}
        try:
            reply = await self._http.post("/webhooks/rest/webhook", json=asked)
        except httpx.HTTPError:
            return
        if reply.is_success and reply.json():
            question.answered.append(time.perf_counter())


def _quickly(pipeline: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(pipeline)
    for component in changed["pipeline"]:
        if "epochs" in component:
            component["epochs"] = EPOCHS
    return changed | {"policies": POLICIES}


def _write(folder: Path, faq: Faq, training: TrainingSet) -> None:
    today = dt.date.today()
    say = Composer(Live(faq).on(today), wording("vi"), today)
    replies = {entry.key: say.answer(entry).text for entry in faq.entries}
    elsewhere = say.out_of_scope().text
    intents = [*training.intents, FALLBACK]
    responses = {_utter(intent): [{"text": _literal(replies.get(intent, elsewhere))}] for intent in intents}
    rules = [{"rule": i, "steps": [{"intent": i}, {"action": _utter(i)}]} for i in intents]
    (folder / "config.yml").write_text(yaml.safe_dump(dict(training.pipeline), allow_unicode=True), "utf-8")
    (folder / "nlu.yml").write_text(_only(training.as_yaml(), "nlu"), "utf-8")
    domain = {"version": "3.1", "intents": list(training.intents), "responses": responses}
    for name, content in (("domain.yml", domain), ("rules.yml", {"version": "3.1", "rules": rules})):
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True, width=10_000), "utf-8")
    (folder / "credentials.yml").write_text("rest:\n", "utf-8")


def _train(folder: Path) -> None:
    command = [NLU / "bin/python", "-m", "nlu.server.run", "train", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "nlu.yml", "rules.yml", "--out", ".", "--fixed-model-name", LIVE_MODEL.partition(".")[0]]
    with (folder.parent / "peer-training.log").open("ab") as log:
        env = {**os.environ, **rasa_environment()}
        subprocess.run([*map(str, command)], cwd=folder, env=env, stdout=log, stderr=log, check=True)


def _only(document: str, kept: str) -> str:
    """Return of a training document the version and one of its parts."""
    _, found, part = document.partition(f"\n{kept}:")
    return f'version: "3.1"{found}{part}'


def _utter(intent: str) -> str:
    return f"utter_{intent}"


def _literal(text: str) -> str:
    """Return a text in which Rasa finds no slots to fill."""
    return text.replace("{", "(").replace("}", ")")
