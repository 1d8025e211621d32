"""The handler table: one screen with everything the bot reacts to on Telegram."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, Final

from telegram import BotCommand, Chat, Message, Update
from telegram.constants import ChatAction, ChatType
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.ordering import ByChat
from bot.pace import Pace
from bot.quiet import keep_words_out_of_logs
from bot.settings import BotSettings
from bot.showing import acknowledge, send, show_in_place
from bot.sifting import Sifted
from dialogue.conversation import Dialogue, Speaker
from dialogue.replies import Press, Turn
from dialogue.wording import LANGUAGES, wording

log = logging.getLogger(__name__)

CHANNEL: Final = "telegram"
ALLOWED_UPDATES = (Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY)
TYPING_SECONDS = 2
TYPING_PATIENCE = 0.5
"""Seconds that an answer waits so as not to be followed by «typing…»."""
READ_SECONDS = 20
"""To wait for a late answer is better than to send a message again that has arrived."""
CONNECTIONS = 16
"""More make the HTTP client slower, not faster: it looks through all of them at each call."""

COMMANDS = ("start", "menu", "help", "ngon_ngu")

Bot = Application[Any, Any, Any, Any, Any, Any]
Context = ContextTypes.DEFAULT_TYPE
Answering = Callable[[Speaker, Message], Awaitable[Turn]]


class CitizensDoor:
    """What a citizen can do on Telegram, each in one method."""

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    async def start(self, update: Update, context: Context) -> None:
        """`/start`, with the code of a leaflet or without."""
        code = context.args[0] if context.args else ""
        await self._reply(update, lambda speaker, _message: self._dialogue.start(speaker, code))

    async def help(self, update: Update, _context: Context) -> None:
        """`/help`."""
        await self._reply(update, lambda speaker, _message: self._dialogue.help(speaker))

    async def menu(self, update: Update, _context: Context) -> None:
        """`/menu`."""
        await self._reply(update, lambda speaker, _message: self._dialogue.menu(speaker))

    async def languages(self, update: Update, _context: Context) -> None:
        """`/ngon_ngu`."""
        await self._reply(update, lambda speaker, _message: self._dialogue.languages(speaker))

    async def text(self, update: Update, _context: Context) -> None:
        """A message in the citizen's own words, new or edited."""
        await self._reply(update, lambda speaker, message: self._dialogue.answer(speaker, message.text or ""))

    async def unknown_command(self, update: Update, _context: Context) -> None:
        """A command that does not exist."""
        await self._reply(update, lambda speaker, _message: self._dialogue.unknown_command(speaker))

    async def not_text(self, update: Update, _context: Context) -> None:
        """A picture, a sticker, a voice message ...: never downloaded."""
        await self._reply(update, lambda speaker, _message: self._dialogue.only_text(speaker))

    async def pressed(self, update: Update, _context: Context) -> None:
        """A button, also one of an old message."""
        query = update.callback_query
        speaker = _speaker(update)
        if query is None or speaker is None:
            return
        turn = await self._dialogue.press(speaker, query.data or "")
        try:
            await acknowledge(query)
            kind = (query.data or "").partition(":")[0]
            if kind == Press.ENTRY and query.message is not None:
                # An answer is a message of its own, so that the list it was chosen from stays above it.
                await send(query.message.chat, turn.reply)
            else:
                await show_in_place(query, turn.reply)
        finally:
            await self._dialogue.record(turn)

    async def _reply(self, update: Update, answering: Answering) -> None:
        message, speaker = update.effective_message, _speaker(update)
        if message is None or speaker is None or not _is_private(update.effective_chat):
            return
        typing = asyncio.create_task(_show_typing(message))
        try:
            turn = await answering(speaker, message)
            await asyncio.wait({typing}, timeout=TYPING_PATIENCE)
        finally:
            typing.cancel()
        try:
            await send(message.chat, turn.reply)
        finally:
            # A citizen who has blocked the bot meanwhile has asked all the same.
            await self._dialogue.record(turn)


def handlers(door: CitizensDoor) -> tuple[Any, ...]:
    """Return everything the bot reacts to; the first that fits is taken."""
    return (
        CommandHandler("start", door.start),
        CommandHandler("help", door.help),
        CommandHandler("menu", door.menu),
        CommandHandler("ngon_ngu", door.languages),
        MessageHandler(filters.COMMAND, door.unknown_command),
        MessageHandler(filters.TEXT, door.text),
        CallbackQueryHandler(door.pressed),
        # New messages only: a shared live location is edited every few seconds.
        MessageHandler(filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL, door.not_text),
    )


def build(settings: BotSettings, dialogue: Dialogue) -> Bot:
    """Return the application, ready to run by polling or by webhook."""
    keep_words_out_of_logs()
    application: Bot = (
        ApplicationBuilder()
        .token(settings.telegram_bot_token)
        .base_url(f"{settings.telegram_api_url}/bot")
        .base_file_url(f"{settings.telegram_api_url}/file/bot")
        .concurrent_updates(ByChat())
        .rate_limiter(Pace())
        .read_timeout(READ_SECONDS)
        .connection_pool_size(CONNECTIONS)
        .pool_timeout(30)
        .get_updates_request(Sifted())
        .post_init(introduce)
        .build()
    )
    application.add_handlers(handlers(CitizensDoor(dialogue)))
    application.add_error_handler(report_error)
    return application


async def introduce(application: Bot) -> None:
    """Tell Telegram the commands in each language; a bot that cannot do so answers all the same."""
    try:
        for language in LANGUAGES:
            code = None if language == "vi" else language
            await application.bot.set_my_commands(commands(language), language_code=code)
    except TelegramError as error:
        log.warning("commands could not be set: %s", type(error).__name__)


def commands(language: str) -> tuple[BotCommand, ...]:
    """Return the commands as they are shown in Telegram's menu."""
    words = wording(language)
    described = {
        "start": words("Start again"),
        "menu": words("All topics"),
        "help": words("How to use this guide"),
        "ngon_ngu": words("Language"),
    }
    return tuple(BotCommand(name, described[name]) for name in COMMANDS)


async def report_error(update: object, context: Context) -> None:
    """Note what went wrong without a word of the citizen, and tell them that something did."""
    error = context.error
    log.error("update was not handled: %s\n%s", type(error).__name__, _place_of(error))
    if isinstance(error, TelegramError) or not isinstance(update, Update) or update.effective_message is None:
        return
    sorry = wording("vi")("Sorry, something went wrong on my side. Please ask again in a moment.")
    try:
        await update.effective_message.chat.send_message(sorry)
    except TelegramError:
        log.warning("the apology could not be sent either")


def _place_of(error: BaseException | None) -> str:
    """Return where an error was raised; its own text may quote the citizen and is left out."""
    return "".join(traceback.format_tb(error.__traceback__)) if error else ""


async def _show_typing(message: Message) -> None:
    try:
        await message.chat.send_action(ChatAction.TYPING, read_timeout=TYPING_SECONDS)
    except TelegramError as error:
        log.info("typing could not be shown: %s", type(error).__name__)


def _speaker(update: Update) -> Speaker | None:
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None:
        return None
    return Speaker(CHANNEL, str(user.id), str(chat.id))


def _is_private(chat: Chat | None) -> bool:
    return chat is not None and chat.type == ChatType.PRIVATE
