"""What is between one person and the bot: in a group, where others read along, it is neither done nor shown."""

from typing import Final

from telegram import Chat, User

from dialogue.replies import Press, Reply, Turn, escape
from dialogue.wording import DEFAULT, wording

PERSONAL_COMMANDS: Final = frozenset({"du_lieu_cua_toi", "xoa", "quyen_rieng_tu", "gop_y", "nguoi_ho_tro", "chu_lon"})
PERSONAL_PRESSES: Final = frozenset({Press.WEEKLY, Press.KEPT, Press.FORGET, Press.MODE, Press.NEXT_PERSON})
"""The last two change what the commands change, and tell how many a volunteer has helped."""


def others_read_along(chat: Chat) -> bool:
    """Whether more people than one see what is said here."""
    return chat.type != Chat.PRIVATE


def is_personal(pressed: str) -> bool:
    """Whether a button asks for something personal."""
    return pressed.partition(":")[0] in PERSONAL_PRESSES


def write_to_me_alone(person: User | None) -> Turn:
    """Say where such things are done; of a button in a short note, so that its message stays as it is."""
    note = wording(language_of(person))("Please write to me alone for this.")
    return Turn(Reply(escape(note)), toast=note)


def language_of(person: User | None) -> str:
    """Return what Telegram says of somebody's language: what they chose themselves is known to the dialogue only."""
    return person.language_code.partition("-")[0].lower() if person and person.language_code else DEFAULT
