"""Rules that change on a known day change at midnight in Việt Nam, in the middle of a conversation, by themselves."""

import datetime as dt

import pytest

from dialogue.conversation import Dialogue, Speaker
from dialogue.replies import Press, press
from faq.database import VIETNAM, Sessions
from faq.entries import Faq
from faq.live import LiveFaq
from stats.pseudonyms import Pseudonyms
from tests.bot.running import Notebook, Scripted

LAN = Speaker("telegram", "1", "1")
LOST_CARD = "cap-doi-cap-lai-can-cuoc.mat-the"
WAIVER = "cong-dich-vu-cong.mien-le-phi"
CHILD = "can-cuoc.tre-duoi-6"


class Night:
    """A conversation, and a clock that stands still until it is moved."""

    def __init__(self, database: Sessions, faq: Faq) -> None:
        self.now = dt.datetime(2026, 11, 30, tzinfo=VIETNAM)
        self._dialogue = Dialogue(
            LiveFaq(database, faq), Scripted(), Pseudonyms("x"), Notebook().record, clock=lambda: self.now
        )

    async def reads(self, entry: str, at: str) -> str:
        """Everything that is shown of `entry` at a moment of the place."""
        self.now = dt.datetime.fromisoformat(at).replace(tzinfo=VIETNAM).astimezone(dt.UTC)
        return (await self._dialogue.press(LAN, press(Press.DETAILS, "1", entry))).reply.text


@pytest.fixture
def night(database: Sessions, shipped: Faq) -> Night:
    return Night(database, shipped)


async def test_half_fee_ends_with_the_year(night: Night) -> None:
    before = await night.reads(LOST_CARD, "2026-12-31T23:59:59")
    after = await night.reads(LOST_CARD, "2027-01-01T00:00:00")

    assert "35.000 đồng, mức này đến hết 31/12/2026" in before
    assert "35.000" not in after
    assert "70.000 đồng nếu không có văn bản mới giảm tiếp" in after


async def test_waiver_without_successor_says_that_it_is_over(night: Night) -> None:
    before = await night.reads(WAIVER, "2027-02-28T23:59:59")
    after = await night.reads(WAIVER, "2027-03-01T00:00:00")

    assert "đến hết 28/02/2027 một số có thể được miễn" in before
    assert "có thể được miễn nếu có VNeID mức 2" not in after
    assert "chỉ áp dụng đến hết 28/02/2027" in after
    assert "hỏi Công an phường Cửa Lò" in after


async def test_new_civil_status_law_is_spoken_of_as_coming_and_then_as_in_force(night: Night) -> None:
    before = await night.reads(CHILD, "2027-02-28T23:59:59")
    after = await night.reads(CHILD, "2027-03-01T00:00:00")

    assert "Luật Hộ tịch mới có hiệu lực từ 01/03/2027; lúc đó nên hỏi lại" in before
    assert "cách làm gộp có thể đã đổi, nên hỏi lại" in after


async def test_midnight_is_that_of_the_place_and_not_of_the_server(night: Night) -> None:
    """The server's own day, in UTC, begins seven hours later."""
    in_utc = dt.datetime(2026, 12, 31, 17, 0, tzinfo=dt.UTC)

    assert "35.000" not in await night.reads(LOST_CARD, in_utc.astimezone(VIETNAM).replace(tzinfo=None).isoformat())
