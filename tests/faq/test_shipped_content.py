"""The FAQ in the repository is whole: nobody starts a service with a broken one."""

import datetime as dt
from collections import Counter
from pathlib import Path

from faq.checking import check, check_sentences, near_copies
from faq.content_files import SHIPPED, ContentFiles
from faq.entries import SCAM_TOPIC, CheckSentence, Faq
from faq.folding import fold
from faq.shape import PLACEHOLDER


def test_shipped_faq_has_no_serious_problem(shipped: Faq, check_sentences: tuple[CheckSentence, ...]) -> None:
    assert [str(p) for p in check(shipped) if p.serious] == []


def test_shipped_check_sentences_name_entries_that_are_there(
    shipped: Faq, check_sentences: tuple[CheckSentence, ...]
) -> None:
    assert [str(p) for p in sentence_faults(check_sentences, shipped)] == []


sentence_faults = check_sentences


def test_shipped_faq_is_large_enough(shipped: Faq) -> None:
    warnings = [entry for entry in shipped.entries if entry.topic == SCAM_TOPIC]

    assert len(shipped.entries) >= 240
    assert len(warnings) >= 20
    assert min(len({fold(text) for text in entry.examples}) for entry in shipped.entries) >= 25
    assert len(shipped.short_forms) >= 120


def test_every_topic_has_entries_and_check_sentences(shipped: Faq, check_sentences: tuple[CheckSentence, ...]) -> None:
    topics = {topic.id for topic in shipped.taxonomy.topics}
    checked = Counter(str(s.entry).partition(".")[0] for s in check_sentences if s.entry)

    assert {entry.topic for entry in shipped.entries} == topics
    assert {topic for topic in topics if checked[topic] == 0} == set()


def test_check_sentences_are_many_and_of_every_kind(check_sentences: tuple[CheckSentence, ...]) -> None:
    single = [s for s in check_sentences if not s.before]

    assert sum(s.entry is not None and not s.safety for s in single) >= 900
    assert sum(s.outside is not None for s in single) >= 300
    assert sum(s.safety for s in single) >= 60
    assert sum(len(s.before) == 1 for s in check_sentences) >= 100
    assert {s.outside for s in check_sentences} == {None, "near", "far"}
    assert len({s.way for s in check_sentences}) >= 8


def test_no_check_sentence_is_trained_on_nor_a_near_copy(
    shipped: Faq, check_sentences: tuple[CheckSentence, ...]
) -> None:
    assert [(s.text, example) for s, example in near_copies(check_sentences, shipped)] == []


def test_near_copy_is_found_whatever_its_accents(shipped: Faq) -> None:
    [example] = [e.examples[0] for e in shipped.entries if e.key == "vneid.bi-khoa"]
    sentence = CheckSentence(text=f"{fold(example)} a", entry="vneid.bi-khoa")

    assert [s for s, _ in near_copies([sentence], shipped)] == [sentence]


def test_every_entry_fits_into_a_button(shipped: Faq) -> None:
    assert [e.key for e in shipped.entries if len(f"e:{e.key}".encode()) > 64] == []


def test_place_fills_every_placeholder(shipped: Faq) -> None:
    today = shipped.on(dt.date(2026, 11, 23))
    texts = [today.place.fill(text) for entry in today.entries for text in entry.texts()]

    assert [text for text in texts if PLACEHOLDER.search(text)] == []


def test_every_entry_stands_in_the_file_of_its_topic() -> None:
    files = ContentFiles(SHIPPED)

    for path in files.topic_files():
        assert {entry.topic for entry in files._entries(path)} == {path.stem}


def test_what_is_shipped_is_what_export_writes(shipped: Faq, tmp_path: Path) -> None:
    ContentFiles(tmp_path).write(shipped)

    for path in tmp_path.glob("*.yml"):
        assert path.read_text("utf-8") == (SHIPPED / path.name).read_text("utf-8"), path.name
