"""A replaced document: live at once as a release of its own, undone the same way, and lost to no publication."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from faq.audit import Deed
from faq.basis import lost
from faq.database import Base, Sessions, connect, sessions
from faq.editing import draft_whole, drafted_pieces, live_faq, live_pieces
from faq.entries import Document, Faq
from faq.lawmaking import Described, UnfitDocumentError, is_official, replace, restore
from faq.live import LiveFaq
from faq.models import Draft, Release, ReleaseState, Revision
from faq.releasing import Publisher, training_set
from faq.sheets import LAWS, pieces
from nlu.rasa_client import RasaClient
from tests.faq.samples import NOW, changed
from tests.web.fakes import rasa

OLD, OTHER = "75-2022-tt-btc", "26-2023-qh15"
HOSTS = ("vanban.chinhphu.vn",)
PAGE = "https://vanban.chinhphu.vn/?a=1"
NEW = Described("12/2027/TT-BTC", "Thông tư về lệ phí cư trú", dt.date(2026, 11, 1), PAGE, HOSTS)
DAY = dt.date(2026, 11, 23)
LATER = NOW + dt.timedelta(minutes=5)


@pytest.fixture
async def town(database: Sessions, shipped: Faq) -> Sessions:
    """A town whose shipped FAQ is live."""
    await found(database, shipped)
    return database


async def found(made: Sessions, faq: Faq) -> None:
    revisions = [
        Revision(kind=p.kind, key=p.key, number=1, content=p.content, author="hoa", created_at=NOW)
        for p in pieces(faq).values()
    ]
    fields = {"model_file": "x.tar.gz", "report": {"a": 1}, "author": "hoa", "created_at": NOW}
    fingerprint = training_set(faq, {"language": "vi", "pipeline": []}).fingerprint
    async with made.begin() as session:
        release = Release(
            name="2026-11-23.1", state=ReleaseState.LIVE, live_since=NOW, fingerprint=fingerprint, **fields
        )
        release.revisions = revisions
        session.add(release)


async def documents(made: Sessions) -> dict[str, Document]:
    async with made() as session:
        faq = await live_faq(session)
    assert faq is not None
    return {document.id: document for document in faq.documents}


async def deeds(made: Sessions) -> list[tuple[str, str, str]]:
    async with made() as session:
        return [(d.author, d.act, d.subject) for d in await session.scalars(select(Deed).order_by(Deed.id))]


async def test_replacing_is_live_with_the_next_message(town: Sessions, shipped: Faq) -> None:
    reader = LiveFaq(town, shipped)
    before = await reader.now()
    citing = {e.key for e in shipped.entries if any(c.document == OLD for c in e.law)}

    new = await replace(town, OLD, NEW, author="lan", now=LATER)

    after = await reader.now()
    assert before.on(DAY).lost_basis(DAY) == frozenset()
    assert after.release == "2026-11-23.2"
    assert citing
    assert citing <= after.on(DAY).lost_basis(DAY)
    assert (await documents(town))[new].number == "12/2027/TT-BTC"
    assert await deeds(town) == [("lan", "document.added", new), ("lan", "document.replaced", OLD)]


async def test_only_the_documents_differ_and_the_model_stays(town: Sessions) -> None:
    async with town() as session:
        before = await live_pieces(session)

    await replace(town, OLD, OTHER, author="lan", now=LATER)

    async with town() as session:
        after = await live_pieces(session)
        releases = list(await session.scalars(select(Release).order_by(Release.id)))
    assert {key for key in after if after[key] != before[key]} == {LAWS}
    assert after.keys() == before.keys()
    assert [r.state for r in releases] == [ReleaseState.PAST, ReleaseState.LIVE]
    assert releases[0].model_file == releases[1].model_file
    assert releases[0].fingerprint == releases[1].fingerprint


async def test_restoring_takes_it_back(town: Sessions) -> None:
    before = await documents(town)
    await replace(town, OLD, OTHER, author="lan", now=LATER)

    await restore(town, OLD, author="hoa", now=LATER)

    assert await documents(town) == before
    assert (await deeds(town))[-1] == ("hoa", "document.restored", OLD)
    with pytest.raises(LookupError):
        await restore(town, OLD, author="hoa", now=LATER)


async def test_drafts_stay_and_a_draft_of_the_documents_learns_of_it(town: Sessions, shipped: Faq) -> None:
    key = shipped.entries[0].key
    renamed = tuple(d.model_copy(update={"name": "Luật khác"}) if d.id == OTHER else d for d in shipped.documents)
    drafted = changed(shipped, key, short="Câu nháp.").model_copy(update={"documents": renamed})
    async with town.begin() as session:
        await draft_whole(session, drafted, author="hoa", now=NOW)

    await replace(town, OLD, OTHER, author="lan", now=LATER)

    async with town() as session:
        found = await drafted_pieces(session)
        kept = {d.key: d.version for d in await session.scalars(select(Draft))}
    listed = {d["id"]: d for d in found[LAWS].content["documents"]}
    assert found[key].content["short"] == "Câu nháp."
    assert kept == {key: 1, LAWS: 2}
    assert (listed[OLD]["replaced_by"], listed[OTHER]["name"]) == (OTHER, "Luật khác")
    assert (await documents(town))[OTHER].name != "Luật khác"


class Slow(Publisher):
    """Somebody replaces a document while this one is about to make a release, once."""

    replaced = False

    async def _record(self, *arguments: object, **options: object) -> str:
        if not self.replaced:
            self.replaced = True
            await replace(self._sessions, OLD, OTHER, author="lan", now=LATER)
        return await super()._record(*arguments, **options)  # type: ignore[arg-type]


async def test_publication_under_way_does_not_take_it_back(town: Sessions, shipped: Faq, tmp_path: Path) -> None:
    key = shipped.entries[0].key
    (tmp_path / "x.tar.gz").write_bytes(b"model")
    async with town.begin() as session:
        await draft_whole(session, changed(shipped, key, short="Câu nháp."), author="hoa", now=NOW)
        live = (await session.scalars(select(Release))).one()
        live.report = {"inside": 1, "inside_right": 1, "outside": 1, "outside_right": 1, "failures": []}
    async with RasaClient(rasa()) as client:
        slow = Slow(town, client, models=tmp_path, pipeline={"language": "vi", "pipeline": []}, sentences=())
        await slow.publish(author="hoa")

    async with town() as session:
        now_live = await live_pieces(session)
        states = list(await session.scalars(select(Release.state).order_by(Release.id)))
    assert now_live[key].content["short"] == "Câu nháp."
    assert (await documents(town))[OLD].replaced_by == OTHER
    assert states == [ReleaseState.PAST, ReleaseState.PAST, ReleaseState.LIVE]


async def both_hold(made: Sessions) -> None:
    """Replace two documents in the same moment."""
    await asyncio.gather(
        replace(made, OLD, OTHER, author="lan", now=LATER), replace(made, OTHER, NEW, author="hoa", now=LATER)
    )

    found = await documents(made)
    assert found[OLD].replaced_by == OTHER
    assert found[OTHER].replaced_by == "12-2027-tt-btc"
    async with made() as session:
        assert sorted(await session.scalars(select(Release.state))) == ["live", "past", "past"]


async def test_two_who_replace_at_once_both_hold(town: Sessions) -> None:
    await both_hold(town)


@pytest.mark.postgresql
async def test_two_who_replace_at_once_both_hold_on_postgresql(fresh: Sessions, shipped: Faq) -> None:
    await found(fresh, shipped)

    await both_hold(fresh)


@pytest.fixture
async def fresh(postgresql: str) -> AsyncIterator[Sessions]:
    engine = connect(postgresql)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    yield sessions(engine)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (OLD, "document"),
        ("khong-co", "document"),
        ("", "document"),
        (Described("75/2022/TT-BTC", "Thông tư", None, ""), "number"),
        (Described("!!!", "Thông tư", None, ""), "number"),
        (Described("", "Thông tư", None, ""), "number"),
        (Described("1/2027/TT", " ", None, ""), "name"),
        (Described("1/2027/TT", "a\nb", None, ""), "name"),
        (Described("1/2027/TT", "a" * 301, None, ""), "name"),
        (Described("1/2027/TT", "Thông tư", None, "http://vanban.chinhphu.vn"), "url"),
        (Described("1/2027/TT", "Thông tư", None, "https://chinhphu.com.vn/"), "url"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(town: Sessions, new: str | Described, field: str) -> None:
    with pytest.raises(UnfitDocumentError) as caught:
        await replace(town, OLD, new, author="lan", now=LATER)

    assert caught.value.field == field
    assert (await documents(town))[OLD].replaced_by is None
    assert await deeds(town) == []


async def test_documents_do_not_replace_each_other_in_a_circle(town: Sessions) -> None:
    await replace(town, OLD, OTHER, author="lan", now=LATER)

    with pytest.raises(UnfitDocumentError):
        await replace(town, OTHER, OLD, author="lan", now=LATER)


async def test_unknown_document_and_a_town_without_a_release_are_told(town: Sessions, tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        await replace(town, "khong-co", OTHER, author="lan", now=LATER)
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    with pytest.raises(LookupError):
        await replace(sessions(engine), OLD, OTHER, author="lan", now=LATER)
    await engine.dispose()


@pytest.mark.parametrize(
    ("url", "official"),
    [
        ("https://vanban.chinhphu.gov.vn/?docid=1", True),
        (PAGE, True),
        ("https://vanban.chinhphu.vn.evil.com/", False),
        ("https://x.gov.vn.evil.com/", False),
        ("https://x.gov.vn@evil.com/", False),
        ("https://evil.com/.gov.vn", False),
        ("https://x.gov.vn:8443/", False),
        ("https://x.gov.vn:port/", False),
        ("javascript://x.gov.vn/%0aalert(1)", False),
        ("https://x.gov.vn/ a", False),
        ("https://", False),
    ],
)
def test_official_addresses(url: str, official: bool) -> None:
    assert is_official(url, HOSTS) is official


def test_lost_counts_what_the_new_document_covers(shipped: Faq) -> None:
    """What cites both the old and the new one has been looked after."""
    documents = tuple(d.model_copy(update={"replaced_by": OTHER}) if d.id == OLD else d for d in shipped.documents)
    gone = lost(shipped.model_copy(update={"documents": documents}), DAY)
    both = {e.key for e in shipped.entries if {OLD, OTHER} <= {c.document for c in e.law}}

    assert not both & gone
