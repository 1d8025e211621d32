"""The programs that make up the service, each started as its own process."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from service.environments import NLU, ROOT

PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Part:
    """A program with the name under which its lines are shown."""

    name: str
    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def nlu_server(host: str, port: int, models: Path, *, token: str = "") -> Part:
    """Rasa with our components, answering at a private address; with the live model if there is one."""
    live = models / "live.tar.gz"
    models.mkdir(parents=True, exist_ok=True)
    command = [
        str(NLU / "bin/python"),
        "-m",
        "nlu.server.run",
        "run",
        "--enable-api",
        "--interface",
        host,
        "--port",
        str(port),
    ]
    # A folder without models makes Rasa start without one, ready to train.
    command += ["--model", str(live if live.exists() else models)]
    kept_vectors = os.environ.get("NLU_CACHE", str(models.absolute().parent / "vectors"))
    if token:
        command += ["--auth-token", token]
    return Part("nlu", tuple(command), rasa_environment() | {"NLU_CACHE": kept_vectors})


def rasa_environment() -> dict[str, str]:
    """Return what Rasa's process needs: our components, no telemetry, quiet TensorFlow."""
    return {
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
        "TQDM_DISABLE": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "LOG_LEVEL": os.environ.get("NLU_LOG_LEVEL", "WARNING"),
        # While answering: beside a busy bot a second thread of OpenMP costs twice the work for the same sentence.
        # Training takes all cores (nlu/server/vectors.py).
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        # And where there are more of them, beside other processes they must not wait busily.
        "GOMP_SPINCOUNT": "1000",
        "MALLOC_ARENA_MAX": "2",
    }


def office() -> Part:
    """The office's pages."""
    return Part("trang", (PYTHON, "-m", "web", "run"))


def bot() -> Part:
    """The Telegram bot."""
    return Part("bot", (PYTHON, "-m", "bot", "run"))
