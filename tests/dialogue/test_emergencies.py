"""Whoever is in danger reads first whom to call."""

import pytest

from dialogue.emergencies import in_despair, numbers_for
from faq.entries import EMERGENCY
from faq.folding import fold
from tests.dialogue.room import Room


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("cháy nhà cứu với", ("114",)),
        ("nha toi dang chay goi so nao", ("114",)),
        ("có người đuối nước ngoài bãi biển", ("114",)),
        ("mắc kẹt trong thang máy không ra được", ("114",)),
        ("nổ bình ga có người bị thương", ("114", "115")),
        ("có người bị tai nạn chảy máu nhiều lắm", ("115",)),
        ("co nguoi chay mau nhieu lam", ("115",)),
        ("me toi bi dot quy goi cap cuu so may", ("115",)),
        ("con tôi bị điện giật", ("115",)),
        ("xe máy đâm nhau chết người rồi", ("115", "113")),
        ("có thằng cầm dao xông vô nhà", ("113",)),
        ("chồng tôi đang đánh tôi", ("113",)),
        ("bị cướp giật túi xách", ("113",)),
        ("trộm đang vào nhà", ("113",)),
        ("nó chạy xe bỏ trốn sau khi đánh tôi", ("113",)),
        ("chém nhau chảy máu rồi", ("113", "115")),
        ("gọi 113 hay 114", ()),
        ("cứu tôi với", ()),
    ],
)
def test_number_fits_the_danger(text: str, numbers: tuple[str, ...]) -> None:
    assert numbers_for(fold(text).split()) == numbers


@pytest.mark.parametrize(
    "text", ["tôi không muốn sống nữa", "toi muon chet", "bạn tôi đòi tự tử", "co nguoi dinh nhay cau"]
)
def test_despair_is_heard(text: str) -> None:
    assert in_despair(fold(text).split())


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("cứu cháy nhà", "☎️ Gọi 114 ngay.\n\n"),
        ("cứu cháy nhà có người bị thương", "☎️ Gọi 114 ngay, rồi gọi 115.\n\n"),
        ("cứu tôi không muốn sống nữa", "Xin đừng ở một mình"),
        ("cứu với", "Gọi ngay: "),
    ],
)
async def test_what_to_do_stands_in_the_first_line_and_all_numbers_below(here: Room, text: str, begins: str) -> None:
    here.recogniser.script |= {"cứu": EMERGENCY}

    told = (await here.says(text)).reply.text

    assert told.startswith(begins)
    assert all(number in told for number in ("113", "114", "115"))
