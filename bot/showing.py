"""Replies as Telegram shows them."""

import contextlib

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest

from dialogue.replies import Button, Reply

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


def keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """Return the buttons of a reply."""
    rows = [[_button(button) for button in row] for row in reply.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


async def send(message: Message, reply: Reply) -> None:
    """Send a reply to the chat of `message`."""
    await message.chat.send_message(
        reply.html, parse_mode=ParseMode.HTML, reply_markup=keyboard(reply), link_preview_options=NO_PREVIEW
    )


async def show_in_place(query: CallbackQuery, reply: Reply) -> None:
    """Turn the message whose button was pressed into `reply`; send a new one where it cannot be changed."""
    try:
        await query.edit_message_text(
            reply.html, parse_mode=ParseMode.HTML, reply_markup=keyboard(reply), link_preview_options=NO_PREVIEW
        )
    except BadRequest as error:
        if "not modified" in str(error):
            return
        if isinstance(query.message, Message):
            await send(query.message, reply)


async def acknowledge(query: CallbackQuery) -> None:
    """Stop the button's spinner; a query that is too old to be answered does not matter."""
    with contextlib.suppress(BadRequest):
        await query.answer()


def _button(button: Button) -> InlineKeyboardButton:
    if button.url is not None:
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.press)
