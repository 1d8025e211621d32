"""The bot says on Telegram who it is and what it can do, and does not say again what is right already."""

from collections.abc import AsyncIterator

import pytest
from telegram import Bot

from bot.application import Bot as Application
from bot.introducing import introduce
from dialogue.commands import ALL_COMMANDS, COMMANDS, IN_GROUPS
from dialogue.wording import LANGUAGES
from tests.telegram.server import TelegramServer

POLICE = "Công an phường Cửa Lò"
SETTING = ("setMyCommands", "setMyName", "setMyDescription", "setMyShortDescription")


@pytest.fixture
async def me(telegram: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(telegram.token, telegram.base_url) as bot:
        yield bot


async def test_commands_shown_are_those_that_are_handled(bot: Application, me: Bot, telegram: TelegramServer) -> None:
    await introduce(me, POLICE)

    handled = {name for group in bot.handlers.values() for h in group for name in getattr(h, "commands", ())}
    shown = {
        (call.params["scope"]["type"], call.params.get("language_code")): [
            c["command"] for c in call.params["commands"]
        ]
        for call in telegram.calls_of("setMyCommands")
    }
    assert handled == set(ALL_COMMANDS)
    for code in (None, "en"):
        assert shown["all_private_chats", code] == list(COMMANDS)
        assert shown["all_group_chats", code] == [name for name in COMMANDS if name in IN_GROUPS]
    assert telegram.breaches == []


async def test_name_and_descriptions_say_whose_machine_it_is(me: Bot, telegram: TelegramServer) -> None:
    await introduce(me, POLICE)

    assert (await me.get_my_name()).name == "Hỏi Đáp Dịch Vụ Công"
    for code in (None, "en"):
        for text in (
            (await me.get_my_description(code)).description,
            (await me.get_my_short_description(code)).short_description,
        ):
            assert POLICE in text
            assert ("máy" if code is None else "machine") in text.lower()
    assert telegram.breaches == []


async def test_what_is_right_already_is_not_set_again(me: Bot, telegram: TelegramServer) -> None:
    await introduce(me, POLICE)
    assert len(telegram.calls_of(*SETTING)) == 5 * len(LANGUAGES)

    await introduce(me, POLICE)
    assert len(telegram.calls_of(*SETTING)) == 5 * len(LANGUAGES)

    await introduce(me, "Công an xã Hải Lộc")
    assert len(telegram.calls_of(*SETTING)) == 7 * len(LANGUAGES)


@pytest.mark.parametrize("what", [400, 429, 500])
async def test_failure_to_introduce_is_noted_and_no_more(
    me: Bot, telegram: TelegramServer, caplog: pytest.LogCaptureFixture, what: int
) -> None:
    telegram.fail_next("*", what, times=100)

    await introduce(me, POLICE)

    assert "the bot's name could not be set" in caplog.text


async def test_long_name_of_an_office_is_cut_to_what_telegram_takes(me: Bot, telegram: TelegramServer) -> None:
    await introduce(me, "Công an " * 100)

    assert telegram.breaches == []
