"""Put an entry, a menu, a question back or a refusal into words and buttons. Pure: the same input, the same reply."""

import datetime as dt
from collections.abc import Iterable, Sequence

from dialogue.replies import Button, Press, Reply, bold, escape, press, small
from dialogue.wording import Wording
from faq.entries import SCAM_TOPIC, SMALL_TALK_TOPIC, Citation, Document, Entry
from faq.live import Live

FIRST_SCREEN = 900
"""Characters that fit a small phone without scrolling far."""

PAGE = 3_500
"""Characters of a page of details, as Telegram counts them: it takes 4,096."""

RELATED = 3
Row = tuple[Button, ...]


class Composer:
    """Writes replies in one language about what is live."""

    def __init__(self, live: Live, words: Wording, today: dt.date) -> None:
        self._live = live
        self._words = words
        self._today = today

    def answer(self, entry: Entry, others: Sequence[Entry] = ()) -> Reply:
        """Return the first screen of an answer: the gist, and the rest if it fits; `others` may have been meant."""
        if entry.valid_until and entry.valid_until < self._today:
            return self._over(entry, entry.valid_until)
        first, rest = self._gist(entry), self._details(entry)
        whole = [*first, *rest, self._law(entry), self._fine_print(entry)]
        if _length(whole) <= FIRST_SCREEN:
            return Reply(_join(whole), self._buttons(entry, others, links=len(entry.links)))
        more = Button(self._words("Show details"), press(Press.DETAILS, "1", entry.key))
        without_law = [*first, *rest, self._fine_print(entry)]
        wanted = [*self._asked_for(entry), *self._at_a_glance(entry)]
        shown = (
            without_law if _length(without_law) <= FIRST_SCREEN else _fitting(first, wanted, self._fine_print(entry))
        )
        return Reply(_join(shown), ((more,), *self._buttons(entry, others)))

    def details(self, entry: Entry, page: int) -> Reply:
        """Return page `page` (from 1) of everything about an entry."""
        if entry.valid_until and entry.valid_until < self._today:
            return self._over(entry, entry.valid_until)
        pages = _pages([*self._gist(entry), *self._details(entry), self._law(entry), self._fine_print(entry)])
        shown = min(max(page, 1), len(pages))
        turns = []
        if shown > 1:
            turns.append(Button(self._words("« Previous"), press(Press.DETAILS, str(shown - 1), entry.key)))
        if shown < len(pages):
            turns.append(Button(self._words("Next »"), press(Press.DETAILS, str(shown + 1), entry.key)))
        rows = (tuple(turns),) if turns else ()
        return Reply(_join(pages[shown - 1]), (*rows, *self._buttons(entry, links=len(entry.links))))

    def small_talk(self, entry: Entry) -> Reply:
        """Return a friendly sentence and the way to the services."""
        return Reply(escape(self._fill(entry.short)), (self._menu_row(),))

    def several(self, entries: Sequence[Entry]) -> Reply:
        """Return the gist of each answer to a message that asked several things, and the way to all of it."""
        gists = [part for entry in entries for part in self._gist(entry)]
        rows = tuple((self._entry_button(entry),) for entry in entries)
        text = [escape(self._words("You asked more than one thing:")), *dict.fromkeys(gists)]
        return Reply(_join(text), (*rows, self._menu_row()))

    def offer(self, entries: Sequence[Entry]) -> Reply:
        """Ask back which of up to three entries is meant."""
        rows = tuple((self._entry_button(entry),) for entry in entries)
        text = self._words("I want to be sure I understand. Do you mean one of these?")
        return Reply(escape(text), (*rows, self._menu_row(self._words("None of these: show the menu"))))

    def out_of_scope(self) -> Reply:
        """Say what this product does not cover, and where to go instead."""
        text = self._words(
            "I can only explain identity cards, VNeID, residence, motorbike registration, traffic fines, the public "
            "service portal and scams around them. For other matters please ask {one_stop}.",
            one_stop=self._live.faq.place.words.get("mot-cua", ""),
        )
        return Reply(escape(text), (self._menu_row(),))

    def in_english(self) -> Reply:
        """Tell somebody who writes in English what there is, and what to do about scams and in an emergency."""
        text = self._words(
            "This guide answers questions typed in Vietnamese; ask a Vietnamese friend to type yours, or go to "
            "{police}.\n\nIn danger: call 113 (police), 114 (fire) or 115 (ambulance). If a caller says that they are "
            "the police and wants money, codes or an app installed: hang up, send nothing, and tell the police.",
            police=self._police,
        )
        return Reply(escape(text), (self._menu_row(),))

    def not_understood(self, topics: Sequence[str]) -> Reply:
        """Admit it, with the nearest topics, the menu and the office to ask."""
        text = self._words(
            "I did not understand the question well enough to answer. Please say it in another way, choose a topic "
            "below, or ask {police}.",
            police=self._live.faq.place.words.get("cong-an", ""),
        )
        rows = tuple((self._topic_button(topic),) for topic in topics if topic in self._live.topics)
        return Reply(escape(text), (*rows, self._menu_row()))

    def unavailable(self, entries: Sequence[Entry]) -> Reply:
        """Say that understanding does not work right now, and offer what a search by words found."""
        rows = tuple((self._entry_button(entry),) for entry in entries)
        found = self._words("I cannot read whole sentences at the moment. I searched by words; is it one of these?")
        none = self._words("I cannot read whole sentences at the moment. Please choose from the menu.")
        return Reply(escape(found if rows else none), (*rows, self._menu_row()))

    def personal_data(self) -> Reply:
        """Ask kindly not to send such things, without repeating them."""
        return Reply(self.warning(), (self._menu_row(),))

    def warning(self) -> str:
        """Return the sentence that comes before an answer to a message with personal data."""
        text = self._words(
            "⚠️ Your message seems to hold personal data (a number, a code, an address …). I have hidden it and keep "
            "none of it. Please delete that message. Never send such data here: I do not need it."
        )
        return escape(text)

    def welcome(self) -> Reply:
        """Say what this is, whose it is, what it does and what it never does."""
        text = self._words(
            "Hello! I am an automatic guide to online public services of {police}. I explain; I decide nothing and "
            "handle no dossiers. I never ask for numbers, photos, codes or passwords.\n\nAsk me in your own words, "
            "with or without accents, or choose a topic.",
            police=self._live.faq.place.words.get("cong-an", ""),
        )
        return Reply(escape(text), self.menu().buttons)

    def help(self) -> Reply:
        """Explain how to use it."""
        text = self._words(
            "How to use this guide:\n• Type a question, for example: dang ky tam tru can giay to gi\n• Or press /menu "
            "and choose a topic\n• Ask on after an answer, for example: thế lệ phí bao nhiêu\n\nI am a machine: I give "
            "guidance and decide nothing. I never ask for numbers, photos, codes or passwords; whoever does is not me."
            "\n\nEmergency: 113 police, 114 fire, 115 ambulance."
        )
        return Reply(escape(text), (self._menu_row(),))

    def menu(self) -> Reply:
        """List the topics."""
        topics = [t for t in self._live.topics.values() if t.id in self._live.by_topic and t.id != SMALL_TALK_TOPIC]
        buttons = [self._topic_button(topic.id) for topic in topics]
        rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
        return Reply(bold(self._words("What would you like to know about?")), rows)

    def topic(self, topic: str) -> Reply:
        """List the entries of a topic."""
        entries = self._live.by_topic.get(topic, ())
        rows = tuple((self._entry_button(entry),) for entry in entries)
        title = self._live.topics[topic].title
        return Reply(bold(title) + "\n" + escape(self._words("Choose a question:")), (*rows, self._menu_row()))

    def gone(self) -> Reply:
        """Say that what an old button led to is no longer there."""
        text = self._words("That answer is no longer here. Please choose from the menu or ask again.")
        return Reply(escape(text), self.menu().buttons)

    def languages(self) -> Reply:
        """Offer the languages of the interface."""
        row = (Button("Tiếng Việt", press(Press.LANGUAGE, "vi")), Button("English", press(Press.LANGUAGE, "en")))
        return Reply(escape(self._words("Choose the language of buttons and notices:")), (row,))

    def only_text(self) -> Reply:
        """Say why pictures, voice, files, contacts and places are not looked at."""
        text = self._words(
            "I read typed text only. For your safety I do not open pictures, files, voice, contacts or locations, and "
            "nothing of them is kept. Please type your question."
        )
        return Reply(escape(text), (self._menu_row(),))

    def empty(self) -> Reply:
        """Answer a message without words."""
        text = self._words("I see no words in this message. Please type a question, or choose a topic.")
        return Reply(escape(text), (self._menu_row(),))

    def unknown_command(self) -> Reply:
        """Answer a command that does not exist."""
        return Reply(
            escape(self._words("I do not know this command. See /help, or just type a question.")), (self._menu_row(),)
        )

    def _gist(self, entry: Entry) -> list[str]:
        parts = [bold(self._fill(entry.question)), escape(self._fill(entry.short))]
        if self._words.language != "vi":
            parts.insert(0, small(self._words("This answer is available in Vietnamese only.")))
        return parts

    def _over(self, entry: Entry, last_day: dt.date) -> Reply:
        """Say that a rule has ended, and tell nothing of it any more."""
        text = self._words(
            "⚠️ This rule was valid until {day}. Please ask {police} what holds now.",
            day=self._words.date(last_day),
            police=self._police,
        )
        parts = [bold(self._fill(entry.question)), escape(text), self._fine_print(entry)]
        return Reply(_join(parts), self._buttons(entry))

    def _asked_for(self, entry: Entry) -> list[str]:
        """Return the section for which an entry of this aspect is opened."""
        wanted = {"cach-lam": self._steps, "ho-so": self._papers}.get(entry.aspect)
        return wanted(entry) if wanted else []

    def _steps(self, entry: Entry) -> list[str]:
        lines = (f"{number}. {self._fill(step)}" for number, step in enumerate(entry.details.steps, 1))
        return [_listed(self._words("👣 Steps"), lines)] if entry.details.steps else []

    def _papers(self, entry: Entry) -> list[str]:
        lines = (f"• {self._fill(paper)}" for paper in entry.details.papers)
        return [_listed(self._words("📄 Papers"), lines)] if entry.details.papers else []

    def _at_a_glance(self, entry: Entry) -> list[str]:
        details = entry.details
        labelled = (
            (self._words("💵 Fee"), details.fee),
            (self._words("⏱ Time"), details.time),
            (self._words("📍 Place"), details.office),
        )
        return [f"{bold(label)}: {escape(self._fill(value))}" for label, value in labelled if value]

    def _details(self, entry: Entry) -> list[str]:
        details = entry.details
        parts = [*self._steps(entry), *self._papers(entry), *self._at_a_glance(entry)]
        if details.notes:
            parts.append(_listed(self._words("📝 Good to know"), (f"• {self._fill(n)}" for n in details.notes)))
        if entry.gain:
            parts.append(f"{bold(self._words('💡 What you gain'))}: {escape(self._fill(entry.gain))}")
        return parts

    def _law(self, entry: Entry) -> str:
        documents = {document.id: document for document in self._live.faq.documents}
        cited = [
            _cited(citation, documents[citation.document], self._words)
            for citation in entry.law
            if citation.document in documents
        ]
        basis = self._words("Legal basis: {documents}", documents=";\n".join(cited))
        return "\n".join(map(small, basis.split("\n"))) if cited else ""  # a line each: a page may break between them

    def _fine_print(self, entry: Entry) -> str:
        parts = [self._words("Checked on {day}.", day=self._words.date(entry.checked_on))]
        if not entry.confirmed and entry.topic != SCAM_TOPIC:  # nobody may wait while being cheated
            parts.append(
                self._words(
                    "Some points still await confirmation: please ask {police} before you go.", police=self._police
                )
            )
        if entry.review_by < self._today:
            parts.append(self._words("This answer is past its review date and may be outdated."))
        return small(" ".join(parts))

    def _buttons(self, entry: Entry, others: Sequence[Entry] = (), *, links: int = 1) -> tuple[Row, ...]:
        found = {key: self._live.entries[key] for key in entry.related if key in self._live.entries}
        related = [*others, *(found[key] for key in found if found[key] not in others)][:RELATED]
        rows: list[Row] = [(Button(f"🌐 {link.title}", url=link.url),) for link in entry.links[:links]]
        rows += [(self._entry_button(other),) for other in related]
        topic = self._live.topics[entry.topic]
        more = Button(self._words("More: {topic}", topic=topic.title), press(Press.TOPIC, topic.id))
        return (*rows, (more, *self._menu_row()))

    def _entry_button(self, entry: Entry) -> Button:
        return Button(self._fill(entry.title), press(Press.ENTRY, entry.key))

    def _topic_button(self, topic: str) -> Button:
        return Button(self._live.topics[topic].title, press(Press.TOPIC, topic))

    def _menu_row(self, label: str | None = None) -> Row:
        return (Button(label or self._words("☰ Menu"), press(Press.MENU)),)

    def _fill(self, text: str) -> str:
        return self._live.faq.place.fill(text)

    @property
    def _police(self) -> str:
        return self._live.faq.place.words.get("cong-an", "")


def with_warning(reply: Reply, warning: str) -> Reply:
    """Put a warning before a reply."""
    return Reply(f"{warning}\n\n{reply.html}", reply.buttons)


def _cited(citation: Citation, document: Document, words: Wording) -> str:
    article = f" ({citation.article})" if citation.article else ""
    since = words(", in force since {day}", day=words.date(document.in_force_from)) if document.in_force_from else ""
    return f"{document.name}, số {document.number}{article}{since}"


def _listed(title: str, lines: Iterable[str]) -> str:
    return bold(title) + "\n" + "\n".join(map(escape, lines))


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _length(parts: Sequence[str]) -> int:
    return len(Reply(_join(parts)).text)


def _telegram_length(parts: Sequence[str]) -> int:
    """Count as Telegram does: an emoji is two."""
    return len(Reply(_join(parts)).text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(gist: Sequence[str], wanted: Sequence[str], fine_print: str) -> list[str]:
    """Return a first screen: the gist, what fits of what is wanted, in its order, and the fine print."""
    kept = list(gist)
    for part in wanted:
        if _length([*kept, part, fine_print]) <= FIRST_SCREEN:
            kept.append(part)
    return [*kept, fine_print]


def _pages(parts: Sequence[str]) -> list[list[str]]:
    """Spread parts over pages; a list longer than a page is broken between its lines."""
    pages: list[list[str]] = [[]]
    for part in filter(None, parts):
        for piece in _pieces(part):
            if pages[-1] and _telegram_length([*pages[-1], piece]) > PAGE:
                pages.append([])
            pages[-1].append(piece)
    return pages


def _pieces(part: str) -> list[str]:
    if _telegram_length([part]) <= PAGE:
        return [part]
    pieces = [""]
    for line in part.split("\n"):
        longer = f"{pieces[-1]}\n{line}" if pieces[-1] else line
        if pieces[-1] and _telegram_length([longer]) > PAGE:
            pieces.append(line)
        else:
            pieces[-1] = longer
    return pieces
