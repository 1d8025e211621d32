"""Replies as Telegram shows them."""

import contextlib
import logging
from collections.abc import Sequence

from telegram import (
    CallbackQuery,
    Chat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputFile,
    InputTextMessageContent,
    LinkPreviewOptions,
    MaybeInaccessibleMessage,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.introducing import offer
from dialogue.replies import Button, Found, Reply, Turn

log = logging.getLogger(__name__)

MOST_PASSED_ON = 10
CACHED_SECONDS = 300
"""For so long Telegram itself answers who types the same."""
CACHED_SECONDS_OF_NOTHING = 5
"""The guide may be stopped for now, or somebody types too fast: then that is nobody else's answer."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(reply: Reply, *, only_links: bool = False) -> InlineKeyboardMarkup | None:
    """Return the buttons of a reply."""
    rows = [[_button(button) for button in row if button.press is None or not only_links] for row in reply.buttons]
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


async def send(reply: Reply, to: MaybeInaccessibleMessage) -> None:
    """Send a reply to the chat of a message; in a group it shows what it answers, and stays in the same thread."""
    in_group = to.chat.type != Chat.PRIVATE
    thread = to.message_thread_id if isinstance(to, Message) and to.is_topic_message else None
    answered = ReplyParameters(to.message_id, allow_sending_without_reply=True) if in_group else None
    try:
        await _send(to, to.chat.id, reply, reply_parameters=answered, message_thread_id=thread)
    except ChatMigrated as error:  # the group has become a supergroup, with another number
        await _send(to, error.new_chat_id, reply)


async def add_to(turn: Turn, to: MaybeInaccessibleMessage) -> None:
    """Send what is enclosed with a reply that has been sent, and offer other commands in its chat if it says so."""
    bot, chat = to.get_bot(), to.chat.id
    try:
        for one in turn.enclosed:
            sending = bot.send_photo if one.picture else bot.send_document
            await sending(chat, InputFile(one.content, one.name))
        if turn.offered is not None:
            await offer(bot, chat, turn.offered)
    except TelegramError as error:  # the reply itself has arrived, and must not come again
        log.warning("what goes with a reply could not be sent (%s)", type(error).__name__)


async def show_in_place(query: CallbackQuery, reply: Reply) -> None:
    """Turn the message whose button was pressed into `reply`; send a new one where it cannot be changed."""
    if query.message is None:
        return
    if not isinstance(query.message, Message):  # so old that Telegram no longer lets us see it
        await send(reply, query.message)
        return
    try:
        await query.edit_message_text(
            reply.html, parse_mode=ParseMode.HTML, reply_markup=keyboard(reply), link_preview_options=NO_PREVIEW
        )
    except BadRequest as error:
        if "not modified" not in str(error):
            await send(reply, query.message)


async def acknowledge(query: CallbackQuery, toast: str | None = None) -> None:
    """Stop the button's spinner; if that fails, the answer goes out all the same."""
    with contextlib.suppress(TelegramError):
        await query.answer(toast)


async def pass_on(query: InlineQuery, found: Sequence[Found]) -> None:
    """Offer answers to be sent in any chat; there, nothing but links can be pressed."""
    articles = [
        InlineQueryResultArticle(
            one.id,
            one.title,
            InputTextMessageContent(one.reply.html, ParseMode.HTML, link_preview_options=NO_PREVIEW),
            reply_markup=keyboard(one.reply, only_links=True),
            description=one.description,
        )
        for one in found[:MOST_PASSED_ON]
    ]
    try:
        cache_time = CACHED_SECONDS if articles else CACHED_SECONDS_OF_NOTHING
        await query.answer(articles, cache_time=cache_time, is_personal=not articles)
    except BadRequest as error:  # who types on has asked anew meanwhile, and the old query is gone
        log.info("an inline query was not answered (%s)", type(error).__name__)


async def _send(
    to: MaybeInaccessibleMessage,
    chat: int,
    reply: Reply,
    *,
    reply_parameters: ReplyParameters | None = None,
    message_thread_id: int | None = None,
) -> None:
    await to.get_bot().send_message(
        chat,
        reply.html,
        parse_mode=ParseMode.HTML,
        reply_markup=keyboard(reply),
        link_preview_options=NO_PREVIEW,
        reply_parameters=reply_parameters,
        message_thread_id=message_thread_id,
    )


def _button(button: Button) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    if button.share is not None:
        return InlineKeyboardButton(button.label, switch_inline_query=button.share)
    return InlineKeyboardButton(button.label, callback_data=button.press)
