"""What is kept about somebody, told to them: exactly that, how long, and how to have it removed."""

import datetime as dt

from dialogue.chats import Mode
from dialogue.composing import Composer
from dialogue.kept import About, KeptFeedback, KeptQuestion
from dialogue.layout import join
from dialogue.replies import Button, Press, Reply, bold, escape, press, small
from dialogue.wording import marked
from faq.database import VIETNAM
from stats.feedback import HELPFUL, REMARK

MODES = {Mode.PLAIN: marked("ordinary"), Mode.EASY: marked("large letters"), Mode.HELPER: marked("helper")}
"""Keys of the catalogues."""


class PersonalComposer:
    """Tells people what is kept about them."""

    def __init__(self, say: Composer) -> None:
        self._say = say
        self._words = say.words

    def privacy(self, days: int) -> Reply:
        """Explain in ten lines what is kept and what for; words are kept for so many `days`."""
        text = self._words(
            "1. I am a machine of {police}. I explain public services.\n"
            "2. I never ask for numbers of papers, photos, codes or passwords.\n"
            "3. If your message holds such things, I hide them before anything is kept.\n"
            "4. I keep the hidden question for {days} days to improve the answers, then its words go; its time and how "
            "it was answered stay, for counting.\n"
            "5. Instead of your name and number there is a code; it changes every three months, its key lies outside "
            "the database.\n"
            "6. I also keep your language, the way of answering you chose, and what you said of the answers.\n"
            "7. I do not open or keep photos, files, voice, contacts or places.\n"
            "8. Telegram itself keeps your messages on its servers abroad; please delete what should not stay.\n"
            "9. See all of it with /du_lieu_cua_toi, remove it with /xoa; nobody has to give a reason.\n"
            "10. By Law 91/2025/QH15 you may know, see, correct, remove and complain: ask {police}.",
            police=self._say.police,
            days=days,
        )
        see = Button(self._words("What is kept about me"), press(Press.KEPT, "1"))
        forget = Button(self._words("Remove all of it"), press(Press.FORGET))
        return Reply(
            f"{bold(self._words('Your personal data'))}\n{escape(text)}", ((see,), (forget,), self._say.menu_row())
        )

    def about(self, about: About, days: int) -> Reply:
        """Show a page of what is kept; words are kept for so many `days`."""
        head = self._words(
            "Kept about this account, under a code instead of your name: {count} messages, {said} remarks on answers.",
            count=about.question_count,
            said=about.feedback_count,
        )
        chosen = self._words(
            "Language: {language}. Way of answering: {mode}.",
            language={"vi": "Tiếng Việt", "en": "English"}.get(about.chat.language or "vi", "Tiếng Việt"),
            mode=self._words(MODES[about.chat.mode]),
        )
        parts = [bold(self._words("Your personal data")), escape(head), escape(chosen)]
        if about.chat.staff is not None:
            parts.append(escape(self._words("Linked to the staff account {name}.", name=about.chat.staff)))
        if about.chat.helped_on is not None:
            helped = self._words(
                "Helped on {day}: {helped}.", day=self._words.date(about.chat.helped_on), helped=about.chat.helped
            )
            parts.append(escape(helped))
        parts.append(escape("\n".join(self._question(question) for question in about.questions)))
        parts.append(escape("\n".join(self._feedback(said) for said in about.feedback)))
        beside = self._words(
            "Beside each message stand the time, how it was answered, by which entry and how surely. Nothing else is "
            "kept. Words go after {days} days. Remove all of it with /xoa.",
            days=days,
        )
        parts.append(small(beside))
        turns = []
        if about.page > 1:
            turns.append(Button(self._words("« Previous"), press(Press.KEPT, str(about.page - 1))))
        if about.page < about.pages:
            turns.append(Button(self._words("Next »"), press(Press.KEPT, str(about.page + 1))))
        forget = Button(self._words("Remove all of it"), press(Press.FORGET))
        rows = ((tuple(turns),) if turns else ()) + ((forget,), self._say.menu_row())
        return Reply(join(parts), rows)

    def forgotten(self, gone: int) -> Reply:
        """Say that it is removed."""
        text = self._words(
            "Done: all that was kept about you is removed ({gone} rows), and what was said here is forgotten. To "
            "remove the messages on your phone, delete this chat there.",
            gone=gone,
        )
        return Reply(escape(text), (self._say.menu_row(),))

    def out_of_reach(self) -> Reply:
        """Say that it cannot be done at the moment."""
        text = self._words("I cannot reach what is kept at the moment. Please try again in a few minutes.")
        return Reply(escape(text), (self._say.menu_row(),))

    def _question(self, question: KeptQuestion) -> str:
        said = {"button": self._words("(a button)"), "command": self._words("(a command)")}.get(question.kind)
        came = f" [?start={question.campaign}]" if question.campaign else ""
        return f"• {_moment(question.asked_at)}: {_cut(question.text) or said or self._words('(no text)')}{came}"

    def _feedback(self, said: KeptFeedback) -> str:
        mark = {REMARK: "✎", HELPFUL: "👍"}.get(said.kind, "👎")
        about = f"{said.entry}: " if said.entry else ""
        return f"{mark} {_moment(said.said_at)}: {about}{_cut(said.text)}".rstrip(": ")


LONGEST = 300
"""Characters of one message in the list: ten of them fit into one of Telegram's."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _moment(when: dt.datetime) -> str:
    return f"{when.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
