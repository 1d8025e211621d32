"""One entry's draft: saved, discarded, and never over somebody else's work."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.database import Sessions
from faq.drafting import ChangedMeanwhileError, add_examples, discard, remove_examples, save, standing, withdraw
from faq.entries import Faq
from faq.models import Kind, Release, ReleaseState, Revision
from faq.sheets import Piece, pieces
from tests.faq.samples import NOW

KEY = "vneid.la-gi"
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
async def live(database: Sessions, shipped: Faq) -> Piece:
    """An entry that is live."""
    piece = pieces(shipped)[KEY]
    revision = Revision(kind=piece.kind, key=KEY, number=1, content=piece.content, author="hoa", created_at=NOW)
    fields = {"model_file": "x", "fingerprint": "x", "report": {}, "author": "hoa", "created_at": NOW}
    async with database.begin() as session:
        session.add(Release(name="1", state=ReleaseState.LIVE, live_since=NOW, revisions=[revision], **fields))
    return piece


def reworded(piece: Piece, short: str = "Câu trả lời khác.") -> Piece:
    return Piece(Kind.ENTRY, piece.key, {**piece.content, "short": short})


async def test_entry_without_a_draft_stands_as_it_is_live(database: Sessions, live: Piece) -> None:
    async with database() as session:
        found = await standing(session, KEY)

    assert (found.live, found.content, found.drafted) == (live.content, live.content, False)


async def test_unknown_entry_has_nothing(database: Sessions, live: Piece) -> None:
    async with database() as session:
        assert (await standing(session, "vneid.moi")).content is None


async def test_change_becomes_the_draft_and_is_written_down(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        base = (await standing(session, KEY)).version
        saved = await save(session, reworded(live), base=base, author="lan", now=NOW, why="sửa cho dễ hiểu")

    assert saved.content == reworded(live).content
    assert (saved.author, saved.why) == ("lan", "sửa cho dễ hiểu")
    async with database() as session:
        deed = (await session.scalars(select(Deed))).one()
    assert (deed.author, deed.act, deed.subject) == ("lan", "draft.saved", KEY)


async def test_second_of_two_who_edit_at_once_is_told(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        base = (await standing(session, KEY)).version
        await save(session, reworded(live, "Của Lan."), base=base, author="lan", now=NOW)

    async with database.begin() as session:
        with pytest.raises(ChangedMeanwhileError) as told:
            await save(session, reworded(live, "Của Hoa."), base=base, author="hoa", now=LATER)

    assert told.value.now.author == "lan"
    async with database() as session:
        assert (await standing(session, KEY)).content == reworded(live, "Của Lan.").content


async def test_of_two_at_the_same_moment_one_wins_and_one_is_told(database: Sessions, live: Piece) -> None:
    async with database() as session:
        base = (await standing(session, KEY)).version

    async def saves(author: str) -> str:
        async with database.begin() as session:
            await save(session, reworded(live, author), base=base, author=author, now=NOW)
        return author

    done = await asyncio.gather(saves("lan"), saves("hoa"), return_exceptions=True)

    assert sum(isinstance(outcome, str) for outcome in done) == 1


async def test_draft_that_says_what_is_live_is_none(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        first = await save(session, reworded(live), base=(await standing(session, KEY)).version, author="lan", now=NOW)
        again = await save(session, live, base=first.version, author="lan", now=LATER)

    assert not again.drafted


async def test_discarded_draft_leaves_what_is_live(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        base = (await standing(session, KEY)).version
        drafted = await save(session, reworded(live), base=base, author="lan", now=NOW)
        left = await discard(session, KEY, base=drafted.version, author="lan", now=LATER)

    assert left.content == live.content


async def test_withdrawal_is_a_draft_without_content(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        gone = await withdraw(session, KEY, base=(await standing(session, KEY)).version, author="lan", now=NOW)

    assert (gone.drafted, gone.content, gone.live) == (True, None, live.content)


async def test_examples_are_added_once_and_taken_out_again(database: Sessions, live: Piece) -> None:
    known = live.content["examples"][0]
    async with database.begin() as session:
        added = await add_examples(
            session, KEY, [known.upper(), "vneid la cai chi ri", "vneid là cái chi rì"], author="lan", now=NOW
        )
        assert len(added) == 1
        drafted = (await standing(session, KEY)).content
        assert drafted is not None
        assert drafted["examples"] == [*live.content["examples"], *added]

        await remove_examples(session, KEY, added, author="lan", now=LATER)
        assert not (await standing(session, KEY)).drafted


async def test_nothing_is_added_to_an_entry_that_is_not_there(database: Sessions, live: Piece) -> None:
    async with database.begin() as session:
        with pytest.raises(LookupError):
            await add_examples(session, "vneid.khong-co", ["câu nào đó"], author="lan", now=NOW)
