"""The bot without Telegram's ceiling of 30 messages a second, to see what else holds it back. For measuring only."""

import sys

from telegram.ext import AIORateLimiter

import bot.application
from bot.__main__ import main
from bot.pace import Pace


class Unpaced(Pace):
    """Repeats what failed, as ever, and lets everything else out at once."""

    def __init__(self) -> None:
        AIORateLimiter.__init__(self, overall_max_rate=0, group_max_rate=0, max_retries=0)


if __name__ == "__main__":
    bot.application.Pace = Unpaced  # type: ignore[misc] - no setting, for nobody but a bench may want it
    sys.exit(main())
