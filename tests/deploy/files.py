"""The deployment's files, read the way Docker reads them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = {path.name.partition(".")[0]: path for path in sorted((ROOT / "deploy").glob("*.Dockerfile"))}
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?:(:\?|:-)([^}]*))?\}")

Json = dict[str, Any]


class MissingVariableError(Exception):
    """Compose would stop and say this."""


def compose() -> Json:
    """Return docker-compose.yml with its anchors resolved and its variables as they stand."""
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))


def fill_in(node: Any, values: dict[str, str]) -> Any:
    """Put values in for variables, as Compose does."""
    if isinstance(node, dict):
        return {key: fill_in(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [fill_in(value, values) for value in node]
    return VARIABLE.sub(lambda found: _value(found, values), node) if isinstance(node, str) else node


def _value(found: re.Match[str], values: dict[str, str]) -> str:
    name, operator, words = found.groups()
    if values.get(name):
        return values[name]
    if operator == ":?":
        raise MissingVariableError(words)
    return words or ""


def variables() -> set[str]:
    """Return the names of all variables in docker-compose.yml."""
    return {name for name, _, _ in VARIABLE.findall((ROOT / "docker-compose.yml").read_text("utf-8"))}


@dataclass(frozen=True)
class Step:
    """An instruction of a Dockerfile."""

    word: str
    rest: str


@dataclass(frozen=True)
class Image:
    """A Dockerfile."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, path: Path) -> "Image":
        text = "\n".join(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
        lines = re.sub(r"\\\n\s*", "", text).splitlines()
        return cls(tuple(Step(*line.split(maxsplit=1)) for line in lines if line.strip()))

    @property
    def bases(self) -> list[str]:
        return [step.rest.split()[0] for step in self.steps if step.word == "FROM"]

    @property
    def last_stage(self) -> tuple[Step, ...]:
        start = max(number for number, step in enumerate(self.steps) if step.word == "FROM")
        return self.steps[start:]

    @property
    def copies(self) -> list[tuple[list[str], str]]:
        """Return what is copied out of the repository, and where to, in all stages."""
        return [_copy(step) for step in self.steps if step.word == "COPY" and not step.rest.startswith("--from")]

    @property
    def environment(self) -> dict[str, str]:
        pairs = (pair for step in self.last_stage if step.word == "ENV" for pair in step.rest.split())
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def user(self) -> str:
        return [step.rest for step in self.last_stage if step.word == "USER"][-1]

    @property
    def command(self) -> list[str]:
        return json.loads([step.rest for step in self.last_stage if step.word == "CMD"][-1])

    def lay_out(self, folder: Path) -> Path:
        """Link what the last stage copies into its working folder; return that folder."""
        for step in self.last_stage:
            if step.word != "COPY" or step.rest.startswith("--from"):
                continue
            sources, target = _copy(step)
            for source in sources:
                into = folder / target / Path(source).name if target.endswith("/") else folder / target
                into.parent.mkdir(parents=True, exist_ok=True)
                if not into.exists():
                    into.symlink_to(ROOT / source)
        return folder


def _copy(step: Step) -> tuple[list[str], str]:
    *sources, target = step.rest.split()
    return sources, target


def image(name: str) -> Image:
    """Return the image whose file is deploy/<name>.Dockerfile."""
    return Image.of(DOCKERFILES[name])
