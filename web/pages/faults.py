"""What is shown when something cannot be: polite, in Vietnamese, without a word of what went wrong inside."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from web.access import VISIT_PATH
from web.showing import is_partial, show


@dataclass(frozen=True, slots=True)
class Fault:
    """A status in words, and what can be done about it."""

    title: str
    advice: str


FAULTS = {
    403: Fault(
        "Chưa thực hiện được",
        "Trang này đã mở quá lâu. Vui lòng quay lại, tải lại trang rồi thử lần nữa.",
    ),
    404: Fault(
        "Không tìm thấy trang", "Địa chỉ có thể đã thay đổi hoặc gõ chưa đúng. Anh/chị vui lòng về trang tổng quan."
    ),
    405: Fault("Không mở được theo cách này", "Anh/chị vui lòng về trang tổng quan và chọn lại."),
    413: Fault("Nội dung quá dài", "Anh/chị vui lòng gửi nội dung ngắn hơn; tệp Excel nhiều nhất 20 MB."),
    500: Fault(
        "Hệ thống gặp sự cố",
        "Xin lỗi anh/chị, trang chưa hiển thị được. Vui lòng thử lại sau ít phút; nếu vẫn lỗi, xin báo người quản trị.",
    ),
    503: Fault(
        "Tạm thời chưa kết nối được cơ sở dữ liệu",
        "Người dân vẫn được trả lời. Anh/chị vui lòng thử lại sau ít phút; nếu vẫn lỗi, xin báo người quản trị.",
    ),
}
PUBLIC_PATH = "/so-lieu"
CITIZENS_FAULTS = {
    403: Fault(
        "Trang này mở đã lâu",
        "Xin bấm nút dưới đây rồi gõ lại câu hỏi. Nếu vẫn vậy, xin cho phép trang dùng cookie trong trình duyệt.",
    ),
    404: Fault("Không có trang này", "Địa chỉ có thể gõ chưa đúng. Xin bấm nút dưới đây để hỏi."),
    413: Fault("Câu hỏi quá dài", "Xin hỏi ngắn hơn: một hai câu là đủ."),
    500: Fault(
        "Trang gặp trục trặc",
        "Xin lỗi ông/bà, trang chưa trả lời được. Xin thử lại sau ít phút, hoặc hỏi công an phường.",
    ),
}
NO_RIGHT = Fault(
    "Chưa được giao quyền",
    "Anh/chị chưa được giao quyền làm việc này. Cần thì xin nhờ quản trị viên.",
)
UNKNOWN = Fault("Yêu cầu chưa đúng", "Anh/chị vui lòng quay lại, kiểm tra và thử lần nữa.")


async def page(request: Request, status: int) -> Response:
    """Show the page for a status; for HTMX only its sentences."""
    if is_for_citizens(request):
        return show(request, "citizen_fault.html", status=status, fault=_fault(CITIZENS_FAULTS, status))
    return _for_staff(request, status, _fault(FAULTS, status))


async def no_right(request: Request, _error: Exception) -> Response:
    """Answer somebody who is in, but not trusted with what they asked for."""
    return _for_staff(request, 403, NO_RIGHT)


def is_for_citizens(request: Request) -> bool:
    """Whether it was a page for citizens that was asked for."""
    return request.url.path in {VISIT_PATH, PUBLIC_PATH} or request.url.path.startswith(f"{VISIT_PATH}/")


def _for_staff(request: Request, status: int, fault: Fault) -> Response:
    template = "fault_piece.html" if is_partial(request) else "fault.html"
    return show(request, template, status=status, fault=fault)


def _fault(faults: Mapping[int, Fault], status: int) -> Fault:
    return faults.get(status, faults[500] if status >= 500 else UNKNOWN)  # noqa: PLR2004 - server errors


async def refused(request: Request, error: Exception) -> Response:
    """Answer what was refused with a status."""
    return await page(request, error.status_code if isinstance(error, HTTPException) else 500)


async def database_down(request: Request, _error: Exception) -> Response:
    """Answer when the database does not."""
    return await page(request, 503)
