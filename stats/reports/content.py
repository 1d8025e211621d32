"""What stands in which part of the report, in one order for all files."""

import datetime as dt
from collections.abc import Iterator

from faq.database import VIETNAM
from stats import gaps
from stats.charts import WEEKDAYS
from stats.comparing import WORDS, Change
from stats.definitions import LEFT_OUT, METRICS
from stats.figures import day as day_in_words
from stats.figures import percent, whole
from stats.inbox import Decision
from stats.intervals import FEW
from stats.published import NOT_LIVE, Line, Published
from stats.reports import sentences
from stats.reports.blocks import BLANK, NOTHING, Block, Heading, Items, Mark, Mean, Part, Share, Table, Text, Value
from stats.reports.charts import days_chart, hours_chart, topics_chart
from stats.survey_tables import (
    NEWS,
    NOTE_OF_NEWS,
    NOTE_OF_UNANSWERED,
    UNANSWERED,
    UNANSWERED_WIDTHS,
    news,
    unanswered,
)

MOST_ENTRIES, MOST_GROUPS = 20, 20
MOST_PROPOSED = 5
REVIEW_AHEAD = dt.timedelta(days=14)
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
        ("kien_nghi", "Kiến nghị, phương hướng", _proposals(said)),
        ("cach_tinh", "Cách tính và phạm vi số liệu", _method(said)),
    )
    numerals = ("I", "II", "III", "IV", "V", "VI", "VII")
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
            "Tổng số để tính",
            "Khoảng tin cậy 95 %",
            "Tuần trước",
            _mean_of(said),
            "Số câu, tỷ lệ so với tuần trước",
        ),
        rows,
        (0.22, 0.11, 0.1, 0.17, 0.1, 0.12, 0.18),
        note=(f"Khoảng tin cậy ghi khi tổng số để tính tỷ lệ dưới {FEW}. Dòng có % so tỷ lệ, dòng khác so số lượng."),
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
    yield from _news(said)


def _news(said: Published) -> Iterator[Block]:
    rows = news(said.first_asked, said.new_entries, said.groups)
    title = "Bảng 9. Điều mới trong tuần"
    if not rows:
        yield Text(f"{title}: không có.")
        return
    yield Table("moi", title, NEWS, rows, (0.5, 0.32, 0.18), printed=MOST_GROUPS, note=NOTE_OF_NEWS)


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
    head = (name, "Số câu", "Tỷ lệ", "Tuần trước", _mean_of(said), "Số câu so với TB")
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
        yield Table(
            "chua-tra-loi",
            "Bảng 10. Nhóm câu hỏi chưa được trả lời tốt",
            UNANSWERED,
            unanswered(said.groups),
            UNANSWERED_WIDTHS,
            printed=MOST_GROUPS,
            note=NOTE_OF_UNANSWERED,
        )
    if said.groups_more:
        yield Text(f"Còn {whole(said.groups_more)} nhóm khác, xem trên trang «Câu hỏi chờ xử lý».")
    if not said.groups:
        yield Text("Bảng 10. Nhóm câu hỏi chưa được trả lời tốt: trong tuần không có.")
    yield from _gaps(said)


def _gaps(said: Published) -> Iterator[Block]:
    if not said.gaps:
        told = "trong bốn tuần gần đây chưa có câu trả lời bổ sung nào được công bố."
        yield Text(f"Bảng 11. Câu hỏi đã được bổ sung câu trả lời: {told}{_drafted(said)}")
        return
    title = "Bảng 11. Câu hỏi đã được bổ sung câu trả lời (bốn tuần gần đây)"
    rows = gaps.rows(said.gaps, said.names.entries)
    yield Table("da-bo-sung", title, gaps.HEAD, rows, gaps.WIDTHS, note=gaps.NOTE)


def _drafted(said: Published) -> str:
    """Return how many answers are written and wait for being published."""
    drafted = sum(NOT_LIVE in one.state for one in said.groups)
    return f" Đã soạn, chưa công bố: {whole(drafted)} nhóm (cột «Tình trạng» ở trên)." if drafted else ""


def _quality(said: Published) -> Iterator[Block]:
    yield Text(sentences.accuracy(said))
    found = said.accuracy
    if found:
        title = f"Bảng 12. Kiểm tra thủ công {whole(found.drawn)} câu chọn ngẫu nhiên ({found.days})"
        yield Table("kiem-tra", title, ("Kết luận", "Số câu"), found.verdicts, (0.7, 0.3))
    else:
        yield Text("Bảng 12. Kiểm tra thủ công: chưa có.")
    sure = said.line("mean_confidence").value
    if sure is not None:
        yield Text(
            f"Độ chắc chắn do máy tự chấm, trung bình trong tuần: {percent(sure)}. Đây không phải tỷ lệ trả lời đúng: "
            "chỉ số câu cán bộ kiểm tra mới cho biết tỷ lệ ấy.",
        )
    if said.releases:
        yield Text("Bản công bố hoạt động trong tuần:")
        yield Items(
            tuple(f"{one.name}, từ {one.since.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" for one in said.releases)
        )
    else:
        yield Text("Chưa có bản công bố nào hoạt động trong tuần.")


def _proposals(said: Published) -> Iterator[Block]:
    yield Text(
        "Dự thảo theo số liệu trong tuần; cán bộ sửa, bỏ bớt hoặc thêm việc, ghi người chịu trách nhiệm và thời hạn."
    )
    rows = (*proposals(said), (BLANK, BLANK))
    yield Table(
        "kien-nghi",
        "Bảng 13. Việc đề nghị làm",
        ("Việc đề nghị", "Căn cứ", "Người chịu trách nhiệm", "Thời hạn"),
        tuple((what, why, BLANK, BLANK) for what, why in rows),
        (0.4, 0.28, 0.18, 0.14),
    )
    yield Text("Phương hướng tuần tới: ……")


def proposals(said: Published) -> Iterator[tuple[str, str]]:
    """Yield what the figures call for, by fixed rules, with the reason."""
    for one in [group for group in said.groups if group.decision == Decision.OPEN][:MOST_PROPOSED]:
        why = f"{one.people} người hỏi từ khi xuất hiện, {whole(one.days)} ngày chưa xử lý"
        yield f"Soạn câu trả lời cho câu hỏi «{one.text}»", why
    drafted = sum(NOT_LIVE in one.state for one in said.groups)
    if drafted:
        yield "Duyệt và công bố các câu trả lời đã soạn", f"{whole(drafted)} nhóm câu hỏi đã soạn, chưa công bố"
    for title, people in said.unhelpful:
        yield f"Xem lại mục «{title}»", f"{people} người bấm «Chưa hữu ích» trong tuần"
    due = sorted((day, key) for key, day in said.names.review_by.items() if day <= said.sunday + REVIEW_AHEAD)
    if due:
        why = f"{whole(len(due))} mục đến hạn xem lại trước {day_in_words(said.sunday + REVIEW_AHEAD)}"
        yield "Xem lại các mục hỏi đáp đến hạn", why


def _method(said: Published) -> Iterator[Block]:
    yield Items(tuple(f"{metric.name}: {metric.formula}" for metric in METRICS.values()))
    yield Text(
        f"{LEFT_OUT} Trong tuần có {whole(said.tests)} câu hỏi thử và {whole(said.staff)} câu hỏi của cán bộ, không "
        "tính vào các số liệu trên."
    )
    yield Text(
        "Tuần tính từ 00 giờ thứ Hai đến 24 giờ Chủ nhật, giờ Việt Nam. "
        f"{sentences.compared_with(said)} {sentences.WHAT_IS_COMPARED}"
    )
    yield Text(
        "Người hỏi được đếm theo bí danh, không lưu danh tính. Bí danh đổi vào đầu mỗi quý. Hỏi trên Telegram và trên "
        "trang web là hai bí danh khác nhau."
    )
    yield Text(said.hidden_note)
