"""How the bot presents itself on Telegram: its name, what stands above an empty chat, and its commands."""

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotDescription,
    BotName,
    BotShortDescription,
)
from telegram.constants import BotDescriptionLimit, BotNameLimit
from telegram.error import TelegramError

from dialogue.commands import ALL_COMMANDS, COMMANDS, IN_GROUPS
from dialogue.wording import DEFAULT, LANGUAGES, wording

log = logging.getLogger(__name__)


async def introduce(bot: Bot, police: str) -> None:
    """Tell Telegram who this is. What is right already is left, for these calls are limited; a failure is no harm."""
    for language in LANGUAGES:
        code = None if language == DEFAULT else language
        await _commands(bot, BotCommandScopeAllPrivateChats(), code, commands(language))
        await _commands(bot, BotCommandScopeAllGroupChats(), code, commands(language, only=IN_GROUPS))
        await _profile(bot, language, code, police)


async def offer(bot: Bot, chat: int, names: Collection[str]) -> None:
    """Show commands of staff, besides everybody's, in one chat only; without any, what everybody sees."""
    scope = BotCommandScopeChat(chat)
    if names:
        await _commands(bot, scope, None, commands(DEFAULT, only={*COMMANDS, *names}))
    else:
        await bot.delete_my_commands(scope)


def commands(language: str, only: Collection[str] = COMMANDS) -> tuple[BotCommand, ...]:
    """Return the commands as they are shown in Telegram's menu."""
    words = wording(language)
    return tuple(BotCommand(name, words(command.described)) for name, command in ALL_COMMANDS.items() if name in only)


async def _commands(bot: Bot, scope: BotCommandScope, code: str | None, wanted: tuple[BotCommand, ...]) -> None:
    await _unless_right(
        "commands",
        lambda: bot.get_my_commands(scope, code),
        wanted,
        lambda: bot.set_my_commands(wanted, scope, code),
    )


async def _profile(bot: Bot, language: str, code: str | None, police: str) -> None:
    words = wording(language)
    name = words("Public services: questions and answers")[: BotNameLimit.MAX_NAME_LENGTH]
    description = words(
        "I am an automatic guide to online public services of {police}: a machine, not an officer. I only explain; I "
        "decide nothing and handle no dossiers.\n\nI never ask for numbers of papers, photos, codes or passwords: "
        "whoever does is not me.",
        police=police,
    )[: BotDescriptionLimit.MAX_DESCRIPTION_LENGTH]
    short = words("A machine of {police}: guidance only. It never asks for numbers, photos or codes.", police=police)
    short = short[: BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH]
    await _unless_right(
        "name", lambda: bot.get_my_name(code), BotName(name), lambda: bot.set_my_name(name, language_code=code)
    )
    await _unless_right(
        "description",
        lambda: bot.get_my_description(code),
        BotDescription(description),
        lambda: bot.set_my_description(description, language_code=code),
    )
    await _unless_right(
        "short description",
        lambda: bot.get_my_short_description(code),
        BotShortDescription(short),
        lambda: bot.set_my_short_description(short, language_code=code),
    )


async def _unless_right(
    what: str, read: Callable[[], Awaitable[Any]], wanted: object, write: Callable[[], Awaitable[Any]]
) -> None:
    try:
        if await read() != wanted:
            await write()
    except TelegramError as error:
        log.warning("the bot's %s could not be set (%s)", what, type(error).__name__)
