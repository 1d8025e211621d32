"""Which edited messages say something else than before: Telegram also tells of edits that change no word."""

from collections import OrderedDict

from telegram import Message

MOST_REMEMBERED = 10_000


class Edits:
    """Remembers what messages said, by numbers that nobody can turn back into words."""

    def __init__(self) -> None:
        self._said: OrderedDict[tuple[int, int], tuple[int, int]] = OrderedDict()

    def says_something_new(self, message: Message, update_id: int) -> bool:
        """Return whether the message is new or reads differently now; an update tried again is as new as before."""
        key, said = (message.chat.id, message.message_id), hash(message.text)
        before, by = self._said.get(key, (None, update_id))
        if before == said and by != update_id:
            return False
        self._said[key] = said, update_id
        self._said.move_to_end(key)
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        return True
