"""Which edited messages say something else than before: Telegram also tells of edits that change no word."""

from collections import OrderedDict

from telegram import Message

MOST_REMEMBERED = 10_000


class Edits:
    """Remembers what messages said, by numbers that nobody can turn back into words."""

    def __init__(self) -> None:
        self._said: OrderedDict[tuple[int, int], int] = OrderedDict()

    def says_something_new(self, message: Message) -> bool:
        """Return whether the message is new or reads differently now."""
        key, said = (message.chat.id, message.message_id), hash(message.text)
        new = self._said.get(key) != said
        self._said[key] = said
        self._said.move_to_end(key)
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        return new
