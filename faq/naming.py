"""What people call the topics, as staff keep it: which topics a message names, and what it says beside them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from faq.entries import Taxonomy
from faq.folding import fold

_FILLERS = (
    "a ah ak alo anh ba bac ban bay ben ca cai cau chi cho chu co con cung da dc do duoc em gi gio ha he hoi "
    "k khong ko la lam luon ma may minh nao nay nhe nhi ni no nua o ong r rang roi rua s sao seo tao te the "
    "seo thi toi tui u uh uhm v va vay ve viec voi vu xin y z "
)
FILLERS = frozenset(_FILLERS.split())


@dataclass(frozen=True)
class TopicNames:
    """Topics by what people call them, without accents; several topics may share a name."""

    topics: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> "TopicNames":
        """Take the names of `taxonomy`."""
        owners: dict[str, set[str]] = defaultdict(set)
        for topic in taxonomy.topics:
            for name in topic.names:
                owners[fold(name)].add(topic.id)
        return cls({name: frozenset(topics) for name, topics in owners.items()})

    def named(self, words: list[str]) -> frozenset[str]:
        """Return the topics that `words` (folded) name; those that all names share, if there are such."""
        found = [self.topics[name] for name in self._found(words)]
        if not found:
            return frozenset()
        return frozenset.intersection(*found) or frozenset.union(*found)

    def rest(self, words: list[str]) -> list[str]:
        """Return what `words` say beside topics and fillers."""
        text = f" {' '.join(words)} "
        for name in sorted(self._found(words), key=len, reverse=True):
            text = text.replace(f" {name} ", " ")
        return [word for word in text.split() if word not in FILLERS]

    def _found(self, words: list[str]) -> list[str]:
        text = f" {' '.join(words)} "
        return [name for name in self.topics if f" {name} " in text]
