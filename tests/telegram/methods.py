"""What the methods of the Bot API do, once a call has been found to be in order.

`METHODS` is the table; a method that is not in it is answered with True.
"""

import html
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.telegram.contract import Params, Upload
from tests.telegram.markup import read
from tests.telegram.refusal import RefusalError, bad_request
from tests.telegram.world import Chat, Post, World

Json = dict[str, Any]
Method = Callable[[World, Params], Any]

_PIXEL_SIDE = 90


# Messages


def send_message(world: World, params: Params) -> Json:
    """Write a text."""
    return _send(world, params, _formatted(params, "text", "entities"))


def _sender_of(kind: str, build: Callable[[Json], Any]) -> Method:
    """Make the method that sends a file of some kind."""

    def send(world: World, params: Params) -> Json:
        sent = {kind: build(_file(world, params, kind))}
        if params.get("caption"):
            sent |= _formatted(params, "caption", "caption_entities")
        return _send(world, params, sent)

    return send


def send_location(world: World, params: Params) -> Json:
    """Show a place."""
    place = {name: params[name] for name in ("latitude", "longitude")}
    return _send(world, params, {"location": place})


def send_contact(world: World, params: Params) -> Json:
    """Show somebody's telephone number."""
    names = ("phone_number", "first_name", "last_name")
    contact = {name: params[name] for name in names if name in params}
    return _send(world, params, {"contact": contact})


def edit_text(world: World, params: Params) -> Json | bool:
    """Change what a message says; without a keyboard it loses the one it had."""
    text = _formatted(params, "text", "entities")
    return _edit(world, params, {"entities": None} | text, "text")


def edit_caption(world: World, params: Params) -> Json | bool:
    """Change what stands below a picture or file."""
    caption = _formatted(params, "caption", "caption_entities")
    return _edit(world, params, {"caption_entities": None} | caption, "caption")


def edit_markup(world: World, params: Params) -> Json | bool:
    """Change the buttons below a message."""
    return _edit(world, params, {}, None)


def delete_message(world: World, params: Params) -> bool:
    """Take a message away."""
    chat = world.chat(params["chat_id"])
    if chat.posts.pop(params["message_id"], None) is None:
        what = "message to delete not found"
        raise bad_request(what)
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Take messages away; those not there are passed over."""
    chat = world.chat(params["chat_id"])
    for number in params["message_ids"]:
        chat.posts.pop(number, None)
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """Show that the bot is busy."""
    world.chat(params["chat_id"])
    return True


def _send(world: World, params: Params, content: Json) -> Json:
    chat = world.chat(params["chat_id"])
    markup = params.get("reply_markup")
    content |= _replied(chat, params) | _shown(markup)
    source = params.get("text") or params.get("caption") or ""
    post = world.post(chat, world.bot, content, html=_source(params, source), markup=markup)
    chat.show(post)
    return post.message


def _edit(world: World, params: Params, content: Json, said: str | None) -> Json | bool:
    if params.get("inline_message_id"):
        return True
    if not params.get("message_id"):
        what = "message identifier is not specified"
        raise bad_request(what)
    chat = world.chat(params.get("chat_id"))
    post = chat.posts.get(params["message_id"])
    if post is None:
        what = "message to edit not found"
        raise bad_request(what)
    content |= {"reply_markup": None} | _shown(params.get("reply_markup"))
    _refuse_edit(post, content, said)
    about = {"html": _source(params, params.get(said) or "")} if said else {}
    edited = world.replace(chat, post, content, markup=params.get("reply_markup"), **about)
    chat.show(edited, edited=True)
    return edited.message


def _refuse_edit(post: Post, content: Json, said: str | None) -> None:
    if not post.editable:
        what = "message can't be edited"
        raise bad_request(what)
    if said == "text" and "text" not in post.message:
        what = "there is no text in the message to edit"
        raise bad_request(what)
    if all(post.message.get(key) == value for key, value in content.items()):
        what = (
            "message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )
        raise bad_request(what)


def _formatted(params: Params, name: str, entities: str) -> Json:
    formatted = read(params.get(name) or "", params.get("parse_mode"))
    marked = [dict(entity) for entity in formatted.entities]
    if not params.get("parse_mode") and params.get(entities):
        marked = params[entities]
    return {name: formatted.text} | ({entities: marked} if marked else {})


def _source(params: Params, text: str) -> str:
    if str(params.get("parse_mode")).lower() == "html":
        return text
    return html.escape(text, quote=False)


def _shown(markup: Json | None) -> Json:
    """Give the keyboard a message carries: an inline one with buttons."""
    if not isinstance(markup, dict) or not any(markup.get("inline_keyboard") or ()):
        return {}
    rows = [row for row in markup["inline_keyboard"] if row]
    return {"reply_markup": {"inline_keyboard": rows}}


def _replied(chat: Chat, params: Params) -> Json:
    asked = params.get("reply_parameters")
    if not asked:
        return {}
    post = chat.posts.get(asked["message_id"])
    if post:
        first = {k: v for k, v in post.message.items() if k != "reply_to_message"}
        return {"reply_to_message": first}
    if asked.get("allow_sending_without_reply"):
        return {}
    what = "message to be replied not found"
    raise bad_request(what)


def _file(world: World, params: Params, kind: str) -> Json:
    given = params[kind]
    if isinstance(given, str) and given.startswith("attach://"):
        given = params.get(given.removeprefix("attach://"))
    if isinstance(given, Upload):
        return world.store(given) | {"file_name": given.name}
    if given in world.files:
        return {"file_id": given, "file_unique_id": f"AQAD{given[-5:]}"}
    if str(given).startswith(("http://", "https://")):
        return world.store(Upload(given.rpartition("/")[2], b""))
    what = "wrong file identifier/HTTP URL specified"
    raise bad_request(what)


def _without_name(file: Json) -> Json:
    return {key: value for key, value in file.items() if key != "file_name"}


def _picture(file: Json) -> Json:
    return _without_name(file) | {"width": _PIXEL_SIDE, "height": _PIXEL_SIDE}


def _sound(file: Json) -> Json:
    return _without_name(file) | {"duration": 1}


def _film(file: Json) -> Json:
    return _picture(file) | {"duration": 1}


def _sticker(file: Json) -> Json:
    return _picture(file) | {
        "type": "regular",
        "is_animated": False,
        "is_video": False,
    }


def _sizes(file: Json) -> list[Json]:
    return [_picture(file)]


# Questions and files


def answer_callback(world: World, params: Params) -> bool:
    """Answer a tap on a button."""
    return world.answer(params["callback_query_id"], params)


def answer_inline(world: World, params: Params) -> bool:
    """Answer what somebody types behind the bot's name."""
    return world.answer(params["inline_query_id"], params)


def get_file(world: World, params: Params) -> Json:
    """Tell where a file can be fetched."""
    file = world.files.get(params["file_id"])
    if file is None:
        what = "invalid file_id"
        raise bad_request(what)
    return {
        "file_id": file.file_id,
        "file_unique_id": f"AQAD{file.file_id[-5:]}",
        "file_size": len(file.content),
        "file_path": f"documents/{file.file_id}",
    }


# The bot itself


def set_commands(world: World, params: Params) -> bool:
    """Fill the menu, for some chats and one language."""
    world.commands[_scope(params)] = params["commands"]
    return True


def get_commands(world: World, params: Params) -> list[Json]:
    """Show the menu of exactly this scope and language."""
    return world.commands.get(_scope(params), [])


def delete_commands(world: World, params: Params) -> bool:
    """Empty the menu."""
    world.commands.pop(_scope(params), None)
    return True


def _scope(params: Params) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.get("language_code") or ""


def _text_setter(name: str) -> Method:
    def set_text(world: World, params: Params) -> bool:
        key = (name, params.get("language_code") or "")
        world.texts[key] = params.get(name) or ""
        return True

    return set_text


def _text_getter(name: str) -> Method:
    def get_text(world: World, params: Params) -> Json:
        texts, language = world.texts, params.get("language_code") or ""
        fallback = world.bot["first_name"] if name == "name" else ""
        text = texts.get((name, language)) or texts.get((name, "")) or fallback
        return {name: text}

    return get_text


# Chats


def get_chat(world: World, params: Params) -> Json:
    """Tell about a chat."""
    chat = world.known_chat(params["chat_id"])
    gifts = ("unlimited", "limited", "unique", "premium_subscription")
    accepted = {f"{kind}_gifts": True for kind in gifts[:3]} | {gifts[3]: True}
    return chat.profile | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": accepted | {"gifts_from_channels": True},
    }


def get_chat_member(world: World, params: Params) -> Json:
    """Tell what somebody is in a chat."""
    chat = world.known_chat(params["chat_id"])
    people = chat.members | {world.bot["id"]: world.bot}
    user = people.get(params["user_id"])
    if user is None:
        what = "member not found"
        raise bad_request(what)
    return {"user": user, "status": "member"}


def leave_chat(world: World, params: Params) -> bool:
    """Walk out of a group."""
    chat = world.chat(params["chat_id"])
    if chat.profile["type"] == "private":
        what = "chat member status can't be changed in private chats"
        raise bad_request(what)
    chat.open = False
    chat.closed_because = "bot is not a member of the supergroup chat"
    return True


def _get_updates(world: World, params: Params) -> Awaitable[list[Json]]:
    return world.updates.get(params)


def _set_webhook(world: World, params: Params) -> Awaitable[bool]:
    return world.updates.set_webhook(params)


def _delete_webhook(world: World, params: Params) -> Awaitable[bool]:
    return world.updates.delete_webhook(params)


def _get_webhook_info(world: World, _params: Params) -> Json:
    return world.updates.webhook_info()


def _get_me(world: World, _params: Params) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback,
    "answerInlineQuery": answer_inline,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "deleteMyCommands": delete_commands,
    "deleteWebhook": _delete_webhook,
    "editMessageCaption": edit_caption,
    "editMessageReplyMarkup": edit_markup,
    "editMessageText": edit_text,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getFile": get_file,
    "getMe": _get_me,
    "getMyCommands": get_commands,
    "getMyDescription": _text_getter("description"),
    "getMyName": _text_getter("name"),
    "getMyShortDescription": _text_getter("short_description"),
    "getUpdates": _get_updates,
    "getWebhookInfo": _get_webhook_info,
    "leaveChat": leave_chat,
    "sendAnimation": _sender_of("animation", _film),
    "sendAudio": _sender_of("audio", _sound),
    "sendChatAction": send_chat_action,
    "sendContact": send_contact,
    "sendDocument": _sender_of("document", dict),
    "sendLocation": send_location,
    "sendMessage": send_message,
    "sendPhoto": _sender_of("photo", _sizes),
    "sendSticker": _sender_of("sticker", _sticker),
    "sendVideo": _sender_of("video", _film),
    "sendVoice": _sender_of("voice", _sound),
    "setMyCommands": set_commands,
    "setMyDescription": _text_setter("description"),
    "setMyName": _text_setter("name"),
    "setMyShortDescription": _text_setter("short_description"),
    "setWebhook": _set_webhook,
}


async def perform(world: World, method: str, params: Params) -> object:
    """Do what a method does and give its result, or raise `RefusalError`."""
    act = METHODS.get(method)
    if act is None:
        return True
    try:
        result = act(world, params)
    except (KeyError, TypeError) as error:
        # A call with breaches Telegram lets pass; the breach is on record.
        message = f"Bad Request: {method} does not understand {error}"
        raise RefusalError(400, message) from error
    return await result if isinstance(result, Awaitable) else result
