"""What staff do, in words for the audit page. Whatever notes a new act (`faq.audit.note`) adds its words here."""

ACTS: dict[str, dict[str, str]] = {
    "Bản nháp": {
        "draft.saved": "lưu bản nháp",
        "draft.withdrawal": "đề nghị rút mục",
        "draft.discarded": "bỏ bản nháp",
    },
    "Công bố": {
        "publication.asked": "đề nghị công bố",
        "publication.again": "chuẩn bị công bố lại",
        "publication.approved": "duyệt công bố",
        "publication.withdrawn": "rút hoặc không duyệt đề nghị công bố",
        "publication.overridden": "cho công bố dù chưa đạt kiểm tra",
        "publication.refused": "bị dừng ở bước kiểm tra",
        "publication.failed": "công bố chưa thành",
        "publication.live": "công bố xong",
        "release.rolled_back": "quay lại bản công bố",
    },
    "Câu hỏi của người dân": {
        "inbox.added": "thêm câu hỏi vào một mục",
        "inbox.new_entry": "lập mục mới từ câu hỏi",
        "inbox.outside": "xếp câu hỏi ngoài phạm vi",
        "inbox.ignored": "bỏ qua câu hỏi",
        "inbox.joined": "gộp các nhóm câu hỏi",
        "inbox.taken_apart": "tách lại nhóm câu hỏi đã gộp",
        "inbox.undone": "hoàn tác việc xử lý câu hỏi",
    },
    "Excel": {
        "excel.imported": "nhập từ Excel",
    },
    "Số liệu": {
        "export.made": "lấy số liệu ra",
        "token.made": "làm mã truy cập số liệu",
        "token.revoked": "thu hồi mã truy cập số liệu",
    },
    "Văn bản": {
        "document.added": "thêm văn bản",
        "document.replaced": "ghi văn bản đã bị thay thế",
        "document.removed": "bỏ văn bản ghi nhầm",
        "document.restored": "bỏ ghi văn bản đã bị thay thế",
    },
    "Thông báo và tạm dừng": {
        "notice.set": "ra thông báo",
        "notice.withdrawn": "gỡ thông báo",
        "stop.set": "tạm dừng trả lời",
        "stop.ended": "cho trả lời lại",
    },
    "Báo cáo": {
        "report.made": "lập báo cáo tuần",
        "report.downloaded": "tải báo cáo tuần",
        "public.on": "mở trang số liệu công khai",
        "public.off": "tắt trang số liệu công khai",
    },
    "Cán bộ": {
        "staff.added": "thêm cán bộ",
        "staff.role": "đổi vai trò",
        "staff.locked": "khóa",
        "staff.unlocked": "mở khóa",
        "staff.link": "làm liên kết vào một lần",
        "staff.password": "đổi mật khẩu",
        "staff.password_removed": "bỏ mật khẩu đã quên",
        "staff.second_step_on": "bật bước xác nhận thứ hai",
        "staff.second_step_off": "tắt bước xác nhận thứ hai",
    },
    "Tuyên truyền và chấm câu trả lời": {
        "campaign.made": "tạo đợt tuyên truyền",
        "campaign.ended": "kết thúc sớm đợt tuyên truyền",
        "sample.drawn": "rút thăm câu hỏi để chấm",
        "sample.judged": "chấm một câu trả lời",
        "sample.undone": "hoàn tác việc chấm",
    },
    "Telegram của cán bộ": {
        "chat.code": "lấy mã liên kết Telegram",
        "chat.linked": "liên kết tài khoản Telegram",
        "chat.unlinked": "bỏ liên kết Telegram",
        "chat.figures": "xem thống kê trên Telegram",
        "chat.report": "lấy báo cáo tuần trên Telegram",
    },
    "Đăng nhập": {
        "session.opened": "đăng nhập",
        "session.refused": "đăng nhập không thành",
        "session.closed": "đăng xuất",
        "session.ended": "kết thúc phiên đăng nhập",
    },
}
"""By the part of the work they belong to."""

WORDS = {act: words for group in ACTS.values() for act, words in group.items()}

DETAILS = {
    "why": "lý do",
    "reason": "lý do",
    "role": "vai trò",
    "before": "trước đó",
    "way": "bằng",
    "step": "ở bước",
    "second_step": "có bước thứ hai",
    "from": "từ ngày",
    "to": "đến ngày",
    "topic": "chủ đề",
    "content": "nội dung",
    "count": "số lượng",
    "texts": "các câu",
    "examples": "câu ví dụ",
    "entry": "mục",
    "release": "bản công bố",
    "left": "thay cho bản",
    "entries": "số mục đổi câu chữ",
    "group": "nhóm số",
    "groups": "số nhóm",
    "wordings": "số cách hỏi",
    "seed": "số rút thăm",
    "of": "trong số",
    "verdict": "kết quả chấm",
    "place": "nơi phát",
    "first_day": "từ ngày",
    "last_day": "đến ngày",
}
"""The names of details; one that is not listed is shown as it is."""

VALUES = {
    "viewer": "xem",
    "editor": "biên tập",
    "approver": "duyệt",
    "administrator": "quản trị",
    "password": "mật khẩu",
    "link": "liên kết vào một lần",
    "code": "mã xác nhận",
    "right": "đúng",
    "half": "đúng một phần",
    "wrong": "sai",
    "unclear": "không rõ",
    "True": "có",
    "False": "không",
}
"""Values that are words of ours, not of people."""
