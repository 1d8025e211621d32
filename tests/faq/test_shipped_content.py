"""The FAQ in the repository is whole: nobody starts a service with a broken one."""

from collections import Counter
from pathlib import Path

from faq.checking import check, check_sentences
from faq.content_files import SHIPPED, ContentFiles
from faq.entries import FEWEST_EXAMPLES, PLACEHOLDER, CheckSentence, Faq
from faq.folding import fold
from faq.releasing import training_set


def test_shipped_faq_has_no_serious_problem(shipped: Faq, check_sentences: tuple[CheckSentence, ...]) -> None:
    assert [str(p) for p in check(shipped) if p.serious] == []


def test_shipped_check_sentences_name_entries_that_are_there(
    shipped: Faq, check_sentences: tuple[CheckSentence, ...]
) -> None:
    assert [str(p) for p in sentence_faults(check_sentences, shipped)] == []


sentence_faults = check_sentences


def test_shipped_faq_is_large_enough(shipped: Faq) -> None:
    assert len(shipped.entries) >= 120
    assert min(len(entry.examples) for entry in shipped.entries) >= FEWEST_EXAMPLES == 10
    assert min(len(set(map(str.lower, entry.examples))) for entry in shipped.entries) >= 10


def test_every_topic_has_entries_and_check_sentences(shipped: Faq, check_sentences: tuple[CheckSentence, ...]) -> None:
    topics = {topic.id for topic in shipped.taxonomy.topics}
    checked = Counter(str(s.entry).partition(".")[0] for s in check_sentences if s.entry)

    assert {entry.topic for entry in shipped.entries} == topics
    assert {topic for topic in topics if checked[topic] == 0} == set()


def test_check_sentences_hold_every_kind(check_sentences: tuple[CheckSentence, ...]) -> None:
    assert any(s.safety for s in check_sentences)
    assert {s.outside for s in check_sentences} == {None, "near", "far"}
    assert len({s.way for s in check_sentences}) >= 5


def test_no_check_sentence_is_trained_on(shipped: Faq, check_sentences: tuple[CheckSentence, ...]) -> None:
    trained = {fold(example.text) for example in training_set(shipped, {}).examples}

    assert [s.text for s in check_sentences if fold(s.text) in trained] == []


def test_every_entry_fits_into_a_button(shipped: Faq) -> None:
    assert [e.key for e in shipped.entries if len(f"e:{e.key}".encode()) > 64] == []


def test_place_fills_every_placeholder(shipped: Faq) -> None:
    texts = [shipped.place.fill(text) for entry in shipped.entries for text in entry.texts()]

    assert [text for text in texts if PLACEHOLDER.search(text)] == []


def test_every_entry_stands_in_the_file_of_its_topic() -> None:
    files = ContentFiles(SHIPPED)

    for path in files.topic_files():
        assert {entry.topic for entry in files._entries(path)} == {path.stem}


def test_what_is_shipped_is_what_export_writes(shipped: Faq, tmp_path: Path) -> None:
    ContentFiles(tmp_path).write(shipped)

    for path in tmp_path.glob("*.yml"):
        assert path.read_text("utf-8") == (SHIPPED / path.name).read_text("utf-8"), path.name
