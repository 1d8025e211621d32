"""A dated notice and a full stop with its reason reach every conversation within a minute."""

import asyncio
import datetime as dt

import pytest

from faq.database import Sessions
from faq.notices import FRESH, LONGEST, NOTHING, Notices, UnfitNoticeError
from tests.dialogue.conftest import here  # noqa: F401 - the room to talk in
from tests.dialogue.room import Room


async def test_stop_is_told_with_its_reason_and_the_emergency_numbers(here: Room) -> None:  # noqa: F811
    await here.says("phí tạm trú")
    await here.notices.stop("Đang sửa câu trả lời về lệ phí.", author="Minh")

    for stopped in (await here.says("phí tạm trú"), await here.carries("m"), await here.says("/menu")):
        assert "Đang sửa câu trả lời về lệ phí." in stopped.reply.text
        assert "113" in stopped.reply.text
        assert "le-phi" not in stopped.reply.html
    assert (await here.says("/xoa")).reply.text.startswith("Xong")

    await here.notices.resume(author="Minh")

    assert "Đang sửa" not in (await here.says("phí tạm trú")).reply.text


async def test_what_another_process_announces_is_seen_within_a_minute(here: Room, database: Sessions) -> None:  # noqa: F811
    await here.says("phí tạm trú")
    await Notices(database, clock=lambda: here.now).stop("Bảo trì.", author="Minh")
    here.timer.now += FRESH

    assert FRESH < 60
    assert "Bảo trì." in (await here.says("phí tạm trú")).reply.text


async def test_notice_stands_above_an_answer_once_and_above_every_menu(here: Room) -> None:  # noqa: F811
    await here.notices.give("Thứ bảy làm thẻ ở nhà văn hóa.", author="Minh", last_day=dt.date(2026, 12, 5))

    first, second = await here.says("phí tạm trú"), await here.says("phí tạm trú")
    menu, start = await here.says("/menu"), await here.says("/start")

    assert first.reply.text.startswith("📢 Thứ bảy làm thẻ ở nhà văn hóa. (đến hết 05/12/2026)")
    assert "📢" not in second.reply.text
    assert "📢" in menu.reply.text
    assert "📢" in start.reply.text


async def test_notice_begins_and_ends_with_its_days(here: Room) -> None:  # noqa: F811
    days = (dt.date(2026, 12, 1), dt.date(2026, 12, 2))
    await here.notices.give("Làm thẻ lưu động.", author="Minh", first_day=days[0], last_day=days[1])

    seen = []
    for _ in range(4):
        seen.append("📢" in (await here.says("/menu")).reply.text)
        here.now += dt.timedelta(days=1)
        here.timer.now += FRESH

    assert seen == [False, True, True, False]


@pytest.mark.parametrize("reason", ["", "  ", "x" * (LONGEST + 1)])
async def test_stop_without_a_fitting_reason_is_refused(database: Sessions, reason: str) -> None:
    notices = Notices(database)

    with pytest.raises(UnfitNoticeError):
        await notices.stop(reason, author="Minh")
    assert (await notices.now()).stop is None


async def test_withdrawn_notice_is_no_longer_told(database: Sessions) -> None:
    notices = Notices(database)
    number = await notices.give("Một điều.", author="Minh")

    assert await notices.withdraw(number, author="Lan")
    assert not await notices.withdraw(number, author="Lan")
    assert (await notices.now()).notices == ()


@pytest.mark.parametrize(
    "text",
    [
        "Xem bit.ly/otp",
        "https://evil.example/x",
        "Gửi mã OTP vào đây.",
        "Xem evil.com.",
        "Xem bit。ly/otp",
        "Xem ｂｉｔ．ｌｙ/otp",
        "Xem bit｡ly",
        "Xem bit\u200b.ly",
        "Xem еvil.рф",
        "https://dichvucong.gov.vn@evil.example/",
        "https://xn--e1awd7f.gov.vn.xn--p1ai/",
        "tg://resolve?domain=x",
        "http://192.168.1.9/otp",
        "Xem 93.184.216.34/otp",
        "http://localhost",
    ],
)
async def test_foreign_address_or_asking_for_secrets_is_refused(database: Sessions, text: str) -> None:
    with pytest.raises(UnfitNoticeError):
        await Notices(database).give(text, author="Minh")


async def test_official_address_is_fine_and_somebody_must_answer_for_it(database: Sessions) -> None:
    notices = Notices(database)
    await notices.give("Nộp ở dichvucong.gov.vn. Từ 01.12.2026.", author="Minh")
    await notices.give("Nộp ở (https://dichvucong.gov.vn/p/home).Đến lúc 16.30 thì đóng.", author="Minh")

    with pytest.raises(UnfitNoticeError):
        await Notices(database).give("Một điều.", author=" ")


async def test_first_burst_after_a_restart_knows_of_the_stop(database: Sessions) -> None:
    await Notices(database).stop("Bảo trì.", author="Minh")
    fresh = Notices(database)

    found = await asyncio.gather(*(fresh.now() for _ in range(5)))

    assert [announced.stop is not None for announced in found] == [True] * 5


async def test_database_that_hangs_holds_nobody_up(database: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faq.notices.PATIENCE", 0.05)
    notices = Notices(database)

    async def hangs() -> list[object]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(notices, "standing", hangs)

    assert await asyncio.wait_for(notices.now(), 1) == NOTHING
    assert await asyncio.wait_for(notices.now(), 0.04) == NOTHING
