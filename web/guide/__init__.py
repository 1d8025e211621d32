"""The guide for staff: chapters of numbered steps, written once and read by the page and by the PDF."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
PICTURES = HERE.parent / "static" / "guide"


class Chapter(BaseModel):
    """How one thing is done."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    steps: tuple[str, ...]
    page: str = ""
    """Where it is done; empty if it is done nowhere in particular."""
    page_title: str = ""
    picture: str = ""
    alt: str = ""
    example_title: str = ""
    examples: tuple[str, ...] = ()

    @property
    def picture_path(self) -> Path | None:
        """The file of the picture, if the chapter has one."""
        return PICTURES / f"{self.picture}.png" if self.picture else None


class Guide(BaseModel):
    """All of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    preface: tuple[str, ...]
    chapters: tuple[Chapter, ...]


@cache
def guide() -> Guide:
    """Return the guide; it changes with the program only."""
    return Guide.model_validate(yaml.safe_load((HERE / "chapters.yaml").read_text("utf-8")))
