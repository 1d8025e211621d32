"""Lines of the Telegram library that would quote citizens, or the token, do not reach the log."""

import logging

LOUD = (
    "telegram.Bot",
    "telegram.request.BaseRequest",
    "telegram.request.HTTPXRequest",
    "telegram.ext.ExtBot",
    "telegram.ext.Application",
    "telegram.ext.Updater",
)


class WithoutWords(logging.Filter):
    """Leaves of an error its kind: its text, and the data printed beside it, may hold a whole message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; drop none."""
        if record.name.startswith("telegram.request") and record.levelno >= logging.WARNING:
            # What Telegram sent and could not be read stands in the line itself.
            record.msg, record.args = str(record.msg).partition(":")[0], None
        if record.levelno >= logging.ERROR and record.exc_info and record.exc_info[1] is not None:
            what = str(record.msg).partition("Received data")[0].partition("%")[0].strip()
            record.msg = f"{what} ({type(record.exc_info[1]).__name__})"
            record.args = record.exc_info = record.exc_text = None
        return True


class WithoutWordsOfLibraries(WithoutWords):
    """The same at the end of all lines, for the loggers of libraries that nobody listed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten what the libraries say."""
        return super().filter(record) if record.name.startswith(("telegram", "tornado", "httpx", "httpcore")) else True


_FILTER, _FILTER_OF_LIBRARIES = WithoutWords(), WithoutWordsOfLibraries()


def keep_words_out_of_logs() -> None:
    """Quieten the library; doing it twice is doing it once."""
    logging.getLogger("telegram").setLevel(logging.INFO)  # below, it prints every update
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold the bot's token
    logging.getLogger("telegram.ext.AIORateLimiter").setLevel(logging.CRITICAL)  # bot/pace.py says it in a line
    for name in LOUD:
        logging.getLogger(name).addFilter(_FILTER)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_FILTER_OF_LIBRARIES)
