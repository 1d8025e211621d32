"""The page of weekly reports."""

import datetime as dt
import random
from pathlib import Path

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import Sessions
from stats.reports import making
from stats.reports.making import WeeklyReports
from tests.stats.weeks import MONDAY, ask
from tests.web.visits import PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff


@pytest.fixture
async def week(made_sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week of questions; its report is made without real files."""
    files = {f"bao-cao-2026-W47.{kind}": kind.encode() for kind in ("docx", "pdf", "xlsx")}
    monkeypatch.setattr(WeeklyReports, "_written", lambda *_: making._Files(files, ""))
    await ask(made_sessions, random.Random(1), MONDAY, 40, 20)


async def test_missing_week_is_made_listed_and_downloaded(officer: Guest, week: None, made_sessions: Sessions) -> None:
    page = await officer.get("/bao-cao")
    assert "Tuần 47/2026 (16/11/2026 – 22/11/2026)" in page.text

    made = await officer.send("/bao-cao", tuan="2026-W47")
    page = await officer.get("/bao-cao")
    sent = await officer.get("/bao-cao/2026-W47/bao-cao-2026-W47.pdf")

    assert made.status_code == 303
    assert "người lập: lan" in page.text
    assert "<select" not in page.text, "every past week has its report"
    assert "Lập lại" in page.text
    assert (sent.content, sent.headers["content-type"]) == (b"pdf", "application/pdf")
    assert "attachment" in sent.headers["content-disposition"]
    async with made_sessions() as session:
        acts = [(d.author, d.act) for d in await session.scalars(select(Deed)) if d.act.startswith("report.")]
    assert acts == [("lan", "report.made"), ("lan", "report.downloaded")]


async def test_made_week_is_not_made_again(officer: Guest, week: None) -> None:
    await officer.send("/bao-cao", tuan="2026-W47")

    again = await officer.send("/bao-cao", tuan="2026-W47")

    assert again.status_code == 409
    assert "mỗi tuần chỉ một bản" in again.text


@pytest.mark.parametrize("name", ["2026-W48", "2026-W99", "", "<script>"])
async def test_week_that_cannot_be_made(officer: Guest, week: None, name: str) -> None:
    refused = await officer.send("/bao-cao", tuan=name)

    assert refused.status_code == 409
    assert "<script>" not in refused.text


async def test_changed_file_is_refused(officer: Guest, week: None, tmp_path: Path) -> None:
    await officer.send("/bao-cao", tuan="2026-W47")
    (tmp_path / "reports" / MONDAY.isoformat() / "bao-cao-2026-W47.pdf").write_bytes(b"forged")

    refused = await officer.get("/bao-cao/2026-W47/bao-cao-2026-W47.pdf")

    assert refused.status_code == 409
    assert "không còn đúng như khi lập báo cáo" in refused.text


@pytest.mark.parametrize("path", ["2026-W47/x.pdf", "2026-W46/bao-cao-2026-W46.pdf", "sai/x.pdf"])
async def test_unknown_file(officer: Guest, week: None, path: str) -> None:
    await officer.send("/bao-cao", tuan="2026-W47")

    assert (await officer.get(f"/bao-cao/{path}")).status_code == 404


async def test_viewers_read_and_do_not_make(
    guest: Guest, week: None, made_sessions: Sessions, passwords: Passwords
) -> None:
    async with made_sessions.begin() as session:
        now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
        await create_staff(session, "xem", password=PASSWORD, role=Role.VIEWER, passwords=passwords, now=now)
    await guest.log_in("xem", PASSWORD)

    page = await guest.get("/bao-cao")
    refused = await guest.send("/bao-cao", tuan="2026-W47")

    assert (page.status_code, refused.status_code) == (200, 403)
    assert "<select" not in page.text
