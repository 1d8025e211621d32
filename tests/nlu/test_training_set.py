"""Sentences reach Rasa as they were written, whatever is in them."""

import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from faq.releasing import PIPELINE
from nlu.training_set import Example, TrainingSet, plain, read_pipeline, sentences_as_yaml

PIPE = {"version": "3.1", "pipeline": [{"name": "a"}]}
texts = st.text() | st.sampled_from(
    ["- gạch đầu dòng", "# không phải ghi chú", "a: b", "|", ">", "'", '"', "%", "@", "\t", "/restart", "[a](b)", "---"]
)
examples = st.lists(st.builds(Example, st.sampled_from(["a.b", "c.d", "ngoai-pham-vi.x"]), texts), max_size=20)


def as_rasa_reads(body: str) -> set[tuple[str, str]]:
    """The sentences that Rasa 3.6 takes from a body: its `_parse_multiline_example`, line by line."""
    found = set()
    for item in yaml.safe_load(body)["nlu"]:
        for line in item["examples"].splitlines():
            assert line.startswith("-"), f"Rasa would skip {line!r}"
            found.add((item["intent"], line[1:].strip(" \n")))
    return found


def meant(sentences: list[Example]) -> set[tuple[str, str]]:
    return {(e.intent, plain(e.text)) for e in sentences if plain(e.text)}


@given(examples)
def test_any_text_survives_the_trip_through_yaml(sentences: list[Example]) -> None:
    body = TrainingSet(tuple(sentences), PIPE).as_yaml().encode().decode()

    assert as_rasa_reads(body) == meant(sentences)
    assert {k: v for k, v in yaml.safe_load(body).items() if k not in {"nlu", "intents"}} == PIPE


@given(examples)
def test_any_check_sentence_survives_the_trip_through_yaml(sentences: list[Example]) -> None:
    assert as_rasa_reads(sentences_as_yaml(sentences).encode().decode()) == meant(sentences)


@given(texts)
def test_plain_sentence_is_one_line_that_rasa_gives_no_meaning_to(text: str) -> None:
    sentence = plain(text)

    assert sentence == plain(sentence)
    assert len(sentence.splitlines()) <= 1
    assert not set("[]{}") & set(sentence)
    assert not sentence.startswith("/")
    assert sentence.encode().decode() == sentence


@given(st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters="[]{}/"), min_size=1))
def test_plain_leaves_ordinary_words_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("  làm  thẻ\nở đâu ", "làm thẻ ở đâu"),
        ("/restart", "restart"),
        ("/ /start", "start"),
        ("[thẻ](giấy)", "(thẻ)(giấy)"),
        ('{"a": 1}', '("a": 1)'),
        ("/", ""),
        ("vỡ \ud83d chữ", "vỡ ? chữ"),
    ],
)
def test_plain(typed: str, sentence: str) -> None:
    assert plain(typed) == sentence


@given(examples, st.randoms())
def test_fingerprint_ignores_order(sentences: list[Example], dice: random.Random) -> None:
    shuffled = dice.sample(sentences, len(sentences))
    clean = [e for e in sentences if e.text.isprintable()]
    mixed = [e for e in shuffled if e.text.isprintable()]

    assert TrainingSet(tuple(clean), PIPE).fingerprint == TrainingSet(tuple(mixed), PIPE).fingerprint


@given(examples, examples)
def test_fingerprint_tells_other_sentences_apart(some: list[Example], others: list[Example]) -> None:
    one, other = TrainingSet(tuple(some), PIPE), TrainingSet(tuple(others), PIPE)
    same = sorted((e.intent, e.text) for e in some) == sorted((e.intent, e.text) for e in others)

    assert (one.fingerprint == other.fingerprint) == same


def test_fingerprint_tells_another_pipeline_apart() -> None:
    sentences = (Example("a.b", "một"),)

    assert TrainingSet(sentences, PIPE).fingerprint != TrainingSet(sentences, {**PIPE, "language": "vi"}).fingerprint


def test_body_names_every_intent_once() -> None:
    training_set = TrainingSet((Example("b.b", "hai"), Example("a.a", "một"), Example("b.b", "ba")), PIPE)

    assert yaml.safe_load(training_set.as_yaml())["intents"] == list(training_set.intents) == ["a.a", "b.b"]


def test_shipped_pipeline_is_read() -> None:
    assert {"version", "recipe", "language", "pipeline"} <= read_pipeline(PIPELINE.read_text("utf-8")).keys()


@pytest.mark.parametrize("text", ["", "- a", "recipe: default.v1"])
def test_pipeline_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pipeline"):
        read_pipeline(text)
