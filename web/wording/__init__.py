"""The citizens' page in other languages: templates say it in Vietnamese, a catalogue says it otherwise."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
DOMAIN = "page"


def in_language(language: str, text: str) -> str:
    """Return `text` in `language`; as it is if the catalogue lacks it."""
    return catalogue(language).get(text, text)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return what a language's catalogue holds; Vietnamese needs none."""
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}
