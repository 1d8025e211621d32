"""What stands in which part of the report, in one order for all files."""

from collections.abc import Iterator

from faq.database import VIETNAM
from stats import gaps
from stats.charts import WEEKDAYS
from stats.comparing import WORDS, Change
from stats.definitions import LEFT_OUT, METRICS
from stats.figures import percent, whole
from stats.intervals import FEW
from stats.published import Line, Published
from stats.reports import sentences
from stats.reports.blocks import NOTHING, Block, Heading, Items, Mark, Mean, Part, Share, Table, Text, Value
from stats.reports.charts import days_chart, hours_chart, topics_chart

MOST_ENTRIES, MOST_GROUPS = 20, 20
TOO_FEW = "Không nêu, vì số người hỏi quá ít."
_WIDE = (0.34, 0.1, 0.1, 0.13, 0.14, 0.19)


def parts(said: Published) -> tuple[Part, ...]:
    """Return the parts of the report."""
    made = (
        ("tom_tat", "Tóm tắt", _summary(said)),
        ("so_lieu", "Số liệu chính", _figures(said)),
        ("noi_dung_hoi", "Người dân hỏi gì", _asked(said)),
        ("chua_tra_loi", "Câu hỏi chưa được trả lời tốt", _missing(said)),
        ("chat_luong", "Chất lượng câu trả lời", _quality(said)),
        ("cach_tinh", "Cách tính và phạm vi số liệu", _method(said)),
    )
    numerals = ("I", "II", "III", "IV", "V", "VI")
    return tuple(
        Part(name, (Heading(f"{numeral}. {title.upper()}"), *blocks))
        for numeral, (name, title, blocks) in zip(numerals, made, strict=True)
    )


def _summary(said: Published) -> Iterator[Block]:
    yield from (Text(sentence) for sentence in sentences.summary(said))


def _figures(said: Published) -> Iterator[Block]:
    rows = tuple(_metric(line) for line in said.lines)
    yield Table(
        "so-lieu-chinh",
        "Bảng 1. Số liệu chính của tuần",
        (
            "Chỉ tiêu",
            "Trong tuần",
            "n",
            "Khoảng tin cậy 95 %",
            "Tuần trước",
            _mean_of(said),
            "So với tuần trước",
        ),
        rows,
        (0.22, 0.11, 0.09, 0.17, 0.11, 0.12, 0.18),
        note=(
            f"n: tổng số để tính tỷ lệ. Khoảng tin cậy (Wilson) ghi khi n < {FEW}. Chênh lệch không vượt sai số ngẫu "
            "nhiên ghi là «tương đương»."
        ),
    )
    chart = days_chart(said)
    if chart:
        yield chart
    yield Table(
        "ngay",
        "Bảng 2. Số câu hỏi từng ngày",
        ("Ngày", "Thứ", "Số câu", "Ghi chú"),
        tuple(_day(said, number) for number in range(7)),
        (0.2, 0.2, 0.2, 0.4),
    )


def _mean_of(said: Published) -> str:
    return f"TB {len(said.earlier)} tuần trước" if said.earlier else "TB tuần trước"


def _metric(line: Line) -> tuple[Value, ...]:
    kind = Share if line.is_share else Mean
    value: Value = Mark(line.mark) if line.value is None else Share(line.value) if line.is_share else round(line.value)
    last: Value = None if line.last is None else Share(line.last) if line.is_share else round(line.last)
    interval = f"{percent(line.interval[0])} – {percent(line.interval[1])}" if line.interval else None
    average = None if line.mean is None else kind(line.mean)
    return (line.metric.name, value, line.of, interval, last, average, _change(line.change))


def _change(change: Change) -> str:
    return NOTHING if change == Change.UNKNOWN else WORDS[change]


def _day(said: Published, number: int) -> tuple[Value, ...]:
    row = said.tables["day"].rows[number]
    free = [holiday.name for holiday in said.holidays if holiday.day.isoformat() == row.key]
    date = said.monday.fromordinal(said.monday.toordinal() + number)
    return (date, WEEKDAYS[number], Mark(row.mark) if row.count is None else row.count, ", ".join(free) or None)


def _asked(said: Published) -> Iterator[Block]:
    chart = topics_chart(said)
    if chart:
        yield chart
    yield from _listing(said, "topic", "Bảng 3. Chủ đề", "Chủ đề")
    yield from _listing(said, "entry", "Bảng 4. Mục được hỏi nhiều", "Mục hỏi đáp", printed=MOST_ENTRIES)
    yield from _listing(said, "aspect", "Bảng 5. Khía cạnh được hỏi", "Khía cạnh")
    yield from _listing(said, "channel", "Bảng 6. Kênh hỏi", "Kênh")
    yield from _listing(said, "campaign", "Bảng 7. Đợt tuyên truyền", "Đợt")
    hours = hours_chart(said)
    if hours:
        yield hours
        yield _hours(said)
    yield Text(said.hidden_note, note=True)


def _listing(said: Published, dim: str, title: str, name: str, printed: int | None = None) -> Iterator[Block]:
    listing = said.tables[dim]
    if not listing.rows:
        told = TOO_FEW if listing.closed else "Trong tuần không có."
        yield Text(f"{title}: {told}")
        return
    rows = tuple(
        (
            row.title,
            Mark(row.mark) if row.count is None else row.count,
            None if row.share is None else Share(row.share),
            row.last,
            None if row.mean is None else Mean(row.mean),
            _change(row.change_to_mean),
        )
        for row in listing.rows
    )
    head = (name, "Số câu", "Tỷ lệ", "Tuần trước", _mean_of(said), "So với TB")
    untold = f"{whole(listing.untold)} mục khác có số người hỏi quá ít, hoặc không nêu." if listing.untold else ""
    yield Table(dim, title, head, rows, _WIDE, printed=printed, note=untold)


def _hours(said: Published) -> Table:
    """Return the table behind the chart; hours in which nobody ever asked are left out."""
    asked = [hour for hour in range(24) if any(said.hours[weekday, hour] != 0 for weekday in range(7))]
    rows = tuple(
        (
            f"{hour:02}–{hour + 1:02} giờ",
            *(Mark("•") if said.hours[weekday, hour] is None else said.hours[weekday, hour] for weekday in range(7)),
        )
        for hour in asked
    )
    note = f"«•»: dưới {said.week.fewest} người hỏi, hoặc không nêu."
    return Table("gio", "Bảng 8. Số câu hỏi theo giờ và thứ", ("Giờ", *WEEKDAYS), rows, (0.16, *[0.12] * 7), note=note)


def _missing(said: Published) -> Iterator[Block]:
    if said.groups:
        rows = tuple((one.text, one.people, one.state, one.days, "mới" if one.is_new else None) for one in said.groups)
        yield Table(
            "chua-tra-loi",
            "Bảng 9. Nhóm câu hỏi chưa được trả lời tốt",
            ("Câu hỏi tiêu biểu (đã che dữ liệu cá nhân)", "Số người", "Tình trạng", "Số ngày", "Ghi chú"),
            rows,
            (0.48, 0.12, 0.18, 0.1, 0.12),
            printed=MOST_GROUPS,
            note="Số người cộng dồn từ khi nhóm xuất hiện, ghi theo khoảng. Số ngày tính đến hết tuần.",
        )
    if said.groups_more:
        yield Text(f"Còn {whole(said.groups_more)} nhóm khác, xem trên trang «Câu hỏi chờ xử lý».")
    if not said.groups:
        yield Text("Trong tuần không có nhóm câu hỏi nào.")
    yield from _gaps(said)
    if said.new_entries:
        yield Text("Mục hỏi đáp mới có trong tuần:")
        yield Items(said.new_entries)


def _gaps(said: Published) -> Iterator[Block]:
    if not said.gaps:
        yield Text("Trong bốn tuần gần đây chưa có nhóm câu hỏi nào được bổ sung câu trả lời.")
        return
    title = "Bảng 10. Câu hỏi đã được bổ sung câu trả lời (bốn tuần gần đây)"
    rows = gaps.rows(said.gaps, said.names.entries)
    yield Table("da-bo-sung", title, gaps.HEAD, rows, gaps.WIDTHS, note=gaps.NOTE)


def _quality(said: Published) -> Iterator[Block]:
    yield Text(sentences.accuracy(said))
    found = said.accuracy
    if found and found.judged + found.unclear:
        title = f"Bảng 11. Kiểm tra thủ công {whole(found.drawn)} câu chọn ngẫu nhiên"
        yield Table("kiem-tra", title, ("Kết luận", "Số câu"), found.verdicts, (0.7, 0.3))
    if said.releases:
        yield Text("Bản công bố hoạt động trong tuần:")
        yield Items(
            tuple(f"{one.name}, từ {one.since.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" for one in said.releases)
        )
    else:
        yield Text("Chưa có bản công bố nào hoạt động trong tuần.")


def _method(said: Published) -> Iterator[Block]:
    yield Items(tuple(f"{metric.name}: {metric.formula}" for metric in METRICS.values()))
    yield Text(
        f"{LEFT_OUT} Trong tuần có {whole(said.tests)} câu hỏi thử và {whole(said.staff)} câu hỏi của cán bộ, không "
        "tính vào các số liệu trên."
    )
    yield Text(
        "Tuần tính từ 00 giờ thứ Hai đến 24 giờ Chủ nhật, giờ Việt Nam. Số liệu tuần trước và trung bình các tuần "
        f"trước (nhiều nhất bốn tuần, kỳ này có {len(said.earlier)}) lấy theo báo cáo đã lập của các tuần ấy."
    )
    yield Text(
        "Người hỏi được đếm theo bí danh, không lưu danh tính. Bí danh đổi vào đầu mỗi quý. Hỏi trên Telegram và trên "
        "trang web là hai bí danh khác nhau."
    )
    yield Text(said.hidden_note)
