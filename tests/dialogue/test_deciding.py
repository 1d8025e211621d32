"""Sure: the entry; close: up to three choices; else: an honest no. More confidence never makes it less."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialogue.deciding import (
    Answer,
    Decision,
    Limits,
    NotUnderstood,
    Offer,
    OutOfScope,
    Several,
    carefully,
    decide,
    together,
)
from faq.content_files import ContentFiles
from faq.live import Live
from nlu.understanding import Guess, Understanding

LIVE = Live(ContentFiles().read())
LIMITS = Limits()
QUESTION = ["dang", "ky", "tam", "tru"]
FEE, PAPERS, PLACE = "dang-ky-tam-tru.le-phi", "dang-ky-tam-tru.ho-so", "can-cuoc.noi-lam"
SCAM, OUTSIDE, HELLO = "canh-bao-lua-dao.doi-otp", "ngoai-pham-vi.nau-an", "chitchat.chao-hoi"
INTENTS = (FEE, PAPERS, PLACE, SCAM, OUTSIDE, HELLO, "vneid.le-phi", "da-xoa.roi")
BARE_FEE = "hoi-tiep.le-phi"


def guessed(**confidences: float) -> Understanding:
    return Understanding.of(Guess(intent, confidence) for intent, confidence in confidences.items())


def decision(words: list[str] = QUESTION, **confidences: float) -> Decision:
    return decide(guessed(**confidences), words, LIVE, limits=LIMITS)


def test_sure_guess_is_answered() -> None:
    assert decision(**{FEE: LIMITS.sure}) == Answer(FEE, LIMITS.sure)
    assert decision(**{FEE: 0.95, PAPERS: 0.04}) == Answer(FEE, 0.95)


def test_guess_far_before_the_second_is_answered() -> None:
    assert decision(**{FEE: 0.4, PAPERS: 0.1}) == Answer(FEE, 0.4, (PAPERS,))
    assert decision(**{FEE: 0.4, PLACE: 0.3}) == Offer((FEE, PLACE), 0.4)


def test_sure_topic_is_answered_and_what_else_may_be_meant_is_named() -> None:
    guesses = {FEE: 0.44, PAPERS: 0.36, "dang-ky-tam-tru.noi-lam": 0.1, PLACE: 0.02, OUTSIDE: 0.05, HELLO: 0.03}

    assert decision(**guesses) == Answer(FEE, 0.44, (PAPERS, "dang-ky-tam-tru.noi-lam"))


def test_question_that_names_nothing_but_an_aspect_is_asked_back_with_that_aspect() -> None:
    decided = decision(**{BARE_FEE: 0.8, PLACE: 0.1, "vneid.la-gi": 0.05})

    assert decided == Offer(("can-cuoc.le-phi", "vneid.le-phi", "cap-doi-cap-lai-can-cuoc.le-phi"), 0.1)


def test_several_questions_get_all_their_answers() -> None:
    parts = [guessed(**{FEE: 0.9}), guessed(**{PLACE: 0.8})]

    assert together(Answer(PLACE, 0.6), parts, LIVE, limits=LIMITS) == Several((PLACE, FEE), 0.8)
    assert together(Offer((FEE, PAPERS), 0.3), parts, LIVE, limits=LIMITS) == Several((FEE, PLACE), 0.8)


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (Answer(PAPERS, 0.9), [{FEE: 0.9}, {PLACE: 0.9}]),
        (Answer(FEE, 0.9), [{FEE: 0.9}, {PLACE: 0.7}]),
        (Answer(FEE, 0.9), [{FEE: 0.9}, {FEE: 0.9}]),
        (Answer(FEE, 0.9), [{FEE: 0.9}, {HELLO: 0.9}]),
        (Answer(FEE, 0.9), [{FEE: 0.9}, {"da-xoa.roi": 0.9}]),
        (Answer(SCAM, 0.9), [{SCAM: 0.9}, {FEE: 0.9}]),
        (OutOfScope(0.9), [{FEE: 0.9}, {PLACE: 0.9}]),
        (Answer(FEE, 0.9), []),
    ],
)
def test_unless_all_parts_are_sure_the_whole_message_counts(whole: Decision, parts: list[dict[str, float]]) -> None:
    assert together(whole, [guessed(**part) for part in parts], LIVE, limits=LIMITS) == whole


def test_close_guesses_become_three_choices_likeliest_first() -> None:
    guessed = {FEE: 0.2, PAPERS: 0.25, PLACE: 0.15, "vneid.le-phi": 0.1}

    assert decision(**guessed) == Offer((PAPERS, FEE, PLACE), 0.25)


def test_unlikely_guesses_are_not_understood_and_name_the_nearest_topics() -> None:
    assert decision(**{FEE: 0.05, PLACE: 0.04}) == NotUnderstood(("dang-ky-tam-tru", "can-cuoc"), 0.05)
    assert decision() == NotUnderstood((), 0.0)


def test_small_talk_is_never_a_choice() -> None:
    decided = decision(**{HELLO: 0.3, FEE: 0.2, PAPERS: 0.19})

    assert decided == Offer((FEE, PAPERS), 0.3)


def test_scam_comes_before_every_other_answer() -> None:
    assert decision(**{SCAM: LIMITS.scam, FEE: 0.5}) == Answer(SCAM, LIMITS.scam)
    assert decision(**{SCAM: LIMITS.scam, FEE: 0.7}) == Several((SCAM, FEE), LIMITS.scam)
    assert decision(**{SCAM: LIMITS.scam - 0.01, FEE: 0.7}) == Answer(FEE, 0.7, (SCAM,))


def test_scam_comes_before_what_is_outside_unless_that_is_likelier() -> None:
    assert decision(**{SCAM: 0.5, OUTSIDE: 0.5}) == Answer(SCAM, 0.5)
    assert decision(**{SCAM: 0.3, OUTSIDE: 0.7}) == OutOfScope(0.7)


def test_scams_of_several_kinds_add_up() -> None:
    assert decision(**{SCAM: 0.15, "canh-bao-lua-dao.vneid-gia": 0.14, FEE: 0.5}) == Answer(
        SCAM, 0.15, ("canh-bao-lua-dao.vneid-gia",)
    )


def test_what_is_outside_is_refused_even_if_spread_over_several_kinds() -> None:
    assert decision(**{OUTSIDE: 0.3, "ngoai-pham-vi.thoi-tiet": 0.3, FEE: 0.4}) == OutOfScope(0.6)


@pytest.mark.parametrize("intent", ["da-xoa.roi", "khong-biet", "canh-bao-lua-dao.da-xoa", "chitchat.da-xoa"])
def test_intent_of_no_entry_is_as_if_it_had_not_been_guessed(intent: str) -> None:
    assert decision(**{intent: 0.9, FEE: 0.1, PAPERS: 0.1}) == decision(**{FEE: 0.1, PAPERS: 0.1})


@example(confidences={HELLO: 0.4, FEE: 0.39}, more=0.02, words=QUESTION * 3)
@given(
    confidences=st.dictionaries(st.sampled_from(INTENTS), st.floats(0, 1), max_size=len(INTENTS)),
    more=st.floats(0, 1),
    words=st.sampled_from([QUESTION, QUESTION * 3]),
)
def test_more_confidence_never_turns_an_answer_into_less(
    confidences: dict[str, float], more: float, words: list[str]
) -> None:
    before = decision(words, **confidences)
    if not isinstance(before, Answer):
        return

    raised = {**confidences, before.entry: confidences[before.entry] + more}

    after = decision(words, **raised)
    assert isinstance(after, Answer)
    assert after.entry == before.entry


@given(
    confidences=st.dictionaries(st.sampled_from((*INTENTS, BARE_FEE)), st.floats(0, 1)),
)
def test_only_live_entries_are_ever_given(confidences: dict[str, float]) -> None:
    match decision(**confidences):
        case Answer(entry, _, others):
            assert {entry, *others} <= set(LIVE.entries)
            assert entry not in others
        case Offer(entries, _):
            assert 1 <= len(set(entries)) == len(entries) <= 3
            assert set(entries) <= set(LIVE.entries)
        case NotUnderstood(topics, _):
            assert set(topics) <= set(LIVE.topics)


def test_greeting_before_a_question_does_not_hide_it() -> None:
    long = ["xin", "chao", "cho", "hoi", "dang", "ky", "tam", "tru", "het", "bao", "nhieu"]

    decided = decision(long, **{HELLO: 0.6, FEE: 0.3})

    assert isinstance(decided, Answer)
    assert decided.entry == FEE


def test_doubtful_answer_becomes_a_question_back_where_care_is_needed() -> None:
    doubtful, sure = Answer(FEE, 0.6, (PLACE,)), Answer(FEE, 0.9, (PLACE,))

    assert carefully(doubtful, limits=LIMITS) == Offer((FEE, PLACE), 0.6)
    assert carefully(sure, limits=LIMITS) == sure
    assert carefully(Answer(FEE, 0.6), limits=LIMITS) == Answer(FEE, 0.6)


def test_warning_is_given_however_doubtful() -> None:
    warning = Answer("canh-bao-lua-dao.doi-otp", 0.4, (FEE,))

    assert carefully(warning, limits=LIMITS) == warning
