"""Prepare a visit: two to four questions about a service, and the list of what to bring that follows from the answers.

Which lines are shown is data (`faq/content/visits.yml`); this file knows only how to choose them.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from itertools import product
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from faq.shape import ID_PATTERN, Citation, Id, Key, Line, Link, Paragraph, Question, Sheet, Title

MOST_CHOICES = 5
Short = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=12)]


class Kind(StrEnum):
    """What a line of the list tells; the list shows them in this order."""

    PAPER = "paper"
    FEE = "fee"
    TIME = "time"
    OFFICE = "office"
    ONLINE = "online"
    NOTE = "note"


class Choice(Sheet):
    """One of the buttons under a question."""

    id: Short
    label: Title


class VisitQuestion(Sheet):
    """What is asked, because the list depends on it."""

    id: Short
    ask: Question
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=MOST_CHOICES)


class VisitLine(Sheet):
    """A line of the list; with `when`, only if one of the named choices was made for each named question."""

    kind: Kind
    text: Line
    when: Mapping[Short, tuple[Short, ...]] = Field(default_factory=dict)

    def holds(self, made: Mapping[str, str]) -> bool:
        """Whether the line is shown to somebody who made these choices (question -> choice)."""
        return all(made.get(question) in choices for question, choices in self.when.items())


class Visit(Sheet):
    """A service that a citizen prepares for."""

    id: Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=16)]
    topic: Id
    title: Title
    questions: tuple[VisitQuestion, ...] = Field(min_length=2, max_length=4)
    lines: tuple[VisitLine, ...] = Field(min_length=1)
    links: tuple[Link, ...] = Field(default=(), max_length=2)
    entries: tuple[Key, ...] = Field(min_length=1, max_length=4)
    law: tuple[Citation, ...] = Field(default=(), max_length=6)
    facts: tuple[str, ...] = Field(min_length=1)
    to_check: tuple[Paragraph, ...] = ()
    checked_on: dt.date
    review_by: dt.date

    def made(self, numbers: Sequence[int]) -> dict[str, str]:
        """Return the choices (question -> choice) that `numbers`, one a question from 0, stand for.

        Raises IndexError where a number stands for no choice, or where there are more of them than questions.
        """
        found = {}
        for position, number in enumerate(numbers):
            question = self.questions[position]
            found[question.id] = question.choices[number].id
        return found

    def chosen(self, made: Mapping[str, str]) -> tuple[VisitLine, ...]:
        """Return the lines for these choices, in the order of their kinds."""
        kinds = list(Kind)
        return tuple(sorted((line for line in self.lines if line.holds(made)), key=lambda line: kinds.index(line.kind)))

    def every_way(self) -> tuple[dict[str, str], ...]:
        """Return all choices that can be made."""
        numbers = product(*(range(len(question.choices)) for question in self.questions))
        return tuple(self.made(way) for way in numbers)

    def read(self, read: Callable[[str], str]) -> Self:
        """Return the visit with each dated text as `read` gives it; what then says nothing is left out."""
        lines = (line.model_copy(update={"text": read(line.text)}) for line in self.lines)
        return self.model_copy(update={"lines": tuple(line for line in lines if line.text)})

    @model_validator(mode="after")
    def _lines_name_what_is_asked(self) -> Self:
        choices = {question.id: {choice.id for choice in question.choices} for question in self.questions}
        for line in self.lines:
            for question, named in line.when.items():
                if not set(named) <= choices.get(question, set()):
                    raise ValueError(
                        f"lines: «{line.text[:40]}» nhắc lựa chọn không có ({question}: {', '.join(named)})"
                    )
        if self.review_by <= self.checked_on:
            raise ValueError("review_by: phải sau checked_on")
        return self
