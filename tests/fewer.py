"""The shipped FAQ with fewer ways of asking, so that a clean checkout does not train for minutes."""

from faq.entries import SCAM_TOPIC, Faq

ENOUGH = 24
"""Examples of an entry from which its clear questions are understood."""


def with_fewer_examples(faq: Faq) -> Faq:
    """Return `faq` with some of its examples, the same each time; warnings of scams keep all of theirs."""
    entries = tuple(
        e if e.topic == SCAM_TOPIC else e.model_copy(update={"examples": _fewer(e.examples, ENOUGH)})
        for e in faq.entries
    )
    outside = tuple(g.model_copy(update={"examples": _fewer(g.examples, ENOUGH)}) for g in faq.outside)
    aspects = tuple(a.model_copy(update={"asked": _fewer(a.asked, 2 * ENOUGH)}) for a in faq.taxonomy.aspects)
    taxonomy = faq.taxonomy.model_copy(update={"aspects": aspects})
    return faq.model_copy(update={"entries": entries, "outside": outside, "taxonomy": taxonomy})


def _fewer(texts: tuple[str, ...], most: int) -> tuple[str, ...]:
    return texts[:: max(1, -(-len(texts) // most))]
