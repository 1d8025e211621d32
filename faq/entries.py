"""The FAQ: entries, topics, documents, the place. Plain data, checked on entry (`faq.shape` holds the limits)."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from faq import dated
from faq.shape import (
    ID_PATTERN,
    PLACEHOLDER,
    Citation,
    EasyStep,
    Example,
    Gain,
    Id,
    Key,
    Line,
    Link,
    Paragraph,
    Question,
    Sheet,
    Short,
    Title,
)
from faq.visits import Visit

FEWEST_EXAMPLES = 10
SMALL_TALK_TOPIC = "chitchat"
SCAM_TOPIC = "canh-bao-lua-dao"
EMERGENCY = "chitchat.khan-cap"
"""The entry with 113, 114 and 115; like warnings of scams, it comes before all else."""
OUTSIDE_TOPIC = "ngoai-pham-vi"
"""Not a topic of the taxonomy: intents for what this product does not cover."""
BARE_TOPIC = "hoi-tiep"
"""Not a topic of the taxonomy: intents for questions that name nothing but an aspect ("thế hết mấy tiền")."""


def topic_of(key: str) -> str:
    """Return the topic of an entry's key or of an intent."""
    return key.partition(".")[0]


class Details(Sheet):
    """What follows the short answer, as fields, so that fee, time and place can be seen at a glance."""

    steps: tuple[Line, ...] = Field(default=(), max_length=8)
    papers: tuple[Line, ...] = Field(default=(), max_length=8)
    fee: Paragraph | None = None
    time: Paragraph | None = None
    office: Paragraph | None = None
    notes: tuple[Paragraph, ...] = Field(default=(), max_length=6)

    def read(self, read: Callable[[str], str]) -> Self:
        """Return the details with each dated text as `read` gives it; what then says nothing is left out."""
        return self.model_copy(
            update={
                "steps": _lines(self.steps, read),
                "papers": _lines(self.papers, read),
                "fee": _maybe(self.fee, read),
                "time": _maybe(self.time, read),
                "office": _maybe(self.office, read),
                "notes": _lines(self.notes, read),
            }
        )

    def texts(self) -> tuple[str, ...]:
        """Every text, dated phrases in it."""
        return tuple(t for t in (self.fee, self.time, self.office, *self.steps, *self.papers, *self.notes) if t)


class English(Sheet):
    """An answer in English, as far as somebody has written it."""

    title: Title
    question: Question
    short: Short
    details: Details = Details()
    gain: Gain | None = None

    def read(self, read: Callable[[str], str]) -> Self:
        """Return the answer with each dated text as `read` gives it."""
        update = {"short": read(self.short), "details": self.details.read(read), "gain": _maybe(self.gain, read)}
        return self.model_copy(update=update)

    @property
    def dated_texts(self) -> tuple[str, ...]:
        """The texts that may read differently from a known day on."""
        return (self.short, *filter(None, [self.gain]), *self.details.texts())


class Entry(Sheet):
    """One thing citizens ask about; its key is also its intent."""

    key: Key
    aspect: Id
    title: Title
    question: Question
    short: Short
    details: Details = Details()
    gain: Gain | None = None
    law: tuple[Citation, ...] = Field(default=(), max_length=8)
    links: tuple[Link, ...] = Field(default=(), max_length=3)
    facts: tuple[str, ...] = ()
    to_check: tuple[Paragraph, ...] = ()
    checked_on: dt.date
    review_by: dt.date
    valid_until: dt.date | None = None
    related: tuple[Key, ...] = Field(default=(), max_length=6)
    formerly: tuple[Key, ...] = ()
    """Keys under which old buttons and printed codes may still ask for this entry."""
    easy: tuple[EasyStep, ...] = Field(default=(), max_length=7)
    """The answer for those who read one short step at a time (`/chu_lon`)."""
    english: English | None = None
    examples: tuple[Example, ...] = Field(min_length=FEWEST_EXAMPLES)

    @property
    def topic(self) -> str:
        """Topic id: the part of the key before the dot."""
        return topic_of(self.key)

    @property
    def confirmed(self) -> bool:
        """Whether nothing of the answer is left for staff to verify."""
        return not self.to_check

    @property
    def is_general(self) -> bool:
        """Whether it answers its aspect of the topic in general, rather than for a particular case."""
        return self.key == f"{self.topic}.{self.aspect}"

    @property
    def is_small_talk(self) -> bool:
        """Whether this is talk rather than an answer about a service."""
        return self.topic == SMALL_TALK_TOPIC

    @property
    def dated_texts(self) -> tuple[str, ...]:
        """The texts that may read differently from a known day on."""
        english = self.english.dated_texts if self.english else ()
        return (self.short, *filter(None, [self.gain]), *self.details.texts(), *self.easy, *english)

    @property
    def milestones(self) -> tuple[str, ...]:
        """Ids of the milestones on which this answer changes, each once."""
        return tuple(dict.fromkeys(name for text in self.dated_texts for name in dated.milestones_in(text)))

    def read(self, read: Callable[[str], str]) -> Self:
        """Return the answer with each dated text as `read` gives it; what then says nothing is left out."""
        return self.model_copy(
            update={
                "short": read(self.short),
                "details": self.details.read(read),
                "gain": _maybe(self.gain, read),
                "easy": _lines(self.easy, read),
                "english": self.english.read(read) if self.english else None,
            }
        )

    def in_english(self) -> Self:
        """Return the answer with its English texts, if it has such."""
        if self.english is None:
            return self
        return self.model_copy(update={name: getattr(self.english, name) for name in English.model_fields})

    def texts(self) -> tuple[str, ...]:
        """Every text of the answer that a citizen can see."""
        english = (self.english.title, self.english.question) if self.english else ()
        return (self.title, self.question, *english, *self.dated_texts)

    @model_validator(mode="after")
    def _answers_about_services_rest_on_law_and_review(self) -> "Entry":
        if self.review_by <= self.checked_on:
            raise ValueError("review_by: phải sau checked_on")
        if not all(dated.readings(self.short)):
            raise ValueError("short: có ngày sẽ thành trống")
        if not self.is_small_talk and not self.facts:
            raise ValueError("facts: phải ghi ít nhất một mã dữ kiện")
        return self


def _lines(texts: tuple[str, ...], read: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(line for line in map(read, texts) if line)


def _maybe(text: str | None, read: Callable[[str], str]) -> str | None:
    return (read(text) or None) if text else None


class Topic(Sheet):
    """A group of entries; its id is stable for ever."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=30)]
    english: Annotated[str, StringConstraints(max_length=30)] = ""
    about: str
    essential: bool = False
    names: tuple[str, ...] = ()
    """What people call it; a message with such a name is about this topic whatever was talked about before."""
    spoken: str = ""
    """How a citizen would say it at the beginning of a question: "đăng ký tạm trú"."""
    general: bool = False
    """Cuts across the other topics, as the portal does: nothing but its names tells that it is meant."""

    def titled(self, language: str) -> str:
        """Return the title in a language, as far as there is one."""
        return (self.english if language == "en" else "") or self.title

    @property
    def said(self) -> str:
        """What stands for the topic in a question that leaves it out."""
        return self.spoken or self.title


class Aspect(Sheet):
    """What is asked about a topic: papers, fee, place ...; its id is stable for ever."""

    id: Id
    title: Annotated[str, StringConstraints(min_length=1, max_length=24)]
    english: Annotated[str, StringConstraints(max_length=24)] = ""
    about: str
    spoken: str = ""
    """How a citizen would ask about it at the end of a question: "lệ phí bao nhiêu"."""
    asked: tuple[Example, ...] = ()
    """Questions that name nothing but this aspect; they become an intent of its own."""
    cues: tuple[str, ...] = ()
    """Words that ask for it beside whatever else is said ("bao lâu", "ở đâu"): that part of an answer goes first."""

    def titled(self, language: str) -> str:
        """Return the title in a language, as far as there is one."""
        return (self.english if language == "en" else "") or self.title

    @property
    def intent(self) -> str:
        """Intent under which `asked` is trained."""
        return f"{BARE_TOPIC}.{self.id}"

    @property
    def said(self) -> str:
        """What stands for the aspect in a question that leaves it out."""
        return self.spoken or self.title


class Taxonomy(Sheet):
    """The words by which every question, entry and figure is grouped."""

    topics: tuple[Topic, ...]
    aspects: tuple[Aspect, ...]


class Document(Sheet):
    """A legal document, listed once; entries cite it by id."""

    id: Id
    number: str
    name: str
    in_force_from: dt.date | None = None
    in_force_until: dt.date | None = None
    amended_by: tuple[Id, ...] = ()
    replaced_by: Id | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None


class Office(Sheet):
    """An office a citizen may go to; what nobody confirmed stays empty."""

    id: Id
    name: str
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    page: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the fields that staff still have to fill in."""
        return tuple(name for name in ("address", "phone", "hours", "page") if getattr(self, name) is None)


class Hotline(Sheet):
    """A confirmed telephone number and what it is for."""

    number: str
    purpose: str = Field(alias="for")
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class EssentialService(Sheet):
    """One line of the list of essential services."""

    name: str
    topic: Id
    status: str


class EssentialServices(Sheet):
    """The list of essential services with its source, for it is counted differently from year to year."""

    source: str
    date: str
    note: str
    services: tuple[EssentialService, ...]

    @field_validator("date", mode="before")
    @classmethod
    def _date_as_text(cls, value: object) -> str:
        return str(value)


class Place(Sheet):
    """The commune: another one adopts the product by editing this."""

    words: dict[str, str]
    offices: tuple[Office, ...]
    hotlines: tuple[Hotline, ...]
    hosts: tuple[str, ...]
    essential_services: EssentialServices
    to_check: tuple[str, ...] = ()

    def fill(self, text: str) -> str:
        """Put the place's words where a text names them, as in `{cong-an}`."""
        return PLACEHOLDER.sub(lambda m: self.words.get(m[1], m[0]), text)


class Milestone(Sheet):
    """A day on which a rule changes; texts name it as `[[id: before | after]]` (see `faq.dated`)."""

    id: Id
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    first_day: dt.date
    """The first day on which the second text holds."""
    document: Id | None = None


class ShortForm(Sheet):
    """What people type short or in their dialect (up to three words), and what it stands for; the NLU reads that."""

    short: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^\w+(?: \w+){0,2}$", max_length=20)
    ]
    means: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60)]


class OutsideGroup(Sheet):
    """Sentences about one thing the product does not cover; becomes an intent of its own."""

    key: Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=40)]
    title: str
    kind: Literal["near", "far"]
    examples: tuple[Example, ...] = Field(min_length=FEWEST_EXAMPLES)

    @property
    def intent(self) -> str:
        """Intent under which its examples are trained."""
        return f"{OUTSIDE_TOPIC}.{self.key}"


class CheckSentence(Sheet):
    """A labelled sentence kept out of training, to judge a release and to measure the product."""

    text: Example
    before: tuple[Example, ...] = ()
    """What the same citizen said just before: then `text` is a follow-up, which only a dialogue can judge."""
    entry: Key | None = None
    also: tuple[Key, ...] = ()
    outside: Literal["near", "far"] | None = None
    safety: bool = False
    way: str = "co-dau"

    @property
    def accepted(self) -> frozenset[str]:
        """Keys of the entries that are right answers; empty if the sentence is out of scope."""
        return frozenset({self.entry, *self.also} - {None}) if self.entry else frozenset()

    @model_validator(mode="after")
    def _names_an_entry_or_is_outside(self) -> "CheckSentence":
        if (self.entry is None) == (self.outside is None):
            raise ValueError("phải có đúng một trong hai: entry hoặc outside")
        return self


class Faq(Sheet):
    """All that a running service knows at one moment: the entries and what they lean on."""

    taxonomy: Taxonomy
    place: Place
    documents: tuple[Document, ...] = ()
    outside: tuple[OutsideGroup, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    short_forms: tuple[ShortForm, ...] = ()
    visits: tuple[Visit, ...] = ()
    entries: tuple[Entry, ...] = ()

    def on(self, day: dt.date) -> Self:
        """Return the FAQ as it reads on `day`: no dated phrase is left, and the place knows the milestones' days."""
        passed = [milestone.id for milestone in self.milestones if milestone.first_day <= day]
        words = dated.words_of({milestone.id: milestone.first_day for milestone in self.milestones})
        place = self.place.model_copy(update={"words": {**words, **self.place.words}})

        def read(text: str) -> str:
            return dated.read(text, passed)

        entries = tuple(entry.read(read) if entry.milestones else entry for entry in self.entries)
        visits = tuple(visit.read(read) for visit in self.visits)
        return self.model_copy(update={"place": place, "entries": entries, "visits": visits})
