"""The ways a message can end; every path through the dialogue has exactly one."""

from enum import StrEnum


class Ending(StrEnum):
    """How a message ended."""

    ANSWERED = "answered"
    OFFERED = "offered"
    NOT_UNDERSTOOD = "not_understood"
    OUT_OF_SCOPE = "out_of_scope"
    SMALL_TALK = "small_talk"
    MENU = "menu"
    PERSONAL_DATA = "personal_data"
    UNAVAILABLE = "unavailable"


TITLES: dict[Ending, str] = {
    Ending.ANSWERED: "Đã trả lời",
    Ending.OFFERED: "Hỏi lại, đưa lựa chọn",
    Ending.NOT_UNDERSTOOD: "Chưa hiểu",
    Ending.OUT_OF_SCOPE: "Ngoài phạm vi",
    Ending.SMALL_TALK: "Chào hỏi",
    Ending.MENU: "Xem danh mục",
    Ending.PERSONAL_DATA: "Có dữ liệu cá nhân",
    Ending.UNAVAILABLE: "Hệ thống gián đoạn",
}

UNANSWERED: frozenset[Ending] = frozenset({Ending.NOT_UNDERSTOOD, Ending.OFFERED, Ending.OUT_OF_SCOPE})
"""Endings that show staff where an answer or an example is missing."""
