"""What is wrong with a call: the breach, and the report breaches are added to."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Breach:
    """One way in which a call breaks the Bot API's rules.

    `answer` is the description of the 400 Telegram gives; without one Telegram
    lets the call pass, though not as its author meant it.
    """

    method: str
    where: str
    words: str
    answer: str | None = None

    def __str__(self) -> str:
        place = f"{self.method}: {self.where}" if self.where else self.method
        return f"{place} {self.words}"


@dataclass
class Report:
    """The breaches of one call, as they are found."""

    method: str
    breaches: list[Breach] = field(default_factory=list)

    def add(self, where: str, words: str, answer: str | None = None) -> None:
        """Write a breach down; `answer` goes without its "Bad Request: "."""
        description = answer and f"Bad Request: {answer}"
        self.breaches.append(Breach(self.method, where, words, description))
