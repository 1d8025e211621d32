"""Two topics of the shipped FAQ: enough to publish, little enough to train in seconds."""

from faq.entries import SCAM_TOPIC, Faq
from tests.faq.samples import with_entries

TOPICS = ("can-cuoc", SCAM_TOPIC)


def small_of(shipped: Faq) -> Faq:
    """The entries of these topics, pointing at one another only."""
    entries = tuple(entry for entry in shipped.entries if entry.topic in TOPICS)
    keys = {entry.key for entry in entries}
    kept = (e.model_copy(update={"related": tuple(key for key in e.related if key in keys)}) for e in entries)
    return with_entries(shipped, kept)
