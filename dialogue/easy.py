"""Large letters (`/chu_lon`): one short step a message, sentences of at most twelve words, few and plain buttons.

For people of seventy with weak eyes. What nobody has written in steps yet is told in the entry's own words.
"""

from collections.abc import Sequence

from dialogue.chats import Mode
from dialogue.composing import Composer
from dialogue.layout import join
from dialogue.replies import Button, Press, Reply, bold, escape, press
from faq.entries import Entry
from faq.notices import Notice


class EasyComposer(Composer):
    """Writes replies for those who read one step at a time."""

    def answer(self, entry: Entry, others: Sequence[Entry] = (), focus: str | None = None) -> Reply:  # noqa: ARG002 - the steps tell it
        """Return the first step; `others` are left out, for a choice too many is none."""
        return self.step(entry, 1)

    def details(self, entry: Entry, page: int) -> Reply:
        """Return a step: there are no pages here."""
        return self.step(entry, page)

    def step(self, entry: Entry, number: int) -> Reply:
        """Return step `number` (from 1) of an answer, and the way to the next and back."""
        if self._is_over(entry):
            return self._over(entry)
        steps = self._told(entry)
        shown = min(max(number, 1), len(steps))
        title = bold(self._fill(self.worded(entry).title))
        count = escape(self.words("Step {number} of {count}", number=shown, count=len(steps)))
        rows = []
        if shown < len(steps):
            rows.append((Button(self.words("▶️ Next"), press(Press.STEP, str(shown + 1), entry.key)),))
        if shown > 1:
            rows.append((Button(self.words("◀️ Back"), press(Press.STEP, str(shown - 1), entry.key)),))
        rows.append((Button(self.words("🔁 Say again"), press(Press.REPEAT, str(shown), entry.key)),))
        rows.append((Button(self.words("🙋 Call a helper"), press(Press.HELPER, entry.key)),))
        end = [] if shown < len(steps) else [self._verdict_row(entry), self.menu_row()]
        shaken = self.shaken(entry.key) if shown == 1 else []
        return Reply(join([f"{title}\n{count}", escape(steps[shown - 1]), *shaken]), (*rows, *end))

    def shaken(self, name: str) -> list[str]:
        """Say in short sentences that what an answer rests on no longer holds."""
        text = self.words("⚠️ The rule for this has changed. Please ask {police} before you go.", police=self.police)
        return [escape(text)] if super().shaken(name) else []

    def several(self, entries: Sequence[Entry]) -> Reply:
        """Let somebody take one question after the other."""
        return self._choose(self.words("You asked several things. Which one first?"), entries)

    def offer(self, entries: Sequence[Entry]) -> Reply:
        """Ask back which entry is meant."""
        return self._choose(self.words("Which of these do you mean?"), entries)

    def out_of_scope(self) -> Reply:
        """Say that this is not known here."""
        text = self.words("I do not know about this. Please ask {police}.", police=self.police)
        return Reply(escape(text), (self._help_row(), self.menu_row()))

    def not_understood(self, topics: Sequence[str]) -> Reply:
        """Admit it."""
        rows = tuple((self._topic_button(topic),) for topic in topics if topic in self.live.topics)
        text = self.words("I did not understand. Please say it another way.")
        return Reply(escape(text), (*rows, self._help_row(), self.menu_row()))

    def unavailable(self, entries: Sequence[Entry]) -> Reply:
        """Offer what a search by words has found."""
        if entries:
            return self._choose(self.words("Which of these do you mean?"), entries)
        return Reply(escape(self.words("I cannot read sentences now. Please choose below.")), self.menu().buttons)

    def warning(self) -> str:
        """Return the sentence that comes before an answer to a message with personal data."""
        return escape(self.words("⚠️ Your message has private numbers. I keep none of them. Please delete the message."))

    def welcome(self, notices: Sequence[Notice] = ()) -> Reply:
        """Say what this is, in short sentences."""
        text = self.words(
            "Hello. I am a machine that guides. I decide nothing. I never ask for numbers, photos or codes.\n\n"
            "Please type a question, or choose below."
        )
        return Reply(join([*self.announced(notices), escape(text)]), self.menu().buttons)

    def mode_chosen(self, helped: int) -> Reply:  # noqa: ARG002 - for those who count
        """Say how large letters work."""
        text = self.words(
            "Large letters are on. I tell one step at a time. Press «Next» for the next step.\n\n"
            "To switch it off, press the last button below."
        )
        off = Button(self.words("✖️ Switch off large letters"), press(Press.MODE, Mode.PLAIN))
        return Reply(escape(text), (*self.menu().buttons, (off,)))

    def only_text(self) -> Reply:
        """Say that only typed words are read."""
        text = self.words("I read typed words only. I do not open photos, voice or files. It keeps you safe.")
        return Reply(escape(text), (self._help_row(), self.menu_row()))

    def menu(self, notices: Sequence[Notice] = ()) -> Reply:
        """List the topics, one below the other."""
        rows = [(button,) for row in super().menu().buttons for button in row]
        title = bold(self.words("What would you like to know about?"))
        return Reply(join([*self.announced(notices), title]), tuple(rows))

    def topic(self, topic: str) -> Reply:
        """List what can be asked about a topic, one below the other."""
        reply = super().topic(topic)
        return Reply(reply.html, tuple((button,) for row in reply.buttons for button in row))

    def _told(self, entry: Entry) -> list[str]:
        worded = self.worded(entry)
        in_vietnamese = self.words.language == "vi" or entry.english is None
        if entry.easy and in_vietnamese:
            return [self._fill(step) for step in entry.easy]
        return [self._fill(text) for text in (worded.short, *worded.details.steps, *worded.details.papers)]

    def _choose(self, question: str, entries: Sequence[Entry]) -> Reply:
        rows = tuple((self._entry_button(entry),) for entry in entries)
        return Reply(escape(question), (*rows, self._help_row(), self.menu_row()))

    def _help_row(self) -> tuple[Button, ...]:
        return (Button(self.words("🙋 Call a helper"), press(Press.HELPER)),)
