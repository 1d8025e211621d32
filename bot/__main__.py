"""`python -m bot` runs the Telegram bot; `python -m bot ask` is a chat in the terminal."""

import argparse
import asyncio
import io
import logging
import secrets
import signal
import sys
from collections.abc import Sequence

from pydantic import ValidationError
from rich.console import Console
from telegram.error import InvalidToken, TelegramError

from bot.application import Bot, build
from bot.handled import HandledUpdates
from bot.introducing import introduce
from bot.listening import listening
from bot.patience import insist
from bot.replica import take_place
from bot.settings import BotSettings
from bot.terminal import BadLineError, answer_lines, chat, typed_lines
from bot.webhook import NoPortError
from dialogue.building import Parts, parts
from faq.problems import BrokenContentError
from faq.settings import explain
from nlu.rasa_client import NluUnavailableError

NO_BOT = (
    "Chưa có TELEGRAM_BOT_TOKEN. Mở Telegram, nhắn @BotFather lệnh /newbot, đặt tên, "
    "rồi chép mã nhận được vào tệp .env: TELEGRAM_BOT_TOKEN=…"
)
WRONG_TOKEN = "Telegram không nhận TELEGRAM_BOT_TOKEN này. Xem lại mã ở @BotFather (lệnh /mybots) và sửa trong .env."  # noqa: S105 - a sentence
NO_SECRET = "Chưa có SECRET_KEY trong .env. Chạy `make setup` để tạo, rồi chạy lại."  # noqa: S105 - a sentence
UNREACHABLE = (
    "Chưa nối được với Telegram ({url}); bot chờ và tự thử lại. Nếu kéo dài, xin kiểm tra mạng và TELEGRAM_API_URL."
)
REFUSED = "Telegram từ chối: {why}. Xem lại TELEGRAM_WEBHOOK_URL và TELEGRAM_WEBHOOK_SECRET."
NO_PORT = "Không nghe được ở {host}:{port} ({why}). Xem lại TELEGRAM_WEBHOOK_HOST và TELEGRAM_WEBHOOK_PORT."


class StoppedError(Exception):
    """The bot cannot run; the text says why, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit status."""
    chosen = _parser().parse_args(arguments)
    level = logging.INFO if chosen.what == "run" else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = BotSettings()
        asyncio.run(_ask(settings, jsonl=chosen.jsonl) if chosen.what == "ask" else _run(settings))
    except (StoppedError, BadLineError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenContentError as error:
        print(f"Bộ hỏi đáp kèm theo có lỗi và cơ sở dữ liệu chưa có bản nào: {error.problems[0]}", file=sys.stderr)
        return 1
    except ValidationError as error:
        print(*explain(error), sep="\n", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description="Cửa của người dân: Telegram, hoặc thử trong cửa sổ lệnh."
    )
    parser.add_argument(
        "what", nargs="?", choices=("run", "ask"), default="run", help="run: chạy bot Telegram; ask: hỏi thử tại đây"
    )
    parser.add_argument(
        "--jsonl", action="store_true", help='với ask: đọc các dòng {"id", "turns"}, in kết quả dạng JSON'
    )
    return parser


async def _ask(settings: BotSettings, *, jsonl: bool) -> None:
    if not settings.secret_key:  # nobody but the person at this keyboard gets a pseudonym
        settings.secret_key = secrets.token_hex()
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    async with parts(settings) as made:
        await _require_nlu(made, settings)
        if jsonl:
            await answer_lines(made.dialogue, made.faq, sys.stdin, sys.stdout)
        else:
            console = Console()
            await chat(made.dialogue, typed_lines(console), console)


async def _require_nlu(made: Parts, settings: BotSettings) -> None:
    try:
        await made.rasa.live_model()
    except NluUnavailableError:
        raise StoppedError(
            f"Chưa có máy hiểu ngôn ngữ (NLU) ở {settings.nlu_url}. Chạy `make nlu` ở cửa sổ khác rồi thử lại."
        ) from None


async def _run(settings: BotSettings) -> None:
    if not settings.telegram_bot_token:
        raise StoppedError(NO_BOT)
    if not settings.secret_key:
        raise StoppedError(NO_SECRET)
    _stop_on_sigterm()
    async with parts(settings) as made:
        application = build(settings, made.dialogue)
        telegram = _Waiting(settings)
        await _check_token(application, telegram)
        place = take_place(settings.replicas)
        handled = HandledUpdates(made.sessions, place.name)
        police = (await made.faq.now()).faq.place.words.get("cong-an", "")
        try:
            async with application, listening(application, handled, settings, telegram.tell) as task:
                print(f"Bot @{application.bot.username} đang nghe.", flush=True)
                await asyncio.gather(task, introduce(application.bot, police))
        except NoPortError as error:
            host, port = settings.telegram_webhook_host, settings.telegram_webhook_port
            raise StoppedError(NO_PORT.format(host=host, port=port, why=error)) from None
        except TelegramError as error:
            raise StoppedError(REFUSED.format(why=error.message)) from None
        finally:
            place.leave()


class _Waiting:
    """Says once that Telegram cannot be reached."""

    def __init__(self, settings: BotSettings) -> None:
        self._line: str | None = UNREACHABLE.format(url=settings.telegram_api_url)

    def tell(self) -> None:
        """Say it, unless it has been said."""
        if self._line is not None:
            print(self._line, file=sys.stderr, flush=True)
        self._line = None


def _stop_on_sigterm() -> None:
    """Let SIGTERM end the bot as Ctrl-C does: what has been asked is answered and written down first."""
    main_task = asyncio.current_task()
    if main_task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, main_task.cancel)


async def _check_token(application: Bot, telegram: _Waiting) -> None:
    try:
        await insist(application.bot.initialize, telegram.tell)
    except InvalidToken:
        raise StoppedError(WRONG_TOKEN) from None


if __name__ == "__main__":
    sys.exit(main())
