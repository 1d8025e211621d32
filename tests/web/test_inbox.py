"""The inbox's pages: groups to read, one press to decide, one to take it back."""

import datetime as dt
import re

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from dialogue.building import Parts
from dialogue.hearing import Speaker
from faq.database import Sessions
from faq.drafting import standing
from faq.entries import Faq
from faq.models import Draft, Kind, Release, ReleaseState, Revision
from faq.sheets import OUTSIDE, pieces
from stats.inbox import Decision, InboxGroup, InboxMessage
from stats.pseudonyms import Pseudonyms
from tests.web.cards import Card, hidden
from tests.web.fakes import Clock, ScriptedRecogniser
from tests.web.test_card import NEW
from tests.web.test_pages import SCRIPT, ask
from tests.web.visits import PASSWORD, Guest
from web.passwords import Passwords
from web.rights import Role
from web.staff import create_staff

KEY = "vneid.quen-mat-khau"
QUESTION = "mật khẩu vneid tui quên béng mất tiêu"
PATH = "/hop-cau-hoi"


@pytest.fixture
def inbox(app: FastAPI, recogniser: ScriptedRecogniser) -> ScriptedRecogniser:
    """The recogniser that the inbox asks; check sentences take long to read and are tried elsewhere."""
    app.state.office.inbox._recogniser = recogniser
    app.state.office.inbox._check_texts = []
    return recogniser


@pytest.fixture
async def group(app: FastAPI, made_sessions: Sessions, faq: Faq, clock: Clock, inbox: ScriptedRecogniser) -> None:
    """A release with the entry in question, and a question of two people in two wordings."""
    found = pieces(faq)
    async with made_sessions.begin() as session:
        revisions = [
            Revision(kind=p.kind, key=p.key, number=1, content=p.content, author="hoa", created_at=clock())
            for key, p in found.items()
            if p.kind == Kind.SHEET or key in {KEY, "vneid.la-gi"}
        ]
        fields = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "hoa", "created_at": clock()}
        session.add(Release(name="1", state=ReleaseState.LIVE, live_since=clock(), revisions=revisions, **fields))
    for text, person in ((QUESTION, "a" * 32), ("mất mật khẩu chừ răng hè", "b" * 32)):
        inbox.learn(text, KEY, 0.4)
        await ask(made_sessions, clock() - dt.timedelta(minutes=30), text, person=person, confidence=0.4)
    await app.state.office.inbox.read()


def ticked(page: str) -> list[str]:
    return re.findall(r'name="cau" value="([^"]*)"', page)


async def press(guest: Guest, act: str, number: int = 1, **fields: object) -> httpx.Response:
    """Press a button of a row, with all its boxes ticked unless told otherwise."""
    page = (await guest.get(PATH)).text
    token = re.findall(r'name="csrf" value="([0-9a-f]{64})"', page)[0]
    data = {"csrf": token, "viec": act, "cau": ticked(page), **fields}
    return await guest.client.post(f"{PATH}/{number}", data=data)


async def examples(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        content = (await standing(session, KEY)).content
    assert content is not None
    return list(content["examples"])


async def decisions(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(select(InboxGroup.decision).order_by(InboxGroup.id)))


async def test_row_tells_what_was_asked_by_how_many_and_what_it_may_mean(officer: Guest, group: None) -> None:
    page = (await officer.get(PATH)).text

    assert QUESTION in page
    assert "<strong>2 người</strong> · 2 lượt" in page
    assert "chưa hiểu: 2" in page
    assert f'value="them:{KEY}"' in page
    assert len(ticked(page)) == 2


async def test_one_press_adds_to_the_entry_and_one_takes_it_back(
    officer: Guest, group: None, made_sessions: Sessions
) -> None:
    before = await examples(made_sessions)

    answer = await press(officer, f"them:{KEY}")

    assert answer.status_code == 303
    assert set(await examples(made_sessions)) - set(before) == {QUESTION, "mất mật khẩu chừ răng hè"}
    told = (await officer.get(answer.headers["location"])).text
    assert "bản nháp có thêm 2 câu ví dụ" in told
    assert f'<a href="/faq/{KEY}?ban=nhap">' in told
    assert "Hoàn tác</button>" in told

    answer = await officer.send(answer.headers["location"], f"{PATH}/1/hoan-tac")

    assert "Đã hoàn tác" in (await officer.get(answer.headers["location"])).text
    assert await examples(made_sessions) == before
    assert await decisions(made_sessions) == [Decision.OPEN]


async def test_offer_to_take_back_ends_but_the_list_of_decided_ones_has_it(
    officer: Guest, group: None, clock: Clock
) -> None:
    where = (await press(officer, "bo-qua")).headers["location"]
    clock.pass_by(seconds=31)

    assert "Hoàn tác</button>" not in (await officer.get(where)).text
    assert "Hoàn tác</button>" in (await officer.get(f"{PATH}?xem=da-quyet")).text


async def test_unticked_wording_stays_open(officer: Guest, group: None, made_sessions: Sessions) -> None:
    await press(officer, f"them:{KEY}", cau=["mat mat khau chu rang he"])

    assert QUESTION not in await examples(made_sessions)
    assert await decisions(made_sessions) == [Decision.ADDED, Decision.OPEN]
    assert QUESTION in (await officer.get(PATH)).text


async def test_entry_is_found_by_its_question(officer: Guest, group: None, made_sessions: Sessions, faq: Faq) -> None:
    question = next(e.question for e in faq.entries if e.key == KEY)

    await press(officer, "them-khac", muc=question.upper())

    assert QUESTION in await examples(made_sessions)


async def test_group_out_of_scope_that_is_not_chosen_is_asked_for(officer: Guest, group: None) -> None:
    answer = await press(officer, "ngoai", nhom="")

    page = (await officer.get(answer.headers["location"])).text
    assert "chọn một nhóm ngoài phạm vi" in page
    assert "Chưa rõ mục nào" not in page


async def test_reason_that_somebody_typed_stays(officer: Guest, group: None, made_sessions: Sessions) -> None:
    async with made_sessions() as session:
        content = (await standing(session, KEY)).content
    card = await Card.open(officer, KEY, content or {})
    await card.save(short="Câu trả lời mới.", why="theo phụ huynh")

    await press(officer, f"them:{KEY}")

    async with made_sessions() as session:
        assert (await standing(session, KEY)).why == "theo phụ huynh; từ hộp câu hỏi"


async def test_group_without_wordings_can_be_put_aside(
    officer: Guest, group: None, made_sessions: Sessions, clock: Clock
) -> None:
    async with made_sessions.begin() as session:
        session.add(InboxGroup(id=77, text="không còn câu", first_at=clock(), last_at=clock(), people=9, rank=9.0))

    assert "Nhóm này không còn giữ câu nào" in (await officer.get(f"{PATH}/77")).text
    await press(officer, "bo-qua", 77, cau=[])

    async with made_sessions() as session:
        assert (await session.get_one(InboxGroup, 77)).decision == Decision.IGNORED


async def test_all_ticks_can_be_taken_away(officer: Guest, group: None) -> None:
    assert " checked" in (await officer.get(f"{PATH}/1")).text
    assert " checked" not in (await officer.get(f"{PATH}/1?chon=khong")).text


async def test_unclear_entry_is_asked_back_with_choices(officer: Guest, group: None, made_sessions: Sessions) -> None:
    answer = await press(officer, "them-khac", muc="vneid là cái chi")

    page = (await officer.get(answer.headers["location"])).text
    assert "Chưa rõ mục nào" in page
    assert 'value="them:vneid.la-gi"' in page
    assert await decisions(made_sessions) == [Decision.OPEN]


async def test_new_entry_is_begun_with_the_sentences(officer: Guest, group: None, made_sessions: Sessions) -> None:
    answer = await press(officer, "muc-moi")

    where = httpx.URL(answer.headers["location"])
    assert where.path == "/muc-moi"
    assert "mat" not in str(where)  # what citizens wrote stands in no address
    form = (await officer.get(str(where))).text
    assert "Đã mang theo 2 câu của người dân" in form
    examples = form.partition('id="o-examples"')[2].partition("</textarea>")[0].splitlines()
    assert {QUESTION, "mất mật khẩu chừ răng hè"} <= set(examples)
    assert 'id="o-question" name="question" type="text" value="M' in form
    assert hidden(form, "nhom") == "1"
    assert await decisions(made_sessions) == [Decision.NEW_ENTRY]


async def targets(sessions: Sessions) -> list[str | None]:
    async with sessions() as session:
        return list(await session.scalars(select(InboxGroup.target)))


async def test_group_is_led_to_the_new_entry_once_that_is_saved(
    officer: Guest, group: None, made_sessions: Sessions
) -> None:
    where = httpx.URL((await press(officer, "muc-moi")).headers["location"])
    card = await Card.new(officer, f"?{where.query.decode()}")
    number = hidden(card.page, "nhom")

    await card.piece("tu-luu", nhom=number, title=NEW["title"])
    resumed = await Card.new(officer, f"?dung={card.rest['moi']}")
    assert hidden(resumed.page, "nhom") == "1"
    await card.save(nhom=number, short="")
    assert await targets(made_sessions) == [None]
    assert (await card.save(nhom=number, **NEW)).status_code == 303
    assert await targets(made_sessions) == ["vneid.doi-anh-dai-dien"]

    again = await Card.new(officer)
    assert (
        await again.save(nhom=number, **{**NEW, "examples": NEW["examples"].replace("thử", "nữa")})
    ).status_code == 303
    assert await targets(made_sessions) == ["vneid.doi-anh-dai-dien"]
    page = (await officer.get(f"{PATH}?xem=da-quyet")).text
    assert 'href="/faq/vneid.doi-anh-dai-dien">Đổi ảnh đại diện trên VNeID thế nào?' in page


@pytest.mark.parametrize("number", ["1", "2", "0", "-1", "x", "9" * 30, SCRIPT])
async def test_new_entry_leads_no_group_to_it_that_was_not_decided_so(
    officer: Guest, group: None, made_sessions: Sessions, number: str
) -> None:
    card = await Card.new(officer)

    assert (await card.save(nhom=number, **NEW)).status_code == 303

    assert await targets(made_sessions) == [None]


async def test_out_of_scope_goes_to_a_group_of_it(
    officer: Guest, group: None, made_sessions: Sessions, faq: Faq
) -> None:
    await press(officer, "ngoai", nhom=faq.outside[1].key)

    async with made_sessions() as session:
        draft = await session.get(Draft, OUTSIDE)
    assert draft is not None
    assert draft.content is not None
    assert QUESTION in draft.content["groups"][1]["examples"]


async def test_second_to_decide_is_told_who_was_first(
    officer: Guest, group: None, made_sessions: Sessions, clock: Clock, passwords: Passwords
) -> None:
    page = (await officer.get(PATH)).text
    token = await officer.token(PATH)
    async with made_sessions.begin() as session:
        found = await session.get(InboxGroup, 1)
        assert found is not None
        found.decision, found.decided_by, found.decided_at = Decision.IGNORED, "hoa", clock()

    sent = {"csrf": token, "viec": f"them:{KEY}", "cau": ticked(page)}
    answer = await officer.client.post(f"{PATH}/1", data=sent)

    told = (await officer.get(answer.headers["location"])).text
    assert "vừa có người khác quyết định" in told
    assert "bởi hoa" in told
    assert QUESTION not in await examples(made_sessions)


STRANGE = {"bị rơi ví thì răng": "a.b", "chứng minh mất mô": "c.d"}


@pytest.fixture
async def strangers(
    app: FastAPI, group: None, made_sessions: Sessions, clock: Clock, inbox: ScriptedRecogniser
) -> None:
    """Two more groups, of subjects that the model has never met."""
    for text, guess in STRANGE.items():
        inbox.learn(text, guess, 0.4)
        await ask(made_sessions, clock() - dt.timedelta(minutes=30), text)
    await app.state.office.inbox.read()


async def join(guest: Guest, *groups: str) -> httpx.Response:
    """Tick groups and press the button."""
    return await guest.client.post(f"{PATH}/gop", data={"csrf": await guest.token(PATH), "gop": list(groups)})


def offered(page: str) -> list[str]:
    """The groups of a page that can be ticked."""
    return re.findall(r'type="checkbox" [^>]*name="gop" value="(\d+)"', page)


async def test_ticked_groups_become_one_and_come_apart_again(
    officer: Guest, strangers: None, made_sessions: Sessions
) -> None:
    groups = offered((await officer.get(PATH)).text)
    assert len(groups) == 3

    joined = (await join(officer, *groups)).headers["location"]

    page = (await officer.get(joined)).text
    assert "Nhóm này do lan gộp từ 3 nhóm" in page
    assert all(text in page for text in (QUESTION, *STRANGE))
    assert len(await decisions(made_sessions)) == 1
    undone = (await officer.send(joined, f"{joined}/tach")).headers["location"]
    page = (await officer.get(undone)).text
    assert "Đã tách lại như trước khi gộp" in page
    assert len(offered(page)) == 3


async def test_ticked_groups_are_decided_on_as_one(officer: Guest, strangers: None, made_sessions: Sessions) -> None:
    joined = (await join(officer, *offered((await officer.get(PATH)).text))).headers["location"]
    page, token = (await officer.get(joined)).text, await officer.token(joined)

    await officer.client.post(joined, data={"csrf": token, "viec": f"them:{KEY}", "cau": ticked(page)})

    assert {QUESTION, *STRANGE} <= set(await examples(made_sessions))
    assert await decisions(made_sessions) == [Decision.ADDED]


async def test_group_is_put_together_with_one_that_is_searched_for(officer: Guest, strangers: None) -> None:
    found = offered((await officer.get(f"{PATH}/1?tim=rơi+ví")).text)

    joined = (await join(officer, "1", *found)).headers["location"]

    assert len(found) == 1
    assert "bị rơi ví thì răng" in (await officer.get(joined)).text


@pytest.mark.parametrize(
    ("groups", "where", "told"),
    [
        ((), PATH, "ít nhất hai nhóm"),
        (("1",), f"{PATH}/1", "ít nhất hai nhóm"),
        (("1", "1", "x", "-2", SCRIPT), f"{PATH}/1", "ít nhất hai nhóm"),
        (("1", "999"), PATH, "vừa có người khác quyết định"),
    ],
)
async def test_what_cannot_be_put_together_is_left_as_it_was(  # noqa: PLR0917 - fixtures
    officer: Guest, strangers: None, made_sessions: Sessions, groups: tuple[str, ...], where: str, told: str
) -> None:
    location = (await join(officer, *groups)).headers["location"]

    assert location.partition("?")[0] == where
    assert told in (await officer.get(location)).text
    assert await decisions(made_sessions) == [Decision.OPEN] * 3
    assert (await officer.send(PATH, f"{PATH}/1/tach")).headers["location"] == f"{PATH}?loi=da-quyet"


async def test_viewer_sees_no_buttons_and_may_not_decide(
    guest: Guest, strangers: None, made_sessions: Sessions, clock: Clock, passwords: Passwords
) -> None:
    async with made_sessions.begin() as session:
        await create_staff(session, "xem", password=PASSWORD, role=Role.VIEWER, passwords=passwords, now=clock())
    await guest.log_in("xem", PASSWORD)

    page = (await guest.get(PATH)).text

    assert QUESTION in page
    assert 'name="viec"' not in page + (await guest.get(f"{PATH}/1")).text
    assert not offered(page)
    assert (await guest.send("/", f"{PATH}/gop", gop="1")).status_code == 403
    assert (await guest.send("/", f"{PATH}/1/tach")).status_code == 403
    assert (await guest.send("/", f"{PATH}/1", viec="bo-qua", cau="x")).status_code == 403
    assert (await guest.send("/", f"{PATH}/1/hoan-tac")).status_code == 403


async def test_script_in_a_question_is_shown_as_text(
    officer: Guest, app: FastAPI, made_sessions: Sessions, clock: Clock, inbox: ScriptedRecogniser
) -> None:
    await ask(made_sessions, clock() - dt.timedelta(minutes=1), f'"><b>{SCRIPT}')
    await app.state.office.inbox.read()

    for path in (PATH, f"{PATH}/1", f"{PATH}?tim={SCRIPT}&chu-de={SCRIPT}&loi={SCRIPT}&xong=1&trang={SCRIPT}"):
        answer = await officer.get(path)
        assert answer.status_code == 200
        assert SCRIPT not in answer.text


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        (f"{PATH}/1", {"viec": "xoa-het"}, 400),
        (f"{PATH}/999", {"viec": "bo-qua", "cau": "x"}, 303),
        (f"{PATH}/chu", {"viec": "bo-qua"}, 404),
        (f"{PATH}/1", {"viec": "them:khong-co"}, 303),
        (f"{PATH}/1", {"viec": "ngoai", "nhom": "khong-co"}, 303),
        (f"{PATH}/1", {"viec": "bo-qua"}, 303),
        (f"{PATH}/1/hoan-tac", {}, 303),
    ],
)
async def test_forged_form_decides_nothing(  # noqa: PLR0917 - fixtures
    officer: Guest, group: None, made_sessions: Sessions, path: str, fields: dict[str, str], status: int
) -> None:
    answer = await officer.send(PATH, path, **fields)

    assert answer.status_code == status
    assert await decisions(made_sessions) == [Decision.OPEN]
    assert (await officer.client.post(f"{PATH}/1", data={"viec": "bo-qua"})).status_code == 403


async def test_list_is_narrowed_by_words_and_topic(officer: Guest, group: None) -> None:
    assert QUESTION in (await officer.get(f"{PATH}?tim=BÉNG")).text
    assert QUESTION in (await officer.get(f"{PATH}?chu-de=vneid")).text
    assert "Không tìm thấy nhóm nào" in (await officer.get(f"{PATH}?tim=khai+sinh")).text
    assert "Không tìm thấy nhóm nào" in (await officer.get(f"{PATH}?chu-de=can-cuoc")).text


async def test_page_is_there_while_the_nlu_server_is_away(
    officer: Guest, group: None, inbox: ScriptedRecogniser
) -> None:
    inbox.broken = ConnectionError()

    assert (await officer.get(PATH)).status_code == 200


async def test_person_who_wants_to_be_forgotten_is_forgotten_here_too(  # noqa: PLR0917 - fixtures
    officer: Guest, app: FastAPI, made_sessions: Sessions, parts: Parts, inbox: ScriptedRecogniser, clock: Clock
) -> None:
    lan = Speaker("telegram", "1", "1")
    person = Pseudonyms("a secret for tests").of("telegram", lan.person)
    await ask(made_sessions, clock() - dt.timedelta(minutes=1), "câu chỉ mình tui hỏi thôi nha bà con", person=person)
    await app.state.office.inbox.read()
    assert "câu chỉ mình tui" in (await officer.get(PATH)).text

    await parts.dialogue.forget(lan)

    assert "câu chỉ mình tui" not in (await officer.get(PATH)).text
    async with made_sessions() as session:
        assert list(await session.scalars(select(InboxMessage))) == []
