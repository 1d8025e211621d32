"""A publication on its way: prepared, rehearsed, decided by a second person, switched; whatever happens meanwhile."""

import asyncio
import datetime as dt
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update

from faq.audit import Deed
from faq.database import Base, connect, sessions
from faq.drafting import save, standing
from faq.entries import EMERGENCY, SCAM_TOPIC, Faq
from faq.judging import Gate
from faq.live import LiveFaq
from faq.models import Draft, Publication, PublicationState, Release, ReleaseState, Revision
from faq.proposing import NotAllowedError, TooLateError, approve, ask, override, withdraw
from faq.publishing import Tracker
from faq.rehearsing import ASKED_BACK, NOT_UNDERSTOOD, OUTSIDE, Rehearsal, Sureness, compare
from faq.releasing import LIVE_MODEL, OvertakenError, Publisher, alone
from faq.sheets import Kind, Piece
from nlu.rasa_client import Judged, RasaServers
from service.environments import ROOT
from tests.faq.paper import Desk, PaperRasa, sentences_of
from tests.faq.samples import changed

EDITOR, APPROVER = "lan", "minh"
WORDS = "zeppelin bay đâu"
Decide = Callable[..., Awaitable[bool]]


@pytest.fixture
async def desk(small: Faq, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk where the small FAQ is live."""
    engine = connect(f"sqlite:///{tmp_path}/desk.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    desk = Desk(sessions(engine), tmp_path)
    desk.sentences = sentences_of(small)
    await desk.draft(small)
    await desk.publisher.publish(author="cài đặt")
    yield desk
    await engine.dispose()


def first(faq: Faq) -> str:
    return faq.entries[0].key


def with_words(faq: Faq, words: str = WORDS, number: int = 0) -> Faq:
    """`faq` with one more example in one entry."""
    entry = faq.entries[number]
    return changed(faq, entry.key, examples=(*entry.examples, words))


async def asked(desk: Desk, *keys: str) -> int:
    async with desk.sessions.begin() as session:
        return (await ask(session, keys, why="vì sao", author=EDITOR, now=desk.now)).id


async def found(desk: Desk, number: int) -> Publication:
    async with desk.sessions() as session:
        return await session.get_one(Publication, number)


async def prepared(desk: Desk, *keys: str) -> int:
    number = await asked(desk, *keys)
    assert await desk.worker.prepare_next()
    return number


async def approved(desk: Desk, number: int, approver: str = APPROVER) -> bool:
    async with desk.sessions.begin() as session:
        return await approve(session, number, approver=approver, now=desk.now)


async def in_state(desk: Desk, number: int, state: str) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(update(Publication).where(Publication.id == number).values(state=state))


async def live(desk: Desk) -> Release:
    async with desk.sessions() as session:
        release = await session.scalar(select(Release).where(Release.state == ReleaseState.LIVE))
    assert release is not None
    return release


async def drafts(desk: Desk) -> set[str]:
    async with desk.sessions() as session:
        return set(await session.scalars(select(Draft.key)))


async def edited(desk: Desk, key: str, *, by: str = "hoa", **fields: object) -> None:
    """Somebody changes a draft."""
    desk.now += dt.timedelta(seconds=1)
    async with desk.sessions.begin() as session:
        now = await standing(session, key)
        assert now.content is not None
        content = {**now.content, **fields}
        await save(session, Piece(Kind.ENTRY, key, content), base=now.version, author=by, now=desk.now)


async def test_changed_text_is_proposed_without_training_and_says_how_many_are_concerned(
    desk: Desk, small: Faq
) -> None:
    desk.said.times = 12
    await desk.draft(changed(small, first(small), short="Câu trả lời mới."))

    number = await prepared(desk, first(small))

    one = await found(desk, number)
    assert (one.state, one.result["trained"], one.result["changed"]) == ("proposed", False, [first(small)])
    assert Rehearsal.from_json(one.result["rehearsal"]) == Rehearsal(asked_of_changed=12)
    assert desk.said.keys == (first(small),)
    assert desk.rasa.trained == 1


async def test_approved_text_is_live_with_the_next_message_and_only_what_was_chosen(desk: Desk, small: Faq) -> None:
    other = small.entries[1].key
    await desk.draft(changed(changed(small, first(small), short="Mới."), other, short="Chưa chọn."))
    reader = LiveFaq(desk.sessions, small)
    number = await prepared(desk, first(small))

    assert await approved(desk, number)
    assert await desk.worker.switch_next()

    now, one = await reader.now(), await found(desk, number)
    assert (now.entries[first(small)].short, now.entries[other].short) == ("Mới.", small.entries[1].short)
    assert (one.state, one.release, one.approver) == ("live", now.release, APPROVER)
    assert await drafts(desk) == {other}
    acts = ["publication.asked", "publication.approved", "publication.live"]
    assert (await desk.deeds())[-3:] == acts


async def test_changed_examples_are_trained_rehearsed_and_switched(desk: Desk, small: Faq) -> None:
    desk.said.texts = (WORDS, *(f"câu {number} không ai biết" for number in range(220)))
    await desk.draft(with_words(small))
    before = desk.rasa.live

    number = await prepared(desk, first(small))
    one = await found(desk, number)

    rehearsal = Rehearsal.from_json(one.result["rehearsal"])
    assert one.state == PublicationState.PROPOSED
    assert (rehearsal.sentences, rehearsal.different, rehearsal.from_checks) == (221, 1, False)
    assert [(g.before, g.after, g.texts) for g in rehearsal.groups] == [(NOT_UNDERSTOOD, first(small), (WORDS,))]
    assert desk.rasa.live == before

    assert await approved(desk, number)
    await desk.worker.switch_next()

    assert desk.rasa.live == (await live(desk)).model_file != before
    best = (await desk.rasa.parse(WORDS)).best
    assert best is not None
    assert best.intent == first(small)


async def test_with_few_questions_the_check_sentences_are_rehearsed(desk: Desk, small: Faq) -> None:
    desk.said.texts = ("một câu",)
    await desk.draft(with_words(small))

    one = await found(desk, await prepared(desk, first(small)))

    assert one.result["rehearsal"]["from_checks"]
    assert one.result["rehearsal"]["sentences"] == len(desk.sentences)


async def test_revision_tells_who_wrote_it_and_why(desk: Desk, small: Faq) -> None:
    await edited(desk, first(small), short="Mới.")
    async with desk.sessions.begin() as session:
        now = await standing(session, first(small))
        piece = Piece(Kind.ENTRY, now.key, {**(now.content or {}), "short": "Mới hơn."})
        await save(session, piece, base=now.version, author="hoa", now=desk.now, why="theo thông tư mới")

    await approved(desk, await prepared(desk, first(small)))
    await desk.worker.switch_next()

    async with desk.sessions() as session:
        newest = await session.scalar(
            select(Revision).where(Revision.key == first(small)).order_by(Revision.number.desc())
        )
    assert newest is not None
    assert (newest.author, newest.why, newest.number) == ("hoa", "theo thông tư mới", 2)


async def test_author_may_approve_only_in_an_office_of_one(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Mới."))
    number = await prepared(desk, first(small))

    with pytest.raises(NotAllowedError):
        await approved(desk, number, approver=EDITOR)
    async with desk.sessions.begin() as session:
        assert await approve(session, number, approver=EDITOR, now=desk.now, one_person=True)

    with pytest.raises(TooLateError):
        await approved(desk, number)


async def test_refused_candidate_waits_for_a_second_person_with_a_reason(desk: Desk, small: Faq) -> None:
    desk.gate = Gate(least_right=1.01)
    await desk.draft(with_words(small))
    number = await prepared(desk, first(small))
    one = await found(desk, number)
    assert one.state == PublicationState.REFUSED
    assert "cần ít nhất" in one.trouble
    assert (desk.models / one.result["model_file"]).exists()

    for name, why in ((EDITOR, "tôi muốn"), (APPROVER, " ")):
        with pytest.raises(NotAllowedError):
            async with desk.sessions.begin() as session:
                await override(session, number, approver=name, why=why, now=desk.now)
    with pytest.raises(TooLateError):
        await approved(desk, number)
    async with desk.sessions.begin() as session:
        assert await override(session, number, approver=APPROVER, why="câu kiểm tra đã cũ", now=desk.now)
    await desk.worker.switch_next()

    assert (await found(desk, number)).state == PublicationState.LIVE
    assert desk.rasa.live == (await live(desk)).model_file == one.result["model_file"]
    assert {"publication.refused", "publication.overridden"} <= set(await desk.deeds())


async def test_refused_candidate_is_let_go_after_a_week(desk: Desk, small: Faq) -> None:
    desk.gate = Gate(least_right=1.01)
    await desk.draft(with_words(small))
    number = await prepared(desk, first(small))
    model = desk.models / (await found(desk, number)).result["model_file"]
    await desk.worker.tidy()
    assert model.exists()

    desk.now = dt.datetime.now(dt.UTC) + dt.timedelta(days=8)
    await desk.worker.tidy()

    assert (await found(desk, number)).state == PublicationState.WITHDRAWN
    assert (await desk.deeds())[-1] == "publication.withdrawn"
    assert not model.exists()
    assert first(small) in await drafts(desk)


async def test_draft_edited_since_the_proposal_is_prepared_afresh(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Đã xem."))
    number = await prepared(desk, first(small))
    await edited(desk, first(small), short="Chưa ai xem.")

    assert not await approved(desk, number)

    one = await found(desk, number)
    assert (one.state, "chuẩn bị lại" in one.trouble) == (PublicationState.WAITING, True)
    assert not await desk.worker.switch_next()
    await desk.worker.prepare_next()
    assert await approved(desk, number)
    await desk.worker.switch_next()
    assert (await LiveFaq(desk.sessions, small).now()).entries[first(small)].short == "Chưa ai xem."


async def test_draft_edited_between_approval_and_switch_is_not_published_unseen(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Đã xem."))
    number = await prepared(desk, first(small))
    await approved(desk, number)
    await edited(desk, first(small), short="Chưa ai xem.")

    await desk.worker.switch_next()

    assert (await found(desk, number)).state == PublicationState.WAITING
    assert (await LiveFaq(desk.sessions, small).now()).entries[first(small)].short == small.entries[0].short


async def test_draft_edited_while_it_is_published_stays(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Đã xem."))
    plan = await desk.publisher.plan()
    candidate = await desk.publisher.prepare(plan, await desk.publisher.training(plan))
    await edited(desk, first(small), short="Đang viết tiếp.")

    await desk.publisher.go_live(plan, candidate, author=EDITOR)

    assert (await LiveFaq(desk.sessions, small).now()).entries[first(small)].short == "Đã xem."
    assert await drafts(desk) == {first(small)}


async def test_what_was_prepared_on_another_release_is_prepared_afresh(desk: Desk, small: Faq) -> None:
    other = small.entries[1].key
    await desk.draft(changed(changed(small, first(small), short="Một."), other, short="Hai."))
    one, two = await prepared(desk, first(small)), await prepared(desk, other)
    await approved(desk, one)
    await desk.worker.switch_next()

    assert not await approved(desk, two)

    await desk.worker.prepare_next()
    assert await approved(desk, two)
    await desk.worker.switch_next()
    now = await LiveFaq(desk.sessions, small).now()
    assert (now.entries[first(small)].short, now.entries[other].short) == ("Một.", "Hai.")


async def test_candidate_made_before_something_else_went_live_cannot_go_live(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Cũ."))
    plan = await desk.publisher.plan()
    candidate = await desk.publisher.prepare(plan, await desk.publisher.training(plan))
    await desk.draft(with_words(small, number=1))
    await desk.publisher.publish(author="người khác")

    with pytest.raises(OvertakenError):
        await desk.publisher.go_live(plan, candidate, author=EDITOR)


async def test_withdrawing_stops_the_preparation_and_keeps_the_drafts(desk: Desk, small: Faq) -> None:
    await desk.draft(with_words(small))
    number = await asked(desk, first(small))
    training = asyncio.Event()
    train = desk.rasa.train

    async def slowly(*arguments: object) -> Path:
        training.set()
        await asyncio.Event().wait()
        return await train(*arguments)  # type: ignore[arg-type]

    desk.rasa.train = slowly  # type: ignore[method-assign,assignment]
    work = asyncio.create_task(desk.worker.prepare_next())
    await asyncio.wait_for(training.wait(), 20)
    async with desk.sessions.begin() as session:
        await withdraw(session, number, author=EDITOR, why="chưa xong", now=desk.now, may_decline=False)
    await asyncio.wait_for(work, 20)

    one = await found(desk, number)
    assert (one.state, one.trouble) == (PublicationState.WITHDRAWN, "lan: chưa xong")
    assert await drafts(desk) == {first(small)}


async def test_only_author_or_approver_withdraws_and_says_why(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Mới."))
    number = await prepared(desk, first(small))

    for name, why, may in (("hoa", "không thích", False), (EDITOR, " ", False)):
        with pytest.raises(NotAllowedError):
            async with desk.sessions.begin() as session:
                await withdraw(session, number, author=name, why=why, now=desk.now, may_decline=may)
    async with desk.sessions.begin() as session:
        await withdraw(session, number, author=APPROVER, why="sai mức phí", now=desk.now, may_decline=True)

    assert (await found(desk, number)).trouble == "minh: sai mức phí"


@pytest.mark.parametrize("fault", ["away", "cannot_train"])
async def test_failed_preparation_says_so_and_leaves_what_is_live(desk: Desk, small: Faq, fault: str) -> None:
    before = (await live(desk)).name
    await desk.draft(with_words(small))
    setattr(desk.rasa, fault, True)

    one = await found(desk, await prepared(desk, first(small)))

    assert (one.state, "Bản đang chạy" in one.trouble) == (PublicationState.FAILED, True)
    assert (await live(desk)).name == before
    assert await drafts(desk) == {first(small)}


async def test_broken_drafts_fail_with_what_must_be_mended(desk: Desk, small: Faq) -> None:
    await desk.draft(changed(small, first(small), short="Đến {khong-co}."))

    one = await found(desk, await prepared(desk, first(small)))

    assert one.state == PublicationState.FAILED
    assert f"{first(small)}: không rõ {{khong-co}} là gì" in one.trouble


async def test_rolling_back_does_not_wait_for_a_training(desk: Desk, small: Faq) -> None:
    before = await live(desk)
    await desk.draft(with_words(small))
    await desk.publisher.publish(author=EDITOR)
    await edited(desk, first(small), short="Đang viết.")

    with alone(desk.models):
        back = await desk.publisher.roll_back(before.name, author=APPROVER)

    assert (back.release, back.entries) == (before.name, 1)
    assert desk.rasa.live == before.model_file
    assert await drafts(desk) == {first(small)}
    assert (await desk.deeds())[-1] == "release.rolled_back"


async def test_server_with_another_model_is_given_the_live_one(desk: Desk, small: Faq) -> None:
    other = desk.models / "other.tar.gz"
    other.write_text("{}")
    await desk.rasa.switch(other)

    await desk.worker.tidy()

    assert desk.rasa.live == (await live(desk)).model_file


def test_rehearsal_groups_what_ends_otherwise_largest_first() -> None:
    def judged(*guesses: tuple[str, str, float]) -> list[Judged]:
        return [Judged(text, "x.y", guessed, confidence) for text, guessed, confidence in guesses]

    before = judged(("a", "k.a", 0.9), ("b", "k.a", 0.9), ("c", "k.b", 0.9), ("d", "k.b", 0.1), ("e", "k.c", 0.6))
    after = judged(
        ("a", "k.b", 0.9), ("b", "k.b", 0.8), ("c", "k.b", 0.3), ("d", "ngoai-pham-vi.x", 0.8), ("e", "k.c", 0.9)
    )

    found = compare(before, after, Sureness(), from_checks=False)

    assert (found.sentences, found.different) == (5, 4)
    assert [(g.before, g.after, g.count) for g in found.groups] == [
        ("k.a", "k.b", 2),
        ("k.b", ASKED_BACK, 1),
        (NOT_UNDERSTOOD, OUTSIDE, 1),
    ]
    assert Rehearsal.from_json(found.as_json()) == found


def test_rehearsal_marks_who_loses_an_emergency_or_a_warning() -> None:
    said = [(EMERGENCY, "can-cuoc.le-phi"), (f"{SCAM_TOPIC}.a", f"{SCAM_TOPIC}.b"), ("can-cuoc.le-phi", EMERGENCY)]
    before = [Judged(str(n), "x", was, 0.35 if n == 0 else 0.9) for n, (was, _) in enumerate(said)]
    after = [Judged(str(n), "x", now, 0.9) for n, (_, now) in enumerate(said)]

    found = compare(before, after, Sureness(), from_checks=False)

    assert [(group.before, group.texts) for group in found.losses] == [(EMERGENCY, ("0",))]


def test_guessed_share_grows_and_is_never_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("faq.publishing.time.monotonic", lambda: now[0])
    tracker = Tracker(expected=100.0, _since=0.0)
    tracker.train("Huấn luyện", None)

    shares = []
    for seconds in (0, 10, 50, 100, 200, 10_000):
        now[0] = seconds
        shares.append(tracker.share)

    assert shares == sorted(set(shares))
    assert shares[-1] < 0.7


STEPS = ("training", "trained", "judging", "rehearsing", "switching", "switched", "committed")


@pytest.mark.parametrize("step", STEPS)
async def test_killed_process_leaves_nothing_half_live_and_the_next_one_goes_on(
    desk: Desk, small: Faq, tmp_path: Path, step: str
) -> None:
    before, decided = await live(desk), step in {"switching", "switched", "committed"}
    await desk.draft(with_words(small))
    number = await (prepared if decided else asked)(desk, first(small))
    if decided:
        await approved(desk, number)

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faq.dying", str(tmp_path), step, cwd=ROOT
    )
    assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL

    half = await live(desk)
    assert (half.name == before.name) == (step != "committed")
    await desk.worker.tidy()  # what the next process does first
    assert desk.rasa.live == half.model_file
    if not decided:
        assert await desk.worker.prepare_next()
        assert (await found(desk, number)).state == PublicationState.PROPOSED
        assert desk.rasa.trained == 1 + (step == "training")
        assert await approved(desk, number)
    assert await desk.worker.switch_next() == (step != "committed")
    now = await live(desk)
    assert (await found(desk, number)).state == PublicationState.LIVE
    assert desk.rasa.live == now.model_file != before.model_file
    assert (desk.models / LIVE_MODEL).samefile(desk.models / now.model_file)
    assert await drafts(desk) == set()


async def test_server_that_was_away_is_given_the_live_model_when_it_is_back(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    second = PaperRasa(tmp_path / "second")
    publisher = Publisher(
        desk.sessions, RasaServers([desk.rasa, second]), models=desk.models, pipeline={}, sentences=()
    )
    second.away = True
    assert not await publisher.restore_live_model()
    second.away = False

    assert await publisher.restore_live_model()

    assert second.live == desk.rasa.live == (await live(desk)).model_file
    assert not await publisher.restore_live_model()


@pytest.mark.parametrize("decide", [approve, partial(override, why="vẫn cần")])
async def test_who_wrote_any_of_it_is_no_second_person(desk: Desk, small: Faq, decide: Decide) -> None:
    await edited(desk, first(small), by=APPROVER, short="Bản của người duyệt.")
    await edited(desk, first(small), by=EDITOR, question="Câu hỏi khác?")
    number = await prepared(desk, first(small))
    await in_state(desk, number, "refused" if decide is not approve else "proposed")

    async with desk.sessions() as session:
        with pytest.raises(NotAllowedError):
            await decide(session, number, approver=APPROVER, now=desk.now)
        assert await decide(session, number, approver="hoa", now=desk.now)


async def test_who_edits_what_waits_cannot_approve_it_after_it_is_prepared_again(desk: Desk, small: Faq) -> None:
    await edited(desk, first(small), by=EDITOR, short="Mới.")
    number = await prepared(desk, first(small))
    await edited(desk, first(small), by=APPROVER, short="Chữ của người duyệt.")

    with pytest.raises(NotAllowedError, match="đã viết hoặc sửa"):
        await approved(desk, number)
    assert not await approved(desk, number, "hoa")
    assert await desk.worker.prepare_next()
    with pytest.raises(NotAllowedError, match="đã viết hoặc sửa"):
        await approved(desk, number)

    async with desk.sessions() as session:
        again = await session.scalar(select(Deed.author).where(Deed.act == "publication.again"))
        assert again == "hoa"
        assert await approve(session, number, approver=APPROVER, now=desk.now, one_person=True)


async def test_who_wrote_what_is_live_may_decide_about_the_next_change(desk: Desk, small: Faq) -> None:
    await edited(desk, first(small), by=APPROVER, short="Cũ.")
    await prepared(desk, first(small))
    await approved(desk, 1, "hoa")
    await desk.worker.switch_next()
    await edited(desk, first(small), by=EDITOR, short="Mới.")

    assert await approved(desk, await prepared(desk, first(small)))


async def test_log_names_what_went_wrong_and_quotes_nothing(
    desk: Desk, small: Faq, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("chữ trong bản nháp")

    monkeypatch.setattr(Publisher, "plan", broken)
    async with desk.sessions.begin() as session:
        session.add(Publication(state="waiting", drafts={"a.b": "1"}, why="", author=EDITOR, created_at=desk.now))

    await desk.worker.prepare_next()

    assert "ValueError" in caplog.text
    assert "chữ trong bản nháp" not in caplog.text
