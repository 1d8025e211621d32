"""In a group the bot speaks when it is spoken to, and each person has a conversation of their own."""

import datetime as dt

import pytest

from bot.application import Bot
from bot.discretion import PERSONAL_COMMANDS
from dialogue.commands import COMMANDS, IN_GROUPS
from dialogue.conversation import Dialogue
from faq.database import Sessions
from stats.pseudonyms import Pseudonyms
from tests.bot.running import SECRET, Notebook, Scripted, running, settings_for, until
from tests.telegram.citizen import Citizen, Json
from tests.telegram.server import TelegramServer
from tests.telegram.world import Chat

ALONE = "Việc này xin nhắn riêng cho tôi."
ANONYMOUS = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL = {"id": -1_002_000_000_777, "type": "channel", "title": "Tin phường"}


@pytest.fixture
def group(telegram: TelegramServer, bot: Bot) -> Chat:
    """A group in which the bot hears everything, as it does where it is an administrator."""
    telegram.world.privacy_mode = False
    return telegram.group("Tổ dân phố")


@pytest.fixture
def neighbour(lan: Citizen, group: Chat) -> Citizen:
    return lan.in_group(group)


@pytest.mark.parametrize(
    "text", ["@loopback_bot phí tạm trú", "phí tạm trú, @Loopback_Bot?", "phí @loopback_bot tạm trú"]
)
async def test_bot_that_is_named_answers_the_words_without_its_name(
    neighbour: Citizen, telegram: TelegramServer, recogniser: Scripted, text: str
) -> None:
    asked = await neighbour.says(text)

    answer = await neighbour.reads()

    assert "ệ phí" in answer.text
    assert answer.message["reply_to_message"]["message_id"] == asked.message_id
    assert all("@" not in heard for heard in recogniser.heard)
    assert telegram.breaches == []


@pytest.mark.parametrize("command", ["/menu", "/menu@loopback_bot", "/menu@LOOPBACK_BOT"])
async def test_command_is_obeyed_and_its_buttons_work(
    neighbour: Citizen, telegram: TelegramServer, command: str
) -> None:
    await neighbour.says(command)
    menu = await neighbour.reads()

    await neighbour.taps(menu.buttons[0])

    assert (await neighbour.reads()).buttons
    assert telegram.breaches == []


async def test_reply_to_the_bot_is_a_question_to_it(neighbour: Citizen) -> None:
    await neighbour.says("/menu")
    menu = await neighbour.reads()

    await neighbour.says("phí tạm trú", reply_to=menu)

    assert "ệ phí" in (await neighbour.reads()).text


async def test_what_neighbours_say_to_one_another_is_not_answered(
    neighbour: Citizen, telegram: TelegramServer, notebook: Notebook
) -> None:
    first = await neighbour.says("phí tạm trú")
    await neighbour.says("hồ sơ", reply_to=first)
    await neighbour.says("/khong_co")
    await neighbour.says("/menu@another_bot")
    await neighbour.says("@loopback_bot_2 phí tạm trú")
    await neighbour.sends_photo()
    await neighbour.says("@loopback_bot phí tạm trú")

    await neighbour.reads()
    await neighbour.reads_nothing(0.1)
    assert len(notebook.records) == 1


async def test_photo_shown_to_the_bot_is_not_opened(neighbour: Citizen, telegram: TelegramServer) -> None:
    await neighbour.sends_photo(caption="@loopback_bot xem giúp")

    assert "Tôi chỉ đọc được chữ" in (await neighbour.reads()).text
    assert telegram.calls_of("getFile") == []


async def test_unknown_command_to_this_very_bot_is_named_so(neighbour: Citizen) -> None:
    await neighbour.says("/khong_co@loopback_bot")

    assert "không có lệnh này" in (await neighbour.reads()).text


async def test_two_people_in_a_group_have_two_conversations(
    neighbour: Citizen, telegram: TelegramServer, group: Chat, notebook: Notebook
) -> None:
    hoa = telegram.citizen("Hoa").in_group(group)
    await neighbour.says("/ngon_ngu")
    await neighbour.reads()
    await neighbour.taps("English")
    await neighbour.reads()

    await hoa.says("@loopback_bot phí tạm trú")

    hoa.skips()
    answer = await hoa.reads()
    assert not answer.text.startswith("This answer")
    assert notebook.records[0].person != notebook.records[-1].person


async def test_group_gets_at_most_twenty_messages_a_minute_and_the_rest_is_dropped(
    telegram: TelegramServer, dialogue: Dialogue, database: Sessions
) -> None:
    now = [0.0]
    async with running(settings_for(telegram), dialogue, database, clock=lambda: now[0]):
        group = telegram.group("Tổ dân phố")
        people = [telegram.citizen(f"Bà {n}").in_group(group) for n in range(5)]
        for _ in range(5):
            for person in people:
                await person.says("@loopback_bot phí tạm trú")
        await people[0].sees(20)
        await people[0].reads_nothing(0.3)

        # A minute later: the library's own limit, 20 a minute, lets one through after three seconds.
        now[0] = 61.0
        await people[0].says("/menu")
        await people[0].reads(timeout=6)

    assert len(telegram.calls_of("sendMessage")) == 21


async def test_channels_bots_and_coming_and_going_get_silence(
    neighbour: Citizen, lan: Citizen, telegram: TelegramServer, group: Chat, notebook: Notebook
) -> None:
    robot = {"id": 99, "is_bot": True, "first_name": "Robot", "username": "other_bot"}
    said = {"date": 1, "chat": group.profile, "text": "@loopback_bot phí"}
    me = telegram.world.bot
    telegram.push({"message": {**said, "message_id": 901, "from": robot}})
    telegram.push({"message": {**said, "message_id": 902, "from": neighbour.user, "is_automatic_forward": True}})
    telegram.push({"message": {**said, "message_id": 903, "from": neighbour.user, "via_bot": me}})
    telegram.push({"channel_post": {**said, "message_id": 904, "chat": CHANNEL}})
    telegram.push({"message": {**said, "message_id": 905, "chat": CHANNEL, "sender_chat": CHANNEL}})
    about = {"message_id": 906, "date": 1, "chat": group.profile, "from": neighbour.user}
    telegram.push({"message": {**about, "new_chat_members": [me]}})
    telegram.push({"message": {**about, "message_id": 907, "left_chat_member": me}})
    for before, after in (("left", "member"), ("member", "kicked")):
        change = {"old_chat_member": {"user": me, "status": before, "until_date": 0}}
        change |= {"new_chat_member": {"user": me, "status": after, "until_date": 0}}
        telegram.push({"my_chat_member": {"chat": group.profile, "from": lan.user, "date": 1, **change}})

    await lan.says("phí tạm trú")
    await lan.reads()

    await neighbour.reads_nothing(0.1)
    assert len(notebook.records) == 1
    assert len(telegram.calls_of("sendMessage")) == 1


async def test_administrator_who_hides_behind_the_group_is_answered(
    neighbour: Citizen, telegram: TelegramServer, group: Chat
) -> None:
    telegram.push(hidden(group, "@loopback_bot phí tạm trú"))

    assert "ệ phí" in (await neighbour.reads()).text


async def test_administrators_who_hide_behind_two_groups_are_two_people(
    neighbour: Citizen, telegram: TelegramServer, group: Chat, notebook: Notebook
) -> None:
    other = telegram.group("Tổ dân phố bên")
    telegram.push(hidden(group, "/menu"))
    telegram.push(hidden(other, "/menu"))
    await neighbour.says("/menu")

    persons = {record.person for record in await notebook.of(3)}

    assert len(persons) == 3
    everybody = Pseudonyms(SECRET).ever("telegram", ANONYMOUS["id"], dt.datetime.now(dt.UTC))
    assert not persons & set(everybody)


def test_commands_that_telegram_offers_in_groups_are_obeyed_there() -> None:
    assert PERSONAL_COMMANDS.issubset(COMMANDS)
    assert PERSONAL_COMMANDS.isdisjoint(IN_GROUPS)


@pytest.mark.parametrize("command", sorted(PERSONAL_COMMANDS))
async def test_personal_command_is_obeyed_in_private_only(
    lan: Citizen, neighbour: Citizen, telegram: TelegramServer, notebook: Notebook, command: str
) -> None:
    await neighbour.says(f"/{command}@loopback_bot con tôi mất thẻ")
    there = await neighbour.reads()
    await until(lambda: telegram.pending == 0)
    recorded = len(notebook.records)
    await lan.says(f"/{command}")
    alone = await lan.reads()

    assert (there.text, there.buttons) == (ALONE, ())
    assert ALONE not in alone.text
    assert recorded == 0
    assert telegram.breaches == []


async def test_choice_made_in_private_is_not_changed_from_a_group(lan: Citizen, neighbour: Citizen) -> None:
    await lan.says("/chu_lon")
    await lan.reads()
    await neighbour.says("/chu_lon")
    await neighbour.reads()

    await lan.says("/du_lieu_cua_toi")

    assert "chữ lớn" in (await lan.reads()).text


@pytest.mark.parametrize("pressed", ["k:1", "k", "f", "f:x", "o:helper", "x"])
async def test_personal_button_shows_and_changes_nothing_in_a_group(
    neighbour: Citizen, telegram: TelegramServer, notebook: Notebook, pressed: str
) -> None:
    await neighbour.says("/menu")
    await neighbour.reads()

    toast = await neighbour.taps_raw(pressed)

    assert toast.text == ALONE
    await neighbour.reads_nothing(0.1)
    assert telegram.calls_of("editMessageText") == []
    assert len(notebook.records) == 1


async def test_who_uses_telegram_in_english_is_asked_in_english_to_write_alone(
    telegram: TelegramServer, group: Chat
) -> None:
    ann = telegram.citizen("Ann", language="en-GB").in_group(group)

    await ann.says("/xoa")

    assert (await ann.reads()).text == "Please write to me alone for this."


def hidden(group: Chat, text: str) -> Json:
    """What an administrator writes who does not show who they are."""
    entities = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text.startswith("/") else []
    about = {"message_id": 950, "date": 1, "chat": group.profile, "from": ANONYMOUS, "sender_chat": group.profile}
    return {"message": about | {"text": text, "entities": entities}}
