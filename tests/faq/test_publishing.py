"""What staff publish goes live whole or not at all, on a real Rasa."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from faq.checking import NO_SUCH_WORD
from faq.database import connect, sessions
from faq.entries import SCAM_TOPIC, Faq
from faq.judging import Gate
from faq.models import Draft, Kind, Release, ReleaseState
from faq.problems import BrokenContentError
from faq.releasing import LIVE_MODEL, BusyError, NothingToPublishError, RefusedError, UnknownReleaseError
from nlu.rasa_client import NluUnavailableError, RasaClient
from tests.conftest import RunningRasa, publisher
from tests.faq.conftest import Town
from tests.faq.samples import AUTHOR, NOW, changed, made, with_entries

pytestmark = pytest.mark.rasa

NEW_KEY = "can-cuoc.phi-thuyen"
NEW_WORDS = "phi thuyền zeppelin"


def with_something_new(faq: Faq) -> Faq:
    """`faq` and an entry whose words no other entry has."""
    examples = tuple(
        f"{NEW_WORDS} {word}" for word in ["bay", "đậu", "lên", "xuống", "nhanh", "chậm", "cao", "thấp", "to", "nhỏ"]
    )
    return with_entries(faq, (*faq.entries, made(NEW_KEY, question=f"{NEW_WORDS} là gì?", examples=examples)))


def without_most(faq: Faq) -> Faq:
    """`faq` as somebody leaves it who deletes what most citizens ask."""
    kept = [e for e in faq.entries if e.topic == SCAM_TOPIC][:2] + [e for e in faq.entries if e.topic != SCAM_TOPIC][:2]
    return with_entries(faq, (e.model_copy(update={"related": ()}) for e in kept))


async def states(town: Town) -> list[str]:
    async with town.sessions() as session:
        return list(await session.scalars(select(Release.state).order_by(Release.id)))


async def drafts(town: Town) -> set[str]:
    async with town.sessions() as session:
        return set(await session.scalars(select(Draft.key)))


async def test_changed_text_goes_live_with_the_next_message_and_without_training(town: Town) -> None:
    key = town.faq.entries[0].key
    reader = town.new_reader()
    before = (await reader.now()).entries[key].short
    model = await town.rasa.live_model()

    published = await town.publish(changed(town.faq, key, short="Câu trả lời mới."))

    assert (published.trained, published.changes.changed) == (False, (key,))
    assert before != (await reader.now()).entries[key].short == "Câu trả lời mới."
    assert await town.rasa.live_model() == model
    assert await drafts(town) == set()


@pytest.fixture
async def database_of_rasa(rasa: RunningRasa, spoken: Faq, tmp_path: Path) -> AsyncIterator[Town]:
    """The town of the session's Rasa, copied: what happens to it stays here."""
    shutil.copy(rasa.database_url.removeprefix("sqlite:///"), tmp_path / "copy.db")
    shutil.copytree(rasa.models, tmp_path / "models")
    engine = connect(f"sqlite:///{tmp_path}/copy.db")
    async with RasaClient.at(rasa.url) as client:
        yield Town(sessions(engine), client, tmp_path / "models", spoken)
    await engine.dispose()


async def test_text_of_the_whole_faq_goes_live_without_training(
    rasa: RunningRasa, spoken: Faq, database_of_rasa: Town
) -> None:
    key = spoken.entries[-1].key
    town = database_of_rasa
    await town.draft(changed(spoken, key, short="Câu trả lời mới."))

    published = await publisher(town.sessions, town.rasa, town.models).publish(author=AUTHOR)

    assert not published.trained
    assert published.report == rasa.published.report
    assert (await town.live()).entries[-1].short == "Câu trả lời mới."


async def test_changed_examples_train_and_switch(town: Town) -> None:
    model = await town.rasa.live_model()
    said: list[str] = []
    await town.draft(with_something_new(town.faq))

    published = await town.publisher().publish(author=AUTHOR, progress=lambda what, _share: said.append(what))

    assert published.trained
    assert published.changes.new == (NEW_KEY,)
    assert await town.guess(f"{NEW_WORDS} bay") == NEW_KEY
    assert await town.rasa.live_model() != model
    assert said[0].startswith("Huấn luyện")
    assert said[-1] == "Chuyển sang bản mới"
    assert await states(town) == [ReleaseState.PAST, ReleaseState.LIVE]
    assert NEW_KEY in (await town.new_reader().now()).entries


async def test_candidate_that_fails_is_refused_with_its_sentences_and_the_old_one_answers_on(town: Town) -> None:
    model, files = await town.rasa.live_model(), set(town.models.glob("*.tar.gz"))
    asked = town.faq.entries[5].examples[0]
    meant = await town.guess(asked)

    with pytest.raises(RefusedError) as caught:
        await town.publish(without_most(town.faq))

    failures = caught.value.report.failures
    assert len(failures) > 20
    assert all(failure.text and failure.guessed != failure.expected for failure in failures)
    assert "cần ít nhất" in str(caught.value) or "kém bản đang chạy" in str(caught.value)
    assert (await town.rasa.live_model(), await town.guess(asked)) == (model, meant)
    assert len((await town.live()).entries) == len(town.faq.entries)
    assert set(town.models.glob("*.tar.gz")) == files
    assert await states(town) == [ReleaseState.LIVE, ReleaseState.REJECTED]
    assert await drafts(town) != set()


async def test_broken_drafts_are_refused_before_training(town: Town) -> None:
    key = town.faq.entries[0].key

    with pytest.raises(BrokenContentError) as caught:
        await town.publish(changed(town.faq, key, short="Đến {khong-co}."))

    assert [(p.entry, p.why) for p in caught.value.problems] == [(key, NO_SUCH_WORD.format("{khong-co}"))]
    assert await states(town) == [ReleaseState.LIVE]


async def test_draft_of_a_shape_that_is_none_is_refused(town: Town) -> None:
    async with town.sessions.begin() as session:
        content = {"key": "can-cuoc.hong", "title": "x"}
        session.add(Draft(key="can-cuoc.hong", kind=Kind.ENTRY, content=content, author=AUTHOR, updated_at=NOW))

    with pytest.raises(BrokenContentError):
        await town.publisher().publish(author=AUTHOR)

    assert await states(town) == [ReleaseState.LIVE]


async def test_without_drafts_there_is_nothing_to_publish(town: Town) -> None:
    await town.draft(town.faq)

    with pytest.raises(NothingToPublishError):
        await town.publisher().publish(author=AUTHOR)


async def test_of_two_publications_at_once_one_is_told_to_wait(town: Town) -> None:
    await town.draft(changed(town.faq, town.faq.entries[0].key, short="Câu trả lời mới."))

    done = await asyncio.gather(
        town.publisher().publish(author="một"), town.publisher().publish(author="hai"), return_exceptions=True
    )

    assert sorted(type(result).__name__ for result in done) == [BusyError.__name__, "Published"]
    assert await states(town) == [ReleaseState.PAST, ReleaseState.LIVE]


async def test_rolling_back_takes_texts_and_model_together(town: Town) -> None:
    key = town.faq.entries[0].key
    first = await town.new_reader().now()
    await town.publish(changed(with_something_new(town.faq), key, short="Câu trả lời mới."))
    reader = town.new_reader()
    assert (await reader.now()).entries[key].short == "Câu trả lời mới."
    second = (await reader.now()).release

    back = await town.publisher().roll_back()

    now = await reader.now()
    assert back.release == now.release == first.release
    assert (back.left, back.entries) == (second, 2)
    assert now.entries[key].short == first.entries[key].short
    assert NEW_KEY not in now.entries
    assert await town.guess(f"{NEW_WORDS} bay") != NEW_KEY
    assert sorted(await states(town)) == [ReleaseState.LIVE, ReleaseState.PAST]

    with pytest.raises(UnknownReleaseError):  # nothing is before the first
        await town.publisher().roll_back()
    again = await town.publisher().roll_back(second)

    assert (again.release, again.left) == (second, first.release)
    assert await town.guess(f"{NEW_WORDS} bay") == NEW_KEY
    assert NEW_KEY in (await reader.now()).entries


async def test_unknown_live_and_rejected_releases_cannot_be_rolled_back_to(town: Town) -> None:
    live = (await town.new_reader().now()).release
    for name in ("2020-01-01.1", live, None):
        with pytest.raises(UnknownReleaseError):
            await town.publisher().roll_back(name)


async def test_rolling_back_to_a_release_without_its_model_changes_nothing(town: Town) -> None:
    first = (await town.new_reader().now()).release
    await town.publish(with_something_new(town.faq))
    async with town.sessions.begin() as session:
        old = update(Release).where(Release.state == ReleaseState.PAST)
        await session.execute(old.values(model_file="gone.tar.gz"))

    with pytest.raises(UnknownReleaseError):
        await town.publisher().roll_back(first)

    assert await town.guess(f"{NEW_WORDS} bay") == NEW_KEY


async def test_restarted_rasa_gets_the_live_model_back(town: Town, rasa: RunningRasa) -> None:
    await town.rasa.switch(next(p for p in rasa.models.glob("*.tar.gz") if p.name != LIVE_MODEL))

    assert await town.publisher().restore_live_model()
    assert not await town.publisher().restore_live_model()
    assert await town.guess("thẻ căn cước là gì") in {entry.key for entry in town.faq.entries}


class KilledError(BaseException):
    """The process ends here."""


class DiesBeforeSwitching(RasaClient):
    """A client whose process ends when the candidate is trained and judged."""

    async def switch(self, model: Path) -> None:
        raise KilledError


class LosesTheAnswer(RasaClient):
    """Rasa does switch, but its answer gets lost the first time."""

    lost = False

    async def switch(self, model: Path) -> None:
        await super().switch(model)
        if not self.lost:
            self.lost = True
            raise NluUnavailableError("PUT /model: ReadTimeout")


async def test_death_between_training_and_switch_leaves_nothing_half_live(town: Town, rasa: RunningRasa) -> None:
    before, model = await town.new_reader().now(), await town.rasa.live_model()
    await town.draft(with_something_new(town.faq))

    async with DiesBeforeSwitching.at(rasa.url) as dying:
        with pytest.raises(KilledError):
            await town.publisher(dying).publish(author=AUTHOR)

    after = await town.new_reader().now()
    assert (after.release, after.entries.keys()) == (before.release, before.entries.keys())
    assert await town.rasa.live_model() == model
    assert await town.guess(f"{NEW_WORDS} bay") != NEW_KEY
    assert await states(town) == [ReleaseState.LIVE]
    assert NEW_KEY in await drafts(town)

    await town.publisher().publish(author=AUTHOR)

    assert await town.guess(f"{NEW_WORDS} bay") == NEW_KEY


async def test_switch_whose_answer_is_lost_gives_the_old_model_back(town: Town, rasa: RunningRasa) -> None:
    await town.draft(with_something_new(town.faq))

    async with LosesTheAnswer.at(rasa.url) as losing:
        with pytest.raises(NluUnavailableError):
            await town.publisher(losing).publish(author=AUTHOR)

    assert await town.guess(f"{NEW_WORDS} bay") != NEW_KEY
    assert await states(town) == [ReleaseState.LIVE]


async def test_lost_answer_while_rolling_back_keeps_texts_and_model_together(town: Town, rasa: RunningRasa) -> None:
    await town.publish(with_something_new(town.faq))

    async with LosesTheAnswer.at(rasa.url) as losing:
        with pytest.raises(NluUnavailableError):
            await town.publisher(losing).roll_back()

    assert await town.guess(f"{NEW_WORDS} bay") == NEW_KEY
    assert NEW_KEY in {entry.key for entry in (await town.live()).entries}


async def test_rejected_candidate_does_not_take_the_model_of_a_past_release_away(town: Town) -> None:
    first = (await town.new_reader().now()).release
    await town.publish(with_something_new(town.faq))
    await town.draft(town.faq)

    with pytest.raises(RefusedError):
        await town.publisher(gate=Gate(least_right=1.01)).publish(author=AUTHOR)

    assert (await town.publisher().roll_back()).release == first


async def test_no_rasa_refuses_and_changes_nothing(town: Town) -> None:
    await town.draft(with_something_new(town.faq))

    async with RasaClient.at("http://127.0.0.1:9") as nobody:
        with pytest.raises(NluUnavailableError):
            await town.publisher(nobody).publish(author=AUTHOR)

    assert await states(town) == [ReleaseState.LIVE]
    assert NEW_KEY in await drafts(town)


async def test_training_again_leaves_drafts_to_their_editors(town: Town) -> None:
    key = town.faq.entries[0].key
    await town.draft(changed(town.faq, key, short="Chưa ai duyệt câu này."))
    for path in town.models.glob("*.tar.gz"):
        path.unlink()
    publisher = town.publisher()
    assert not await publisher.has_live_model()

    published = await publisher.retrain(author="cài đặt")

    assert published.trained
    assert await publisher.has_live_model()
    assert (await town.live()).entries[0].short == town.faq.entries[0].short
    assert (await publisher.publish(author="biên tập")).changes.changed == (key,)
    assert (await town.live()).entries[0].short == "Chưa ai duyệt câu này."
