"""Conversations worth looking at, played with the real bot between a real NLU server and a Telegram on loopback."""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.settings import BotSettings
from dialogue.building import parts
from faq.migrating import migrate
from tests.bot.running import running
from tests.telegram.citizen import Citizen, Screen
from tests.telegram.drawing import Frame
from tests.telegram.server import TelegramServer

PATIENCE = 20.0
SECRET = "a secret for pictures"


class Phone:
    """A citizen's phone, pictured after each thing they do."""

    def __init__(self, citizen: Citizen, *, title: str = "Hỏi Đáp Dịch Vụ Công", subtitle: str = "bot") -> None:
        self.frames: list[Frame] = []
        self._citizen = citizen
        self._citizen.patience = PATIENCE
        self._title = title
        self._subtitle = subtitle

    async def says(self, text: str, *, caption: str = "") -> Screen:
        """Write, and look at the answer."""
        await self._citizen.says(text)
        answer = await self._citizen.reads()
        self._take(caption or text)
        return answer

    async def taps(self, label: str, *, answered: bool = True) -> None:
        """Tap, and look at what comes: a message, an edit, or only a note at the bottom."""
        offered = [button for screen in reversed(self._citizen.chat) for button in screen.buttons]
        exact = next((button for button in offered if button.startswith(label)), "")
        assert exact, f"no button {label!r} among {offered}"
        self.frames[-1] = replace(self.frames[-1], tapped=exact)
        toast = await self._citizen.taps(label)
        if answered:
            await self._citizen.reads()
        self._take(f"[{exact}]", toast=toast.text)

    def _take(self, caption: str, *, toast: str = "") -> None:
        """Picture what stands on the phone since the citizen's last message."""
        chat = self._citizen.chat
        last = max(number for number, screen in enumerate(chat) if screen.mine)
        frame = Frame(caption, chat[last:], toast=toast, title=self._title, subtitle=self._subtitle)
        self.frames.append(frame)


Playing = Callable[[TelegramServer], Awaitable[Phone]]


async def start_and_menu(telegram: TelegramServer) -> Phone:
    """Start, look at the menu, ask, ask on."""
    phone = Phone(telegram.citizen("Lan", language="vi"))
    await phone.says("/start")
    await phone.says("/menu")
    await phone.taps("Thẻ căn cước")
    await phone.says("làm căn cước cho cháu 7 tuổi cần giấy tờ gì")
    await phone.taps("Xem thêm")
    await phone.says("thế lệ phí bao nhiêu")
    await phone.taps("👍", answered=False)
    return phone


async def asked_back(telegram: TelegramServer) -> Phone:
    """Ask so vaguely that the bot asks back, choose, and say that it did not help."""
    phone = Phone(telegram.citizen("Hoa", language="vi"))
    choice = await phone.says("nộp ở đâu")
    await phone.taps(choice.buttons[0])
    await phone.taps("👎")
    await phone.says("hết hạn thì sao")
    await phone.says("hôm nay đội tuyển đá mấy giờ")
    return phone


async def scam_and_personal_data(telegram: TelegramServer) -> Phone:
    """Tell of a caller who wants a code; then send what nobody should send."""
    phone = Phone(telegram.citizen("Minh", language="vi"))
    await phone.says("co nguoi goi bao la cong an bat toi doc ma otp roi chuyen tien")
    await phone.says("/lua_dao")
    await phone.says("số căn cước của tôi 040099012345 thì làm sao đăng ký tạm trú")
    await phone.says("040099012345")
    return phone


async def large_letters(telegram: TelegramServer) -> Phone:
    """One step at a time."""
    phone = Phone(telegram.citizen("Bà Tư", language="vi"))
    await phone.says("/chu_lon")
    await phone.says("mất thẻ căn cước thì làm sao")
    await phone.taps("▶️")
    await phone.taps("🙋")
    await phone.says("/menu")
    return phone


async def papers(telegram: TelegramServer) -> Phone:
    """Prepare a visit, down to the list."""
    phone = Phone(telegram.citizen("Tuấn", language="vi"))
    await phone.says("/menu")
    await phone.taps("📋")
    first = next(label for label in phone.frames[-1].screens[-1].buttons if "trú" in label.lower())
    await phone.taps(first)
    while "«" not in (choice := phone.frames[-1].screens[-1].buttons[0]) and not choice.startswith("🌐"):
        await phone.taps(choice)
    return phone


async def helper(telegram: TelegramServer) -> Phone:
    """A volunteer helps somebody and hands over a card."""
    phone = Phone(telegram.citizen("Tình nguyện viên", language="vi"))
    await phone.says("/nguoi_ho_tro")
    await phone.says("đăng ký tạm trú cần giấy tờ gì")
    await phone.says("lệ phí làm căn cước")
    await phone.taps("🪪")
    await phone.taps("👤")
    return phone


async def own_data(telegram: TelegramServer) -> Phone:
    """See what is kept, and have it removed."""
    phone = Phone(telegram.citizen("Dung", language="vi"))
    await phone.says("cách cài vneid")
    await phone.says("/quyen_rieng_tu")
    await phone.says("/du_lieu_cua_toi")
    await phone.says("/xoa")
    return phone


async def english_and_group(telegram: TelegramServer) -> Phone:
    """A foreigner; then a group of neighbours."""
    phone = Phone(telegram.citizen("Anna", language="en"))
    await phone.says("/start")
    await phone.says("how do I register temporary residence")
    await phone.taps("☰")
    await phone.says("/ngon_ngu")
    await phone.taps("English")
    await phone.says("đăng ký tạm trú cần giấy tờ gì")
    group = telegram.group("Tổ dân phố 5")
    neighbour = telegram.citizen("Chú Bảy", language="vi").in_group(group)
    together = Phone(neighbour, title="Tổ dân phố 5", subtitle="2 thành viên")
    await together.says("@loopback_bot đi xe máy không gương phạt mấy tiền")
    await together.says("/menu")
    phone.frames += together.frames
    return phone


CONVERSATIONS: dict[str, Playing] = {
    "start": start_and_menu,
    "asked-back": asked_back,
    "scam": scam_and_personal_data,
    "large-letters": large_letters,
    "papers": papers,
    "helper": helper,
    "own-data": own_data,
    "english-and-group": english_and_group,
}


async def played(database: Path, nlu_url: str) -> AsyncIterator[tuple[str, str, list[Frame]]]:
    """Switch the bot on beside a copy of a database, and play; a citizen each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database_url = await asyncio.to_thread(copy_of, database, folder / "service.db")
        async with TelegramServer() as telegram:
            settings = BotSettings(
                _env_file=None,
                telegram_bot_token=telegram.token,
                telegram_api_url=telegram.url,
                database_url=database_url,
                nlu_url=nlu_url,
                secret_key=SECRET,
                var_dir=folder,
            )
            async with parts(settings) as made, running(settings, made.dialogue, made.sessions):
                for name_, play in CONVERSATIONS.items():
                    yield name_, play.__doc__ or name_, (await play(telegram)).frames


def copy_of(database: Path, to: Path) -> str:
    """Copy a database that others write to, and bring the copy's tables up to date."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as old, closing(sqlite3.connect(to)) as new:
        old.backup(new)
    url = f"sqlite:///{to}"
    migrate(url)
    return url
