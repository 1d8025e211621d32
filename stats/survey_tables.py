"""A survey as tables: the page, the workbook, the command and CSV files all show these, so that they cannot differ."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from faq.database import VIETNAM
from stats import gaps
from stats.charts import WEEKDAYS
from stats.comparing import WORDS, Change
from stats.definitions import LEFT_OUT, METRICS, Unit
from stats.figures import day, percent
from stats.holidays import in_words
from stats.intervals import FEW
from stats.published import Accuracy, Group, Line, Row
from stats.reports.blocks import NOTHING, Mark, Mean, Share, Table, Value, written
from stats.rolling import ASPECT, CAMPAIGN, CHANNEL, ENTRY, RELEASE, TOPIC
from stats.survey import LISTED, NOT_YET, Survey

HIDDEN_HOUR: Final = "•"
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    TOPIC: ("Chủ đề", "Chủ đề"),
    ENTRY: ("Mục được hỏi", "Mục hỏi đáp"),
    ASPECT: ("Khía cạnh", "Khía cạnh"),
    CHANNEL: ("Kênh hỏi", "Kênh"),
    CAMPAIGN: ("Đợt tuyên truyền", "Đợt"),
    RELEASE: ("Bản công bố", "Bản công bố"),
}
"""Of each list: the title of its table, and what its rows are."""
NOTE_OF_CHANGE: Final = (
    f"Khoảng tin cậy 95 % ghi khi tổng số để tính tỷ lệ dưới {FEW}. «Tương đương»: chênh lệch không vượt sai số ngẫu "
    "nhiên. «–»: không có số để ghi hoặc không so được, vì kỳ trước chưa có bản ghi, không nêu số, hoặc kỳ này chưa "
    "hết."
)


def tables(said: Survey) -> tuple[Table, ...]:
    """Return all tables in their order."""
    return (
        figures(said),
        endings(said),
        *(listing(said, dim) for dim in LISTED),
        steps(said),
        hours(said),
        new(said),
        groups(said),
        closed(said),
        checked(said),
        definitions(),
        scope(said),
    )


def before(said: Survey) -> str:
    """Return what the period before is called."""
    return "Tuần trước" if said.is_week else "Kỳ trước"


def mean_of(said: Survey) -> str:
    """Return what the mean of the periods before is called."""
    return f"TB {len(said.earlier)} {'tuần' if said.is_week else 'kỳ'} trước" if said.earlier else "TB các kỳ trước"


def compared_days(said: Survey) -> str:
    """Return in words which days stand beside the period."""
    if not said.earlier:
        return "Chưa có kỳ trước nào đủ bản ghi để so sánh."
    last, number = said.period.before(1), len(said.earlier)
    first = said.period.before(number)
    there = said.earlier[0].monday == last.since
    days = f"{before(said)}: {day(last.since)} – {day(last.until)}. " if there else ""
    return f"{days}{mean_of(said)}: {day(first.since)} – {day(last.until)}."


def figures(said: Survey) -> Table:
    """Return the figures of the period as a whole."""
    head = (
        "Chỉ tiêu",
        "Kỳ này",
        "Tổng số để tính",
        "Khoảng tin cậy 95 %",
        before(said),
        mean_of(said),
        f"So với {before(said).lower()} (dòng có %: so tỷ lệ; dòng khác: so số lượng)",
        "So với TB (dòng có %: so tỷ lệ; dòng khác: so số lượng)",
    )
    rows = tuple(_line(line) for line in said.lines)
    widths = (0.24, 0.1, 0.08, 0.18, 0.1, 0.1, 0.1, 0.1)
    return Table("so-lieu-chinh", "Số liệu chính", head, rows, widths, note=NOTE_OF_CHANGE)


def _line(line: Line) -> tuple[Value, ...]:
    interval = f"{percent(line.interval[0])} – {percent(line.interval[1])}" if line.interval else None
    return (
        line.metric.name,
        value_of(line),
        line.of,
        interval,
        number(line, line.last),
        number(line, line.mean, mean=True),
        change(line.change),
        change(line.change_to_mean),
    )


def value_of(line: Line) -> Value:
    """Return a figure, or the mark that stands for it."""
    return Mark(line.mark) if line.value is None else number(line, line.value)


def number(line: Line, value: float | None, *, mean: bool = False) -> Value:
    """Return a number in the unit of a figure."""
    if value is None:
        return None
    if line.metric.unit == Unit.SHARE:
        return Share(value)
    return Mean(value) if mean else round(value)


def change(found: Change) -> str:
    """Return how a number stands to an earlier one, in a word."""
    return NOTHING if found == Change.UNKNOWN else WORDS[found]


def endings(said: Survey) -> Table:
    """Return how the questions ended; the rows add up to the last one."""
    rows = tuple((row.title, count_of(row), _share(row)) for row in said.endings)
    total = said.line("questions")
    whole = ("Tổng số câu hỏi", value_of(total), Share(1.0) if total.value else None)
    return Table("ket-thuc", "Câu hỏi kết thúc ra sao", ("Kết quả", "Số câu", "Tỷ lệ"), (*rows, whole), (0.6, 0.2, 0.2))


def count_of(row: Row) -> Value:
    """Return the number of a row, or the mark that stands for it."""
    return Mark(row.mark) if row.count is None else row.count


def _share(row: Row) -> Value:
    return None if row.share is None else Share(row.share)


def listing(said: Survey, dim: str) -> Table:
    """Return what was asked by one kind of thing."""
    if dim == RELEASE:
        return releases(said)
    title, name = NAMES[dim]
    head = (
        name,
        "Số câu",
        "Tỷ lệ",
        before(said),
        mean_of(said),
        f"Số câu so với {before(said).lower()}",
        "Số câu so với TB",
        "Mã",
    )
    found = said.tables[dim]
    rows = tuple(
        (
            row.title,
            count_of(row),
            _share(row),
            row.last,
            None if row.mean is None else Mean(row.mean),
            change(row.change),
            change(row.change_to_mean),
            row.key,
        )
        for row in found.rows
    )
    note = "Không nêu, vì số người hỏi quá ít." if found.closed else ""
    if found.untold:
        note = (
            f"Còn {found.untold} mục không nêu: dưới {said.shown.fewest} người hỏi, hoặc để không tính ngược ra được."
        )
    return Table(dim, title, head, rows, (0.34, 0.09, 0.09, 0.1, 0.1, 0.1, 0.1, 0.18), note=note)


def releases(said: Survey) -> Table:
    """Return how much was asked of each release, and since when it was live."""
    title, name = NAMES[RELEASE]
    since, found = live_since(said), said.tables[RELEASE]
    rows = tuple((row.title, since.get(row.key), count_of(row), _share(row), row.key) for row in found.rows)
    note = "Không nêu, vì số người hỏi quá ít." if found.closed else ""
    head = (name, "Hoạt động từ", "Số câu", "Tỷ lệ", "Mã")
    return Table(RELEASE, title, head, rows, (0.3, 0.25, 0.12, 0.12, 0.21), note=note)


def live_since(said: Survey) -> Mapping[str, str]:
    """Return when each release of the period went live, in words."""
    return {one.name: f"{one.since.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" for one in said.releases}


def steps(said: Survey) -> Table:
    """Return the questions of each day or week."""
    rows = tuple(
        (step.first, step.last, Mark(step.mark) if step.count is None else step.count, ", ".join(step.holidays) or None)
        for step in said.steps
    )
    title = "Theo tuần" if said.weekly else "Theo ngày"
    return Table("ngay", title, ("Từ ngày", "Đến ngày", "Số câu", "Ngày nghỉ"), rows, (0.2, 0.2, 0.2, 0.4))


def hours(said: Survey) -> Table:
    """Return the questions of each hour and weekday."""
    rows = tuple(
        (f"{hour:02}–{hour + 1:02} giờ", *(_hour(said, weekday, hour) for weekday in range(len(WEEKDAYS))))
        for hour in range(24)
    )
    note = f"«{HIDDEN_HOUR}»: dưới {said.shown.fewest} người hỏi, hoặc không nêu."
    return Table("gio", "Theo giờ và thứ", ("Giờ", *WEEKDAYS), rows, (0.16, *[0.12] * 7), note=note)


def _hour(said: Survey, weekday: int, hour: int) -> Value:
    count = said.hours[weekday, hour]
    if said.comes_later(weekday):
        return Mark(NOT_YET)
    return Mark(HIDDEN_HOUR) if count is None else count


def new(said: Survey) -> Table:
    """Return what is new: entries first asked for, entries first published, and questions first left unanswered."""
    rows = news(said.first_asked, said.new_entries, said.groups)
    return Table("moi", "Điều mới", NEWS, rows, (0.5, 0.32, 0.18), note=NOTE_OF_NEWS)


NEWS: Final = ("Nội dung", "Mới thế nào", "Bao nhiêu")
NOTE_OF_NEWS: Final = "«Lần đầu có người hỏi»: so với bốn kỳ trước cùng độ dài."


def news(asked: Iterable[Row], entries: Iterable[str], unanswered: Iterable[Group]) -> tuple[tuple[Value, ...], ...]:
    """Return what is new as rows of a table under `NEWS`."""
    return (
        *((row.title, "lần đầu có người hỏi", f"{written(count_of(row))} câu") for row in asked),
        *((title, "mới công bố", None) for title in entries),
        *((one.text, "câu mới, chưa trả lời được", f"{one.people} người") for one in unanswered if one.is_new),
    )


def groups(said: Survey) -> Table:
    """Return the questions that found no answer."""
    rows = unanswered(said.groups)
    return Table("chua-tra-loi", "Chưa trả lời được", UNANSWERED, rows, UNANSWERED_WIDTHS, note=NOTE_OF_UNANSWERED)


UNANSWERED: Final = (
    "Câu hỏi tiêu biểu (đã che dữ liệu cá nhân)",
    "Số người trong kỳ",
    "Số người từ khi xuất hiện",
    "Tình trạng",
    "Số ngày",
    "Ghi chú",
)
UNANSWERED_WIDTHS: Final = (0.38, 0.12, 0.13, 0.19, 0.09, 0.09)
NOTE_OF_UNANSWERED: Final = "Số người ghi theo khoảng. Số ngày tính từ khi nhóm xuất hiện đến hết kỳ."


def unanswered(found: Iterable[Group]) -> tuple[tuple[Value, ...], ...]:
    """Return groups of questions without an answer as rows of a table under `UNANSWERED`."""
    return tuple(
        (one.text, Mark(one.people_now), Mark(one.people), one.state, one.days, "mới" if one.is_new else None)
        for one in found
    )


def closed(said: Survey) -> Table:
    """Return the questions that found no answer, and now do."""
    rows = gaps.rows(said.gaps, said.names.entries)
    title = "Đã bổ sung câu trả lời (bốn tuần đến hết kỳ)"
    return Table("da-bo-sung", title, gaps.HEAD, rows, gaps.WIDTHS, note=gaps.NOTE)


def checked(said: Survey) -> Table:
    """Return what checking by hand found, and what the model thinks of itself."""
    found, own = said.accuracy, said.line("mean_confidence")
    share = found.share if found else None
    rows: list[tuple[Value, ...]] = [("Tuần được chấm", found.days), *found.verdicts] if found else []
    rows += [("Đúng trong số câu đã chấm rõ", None if share is None else Share(share))]
    if found and share is not None:
        low, high = found.interval
        rows += [("Khoảng tin cậy 95 %", f"{percent(low)} – {percent(high)}")]
    rows += [(own.metric.name, value_of(own))]
    note = (
        "Câu chọn ngẫu nhiên, do cán bộ chấm sau khi hết tuần: của các tuần nằm trọn trong kỳ, hoặc của tuần được chấm "
        "gần nhất trước đó. Chung cho mọi chủ đề."
    )
    return Table("kiem-tra", "Kiểm tra thủ công", ("Kết luận", "Giá trị"), tuple(rows), (0.7, 0.3), note=note)


def definitions() -> Table:
    """Return what each figure means."""
    rows = tuple((metric.name, metric.formula, metric.left_out) for metric in METRICS.values())
    return Table("cach-tinh", "Cách tính", ("Chỉ tiêu", "Cách tính", "Không tính"), rows, (0.2, 0.5, 0.3))


def scope(said: Survey) -> Table:
    """Return what was counted, when, and what was not."""
    return Table("pham-vi", "Phạm vi", ("Mục", "Giá trị"), tuple(_scope(said)), (0.4, 0.6))


def _scope(said: Survey) -> Iterator[tuple[Value, ...]]:
    yield "Từ ngày", said.period.since
    yield "Đến ngày", said.period.until
    yield "Chủ đề", said.topic_title or "tất cả"
    yield "Tình trạng lúc", f"{said.counted_at.astimezone(VIETNAM):%H:%M:%S ngày %d/%m/%Y}"
    yield "Kỳ chưa hết", "có" if said.unfinished else "không"
    yield "Ngày chưa cộng xong", said.days_to_count
    yield "Ngày nghỉ", in_words(said.holidays) or "không"
    yield "Số kỳ trước để so sánh", len(said.earlier)
    yield "So với những ngày nào", compared_days(said)
    yield "Câu hỏi thử (không tính)", said.tests
    yield "Câu hỏi của cán bộ (không tính)", said.staff
    yield "Không tính", LEFT_OUT
    yield "Ngưỡng số nhỏ (người)", said.shown.fewest
    yield "Giải thích số nhỏ", said.hidden_note


def as_data(said: Survey) -> dict[str, Any]:
    """Return the survey as JSON data: numbers as numbers, and a mark where one is not shown."""
    period = said.period
    return {
        "filter": {"from": period.since.isoformat(), "to": period.until.isoformat(), "topic": period.topic or None},
        "counted_at": said.counted_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "unfinished": said.unfinished,
        "days_to_count": said.days_to_count,
        "fewest_people": said.shown.fewest,
        "left_out": {"tests": said.tests, "staff": said.staff},
        "periods_before": len(said.earlier),
        "holidays": [{"day": one.day.isoformat(), "name": one.name} for one in said.holidays],
        "figures": [_line_data(line) for line in said.lines],
        "endings": [_row_data(row) for row in said.endings],
        **{PLURALS[dim]: [_row_data(row) for row in said.tables[dim].rows] for dim in LISTED},
        "days": [
            {
                "from": step.first.isoformat(),
                "to": step.last.isoformat(),
                "questions": step.count,
                "mark": step.mark,
                "holidays": list(step.holidays),
            }
            for step in said.steps
        ],
        "gaps": [_gap_data(one) for one in said.gaps],
        "checked": [_accuracy_data(said.accuracy)] if said.accuracy else [],
        "hours": [
            {"weekday": weekday + 1, "hour": hour, "questions": count, "mark": HIDDEN_HOUR if count is None else ""}
            for (weekday, hour), count in said.hours.items()
        ],
    }


PLURALS: Final[Mapping[str, str]] = {
    TOPIC: "topics",
    ENTRY: "entries",
    ASPECT: "aspects",
    CHANNEL: "channels",
    CAMPAIGN: "campaigns",
    RELEASE: "releases",
}


def _gap_data(one: gaps.Gap) -> dict[str, Any]:
    """Return a gap without the question: what citizens wrote stays on the page."""
    days = {"first_day": one.first_day.isoformat(), "live_day": one.live_day.isoformat()}
    return {"entry": one.entry, **days, "not_answered_before": one.before, "not_answered_after": one.after}


def _accuracy_data(found: Accuracy) -> dict[str, Any]:
    counts = {name: getattr(found, name) for name in ("drawn", "right", "half", "wrong", "unclear")}
    days = {"from": found.since.isoformat(), "to": found.until.isoformat()}
    return {**days, **counts, "share": found.share, "interval": list(found.interval) if found.judged else None}


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "id": line.metric.id,
        "name": line.metric.name,
        "unit": str(line.metric.unit),
        "value": line.value,
        "mark": line.mark,
        "n": line.of,
        "interval": list(line.interval) if line.interval else None,
        "before": line.last,
        "mean_before": line.mean,
        "change": str(line.change),
        "change_to_mean": str(line.change_to_mean),
    }


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "questions": row.count,
        "mark": row.mark,
        "share": row.share,
        "before": row.last,
        "mean_before": row.mean,
        "change": str(row.change),
        "change_to_mean": str(row.change_to_mean),
    }
