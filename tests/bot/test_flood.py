"""Who writes more than a person can read gets one notice, then silence, then service again."""

from hypothesis import given
from hypothesis import strategies as st

from bot.flood import Admission, Allowance, Floods
from dialogue.conversation import Dialogue
from faq.database import Sessions
from tests.bot.running import Notebook, running, settings_for
from tests.telegram.server import TelegramServer


async def test_flood_gets_one_notice_then_silence_then_service(
    telegram: TelegramServer, dialogue: Dialogue, database: Sessions, notebook: Notebook
) -> None:
    now = [0.0]
    async with running(settings_for(telegram), dialogue, database, clock=lambda: now[0]):
        lan, hoa = telegram.citizen("Lan", language="vi"), telegram.citizen("Hoa")
        for _ in range(25):
            await lan.says("/menu")
        screens = await lan.sees(21, timeout=15)
        await lan.taps_raw("m")  # acknowledged, else it would wait in vain
        await hoa.says("/menu")
        await hoa.reads()
        await lan.reads_nothing(0.1)

        now[0] = 60.0
        await lan.says("phí tạm trú")
        served = await lan.reads()

    assert screens[-1].text.startswith("Ông/bà nhắn nhanh quá")
    assert len({screen.text for screen in screens[:20]}) == 1
    assert "ệ phí" in served.text
    assert len(notebook.records) == 22
    assert telegram.breaches == []


async def test_presses_count_as_messages_do(telegram: TelegramServer, dialogue: Dialogue, database: Sessions) -> None:
    async with running(settings_for(telegram), dialogue, database, clock=lambda: 0.0):
        lan = telegram.citizen("Lan", language="en")
        await lan.says("/menu")
        await lan.reads()
        for _ in range(20):
            await lan.taps_raw("e:dang-ky-tam-tru.le-phi")
        await lan.taps_raw("e:dang-ky-tam-tru.le-phi")
        await lan.taps_raw("e:dang-ky-tam-tru.le-phi")

        *_, notice = await lan.sees(20)
        await lan.reads_nothing(0.1)

    assert notice.text.startswith("You write faster than I can answer.")


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_span_holds_more_than_is_allowed(steps: list[float]) -> None:
    now, taken = 0.0, []
    allowance = Allowance(3, 60, clock=lambda: now)
    for step in steps:
        now += step
        if allowance.take("a"):
            taken.append(now)

    assert all(later - first >= 60 for first, later in zip(taken, taken[3:], strict=False))


def test_who_never_stops_is_served_again_each_minute() -> None:
    now = 0.0
    floods = Floods(2, 60, clock=lambda: now)
    got = []
    for _ in range(5):
        got.append(floods.admit("a"))
    now = 60.0
    got.append(floods.admit("a"))

    assert got == [Admission.SERVICE] * 2 + [Admission.NOTICE] + [Admission.SILENCE] * 2 + [Admission.SERVICE]
    assert floods.admit("b") is Admission.SERVICE
