"""Numbers and dates as people in Việt Nam write them."""

import datetime as dt


def whole(number: int) -> str:
    """Write 1234 as `1.234`."""
    return f"{number:,}".replace(",", ".")


def percent(share: float) -> str:
    """Write 0.125 as `12,5 %`."""
    return f"{share * 100:.1f}".replace(".", ",") + " %"


def day(date: dt.date) -> str:
    """Write a date as `22/11/2026`."""
    return f"{date:%d/%m/%Y}"
