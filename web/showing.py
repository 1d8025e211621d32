"""How a page, or a piece of one, is shown."""

from fastapi import Request, Response

from web.access import form_token, visitor_of
from web.office import office
from web.rights import Right

NAV = (
    ("/", "Tổng quan", Right.READ),
    ("/faq", "Hỏi đáp", Right.READ),
    ("/hop-cau-hoi", "Hộp câu hỏi", Right.READ),
    ("/cong-bo", "Công bố", Right.READ),
    ("/thu", "Hỏi thử", Right.READ),
    ("/gop-y", "Góp ý", Right.READ),
    ("/thong-ke", "Thống kê", Right.READ),
    ("/van-ban", "Văn bản", Right.READ),
    ("/thong-bao", "Thông báo", Right.READ),
    ("/dot-tuyen-truyen", "Tuyên truyền", Right.READ),
    ("/cham", "Chấm câu trả lời", Right.EDIT),
    ("/can-bo", "Cán bộ", Right.ADMINISTER),
    ("/nhat-ky", "Nhật ký", Right.ADMINISTER),
    ("/bao-cao", "Báo cáo", Right.READ),
    ("/api", "Mã số liệu", Right.ADMINISTER),
)
"""The pages that are one press away from each page, for those who may see them."""


def show(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; every form on it finds its token in `csrf`."""
    context = {
        "visitor": visitor_of(request),
        "csrf": form_token(request),
        "here": request.url.path,
        "nav": NAV,
        **values,
    }
    return office(request).templates.TemplateResponse(request, template, context, status_code=status)


def is_partial(request: Request) -> bool:
    """Whether HTMX asked, and wants a piece of a page."""
    return request.headers.get("hx-request") == "true"
