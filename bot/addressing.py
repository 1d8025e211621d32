"""Whether a message is meant for the bot: in private always, in a group when it is named, replied to, or commanded."""

import re

from telegram import Message
from telegram.constants import ChatID
from telegram.ext import filters


class _Meant(filters.MessageFilter):
    """Messages that want an answer of this bot."""

    def filter(self, message: Message) -> bool:
        """Return whether the bot is to answer."""
        return in_private(message) or _is_named(message) or _is_reply_to_bot(message)


class _ByPeople(filters.MessageFilter):
    """Messages of people: not of other bots, not passed on from a channel, not our own words chosen in inline mode."""

    def filter(self, message: Message) -> bool:
        """Return whether a person wrote it here."""
        sender, via = message.from_user, message.via_bot
        machine = sender is not None and sender.is_bot and sender.id != ChatID.ANONYMOUS_ADMIN
        own_words = via is not None and via.id == message.get_bot().id
        return not (machine or own_words or message.is_automatic_forward)


PEOPLE = (filters.ChatType.PRIVATE | filters.ChatType.GROUPS) & _ByPeople()
MEANT = PEOPLE & _Meant()


def in_private(message: Message) -> bool:
    """Whether nobody else reads along."""
    return bool(filters.ChatType.PRIVATE.filter(message))


def words_of(message: Message) -> str:
    """Return what was written, in a group without the bot's name."""
    text = message.text or ""
    return text if in_private(message) else _name_of_bot(message).sub(" ", text).strip()


def command_of(message: Message) -> tuple[str, str]:
    """Return the name of the command that a message begins with, and what stands behind it."""
    text, length = message.text or "", message.entities[0].length
    return text[1:length].partition("@")[0].lower(), text[length:].strip()


def _is_named(message: Message) -> bool:
    text = message.text or message.caption or ""
    if text.startswith("/"):
        return bool(_name_of_bot(message).search(text.split(maxsplit=1)[0]))
    return bool(_name_of_bot(message).search(text))


def _is_reply_to_bot(message: Message) -> bool:
    text, first = message.text or "", message.reply_to_message
    for_another = text.startswith("/") and "@" in text.split(maxsplit=1)[0]
    answered = first is not None and first.from_user is not None and first.from_user.id == message.get_bot().id
    return answered and not for_another


def _name_of_bot(message: Message) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(message.get_bot().username)}\b", re.IGNORECASE)
