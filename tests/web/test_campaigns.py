"""Campaigns on the pages: made, printed, ended, and what they brought with small counts hidden."""

import datetime as dt
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from dialogue.building import Parts
from faq.database import Sessions
from stats.campaigns import Campaign
from stats.endings import Ending
from stats.rolling import Roller, mark_changed
from tests.web.fakes import Clock
from tests.web.test_pages import SCRIPT, ask
from tests.web.visits import PASSWORD, Guest
from web.application import build
from web.passwords import Passwords
from web.settings import WebSettings

PATH = "/dot-tuyen-truyen"
GOOD = {"ten": "Tờ rơi chợ Hôm", "noi": "Chợ Hôm", "tu": "2026-11-23", "den": "2026-12-23", "muc": "vneid.cach-lam"}


@pytest.fixture
def settings(settings: WebSettings) -> WebSettings:
    return settings.model_copy(update={"telegram_bot_name": "hoidap_cualo_bot"})


async def made(officer: Guest, sessions: Sessions, **fields: str) -> Campaign:
    answer = await officer.send(PATH, **{**GOOD, **fields})
    assert answer.status_code == 303
    code = answer.headers["location"].removeprefix(f"{PATH}/").partition("?")[0]
    async with sessions() as session:
        return await session.get_one(Campaign, code)


async def test_made_with_what_was_asked_for_and_printed(officer: Guest, made_sessions: Sessions) -> None:
    campaign = await made(officer, made_sessions)

    assert (campaign.name, campaign.place, campaign.entry) == (GOOD["ten"], GOOD["noi"], GOOD["muc"])
    assert (campaign.first_day, campaign.last_day) == (dt.date(2026, 11, 23), dt.date(2026, 12, 23))
    page = (await officer.get(f"{PATH}/{campaign.code}")).text
    assert f"https://t.me/hoidap_cualo_bot?start={campaign.code}" in page
    assert "đang chạy" in page
    for name, kind, begins in (
        ("to-dan-a4.pdf", "application/pdf", b"%PDF"),
        ("to-roi-a5.pdf", "application/pdf", b"%PDF"),
        ("to-roi-a5.png", "image/png", b"\x89PNG"),
        ("ma-qr.png", "image/png", b"\x89PNG"),
    ):
        assert f'href="{PATH}/{campaign.code}/{name}"' in page
        paper = await officer.get(f"{PATH}/{campaign.code}/{name}")
        assert paper.headers["content-type"] == kind
        assert paper.content.startswith(begins)
    assert (await officer.get(f"{PATH}/{campaign.code}/khac.pdf")).status_code == 404
    assert (await officer.get(f"{PATH}/khong-co")).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ten": " "}, "Anh/chị điền tên đợt."),
        ({"ten": "Gặp anh An 0912345678"}, "bỏ số điện thoại"),
        ({"noi": "x" * 121}, "ngắn hơn"),
        ({"tu": "hôm nay"}, "Ngày bắt đầu chưa đúng."),
        ({"den": "2026-11-22"}, "Ngày kết thúc phải từ ngày bắt đầu trở đi."),
        ({"muc": "khong.co"}, "Không có mục này."),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(
    officer: Guest, made_sessions: Sessions, wrong: dict[str, str], why: str
) -> None:
    answer = await officer.send(PATH, **{**GOOD, **wrong})

    assert answer.status_code == 400
    assert why in answer.text
    async with made_sessions() as session:
        assert list(await session.scalars(select(Campaign))) == []


async def test_ended_early_at_once(officer: Guest, made_sessions: Sessions, clock: Clock) -> None:
    campaign = await made(officer, made_sessions)
    clock.pass_by(days=3)
    await officer.log_in("lan", PASSWORD)

    await officer.send(f"{PATH}/{campaign.code}", f"{PATH}/{campaign.code}/ket-thuc")

    page = (await officer.get(f"{PATH}/{campaign.code}")).text
    assert "đã kết thúc" in page
    assert "đến hết 25/11/2026" in page
    assert "Kết thúc đợt ngay" not in page


async def test_small_counts_are_hidden_and_larger_ones_shown(
    officer: Guest, made_sessions: Sessions, clock: Clock
) -> None:
    few, many = await made(officer, made_sessions), await made(officer, made_sessions, ten="Áp phích")
    for campaign, people in ((few, 3), (many, 12)):
        for number in range(people):
            about = {"topic": "vneid", "entry": "vneid.cach-lam"} if number else {"topic": "can-cuoc"}
            await ask(
                made_sessions,
                clock(),
                person=f"{number:032}",
                campaign=campaign.code,
                ending=Ending.ANSWERED if number else Ending.OFFERED,
                **about,
            )
    async with made_sessions.begin() as session:
        await mark_changed(session, [clock()])
    await Roller(made_sessions).refresh()

    small, large = [(await officer.get(f"{PATH}/{c.code}")).text for c in (few, many)]

    assert small.count("&lt; 5</strong>") == 2
    assert "<strong>3</strong>" not in small
    assert "Chưa đủ 5 người hỏi để nêu." in small
    assert large.count("<strong>12</strong>") == 2
    assert "8,3 %" in large
    assert large.count(">ẩn</td>") == 2  # one person's topic, and the other that would give it away


async def test_without_a_bots_name_there_is_nothing_to_print(  # noqa: PLR0917 - fixtures
    parts: Parts, passwords: Passwords, settings: WebSettings, clock: Clock, officer: Guest, made_sessions: Sessions
) -> None:
    campaign = await made(officer, made_sessions, ten=SCRIPT)
    app: FastAPI = build(parts, settings.model_copy(update={"telegram_bot_name": ""}), clock=clock, passwords=passwords)
    transport = httpx.ASGITransport(app, client=("10.0.0.1", 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://office") as client:
        guest = Guest(client)
        await guest.log_in("lan", PASSWORD)
        page = (await guest.get(f"{PATH}/{campaign.code}")).text
        assert "TELEGRAM_BOT_NAME" in page
        assert SCRIPT not in page
        assert (await guest.get(f"{PATH}/{campaign.code}/{quote('ma-qr.png')}")).status_code == 404


@pytest.mark.parametrize("name", ["@hoidap_cualo_bot", "https://t.me/hoidap_cualo_bot", "hoidap_cualo_bot"])
def test_name_of_the_bot_is_taken_as_people_write_it(name: str) -> None:
    assert WebSettings(_env_file=None, telegram_bot_name=name).telegram_bot_name == "hoidap_cualo_bot"


def test_odd_name_of_the_bot_is_refused() -> None:
    with pytest.raises(ValueError, match="tên bot"):
        WebSettings(_env_file=None, telegram_bot_name="bot?start=x&y")
