"""The small parts: rendered replies, the chart's geometry, the throttle, the command line."""

import datetime as dt
import io
import socket
from pathlib import Path

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from faq.database import Base, connect
from stats.bars import HEIGHT, draw
from stats.charts import Bar
from web.__main__ import main
from web.access import network_of
from web.chats import MOST_EXCHANGES, Chats, Exchange
from web.formats import moment
from web.markup import rendered
from web.throttle import Limit, Throttle

DAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<b>đậm</b>\n<i>nghiêng</i>", "<b>đậm</b><br><i>nghiêng</i>"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"),
        ("<script>alert(1)</script>", "alert(1)"),
        ('<b onclick="x()">a</b>', "<b>a</b>"),
        (
            '<a href="https://x.vn/?a=1&amp;b=2">x</a>',
            '<a href="https://x.vn/?a=1&amp;b=2" rel="noopener noreferrer">x</a>',
        ),
        ('<a href="javascript:x()">x</a>', "x"),
        ("<b><i>a</b> b", "<b><i>a</i></b> b"),
        ("</b>a<b>", "a<b></b>"),
        ("<img src=x onerror=y>", ""),
    ],
)
def test_reply_is_shown_with_bold_italic_and_links_only(html: str, shown: str) -> None:
    assert str(rendered(html)) == shown


@given(st.text(alphabet="<>/abi&;\"='script hef:\n"))
def test_no_other_tag_ever_comes_through(html: str) -> None:
    shown = str(rendered(html))

    for tag in ("<b>", "</b>", "<i>", "</i>", "<br>", "</a>"):
        shown = shown.replace(tag, "")
    assert "<" not in shown.replace('<a href="', "")


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=400))
def test_bars_stay_inside_the_picture_and_count_everything(counts: list[int]) -> None:
    chart = draw([Bar(DAY + dt.timedelta(days=n), count) for n, count in enumerate(counts)])

    assert [column.value.count for column in chart.columns] == counts
    assert all(0 <= one.y <= HEIGHT and 0 <= one.x <= chart.width - one.width for one in chart.columns)
    assert chart.lines[-1].value >= max(counts)
    assert 2 <= len(chart.lines) <= 7


def test_throttle_lets_in_again_after_a_while() -> None:
    now = [0.0]
    throttle = Throttle(Limit(2, 60), clock=lambda: now[0])
    throttle.note("a")
    now[0] = 20
    throttle.note("a")

    assert (throttle.wait("a"), throttle.wait("b")) == (40, 0)
    now[0] = 61
    assert throttle.wait("a") == 0


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8::9", "2001:db8::/64"),
        ("2001:db8::1:0:0:9", "2001:db8::/64"),
        ("fe80::9%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_attempts_are_counted_by_address_or_by_the_network_of_a_household(host: str, network: str) -> None:
    assert network_of(Request({"type": "http", "client": (host, 5000)})) == network


def test_attempts_from_nowhere_are_counted_together() -> None:
    assert network_of(Request({"type": "http", "client": None})) == ""


def test_chat_keeps_the_latest_exchanges() -> None:
    chats = Chats()
    for number in range(MOST_EXCHANGES + 5):
        chats.add("visit", Exchange(str(number), None))

    assert next(e.said for e in chats.of("visit")) == "5"
    assert chats.of("other") == ()


def test_moment_is_told_in_vietnam() -> None:
    assert moment(dt.datetime(2026, 11, 22, 17, 5, tzinfo=dt.UTC)) == "00:05 ngày 23/11/2026"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with an empty database, as the commands find it."""
    monkeypatch.chdir(tmp_path)
    for name in ("WEB_HOST", "WEB_PORT", "NLU_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/service.db")
    monkeypatch.setenv("SECRET_KEY", "x")
    return tmp_path


@pytest.fixture
async def tables(here: Path) -> None:
    engine = connect(f"sqlite:///{here}/service.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


def test_staff_is_added_and_listed(
    tables: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("mật khẩu đủ dài\n"))

    assert main(["staff", "add", "Lan", "--role", "administrator", "--password-stdin"]) == 0
    assert main(["staff", "list"]) == 0
    assert "lan · quản trị · từ " in capsys.readouterr().out


def test_staff_is_changed_at_the_command_line(
    tables: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("lan", "hoa"):
        monkeypatch.setattr("sys.stdin", io.StringIO("mật khẩu đủ dài\n"))
        assert main(["staff", "add", name, "--role", "administrator", "--password-stdin"]) == 0
    capsys.readouterr()

    for arguments in (
        ["role", "Hoa", "viewer"],
        ["lock", "hoa"],
        ["list"],
        ["unlock", "hoa"],
        ["no-second-step", "lan"],
    ):
        assert main(["staff", *arguments]) == 0

    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Vai trò của «hoa» nay là: xem."
    assert told[1] == "Đã khóa «hoa»: không đăng nhập được nữa, mọi phiên đã kết thúc."
    assert told[2].startswith("hoa · xem · từ ")
    assert told[2].endswith(" · đã khóa")
    assert told[4:] == ["«hoa» đăng nhập lại được.", "«lan» đăng nhập không cần mã trên điện thoại nữa."]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lock", "quan-tri"], "«quan-tri» là quản trị viên cuối cùng"),
        (["role", "quan-tri", "viewer"], "«quan-tri» là quản trị viên cuối cùng"),
        (["lock", "hoa"], "Không có cán bộ tên «hoa»."),
        (["no-second-step", "hoa"], "Không có cán bộ tên «hoa»."),
    ],
)
def test_what_cannot_be_done_with_staff_is_told_in_one_sentence(
    tables: None, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert main(["link"]) == 0  # makes the first administrator

    assert main(["staff", *arguments]) == 1
    assert capsys.readouterr().err.startswith(told)


def test_short_password_is_refused_in_one_sentence(
    tables: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ngắn\n"))

    assert main(["staff", "add", "lan", "--password-stdin"]) == 1
    assert capsys.readouterr().err == "Mật khẩu phải có từ 10 đến 200 ký tự.\n"


def test_link_is_printed_for_a_first_administrator(tables: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link"]) == 0
    assert capsys.readouterr().out.startswith("http://127.0.0.1:8000/vao/")


def test_missing_tables_are_told_in_one_sentence(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["staff", "list"]) == 1
    assert capsys.readouterr().err.startswith("Chưa đọc được cơ sở dữ liệu")


def test_taken_port_is_told_in_one_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("WEB_PORT", str(port))

        assert main(["run"]) == 1

    assert capsys.readouterr().err.startswith(f"Cổng {port} trên 127.0.0.1 đang có chương trình khác dùng.")


def test_missing_secret_is_told_in_one_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SECRET_KEY")

    assert main(["run"]) == 1
    assert capsys.readouterr().err.startswith("Chưa có SECRET_KEY")
