"""Campaigns are under way on their days; what they brought counts nobody, and their papers can be read and scanned."""

import datetime as dt
import io
import re

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import VIETNAM, Sessions
from stats import campaigns, leaflets
from stats.campaigns import Campaign
from stats.endings import Ending
from stats.leaflets import A4, A5, Leaflet
from stats.questions import Question, row
from stats.rolling import Roller, mark_changed
from tests.stats.builders import NOON, asked

TODAY = dt.date(2026, 11, 20)
LINK = "https://t.me/hoidap_cualo_bot?start=abcd2efg"
LEAFLET = Leaflet(LINK, "Công an phường Cửa Lò", "Tờ rơi <chợ> & Hôm", "Khối 5")


async def begun(sessions: Sessions, **changes: object) -> Campaign:
    values = {"name": "Chợ Hôm", "place": "chợ", "author": "lan", "first_day": TODAY, "entry": None} | changes
    return await campaigns.add(sessions, now=NOON, **values)  # type: ignore[arg-type]


async def store(sessions: Sessions, times: int, **changes: object) -> None:
    async with sessions.begin() as session:
        for number in range(times):
            session.add(Question(**row(asked(**{"person": f"{number:032}", **changes}))))
        await mark_changed(session, [NOON])


async def test_ended_early_it_is_over_at_once_and_only_once(sessions: Sessions) -> None:
    made = await begun(sessions, last_day=TODAY + dt.timedelta(days=10))
    just_after_midnight = dt.datetime(2026, 11, 23, 0, 0, 1, tzinfo=VIETNAM)

    assert await campaigns.end(sessions, made.code, author="hoa", now=just_after_midnight)
    assert not await campaigns.end(sessions, made.code, author="hoa", now=just_after_midnight)
    assert not await campaigns.end(sessions, "khong-co", author="hoa", now=just_after_midnight)

    found = await campaigns.find(sessions, made.code)
    assert found is not None
    assert found.holds(dt.date(2026, 11, 22))
    assert not found.holds(dt.date(2026, 11, 23))
    async with sessions() as session:
        deeds = [(deed.author, deed.act) for deed in await session.scalars(select(Deed).order_by(Deed.id))]
    assert deeds == [("lan", "campaign.made"), ("hoa", "campaign.ended")]


async def test_what_it_brought(sessions: Sessions) -> None:
    made, other = await begun(sessions), await begun(sessions, name="khác")
    code = {"campaign": made.code}
    opening = {"kind": "command", "text": "", "ending": Ending.MENU, "person": None, "topic": None, "entry": None}
    await store(sessions, 9, **opening, **code)
    await store(sessions, 2, **{**opening, "channel": "test"}, **code)
    await store(sessions, 4, **{**opening, "person": "b" * 32}, **code)  # /menu, by somebody who came with it
    await store(sessions, 6, **code)
    await store(sessions, 3, ending=Ending.NOT_UNDERSTOOD, topic=None, entry=None, **code)
    await store(sessions, 5, campaign=other.code)
    await store(sessions, 8)
    await Roller(sessions).refresh()

    async with sessions() as session:
        found = await campaigns.outcome(session, made, ["can-cuoc", "vneid"], TODAY)
        opened = await campaigns.openings(session, [made.code, other.code])

    assert found.openings == 9
    assert opened == {made.code: 9}
    assert (found.asked.questions, found.asked.people, found.asked.counts.not_understood) == (9, 6, 3)
    assert {topic: figure.questions for topic, figure in found.topics.items()} == {"can-cuoc": 6}


@pytest.mark.parametrize("sheet", [A4, A5])
def test_paper_says_what_it_must_and_stays_on_its_sheet(sheet: leaflets.Sheet) -> None:
    drawn = leaflets.svg(LEAFLET, sheet)
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn))

    for words in (
        "không bao giờ hỏi mã OTP",
        "điện thoại",
        "chỉ đếm lượt mở",
        "t.me/hoidap_cualo_bot?start=abcd2efg",
        "CÔNG AN PHƯỜNG CỬA LÒ",
        "&lt;chợ&gt; &amp;",
    ):
        assert words in said
    assert f">{LEAFLET.place}<" in drawn, "on a line of its own"
    assert max(float(y) for y in re.findall(r'<text x="[^"]+" y="([\d.]+)"', drawn)) < sheet.height - sheet.margin / 2
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', drawn)) * leaflets.POINTS > 7.5


def test_long_names_stay_on_the_paper() -> None:
    long = Leaflet(LINK, "Công an phường Cửa Lò " * 3, "rất dài " * 15, "rất dài " * 15)

    assert max(float(y) for y in re.findall(r' y="([\d.]+)" font', leaflets.svg(long, A5))) < A5.height


@pytest.mark.parametrize("sheet", [A4, A5])
def test_pdf_and_png_are_what_they_say(sheet: leaflets.Sheet) -> None:
    pdf, png = leaflets.pdf(LEAFLET, sheet), leaflets.png(LEAFLET, sheet)

    assert pdf.startswith(b"%PDF")
    assert re.search(rb"/MediaBox\s*\[\s*0 0 (\d+)", pdf)[1] == str(round(sheet.width * leaflets.POINTS - 0.5)).encode()  # type: ignore[index]
    assert b"BeVietnamPro" in pdf
    width = int.from_bytes(png[16:20], "big")
    assert abs(width - sheet.width / 25.4 * leaflets.PNG_DOTS) < 2
    assert leaflets.qr_png(LINK).startswith(b"\x89PNG")
    assert io.BytesIO(png).read(4) == b"\x89PNG"
