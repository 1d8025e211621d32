"""A Telegram of our own on loopback: a Bot API server, and citizens who use it."""

if __name__ == "telegram":
    # Without tests/__init__.py pytest puts tests/ on sys.path, and this folder
    # would be imported in the place of python-telegram-bot.
    message = "tests/__init__.py is missing: tests/telegram hides python-telegram-bot"
    raise ImportError(message)
