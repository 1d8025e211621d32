"""For volunteers (`/nguoi_ho_tro`): short answers, several in a row, and a card to hand over at the end."""

from collections.abc import Sequence

from dialogue.chats import Mode
from dialogue.composing import Composer, Row
from dialogue.layout import join
from dialogue.replies import Button, Press, Reply, bold, escape, press, small
from faq.entries import Entry

ON_A_CARD = 6
"""Answers that one person can take home."""
MOST_CHARACTERS = 3_500
"""Of a card, with room to spare in a message."""


class BriefComposer(Composer):
    """Writes replies for somebody who sits beside a citizen."""

    def answer(self, entry: Entry, others: Sequence[Entry] = (), focus: str | None = None) -> Reply:
        """Return the gist, fee, time and place, and the way to everything else."""
        if self._is_over(entry):
            return self._over(entry)
        worded = self.worded(entry)
        told = [
            *self._gist(worded, focus),
            *self.shaken(entry.key),
            *self._papers(worded),
            *self._at_a_glance(worded, focus),
        ]
        more = Button(self.words("Show details"), press(Press.DETAILS, "1", entry.key))
        rows = tuple((self._entry_button(other),) for other in others[:2])
        return Reply(join(told), ((more,), *rows, *self._helper_rows()))

    def mode_chosen(self, helped: int) -> Reply:
        """Say how helper mode works."""
        text = self.words(
            "Helper mode is on: short answers, one question after the other. Press «Next person» when somebody has "
            "been helped: they are counted, nothing about them is kept. «Card to hand over» sums up what was asked. "
            "Never type a person's number, photo or code here. To leave, press the last button below.\n\nHelped today: "
            "{helped}.",
            helped=helped,
        )
        leave = Button(self.words("✖️ Leave helper mode"), press(Press.MODE, Mode.PLAIN))
        return Reply(escape(text), ((*self._next_row(), self._card_button()), *self.menu().buttons, (leave,)))

    def next_person(self, helped: int) -> Reply:
        """Begin with somebody new."""
        text = self.words("Noted. Helped today: {helped}. What does the next person want to know?", helped=helped)
        return Reply(escape(text), (self.menu_row(),))

    def card(self, entries: Sequence[Entry]) -> Reply:
        """Sum up what was asked for somebody to take home: a message to pass on or to copy by hand."""
        if not entries:
            return Reply(escape(self.words("Nothing was asked for this person yet.")), (self.menu_row(),))
        parts = [bold(self.words("Card: what to do, where, how much"))]
        for number, entry in enumerate(map(self.worded, entries[-ON_A_CARD:]), 1):
            links = "".join(f"\n🌐 {escape(link.url)}" for link in entry.links[:1])
            glance = "".join(f"\n{line}" for line in self._at_a_glance(entry))
            shaken = "".join(f"\n{line}" for line in self.shaken(entry.key))
            told = f"{escape(self._fill(entry.short))}{shaken}{glance}{links}"
            parts.append(f"{number}. {bold(self._fill(entry.title))}\n{told}")
        source = self.words("{police}, {day}. Nobody of the police asks for codes or money by phone.",
                             police=self.police, day=self.words.date(self.today))  # fmt: skip
        kept, end = parts[:1], small(source)
        for part in parts[1:]:
            if len(Reply(join([*kept, part, end])).text) <= MOST_CHARACTERS:
                kept.append(part)
        return Reply(join([*kept, end]), (self._next_row(),))

    def _helper_rows(self) -> tuple[Row, ...]:
        return ((*self._next_row(), self._card_button()), self.menu_row())

    def _card_button(self) -> Button:
        return Button(self.words("🪪 Card to hand over"), press(Press.CARD))

    def _next_row(self) -> Row:
        return (Button(self.words("👤 Next person"), press(Press.NEXT_PERSON)),)
