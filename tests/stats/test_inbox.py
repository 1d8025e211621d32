"""The inbox: what goes in, what is put together, what is counted, and what leaves no trace."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from faq.audit import Deed
from faq.database import Base, Sessions, connect
from faq.database import sessions as sessions_on
from faq.drafting import standing
from faq.entries import CheckSentence, Faq
from faq.live import Live
from faq.models import Draft, Kind, Release, ReleaseState, Revision
from faq.sheets import OUTSIDE, pieces
from nlu.rasa_client import NluUnavailableError
from nlu.understanding import Guess, Understanding
from stats.endings import Ending
from stats.feedback import HELPFUL, NOT_HELPFUL, Feedback
from stats.inbox import Decision, InboxGroup, InboxMessage, InboxSighting, forget
from stats.inbox_deciding import Choice, NothingChosenError, NotOpenError, Owners, TooLateError, decide, undo
from stats.inbox_joining import join, take_apart
from stats.inbox_reading import InboxReader
from stats.questions import Asked, Question, row

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
KEY = "vneid.quen-mat-khau"
OTHER = "vneid.kich-hoat"
LAN, HOA = "a" * 32, "b" * 32


class Recogniser:
    """Understands what it was told by a word that a sentence has."""

    def __init__(self, script: dict[str, dict[str, float]]) -> None:
        self.script = script
        self.heard: list[str] = []
        self.broken: set[str] = set()

    async def parse(self, text: str) -> Understanding:
        self.heard.append(text)
        if any(word in text for word in self.broken):
            raise NluUnavailableError
        found = next(
            (guesses for word, guesses in self.script.items() if word in text), {"ngoai-pham-vi.vo-nghia": 0.2}
        )
        return Understanding.of(Guess(intent, confidence) for intent, confidence in found.items())


class Fixed:
    def __init__(self, faq: Faq) -> None:
        self.live = Live(faq)

    async def now(self) -> Live:
        return self.live


class Inbox:
    """An inbox with its database, and a clock to move."""

    def __init__(self, sessions: Sessions, faq: Faq, checks: Iterable[CheckSentence] = ()) -> None:
        self.sessions, self.now = sessions, NOW
        self.recogniser = Recogniser({"mật khẩu": {KEY: 0.4, "a.b": 0.1}, "kích hoạt": {OTHER: 0.4, "c.d": 0.05}})
        self.faq = Fixed(faq)
        self.reader = InboxReader(sessions, self.recogniser, lambda: self.now, faq=self.faq, checks=checks)

    async def ask(self, text: str, person: str | None = LAN, ago: float = 60, **fields: object) -> str:
        values = {"ending": Ending.NOT_UNDERSTOOD, "channel": "telegram", "confidence": 0.4} | fields
        asked = Asked(
            id=uuid.uuid4().hex, asked_at=self.now - dt.timedelta(minutes=ago), text=text, person=person, **values
        )
        async with self.sessions.begin() as session:
            session.add(Question(**row(asked)))
        return asked.id

    async def complain(self, text: str, kind: str = NOT_HELPFUL, name: str = "f" * 32) -> None:
        async with self.sessions.begin() as session:
            values = {"channel": "telegram", "entry": KEY, "person": LAN, "reason": None, "release": None}
            await session.merge(Feedback(id=name, said_at=self.now, kind=kind, text=text, **values))

    async def groups(self, decision: Decision = Decision.OPEN) -> list[InboxGroup]:
        async with self.sessions() as session:
            query = select(InboxGroup).where(InboxGroup.decision == decision).order_by(InboxGroup.rank.desc())
            return list(await session.scalars(query))

    async def texts(self, group: int) -> set[str]:
        async with self.sessions() as session:
            return set(await session.scalars(select(InboxMessage.text).where(InboxMessage.group_id == group)))

    async def decides(self, group: int, decision: Decision, *wordings: str, target: str | None = None) -> int:
        async with self.sessions.begin() as session:
            known = Owners.of(self.faq.live, await session.scalars(select(Draft)))
            chosen = wordings or await session.scalars(
                select(InboxMessage.folded).where(InboxMessage.group_id == group)
            )
            values = {"wordings": set(chosen), "author": "lan", "now": self.now, "target": target}
            return (await decide(session, group, Choice(decision=decision, **values), known)).added

    async def undoes(self, group: int) -> None:
        async with self.sessions.begin() as session:
            await undo(session, group, author="lan", now=self.now)

    async def joins(self, *groups: int) -> int:
        async with self.sessions.begin() as session:
            return (await join(session, groups, author="lan", now=self.now)).id

    async def takes_apart(self, group: int) -> None:
        async with self.sessions.begin() as session:
            await take_apart(session, group, author="lan", now=self.now)

    async def examples(self, key: str = KEY) -> tuple[bool, list[str]]:
        async with self.sessions() as session:
            stands = await standing(session, key)
            assert stands.content is not None
            return stands.drafted, stands.content["examples"]


@pytest.fixture
async def tables(tmp_path: Path) -> AsyncIterator[Sessions]:
    """A SQLite database with the tables of all rooms."""
    engine = connect(f"sqlite:///{tmp_path}/service.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield sessions_on(engine)
    await engine.dispose()


@pytest.fixture
async def inbox(tables: Sessions, shipped: Faq) -> Inbox:
    """An inbox beside a FAQ of which two entries and the sheet of what is out of scope are live."""
    found = pieces(shipped)
    async with tables.begin() as session:
        revisions = [
            Revision(kind=p.kind, key=p.key, number=1, content=p.content, author="hoa", created_at=NOW)
            for p in (found[KEY], found[OTHER], found[OUTSIDE])
        ]
        fields = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "hoa", "created_at": NOW}
        session.add(Release(name="1", state=ReleaseState.LIVE, live_since=NOW, revisions=revisions, **fields))
    return Inbox(tables, shipped)


async def test_what_was_answered_badly_goes_in_and_nothing_else(inbox: Inbox) -> None:
    await inbox.ask("chưa hiểu mật khẩu")
    await inbox.ask("hỏi lại mật khẩu", ending=Ending.OFFERED, offered=(KEY,))
    await inbox.ask("từ chối vội mật khẩu", ending=Ending.OUT_OF_SCOPE, confidence=0.6)
    await inbox.ask("bóng đá", ending=Ending.OUT_OF_SCOPE, confidence=0.95)
    await inbox.ask("trả lời được", ending=Ending.ANSWERED)
    await inbox.ask("thử mật khẩu", channel="test")
    await inbox.ask("nút mật khẩu", kind="button")
    await inbox.complain("chưa có ích mật khẩu")

    await inbox.reader.read()

    async with inbox.sessions() as session:
        texts = set(await session.scalars(select(InboxMessage.text)))
    assert texts == {"chưa hiểu mật khẩu", "hỏi lại mật khẩu", "từ chối vội mật khẩu", "chưa có ích mật khẩu"}


async def test_same_words_are_one_row_and_same_wish_one_group(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu rồi", LAN)
    await inbox.ask("QUEN MAT KHAU ROI!", HOA)
    await inbox.ask("mất luôn mật khẩu", HOA)
    await inbox.ask("kích hoạt sao đây", LAN)

    await inbox.reader.read()

    groups = await inbox.groups()
    assert [(g.people, g.times, g.wordings, g.guess) for g in groups] == [(2, 3, 2, KEY), (1, 1, 1, OTHER)]
    assert groups[0].rank == pytest.approx(2 * 0.6)


async def test_question_is_counted_once_however_often_it_is_read(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu")

    assert [await inbox.reader.read() for _ in range(3)] == [1, 0, 0]
    assert [g.times for g in await inbox.groups()] == [1]
    assert inbox.recogniser.heard == ["quên mật khẩu"]


async def test_row_that_arrives_days_late_is_counted(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu")
    await inbox.reader.read()

    await inbox.ask("quên mật khẩu", HOA, ago=3 * 24 * 60)
    await inbox.reader.read()

    (group,) = await inbox.groups()
    assert (group.people, group.times) == (2, 2)
    assert group.first_at == NOW - dt.timedelta(days=3)


async def test_many_rows_of_one_moment_are_all_read(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stats.inbox_reading.BATCH", 3)
    for number in range(10):
        await inbox.ask(f"mật khẩu {number} hả")

    assert await inbox.reader.read() == 10
    assert sum(g.times for g in await inbox.groups()) == 10


async def test_offer_that_was_taken_up_is_no_doubt(inbox: Inbox) -> None:
    await inbox.ask("vô vneid mật khẩu", ending=Ending.OFFERED, offered=(KEY, OTHER), ago=30)
    await inbox.ask("", kind="button", ending=Ending.ANSWERED, entry=OTHER, ago=25)
    await inbox.ask("mở không ra mật khẩu", HOA, ending=Ending.OFFERED, offered=(KEY,), ago=30)
    await inbox.ask("", HOA, kind="button", ending=Ending.ANSWERED, entry=OTHER, ago=25)

    await inbox.reader.read()

    (group,) = await inbox.groups()
    assert await inbox.texts(group.id) == {"mở không ra mật khẩu"}


async def test_offer_waits_until_it_may_have_been_taken_up(inbox: Inbox) -> None:
    await inbox.ask("mật khẩu chi rứa", ending=Ending.OFFERED, offered=(KEY,), ago=5)

    assert await inbox.reader.read() == 0
    inbox.now += dt.timedelta(minutes=6)
    assert await inbox.reader.read() == 1


async def test_complaint_taken_back_goes(inbox: Inbox) -> None:
    await inbox.complain("mật khẩu")
    await inbox.reader.read()
    await inbox.complain("mật khẩu", HELPFUL)

    await inbox.reader.read()

    assert await inbox.groups() == []


async def test_nothing_is_lost_while_the_nlu_server_is_away(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu")
    inbox.recogniser.broken = {"mật khẩu"}
    with pytest.raises(NluUnavailableError):
        await inbox.reader.read()
    assert await inbox.groups() == []

    inbox.recogniser.broken = set()
    await inbox.reader.read()

    assert len(await inbox.groups()) == 1


async def test_sentence_the_server_cannot_take_keeps_no_other_waiting(inbox: Inbox) -> None:
    await inbox.ask("câu lạ lùng")
    await inbox.ask("quên mật khẩu")
    inbox.recogniser.broken = {"lạ lùng"}

    await inbox.reader.read()

    assert {g.text for g in await inbox.groups()} == {"câu lạ lùng", "quên mật khẩu"}


async def test_forgotten_person_leaves_nothing(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu", LAN)
    await inbox.ask("quên mật khẩu", HOA)
    await inbox.ask("chỉ tui hỏi mật khẩu", LAN)
    await inbox.ask("kích hoạt", LAN)
    await inbox.reader.read()

    async with inbox.sessions.begin() as session:
        await forget(session, LAN)

    (group,) = await inbox.groups()
    assert (group.people, group.times, group.wordings, group.text) == (1, 1, 1, "quên mật khẩu")
    assert "=hoi" not in group.profile
    async with inbox.sessions() as session:
        assert list(await session.scalars(select(InboxMessage.text))) == ["quên mật khẩu"]
        assert await session.scalar(select(func.count()).where(InboxSighting.person == LAN)) == 0


async def test_question_removed_while_it_was_being_understood_does_not_come_in(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu", LAN)
    parse = inbox.recogniser.parse

    async def slow(text: str) -> Understanding:
        async with inbox.sessions.begin() as session:
            await session.delete((await session.scalars(select(Question))).one())
            await forget(session, LAN)
        return await parse(text)

    inbox.recogniser.parse = slow  # type: ignore[method-assign]
    await inbox.reader.read()

    async with inbox.sessions() as session:
        counts = [await session.scalar(select(func.count()).select_from(t)) for t in (InboxSighting, InboxMessage)]
    assert counts == [0, 0]


async def test_open_group_goes_after_ninety_days_and_a_decided_one_stays(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu")
    await inbox.ask("kích hoạt")
    await inbox.reader.read()
    decided = next(g for g in await inbox.groups() if g.guess == KEY)
    await inbox.decides(decided.id, Decision.IGNORED)

    inbox.now += dt.timedelta(days=91)
    await inbox.reader.read()

    assert await inbox.groups() == []
    assert len(await inbox.groups(Decision.IGNORED)) == 1


async def test_decision_adds_examples_to_the_draft_and_is_noted(inbox: Inbox) -> None:
    await inbox.ask("mật khẩu vneid tui quên béng mất tiêu")
    await inbox.reader.read()
    (group,) = await inbox.groups()

    assert await inbox.decides(group.id, Decision.ADDED, target=KEY) == 1

    drafted, examples = await inbox.examples()
    assert drafted
    assert examples[-1] == "mật khẩu vneid tui quên béng mất tiêu"
    async with inbox.sessions() as session:
        deed = (await session.scalars(select(Deed).where(Deed.act == "inbox.added"))).one()
    assert (deed.author, deed.subject, deed.details["examples"]) == ("lan", KEY, 1)
    assert "béng" not in str(deed.details)


async def test_wordings_left_out_stay_open_and_come_back_with_undo(inbox: Inbox) -> None:
    await inbox.ask("mật khẩu vneid tui quên béng mất tiêu")
    await inbox.ask("mật khẩu máy tính cơ quan", HOA)
    await inbox.reader.read()
    (group,) = await inbox.groups()

    await inbox.decides(group.id, Decision.ADDED, "mat khau vneid tui quen beng mat tieu", target=KEY)
    (left,) = await inbox.groups()
    assert await inbox.texts(left.id) == {"mật khẩu máy tính cơ quan"}

    await inbox.undoes(group.id)

    (whole,) = await inbox.groups()
    assert (whole.id, whole.wordings, whole.people) == (group.id, 2, 2)
    assert await inbox.examples() == (False, (await inbox.examples())[1])


async def test_undo_keeps_what_the_entry_had_before(inbox: Inbox) -> None:
    _, before = await inbox.examples()
    await inbox.ask(f"{before[0]}")
    await inbox.ask("mật khẩu quên béng rồi chừ răng")
    inbox.recogniser.script = {"": {KEY: 0.9}}
    await inbox.reader.read()
    (group,) = await inbox.groups()
    await inbox.decides(group.id, Decision.ADDED, target=KEY)

    await inbox.undoes(group.id)

    assert (await inbox.examples())[1] == before


async def test_undo_is_refused_once_the_draft_is_gone(inbox: Inbox) -> None:
    await inbox.ask("mật khẩu vneid tui quên béng mất tiêu")
    await inbox.reader.read()
    (group,) = await inbox.groups()
    await inbox.decides(group.id, Decision.ADDED, target=KEY)
    async with inbox.sessions.begin() as session:
        await session.delete((await session.scalars(select(Draft))).one())

    with pytest.raises(TooLateError):
        await inbox.undoes(group.id)

    assert [g.id for g in await inbox.groups(Decision.ADDED)] == [group.id]


async def test_second_of_two_who_decide_is_told(inbox: Inbox) -> None:
    await inbox.ask("quên mật khẩu")
    await inbox.reader.read()
    (group,) = await inbox.groups()
    await inbox.decides(group.id, Decision.IGNORED)

    with pytest.raises(NotOpenError) as told:
        await inbox.decides(group.id, Decision.ADDED, target=KEY)

    assert told.value.author == "lan"
    assert await inbox.examples() == (False, (await inbox.examples())[1])


async def test_out_of_scope_goes_to_its_sheet_and_back(inbox: Inbox, shipped: Faq) -> None:
    await inbox.ask("dạ cho hỏi giá bún bò ngoài chợ đêm")
    await inbox.reader.read()
    (group,) = await inbox.groups()
    outside = shipped.outside[0].key

    await inbox.decides(group.id, Decision.OUTSIDE, target=outside)
    async with inbox.sessions() as session:
        sheet = await standing(session, OUTSIDE, kind=Kind.SHEET)
    assert sheet.draft is not None
    assert "dạ cho hỏi giá bún bò ngoài chợ đêm" in sheet.draft["groups"][0]["examples"]

    await inbox.undoes(group.id)

    async with inbox.sessions() as session:
        assert not (await standing(session, OUTSIDE, kind=Kind.SHEET)).drafted


async def test_what_can_be_no_example_is_left_out(tables: Sessions, inbox: Inbox, shipped: Faq) -> None:
    inbox = Inbox(tables, shipped, [CheckSentence(text="bị khóa mật khẩu vneid hoài", entry=KEY)])
    inbox.recogniser.script = {"": {KEY: 0.9}}
    owned = next(e for e in shipped.entries if e.key == OTHER).examples[0]
    for text in (
        "mật khẩu của [số điện thoại]",
        "bị khoá mật khẩu vneid hoài",
        owned,
        "mật khẩu quên béng rồi chừ răng",
    ):
        await inbox.ask(text)
    await inbox.reader.read()
    (group,) = await inbox.groups()

    assert await inbox.decides(group.id, Decision.ADDED, target=KEY) == 1
    assert (await inbox.examples())[1][-1] == "mật khẩu quên béng rồi chừ răng"


async def test_group_of_nothing_but_unfit_wordings_cannot_be_added(inbox: Inbox) -> None:
    await inbox.ask("mật khẩu của [số điện thoại]")
    await inbox.reader.read()
    (group,) = await inbox.groups()

    with pytest.raises(NothingChosenError):
        await inbox.decides(group.id, Decision.ADDED, target=KEY)

    assert len(await inbox.groups()) == 1


async def test_new_wording_of_a_decided_group_waits_beside_it_unless_it_is_nearly_the_same(inbox: Inbox) -> None:
    await inbox.ask("quên mất mật khẩu vneid")
    await inbox.reader.read()
    (group,) = await inbox.groups()
    await inbox.decides(group.id, Decision.ADDED, target=KEY)

    await inbox.ask("quên mất mật khẩu vneidd", HOA)
    await inbox.ask("đặt lại mật khẩu kiểu răng hè", HOA)
    await inbox.ask("xin mật khẩu khác", HOA)
    await inbox.reader.read()

    (new,) = await inbox.groups()
    assert (new.follows, new.wordings) == (group.id, 2)
    assert await inbox.texts(group.id) == {"quên mất mật khẩu vneid", "quên mất mật khẩu vneidd"}


async def test_groups_that_turn_out_the_same_become_one(inbox: Inbox) -> None:
    inbox.recogniser.script = {"xe cũ": {"a": 1.0}, "sang tên": {"b": 1.0}, "cả hai": {"a": 0.5, "b": 0.5}}
    await inbox.ask("xe cũ")
    await inbox.ask("sang tên")
    await inbox.reader.read()
    assert len(await inbox.groups()) == 2

    for text in ("cả hai một", "cả hai hai", "cả hai ba", "cả hai bốn"):
        await inbox.ask(text)
    await inbox.reader.read()

    assert [g.wordings for g in await inbox.groups()] == [6]


STRANGE = {"rơi ví": {"x.mot": 0.5}, "chứng minh mô": {"x.hai": 0.5}, "thủ tục giấy": {"x.ba": 0.5}}
"""Subjects that the model has never met: it takes each for something else."""


async def strangers(inbox: Inbox) -> list[int]:
    """Three groups, the first of which two people asked."""
    inbox.recogniser.script = dict(STRANGE)
    for text in STRANGE:
        await inbox.ask(text)
    await inbox.ask("rơi ví", HOA)
    await inbox.reader.read()
    groups = {group.text: group.id for group in await inbox.groups()}
    return [groups[text] for text in STRANGE]


async def test_groups_put_together_stay_so_and_what_is_like_any_of_them_goes_there(inbox: Inbox) -> None:
    first, second, third = await strangers(inbox)

    assert await inbox.joins(second, third, first) == first

    (group,) = await inbox.groups()
    assert (group.id, group.text, group.people, group.times, group.wordings) == (first, "rơi ví", 2, 4, 3)
    for text in ("bị rơi ví rồi", "chứng minh mô chừ", "thủ tục giấy răng", "thủ tục giấy chi"):
        await inbox.ask(text)
    await inbox.reader.read()
    (group,) = await inbox.groups()
    assert (group.id, group.wordings) == (first, 7)


async def test_groups_put_together_come_apart_with_what_came_in_meanwhile(inbox: Inbox) -> None:
    first, second, third = await strangers(inbox)
    pair = await inbox.joins(first, second)
    every = await inbox.joins(pair, third)
    await inbox.ask("thủ tục giấy răng")
    await inbox.reader.read()

    await inbox.takes_apart(every)

    assert {frozenset(await inbox.texts(group.id)) for group in await inbox.groups()} == {
        frozenset({"rơi ví", "chứng minh mô"}),
        frozenset({"thủ tục giấy", "thủ tục giấy răng"}),
    }
    with pytest.raises(NotOpenError):
        await inbox.takes_apart(every)


async def test_decision_on_groups_put_together_is_one_and_is_taken_back_as_one(inbox: Inbox) -> None:
    first, *_ = await strangers(inbox)
    await inbox.joins(*[group.id for group in await inbox.groups()])

    assert await inbox.decides(first, Decision.ADDED, "roi vi", "thu tuc giay", target=KEY) == 2
    await inbox.ask("thủ tục giấy chi đó")
    await inbox.reader.read()
    assert {group.follows for group in await inbox.groups()} == {None, first}
    await inbox.undoes(first)

    group = max(await inbox.groups(), key=lambda one: one.wordings)
    assert (group.id, group.wordings) == (first, 3)
    await inbox.takes_apart(first)
    assert sorted(g.wordings for g in await inbox.groups()) == [1, 1, 1, 1]


async def test_decided_group_is_put_together_with_nothing(inbox: Inbox) -> None:
    first, second, third = await strangers(inbox)
    await inbox.joins(first, second)
    await inbox.decides(first, Decision.IGNORED)

    for groups in ((first, third), (third, 999)):
        with pytest.raises(NotOpenError):
            await inbox.joins(*groups)
    with pytest.raises(NotOpenError):
        await inbox.takes_apart(first)

    assert [group.id for group in await inbox.groups()] == [third]


async def test_forgotten_person_leaves_nothing_in_groups_put_together(inbox: Inbox) -> None:
    first, second, _ = await strangers(inbox)
    await inbox.joins(first, second)

    async with inbox.sessions.begin() as session:
        await forget(session, LAN)

    (group,) = await inbox.groups()
    assert "chung" not in str((group.parts, group.profile))
    assert await inbox.texts(first) == {"rơi ví"}


async def test_machine_adds_to_what_staff_put_together_but_joins_no_two_such(inbox: Inbox) -> None:
    seasons = ("xuân", "hạ", "thu", "đông")
    inbox.recogniser.script = {season: {f"x.{season}": 0.5} for season in seasons}
    for text in seasons:
        await inbox.ask(text)
    await inbox.reader.read()
    one, two, three, four = sorted(group.id for group in await inbox.groups())
    kept = {await inbox.joins(one, two), await inbox.joins(three, four)}

    inbox.recogniser.script = {"cả": {f"x.{season}": 0.25 for season in seasons}}
    for text in ("cả một", "cả hai", "cả ba", "cả bốn"):
        await inbox.ask(text)
    await inbox.reader.read()

    assert kept <= {group.id for group in await inbox.groups()}
