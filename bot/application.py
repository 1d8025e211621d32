"""The handler table: one screen with everything the bot reacts to on Telegram."""

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Final

from telegram import CallbackQuery, Chat, MaybeInaccessibleMessage, Message, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.addressing import MEANT, PEOPLE, command_of, words_of
from bot.discretion import PERSONAL_COMMANDS, is_personal, language_of, others_read_along, write_to_me_alone
from bot.edits import Edits
from bot.flood import Admission, Allowance, Floods
from bot.ordering import ByChat
from bot.pace import Pace
from bot.patience import may_pass
from bot.quiet import keep_words_out_of_logs
from bot.settings import BotSettings
from bot.showing import acknowledge, add_to, pass_on, send, show_in_place
from bot.sifting import Sifted
from bot.unsent import Unsent
from dialogue.commands import ALL_COMMANDS, COMMANDS, FOR_STAFF
from dialogue.conversation import Dialogue, Speaker
from dialogue.replies import Reply, Turn, escape
from dialogue.wording import DEFAULT, wording
from stats.pseudonyms import Pseudonyms

log = logging.getLogger(__name__)

CHANNEL: Final = "telegram"
TYPING_AFTER = 0.4
"""Seconds that an answer may take before «typing…» is shown: most are there sooner, and each showing is a call."""
TYPING_SECONDS = 2
TYPING_PATIENCE = 0.5
"""Seconds that an answer waits so as not to be followed by «typing…»."""
READ_SECONDS = 20
"""To wait for a late answer is better than to send a message again that has arrived."""
CONNECTIONS = 16
"""More make the HTTP client slower, not faster: it looks through all of them at each call."""

MOST_INLINE = 60
"""Inline queries of a person in a minute: they come letter by letter."""

Bot = Application[Any, Any, Any, Any, Any, Any]
Context = ContextTypes.DEFAULT_TYPE
Answering = Callable[[Speaker, Message], Awaitable[Turn]]


class CitizensDoor:
    """What a citizen can do on Telegram, each in one method."""

    def __init__(
        self, dialogue: Dialogue, pseudonyms: Pseudonyms, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._dialogue = dialogue
        self._pseudonyms = pseudonyms
        self._floods = Floods(clock=clock)
        self._groups = Allowance(clock=clock)
        self._inline = Allowance(MOST_INLINE, clock=clock)
        self._edits = Edits()
        self._unsent = Unsent()

    async def command(self, update: Update, _context: Context) -> None:
        """One of the commands, with what stands behind it."""
        await self._reply(update, self._obey)

    async def for_staff(self, update: Update, _context: Context) -> None:
        """A command of staff, in private; to others the dialogue answers as if there were none."""
        await self._reply(update, self._obey)

    async def text(self, update: Update, _context: Context) -> None:
        """A message in the citizen's own words, new or edited."""
        await self._reply(update, lambda speaker, message: self._dialogue.answer(speaker, words_of(message)))

    async def unknown_command(self, update: Update, _context: Context) -> None:
        """A command that does not exist."""
        await self._reply(update, lambda speaker, _message: self._dialogue.unknown_command(speaker))

    async def not_text(self, update: Update, _context: Context) -> None:
        """A picture, a sticker, a voice message ...: never downloaded."""
        await self._reply(update, lambda speaker, _message: self._dialogue.only_text(speaker))

    async def pressed(self, update: Update, _context: Context) -> None:
        """A button, also one of an old message."""
        query, speaker = update.callback_query, _speaker(update)
        if query is None:
            return
        if speaker is None or query.message is None:
            await acknowledge(query)
            return
        turn = self._unsent.take(update.update_id)
        if turn is None and await self._admits(update, speaker, query.message):
            turn = await self._press(speaker, query, query.message.chat)
        if turn is None:
            await acknowledge(query)
        elif turn.toast is not None:
            await self._give(update, turn, acknowledge(query, turn.toast))
        else:
            showing = send(turn.reply, query.message) if turn.anew else show_in_place(query, turn.reply)
            await self._give(update, turn, _both(acknowledge(query), showing))
            await add_to(turn, query.message)

    async def inline(self, update: Update, _context: Context) -> None:
        """The bot's name typed in any chat: answers to pass on. The same for everybody who types the same."""
        query = update.inline_query
        if query is not None:
            admitted = self._inline.take(str(query.from_user.id))
            # Whole: a number that is cut before it is masked is none any more.
            await pass_on(query, await self._dialogue.inline(query.query, DEFAULT) if admitted else ())

    async def _press(self, speaker: Speaker, query: CallbackQuery, chat: Chat) -> Turn:
        pressed = query.data or ""
        if is_personal(pressed) and others_read_along(chat):
            return write_to_me_alone(query.from_user)
        return await self._dialogue.press(speaker, pressed)

    async def _obey(self, speaker: Speaker, message: Message) -> Turn:
        name, argument = command_of(message)
        if name in PERSONAL_COMMANDS and others_read_along(message.chat):
            return write_to_me_alone(message.from_user)
        return await ALL_COMMANDS[name].run(self._dialogue, speaker, argument)

    async def _reply(self, update: Update, answering: Answering) -> None:
        message, speaker = update.effective_message, _speaker(update)
        if message is None or speaker is None or not self._edits.says_something_new(message, update.update_id):
            return
        turn = self._unsent.take(update.update_id)
        if turn is None and await self._admits(update, speaker, message):
            turn = await _typing(message, answering(speaker, message))
        if turn is not None:
            await self._give(update, turn, send(turn.reply, message))
            await add_to(turn, message)

    async def _admits(self, update: Update, speaker: Speaker, message: MaybeInaccessibleMessage) -> bool:
        """Whether this one is served: in a flood there is one notice, in a full group there is nothing."""
        admission = self._floods.admit(speaker.key)
        if admission is Admission.SILENCE:
            return False
        if others_read_along(message.chat) and not self._groups.take(str(message.chat.id)):
            log.info("a group has had its messages of this minute; one more is not answered")
            return False
        if admission is Admission.NOTICE:
            await send(_too_fast(update), message)
            return False
        return True

    async def _give(self, update: Update, turn: Turn, sending: Coroutine[Any, Any, None]) -> None:
        """Send a reply and meanwhile write down what was asked: when both are done, the update is."""
        recording = asyncio.create_task(self._dialogue.record(self._numbered(turn, update)))
        try:
            await sending
        except Exception as error:
            if may_pass(error):  # the update comes again (bot/reception.py), and must not do the same once more
                self._unsent.keep(update.update_id, replace(turn, asked=None))
            raise
        finally:
            # A citizen who has blocked the bot meanwhile has asked all the same.
            await recording

    def _numbered(self, turn: Turn, update: Update) -> Turn:
        """Give the record a number that follows from the update's, so that one handled twice counts once."""
        if turn.asked is None:
            return turn
        number = self._pseudonyms.of(f"{CHANNEL} update", update.update_id)
        return replace(turn, asked=replace(turn.asked, id=number))


def handlers(door: CitizensDoor) -> tuple[Any, ...]:
    """Return everything the bot reacts to; the first that fits is taken."""
    return (
        CommandHandler(COMMANDS, door.command, PEOPLE),
        CommandHandler(FOR_STAFF, door.for_staff, PEOPLE & filters.ChatType.PRIVATE),
        MessageHandler(filters.COMMAND & MEANT, door.unknown_command),
        MessageHandler(filters.TEXT & MEANT, door.text),
        CallbackQueryHandler(door.pressed),
        InlineQueryHandler(door.inline),
        # New messages only: a shared live location is edited every few seconds.
        MessageHandler(filters.UpdateType.MESSAGE & ~filters.StatusUpdate.ALL & MEANT, door.not_text),
    )


def build(settings: BotSettings, dialogue: Dialogue, *, clock: Callable[[], float] = time.monotonic) -> Bot:
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
        .updater(None)  # bot/listening.py does it without losing any
        .build()
    )
    application.add_handlers(handlers(CitizensDoor(dialogue, Pseudonyms(settings.secret_key), clock=clock)))
    application.add_error_handler(report_error)
    return application


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


async def _both(first: Coroutine[Any, Any, None], second: Coroutine[Any, Any, None]) -> None:
    """Do two things side by side: the answer must not wait for the button's spinner."""
    await asyncio.gather(first, second)


async def _typing(message: Message, answer: Awaitable[Turn]) -> Turn:
    """Wait for an answer and show meanwhile that the bot types."""
    typing = asyncio.create_task(_show_typing(message, begun := asyncio.Event()))
    try:
        turn = await answer
        if begun.is_set():
            await asyncio.wait({typing}, timeout=TYPING_PATIENCE)
    finally:
        typing.cancel()
    return turn


async def _show_typing(message: Message, begun: asyncio.Event) -> None:
    await asyncio.sleep(TYPING_AFTER)
    begun.set()
    try:
        await message.chat.send_action(ChatAction.TYPING, read_timeout=TYPING_SECONDS)
    except TelegramError as error:
        log.info("typing could not be shown: %s", type(error).__name__)


def _too_fast(update: Update) -> Reply:
    """Ask for patience, in the language of the person's Telegram."""
    words = wording(language_of(update.effective_user))
    return Reply(escape(words("You write faster than I can answer. Please wait a minute, then ask again.")))


def _speaker(update: Update) -> Speaker | None:
    """Return who talks; in a group each person has a conversation of their own."""
    user, chat = update.effective_user, update.effective_chat
    if user is None or chat is None:
        return None
    person = f"{chat.id}:anonymous" if _is_anonymous(update) else str(user.id)
    conversation = f"{chat.id}:{person}" if others_read_along(chat) else str(chat.id)
    return Speaker(CHANNEL, person, conversation)


def _is_anonymous(update: Update) -> bool:
    """Whether somebody writes in the name of their group: Telegram gives all of those on earth one and the same id."""
    said = update.message or update.edited_message
    return said is not None and said.sender_chat is not None
