"""One list of conversations, held through each door: Telegram, the terminal and the page /hoi must end alike."""

import asyncio
import html
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from sqlalchemy import select

from bot.terminal import chat
from dialogue.building import Parts
from dialogue.conversation import Dialogue
from faq.database import Sessions, connect, sessions
from faq.entries import Faq
from faq.live import LiveFaq
from nlu.rasa_client import RasaClient
from stats.endings import Ending
from stats.pseudonyms import Pseudonyms
from stats.questions import Question
from stats.recording import Recorder
from tests.bot.running import SECRET, polling
from tests.conftest import RunningRasa
from tests.telegram.server import TelegramServer
from tests.web.visits import Guest
from web.application import build
from web.settings import WebSettings

pytestmark = pytest.mark.rasa

IDENTITY = "0400 9901 2345"
"""Of nobody: made up for this test. With spaces: in the terminal, digits alone are the number of a button."""
MENU = "☰ Danh mục"
PATIENCE = 15.0


@dataclass(frozen=True)
class Says:
    """A citizen types."""

    text: str


@dataclass(frozen=True)
class Presses:
    """A citizen presses the button so labelled, or the one at that place (from 0)."""

    button: str | int


@dataclass(frozen=True)
class Ends:
    """How a turn ends; what is None may be anything."""

    ending: Ending
    entry: str | None = None
    topic: str | None = None
    kind: str = "text"


@dataclass(frozen=True)
class Chosen:
    """The turn ends with what the turn before offered at that place."""

    place: int


Turn = Says | Presses
Conversation = Sequence[tuple[Turn, Ends | Chosen]]

CONVERSATIONS: dict[str, Conversation] = {
    "question": [(Says("dang ky tam tru can giay to gi"), Ends(Ending.ANSWERED, "dang-ky-tam-tru.ho-so"))],
    "follow-ups": [
        (Says("đăng ký tạm trú cần giấy tờ gì"), Ends(Ending.ANSWERED, "dang-ky-tam-tru.ho-so")),
        (Says("thế lệ phí bao nhiêu"), Ends(Ending.ANSWERED, "dang-ky-tam-tru.le-phi")),
        (Says("còn tạm vắng thì sao"), Ends(Ending.ANSWERED, "khai-bao-tam-vang.le-phi")),
    ],
    "asked back, and a choice": [
        (Says("giấy tờ"), Ends(Ending.OFFERED)),
        (Presses(1), Chosen(1)),
    ],
    "scam": [
        (
            Says("cong an goi dien bao cai vneid qua link roi doi ma otp, toi phai lam sao"),
            Ends(Ending.ANSWERED, topic="canh-bao-lua-dao"),
        )
    ],
    "personal data in a question": [
        (
            Says(f"Tôi bị mất thẻ căn cước số {IDENTITY} thì làm lại ở đâu"),
            Ends(Ending.ANSWERED, topic="cap-doi-cap-lai-can-cuoc"),
        )
    ],
    "nothing but personal data": [(Says(IDENTITY), Ends(Ending.PERSONAL_DATA))],
    "from the menu to an answer": [
        (Says("/menu"), Ends(Ending.MENU, kind="command")),
        (Presses("Thông báo lưu trú"), Ends(Ending.MENU, topic="thong-bao-luu-tru", kind="button")),
        (Presses(0), Ends(Ending.MENU, topic="thong-bao-luu-tru", kind="button")),
        (Presses(0), Ends(Ending.ANSWERED, topic="thong-bao-luu-tru", kind="button")),
        (Presses(MENU), Ends(Ending.MENU, kind="button")),
    ],
    "football": [(Says("hôm nay đội tuyển đá bóng mấy giờ"), Ends(Ending.OUT_OF_SCOPE))],
    "greeting": [(Says("chào bạn"), Ends(Ending.SMALL_TALK, "chitchat.chao-hoi"))],
}


@dataclass(frozen=True)
class House:
    """What stands behind all doors."""

    dialogue: Dialogue
    parts: Parts
    sessions: Sessions
    folder: Path

    async def records(self, number: int) -> list[Question]:
        """Wait until so many turns are recorded; return them in their order."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.sessions() as session:
                    found = list(await session.scalars(select(Question).order_by(Question.asked_at)))
                if len(found) >= number:
                    return found
                await asyncio.sleep(0.02)


@pytest.fixture
async def house(rasa: RunningRasa, published: str, shipped: Faq, tmp_path: Path) -> AsyncIterator[House]:
    engine = connect(published)
    made = sessions(engine)
    recorder = Recorder(made, tmp_path / "spool")
    live = LiveFaq(made, shipped)
    async with RasaClient.at(rasa.url) as client:
        dialogue = Dialogue(live, client, Pseudonyms(SECRET), recorder.record)
        yield House(dialogue, Parts(dialogue, live, made, client), made, tmp_path)
    recorder.close()
    await engine.dispose()


async def through_telegram(house: House, turns: Sequence[Turn]) -> None:
    async with TelegramServer() as telegram, polling(telegram, house.dialogue, house.sessions):
        citizen = telegram.citizen("Lan", language="vi")
        shown: Sequence[str] = ()
        for turn in turns:
            if isinstance(turn, Says):
                await citizen.says(turn.text)
            else:
                await citizen.taps(_label(turn, shown), timeout=PATIENCE)
            shown = (await citizen.reads(timeout=PATIENCE)).buttons
        await house.records(len(turns))  # a record may follow its reply
        assert telegram.breaches == []


async def through_the_terminal(house: House, turns: Sequence[Turn]) -> None:
    screen = io.StringIO()

    def typed() -> Iterator[str]:
        for turn in turns:
            yield f"{turn.text if isinstance(turn, Says) else _number(turn, screen.getvalue())}\n"

    await chat(house.dialogue, typed(), Console(file=screen, width=1_000))


async def through_the_page(house: House, turns: Sequence[Turn]) -> None:
    settings = WebSettings(_env_file=None, secret_key=SECRET, var_dir=house.folder)  # type: ignore[call-arg]
    app = build(house.parts, settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hoi") as client:
        citizen = Guest(client)
        for turn in turns:
            if isinstance(turn, Says):
                sent = await citizen.send("/hoi", cau_hoi=turn.text)
            else:
                sent = await citizen.send("/hoi", nut=_value(turn, (await citizen.get("/hoi")).text))
            assert sent.status_code == 303


def _label(turn: Presses, shown: Sequence[str]) -> str:
    return turn.button if isinstance(turn.button, str) else shown[turn.button]


def _number(turn: Presses, screen: str) -> str:
    """The number before the button in the latest reply on the screen."""
    numbered = re.findall(r"^  \[(\d+)\] (.+)$", screen, re.MULTILINE)
    latest = numbered[max(i for i, (number, _) in enumerate(numbered) if number == "1") :]
    label = _label(turn, [label for _, label in latest])
    return next(number for number, said in latest if said == label)


def _value(turn: Presses, page: str) -> str:
    """What the button in the latest exchange of the page carries."""
    latest = page.partition('id="moi-nhat"')[2]
    buttons = [
        (html.unescape(label), value) for value, label in re.findall(r'name="nut" value="([^"]+)">([^<]+)<', latest)
    ]
    label = _label(turn, [label for label, _ in buttons])
    return next(value for said, value in buttons if said == label)


DOORS: dict[str, Callable[[House, Sequence[Turn]], Awaitable[None]]] = {
    "telegram": through_telegram,
    "test": through_the_terminal,
    "web": through_the_page,
}


@pytest.mark.parametrize("channel", list(DOORS))
@pytest.mark.parametrize("name", list(CONVERSATIONS))
async def test_conversation_ends_alike_through_every_door(house: House, name: str, channel: str) -> None:
    conversation = CONVERSATIONS[name]

    await DOORS[channel](house, [turn for turn, _ in conversation])

    records = await house.records(len(conversation))
    wanted = [_wanted(ends, records[:number]) for number, (_, ends) in enumerate(conversation)]
    assert [_told(record, ends) for record, ends in zip(records, wanted, strict=True)] == wanted
    assert {record.channel for record in records} == {channel}
    assert len({record.person for record in records}) == 1
    assert IDENTITY not in str([vars(record) for record in records])


def _wanted(ends: Ends | Chosen, before: Sequence[Question]) -> Ends:
    if isinstance(ends, Ends):
        return ends
    return Ends(Ending.ANSWERED, before[-1].offered[ends.place], kind="button")


def _told(record: Question, wanted: Ends) -> Ends:
    """What was recorded, as far as it is asked for."""
    return Ends(
        Ending(record.ending),
        record.entry if wanted.entry is not None else None,
        record.topic if wanted.topic is not None else None,
        record.kind,
    )
