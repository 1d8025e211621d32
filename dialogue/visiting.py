"""Prepare a visit: the choices made so far stand in the button itself, so that nothing is stored about anybody."""

from collections.abc import Sequence

from dialogue.composing import Composer
from dialogue.layout import join
from dialogue.replies import Button, Found, Press, Reply, bold, escape, press, small
from dialogue.wording import marked
from faq.entries import Entry
from faq.visits import Kind, Visit, VisitLine

TITLES = {
    Kind.PAPER: marked("📄 What to bring"),
    Kind.FEE: marked("💵 Fee"),
    Kind.TIME: marked("⏱ Time"),
    Kind.OFFICE: marked("📍 Place"),
    Kind.ONLINE: marked("💻 Online"),
    Kind.NOTE: marked("📝 Good to know"),
}
"""Keys of the catalogues."""
SHARED = "#"
"""What is passed on begins with it: `#tam-tru-021`."""


class VisitComposer:
    """Asks what a list depends on, and writes the list."""

    def __init__(self, say: Composer) -> None:
        self._say = say
        self._words = say.words
        self._live = say.live

    def services(self, topic: str = "") -> Reply:
        """List the services that one can prepare for: those of `topic`, else by topic where one has several."""
        text = self._words("📋 What do you want to prepare for? I ask two to four things, then list what to bring.")
        chosen = [self._service(visit) for visit in self._of(topic)]
        back = [Button(self._words("« Back"), press(Press.VISITS))] if chosen else []
        topics = dict.fromkeys(visit.topic for visit in self._live.faq.visits)
        listed = [*(chosen or map(self._services, topics)), *back]
        return Reply(escape(text), (*((button,) for button in listed), *self._way_back()))

    def _of(self, topic: str) -> list[Visit]:
        return [visit for visit in self._live.faq.visits if visit.topic == topic]

    def _services(self, topic: str) -> Button:
        """Return the way to the services of a topic; straight to the service where there is but one."""
        visits = self._of(topic)
        if len(visits) == 1:
            return self._service(visits[0])
        known = self._live.topics.get(topic)
        title = known.titled(self._words.language) if known else topic
        return Button(f"{title} ({len(visits)})", press(Press.VISITS, topic))

    def _service(self, visit: Visit) -> Button:
        return Button(visit.title, press(Press.VISIT, visit.id, ""))

    def asked(self, name: str, digits: str) -> Reply | None:
        """Return the next question, or the list once all are answered; nothing where a button is of another time."""
        visit = self._visit(name)
        numbers = _numbers(digits)
        if visit is None or numbers is None or not _fit(visit, numbers):
            return None
        if len(numbers) == len(visit.questions):
            return self._list(visit, numbers, digits)
        question = visit.questions[len(numbers)]
        rows = tuple(
            (Button(choice.label, press(Press.VISIT, visit.id, f"{digits}{number}")),)
            for number, choice in enumerate(question.choices)
        )
        count = self._words("Question {number} of {count}", number=len(numbers) + 1, count=len(visit.questions))
        text = join([f"{bold(visit.title)}\n{small(count)}", escape(self._fill(question.ask))])
        return Reply(text, (*rows, self._back(visit, digits)))

    def passed_on(self, shared: str) -> Found | None:
        """Return a list as it is passed on, if `shared` names one."""
        name, _, digits = shared.removeprefix(SHARED).rpartition("-")
        visit, numbers = self._visit(name), _numbers(digits)
        if not shared.startswith(SHARED) or visit is None or numbers is None or not _fit(visit, numbers):
            return None
        if len(numbers) < len(visit.questions):
            return None
        title = self._words("Papers for: {service}", service=visit.title)
        return Found(shared, title, self._choices(visit, numbers), Reply(self._list(visit, numbers, digits).html))

    def _list(self, visit: Visit, numbers: Sequence[int], digits: str) -> Reply:
        lines = visit.chosen(visit.made(numbers))
        parts = [f"{bold(visit.title)}\n{small(self._choices(visit, numbers))}", *self._say.shaken(visit.id)]
        for kind in Kind:
            found = [line for line in lines if line.kind is kind]
            if found:
                parts.append(bold(self._words(TITLES[kind])) + "\n" + "\n".join(self._line(line) for line in found))
        parts.append(small(self._fine_print(visit)))
        links = tuple((Button(f"🌐 {link.title}", url=link.url),) for link in visit.links)
        share = Button(self._words("📤 Send to the family"), share=f"{SHARED}{visit.id}-{digits}")
        more = tuple((self._entry_button(entry),) for entry in self._entries(visit))
        return Reply(join(parts), (*links, *more, (share,), self._back(visit, digits), *self._way_back()))

    def _line(self, line: VisitLine) -> str:
        mark = "☑" if line.kind is Kind.PAPER else "•"
        return f"{mark} {escape(self._fill(line.text))}"

    def _fine_print(self, visit: Visit) -> str:
        checked = self._words("Checked on {day}.", day=self._words.date(visit.checked_on))
        if visit.review_by < self._say.today:
            return f"{checked} " + self._words("This answer is past its review date and may be outdated.")
        if visit.to_check:
            return f"{checked} {self._say.unconfirmed()}"
        return checked

    def _choices(self, visit: Visit, numbers: Sequence[int]) -> str:
        return " · ".join(
            question.choices[number].label for question, number in zip(visit.questions, numbers, strict=True)
        )

    def _back(self, visit: Visit, digits: str) -> tuple[Button, ...]:
        list_of_services = press(Press.VISITS, *([visit.topic] if len(self._of(visit.topic)) > 1 else []))
        again = press(Press.VISIT, visit.id, digits[:-1]) if digits else list_of_services
        return (Button(self._words("« Back"), again),)

    def _way_back(self) -> tuple[tuple[Button, ...], ...]:
        return ((Button(self._words("☰ Menu"), press(Press.MENU)),),)

    def _entry_button(self, entry: Entry) -> Button:
        return Button(self._fill(self._say.worded(entry).title), press(Press.ENTRY, entry.key))

    def _entries(self, visit: Visit) -> list[Entry]:
        return [self._live.entries[key] for key in visit.entries if key in self._live.entries][:2]

    def _visit(self, name: str) -> Visit | None:
        return next((visit for visit in self._live.faq.visits if visit.id == name), None)

    def _fill(self, text: str) -> str:
        return self._live.faq.place.fill(text)


def _numbers(digits: str) -> tuple[int, ...] | None:
    """Return the choices that a button carries; nothing if it carries something else."""
    return tuple(map(int, digits)) if not digits or (digits.isascii() and digits.isdecimal()) else None


def _fit(visit: Visit, numbers: Sequence[int]) -> bool:
    if len(numbers) > len(visit.questions):
        return False
    return all(number < len(question.choices) for question, number in zip(visit.questions, numbers, strict=False))
