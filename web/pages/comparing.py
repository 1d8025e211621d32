"""Try a message on the drafts and on what is live, side by side, with accents and without."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pydantic import ValidationError
from sqlalchemy import select

from dialogue.conversation import Recogniser
from dialogue.trying import NotLiveYet, Reading, heard, read, without_accents, written_out
from faq.entries import BARE_TOPIC, OUTSIDE_TOPIC, topic_of
from faq.live import Live
from faq.models import Publication, PublicationState
from faq.sheets import assemble
from nlu.rasa_client import NluUnavailableError
from stats.endings import TITLES
from stats.masking import TOKENS
from web.access import field, signed_form
from web.office import Office, office
from web.pages.releases import HOME
from web.pages.tryout import LONGEST_TEXT
from web.showing import show

WITH_CANDIDATE = (PublicationState.PROPOSED, PublicationState.REFUSED, PublicationState.APPROVED)
NOT_TRAINED = "Bản nháp chưa được huấn luyện: bên Bản nháp dùng câu chữ mới, còn phần hiểu câu vẫn như bản đang chạy."
CANDIDATE = "Bên Bản nháp dùng phần hiểu câu vừa huấn luyện cho đợt số {}."
NO_CANDIDATE = "Chưa mở được phần hiểu câu của đợt công bố, nên bên Bản nháp vẫn hiểu câu như bản đang chạy."
BROKEN = "Bản nháp còn lỗi nên chưa hỏi thử được. Anh/chị xem lỗi ở trang Công bố."
NO_NLU = "Máy hiểu ngôn ngữ không trả lời, nên chỉ tìm theo từ."


@dataclass(frozen=True, slots=True)
class Model:
    """Who understands the messages on the drafts' side."""

    recogniser: Recogniser
    remark: str


@dataclass(frozen=True, slots=True)
class Both:
    """What is compared."""

    drafted: Live
    live: Live
    model: Model
    """Of the drafts."""


@dataclass(frozen=True, slots=True)
class GuessRow:
    """A guess in words, with its confidence."""

    title: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Side:
    """One reading as the page shows it."""

    heading: str
    reading: Reading
    ending: str
    guesses: Sequence[GuessRow]
    topic: str
    aspect: str
    masked: Sequence[str]
    short_forms: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A way of typing the message, on both sides."""

    title: str
    sides: Sequence[Side]

    @property
    def differs(self) -> bool:
        """Whether citizens would get another answer."""
        first, second = (side.reading for side in self.sides)
        return (first.entry, first.ending, first.reply) != (second.entry, second.ending, second.reply)


async def page(request: Request) -> Response:
    """Show the empty form."""
    return _show(request)


async def compare(request: Request) -> Response:
    """Show what both sides make of a message."""
    here, text = office(request), field(await signed_form(request), "cau_hoi").strip()[:LONGEST_TEXT]
    if not text:
        return _show(request)
    drafted, trouble = await _drafted(here)
    live = await here.parts.faq.now()
    ways = {"Gõ có dấu": text, "Gõ không dấu": without_accents(text)}
    if drafted is None:
        return _show(request, text=heard(text), trouble=trouble)
    model = await _model(here, list(ways.values()))
    both = Both(drafted, live, model)
    rows = [await _row(here, title, way, both) for title, way in ways.items()]
    return _show(request, text=heard(text), rows=rows, remark=model.remark)


def _show(
    request: Request, *, text: str = "", rows: Sequence[Row] = (), remark: str = "", trouble: str = ""
) -> Response:
    values: dict[str, Any] = {"rows": rows, "remark": remark, "trouble": trouble, "text": text, "longest": LONGEST_TEXT}
    values["here"] = HOME  # it is reached from there
    return show(request, "comparing.html", **values)


async def _drafted(here: Office) -> tuple[Live | None, str]:
    """Return the FAQ as it would be with all drafts, or why there is none."""
    plan = await here.publisher().plan()
    if not plan.new:
        return await here.parts.faq.now(), ""
    try:
        return Live(await asyncio.to_thread(assemble, plan.new), "bản nháp"), ""
    except (ValidationError, KeyError):
        return None, BROKEN


async def _model(here: Office, texts: Sequence[str]) -> Model:
    """Return the newest candidate that was prepared, else the live model."""
    query = select(Publication).where(Publication.state.in_(WITH_CANDIDATE)).order_by(Publication.id.desc())
    async with here.parts.sessions() as session:
        found = next((one for one in await session.scalars(query) if one.result.get("trained")), None)
    path = here.publisher().file_of(found.result["model_file"]) if found else None
    if found is None or path is None:
        return Model(here.parts.rasa, NOT_TRAINED)
    candidate = NotLiveYet(here.parts.rasa, path)
    try:
        await candidate.learn([heard(text) for text in texts])
    except NluUnavailableError:
        return Model(here.parts.rasa, NO_CANDIDATE)
    return Model(candidate, CANDIDATE.format(found.id))


async def _row(here: Office, title: str, text: str, both: Both) -> Row:
    model = both.model
    then, now = await asyncio.gather(
        read(both.drafted, model.recogniser, text, clock=here.clock),
        read(both.live, here.parts.rasa, text, clock=here.clock),
    )
    return Row(title, [_side("Bản nháp", then, both.drafted), _side("Đang chạy", now, both.live)])


def _side(heading: str, reading: Reading, live: Live) -> Side:
    aspects: Mapping[str, str] = {key: aspect.title for key, aspect in live.aspects.items()}
    topic = live.topics.get(reading.topic or "")
    return Side(
        heading=heading,
        reading=reading,
        ending=TITLES[reading.ending] if reading.ending else "",
        guesses=[GuessRow(_title(guess.intent, live), guess.confidence) for guess in reading.guesses],
        topic=topic.title if topic else "",
        aspect=aspects.get(reading.aspect or "", ""),
        masked=[TOKENS[kind] for kind in reading.masked_kinds],
        short_forms=written_out(reading.text, live),
    )


def _title(intent: str, live: Live) -> str:
    """Return what an intent stands for, in words."""
    if (entry := live.entry(intent)) is not None:
        return live.faq.place.fill(entry.question)
    if topic_of(intent) == OUTSIDE_TOPIC:
        group = next((group for group in live.faq.outside if group.intent == intent), None)
        return f"Ngoài phạm vi: {group.title}" if group else "Ngoài phạm vi"
    if topic_of(intent) == BARE_TOPIC:
        aspect = live.aspects.get(intent.partition(".")[2])
        return f"Hỏi tiếp: {aspect.title}" if aspect else "Hỏi tiếp"
    return "Mục không có ở bản này"
