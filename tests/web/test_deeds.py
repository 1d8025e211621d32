"""The audit page: words for acts, filters, pages by number, and hostile things that are shown as text."""

import datetime as dt
import re

import pytest
from sqlalchemy import update

from faq.audit import Deed, note
from faq.database import Sessions
from tests.web.visits import Guest
from web.acts import DETAILS, WORDS
from web.staff import Staff

SCRIPT = "<script>alert(1)</script>"
ROW = re.compile(r"<li>\s*<span class=\"hint\">")


@pytest.fixture
async def chief(officer: Guest, made_sessions: Sessions) -> Guest:
    """The officer, now an administrator."""
    async with made_sessions.begin() as session:
        await session.execute(update(Staff).values(role="administrator"))
    return officer


async def write(made_sessions: Sessions, *rows: tuple[str, str, str], **details: object) -> None:
    async with made_sessions.begin() as session:
        for author, act, subject in rows:
            note(session, author, act, subject, now=dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC), **details)


async def shown(guest: Guest, path: str) -> int:
    return len(ROW.findall((await guest.get(path)).text))


async def test_newest_deed_comes_first_in_words(chief: Guest, made_sessions: Sessions) -> None:
    await write(made_sessions, ("hoa", "draft.saved", "vneid.la-gi"), why="sửa lệ phí")
    await write(made_sessions, ("hoa", "staff.role", "lan"), before="editor", role="approver")

    page = (await chief.get("/nhat-ky")).text

    assert page.index("đổi vai trò: <a") < page.index("lưu bản nháp: <a") < page.index("thêm cán bộ: <a")
    assert "lý do: sửa lệ phí" in page
    assert "vai trò: duyệt" in page
    assert "10:00 ngày 23/11/2026" in page


async def test_unknown_act_is_shown_as_it_is(chief: Guest, made_sessions: Sessions) -> None:
    await write(made_sessions, ("hoa", "garden.watered", "tulips"), depth=3)

    page = (await chief.get("/nhat-ky")).text

    assert "garden.watered" in page
    assert "depth: 3" in page


async def test_details_are_words_and_days(chief: Guest, made_sessions: Sessions) -> None:
    await write(made_sessions, ("hoa", "excel.imported", "excel"), saved=1, left=[], rejected=0)
    await write(made_sessions, ("hoa", "excel.imported", "excel"), left=["vneid.la-gi", "can-cuoc.phi"])
    await write(made_sessions, ("service", "sample.drawn", "2026-11-16"), first_day="2026-12-01")

    page = (await chief.get("/nhat-ky")).text

    assert "mục đã lưu thành bản nháp: 1" in page
    assert "mục để nguyên vì vừa có người sửa: vneid.la-gi, can-cuoc.phi" in page
    assert "[]" not in page
    assert ">16/11/2026</a>" in page
    assert "từ ngày: 01/12/2026" in page


@pytest.mark.parametrize("nested", [False, True])
async def test_hostile_deeds_are_text(chief: Guest, made_sessions: Sessions, nested: bool) -> None:
    value = {SCRIPT: [SCRIPT, '" onclick="x()']} if nested else SCRIPT
    await write(made_sessions, (SCRIPT, SCRIPT, f"{SCRIPT}' onclick='x()"), **{SCRIPT: value})

    page = (await chief.get("/nhat-ky")).text
    hostile = dict.fromkeys(("nguoi", "viec", "doi-tuong", "truoc"), SCRIPT)
    narrowed = (await chief.client.get("/nhat-ky", params=hostile)).text

    for text in (page, narrowed):
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
        assert " onclick='" not in text
        assert ' onclick="' not in text


async def test_long_details_are_folded_and_cut(chief: Guest, made_sessions: Sessions) -> None:
    await write(made_sessions, ("hoa", "draft.discarded", "x"), content={"short": "á" * 100_000})

    page = (await chief.get("/nhat-ky")).text

    assert "<summary>nội dung</summary>" in page
    assert page.count("á" * 1_000) == 1
    assert len(page) < 40_000


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("nguoi=hoa", 3),
        ("nguoi=ho", 0),
        ("viec=draft.saved", 2),
        ("doi-tuong=vneid", 3),
        ("doi-tuong=vneid.la", 2),
        ("doi-tuong=%25", 0),
        ("doi-tuong=%00vneid.la", 2),
        ("nguoi=hoa&viec=draft.saved&doi-tuong=vneid.la-gi", 1),
    ],
)
async def test_log_is_narrowed(chief: Guest, made_sessions: Sessions, query: str, count: int) -> None:
    await write(
        made_sessions,
        ("hoa", "draft.saved", "vneid.la-gi"),
        ("hoa", "draft.discarded", "vneid.la-gi"),
        ("hoa", "release.named", "vneid-moi"),
        ("minh", "draft.saved", "can-cuoc.phi"),
    )

    assert await shown(chief, f"/nhat-ky?{query}") == count


async def test_pages_hold_fifty_and_none_is_missed(chief: Guest, made_sessions: Sessions) -> None:
    await write(made_sessions, *(("hoa", "draft.saved", f"m.{n}.") for n in range(120)))
    path, seen = "/nhat-ky?nguoi=hoa&viec=draft.saved", []

    while path:
        page = (await chief.get(path)).text
        seen.append(re.findall(r">m\.(\d+)\.</a>", page))
        older = re.search(r'href="([^"]+)" rel="next"', page)
        path = older[1].replace("&amp;", "&") if older else ""
        await write(made_sessions, ("hoa", "draft.saved", "moi"))  # what comes meanwhile moves nothing

    assert [len(page) for page in seen] == [50, 50, 20]
    assert [int(number) for page in seen for number in page] == list(reversed(range(120)))


@pytest.mark.parametrize("before", ["0", "-1", "x", "9" * 30, "１", "1e3", ""])
async def test_page_of_no_number_is_none_or_the_first(chief: Guest, before: str) -> None:
    assert (await chief.client.get("/nhat-ky", params={"truoc": before})).status_code == 200


def test_every_act_has_words_of_its_own() -> None:
    assert len(set(WORDS.values())) == len(WORDS)
    assert all(len(act) <= Deed.__table__.c.act.type.length for act in WORDS)
    assert all(DETAILS.values())
