"""Lines of the Telegram library that would quote citizens, or the token, do not reach the log."""

import logging

LOUD = ("telegram.Bot", "telegram.ext.ExtBot", "telegram.ext.Application", "telegram.ext.Updater")


class WithoutWords(logging.Filter):
    """Leaves of an error its kind: its text, and the data printed beside it, may hold a whole message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record; drop none."""
        if record.levelno >= logging.ERROR and record.exc_info and record.exc_info[1] is not None:
            what = str(record.msg).partition("Received data")[0].partition("%")[0].strip()
            record.msg = f"{what} ({type(record.exc_info[1]).__name__})"
            record.args = record.exc_info = record.exc_text = None
        return True


_FILTER = WithoutWords()


def keep_words_out_of_logs() -> None:
    """Quieten the library; doing it twice is doing it once."""
    logging.getLogger("telegram").setLevel(logging.INFO)  # below, it prints every update
    logging.getLogger("httpx").setLevel(logging.WARNING)  # its lines hold the bot's token
    for name in LOUD:
        logging.getLogger(name).addFilter(_FILTER)
