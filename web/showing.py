"""How a page, or a piece of one, is shown."""

from fastapi import Request, Response

from web.access import form_token, visitor_of
from web.office import office
from web.rights import Right
from web.staff import Visitor

GROUPS = (
    (
        ("/", "Tổng quan", Right.READ),
        ("/faq", "Hỏi đáp", Right.READ),
        ("/hop-cau-hoi", "Hộp câu hỏi", Right.READ),
        ("/cong-bo", "Công bố", Right.READ),
        ("/thu", "Hỏi thử", Right.READ),
        ("/van-ban", "Văn bản", Right.READ),
        ("/thong-bao", "Thông báo", Right.READ),
    ),
    (
        ("/thong-ke", "Thống kê", Right.READ),
        ("/bao-cao", "Báo cáo", Right.READ),
        ("/gop-y", "Góp ý", Right.READ),
        ("/cham", "Chấm câu trả lời", Right.EDIT),
        ("/dot-tuyen-truyen", "Tuyên truyền", Right.READ),
    ),
    (
        ("/can-bo", "Cán bộ", Right.ADMINISTER),
        ("/nhat-ky", "Nhật ký", Right.ADMINISTER),
        ("/api", "Mã số liệu", Right.ADMINISTER),
        ("/huong-dan", "Hướng dẫn", Right.READ),
    ),
)
"""The pages that are one press away from each page, for those who may see them: answering, learning, the office."""
NAV = tuple(page for group in GROUPS for page in group)


def show(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """Return a page; every form on it finds its token in `csrf`."""
    visitor = visitor_of(request)
    context = {
        "visitor": visitor,
        "csrf": form_token(request),
        "here": request.url.path,
        "nav": _offered(visitor) if visitor else [],
        **values,
    }
    return office(request).templates.TemplateResponse(request, template, context, status_code=status)


def _offered(visitor: Visitor) -> list[list[tuple[str, str]]]:
    """Return the groups of pages that somebody may see, by address and label."""
    groups = ([(path, label) for path, label, right in group if visitor.may(right)] for group in GROUPS)
    return [group for group in groups if group]


def is_partial(request: Request) -> bool:
    """Whether HTMX asked, and wants a piece of a page."""
    return request.headers.get("hx-request") == "true"
