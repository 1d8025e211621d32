"""The table of commands: one screen with everything that can be asked for by its name, at every door."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dialogue.conversation import Dialogue
from dialogue.hearing import Speaker
from dialogue.replies import Turn
from dialogue.wording import marked


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it says of itself in Telegram's menu (a key of the catalogues), and what it does."""

    described: str
    run: Callable[[Dialogue, Speaker, str], Awaitable[Turn]]


COMMANDS: Mapping[str, Command] = {
    "start": Command(marked("Start again"), Dialogue.start),
    "help": Command(marked("How to use this guide"), Dialogue.help),
    "menu": Command(marked("All topics"), Dialogue.menu),
    "tim": Command(marked("Search the answers"), Dialogue.search),
    "lua_dao": Command(marked("Scams: what to do"), Dialogue.scams),
    "chu_lon": Command(marked("Large letters: one step at a time"), Dialogue.large_letters),
    "nguoi_ho_tro": Command(marked("For volunteers who help others"), Dialogue.help_others),
    "ngon_ngu": Command(marked("Language"), Dialogue.languages),
    "quyen_rieng_tu": Command(marked("Your personal data"), Dialogue.privacy),
    "du_lieu_cua_toi": Command(marked("What is kept about me"), Dialogue.my_data),
    "xoa": Command(marked("Remove what is kept about me"), Dialogue.forget),
    "gop_y": Command(marked("Remark on this guide"), Dialogue.remark),
}
FOR_STAFF: Mapping[str, Command] = {
    "thongke": Command(marked("Figures for staff"), Dialogue.figures),
    "lien_ket": Command(marked("Link this account to a member of staff"), Dialogue.link_staff),
}
"""Commands of which nobody else is told; to whom they are not meant they answer as if they did not exist."""
ALL_COMMANDS: Mapping[str, Command] = {**COMMANDS, **FOR_STAFF}
IN_GROUPS = ("menu", "tim", "help", "lua_dao")
"""Commands that Telegram offers in groups."""
