"""The contract finds what Telegram refuses, and what it would quietly get wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram.contract import Upload, check, contract
from tests.telegram.distil import distil
from tests.telegram.markup import read, utf16_length

BOLD = {"type": "bold", "offset": 0, "length": 2}


def words(method: str, **params: Any) -> list[str]:
    return [str(breach) for breach in check(method, params)]


def answers(method: str, **params: Any) -> list[str | None]:
    return [breach.answer for breach in check(method, params)]


def message(text: str) -> list[str | None]:
    return answers("sendMessage", chat_id="1", text=text, parse_mode="HTML")


def with_button(**button: Any) -> list[str | None]:
    markup = json.dumps({"inline_keyboard": [[button]]})
    return answers("sendMessage", chat_id="1", text="hi", reply_markup=markup)


def test_description_is_of_the_version_it_names() -> None:
    assert contract().version == "10.1"


def test_distilling_keeps_types_that_are_reached_and_no_other() -> None:
    field = {"name": "a", "types": ["Array of Array of B"], "required": True}
    constant = field | {"types": ["String"], "description": 'Type, always "b"'}
    full = {
        "version": "Bot API 1.0",
        "release_date": "today",
        "methods": {"do": {"fields": [field | {"description": ""}]}},
        "types": {"B": {"fields": [constant]}, "C": {"fields": []}},
    }

    assert distil(full) == {
        "version": "1.0",
        "released": "today",
        "methods": {"do": {"required": {"a": "Array of Array of B"}}},
        "types": {"B": {"required": {"a": "String"}, "always": {"a": "b"}}},
    }


def test_call_in_order_has_no_breaches() -> None:
    markup = {
        "inline_keyboard": [
            [{"text": "A", "callback_data": "a"}, {"text": "B", "url": "https://b.vn"}],
            [{"text": "C", "switch_inline_query": ""}],
        ]
    }

    assert not words(
        "sendMessage",
        chat_id="-100123",
        text="<b>hi</b> &amp; <a href='https://b.vn'>see</a>",
        parse_mode="HTML",
        link_preview_options='{"is_disabled": true}',
        reply_parameters='{"message_id": 3}',
        disable_notification="true",
        reply_markup=json.dumps(markup),
    )


def test_json_body_is_checked_like_a_form() -> None:
    markup = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}

    assert not words("sendmessage", chat_id=1, text="hi", reply_markup=markup)


def test_unknown_method() -> None:
    assert answers("sendMesage", chat_id="1") == ["Not Found"]


def test_unknown_parameter_is_a_breach_telegram_lets_pass() -> None:
    assert check("getMe", {"colour": "red"})[0].answer is None
    assert words("getMe", colour="red") == [
        "getMe: colour is not a parameter of getMe",
    ]


@pytest.mark.parametrize(
    ("method", "params", "answer"),
    [
        ("sendMessage", {"text": "hi"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": "1"}, "message text is empty"),
        ("sendMessage", {"chat_id": "1", "text": ""}, "message text is empty"),
        ("editMessageText", {"chat_id": "1"}, "message text is empty"),
        ("sendPhoto", {"chat_id": "1"}, "photo is empty"),
        (
            "sendMessage",
            {"chat_id": "1", "text": "a", "parse_mode": "html5"},
            "unsupported parse_mode",
        ),
        (
            "sendPhoto",
            {"chat_id": "1", "photo": "id", "caption": "x" * 1025},
            "message caption is too long",
        ),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1", "text": "x" * 201},
            "MESSAGE_TOO_LONG",
        ),
        (
            "sendChatAction",
            {"chat_id": "1", "action": "dance"},
            "wrong parameter action in request",
        ),
        (
            "setWebhook",
            {"url": "https://x.vn", "secret_token": "a b"},
            "secret token contains unallowed characters",
        ),
        ("setMyDescription", {"description": "x" * 513}, "description is too long"),
        (
            "setMyShortDescription",
            {"short_description": "x" * 121},
            "short description is too long",
        ),
        ("setMyName", {"name": "x" * 65}, "name is too long"),
    ],
)
def test_refused_call(method: str, params: dict[str, Any], answer: str) -> None:
    assert f"Bad Request: {answer}" in answers(method, **params)


@pytest.mark.parametrize(
    ("params", "breach"),
    [
        ({"chat_id": "1.5"}, None),
        ({"message_thread_id": "x"}, "message_thread_id is 'x', not Integer"),
        ({"protect_content": "maybe"}, "protect_content is 'maybe', not Boolean"),
        ({"entities": "[1]"}, "entities[0] is int, not MessageEntity"),
        ({"entities": "{"}, "entities is str, not Array of MessageEntity"),
        (
            {"entities": [BOLD | {"offset": "0"}]},
            "entities[0].offset is str, not Integer",
        ),
        (
            {"link_preview_options": '{"url": 5}'},
            "link_preview_options.url is int, not String",
        ),
    ],
)
def test_wrong_type(params: dict[str, Any], breach: str | None) -> None:
    expected = [f"sendMessage: {breach}"] if breach else []

    assert words("sendMessage", **({"chat_id": "1", "text": "a"} | params)) == expected


def test_value_of_a_union_is_held_against_the_type_it_means() -> None:
    assert words("deleteMyCommands", scope='{"type": "chat"}') == [
        "deleteMyCommands: scope.chat_id is missing in BotCommandScopeChat"
    ]
    assert not words("deleteMyCommands", scope='{"type": "all_private_chats"}')


def test_upload_is_taken_as_file_and_by_its_attached_name() -> None:
    upload = Upload("a.jpg", b"a")

    assert not words("sendPhoto", chat_id="1", photo=upload)
    assert not words("sendPhoto", chat_id="1", photo="attach://one", one=upload)
    assert words("sendPhoto", chat_id="1", photo="id", one=upload)


@pytest.mark.parametrize(
    ("button", "answer"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "ữ" * 22}, "BUTTON_DATA_INVALID"),
        ({"callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "a", "text": " "}, "BUTTON_TEXT_INVALID"),
        (
            {"callback_data": None},
            (
                "can't parse reply_markup.inline_keyboard[0][0].callback_data: "
                'Field "callback_data" must be of type String'
            ),
        ),
        (
            {},
            ("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ),
        (
            {"url": "ftp://x.vn"},
            ("inline keyboard button URL 'ftp://x.vn' is invalid: Unsupported URL protocol"),
        ),
        (
            {"url": "http://localhost"},
            "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
        ),
    ],
)
def test_refused_button(button: dict[str, Any], answer: str) -> None:
    assert with_button(**({"text": "A"} | button)) == [f"Bad Request: {answer}"]


def test_button_with_64_bytes_is_taken() -> None:
    assert not with_button(text="A", callback_data="x" * 64)


def test_button_with_two_actions_is_a_breach() -> None:
    assert with_button(text="A", callback_data="a", url="https://a.vn") == [None]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([8] * 12, []),
        ([9], [None]),
        ([1, 0], [None]),
        ([8] * 13, ["Bad Request: reply markup is too long"]),
    ],
)
def test_shape_of_a_keyboard(rows: list[int], expected: list[str | None]) -> None:
    button = {"text": "A", "callback_data": "a"}
    markup = {"inline_keyboard": [[button] * length for length in rows]}

    assert answers("sendMessage", chat_id="1", text="a", reply_markup=markup) == expected


@pytest.mark.parametrize("command", ["Start", "hỏi", "", "a" * 33, "/start", "a-b"])
def test_refused_command(command: str) -> None:
    commands = [{"command": command, "description": "something"}]

    assert answers("setMyCommands", commands=commands) == ["Bad Request: BOT_COMMAND_INVALID"]


@pytest.mark.parametrize("description", ["", "x" * 257])
def test_refused_command_description(description: str) -> None:
    commands = [{"command": "start", "description": description}]

    assert answers("setMyCommands", commands=commands) == ["Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("ữ<p>a</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("a<br/>", 'Unsupported start tag "br/" at byte offset 1'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        (
            "<b><i>a</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<a href='x>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        (
            "<span>a</span>",
            'Tag "span" must have class "tg-spoiler" at byte offset 0',
        ),
    ],
)
def test_refused_html(text: str, complaint: str) -> None:
    assert message(text) == [f"Bad Request: can't parse entities: {complaint}"]


@pytest.mark.parametrize(
    "text",
    [
        "a&nbsp;b",
        "a & b",
        "a > b",
        "<b class='x'>a</b>",
        "<a>a</a>",
        "<code><b>a</b></code>",
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
    ],
)
def test_html_that_comes_out_other_than_meant_is_a_breach(text: str) -> None:
    assert message(text) == [None]


@pytest.mark.parametrize(
    ("text", "plain", "kinds"),
    [
        ("<b>a</b> <strong>b</strong>", "a b", ["bold", "bold"]),
        ("<i>a</i><em>b</em>", "ab", ["italic", "italic"]),
        ("<u>a</u><ins>b</ins>", "ab", ["underline", "underline"]),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", ["strikethrough"] * 3),
        (
            "<tg-spoiler>a</tg-spoiler><span class='tg-spoiler'>b</span>",
            "ab",
            ["spoiler"] * 2,
        ),
        ("<a href='https://a.vn'>a</a>", "a", ["text_link"]),
        ('<a href="tg://user?id=1">a</a>', "a", ["text_mention"]),
        ("<code>a</code><pre>b</pre>", "ab", ["code", "pre"]),
        ('<pre><code class="language-py">a</code></pre>', "a", ["pre"]),
        ("<blockquote>a</blockquote>", "a", ["blockquote"]),
        ("<blockquote expandable>a</blockquote>", "a", ["expandable_blockquote"]),
        ('<tg-emoji emoji-id="1">a</tg-emoji>', "a", ["custom_emoji"]),
        ("&lt;&gt;&amp;&quot;&#39;&#x41;", "<>&\"'A", []),
        ("see /start or https://a.vn", "see /start or https://a.vn", None),
    ],
)
def test_html_telegram_takes(text: str, plain: str, kinds: list[str] | None) -> None:
    formatted = read(text, "HTML")

    expected = ["bot_command", "url"] if kinds is None else kinds
    assert (formatted.complaint, formatted.remarks) == (None, ())
    assert formatted.text == plain
    assert [entity["type"] for entity in formatted.entities] == expected


def test_entities_are_counted_in_utf16_and_follow_the_trimming() -> None:
    formatted = read("  👍<b>ữ👍</b> \n", "HTML")

    assert formatted.text == "👍ữ👍"
    assert formatted.entities == ({"type": "bold", "offset": 2, "length": 3},)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("x" * 4096, False),
        ("<b>" + "x" * 4096 + "</b>", False),
        ("x" * 4097, True),
        ("👍" * 2048, False),
        ("👍" * 2049, True),
    ],
)
def test_length_is_counted_after_parsing(text: str, *, refused: bool) -> None:
    expected = ["Bad Request: message is too long"] if refused else []

    assert message(text) == expected


@pytest.mark.parametrize("text", [" ", "<b> </b>", "\n&#32;"])
def test_text_empty_after_parsing(text: str) -> None:
    assert message(text) == ["Bad Request: message text is empty"]


@given(st.text())
def test_any_text_that_is_escaped_is_taken(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    formatted = read(escaped, "HTML")

    assert (formatted.text, formatted.complaint) == (text.strip(), None)


@given(st.text(alphabet="<>/ab&;\"'= #x1👍", max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    formatted = read(text, "HTML")

    length = utf16_length(formatted.text)
    assert all(e["offset"] + e["length"] <= length for e in formatted.entities)
