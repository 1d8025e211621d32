"""What each figure means: name, formula, unit, what is left out. Tooltips, exports and footnotes take it from here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from stats.figuring import Figure


class Unit(StrEnum):
    """How a figure is written."""

    COUNT = "count"
    SHARE = "share"


LEFT_OUT = "Không tính câu hỏi thử trên trang cán bộ và câu hỏi của tài khoản Telegram của cán bộ."


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: what it is called, how it is made, and of how many a share is one."""

    id: str
    name: str
    formula: str
    unit: Unit
    value: Callable[[Figure], float | None]
    base: Callable[[Figure], int] | None = None
    """Of a share: the number it is a share of."""
    left_out: str = LEFT_OUT


def _questions(figure: Figure) -> int:
    return figure.questions


def _share(name: str, figure: Figure) -> float | None:
    return figure.share(name)


def _of_questions(ident: str, name: str, formula: str) -> Metric:
    return Metric(f"{ident}_share", name, formula, Unit.SHARE, partial(_share, ident), _questions)


def _rated(figure: Figure) -> int:
    return figure.counts.helpful + figure.counts.not_helpful


def _count(name: str, figure: Figure) -> float:
    return float(getattr(figure.counts, name))


_ALL = (
    Metric(
        "questions",
        "Câu hỏi",
        "Số tin nhắn người dân tự gõ, trừ lời chào hỏi. Bằng tổng của sáu cách kết thúc: đã trả lời, hỏi lại, chưa "
        "hiểu, ngoài phạm vi, có dữ liệu cá nhân, gián đoạn.",
        Unit.COUNT,
        lambda figure: float(figure.questions),
    ),
    Metric(
        "people",
        "Người hỏi",
        "Số người khác nhau đã gõ ít nhất một câu hỏi, đếm theo bí danh. Bí danh đổi vào đầu mỗi quý: trong một quý "
        "mỗi người đếm một lần; kỳ dài hơn một quý thì mỗi người đếm một lần trong từng quý.",
        Unit.COUNT,
        lambda figure: float(figure.people),
    ),
    _of_questions("answered", "Đã trả lời", "Số câu hỏi được trả lời ngay / số câu hỏi."),
    _of_questions("offered", "Hỏi lại", "Số câu hỏi được hỏi lại kèm các lựa chọn / số câu hỏi."),
    _of_questions("not_understood", "Chưa hiểu", "Số câu hỏi máy chưa hiểu / số câu hỏi."),
    _of_questions("out_of_scope", "Ngoài phạm vi", "Số câu hỏi về việc máy không hướng dẫn / số câu hỏi."),
    _of_questions(
        "personal_data",
        "Có dữ liệu cá nhân",
        "Số tin nhắn chỉ có dữ liệu cá nhân (đã được che, không lưu) / số câu hỏi.",
    ),
    _of_questions("unavailable", "Gián đoạn", "Số câu hỏi gặp lúc hệ thống gián đoạn hoặc tạm dừng / số câu hỏi."),
    Metric(
        "scam",
        "Hỏi về lừa đảo",
        "Số câu hỏi được nhận ra là về lừa đảo; đã nằm trong số câu hỏi.",
        Unit.COUNT,
        partial(_count, "scam"),
    ),
    Metric(
        "small_talk",
        "Chào hỏi",
        "Số tin nhắn chào hỏi, cảm ơn; không tính là câu hỏi.",
        Unit.COUNT,
        partial(_count, "small_talk"),
    ),
    Metric(
        "pressed",
        "Lượt bấm",
        "Số lần bấm nút, dùng lệnh hoặc gửi thứ không phải chữ; không tính là câu hỏi.",
        Unit.COUNT,
        partial(_count, "pressed"),
    ),
    Metric(
        "helpful_share",
        "Thấy hữu ích",
        "Số lần bấm «Hữu ích» / số lần bấm «Hữu ích» hoặc «Chưa hữu ích». Mỗi người, mỗi mục, mỗi ngày tính lần bấm "
        "cuối cùng.",
        Unit.SHARE,
        lambda figure: figure.helpful_share,
        _rated,
    ),
    Metric(
        "mean_confidence",
        "Độ chắc chắn của máy",
        "Trung bình độ chắc chắn máy tự chấm cho câu hỏi đã trả lời hoặc hỏi lại. Không phải tỷ lệ trả lời đúng.",
        Unit.SHARE,
        lambda figure: figure.mean_confidence,
        lambda figure: figure.counts.sure_count,
    ),
)
METRICS: Mapping[str, Metric] = {metric.id: metric for metric in _ALL}
"""In the order in which pages and reports show them."""
