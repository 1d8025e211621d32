"""The rules of the Bot API that its machine-readable description does not carry.

`METHOD_RULES` look at all parameters of a call, `TYPE_RULES` at every value of a
type, however deep it lies.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from tests.telegram.breach import Report
from tests.telegram.markup import read, utf16_length

Values = dict[str, Any]
Rule = Callable[[Values, str, Report], None]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_BYTES = 64
CALLBACK_ANSWER_LIMIT = 200
BUTTON_LIMIT = 100
ROW_LIMIT = 8
COMMAND_LIMIT = 100
RESULT_LIMIT = 50
COPY_LIMIT = 256
PLACEHOLDER_LIMIT = 64

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_PARSE_MODES = {"", "html", "markdown", "markdownv2"}
_STYLES = {"danger", "success", "primary"}
_ACTIONS = frozenset(
    [
        "url",
        "callback_data",
        "web_app",
        "login_url",
        "switch_inline_query",
        "copy_text",
        "callback_game",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "pay",
    ]
)
_CHAT_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
UPDATE_TYPES = frozenset(
    [
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
        "message_reaction",
        "message_reaction_count",
        "inline_query",
        "chosen_inline_result",
        "callback_query",
        "shipping_query",
        "pre_checkout_query",
        "purchased_paid_media",
        "poll",
        "poll_answer",
        "my_chat_member",
        "chat_member",
        "chat_join_request",
        "chat_boost",
        "removed_chat_boost",
    ]
)


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _text(name: str, limit: int, *, too_long: str, empty: str | None = None) -> Rule:
    """Make the rule of a text that may carry formatting."""

    def rule(values: Values, where: str, report: Report) -> None:
        text, mode = values.get(name), values.get("parse_mode")
        place = _inside(where, name)
        if mode and str(mode).lower() not in _PARSE_MODES:
            report.add(place, f"has parse mode {mode!r}", "unsupported parse_mode")
        if not isinstance(text, str):
            return
        formatted = read(text, mode)
        if formatted.complaint:
            answer = f"can't parse entities: {formatted.complaint}"
            report.add(place, f"is no HTML for Telegram: {formatted.complaint}", answer)
            return
        for remark in formatted.remarks:
            report.add(place, f"holds {remark}")
        if empty and not formatted.text:
            report.add(place, "is empty", empty)
        if (length := utf16_length(formatted.text)) > limit:
            report.add(place, f"has {length} characters, at most {limit}", too_long)

    return rule


_message_text = _text("text", TEXT_LIMIT, too_long="message is too long", empty="message text is empty")
_draft_text = _text("text", TEXT_LIMIT, too_long="message is too long")
caption = _text("caption", CAPTION_LIMIT, too_long="message caption is too long")
_inline_text = _text(
    "message_text",
    TEXT_LIMIT,
    too_long="MESSAGE_TOO_LONG",
    empty="message text is empty",
)


def _edited_text(values: Values, where: str, report: Report) -> None:
    if "text" not in values and "rich_message" not in values:
        report.add("text", "is missing", "message text is empty")
    _message_text(values, where, report)


def _limit(name: str, limit: int, answer: str) -> Rule:
    """Make the rule of a plain text of at most so many characters."""

    def rule(values: Values, where: str, report: Report) -> None:
        text = values.get(name)
        if isinstance(text, str) and (length := utf16_length(text)) > limit:
            place = _inside(where, name)
            report.add(place, f"has {length} characters, at most {limit}", answer)

    return rule


def _at_most(name: str, limit: int, answer: str) -> Rule:
    """Make the rule of a list of at most so many items."""

    def rule(values: Values, where: str, report: Report) -> None:
        items = values.get(name)
        if isinstance(items, list) and len(items) > limit:
            place = _inside(where, name)
            report.add(place, f"has {len(items)} items, at most {limit}", answer)

    return rule


def _language(values: Values, where: str, report: Report) -> None:
    code = values.get("language_code")
    if code and not _LANGUAGE.fullmatch(str(code)):
        place = _inside(where, "language_code")
        report.add(place, f"is {code!r}", "invalid language code specified")


def _chat_action(values: Values, _where: str, report: Report) -> None:
    if (action := values.get("action")) not in _CHAT_ACTIONS:
        answer = "wrong parameter action in request"
        report.add("action", f"is {action!r}, no chat action", answer)


def _secret(values: Values, _where: str, report: Report) -> None:
    secret = values.get("secret_token")
    if secret and not _SECRET.fullmatch(str(secret)):
        answer = "secret token contains unallowed characters"
        report.add("secret_token", "is not 1-256 of A-Z a-z 0-9 _ -", answer)


def _allowed_updates(values: Values, _where: str, report: Report) -> None:
    for kind in values.get("allowed_updates") or ():
        if kind not in UPDATE_TYPES:
            report.add("allowed_updates", f"names {kind!r}, no type of update")


def _results(values: Values, _where: str, report: Report) -> None:
    results = values.get("results")
    if not isinstance(results, list):
        return
    names = [result.get("id") for result in results if isinstance(result, dict)]
    if len(set(names)) < len(names):
        report.add("results", "hold one id twice", "RESULT_ID_DUPLICATE")
    if any(not 1 <= len(str(name).encode()) <= CALLBACK_DATA_BYTES for name in names):
        report.add("results", "hold an id not of 1-64 bytes", "RESULT_ID_INVALID")


def _rows(name: str) -> Rule:
    """Make the rule of a keyboard's shape."""

    def rule(values: Values, where: str, report: Report) -> None:
        rows = values.get(name)
        if not isinstance(rows, list):
            return
        lengths = [len(row) for row in rows if isinstance(row, list)]
        place = _inside(where, name)
        if sum(lengths) > BUTTON_LIMIT:
            words = f"has {sum(lengths)} buttons, at most {BUTTON_LIMIT}"
            report.add(place, words, "reply markup is too long")
        if max(lengths, default=0) > ROW_LIMIT:
            report.add(place, f"has a row of {max(lengths)}, at most {ROW_LIMIT}")
        if 0 in lengths:
            report.add(place, "has an empty row")

    return rule


def _button_label(values: Values, where: str, report: Report) -> None:
    text, style = values.get("text"), values.get("style")
    if isinstance(text, str) and not text.strip():
        report.add(_inside(where, "text"), "is empty", "BUTTON_TEXT_INVALID")
    if style is not None and style not in _STYLES:
        report.add(_inside(where, "style"), f"is {style!r}", "BUTTON_STYLE_INVALID")


def _button_action(values: Values, where: str, report: Report) -> None:
    actions = _ACTIONS & values.keys()
    if not actions:
        answer = "can't parse inline keyboard button: "
        answer += "Text buttons are unallowed in the inline keyboard"
        report.add(where, "is a button that does nothing", answer)
    elif len(actions) > 1:
        report.add(where, f"is a button that does {' and '.join(sorted(actions))}")


def _button_data(values: Values, where: str, report: Report) -> None:
    data = values.get("callback_data")
    if isinstance(data, str):
        length = len(data.encode())
        if not 1 <= length <= CALLBACK_DATA_BYTES:
            words = f"has {length} bytes, not 1-{CALLBACK_DATA_BYTES}"
            report.add(_inside(where, "callback_data"), words, "BUTTON_DATA_INVALID")


def _button_url(values: Values, where: str, report: Report) -> None:
    url, place = values.get("url"), _inside(where, "url")
    if not isinstance(url, str):
        return
    scheme = urlsplit(url).scheme.lower()
    if scheme in {"http", "https"}:
        host = urlsplit(url).hostname or ""
        if "." not in host and ":" not in host:
            answer = f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
            report.add(place, f"is {url!r}, no address of the web", answer)
    elif scheme not in {"tg", "ton"}:
        problem = "Unsupported URL protocol"
        answer = f"inline keyboard button URL '{url}' is invalid: {problem}"
        words = f"is {url!r}, not http, https or tg"
        report.add(place, words, answer if scheme or "." not in url else None)


def _web_app(values: Values, where: str, report: Report) -> None:
    url = str(values.get("url"))
    if not url.startswith("https://"):
        answer = f"Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        report.add(_inside(where, "url"), f"is {url!r}, not https", answer)


def _command(values: Values, where: str, report: Report) -> None:
    if not _COMMAND.fullmatch(str(values.get("command", ""))):
        place = _inside(where, "command")
        report.add(place, "is not 1-32 of a-z 0-9 _", "BOT_COMMAND_INVALID")
    if not 1 <= utf16_length(str(values.get("description", "")).strip()) <= COPY_LIMIT:
        place = _inside(where, "description")
        report.add(place, "is not 1-256 characters", "BOT_COMMAND_DESCRIPTION_INVALID")


def _copied(values: Values, where: str, report: Report) -> None:
    if not 1 <= utf16_length(str(values.get("text", ""))) <= COPY_LIMIT:
        place = _inside(where, "text")
        report.add(place, "is not 1-256 characters", "BUTTON_COPY_TEXT_INVALID")


METHOD_RULES: dict[str, Iterable[Rule]] = {
    "answerCallbackQuery": (_limit("text", CALLBACK_ANSWER_LIMIT, "MESSAGE_TOO_LONG"),),
    "answerInlineQuery": (
        _at_most("results", RESULT_LIMIT, "RESULTS_TOO_MUCH"),
        _results,
    ),
    "editMessageText": (_edited_text,),
    "getUpdates": (_allowed_updates,),
    "sendChatAction": (_chat_action,),
    "sendMessage": (_message_text,),
    "sendMessageDraft": (_draft_text,),
    "setMyCommands": (
        _at_most("commands", COMMAND_LIMIT, "BOT_COMMANDS_TOO_MUCH"),
        _language,
    ),
    "setMyDescription": (
        _limit("description", 512, "description is too long"),
        _language,
    ),
    "setMyName": (_limit("name", 64, "name is too long"), _language),
    "setMyShortDescription": (
        _limit("short_description", 120, "short description is too long"),
        _language,
    ),
    "setWebhook": (_secret, _allowed_updates),
}
TYPE_RULES: dict[str, Iterable[Rule]] = {
    "BotCommand": (_command,),
    "CopyTextButton": (_copied,),
    "InlineKeyboardButton": (_button_label, _button_action, _button_data, _button_url),
    "InlineKeyboardMarkup": (_rows("inline_keyboard"),),
    "InputTextMessageContent": (_inline_text,),
    "KeyboardButton": (_button_label,),
    "ReplyKeyboardMarkup": (
        _rows("keyboard"),
        _limit("input_field_placeholder", PLACEHOLDER_LIMIT, "placeholder is too long"),
    ),
    "WebAppInfo": (_web_app,),
}
