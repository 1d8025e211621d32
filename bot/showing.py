"""Replies as Telegram shows them."""

import contextlib

from telegram import CallbackQuery, Chat, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError

from dialogue.replies import Button, Reply

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """Return the buttons of a reply."""
    rows = [[_button(button) for button in row] for row in reply.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


async def send(chat: Chat, reply: Reply) -> None:
    """Send a reply to a chat."""
    await chat.send_message(
        reply.html, parse_mode=ParseMode.HTML, reply_markup=keyboard(reply), link_preview_options=NO_PREVIEW
    )


async def show_in_place(query: CallbackQuery, reply: Reply) -> None:
    """Turn the message whose button was pressed into `reply`; send a new one where it cannot be changed."""
    if query.message is None:
        return
    if not isinstance(query.message, Message):  # so old that Telegram no longer lets us see it
        await send(query.message.chat, reply)
        return
    try:
        await query.edit_message_text(
            reply.html, parse_mode=ParseMode.HTML, reply_markup=keyboard(reply), link_preview_options=NO_PREVIEW
        )
    except BadRequest as error:
        if "not modified" not in str(error):
            await send(query.message.chat, reply)


async def acknowledge(query: CallbackQuery) -> None:
    """Stop the button's spinner; if that fails, the answer goes out all the same."""
    with contextlib.suppress(TelegramError):
        await query.answer()


def _button(button: Button) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.press)
