"""The try-out chat: the same dialogue as on Telegram, under the channel that is not counted."""

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from dialogue.conversation import Speaker
from dialogue.replies import LONGEST_CALLBACK, Turn
from stats.endings import TITLES
from web.access import field, signed_form, visitor_of
from web.chats import Exchange, label_of
from web.office import office
from web.showing import is_partial, show

LONGEST_TEXT = 1_000
HIDDEN = "(tin nhắn không có chữ)"


async def chat(request: Request) -> Response:
    """Show the conversation so far."""
    said = office(request).chats.of(_visit(request))
    return show(request, "chat.html", exchanges=said, endings=TITLES, longest=LONGEST_TEXT)


async def say(request: Request) -> Response:
    """Answer what was typed or pressed: with the new bubbles for HTMX, with the whole page otherwise."""
    form = await signed_form(request)
    here, visit = office(request), _visit(request)
    pressed, text = field(form, "nut")[:LONGEST_CALLBACK], field(form, "cau_hoi").strip()[:LONGEST_TEXT]
    speaker = Speaker("test", visit, visit)
    if pressed:
        turn = await here.parts.dialogue.press(speaker, pressed)
        replies = (exchange.reply for exchange in reversed(here.chats.of(visit)))
        exchange = _exchange(label_of(replies, pressed), turn)
    elif text:
        turn = await here.parts.dialogue.answer(speaker, text)
        exchange = _exchange((turn.asked.text if turn.asked else None) or HIDDEN, turn)
    else:
        return Response(status_code=204) if is_partial(request) else RedirectResponse("/thu", 303)
    here.chats.add(visit, exchange)
    await here.parts.dialogue.record(turn)
    if not is_partial(request):
        return RedirectResponse("/thu#moi-nhat", 303)
    return show(request, "chat_piece.html", exchange=exchange, endings=TITLES, longest=LONGEST_TEXT)


def _visit(request: Request) -> str:
    visitor = visitor_of(request)
    return visitor.session if visitor else ""


def _exchange(said: str, turn: Turn) -> Exchange:
    asked = turn.asked
    if asked is None:
        return Exchange(said, turn.reply)
    return Exchange(said, turn.reply, asked.ending, asked.entry, asked.confidence)
