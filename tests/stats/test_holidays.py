"""The table of lunar holidays against the moon itself, and dates that everybody knows."""

import datetime as dt
import math

import pytest

from faq.database import VIETNAM
from stats.holidays import ANCESTORS, FIRST_YEAR, LAST_YEAR, TET, holidays, in_words

J2000 = dt.datetime(2000, 1, 6, 18, 14, tzinfo=dt.UTC)


def new_moon(number: int) -> dt.date:
    """Return the day in Vietnam of the new moon, so many after that of 6 January 2000 (Meeus, chapter 49, to minutes)."""
    k, t = number, number / 1236.85
    day = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k)
    node = math.radians(160.7108 + 390.67050284 * k)
    e = 1 - 0.002516 * t
    day += -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    day += 0.01039 * math.sin(2 * node) + 0.00739 * e * math.sin(moon - sun) - 0.00514 * e * math.sin(moon + sun)
    day += 0.00208 * e * e * math.sin(2 * sun) - 0.00111 * math.sin(moon - 2 * node)
    seconds = (day - 2451550.09766) * 86400 - 70  # from dynamical to universal time
    at = dt.datetime(2000, 1, 6, 14, 20, 37, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return at.astimezone(VIETNAM).date()


MOONS = [new_moon(number) for number in range(300, 400)]


@pytest.mark.parametrize("number", range(len(TET)))
def test_lunar_dates_are_the_moons(number: int) -> None:
    """In none of these years is there a leap month before the third."""
    first = MOONS.index(TET[number])

    assert TET[number].year == ANCESTORS[number].year == FIRST_YEAR + number
    assert MOONS[first + 2] + dt.timedelta(9) == ANCESTORS[number]
    assert dt.date(TET[number].year, 1, 21) <= TET[number] <= dt.date(TET[number].year, 2, 20)


def test_table_covers_its_years() -> None:
    assert (FIRST_YEAR, LAST_YEAR) == (2025, 2030)
    assert len(TET) == len(ANCESTORS) == 6


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (dt.date(2026, 2, 16), "Tết Nguyên đán"),
        (dt.date(2026, 2, 17), "Tết Nguyên đán"),
        (dt.date(2026, 2, 20), "Tết Nguyên đán"),
        (dt.date(2026, 4, 26), "Giỗ Tổ Hùng Vương"),
        (dt.date(2030, 2, 2), "Tết Nguyên đán"),
        (dt.date(2027, 1, 1), "Tết Dương lịch"),
        (dt.date(2026, 9, 1), "Quốc khánh"),
        (dt.date(2026, 9, 2), "Quốc khánh"),
        (dt.date(2031, 9, 2), "Quốc khánh và một ngày liền kề"),
        (dt.date(2040, 5, 1), "Quốc tế Lao động"),
    ],
)
def test_known_holidays(day: dt.date, name: str) -> None:
    assert [found.name for found in holidays([day])] == [name]


def test_days_of_one_holiday_are_told_as_a_span() -> None:
    days = [dt.date(2026, 2, 15) + dt.timedelta(n) for n in range(8)]

    assert in_words(holidays(days)) == "Tết Nguyên đán (16/02/2026 – 20/02/2026)"
    assert in_words(holidays([dt.date(2026, 1, 1)])) == "Tết Dương lịch (01/01/2026)"


def test_other_days_are_none() -> None:
    assert holidays([dt.date(2026, 2, 15), dt.date(2026, 2, 21), dt.date(2026, 11, 23)]) == ()
