"""Staff get the figures on Telegram; to everybody else these commands do not exist."""

import datetime as dt
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.application import Bot
from dialogue.conversation import Dialogue
from dialogue.desk import Desk
from dialogue.kept import Kept
from faq.audit import Deed
from faq.database import Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from stats import staff_chats
from stats.endings import Ending
from stats.pseudonyms import Pseudonyms
from stats.questions import Question, row
from stats.recording import Recorder
from stats.rolling import Roller, StaffPerson, mark_changed
from stats.staff_chats import StaffChat, StaffChatCode
from stats.weekly import WeeklyReport
from tests.bot.running import SECRET, Scripted
from tests.stats.builders import asked
from tests.telegram.citizen import Citizen
from tests.telegram.server import TelegramServer

UNKNOWN = "Tôi không có lệnh này"
MONDAY = dt.date(2026, 11, 16)


@pytest.fixture
async def dialogue(database: Sessions, shipped: Faq, recogniser: Scripted, tmp_path: Path) -> AsyncIterator[Dialogue]:
    recorder = Recorder(database, tmp_path / "spool")
    yield Dialogue(
        LiveFaq(database, shipped),
        recogniser,
        Pseudonyms(SECRET),
        recorder.record,
        kept=Kept(database, settle=recorder.replay),
        desk=Desk(database, tmp_path / "reports"),
    )
    recorder.close()


async def code_of(database: Sessions, *, name: str = "hoa", age: dt.timedelta = dt.timedelta()) -> str:
    async with database.begin() as session:
        return await staff_chats.new_code(session, 7, name, now=dt.datetime.now(dt.UTC) - age)


async def link(lan: Citizen, database: Sessions) -> None:
    await lan.says(f"/lien_ket {await code_of(database)}")
    assert "Đã liên kết tài khoản Telegram này với cán bộ «hoa»" in (await lan.reads()).text


async def test_strangers_get_what_any_unknown_command_gets(lan: Citizen, database: Sessions) -> None:
    await lan.says("/khong_co")
    unknown = await lan.reads()

    for command in ("/thongke", "/lien_ket", "/lien_ket abcdefghjk"):
        await lan.says(command)
        answer = await lan.reads()
        assert (answer.text, answer.buttons) == (unknown.text, unknown.buttons)

    assert UNKNOWN in unknown.text
    async with database() as session:
        records = list(await session.scalars(select(Question)))
    assert {(q.kind, q.ending, q.text) for q in records} == {("command", Ending.NOT_UNDERSTOOD, "")}


async def test_code_is_good_once_and_for_a_quarter_of_an_hour(
    telegram: TelegramServer, lan: Citizen, database: Sessions
) -> None:
    late = await code_of(database, age=staff_chats.CODE_LASTS)
    await lan.says(f"/lien_ket {late}")
    assert UNKNOWN in (await lan.reads()).text
    code = await code_of(database)
    await lan.says(f"/lien_ket {code.upper()}")
    assert "Đã liên kết" in (await lan.reads()).text

    other = telegram.citizen("Cúc", language="vi")
    await other.says(f"/lien_ket {code}")
    assert UNKNOWN in (await other.reads()).text
    async with database() as session:
        assert await session.scalar(select(StaffChatCode)) is None or late != code
        chats = list(await session.scalars(select(StaffChat)))
    assert [(chat.staff_name, chat.person) for chat in chats] == [("hoa", Pseudonyms(SECRET).of("telegram", lan.id))]


async def test_figures_come_with_a_picture_and_leave_staff_out(
    telegram: TelegramServer, lan: Citizen, database: Sessions
) -> None:
    now = dt.datetime.now(dt.UTC)
    async with database.begin() as session:
        for number in range(8):
            session.add(
                Question(
                    **row(
                        asked(
                            asked_at=now,
                            person=f"{number:032}",
                            topic="dang-ky-tam-tru",
                            entry="dang-ky-tam-tru.le-phi",
                        )
                    )
                )
            )
        await mark_changed(session, [now])
    await lan.says("phí tạm trú")
    await lan.reads()
    await link(lan, database)
    await lan.says("phí tạm trú lần nữa")
    await lan.reads()
    await Roller(database).refresh()

    await lan.says("/thongke")
    answer, picture = await lan.reads(30), await lan.reads(30)  # the first chart of a process takes seconds

    assert "Hôm nay: 8 câu hỏi, 8 người" in answer.text
    assert "Lệ phí đăng ký tạm trú: 8" in answer.text
    assert "Không tính trong tuần: 2 tin của cán bộ, 0 tin thử" in answer.text
    assert answer.buttons == ("Báo cáo tuần",)
    assert picture.kind == "photo"
    (sent,) = telegram.calls_of("sendPhoto")
    assert sent.status == 200
    file = telegram.world.files[picture.message["photo"][0]["file_id"]]
    assert file.content.startswith(b"\x89PNG")
    async with database() as session:
        left_out = set(await session.scalars(select(StaffPerson.person)))
    assert left_out == {Pseudonyms(SECRET).in_quarter("telegram", lan.id, now)}
    assert telegram.breaches == []


async def test_menu_shows_the_command_in_that_chat_only_and_no_longer_after_unlinking(
    telegram: TelegramServer, lan: Citizen, database: Sessions
) -> None:
    await link(lan, database)
    await lan.says("/thongke")
    await lan.reads()
    scope = json.dumps({"chat_id": lan.id, "type": "chat"}, sort_keys=True)
    assert "thongke" in [command["command"] for command in telegram.world.commands[scope, ""]]
    assert all("thongke" not in str(v) for (s, _), v in telegram.world.commands.items() if s != scope)

    async with database.begin() as session:
        await staff_chats.unlink(session, 7, author="hoa", now=dt.datetime.now(dt.UTC))
    await lan.says("/thongke")
    while UNKNOWN not in (await lan.reads()).text:
        pass
    await lan.says("phí tạm trú")  # the chat's next turn comes when all of the last one is done
    await lan.reads()

    assert (scope, "") not in telegram.world.commands
    assert telegram.breaches == []


async def test_in_a_group_there_is_neither(telegram: TelegramServer, lan: Citizen, database: Sessions) -> None:
    await link(lan, database)
    group = lan.in_group(telegram.group("Khối 5"))
    for command in ("/thongke", f"/lien_ket {await code_of(database)}"):
        await group.says(f"{command.partition(' ')[0]}@{telegram.world.bot['username']} {command.partition(' ')[2]}")
        assert UNKNOWN in (await group.reads()).text
    assert telegram.calls_of("sendPhoto") == []


async def test_weekly_report_is_sent_as_it_was_made(
    telegram: TelegramServer, lan: Citizen, database: Sessions, tmp_path: Path
) -> None:
    await link(lan, database)
    await lan.says("/thongke")
    await lan.taps("Báo cáo tuần")
    while "Chưa có báo cáo tuần nào." not in (await lan.reads()).text:
        pass

    folder, files = tmp_path / "reports" / MONDAY.isoformat(), {}
    folder.mkdir(parents=True)
    for name in ("bao-cao.docx", "bao-cao.pdf", "bao-cao.xlsx", "doi.pdf"):
        (folder / name).write_bytes(name.encode())
        files[name] = {"size": len(name), "sha256": hashlib.sha256(name.encode()).hexdigest()}
    (folder / "doi.pdf").write_bytes(b"changed")
    async with database.begin() as session:
        made = {"made_at": dt.datetime.now(dt.UTC), "made_by": "service", "figures": {}}
        session.add(WeeklyReport(monday=MONDAY, files=files, **made))

    await lan.taps("Báo cáo tuần")
    assert "Báo cáo tuần từ 16/11/2026 đến 22/11/2026." in (await lan.reads()).text
    sent = [(await lan.reads()).message["document"]["file_name"] for _ in range(2)]

    assert sent == ["bao-cao.docx", "bao-cao.pdf"]
    async with database() as session:
        acts = list(await session.scalars(select(Deed.act).order_by(Deed.id)))
    assert acts == ["chat.code", "chat.linked", "chat.figures", "chat.report"]
    assert telegram.breaches == []


async def test_strangers_cannot_press_for_the_report(lan: Citizen) -> None:
    await lan.starts()
    await lan.reads()
    await lan.taps_raw("b")

    assert "không còn" in (await lan.reads()).text


async def test_removing_all_removes_the_link_too(bot: Bot, lan: Citizen, database: Sessions) -> None:
    await link(lan, database)
    await lan.says("/du_lieu_cua_toi")
    assert "đã liên kết với cán bộ «hoa»" in (await lan.reads()).text

    await lan.says("/xoa")
    await lan.reads()
    await lan.says("/thongke")

    assert UNKNOWN in (await lan.reads()).text
    async with database() as session:
        assert list(await session.scalars(select(StaffPerson))) == []


async def test_picture_that_does_not_arrive_does_not_bring_the_answer_again(
    telegram: TelegramServer, lan: Citizen, database: Sessions
) -> None:
    await link(lan, database)
    telegram.fail_next("sendPhoto", 400)
    await lan.says("/thongke")
    assert "Thống kê lúc" in (await lan.reads()).text
    await lan.says("phí tạm trú")

    assert "Lệ phí" in (await lan.reads()).text
