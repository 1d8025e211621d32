"""Excel through the pages: out, back as drafts, and what hostile or foreign files come to."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from faq.audit import Deed
from faq.database import Sessions
from faq.drafting import save, standing
from faq.entries import Faq
from faq.excel import ENTRIES, EXAMPLES, write_xlsx
from faq.models import Draft, Kind
from faq.sheets import Piece, pieces
from tests.faq.samples import with_entries
from tests.faq.test_lawmaking import found
from tests.web.fakes import Clock
from tests.web.visits import ABOUT_WORK, PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.settings import WebSettings
from web.staff import create_staff

SCRIPT = "<script>alert(1)</script>"
KEYS = ("vneid.la-gi", "vneid.cach-lam", "vneid.loi-ich", "chitchat.chao-hoi")


@pytest.fixture
def small(faq: Faq) -> Faq:
    """A few entries: quick to write and read."""
    kept = (e.model_copy(update={"related": ()}) for e in faq.entries if e.key in KEYS)
    return with_entries(faq, kept).model_copy(update={"visits": ()})


@pytest.fixture
async def town(made_sessions: Sessions, small: Faq) -> Sessions:
    await found(made_sessions, small)
    return made_sessions


@pytest.fixture
def book(small: Faq, tmp_path: Path) -> Path:
    write_xlsx(small, tmp_path / "faq.xlsx")
    return tmp_path / "faq.xlsx"


def edited(path: Path, change: Callable[[Any], object]) -> bytes:
    opened = openpyxl.load_workbook(path)
    change(opened)
    into = io.BytesIO()
    opened.save(into)
    return into.getvalue()


def cell(book: Any, key: str, title: str) -> Any:
    sheet = book[ENTRIES]
    column = next(c.column for c in sheet[1] if c.value == title)
    row = next(r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == key)
    return sheet.cell(row, column)


def put(key: str, title: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        cell(book, key, title).value = value

    return change


async def send(guest: Guest, content: bytes, *, name: str = "a.xlsx", **fields: str) -> httpx.Response:
    """Choose a file on the page and send it."""
    data = {"csrf": await guest.token("/excel"), **fields}
    return await guest.client.post("/excel", data=data, files={"tep": (name, content)})


async def look(guest: Guest, content: bytes, **fields: str) -> tuple[str, str]:
    """Send a file; return the address of its preview and what stands there."""
    answer = await send(guest, content, **fields)
    assert answer.status_code == 303, re.sub(r"\s+", " ", answer.text)[-900:]
    path = answer.headers["location"]
    return path, (await guest.get(path)).text


async def drafts(sessions: Sessions) -> dict[str, Any]:
    async with sessions() as session:
        return {draft.key: draft.content for draft in await session.scalars(select(Draft))}


async def draft(sessions: Sessions, faq: Faq, key: str, short: str, clock: Clock) -> None:
    """Hoa drafts another short answer."""
    piece = pieces(faq)[key]
    async with sessions.begin() as session:
        base = (await standing(session, key)).version
        changed = Piece(Kind.ENTRY, key, {**piece.content, "short": short})
        await save(session, changed, base=base, author="hoa", now=clock())


def figures(page: str) -> list[str]:
    """New, changed, missing, rejected."""
    return re.findall(r"<strong>([\d.]+)</strong>", page)[:4]


async def test_round_trip_through_the_pages_changes_nothing(officer: Guest, town: Sessions) -> None:
    sent = await officer.get("/excel/tai-ve")

    _, page = await look(officer, sent.content)

    assert sent.headers["content-disposition"].endswith('hoi-dap-dang-dung-2026-11-23.xlsx"')
    assert figures(page) == ["0", "0", "0", "0"]
    assert "không có gì để nạp" in page
    assert await drafts(town) == {}


async def test_change_becomes_a_draft_after_a_look(
    officer: Guest, town: Sessions, book: Path, settings: WebSettings
) -> None:
    path, page = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "007 là câu mới.")))
    assert await drafts(town) == {}
    [kept] = settings.uploads.iterdir()
    mode = kept.stat().st_mode & 0o777

    done = await officer.send(path)

    assert figures(page) == ["0", "1", "0", "0"]
    assert "Trả lời ngắn" in page
    assert (mode, settings.uploads.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (done.status_code, done.headers["location"]) == (303, "/excel?nap=1&rut=0&de=0")
    assert {key: content["short"] for key, content in (await drafts(town)).items()} == {
        "vneid.la-gi": "007 là câu mới."
    }
    assert list(settings.uploads.iterdir()) == []
    async with town() as session:
        acts = [(d.author, d.act) for d in await session.scalars(select(Deed).where(ABOUT_WORK).order_by(Deed.id))]
    assert acts == [("lan", "draft.saved"), ("lan", "excel.imported")]
    assert (await officer.send("/excel", path)).status_code == 400


async def test_drafts_of_entries_that_the_file_leaves_alone_stay(
    officer: Guest, town: Sessions, small: Faq, book: Path, clock: Clock
) -> None:
    await draft(town, small, "vneid.cach-lam", "Câu nháp của Hoa.", clock)

    path, page = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "Câu mới.")))
    await officer.send(path, **{"thay-ca": "1", "rut": "1"})

    assert figures(page) == ["0", "1", "0", "0"]
    assert {key: content["short"] for key, content in (await drafts(town)).items()} == {
        "vneid.la-gi": "Câu mới.",
        "vneid.cach-lam": "Câu nháp của Hoa.",
    }


@pytest.mark.parametrize(("asked", "short"), [({}, "Câu nháp của Hoa."), ({"thay-ca": "1"}, "Câu của Lan.")])
async def test_entry_that_somebody_else_changed_is_taken_only_if_asked_for(  # noqa: PLR0917
    officer: Guest, town: Sessions, small: Faq, book: Path, clock: Clock, asked: dict[str, str], short: str
) -> None:
    await draft(town, small, "vneid.la-gi", "Câu nháp của Hoa.", clock)

    path, page = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "Câu của Lan.")))
    await officer.send(path, **asked)

    assert "đã có thay đổi của hoa" in page
    assert (await drafts(town))["vneid.la-gi"]["short"] == short


async def test_draft_written_while_the_preview_is_looked_at_is_left_alone(
    officer: Guest, town: Sessions, small: Faq, book: Path, clock: Clock
) -> None:
    path, _ = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "Câu của Lan.")))
    await draft(town, small, "vneid.la-gi", "Câu nháp của Hoa.", clock)

    done = await officer.send(path)

    assert done.headers["location"] == "/excel?nap=0&rut=0&de=1"
    assert (await drafts(town))["vneid.la-gi"]["short"] == "Câu nháp của Hoa."
    assert "vừa được người khác sửa" in (await officer.get(done.headers["location"])).text


@pytest.mark.parametrize(("asked", "gone"), [({}, False), ({"rut": "1"}, True)])
async def test_missing_entries_are_withdrawn_only_if_asked_for(
    officer: Guest, town: Sessions, book: Path, asked: dict[str, str], gone: bool
) -> None:
    def drop(opened: Any) -> None:
        row = cell(opened, "vneid.loi-ich", "Mã").row
        opened[ENTRIES].delete_rows(row)
        for number in range(opened[EXAMPLES].max_row, 1, -1):
            if opened[EXAMPLES].cell(number, 1).value == "vneid.loi-ich":
                opened[EXAMPLES].delete_rows(number)

    path, page = await look(officer, edited(book, drop))
    await officer.send(path, **asked)

    assert figures(page) == ["0", "0", "1", "0"]
    assert await drafts(town) == ({"vneid.loi-ich": None} if gone else {})


async def test_wrong_rows_are_named_and_right_ones_taken(
    officer: Guest, town: Sessions, book: Path, small: Faq
) -> None:
    stolen = next(e for e in small.entries if e.key == "vneid.loi-ich").examples[0]

    def change(opened: Any) -> None:
        put("vneid.la-gi", "Tên ngắn trên nút bấm", "a" * 37)(opened)
        put("vneid.cach-lam", "Trả lời ngắn", "Câu mới.")(opened)
        put("vneid.loi-ich", "Trả lời ngắn", f"Câu {SCRIPT}")(opened)
        put("chitchat.chao-hoi", "Mục liên quan", "vneid.khong-co")(opened)
        opened[EXAMPLES].append(["vneid.cach-lam", stolen])
        opened[EXAMPLES].append(["vneid.loi-ich", "cccd cua toi la 040095001234"])

    path, page = await look(officer, edited(book, change))
    row = next(2 + index for index, e in enumerate(small.entries) if e.key == "vneid.la-gi")

    assert (
        f'<th scope="row">Mục hỏi, dòng {row}</th><td>vneid.la-gi</td><td>Tên ngắn trên nút bấm</td><td>dài quá 36 ký tự</td>'
        in page
    )
    assert "không có mục vneid.khong-co" in page
    assert "cũng nằm ở vneid.loi-ich" in page
    assert "có vẻ chứa thông tin riêng" in page
    assert "040095001234" not in page
    assert figures(page) == ["0", "0", "0", "4"]
    assert (await officer.get(path)).status_code == 200
    assert await drafts(town) == {}


@pytest.mark.parametrize("public", [False, True])
async def test_personal_data_in_answers_is_refused_unless_it_is_an_offices(
    officer: Guest, town: Sessions, book: Path, *, public: bool
) -> None:
    def change(opened: Any) -> None:
        put("vneid.cach-lam", "Trả lời ngắn", "Hỏi bà Lan số 0912345678.")(opened)
        put("vneid.la-gi", "Trả lời ngắn", "Số của tôi là 040095001234.")(opened)

    path, page = await look(officer, edited(book, change), **({"cong-khai": "1"} if public else {}))
    await officer.send(path)

    assert "có vẻ chứa thông tin riêng" in page
    assert "040095001234" not in page
    assert set(await drafts(town)) == ({"vneid.cach-lam"} if public else set())


async def test_taking_the_faq_out_is_noted(officer: Guest, town: Sessions) -> None:
    await officer.get("/excel/tai-ve?ban=nhap")
    await officer.get("/excel/tai-ve")

    async with town() as session:
        taken = await session.scalars(select(Deed).where(Deed.act == "excel.taken_out").order_by(Deed.id))
        assert [(deed.author, deed.details["which"]) for deed in taken] == [("lan", "drafts"), ("lan", "live")]


async def test_key_that_was_typed_over_is_refused_and_a_new_entry_taken(
    officer: Guest, town: Sessions, book: Path
) -> None:
    def change(opened: Any) -> None:
        put("vneid.la-gi", "Mã", "vneid.ten-khac")(opened)
        for number in range(2, opened[EXAMPLES].max_row + 1):
            if opened[EXAMPLES].cell(number, 1).value == "vneid.la-gi":
                opened[EXAMPLES].cell(number, 1).value = "vneid.ten-khac"
        sheet = opened[ENTRIES]
        sheet.append([c.value for c in sheet[cell(opened, "vneid.cach-lam", "Mã").row]])
        last = sheet.max_row
        sheet.cell(last, 1).value = "vneid.moi-tinh"
        sheet.cell(last, 4).value = f"Câu hỏi {SCRIPT} mới?"
        for number in range(10):
            opened[EXAMPLES].append(["vneid.moi-tinh", f"=câu hoàn toàn mới thứ {number}"])

    path, page = await look(officer, edited(book, change))
    await officer.send(path)

    assert "mã của mục không đổi được; mục này có mã vneid.la-gi" in page
    assert figures(page)[0] == "1"
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    kept = await drafts(town)
    assert list(kept) == ["vneid.moi-tinh"]
    assert kept["vneid.moi-tinh"]["examples"][0] == "=câu hoàn toàn mới thứ 0"
    again = await officer.get("/excel/tai-ve?ban=nhap")
    with zipfile.ZipFile(io.BytesIO(again.content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet2.xml")


def bomb(book: Path) -> bytes:
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as into, into.open("xl/big.xml", "w") as out:
        for _ in range(65):
            out.write(b"\x00" * (1 << 20))
    return book.read_bytes()


def with_part(name: str, content: bytes) -> Callable[[Path], bytes]:
    def packed(book: Path) -> bytes:
        with zipfile.ZipFile(book, "a") as into:
            into.writestr(name, content)
        return book.read_bytes()

    return packed


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (bomb, "tệp nén bất thường"),
        (
            with_part("xl/a.xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'),
            "phần khai báo lạ",
        ),
        (with_part("xl/vbaProject.bin", b"x"), "tệp có macro"),
        (with_part("xl/externalLinks/a.xml", b"<x/>"), "liên kết sang tệp khác"),
        (lambda book: edited(book, lambda b: b.remove(b[ENTRIES])), "thiếu trang «Mục hỏi»"),
        (lambda _book: b"not a workbook", "không phải tệp Excel"),
        (lambda _book: b"", "chưa chọn tệp"),
        (lambda book: edited(book, put("vneid.la-gi", "Mã", None)), ""),
    ],
)
async def test_hostile_and_foreign_files_are_refused_politely(  # noqa: PLR0917
    officer: Guest, town: Sessions, settings: WebSettings, book: Path, made: Callable[[Path], bytes], why: str
) -> None:
    answer = await send(officer, made(book))

    if why:
        assert answer.status_code == 400
        assert why in answer.text
        assert "alert" in answer.text
        assert list(settings.uploads.glob("*")) == []
    else:  # a row without its key is one wrong row, not a wrong file
        assert answer.status_code == 303
    assert await drafts(town) == {}


async def test_21_mb_are_refused_before_they_are_read(officer: Guest, town: Sessions) -> None:
    answer = await send(officer, b"\x00" * (21 << 20))
    elsewhere = await officer.client.post("/thu", content=b"x" * (65 << 10))

    assert (answer.status_code, elsewhere.status_code) == (413, 413)
    assert "20 MB" in answer.text


async def test_upload_is_for_whoever_sent_it_and_for_half_an_hour(  # noqa: PLR0917
    app: FastAPI, officer: Guest, town: Sessions, book: Path, passwords: Passwords, clock: Clock, settings: WebSettings
) -> None:
    async with town.begin() as session:
        await create_staff(session, "hoa", password=PASSWORD, role=Role.EDITOR, passwords=passwords, now=clock())
    path, _ = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "Câu mới.")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office") as client:
        other = Guest(client)
        await other.log_in("hoa", PASSWORD)
        seen = await other.get(path)
        taken = await other.send("/excel", path)
    assert (seen.status_code, taken.status_code) == (400, 400)
    assert "Câu mới" not in seen.text

    clock.pass_by(minutes=31)
    assert "không còn" in (await officer.get(path)).text
    assert (await officer.send("/excel", path)).status_code == 400
    app.state.office.uploads.sweep()
    assert list(settings.uploads.iterdir()) == []
    assert await drafts(town) == {}


async def test_viewer_takes_out_but_brings_nothing_in(
    app: FastAPI, town: Sessions, guest: Guest, passwords: Passwords, clock: Clock
) -> None:
    async with town.begin() as session:
        await create_staff(session, "xem", password=PASSWORD, role=Role.VIEWER, passwords=passwords, now=clock())
    await guest.log_in("xem", PASSWORD)

    page = (await guest.get("/excel")).text

    assert 'type="file"' not in page
    assert (await guest.get("/excel/tai-ve?ban=nhap")).status_code == 200
    token = await guest.token("/excel")
    assert (await guest.client.post("/excel", data={"csrf": token}, files={"tep": b"x"})).status_code == 403


async def test_form_of_another_site_brings_nothing_in(officer: Guest, town: Sessions, book: Path) -> None:
    answer = await officer.client.post("/excel", data={"csrf": "0" * 64}, files={"tep": ("a.xlsx", book.read_bytes())})
    path, _ = await look(officer, edited(book, put("vneid.la-gi", "Trả lời ngắn", "Câu mới.")))
    confirmed = await officer.client.post(path, data={"csrf": "0" * 64})

    assert (answer.status_code, confirmed.status_code) == (403, 403)
    async with town() as session:
        assert await session.scalar(select(func.count()).select_from(Draft)) == 0


async def test_import_needs_a_release(officer: Guest, book: Path, made_sessions: Sessions) -> None:
    assert "công bố một lần trước" in (await send(officer, book.read_bytes())).text
