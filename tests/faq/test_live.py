"""What citizens are answered from: renewed with the next message, and there when the database is not."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.database import Base, Sessions, connect, sessions
from faq.entries import Faq
from faq.folding import fold
from faq.live import PAUSE_AFTER_FAILURE, Live, LiveFaq
from faq.models import Release, ReleaseState, Revision
from faq.sheets import pieces
from tests.faq.samples import AUTHOR, NOW, changed


async def release(made: Sessions, faq: Faq, name: str) -> None:
    """Make `faq` live as a publication does, without a model."""
    async with made.begin() as session:
        for old in (await session.scalars(Release.__table__.select().with_only_columns(Release.id))).all():
            found = await session.get(Release, old)
            assert found is not None
            found.state = ReleaseState.PAST
        number = int(name[-1])
        revisions = [
            Revision(kind=p.kind, key=p.key, number=number, content=p.content, author=AUTHOR, created_at=NOW)
            for p in pieces(faq).values()
        ]
        session.add(
            Release(
                name=name,
                state=ReleaseState.LIVE,
                model_file="m.tar.gz",
                fingerprint=name,
                report={},
                author=AUTHOR,
                created_at=NOW,
                live_since=NOW,
                revisions=revisions,
            )
        )


class Clock:
    """Seconds that pass when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_before_the_first_publication_the_shipped_faq_answers(database: Sessions, shipped: Faq) -> None:
    live = await LiveFaq(database, shipped).now()

    assert (live.release, live.faq) == (None, shipped)


async def test_new_release_is_there_with_the_next_message(database: Sessions, shipped: Faq) -> None:
    key = shipped.entries[0].key
    reader = LiveFaq(database, shipped)
    await release(database, shipped, "r1")
    assert (await reader.now()).release == "r1"

    await release(database, changed(shipped, key, short="Câu trả lời mới."), "r2")

    live = await reader.now()
    assert (live.release, live.entries[key].short) == ("r2", "Câu trả lời mới.")
    assert await reader.now() is live


async def test_goes_on_with_what_was_live_while_the_database_is_away(tmp_path: Path, shipped: Faq) -> None:
    file, away = tmp_path / "service.db", tmp_path / "away.db"
    engine = connect(f"sqlite:///{file}")
    await made_tables(engine)
    await release(sessions(engine), changed(shipped, shipped.entries[0].key, short="Đang chạy."), "r1")
    clock = Clock()
    reader = LiveFaq(sessions(engine), shipped, clock=clock)
    live = await reader.now()

    await engine.dispose()
    file.rename(away)
    file.mkdir()

    assert await reader.now() is live
    file.rmdir()
    away.rename(file)
    await release(sessions(engine), shipped, "r2")
    assert await reader.now() is live, "a database that just failed is not asked with each message"

    clock.now += PAUSE_AFTER_FAILURE

    assert (await reader.now()).release == "r2"
    await engine.dispose()


async def test_file_that_is_no_database_does_not_stop_answers(tmp_path: Path, shipped: Faq) -> None:
    (tmp_path / "service.db").write_bytes(b"something else" * 100)
    engine = connect(f"sqlite:///{tmp_path}/service.db")

    live = await LiveFaq(sessions(engine), shipped).now()

    assert live.faq == shipped
    await engine.dispose()


async def test_server_that_does_not_answer_does_not_stop_answers(shipped: Faq) -> None:
    engine = connect("postgresql://faq@127.0.0.1:9/faq")

    assert (await LiveFaq(sessions(engine), shipped).now()).faq == shipped


async def test_log_line_says_what_failed(tmp_path: Path, shipped: Faq, caplog: pytest.LogCaptureFixture) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")

    await LiveFaq(sessions(engine), shipped).now()

    assert [r.message for r in caplog.records] == [
        "database does not answer (OperationalError); going on with release None"
    ]
    await engine.dispose()


async def made_tables(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def test_search_finds_most_entries_by_their_own_question(shipped: Faq) -> None:
    live = Live(shipped)
    asked = [entry for entry in shipped.entries if not entry.is_small_talk][::4]

    found = [entry for entry in asked if entry in live.search(entry.question)]

    assert len(found) >= 0.95 * len(asked)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("ĐỔI THẺ CĂN CƯỚC HẾT HẠN", "cap-doi-cap-lai-can-cuoc"),
        ("dang ky tam tru can giay to gi", "dang-ky-tam-tru"),
        ("biển số xe máy", "dang-ky-xe"),
        ("quên mật khẩu vneid", "vneid"),
    ],
)
def test_search_finds_by_words_with_and_without_accents(shipped: Faq, text: str, topic: str) -> None:
    assert Live(shipped).search(text)[0].topic == topic
    assert Live(shipped).search(fold(text)) == Live(shipped).search(text)


@pytest.mark.parametrize("text", ["", "???", "😀", " \n"])
def test_search_for_no_words_finds_nothing(shipped: Faq, text: str) -> None:
    assert Live(shipped).search(text) == ()


def test_search_gives_no_more_than_asked_for_and_no_small_talk(shipped: Faq) -> None:
    found = Live(shipped).search("xin chào cảm ơn", limit=2)

    assert len(found) <= 2
    assert not any(entry.is_small_talk for entry in found)


def test_general_entry_of_an_aspect_is_the_one_named_after_it(shipped: Faq) -> None:
    live = Live(shipped)

    for topic, entries in live.by_topic.items():
        for entry in entries:
            general = live.general(topic, entry.aspect)
            assert general is not None
            assert general.aspect == entry.aspect == live.aspect_of(entry.key)
            if f"{topic}.{entry.aspect}" in live.entries and live.aspect_of(f"{topic}.{entry.aspect}") == entry.aspect:
                assert general.key == f"{topic}.{entry.aspect}"
    assert live.general("can-cuoc", "khong-co") is None
    assert live.aspect_of("khong.co") is None


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_folding_sees_no_difference_between_composed_and_decomposed(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(st.text(st.sampled_from("aăâđeêioôơuưyàảãáạằẳẵắặĐÂỐ bcd, .?")))
def test_folded_vietnamese_is_plain_lower_case(text: str) -> None:
    folded = fold(text)

    assert folded.isascii()
    assert folded == folded.lower().strip()
    assert "  " not in folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("Đăng ký  TẠM TRÚ?", "dang ky tam tru"), ("VNeID - mức 2", "vneid muc 2"), ("hoà/hòa", "hoa hoa"), ("…", "")],
)
def test_folding(typed: str, folded: str) -> None:
    assert fold(typed) == folded
