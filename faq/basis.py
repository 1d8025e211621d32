"""Whether what an answer rests on still holds: documents that were replaced, or are no longer in force."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from faq.dated import ONE_DAY, milestones_in
from faq.entries import Document, Entry, Faq
from faq.shape import Citation
from faq.visits import Visit

Documents = Mapping[str, Document]


def is_replaced(document: Document, documents: Documents, day: dt.date) -> bool:
    """Whether another document holds in this one's place on `day`: from the first day on which that one is in force."""
    if document.replaced_by is None:
        return False
    other = documents.get(document.replaced_by)
    return other is None or other.in_force_from is None or other.in_force_from <= day


def is_over(document: Document, day: dt.date) -> bool:
    """Whether the document was in force until a day that has passed."""
    return document.in_force_until is not None and document.in_force_until < day


def lost(faq: Faq, day: dt.date) -> frozenset[str]:
    """Return the keys of the entries and the ids of the visits that rest, on `day`, on what no longer holds.

    `faq` as it is written, not as it reads on a day. Two citations are no loss, for whoever wrote the answer has
    reckoned with them: of a replaced document beside the one that replaces it, and of one that ends on the day before
    a milestone on which the answer itself changes.
    """
    documents = {document.id: document for document in faq.documents}
    first_days = {milestone.id: milestone.first_day for milestone in faq.milestones}

    def is_lost(law: Sequence[Citation], milestones: Iterable[str]) -> bool:
        cited = {citation.document for citation in law}
        reckoned = {first_days[name] - ONE_DAY for name in milestones if name in first_days}
        found = (documents[name] for name in cited if name in documents)
        return any(
            is_replaced(document, documents, day)
            or (is_over(document, day) and document.in_force_until not in reckoned)
            for document in found
            if document.replaced_by not in cited
        )

    entries = (entry.key for entry in faq.entries if is_lost(entry.law, entry.milestones))
    visits = (visit.id for visit in faq.visits if is_lost(visit.law, _milestones_of(visit)))
    return frozenset((*entries, *visits))


def citing(faq: Faq, document: str) -> tuple[tuple[Entry, ...], tuple[Visit, ...]]:
    """Return the entries and the visits that cite a document."""
    entries = tuple(entry for entry in faq.entries if any(c.document == document for c in entry.law))
    visits = tuple(visit for visit in faq.visits if any(c.document == document for c in visit.law))
    return entries, visits


def _milestones_of(visit: Visit) -> tuple[str, ...]:
    return tuple(name for line in visit.lines for name in milestones_in(line.text))
