"""A campaign's QR code on paper: a sheet for a wall (A4) and a leaflet for a hand (A5), as PDF and PNG.

Each is one drawing (SVG), of which both are made; lengths are in millimetres. Black and white, large letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from io import BytesIO

import segno
import vl_convert

from stats.charts import FONT, register_fonts

POINTS = 72 / 25.4
"""In a millimetre."""
PNG_DOTS = 200
"""In an inch."""
WIDE = 0.54
"""Width of a letter, of its size, on average and a little more: no line runs out of its frame."""
SMALLER = 0.97
TITLE = "Hỏi đáp dịch vụ công"
ASK = "Hỏi về căn cước, tạm trú, VNeID, đăng ký xe… Máy trả lời ngay, cả ban đêm, không mất tiền."
STEPS = (
    "1. Mở máy ảnh của điện thoại, đưa vào ô vuông.",
    "2. Bấm vào dòng chữ hiện ra để mở Telegram.",
    "3. Bấm «Bắt đầu» rồi gõ câu hỏi như khi nói.",
)
WARNING = (
    "Công an, cán bộ không bao giờ hỏi mã OTP, mật khẩu, số thẻ qua điện thoại, tin nhắn, và không bảo ai chuyển tiền. "
    "Ai hỏi như vậy là lừa đảo: gọi 113."
)
PRIVACY = "Mã này không ghi ai là ai: chỉ đếm lượt mở."


@dataclass(frozen=True, slots=True)
class Leaflet:
    """What stands on the paper."""

    link: str
    police: str
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Measures of a paper, in millimetres."""

    width: float
    height: float
    margin: float
    code: float
    text: float

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin


A4 = Sheet(width=210, height=297, margin=16, code=112, text=6.8)
A5 = Sheet(width=148, height=210, margin=11, code=76, text=4.9)


def pdf(leaflet: Leaflet, sheet: Sheet) -> bytes:
    """Return the paper as a PDF; its text can be selected."""
    register_fonts()
    return vl_convert.svg_to_pdf(svg(leaflet, sheet), scale=1.0)


def png(leaflet: Leaflet, sheet: Sheet) -> bytes:
    """Return the paper as a picture, to be sent on or printed."""
    register_fonts()
    return vl_convert.svg_to_png(svg(leaflet, sheet), scale=PNG_DOTS / 72)


def qr_png(link: str, scale: int = 16) -> bytes:
    """Return the code alone, for somebody's own poster."""
    out = BytesIO()
    _code(link).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def svg(leaflet: Leaflet, sheet: Sheet) -> str:
    """Return the drawing; long names make all letters a little smaller."""
    text = sheet.text
    lines, code_at, end = _laid_out(leaflet, sheet, text)
    while end > sheet.height - sheet.margin / 2 and text > sheet.text / 2:
        text *= SMALLER
        lines, code_at, end = _laid_out(leaflet, sheet, text)
    width, height = sheet.width * POINTS, sheet.height * POINTS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}" height="{height:.2f}" '
        f'viewBox="0 0 {sheet.width} {sheet.height}" font-family="{FONT}" fill="#000">'
        f'<rect width="{sheet.width}" height="{sheet.height}" fill="#fff"/>'
        f"{_drawn(leaflet.link, (sheet.width - sheet.code) / 2, code_at, sheet.code)}"
        f"{''.join(lines)}</svg>"
    )


def _laid_out(leaflet: Leaflet, sheet: Sheet, text: float) -> tuple[list[str], float, float]:
    """Return what is written in letters of a size, where the code comes, and where it all ends."""
    lines: list[str] = []
    put = partial(_paragraph, lines, sheet)
    at = put(sheet.margin, leaflet.police.upper(), text * 0.85)
    at = put(at + text * 0.2, TITLE, text * 2, bold=True)
    code_at = put(at + text * 0.3, ASK, text) + text * 0.2
    at = put(code_at + sheet.code, leaflet.link.removeprefix("https://"), text, bold=True)
    for step in STEPS:
        at = put(at + text * 0.2, step, text)
    box_at = at + text * 0.6
    at = put(box_at + text * 0.5, WARNING, text, bold=True, narrow=text)
    lines.append(
        f'<rect x="{sheet.margin}" y="{box_at:.2f}" width="{sheet.inner}" height="{at - box_at + text * 0.6:.2f}" '
        'fill="none" stroke="#000" stroke-width="0.8" rx="2"/>'
    )
    at += text
    for words in filter(None, (leaflet.name, leaflet.place, PRIVACY)):
        at = put(at, words, text * 0.68)
    return lines, code_at, at


def _paragraph(
    lines: list[str], sheet: Sheet, top: float, text: str, size: float, *, bold: bool = False, narrow: float = 0.0
) -> float:
    """Add the lines of a text, in the middle, and return where they end."""
    weight = ' font-weight="600"' if bold else ""
    for words in _wrapped(text, int((sheet.inner - 2 * narrow) / (size * WIDE))):
        base = top + size
        lines.append(
            f'<text x="{sheet.width / 2}" y="{base:.2f}" font-size="{size:.2f}" text-anchor="middle"{weight}>'
            f"{escape(words)}</text>"
        )
        top += size * 1.32
    return top


def _wrapped(text: str, most: int) -> Sequence[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _drawn(link: str, left: float, top: float, side: float) -> str:
    """Draw the code with its quiet zone into a square."""
    rows = [bytes(row) for row in _code(link).matrix_iter(border=4)]
    cell = side / len(rows)
    path = "".join(
        f"M{left + x * cell:.3f} {top + y * cell:.3f}h{cell:.3f}v{cell:.3f}h-{cell:.3f}z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return f'<path d="{path}"/>'


def _code(link: str) -> segno.QRCode:
    # Level Q: a quarter of it may be dirty or folded.
    return segno.make(link, error="q", micro=False)
