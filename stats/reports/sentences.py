"""The report's sentences, by fixed rules: a change is only told where it is larger than its noise."""

from collections.abc import Iterator, Sequence

from stats.comparing import Change
from stats.figures import day, percent, whole
from stats.holidays import in_words
from stats.published import HIDDEN_MARK, Line, Published, Row
from stats.reports.blocks import Mean, written
from stats.spans import A_DAY, A_WEEK
from stats.suppressing import FEWEST, small_mark

MOST_NAMED = 3
THE_SAME = "tương đương"
_DIRECTION = {Change.MORE: "tăng so với", Change.LESS: "giảm so với", Change.SAME: THE_SAME}


def subject(said: Published) -> str:
    """Return what the report is about: its trích yếu."""
    year, week = said.number
    return (
        f"Kết quả trả lời câu hỏi của người dân về dịch vụ công trực tuyến, tuần\u00a0{week} năm\u00a0{year} "
        f"(từ ngày {day(said.monday)} đến ngày {day(said.sunday)})"
    )


def summary(said: Published) -> tuple[str, ...]:
    """Return the paragraphs that come first."""
    return tuple(
        filter(None, (_asked(said), _caution(said), _answered(said), _topics(said), _missing(said), _helped(said)))
    )


def _asked(said: Published) -> str:
    questions, people = said.line("questions"), said.line("people")
    if questions.value is None:
        return f"Trong tuần có dưới {said.week.fewest} người hỏi; báo cáo không nêu số liệu chi tiết."
    if not questions.value:
        return "Trong tuần hệ thống không ghi nhận câu hỏi nào của người dân."
    return (
        f"Trong tuần, hệ thống hỏi đáp tự động ghi nhận {_count(questions)} câu hỏi của {_count(people)} người"
        f"{_against(questions)}."
    )


def _count(line: Line) -> str:
    return line.mark or whole(round(line.value or 0))


def _against(line: Line) -> str:
    """Return how a count stands to last week and to the four weeks before; nothing where neither is known."""
    parts = []
    if line.last is not None:
        parts.append(f"{_DIRECTION[line.change]} tuần trước ({whole(round(line.last))} câu)")
    if line.mean is not None:
        parts.append(f"{_DIRECTION[line.change_to_mean]} trung bình các tuần trước ({written(Mean(line.mean))} câu)")
    return f", {' và '.join(parts)}" if parts else "; chưa có tuần trước để so sánh"


def _caution(said: Published) -> str:
    """Return what makes the week unlike others."""
    parts = []
    if said.partial and said.first_day:
        parts.append(f"Tuần này chưa đủ ngày: số liệu có từ ngày {day(max(said.first_day, said.monday))}.")
    if said.holidays:
        parts.append(f"Trong tuần có ngày nghỉ lễ: {in_words(said.holidays)}; khi so sánh cần lưu ý.")
    if said.days_to_count:
        parts.append(f"Khi lập báo cáo còn {whole(said.days_to_count)} ngày chưa cộng xong số liệu.")
    return " ".join(parts)


def _answered(said: Published) -> str:
    if not said.line("questions").value:
        return ""
    parts = [f"{name} {_share(said.line(ident))}" for ident, name in _ENDINGS]
    return f"Kết quả: {'; '.join(parts)}.{_shifts(said)}"


_ENDINGS = (
    ("answered_share", "trả lời ngay"),
    ("offered_share", "hỏi lại kèm lựa chọn"),
    ("not_understood_share", "chưa hiểu"),
    ("out_of_scope_share", "ngoài phạm vi"),
)


_IN_WORDS = {HIDDEN_MARK: "không nêu", small_mark(): f"dưới {FEWEST} người"}


def _share(line: Line) -> str:
    if line.value is None:
        return _IN_WORDS.get(line.mark, line.mark)
    interval = (
        f" (khoảng tin cậy 95 %: {percent(line.interval[0])} đến {percent(line.interval[1])})" if line.interval else ""
    )
    return f"{percent(line.value)}{interval}"


def _shifts(said: Published) -> str:
    """Return how the shares changed; «tương đương» where none did so beyond its noise."""
    compared = [(name, said.line(ident)) for ident, name in _ENDINGS if said.line(ident).last is not None]
    moved = [
        f"tỷ lệ {name} {'tăng' if line.change == Change.MORE else 'giảm'} so với tuần trước ({percent(line.last or 0)})"
        for name, line in compared
        if line.change in {Change.MORE, Change.LESS}
    ]
    if not compared:
        return ""
    told = "; ".join(moved) if moved else "các tỷ lệ này tương đương tuần trước"
    return f" {told[0].upper()}{told[1:]}."


def _topics(said: Published) -> str:
    rows = [row for row in said.tables["topic"].rows if row.count and row.key != "?"]
    if not rows:
        return ""
    named = "; ".join(f"{row.title} ({whole(row.count or 0)} câu)" for row in rows[:MOST_NAMED])
    return f"Chủ đề được hỏi nhiều nhất: {named}.{''.join(_moved(rows))}"


def _moved(rows: Sequence[Row]) -> Iterator[str]:
    for change, word in ((Change.MORE, "tăng"), (Change.LESS, "giảm")):
        found = [row for row in rows if row.change_to_mean == change]
        if found:
            named = "; ".join(_named(row) for row in found[:MOST_NAMED])
            yield f" Chủ đề {word} rõ so với trung bình các tuần trước: {named}."


def _named(row: Row) -> str:
    return f"{row.title} ({whole(row.count or 0)} câu, trung bình {written(Mean(row.mean or 0))})"


def _missing(said: Published) -> str:
    groups, new = len(said.groups) + said.groups_more, sum(group.is_new for group in said.groups)
    if not groups:
        return "Trong tuần không có nhóm câu hỏi nào còn chờ câu trả lời."
    closed = f"; {whole(len(said.gaps))} nhóm đã có câu trả lời trong bốn tuần gần đây" if said.gaps else ""
    return f"Có {whole(groups)} nhóm câu hỏi chưa được trả lời tốt, trong đó {whole(new)} nhóm mới xuất hiện{closed}."


def _helped(said: Published) -> str:
    helpful = said.line("helpful_share")
    parts = [f"Người dân đánh giá hữu ích: {_share(helpful)}."] if helpful.of else []
    return " ".join([*parts, accuracy(said)])


def accuracy(said: Published) -> str:
    """Return what checking by hand found, with the days whose answers were checked."""
    found = said.accuracy
    if found is None or found.share is None:
        return "Độ chính xác kiểm tra thủ công: chưa chấm tuần nào."
    low, high = found.interval
    which = "của tuần" if found.until == said.sunday else "của tuần được chấm gần nhất"
    return (
        f"Độ chính xác kiểm tra thủ công {which} ({found.days}): {percent(found.share)} "
        f"({whole(found.right)}/{whole(found.judged)} câu đúng; "
        f"khoảng tin cậy 95 %: {percent(low)} đến {percent(high)})."
    )


WHAT_IS_COMPARED = (
    "«Tương đương»: chênh lệch không vượt sai số ngẫu nhiên. «–»: không có số để ghi hoặc để so sánh (tuần trước không "
    "có, không nêu, hoặc chỉ tiêu không so sánh). «TB»: trung bình."
)


def compared_with(said: Published) -> str:
    """Return which weeks stand beside this one, and where their figures come from: their own reports, if there are."""
    if not said.earlier:
        return "Chưa có tuần nào trước đó để so sánh."
    last, number, there = said.monday - A_WEEK, len(said.earlier), said.earlier[0].monday == said.monday - A_WEEK
    days = f"Tuần trước: {day(last)} – {day(last + A_DAY * 6)}." if there else ""
    mean = f"Trung bình: {whole(number)} tuần từ {day(said.earlier[-1].monday)} đến {day(said.monday - A_DAY)}."
    return " ".join(filter(None, (days, mean, _source(said))))


def _source(said: Published) -> str:
    if not said.reported:
        return "Số liệu các tuần ấy đếm lại khi lập báo cáo này, vì các tuần ấy chưa có báo cáo."
    if said.reported < len(said.earlier):
        return (
            f"Số liệu của {whole(said.reported)} tuần lấy theo báo cáo đã lập của tuần ấy; các tuần còn lại chưa có "
            "báo cáo, đếm lại khi lập báo cáo này."
        )
    return "Số liệu lấy theo báo cáo đã lập của các tuần ấy."
