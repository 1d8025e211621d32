"""Who reports to whom: what stands around the body of an administrative document (Decree 30/2020/NĐ-CP, appendix I)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from stats.published import Published
from stats.reports.sentences import subject

UNKNOWN = "……"
TEAM = "Tổ công tác Đề án 06"
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True)
class Heading:
    """The words around the body; what the place does not say stays a blank line to be filled in by hand."""

    superior: str
    issuer: str
    number: str
    place_and_date: str
    subject: str
    addressee: str
    receivers: tuple[str, ...]
    signer: str
    signer_name: str

    def as_words(self) -> dict[str, str]:
        """Return the words by the names that the Word template has for them."""
        return {
            "co_quan_chu_quan": self.superior,
            "co_quan_ban_hanh": self.issuer,
            "so_ky_hieu": self.number,
            "dia_danh_ngay": self.place_and_date,
            "trich_yeu": self.subject,
            "kinh_gui": self.addressee,
            "noi_nhan": "\n".join(self.receivers),
            "chuc_vu": self.signer,
            "nguoi_ky": self.signer_name,
        }


def heading_of(said: Published, *, today: dt.date) -> Heading:
    """Return the heading of a report; the place's words may name all of it (`co-quan`, `nguoi-ky` ...)."""
    words = said.names.words
    issuer = words.get("co-quan") or words.get("cong-an") or UNKNOWN
    return Heading(
        superior=_upper(words.get("co-quan-chu-quan") or words.get("cong-an-tinh") or UNKNOWN),
        issuer=_upper(issuer),
        number=f"Số: {UNKNOWN}/BC-{words.get('ky-hieu', UNKNOWN)}",
        place_and_date=f"{_town(words)}, ngày {today.day:02} tháng {_month(today.month)} năm {today.year}",
        subject=subject(said),
        addressee=words.get("kinh-gui") or f"{TEAM} {words.get('phuong', 'phường')}",
        receivers=("- Như trên;", *([f"- {words['noi-nhan']};"] if words.get("noi-nhan") else []), "- Lưu: VT."),
        signer=_upper(words.get("chuc-vu") or UNKNOWN),
        signer_name=words.get("nguoi-ky") or UNKNOWN,
    )


def _upper(text: str) -> str:
    return text.upper()


def _town(words: Mapping[str, str]) -> str:
    town = words.get("phuong", UNKNOWN)
    for kind in ("phường ", "xã ", "thị trấn "):
        town = town.removeprefix(kind)
    return town


def _month(number: int) -> str:
    """Return a month as documents write it: January and February with a nought, so that none can be added."""
    return f"{number:02}" if number <= 2 else str(number)  # noqa: PLR2004
