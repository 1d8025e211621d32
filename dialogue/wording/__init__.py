"""The interface's words: Babel catalogues, and numbers and dates as they are written in each language."""

import datetime as dt
import gettext
import io
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent
DOMAIN = "bot"
DEFAULT = "vi"
LANGUAGES = ("vi", "en")


class Wording:
    """One language's words."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self._catalogue = catalogue

    def __call__(self, message: str, **values: object) -> str:
        """Return `message` in this language with `values` put in."""
        return self._catalogue.gettext(message).format(**values)

    def date(self, day: dt.date) -> str:
        """Return a day as people write it: 31/12/2026."""
        return format_date(day, "dd/MM/yyyy", locale=self.language)


def marked(message: str) -> str:
    """Mark a key that is looked up later, so that the catalogues' test finds it."""
    return message


def wording(language: str) -> Wording:
    """Return the words of `language`, Vietnamese if there is no catalogue for it."""
    return _compiled(language if language in LANGUAGES else DEFAULT)


@cache
def _compiled(chosen: str) -> Wording:
    """Compile a catalogue in memory, so that no build step stands between an edited `.po` and the bot."""
    with (FOLDER / chosen / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale=chosen)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Wording(chosen, gettext.GNUTranslations(compiled))
