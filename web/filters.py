"""Which days and which topic somebody asks for: read from an address, and written into one."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from stats.figuring import Period
from stats.spans import A_DAY, A_WEEK, monday_of, quarter_of

MOST_DAYS = 1100
"""Three years."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
FOUR_WEEKS = 28
TOPIC = "chu-de"
WRONG_ORDER = "Ngày đầu phải trước hoặc trùng ngày cuối."
TOO_LONG = f"Mỗi lần xem được nhiều nhất {MOST_DAYS} ngày. Anh/chị vui lòng chọn khoảng ngắn hơn."
NO_DAY = "Ngày chưa đúng. Anh/chị vui lòng chọn lại từ lịch."
NO_YEAR = "Năm chưa đúng. Anh/chị vui lòng chọn lại từ lịch."
NO_TOPIC = "Không có chủ đề này. Anh/chị vui lòng chọn lại trong danh sách."


class BadPeriodError(ValueError):
    """The days or the topic cannot be counted; the text says why."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A stretch of days that is often asked for."""

    label: str
    period: Period

    @property
    def query(self) -> str:
        """The stretch as it stands in an address."""
        return query_of(self.period)


def usual(today: dt.date) -> Period:
    """Return the last week that is over."""
    return _week(monday_of(today) - A_WEEK)


def presets(today: dt.date, topic: str = "") -> tuple[Preset, ...]:
    """Return the stretches that are one press away."""
    monday = monday_of(today)
    found = (
        ("tuần này", _week(monday)),
        ("tuần trước", _week(monday - A_WEEK)),
        ("28 ngày qua", Period(today - A_DAY * FOUR_WEEKS, today - A_DAY)),
        ("tháng này", Period(today.replace(day=1), today)),
        ("quý này", Period(quarter_of(today), today)),
    )
    return tuple(Preset(label, Period(period.since, period.until, topic)) for label, period in found)


def _week(monday: dt.date) -> Period:
    return Period(monday, monday + A_DAY * 6)


def asked_period(
    asked: Mapping[str, str], today: dt.date, topics: Collection[str], *, topic_name: str = TOPIC
) -> Period:
    """Return the days and the topic in an address, the last week if there are no days; raise `BadPeriodError`."""
    default = usual(today)
    until = _day(asked.get("to")) or (default.until if not asked.get("from") else today)
    since = _day(asked.get("from")) or min(default.since, until)
    topic = asked.get(topic_name, "")
    if since > until:
        raise BadPeriodError(WRONG_ORDER)
    if (until - since).days >= MOST_DAYS:
        raise BadPeriodError(TOO_LONG)
    if topic and topic not in topics:
        raise BadPeriodError(NO_TOPIC)
    return Period(since, until, topic)


def query_of(period: Period, *, topic_name: str = TOPIC) -> str:
    """Return a period as it stands in an address."""
    asked = {"from": period.since.isoformat(), "to": period.until.isoformat(), topic_name: period.topic}
    return urlencode({name: value for name, value in asked.items() if value})


def _day(text: str | None) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadPeriodError(NO_DAY) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadPeriodError(NO_YEAR)
    return day
