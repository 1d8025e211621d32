"""Who may do what: the one table of roles and rights. Each route names the right it needs (`web/application.py`)."""

from enum import StrEnum


class Right(StrEnum):
    """Something that not everybody may do."""

    READ = "read"
    """See what is known and what is asked, and try it out."""
    EDIT = "edit"
    """Change drafts, decide what becomes of questions, ask for a publication."""
    APPROVE = "approve"
    """Make live what somebody else wrote, roll back, announce, stop."""
    ADMINISTER = "administer"
    """Let people in and out, and read who did what."""


class Role(StrEnum):
    """What a member of staff is trusted with."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.EDITOR: frozenset({Right.READ, Right.EDIT}),
    Role.APPROVER: frozenset({Right.READ, Right.EDIT, Right.APPROVE}),
    Role.ADMINISTRATOR: frozenset(Right),
}
TITLES: dict[Role, str] = {
    Role.VIEWER: "xem",
    Role.EDITOR: "biên tập",
    Role.APPROVER: "duyệt",
    Role.ADMINISTRATOR: "quản trị",
}
"""As pages call the roles."""
DUTIES: dict[Role, str] = {
    Role.VIEWER: "xem nội dung, thống kê, và hỏi thử",
    Role.EDITOR: "xem, soạn bản nháp, xử lý câu hỏi của người dân, và đề nghị công bố",
    Role.APPROVER: "mọi việc của biên tập, và duyệt công bố, khôi phục bản cũ, ra thông báo",
    Role.ADMINISTRATOR: "mọi việc, và thêm, khóa cán bộ, xem nhật ký",
}
"""What each may do, in words."""
