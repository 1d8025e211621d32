"""What an answer rests on: replaced documents and ended ones, on the day and not before."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from faq.basis import citing, lost
from faq.entries import Document, Faq, Milestone
from faq.live import Live
from faq.shape import Citation
from tests.faq.samples import made

DAY = dt.date(2026, 11, 30)
OLD, NEW = "10-2020-nd-cp", "20-2026-nd-cp"


def resting_on(faq: Faq, *cited: str, documents: Iterable[Document], **fields: Any) -> Faq:
    law = tuple(Citation(document=name) for name in cited)
    entry = made("can-cuoc.thu", law=law, **fields)
    return faq.model_copy(update={"entries": (entry,), "visits": (), "documents": tuple(documents)})


def document(name: str, **fields: Any) -> Document:
    return Document(id=name, number=name, name="Nghị định", **fields)


@pytest.mark.parametrize("day", [dt.date(2026, 11, 30), dt.date(2026, 12, 31)])
def test_nothing_shipped_rests_on_what_no_longer_holds(shipped: Faq, day: dt.date) -> None:
    assert [d.id for d in shipped.documents if d.replaced_by] == []
    assert lost(shipped, day) == frozenset()


def test_answers_that_change_on_the_day_after_are_not_lost_with_their_document(shipped: Faq) -> None:
    day_after = dt.date(2027, 1, 1)
    assert any(d.in_force_until == day_after - dt.timedelta(days=1) for d in shipped.documents)

    assert lost(shipped, day_after) == frozenset()


def test_answer_that_forgets_the_day_on_which_its_document_ends_is_lost(shipped: Faq) -> None:
    gone = lost(shipped, dt.date(2027, 3, 1))

    assert "cong-dich-vu-cong.thanh-toan" in gone
    assert "vneid.chu-ky-so" not in gone


@pytest.mark.parametrize(("cited", "gone"), [([OLD], True), ([NEW], False), ([OLD, NEW], False), ([], False)])
def test_replaced_document_counts_unless_the_new_one_is_cited_too(shipped: Faq, cited: list[str], gone: bool) -> None:
    documents = [document(OLD, replaced_by=NEW), document(NEW)]

    assert bool(lost(resting_on(shipped, *cited, documents=documents), DAY)) is gone


def test_replaced_document_holds_until_the_new_one_is_in_force(shipped: Faq) -> None:
    documents = [document(OLD, replaced_by=NEW), document(NEW, in_force_from=dt.date(2027, 3, 1))]
    faq = resting_on(shipped, OLD, documents=documents)

    assert not lost(faq, dt.date(2027, 2, 28))
    assert lost(faq, dt.date(2027, 3, 1)) == {"can-cuoc.thu"}


def test_document_holds_through_its_last_day(shipped: Faq) -> None:
    faq = resting_on(shipped, OLD, documents=[document(OLD, in_force_until=DAY)])

    assert not lost(faq, DAY)
    assert lost(faq, DAY + dt.timedelta(days=1)) == {"can-cuoc.thu"}


def test_milestone_of_another_day_does_not_excuse_an_ended_document(shipped: Faq) -> None:
    text = "[[moc: cũ | mới]]"
    faq = resting_on(shipped, OLD, documents=[document(OLD, in_force_until=DAY)], short=text)
    late, on_time = DAY + dt.timedelta(days=9), DAY + dt.timedelta(days=1)

    def with_milestone(day: dt.date) -> Faq:
        return faq.model_copy(update={"milestones": (Milestone(id="moc", title="Mốc", first_day=day),)})

    assert lost(with_milestone(late), late)
    assert not lost(with_milestone(on_time), late)


def test_visits_are_lost_as_entries_are(shipped: Faq) -> None:
    visit = shipped.visits[0]
    name = visit.law[0].document
    documents = [d.model_copy(update={"replaced_by": NEW}) if d.id == name else d for d in shipped.documents]

    gone = lost(shipped.model_copy(update={"documents": tuple(documents)}), DAY)

    entries, visits = citing(shipped, name)
    assert {*(e.key for e in entries), *(v.id for v in visits)} == gone
    assert visit.id in gone


def test_what_is_live_knows_it_also_as_it_reads_on_a_day(shipped: Faq) -> None:
    day = dt.date(2027, 3, 1)

    assert Live(shipped).on(day).lost_basis(day) == Live(shipped).lost_basis(day) == lost(shipped, day)
