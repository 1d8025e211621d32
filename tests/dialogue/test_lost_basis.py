"""Citizens are told when a document that an answer rests on was replaced: on the first screen, in every mode."""

import datetime as dt

import pytest

from dialogue.brief import BriefComposer
from dialogue.composing import FIRST_SCREEN, Composer
from dialogue.easy import EasyComposer
from dialogue.visiting import VisitComposer
from dialogue.wording import LANGUAGES, wording
from faq.checking import LONGEST_EASY_SENTENCE, easy_sentences
from faq.entries import SCAM_TOPIC, Faq
from faq.live import Live

TODAY = dt.date(2026, 11, 30)
SAID = {"vi": "Văn bản làm căn cứ", "en": "A document that this answer rests on"}
EASY = {"vi": "Quy định về việc này đã thay đổi.", "en": "The rule for this has changed."}


@pytest.fixture(scope="module")
def replaced(shipped: Faq) -> Faq:
    """The shipped FAQ on the day on which every document was replaced by one that nobody cites."""
    documents = tuple(d.model_copy(update={"replaced_by": "moi"}) for d in shipped.documents)
    return shipped.model_copy(update={"documents": documents})


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_screen_says_so_after_the_gist_and_fits(replaced: Faq, language: str) -> None:
    say = Composer(Live(replaced).on(TODAY), wording(language), TODAY)
    for entry in say.live.faq.entries:
        shown = say.answer(entry).text
        told = entry.law != () and entry.topic != SCAM_TOPIC
        assert (SAID[language] in shown) is told, entry.key
        assert (SAID[language] in say.details(entry, 1).text) is told
        assert len(shown) <= FIRST_SCREEN, entry.key
        if told:
            gist = say._fill(say.worded(entry).short)
            assert shown.index(gist) < shown.index(SAID[language]), entry.key


@pytest.mark.parametrize("focus", ["le-phi", "thoi-han", "noi-lam"])
def test_first_screen_that_begins_with_what_was_asked_for_fits_too(replaced: Faq, focus: str) -> None:
    say = Composer(Live(replaced).on(TODAY), wording("vi"), TODAY)

    longest = {entry.key: len(say.answer(entry, focus=focus).text) for entry in say.live.faq.entries}

    assert {key: length for key, length in longest.items() if length > FIRST_SCREEN} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mode_says_so(replaced: Faq, language: str) -> None:
    live = Live(replaced).on(TODAY)
    entry = live.entries["dang-ky-tam-tru.le-phi"]
    say, brief = (kind(live, wording(language), TODAY) for kind in (Composer, BriefComposer))
    easy = EasyComposer(live, wording(language), TODAY)

    assert SAID[language] in brief.answer(entry).text
    assert SAID[language] in brief.card([entry]).text
    assert SAID[language] in say.several([entry, live.entries["vneid.le-phi"]]).text
    assert SAID[language] in say.passed_on(entry).reply.text
    assert len(say.passed_on(entry).reply.text) <= FIRST_SCREEN
    assert EASY[language] in easy.answer(entry).text
    assert EASY[language] not in easy.step(live.entries["dang-ky-tam-tru.cach-lam"], 2).text


def test_easy_words_are_short(replaced: Faq) -> None:
    easy = EasyComposer(Live(replaced).on(TODAY), wording("vi"), TODAY)
    [said] = easy.shaken("dang-ky-tam-tru.le-phi")

    assert max(len(sentence.split()) for sentence in easy_sentences(said)) <= LONGEST_EASY_SENTENCE


def test_list_to_prepare_a_visit_says_so(replaced: Faq) -> None:
    visit = next(v for v in replaced.visits if v.law)
    say = VisitComposer(Composer(Live(replaced).on(TODAY), wording("vi"), TODAY))

    reply = say.asked(visit.id, "0" * len(visit.questions))

    assert reply is not None
    assert SAID["vi"] in reply.text


def test_nothing_shipped_says_so_today(shipped: Faq) -> None:
    say = Composer(Live(shipped).on(TODAY), wording("vi"), TODAY)

    assert [entry.key for entry in shipped.entries if SAID["vi"] in say.answer(entry).text] == []
