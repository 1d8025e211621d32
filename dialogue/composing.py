"""Put an entry, a menu, a question back or a refusal into words and buttons. Pure: the same input, the same reply."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from dialogue.emergencies import in_despair, numbers_for
from dialogue.focusing import OF_A_CASE, PARTS, has_part, is_case_of
from dialogue.grouping import FEW, Group, groups
from dialogue.layout import FIRST_SCREEN, fitting, join, length, listed, pages
from dialogue.replies import Button, Found, Press, Reply, bold, escape, press, small
from dialogue.wording import Wording, marked
from faq.entries import EMERGENCY, SCAM_TOPIC, Document, Entry, topic_of
from faq.live import Live
from faq.notices import Notice, Stop
from faq.shape import Citation

RELATED = 3
REASONS = (marked("Not what I asked"), marked("Hard to understand"), marked("Wrong or incomplete"))
"""Why an answer did not help, by number; the words are in the catalogues."""
IN_TROUBLE = "vuong-mac"
"""Aspect of what has happened to somebody: whoever is being cheated looks for that, not for definitions."""
VIETNAMESE = "🇻🇳"
"""Marks buttons that lead to what has not been translated."""
_SENDS_TO_THE_POLICE = re.compile(r"\b(?:hỏi|ask)\b[^.;:]{0,60}\{cong-an\}", re.IGNORECASE)
Row = tuple[Button, ...]


class Composer:
    """Writes replies in one language about what is live."""

    def __init__(self, live: Live, words: Wording, today: dt.date) -> None:
        self.live = live
        self.words = words
        self.today = today

    def answer(self, entry: Entry, others: Sequence[Entry] = (), focus: str | None = None) -> Reply:
        """Return the first screen of an answer: the gist, and the rest if it fits.

        `others` may have been meant; `focus` is the aspect that was asked for, if it is but a part of the answer.
        """
        if self._is_over(entry):
            return self._over(entry)
        entry = self.worded(entry)
        first, rest = self._first(entry, focus), self._details(entry, focus)
        whole = [*first, *rest, self._law(entry), self._fine_print(entry)]
        if length(whole) <= FIRST_SCREEN:
            return Reply(join(whole), self._buttons(entry, others, links=len(entry.links)))
        more = Button(self.words("Show details"), press(Press.DETAILS, "1", entry.key))
        without_law = [*first, *rest, self._fine_print(entry)]
        wanted = [*self._asked_for(entry), *self._at_a_glance(entry, focus)]
        shown = without_law if length(without_law) <= FIRST_SCREEN else fitting(first, wanted, self._fine_print(entry))
        return Reply(join(shown), ((more,), *self._buttons(entry, others)))

    def details(self, entry: Entry, page: int) -> Reply:
        """Return page `page` (from 1) of everything about an entry."""
        if self._is_over(entry):
            return self._over(entry)
        entry = self.worded(entry)
        gist = [*self._gist(entry), *self.shaken(entry.key)]
        turned = pages([*gist, *self._details(entry), self._law(entry), self._fine_print(entry)])
        shown = min(max(page, 1), len(turned))
        turns = []
        if shown > 1:
            turns.append(Button(self.words("« Previous"), press(Press.DETAILS, str(shown - 1), entry.key)))
        if shown < len(turned):
            turns.append(Button(self.words("Next »"), press(Press.DETAILS, str(shown + 1), entry.key)))
        rows = (tuple(turns),) if turns else ()
        return Reply(join(turned[shown - 1]), (*rows, *self._buttons(entry, links=len(entry.links))))

    def small_talk(self, entry: Entry, words: Sequence[str] = (), others: Sequence[Entry] = ()) -> Reply:
        """Return a friendly sentence and the way to the services; in an emergency, first whom to call.

        `words` are those of the message, without accents; `others` may help too.
        """
        entry = self.worded(entry)
        first, steps = ([], []) if entry.key != EMERGENCY else (self._call(list(words)), self._details(entry))
        rows = tuple((self._entry_button(other),) for other in others)
        return Reply(join([*first, escape(self._fill(entry.short)), *steps]), (*rows, self.menu_row()))

    def _call(self, words: list[str]) -> list[str]:
        """Return what to do about the danger that a message names, in one line."""
        if in_despair(words):
            return [bold(self.words("Nobody should be alone now: be with somebody close, and call 115."))]
        number, *more = (*numbers_for(words), "")
        if not number:
            return []
        after = self.words(", then {number}", number=more[0]) if more[0] else ""
        return [bold(self.words("☎️ Call {number} now", number=number) + after + ".")]

    def several(self, entries: Sequence[Entry]) -> Reply:
        """Return the gist of each answer to a message that asked several things, and the way to all of it."""
        told = sorted(entries, key=lambda entry: _case_among(entries, entry) is not None)
        gists = [part for entry in told for part in (*self._gist_among(entries, entry), *self.shaken(entry.key))]
        rows = tuple((self._entry_button(entry),) for entry in entries)
        text = [escape(self.words("You asked more than one thing:")), *dict.fromkeys(gists)]
        return Reply(join(text), (*rows, self.menu_row()))

    def _gist_among(self, entries: Sequence[Entry], entry: Entry) -> list[str]:
        """Return the gist of an answer; if one of the others is about a case of it, that case's own part."""
        case = _case_among(entries, entry)
        return self._gist(self.worded(entry)) if case is None else self._part(self.worded(case), entry.aspect)

    def offer(self, entries: Sequence[Entry]) -> Reply:
        """Ask back which of up to three entries is meant."""
        rows = tuple((self._entry_button(entry),) for entry in entries)
        text = self.words("I want to be sure I understand. Do you mean one of these?")
        return Reply(escape(text), (*rows, self.menu_row(self.words("None of these: show the menu"))))

    def out_of_scope(self) -> Reply:
        """Say what this product does not cover, and where to go instead."""
        text = self.words(
            "I can only explain identity cards, VNeID, residence, motorbike registration, traffic fines, the public "
            "service portal and scams around them. For other matters please ask {one_stop}.",
            one_stop=self.live.faq.place.words.get("mot-cua", ""),
        )
        return Reply(escape(text), (self.menu_row(),))

    def in_english(self) -> Reply:
        """Tell somebody who writes in English what there is, and what to do about scams and in an emergency."""
        text = self.words(
            "Typed questions are understood in Vietnamese only, but many answers are in English: press «English» and "
            "choose a topic, ask a Vietnamese friend to type, or go to {police}.\n\nIn danger: call 113 (police), 114 "
            "(fire) or 115 (ambulance). If a caller says that they are the police and wants money, codes or an app "
            "installed: hang up, send nothing, and tell the police.",
            police=self.police,
        )
        return Reply(escape(text), ((Button("🌐 English", press(Press.LANGUAGE, "en")),), self.menu_row()))

    def not_understood(self, topics: Sequence[str]) -> Reply:
        """Admit it, with the nearest topics, the menu and the office to ask."""
        text = self.words(
            "I did not understand the question well enough to answer. Please say it in another way, choose a topic "
            "below, or ask {police}.",
            police=self.live.faq.place.words.get("cong-an", ""),
        )
        rows = tuple((self._topic_button(topic),) for topic in topics if topic in self.live.topics)
        return Reply(escape(text), (*rows, self.menu_row()))

    def unavailable(self, entries: Sequence[Entry]) -> Reply:
        """Say that understanding does not work right now, and offer what a search by words found."""
        rows = tuple((self._entry_button(entry),) for entry in entries)
        found = self.words("I cannot read whole sentences at the moment. I searched by words; is it one of these?")
        none = self.words("I cannot read whole sentences at the moment. Please choose from the menu.")
        return Reply(escape(found if rows else none), (*rows, self.menu_row()))

    def personal_data(self) -> Reply:
        """Ask kindly not to send such things, without repeating them."""
        return Reply(self.warning(), (self.menu_row(),))

    def warning(self) -> str:
        """Return the sentence that comes before an answer to a message with personal data."""
        text = self.words(
            "⚠️ Your message seems to hold personal data (a number, a code, an address …). I have hidden it and keep "
            "none of it. Please delete that message. Never send such data here: I do not need it."
        )
        return escape(text)

    def welcome(self, notices: Sequence[Notice] = ()) -> Reply:
        """Say what this is, whose it is, what it does and what it never does."""
        text = self.words(
            "Hello! I am an automatic guide to online public services of {police}. I explain; I decide nothing and "
            "handle no dossiers. I never ask for numbers, photos, codes or passwords.\n\nAsk me in your own words, "
            "with or without accents, or choose a topic.",
            police=self.police,
        )
        other = "en" if self.words.language == "vi" else "vi"
        switch = Button(self.words("🌐 English"), press(Press.LANGUAGE, other))
        return Reply(join([*self.announced(notices), escape(text)]), (*self.menu().buttons, (switch,)))

    def help(self, notices: Sequence[Notice] = ()) -> Reply:
        """Explain how to use it."""
        text = self.words(
            "How to use this guide:\n• Type a question, for example: dang ky tam tru can giay to gi\n• Or press /menu "
            "and choose a topic\n• Ask on after an answer, for example: thế lệ phí bao nhiêu\n\nI am a machine: I give "
            "guidance and decide nothing. I never ask for numbers, photos, codes or passwords; whoever does is not me."
            "\n\nEmergency: 113 police, 114 fire, 115 ambulance.",
            police=self.police,
        )
        return Reply(join([*self.announced(notices), escape(text)]), (self.menu_row(),))

    def menu(self, notices: Sequence[Notice] = ()) -> Reply:
        """List the topics, and what else can be done."""
        topics = [topic.id for topic in self.live.topics.values() if topic.id in self.live.by_topic]
        buttons = [self._topic_button(topic) for topic in topics]
        rows = [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]
        if self.live.faq.visits:
            rows.insert(0, (Button(self.words("📋 Prepare my papers"), press(Press.VISITS)),))
        title = bold(self.words("What would you like to know about?"))
        return Reply(join([*self.announced(notices), title]), tuple(rows))

    def topic(self, topic: str) -> Reply:
        """List the entries of a topic; if they are many, what can be asked about it."""
        if topic == SCAM_TOPIC:
            return self.scams()
        entries = self.live.by_topic.get(topic, ())
        if len(entries) <= FEW:
            rows = self._listed(entries)
            text = self.words("Choose a question:") + self._legend(entries)
        else:
            rows = self._group_rows(groups(self.live, topic))
            text = self.words("What would you like to know about it?")
        return Reply(bold(self._topic_title(topic)) + "\n" + escape(text), (*rows, self.menu_row()))

    def group(self, topic: str, aspect: str, page: int) -> Reply | None:
        """List the entries of a topic about one aspect; nothing if there is no such page."""
        group = next((g for g in groups(self.live, topic) if (g.aspect, g.page) == (aspect, page)), None)
        if group is None:
            return None
        back = Button(f"« {self._topic_title(topic)}", press(Press.TOPIC, topic))
        choose = escape(self.words("Choose a question:") + self._legend(group.entries))
        text = f"{bold(self._topic_title(topic))}\n{bold(self._group_title(group))}\n{choose}"
        return Reply(text, (*self._listed(group.entries), (back, *self.menu_row())))

    def scams(self) -> Reply:
        """Say what to do first about scams, then what may have happened, then all else about them."""
        text = self.words(
            "Hang up. Send no money, no code, no photo. Press no link, install nothing.\nMoney is gone already: call "
            "your bank now to lock the account, then 113 or {police}.",
            police=self.police,
        )
        known = sorted(groups(self.live, SCAM_TOPIC), key=lambda group: group.aspect != IN_TROUBLE)
        happening = known[0].entries if known else ()
        rows = (*self._first_aid(), *self._listed(happening), *self._group_rows(known[1:]))
        title = bold(self.words("🚨 Scams: what to do now"))
        return Reply(join([title, escape(text + self._legend(happening))]), (*rows, self.menu_row()))

    def introduction(self) -> str:
        """Say in one sentence what this is, before an answer that is somebody's first message."""
        text = self.words(
            "I am a machine that guides for {police}: I decide nothing, and never ask for numbers, photos or codes.",
            police=self.police,
        )
        return small(text)

    def mode_chosen(self, helped: int) -> Reply:  # noqa: ARG002 - for those who count
        """Say that answers are told in the ordinary way."""
        return Reply(escape(self.words("Answers come in the ordinary way again.")), self.menu().buttons)

    def found(self, entries: Sequence[Entry]) -> Reply:
        """List what a search has found."""
        rows = tuple((self._entry_button(entry),) for entry in entries)
        text = self.words("These answers may fit:") if entries else self.words("I found nothing with these words.")
        return Reply(escape(text), (*rows, self.menu_row()))

    def how_to_search(self) -> Reply:
        """Say how to search."""
        text = self.words("Type /tim and what you are looking for, for example: /tim tạm trú")
        return Reply(escape(text), (self.menu_row(),))

    def passed_on(self, entry: Entry) -> Found:
        """Return an answer as it is passed on to somebody else: short, with its source, without buttons of ours."""
        if self._is_over(entry):
            reply = Reply(self._over(entry).html)
        else:
            worded = self.worded(entry)
            source = self.words(
                "From the automatic guide of {police}; content checked on {day}. It never asks for numbers, photos or "
                "codes.",
                police=self.police,
                day=self.words.date(worded.checked_on),
            )
            gist = self._gist(worded)
            first = [*gist[:2], *self.shaken(entry.key)]
            wanted = [*gist[2:], *self._asked_for(worded), *self._at_a_glance(worded)]
            shown = fitting(first, wanted, small(source))
            reply = Reply(join(shown), tuple((Button(f"🌐 {link.title}", url=link.url),) for link in worded.links[:1]))
        worded = self.worded(entry)
        return Found(entry.key, self._fill(worded.question), self._fill(worded.short)[:120], reply)

    def stopped(self, stop: Stop) -> Reply:
        """Say that nothing is answered for now, why, and where to turn."""
        text = self.words(
            "⏸ This guide is stopped for now.\nReason: {reason}\n\nPlease ask {police}. In danger call 113 (police), "
            "114 (fire) or 115 (ambulance).",
            reason=stop.reason,
            police=self.police,
        )
        return Reply(escape(text))

    def announced(self, notices: Sequence[Notice]) -> list[str]:
        """Return what staff have to say at present."""
        found = []
        for notice in notices:
            until = self.words(" (until {day})", day=self.words.date(notice.last_day)) if notice.last_day else ""
            found.append(f"📢 {bold(notice.text)}{escape(until)}")
        return found

    def why_not_helpful(self, entry: Entry) -> Reply:
        """Ask what was missing, with three reasons to choose from."""
        rows = tuple(
            (Button(self.words(reason), press(Press.NOT_HELPFUL, str(number), entry.key)),)
            for number, reason in enumerate(REASONS)
        )
        return Reply(escape(self.words("Thank you for telling us. What was the matter?")), (*rows, self.menu_row()))

    def thanks(self) -> str:
        """Return the thanks for saying that an answer helped."""
        return self.words("Thank you, it is noted.")

    def thanked(self) -> Reply:
        """Say the same where there is no room for a short note."""
        return Reply(escape(self.thanks()), (self.menu_row(),))

    def noted(self) -> Reply:
        """Thank for what was said of an answer, and say who reads it."""
        text = self.words(
            "Thank you. The staff will look at this answer again. You may also ask {police}.", police=self.police
        )
        return Reply(escape(text), (self.menu_row(),))

    def remark_wanted(self) -> Reply:
        """Ask for a remark on this guide."""
        text = self.words(
            "Please type your remark in the next message. It goes to the staff who keep this guide, without your name. "
            "Please leave out numbers of papers, telephone numbers and codes."
        )
        return Reply(escape(text), ((Button(self.words("Cancel"), press(Press.CANCEL)),),))

    def remark_noted(self) -> Reply:
        """Thank for a remark."""
        return Reply(escape(self.words("Thank you, your remark has reached the staff.")), (self.menu_row(),))

    def not_noted(self) -> Reply:
        """Say that something could not be written down."""
        text = self.words("Sorry, I cannot write this down at the moment. Please try again in a few minutes.")
        return Reply(escape(text), (self.menu_row(),))

    def call_help(self, entry: Entry | None = None) -> Reply:
        """Say who can help, and let the question be passed on to the family."""
        hotlines = [f"• {line.number}: {line.purpose}" for line in self.live.faq.place.hotlines]
        ask = self.words("Ask {police}, or your children and grandchildren, to help you.", police=self.police)
        rows = ((self._share_button(entry),),) if entry else ()
        return Reply(join([escape(ask), escape("\n".join(hotlines))]), (*rows, self.menu_row()))

    def gone(self) -> Reply:
        """Say that what an old button led to is no longer there."""
        text = self.words("That answer is no longer here. Please choose from the menu or ask again.")
        return Reply(escape(text), self.menu().buttons)

    def languages(self) -> Reply:
        """Offer the languages of the interface."""
        row = (Button("Tiếng Việt", press(Press.LANGUAGE, "vi")), Button("English", press(Press.LANGUAGE, "en")))
        return Reply(escape(self.words("Choose the language of buttons and notices:")), (row,))

    def only_text(self) -> Reply:
        """Say why pictures, voice, files, contacts and places are not looked at."""
        text = self.words(
            "I read typed text only. For your safety I do not open pictures, files, voice, contacts or locations, and "
            "nothing of them is kept. Please type your question."
        )
        return Reply(escape(text), (self.menu_row(),))

    def empty(self) -> Reply:
        """Answer a message without words."""
        text = self.words("I see no words in this message. Please type a question, or choose a topic.")
        return Reply(escape(text), (self.menu_row(),))

    def unknown_command(self) -> Reply:
        """Answer a command that does not exist."""
        return Reply(
            escape(self.words("I do not know this command. See /help, or just type a question.")), (self.menu_row(),)
        )

    def worded(self, entry: Entry) -> Entry:
        """Return an entry in the language of the replies, as far as it has been written in it."""
        return entry.in_english() if self.words.language == "en" else entry

    def _gist(self, entry: Entry, focus: str | None = None) -> list[str]:
        parts = [bold(self._fill(entry.question)), escape(self._fill(entry.short))]
        if focus is not None:
            parts[1:1] = self._part(entry, focus)
        if self._only_vietnamese(entry):
            parts.insert(0, small(self.words("This answer is available in Vietnamese only.")))
        return parts

    def shaken(self, name: str) -> list[str]:
        """Return the warning for an entry (or a visit) that rests on what no longer holds; nothing for others."""
        if name not in self.live.lost_basis(self.today) or topic_of(name) == SCAM_TOPIC:
            return []  # nobody may wait while being cheated
        text = self.words(
            "⚠️ A document that this answer rests on has been replaced or has ended; the answer is being reviewed. "
            "Please ask {police} before you go.",
            police=self.police,
        )
        return [escape(text)]

    def _first(self, entry: Entry, focus: str | None) -> list[str]:
        """Return the gist, and what shakes it; where that is too much for a screen, without the part asked for."""
        shaken = self.shaken(entry.key)
        first = [*self._gist(entry, focus), *shaken]
        too_long = shaken and length([*first, self._fine_print(entry)]) > FIRST_SCREEN
        return [*self._gist(entry), *shaken] if too_long else first

    def _is_over(self, entry: Entry) -> bool:
        return entry.valid_until is not None and entry.valid_until < self.today

    def _over(self, entry: Entry) -> Reply:
        """Say that a rule has ended, and tell nothing of it any more."""
        assert entry.valid_until is not None
        text = self.words(
            "⚠️ This rule was valid until {day}. Please ask {police} what holds now.",
            day=self.words.date(entry.valid_until),
            police=self.police,
        )
        parts = [bold(self._fill(self.worded(entry).question)), escape(text), self._fine_print(entry)]
        return Reply(join(parts), self._buttons(entry))

    def _asked_for(self, entry: Entry) -> list[str]:
        """Return the section for which an entry of this aspect is opened."""
        wanted = {"cach-lam": self._steps, "ho-so": self._papers}.get(entry.aspect)
        return wanted(entry) if wanted else []

    def _part(self, entry: Entry, aspect: str) -> list[str]:
        """Return the part of an answer that tells of one aspect."""
        lists = {"ho-so": self._papers, "cach-lam": self._steps}
        return lists[aspect](entry) if aspect in lists else self._at_a_glance(entry, only=aspect)

    def _steps(self, entry: Entry) -> list[str]:
        lines = (f"{number}. {self._fill(step)}" for number, step in enumerate(entry.details.steps, 1))
        return [listed(self.words("👣 Steps"), lines)] if entry.details.steps else []

    def _papers(self, entry: Entry) -> list[str]:
        lines = (f"• {self._fill(paper)}" for paper in entry.details.papers)
        return [listed(self.words("📄 Papers"), lines)] if entry.details.papers else []

    def _at_a_glance(self, entry: Entry, without: str | None = None, *, only: str | None = None) -> list[str]:
        labels = {
            "le-phi": self.words("💵 Fee"),
            "thoi-han": self.words("⏱ Time"),
            "noi-lam": self.words("📍 Place"),
        }
        shown = [aspect for aspect in labels if aspect != without and only in {None, aspect}]
        told = ((labels[aspect], getattr(entry.details, PARTS[aspect])) for aspect in shown)
        return [f"{bold(label)}: {escape(self._fill(value))}" for label, value in told if value]

    def _details(self, entry: Entry, without: str | None = None) -> list[str]:
        details = entry.details
        steps = [] if without == "cach-lam" else self._steps(entry)
        papers = [] if without == "ho-so" else self._papers(entry)
        parts = [*steps, *papers, *self._at_a_glance(entry, without)]
        if details.notes:
            parts.append(listed(self.words("📝 Good to know"), (f"• {self._fill(n)}" for n in details.notes)))
        if entry.gain:
            parts.append(f"{bold(self.words('💡 What you gain'))}: {escape(self._fill(entry.gain))}")
        return parts

    def _law(self, entry: Entry) -> str:
        documents = {document.id: document for document in self.live.faq.documents}
        cited = [
            _cited(citation, documents[citation.document], self.words)
            for citation in entry.law
            if citation.document in documents
        ]
        basis = self.words("Legal basis: {documents}", documents=";\n".join(cited))
        return "\n".join(map(small, basis.split("\n"))) if cited else ""  # a line each: a page may break between them

    def _fine_print(self, entry: Entry) -> str:
        parts = [self.words("Checked on {day}.", day=self.words.date(entry.checked_on))]
        if not entry.confirmed and entry.topic != SCAM_TOPIC:  # nobody may wait while being cheated
            parts.append(self.unconfirmed(entry.short))
        if entry.review_by < self.today:
            parts.append(self.words("This answer is past its review date and may be outdated."))
        return small(" ".join(parts))

    def unconfirmed(self, told: str = "") -> str:
        """Say that staff still check something, and whom to ask unless what is `told` says that already."""
        if _SENDS_TO_THE_POLICE.search(told):
            return self.words("Some points still await confirmation.")
        return self.words("Some points still await confirmation; to be sure, ask {police}.", police=self.police)

    def _buttons(self, entry: Entry, others: Sequence[Entry] = (), *, links: int = 1) -> tuple[Row, ...]:
        found = {key: self.live.entries[key] for key in entry.related if key in self.live.entries}
        related = [*others, *(found[key] for key in found if found[key] not in others)][:RELATED]
        rows: list[Row] = [(Button(f"🌐 {link.title}", url=link.url),) for link in entry.links[:links]]
        rows += [(self._entry_button(other),) for other in related]
        more = Button(self.words("📂 Other questions"), press(Press.TOPIC, entry.topic))
        return (*rows, self._verdict_row(entry), (self._share_button(entry),), (more, *self.menu_row()))

    def _verdict_row(self, entry: Entry) -> Row:
        return (
            Button(self.words("👍 Helpful"), press(Press.HELPFUL, entry.key)),
            Button(self.words("👎 Not helpful"), press(Press.NOT_HELPFUL, entry.key)),
        )

    def _share_button(self, entry: Entry) -> Button:
        return Button(self.words("📤 Send to the family"), share=self._fill(self.worded(entry).question))

    def _first_aid(self) -> tuple[Row, ...]:
        """Return the way to 113, 114 and 115."""
        emergency = self.live.entries.get(EMERGENCY)
        return ((self._entry_button(emergency),),) if emergency else ()

    def _listed(self, entries: Sequence[Entry]) -> tuple[Row, ...]:
        """Return a button below the other; what cannot be read in the language of the replies comes last."""
        return tuple((self._entry_button(entry),) for entry in sorted(entries, key=self._only_vietnamese))

    def _legend(self, entries: Sequence[Entry]) -> str:
        marked = any(map(self._only_vietnamese, entries))
        return "\n" + self.words("{flag} = in Vietnamese", flag=VIETNAMESE) if marked else ""

    def _only_vietnamese(self, entry: Entry) -> bool:
        return self.words.language != "vi" and entry.english is None

    def _entry_button(self, entry: Entry) -> Button:
        mark = f"{VIETNAMESE} " if self._only_vietnamese(entry) else ""
        return Button(mark + self._fill(self.worded(entry).title), press(Press.ENTRY, entry.key))

    def _group_rows(self, found: Iterable[Group]) -> tuple[Row, ...]:
        buttons = [Button(self._group_title(group), press(Press.GROUP, group.id)) for group in found]
        return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))

    def _topic_button(self, topic: str) -> Button:
        return Button(self._topic_title(topic), press(Press.TOPIC, topic))

    def _topic_title(self, topic: str) -> str:
        return self.live.topics[topic].titled(self.words.language)

    def _group_title(self, group: Group) -> str:
        known = self.live.aspects.get(group.aspect)
        title = known.titled(self.words.language) if known else group.topic
        if (group.topic, group.aspect) == (SCAM_TOPIC, IN_TROUBLE):
            title = self.words("What has happened")
        return f"{title} ({group.page}/{group.pages})" if group.pages > 1 else title

    def menu_row(self, label: str | None = None) -> Row:
        """Return the way to the menu."""
        return (Button(label or self.words("☰ Menu"), press(Press.MENU)),)

    def _fill(self, text: str) -> str:
        return self.live.faq.place.fill(text)

    @property
    def police(self) -> str:
        """Name of the office to ask."""
        return self.live.faq.place.words.get("cong-an", "")


def with_warning(reply: Reply, warning: str) -> Reply:
    """Put a warning before a reply."""
    return Reply(f"{warning}\n\n{reply.html}", reply.buttons)


def _case_among(entries: Sequence[Entry], general: Entry) -> Entry | None:
    """Return the entry that tells, of a particular case, what `general` tells in general."""
    cases = (entry for entry in entries if general.aspect in OF_A_CASE and is_case_of(entry, general))
    return next((case for case in cases if has_part(case.details, general.aspect)), None)


def _cited(citation: Citation, document: Document, words: Wording) -> str:
    article = f" ({citation.article})" if citation.article else ""
    since = words(", in force since {day}", day=words.date(document.in_force_from)) if document.in_force_from else ""
    return f"{document.name}, số {document.number}{article}{since}"
