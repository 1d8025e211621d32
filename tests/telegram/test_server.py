"""The server answers python-telegram-bot as Telegram does, and citizens see the bot."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import HTTPXRequest

from tests.telegram.citizen import Citizen, Toast
from tests.telegram.faults import Faults
from tests.telegram.markup import utf16_length
from tests.telegram.server import CUT, TelegramServer

Context = ContextTypes.DEFAULT_TYPE
Json = dict[str, Any]
BUTTONS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Yes, please", callback_data="yes")],
        [InlineKeyboardButton("Site", url="https://example.vn")],
    ]
)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _time_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `RetryAfter` be raised without python-telegram-bot's warning about it."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    client = Bot(
        telegram.token,
        base_url=telegram.base_url,
        base_file_url=telegram.base_file_url,
    )
    async with client:
        yield client


@pytest.fixture
async def lan(telegram: TelegramServer) -> Citizen:
    citizen = telegram.citizen("Lan", language="vi")
    await citizen.starts()
    return citizen


async def echo(update: Update, _: Context) -> None:
    if update.message:
        text = update.message.text or "not a text"
        await update.message.reply_html(f"<b>{text}</b>", reply_markup=BUTTONS)


async def answer(update: Update, _: Context) -> None:
    if query := update.callback_query:
        await query.answer("noted", show_alert=True)
        await query.edit_message_text(f"you chose {query.data}")


async def offer(update: Update, _: Context) -> None:
    if query := update.inline_query:
        content = InputTextMessageContent(query.query)
        await query.answer([InlineQueryResultArticle("1", "One", content)])


@asynccontextmanager
async def running_echo(telegram: TelegramServer) -> AsyncIterator[None]:
    application = Application.builder().token(telegram.token).base_url(telegram.base_url).build()
    application.add_handler(MessageHandler(filters.ALL, echo))
    application.add_handler(CallbackQueryHandler(answer))
    application.add_handler(InlineQueryHandler(offer))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling()
        yield
        await application.updater.stop()
        await application.stop()


async def test_bot_learns_who_it_is(telegram: TelegramServer, bot: Bot) -> None:
    assert bot.username == "loopback_bot"
    assert [call.method for call in telegram.calls] == ["getMe"]


async def test_wrong_token_is_unauthorized(telegram: TelegramServer) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{telegram.url}/bot1:wrong/getMe")

    assert response.status_code == 401
    assert response.json() == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }
    request = HTTPXRequest()
    with pytest.raises(InvalidToken):
        await Bot("1:wrong", base_url=telegram.base_url, request=request).get_me()
    await request.shutdown()


async def test_calls_come_as_query_form_or_json(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan")
    await lan.starts()
    address = f"{telegram.url}/bot{telegram.token}/SendMessage"
    params = {"chat_id": str(lan.id), "text": "hi"}
    async with httpx.AsyncClient() as client:
        answers = [
            await client.get(address, params=params),
            await client.post(address, data=params),
            await client.post(address, json=params),
            await client.post(address, data=params, files={"x": b""}),
        ]
        garbled = await client.post(address, content="{", headers={"content-type": "application/json"})

    assert [response.json()["ok"] for response in answers] == [True] * 4
    assert [str(breach) for breach in telegram.breaches] == ["sendMessage: x is not a parameter of sendMessage"]
    assert garbled.status_code == 400


async def test_unknown_method_is_not_found(telegram: TelegramServer) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.get(f"{telegram.url}/bot{telegram.token}/dance")

    assert (response.status_code, response.json()["description"]) == (404, "Not Found")
    assert [str(breach) for breach in telegram.breaches] == ["dance is not a method of the Bot API"]


async def test_conversation_over_polling(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan", language="vi")
    async with running_echo(telegram):
        await lan.starts("abc")
        screen = await lan.reads()
        toast = await lan.taps("Yes")
        edit = await lan.reads()
        site = await lan.taps_raw("no", message=screen)

    assert (screen.text, screen.html) == ("/start abc", "<b>/start abc</b>")
    assert screen.buttons == ("Yes, please", "Site")
    assert screen.urls == ("https://example.vn",)
    assert (toast, site) == (Toast("noted", alert=True), Toast("noted", alert=True))
    assert (edit.text, edit.edited, edit.buttons) == ("you chose yes", True, ())
    assert edit.message_id == screen.message_id
    assert [line.text for line in lan.chat] == ["/start abc", "you chose no"]
    assert telegram.breaches == []


async def test_everything_a_citizen_sends_arrives(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan")
    async with running_echo(telegram):
        sent = [
            await lan.sends_photo(caption="me"),
            await lan.sends_voice(),
            await lan.sends_sticker(),
            await lan.sends_contact(),
            await lan.sends_location(),
            await lan.sends_document(),
        ]
        replies = await lan.sees(len(sent))

    assert [screen.text for screen in replies] == ["not a text"] * len(sent)
    kinds = ["photo", "voice", "sticker", "contact", "location", "document"]
    assert [screen.kind for screen in sent] == kinds


async def test_inline_query(telegram: TelegramServer) -> None:
    lan = telegram.citizen("Lan")
    async with running_echo(telegram):
        results = await lan.types_inline("visa")

    assert [result["title"] for result in results] == ["One"]


async def test_silence_is_told_with_the_chat_so_far(lan: Citizen) -> None:
    with pytest.raises(AssertionError, match=r"Waited in vain.*\n.*Lan.*\n.*/start"):
        await lan.reads(timeout=0.01)
    with pytest.raises(AssertionError, match="a button 'Yes'"):
        await lan.taps("Yes", timeout=0.01)


async def test_tap_nobody_answers_is_told(bot: Bot, lan: Citizen) -> None:
    await bot.send_message(lan.id, "hi", reply_markup=BUTTONS)

    with pytest.raises(AssertionError, match="an answer to the tap on 'Yes'"):
        await lan.taps("Yes", timeout=0.01)


async def test_link_button_opens_its_page(bot: Bot, lan: Citizen) -> None:
    await bot.send_message(lan.id, "hi", reply_markup=BUTTONS)

    assert await lan.taps("Site") == Toast(url="https://example.vn")


async def test_menu_below_the_input_field(bot: Bot, lan: Citizen) -> None:
    number = KeyboardButton("My number", request_contact=True)
    menu = ReplyKeyboardMarkup([["Ask"], [number]])
    await bot.send_message(lan.id, "hi", reply_markup=menu)

    await lan.taps("Ask")
    await lan.taps("My number")

    assert (await lan.reads()).keyboard == ("Ask", "My number")
    assert [line.text for line in lan.chat] == ["/start", "hi", "Ask", ""]
    assert lan.chat[-1].kind == "contact"


async def test_message_comes_back_as_telegram_gives_it(bot: Bot, lan: Citizen) -> None:
    message = await bot.send_message(
        lan.id,
        " <b>đây</b> ",
        parse_mode="HTML",
        reply_markup=BUTTONS,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(1),
    )

    assert message.text == "đây"
    assert message.text_html == "<b>đây</b>"
    assert message.reply_markup == BUTTONS
    assert message.chat.first_name == "Lan"
    assert message.reply_to_message
    assert message.reply_to_message.text == "/start"
    assert message.id == message.reply_to_message.id + 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<b>", "Can't parse entities: can't find end tag"),
        (" ", "Message text is empty"),
        ("x" * 4097, "Message is too long"),
    ],
)
async def test_breach_is_refused_and_remembered(
    telegram: TelegramServer, bot: Bot, lan: Citizen, text: str, problem: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){problem}"):
        await bot.send_message(lan.id, text, parse_mode="HTML")

    assert [breach.method for breach in telegram.breaches] == ["sendMessage"]


async def test_edits(bot: Bot, lan: Citizen) -> None:
    message = await bot.send_message(lan.id, "one", reply_markup=BUTTONS)

    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_text("one", reply_markup=BUTTONS)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_reply_markup(BUTTONS)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("two", lan.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("two", lan.id, 1)
    await message.edit_reply_markup(None)
    await message.edit_text("two", reply_markup=BUTTONS)
    edited = await message.edit_text("two")

    assert isinstance(edited, type(message))
    assert (edited.text, edited.reply_markup) == ("two", None)
    seen = await lan.sees(4)
    assert [len(screen.buttons) for screen in seen] == [2, 0, 2, 0]


async def test_deleted_message_is_gone(bot: Bot, lan: Citizen) -> None:
    message = await bot.send_message(lan.id, "one")

    await message.delete()

    with pytest.raises(BadRequest, match="Message to delete not found"):
        await message.delete()
    assert [line.text for line in lan.chat] == ["/start"]


async def test_files_go_both_ways(bot: Bot, lan: Citizen) -> None:
    sent = await bot.send_photo(lan.id, b"picture", caption="<i>me</i> & you")
    again = await bot.send_document(lan.id, b"text", filename="form.txt")
    await lan.sends_document(content=b"mine")
    message = lan.chat[-1].message["document"]

    file = await bot.get_file(message["file_id"])

    assert bytes(await file.download_as_bytearray()) == b"mine"
    assert sent.caption == "<i>me</i> & you"
    assert again.document
    assert again.document.file_name == "form.txt"
    assert [screen.kind for screen in await lan.sees(2)] == ["photo", "document"]
    assert (await bot.send_photo(lan.id, sent.photo[0].file_id)).photo
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(lan.id, "nonsense")


async def test_query_is_answered_once(bot: Bot, lan: Citizen) -> None:
    await bot.send_message(lan.id, "hi", reply_markup=BUTTONS)
    tap = asyncio.create_task(lan.taps("Yes"))
    await asyncio.sleep(0)
    update = (await bot.get_updates())[-1]
    assert update.callback_query

    await update.callback_query.answer("ok")

    assert await tap == Toast("ok")
    with pytest.raises(BadRequest, match="Query is too old"):
        await update.callback_query.answer("ok")


async def test_profile_and_commands(telegram: TelegramServer, bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    commands = [BotCommand("help", "Giúp")]

    await bot.set_my_commands(commands, scope=scope, language_code="vi")
    await bot.set_my_name("Hỏi")
    await bot.set_my_description("Mô tả", language_code="vi")
    await bot.set_my_short_description("Ngắn")

    got = await bot.get_my_commands(scope=scope, language_code="vi")
    assert got == tuple(commands)
    assert await bot.get_my_commands() == ()
    assert (await bot.get_my_name("vi")).name == "Hỏi"
    assert (await bot.get_my_description("vi")).description == "Mô tả"
    assert (await bot.get_my_description()).description == ""
    assert (await bot.get_my_short_description()).short_description == "Ngắn"
    assert await bot.log_out()
    assert await bot.close()
    assert telegram.breaches == []


async def test_unmet_and_unknown_chats(telegram: TelegramServer, bot: Bot) -> None:
    stranger = telegram.citizen("Minh")

    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.id, "hi")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.get_chat(1)
    await stranger.starts()
    assert (await bot.get_chat(stranger.id)).first_name == "Minh"


async def test_citizen_blocks_the_bot(bot: Bot, lan: Citizen) -> None:
    await lan.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(lan.id, "hi")
    await lan.unblocks()
    await bot.send_message(lan.id, "hi")

    changes = [u.my_chat_member for u in await bot.get_updates() if u.my_chat_member]
    statuses = [change.new_chat_member.status for change in changes]
    assert statuses == ["kicked", "member"]


async def test_group_keeps_from_the_bot_what_is_not_for_it(telegram: TelegramServer, bot: Bot, lan: Citizen) -> None:
    group = telegram.group("Ward 5")
    here, minh = lan.in_group(group), telegram.citizen("Minh").in_group(group)
    sent = await bot.send_message(group.number, "hi all")

    await here.says("what is this?")
    await here.says("/help@loopback_bot")
    await minh.says("/help@other_bot")
    await minh.says("thanks", reply_to=sent.id)

    updates = (await bot.get_updates())[1:]
    assert [u.message.text for u in updates if u.message] == [
        "/help@loopback_bot",
        "thanks",
    ]
    assert [(await who.reads()).text for who in (here, minh)] == ["hi all"] * 2
    await bot.leave_chat(group.number)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group.number, "hi")


async def test_updates_stay_until_acknowledged(telegram: TelegramServer, bot: Bot, lan: Citizen) -> None:
    said = await lan.says("one")
    await lan.edits(said, "two")

    first = await bot.get_updates(limit=1)
    again = await bot.get_updates()
    rest = await bot.get_updates(offset=again[0].update_id + 1)
    last = await bot.get_updates(offset=-1)

    assert [len(batch) for batch in (first, again, rest, last)] == [1, 3, 2, 1]
    assert last[0].edited_message
    assert last[0].edited_message.text == "two"
    assert telegram.pending == 1


async def test_allowed_updates(bot: Bot, lan: Citizen) -> None:
    await bot.get_updates(offset=-1, allowed_updates=["edited_message"])
    await lan.edits(await lan.says("one"), "two")
    await bot.get_updates(allowed_updates=[])
    await lan.says("three")

    updates = (await bot.get_updates())[1:]

    assert [bool(u.edited_message) for u in updates] == [True, False]


async def test_long_poll_waits_for_an_update(bot: Bot, lan: Citizen) -> None:
    await bot.get_updates(offset=-1)
    last = (await bot.get_updates())[0].update_id
    poll = asyncio.create_task(bot.get_updates(offset=last + 1, timeout=5))
    await asyncio.sleep(0.05)
    waiting = not poll.done()

    await lan.says("now")

    assert waiting
    assert [u.message.text for u in await poll if u.message] == ["now"]


async def test_malformed_update_is_passed_on(telegram: TelegramServer, bot: Bot) -> None:
    telegram.push({"message": {"nonsense": True}})

    with pytest.raises(KeyError):
        await bot.get_updates()


async def test_two_pollers_conflict(telegram: TelegramServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)

    async with Bot(telegram.token, base_url=telegram.base_url) as second:
        await second.get_updates()

    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first


async def test_poller_that_went_away_conflicts_with_nobody(telegram: TelegramServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    first.cancel()
    await asyncio.sleep(0.05)

    await bot.get_updates()

    assert [call.status for call in telegram.calls_of("getUpdates")] == [200]


async def test_webhook_and_polling_exclude_each_other(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/")

    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    with pytest.raises(BadRequest, match=r"(?i)https url must be provided"):
        await bot.set_webhook("http://example.vn/")
    await bot.delete_webhook()
    await bot.get_updates()


@asynccontextmanager
async def receiver(
    take: Callable[[Json, dict[bytes, bytes]], Awaitable[tuple[int, Json]]],
) -> AsyncIterator[str]:
    """Run a webhook."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.loads((await receive())["body"])
        status, said = await take(body, dict(scope["headers"]))
        headers = [(b"content-type", b"application/json")]
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})

    config = uvicorn.Config(app, interface="asgi3", port=0, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/hook"
    server.should_exit = True
    await task


async def test_webhook_gets_updates_again_until_it_takes_them(telegram: TelegramServer, bot: Bot, lan: Citizen) -> None:
    got: list[tuple[str, bytes]] = []

    async def take(update: Json, headers: dict[bytes, bytes]) -> tuple[int, Json]:
        secret = headers[b"x-telegram-bot-api-secret-token"]
        got.append((update["message"]["text"], secret))
        reply = {"method": "sendMessage", "chat_id": lan.id, "text": "taken"}
        return (500, {}) if len(got) == 1 else (200, reply)

    async with receiver(take) as url:
        await bot.set_webhook(url, secret_token="s3cret", max_connections=10)
        await lan.says("second")
        replies = await lan.sees(2)
        info = await bot.get_webhook_info()
        await bot.delete_webhook()

    assert got == [
        ("/start", b"s3cret"),
        ("/start", b"s3cret"),
        ("second", b"s3cret"),
    ]
    assert [screen.text for screen in replies] == ["taken"] * 2
    assert (info.url, info.max_connections) == (url, 10)
    said = "Wrong response from the webhook: 500 Internal Server Error"
    assert info.last_error_message == said
    assert telegram.pending == 0


async def test_what_a_webhook_did_not_take_is_left_for_polling(bot: Bot, lan: Citizen) -> None:
    await bot.set_webhook("http://127.0.0.1:9/")
    await lan.says("hi")
    assert (await bot.get_webhook_info()).pending_update_count == 2

    await bot.delete_webhook()

    assert len(await bot.get_updates()) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequest),
        (403, Forbidden),
        (429, RetryAfter),
        (500, NetworkError),
        ("drop", NetworkError),
        ("lose", NetworkError),
    ],
)
async def test_next_call_fails(
    telegram: TelegramServer,
    bot: Bot,
    lan: Citizen,
    status: Any,
    error: type[Exception],
) -> None:
    telegram.fail_next("sendMessage", status)

    with pytest.raises(error):
        await bot.send_message(lan.id, "hi")
    await bot.send_message(lan.id, "again")

    expected = ["hi", "again"] if status == "lose" else ["again"]
    assert [screen.text for screen in lan.skips()] == expected


async def test_timeouts(telegram: TelegramServer, lan: Citizen) -> None:
    telegram.fail_next("getMe", "timeout")
    telegram.fail_next("sendMessage", "late", seconds=0.3)
    impatient = HTTPXRequest(read_timeout=0.1)
    bot = Bot(telegram.token, base_url=telegram.base_url, request=impatient)

    with pytest.raises(TimedOut):
        await bot.get_me()
    with pytest.raises(TimedOut):
        await bot.send_message(lan.id, "hi")

    await impatient.shutdown()
    assert (await lan.reads()).text == "hi"


async def test_faults_by_chance_are_the_same_for_a_seed(telegram: TelegramServer, bot: Bot, lan: Citizen) -> None:
    async def outcomes() -> list[int]:
        telegram.faults = Faults(
            drop=0.2,
            error_500=0.2,
            too_many=0.2,
            seed=3,
            methods=frozenset({"sendMessage"}),
        )
        before = len(telegram.calls)
        for _ in range(20):
            try:
                await bot.send_message(lan.id, "hi")
            except (NetworkError, RetryAfter):
                continue
        return [call.status for call in telegram.calls[before:]]

    first, second = await outcomes(), await outcomes()

    assert first == second
    assert set(first) == {200, CUT, 429, 500}


async def test_long_text_of_a_citizen_goes_as_several(lan: Citizen, bot: Bot) -> None:
    await lan.says("👍" * 5000)

    updates = await bot.get_updates()
    texts = [u.message.text for u in updates[1:] if u.message and u.message.text]
    assert "".join(texts) == "👍" * 5000
    assert all(utf16_length(text) <= 4096 for text in texts)
    assert len(texts) == 3
