"""The FAQ taken apart into named pieces (entries and sheets) that can be stored and compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faq.entries import Document, Entry, Faq, Milestone, OutsideGroup, Place, ShortForm, Taxonomy
from faq.models import Kind
from faq.visits import Visit

TAXONOMY, PLACE, LAWS, OUTSIDE = "topics", "place", "laws", "ngoai-pham-vi"
MILESTONES, SHORT_FORMS, VISITS = "milestones", "short-forms", "visits"

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry or sheet under its key, as plain data."""

    kind: Kind
    key: str
    content: Content


def pieces(faq: Faq) -> dict[str, Piece]:
    """Take `faq` apart."""
    sheets = {
        TAXONOMY: _plain(faq.taxonomy),
        PLACE: _plain(faq.place),
        LAWS: {"documents": [_plain(document) for document in faq.documents]},
        OUTSIDE: {"groups": [_plain(group) for group in faq.outside]},
        MILESTONES: {"milestones": [_plain(milestone) for milestone in faq.milestones]},
        SHORT_FORMS: {"short_forms": [_plain(form) for form in faq.short_forms]},
        VISITS: {"visits": [_plain(visit) for visit in faq.visits]},
    }
    entries = {entry.key: Piece(Kind.ENTRY, entry.key, _plain(entry)) for entry in faq.entries}
    return {key: Piece(Kind.SHEET, key, content) for key, content in sheets.items()} | entries


def assemble(found: Mapping[str, Piece]) -> Faq:
    """Put a FAQ together; raise `KeyError` if a sheet is missing, `ValidationError` if a piece is malformed."""
    taxonomy = Taxonomy.model_validate(found[TAXONOMY].content)
    entries = (Entry.model_validate(p.content) for p in found.values() if p.kind == Kind.ENTRY)
    return Faq(
        taxonomy=taxonomy,
        place=Place.model_validate(found[PLACE].content),
        documents=tuple(Document.model_validate(d) for d in found[LAWS].content["documents"]),
        outside=tuple(OutsideGroup.model_validate(g) for g in found[OUTSIDE].content["groups"]),
        milestones=tuple(Milestone.model_validate(m) for m in _items(found, MILESTONES, "milestones")),
        short_forms=tuple(ShortForm.model_validate(s) for s in _items(found, SHORT_FORMS, "short_forms")),
        visits=tuple(Visit.model_validate(v) for v in _items(found, VISITS, "visits")),
        entries=in_order(entries, taxonomy),
    )


def _items(found: Mapping[str, Piece], sheet: str, field: str) -> list[Content]:
    """Return the items of a sheet that releases of an older version did not have."""
    piece = found.get(sheet)
    return list(piece.content[field]) if piece else []


def in_order(entries: Any, taxonomy: Taxonomy) -> tuple[Entry, ...]:
    """Order entries as the taxonomy does: by topic, by aspect, an aspect's general entry first, then by key."""
    topics = {topic.id: place for place, topic in enumerate(taxonomy.topics)}
    aspects = {aspect.id: place for place, aspect in enumerate(taxonomy.aspects)}

    def place(entry: Entry) -> tuple[int, int, bool, str]:
        general = entry.key == f"{entry.topic}.{entry.aspect}"
        return topics.get(entry.topic, 99), aspects.get(entry.aspect, 99), not general, entry.key

    return tuple(sorted(entries, key=place))


def _plain(model: Any) -> Content:
    data: Content = model.model_dump(mode="json", exclude_defaults=True)
    return data
