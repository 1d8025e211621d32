"""What citizens ask that the guide has no answer to yet, a wave of scams, and the campaigns of a year."""

import datetime as dt
from dataclasses import dataclass

STARTS = ("", "", "", "cho tôi hỏi ", "Cho hỏi ", "cán bộ ơi ", "alo ", "em muốn hỏi ", "bà con cho hỏi ")
ENDS = ("", "", "?", " ạ", " ạ?", " với ạ", " rứa", " hè", " nhỉ", " ???")


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that comes up on a part of the period (0 to 1), and may get its answer with a release."""

    id: str
    sentences: tuple[str, ...]
    topic: str
    """Of the entry that answers it in the end."""
    appears: float
    answered: float | None
    weight: float
    """Share of all questions while it is new."""


THEMES = (
    Theme(
        "sap-nhap",
        (
            "sáp nhập phường rồi giấy tờ cũ còn dùng được không",
            "đổi tên phường thì có phải làm lại căn cước không",
            "địa chỉ trên thẻ ghi phường cũ có sao không",
            "nhập phường rồi nộp hồ sơ ở đâu",
        ),
        "can-cuoc",
        0.10,
        0.32,
        0.030,
    ),
    Theme(
        "nfc",
        (
            "điện thoại không đọc được chip trên thẻ",
            "VNeID báo lỗi NFC phải làm sao",
            "quét thẻ mãi không được",
            "máy em không có NFC thì xác thực kiểu gì",
        ),
        "vneid",
        0.28,
        0.55,
        0.025,
    ),
    Theme(
        "tro-cap",
        (
            "trợ cấp cho người già nhận qua tài khoản nào",
            "mẹ tôi 76 tuổi thì đăng ký nhận tiền trợ cấp ở đâu",
            "an sinh xã hội trên VNeID là gì",
            "tiền trợ cấp xã hội bao giờ về",
        ),
        "vneid",
        0.45,
        0.74,
        0.022,
    ),
    Theme(
        "ho-kinh-doanh",
        (
            "bán hàng ở chợ có phải kê khai thuế trên điện thoại không",
            "bỏ thuế khoán rồi hộ kinh doanh khai ở đâu",
            "đăng ký hộ kinh doanh trên cổng dịch vụ công thế nào",
            "bán nước mắm tại nhà có phải đăng ký không",
        ),
        "cong-dich-vu-cong",
        0.05,
        None,
        0.018,
    ),
    Theme(
        "tuyen-sinh",
        (
            "đăng ký cho con vào lớp 1 trên mạng ở đâu",
            "nộp hồ sơ lớp 6 cần xác nhận cư trú không",
            "con tôi tạm trú có được học trường gần nhà không",
            "tuyển sinh đầu cấp năm nay nộp ở mô",
        ),
        "dang-ky-thuong-tru",
        0.55,
        0.86,
        0.020,
    ),
    Theme(
        "dat-dai",
        (
            "làm sổ đỏ qua mạng được không",
            "tra cứu quy hoạch đất trên cổng nào",
            "tách thửa cho con nộp hồ sơ ở đâu",
            "sổ đỏ mất thì làm lại thế nào",
        ),
        "cong-dich-vu-cong",
        0.20,
        None,
        0.012,
    ),
    Theme(
        "luu-tru-homestay",
        (
            "cho khách thuê phòng trên mạng thì khai lưu trú thế nào",
            "homestay ít phòng có phải thông báo lưu trú không",
            "khách nước ngoài ngủ lại nhà tôi thì báo ai",
        ),
        "thong-bao-luu-tru",
        0.80,
        None,
        0.020,
    ),
)
SCAM_WAVE, SCAM_DAYS = 0.62, 14
"""When it begins, on a part of the period, and how long it lasts."""
SCAM_SENTENCES = (
    "có người gọi xưng công an phường bảo cập nhật VNeID qua đường dẫn",
    "họ bảo tôi cài ứng dụng dịch vụ công giả phải không",
    "người ta gửi mã QR bảo quét để nhận tiền trợ cấp",
    "gọi điện nói thẻ căn cước của tôi bị khóa",
    "có đúng là phải chuyển tiền để kích hoạt định danh không",
    "so la goi bao con toi cap cuu can chuyen tien",
)


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign: where its code is handed out, on which part of the period, for how many days, opening which topic."""

    name: str
    place: str
    begins: float
    days: int
    topic: str | None
    weight: float

    def first_day(self, since: dt.date, days: int) -> dt.date:
        """Return the day on which it begins."""
        return since + dt.timedelta(days=int(self.begins * days))


DRIVES = (
    Drive("Tờ rơi chợ Hôm", "Chợ Hôm, phường Cửa Lò", 0.12, 30, "cong-dich-vu-cong", 0.16),
    Drive("Trường THPT Cửa Lò", "Trường THPT Cửa Lò", 0.40, 45, "can-cuoc", 0.12),
    Drive("Ngày hội chuyển đổi số", "Quảng trường Bình Minh", 0.58, 10, None, 0.20),
    Drive("Tổ dân phố Hải Giang", "Nhà văn hóa khối Hải Giang", 0.75, 60, "vneid", 0.05),
)
RELEASES = (0.0, 0.08, 0.17, 0.25, 0.32, 0.41, 0.49, 0.55, 0.65, 0.74, 0.80, 0.86, 0.94)
"""When releases go live, on parts of the period; those that answer a theme are among them."""
