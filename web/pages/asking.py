"""The citizens' page: the same dialogue as on Telegram, for whom Telegram is out of reach. No log-in, no script."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from dialogue.commands import COMMANDS
from dialogue.composing import Composer
from dialogue.conversation import LONGEST_TELEGRAM_MESSAGE, Dialogue, Speaker
from dialogue.personal import PersonalComposer
from dialogue.replies import LONGEST_CALLBACK, Press, Reply, Turn
from dialogue.wording import DEFAULT, LANGUAGES, wording
from faq.live import Live
from faq.notices import Announced
from stats.masking import mask
from web.access import VISIT_PATH, drop_visit, field, network_of, set_visit, signed_form, visit_of
from web.chats import Exchange, label_of
from web.office import Office, office
from web.showing import show
from web.wording import in_language

LONGEST_TEXT = 1_000
NEWEST = f"{VISIT_PATH}#moi-nhat"
HIDDEN, UNKNOWN = "(…)", "/…"
FORGET = "/xoa"
"""What the dialogue then forgets, the page forgets as well."""
WAIT = "Ông/bà gửi hơi nhanh. Xin đợi {seconds} giây rồi bấm Gửi lại."


@dataclass(frozen=True, slots=True)
class _Heard:
    """What stays on the page of what was typed or pressed, and the turn it led to."""

    said: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class _Sight:
    """What a visit has before its eyes."""

    exchanges: Sequence[Exchange]
    opening: Reply
    tongues: Reply
    language: str
    live: Live
    announced: Announced
    news: Sequence[str]
    """What staff have to tell, for a page that tells nothing else yet."""

    @property
    def police(self) -> str:
        """Whose guide it is."""
        return self.live.faq.place.words.get("cong-an", "")

    def is_vietnamese(self, exchange: Exchange) -> bool:
        """Whether an answer stands in Vietnamese on a page in another language."""
        entry = self.live.entries.get(exchange.entry or "")
        return entry is not None and (exchange.language == DEFAULT or entry.english is None)

    @property
    def replies(self) -> Sequence[Reply]:
        """All whose buttons can be pressed, the newest first."""
        return (*(exchange.reply for exchange in reversed(self.exchanges)), self.opening, self.tongues)


async def page(request: Request) -> Response:
    """Show the conversation so far, and the field for the next question."""
    return await _page(request)


async def ask(request: Request) -> Response:
    """Answer what was typed or pressed, then send to the page: to load that again asks nothing twice."""
    form = await signed_form(request)
    here, visit = office(request), _visit(request)
    pressed, text = field(form, "nut")[:LONGEST_CALLBACK], field(form, "cau_hoi").strip()
    if not (pressed or text):
        return RedirectResponse(VISIT_PATH, 303)
    wait = _wait(request, here)
    if wait:
        return await _asked_to_wait(request, text, wait)
    sight, dialogue, speaker = await _sight(request), here.parts.dialogue, Speaker("web", visit, visit)
    if pressed:
        heard = _Heard(label_of(sight.replies, pressed), await dialogue.press(speaker, pressed))
    else:
        heard = await _typed(dialogue, speaker, text)
    if pressed.partition(":")[0] == Press.FORGET or heard.said == FORGET:
        here.visits.forget(visit)
    here.visits.add(visit, _exchange(heard, _language(pressed, heard.turn, sight.language)))
    await dialogue.record(heard.turn)
    return RedirectResponse(NEWEST, 303)


async def leave(request: Request) -> Response:
    """Forget the conversation, as the dialogue's command does: others may use the same phone."""
    await signed_form(request)
    here, visit, sight = office(request), _visit(request), await _sight(request)
    turn = await here.parts.dialogue.forget(Speaker("web", visit, visit))
    here.visits.forget(visit)
    response = RedirectResponse(VISIT_PATH, 303)
    if _is_out_of_reach(turn.reply, sight.live, here.today()):  # said on the page, where the button stays for later
        here.visits.add(visit, Exchange(FORGET, turn.reply, language=sight.language))
    else:
        drop_visit(response)
    return response


async def _page(request: Request, *, status: int = 200, notice: str = "", text: str = "") -> Response:
    sight = await _sight(request)
    say = partial(in_language, sight.language)
    values = {"sight": sight, "say": say, "notice": notice, "text": text, "longest": LONGEST_TEXT}
    values["keep_days"] = office(request).settings.keep_text_days
    response = show(request, "asking.html", status=status, **values)
    set_visit(request, response, _visit(request))
    if sight.exchanges:  # what somebody asked is nobody's to find
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


async def _sight(request: Request) -> _Sight:
    here = office(request)
    exchanges = here.visits.of(_visit(request))
    language = exchanges[-1].language if exchanges else DEFAULT
    live = (await here.parts.faq.now()).on(here.today())
    say = Composer(live, wording(language), here.today())
    announced = await here.notices.now()
    news = [say.stopped(announced.stop).html] if announced.stop else say.announced(announced.notices)
    return _Sight(exchanges, say.menu(), say.languages(), language, live, announced, news)


def _is_out_of_reach(reply: Reply, live: Live, today: dt.date) -> bool:
    """Whether the dialogue says, in whatever language it was spoken with, that it could not remove what is kept."""
    say = (PersonalComposer(Composer(live, wording(language), today)) for language in LANGUAGES)
    return reply in {each.out_of_reach() for each in say}


async def _typed(dialogue: Dialogue, speaker: Speaker, text: str) -> _Heard:
    if not text.startswith("/"):
        return _Heard(_masked(text) or HIDDEN, await dialogue.answer(speaker, text))
    name, _, argument = text[1:].partition(" ")
    name = name.lower()
    if name not in COMMANDS:  # whatever was typed there is not masked
        return _Heard(UNKNOWN, await dialogue.unknown_command(speaker))
    return _Heard(f"/{name}", await COMMANDS[name].run(dialogue, speaker, argument.strip()))


def _masked(text: str) -> str:
    """Return what a page may show of what was typed: masked whole, for a number that is cut is none any more."""
    return mask(text[:LONGEST_TELEGRAM_MESSAGE]).text[:LONGEST_TEXT]


def _exchange(heard: _Heard, language: str) -> Exchange:
    asked = heard.turn.asked
    exchange = Exchange(heard.said, heard.turn.reply, language=language)
    return replace(exchange, ending=asked.ending, entry=asked.entry) if asked else exchange


def _language(pressed: str, turn: Turn, before: str) -> str:
    """Return the language of the page after a turn."""
    kind, _, value = pressed.partition(":")
    if kind == Press.LANGUAGE:
        return wording(value).language
    return turn.asked.language if turn.asked else before


def _wait(request: Request, here: Office) -> float:
    """Return the seconds until this visit may ask again, 0 if it may now; then the attempt is counted."""
    visit, network = _visit(request), network_of(request)
    wait = max(here.by_visit.wait(visit), here.by_crowd.wait(network))
    if not wait:
        here.by_visit.note(visit)
        here.by_crowd.note(network)
    return wait


async def _asked_to_wait(request: Request, text: str, wait: float) -> Response:
    """Show the page with what was typed still in the field, but for what nobody should send anyway."""
    seconds = math.ceil(wait)
    language = (await _sight(request)).language
    notice = in_language(language, WAIT).format(seconds=seconds)
    response = await _page(request, status=429, notice=notice, text=_masked(text))
    response.headers["Retry-After"] = str(seconds)
    return response


def _visit(request: Request) -> str:
    return visit_of(request) or ""
