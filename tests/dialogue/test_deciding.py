"""Sure: the entry; close: up to three choices; else: an honest no. More confidence never makes it less."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dialogue.deciding import Answer, Decision, Limits, NotUnderstood, Offer, OutOfScope, decide
from dialogue.following import TopicWords
from dialogue.memory import Memory
from faq.content_files import ContentFiles
from faq.live import Live
from nlu.understanding import Guess, Understanding

LIVE = Live(ContentFiles().read())
TELLING = TopicWords.of(LIVE.faq)
LIMITS = Limits()
QUESTION = ["dang", "ky", "tam", "tru"]
FEE, PAPERS, PLACE = "dang-ky-tam-tru.le-phi", "dang-ky-tam-tru.ho-so", "can-cuoc.noi-lam"
SCAM, OUTSIDE, HELLO = "canh-bao-lua-dao.doi-otp", "ngoai-pham-vi.nau-an", "chitchat.chao-hoi"
INTENTS = (FEE, PAPERS, PLACE, SCAM, OUTSIDE, HELLO, "vneid.le-phi", "da-xoa.roi")
TALKED_OF_RESIDENCE = Memory(topic="dang-ky-tam-tru", aspect="ho-so", entry=PAPERS)


def decision(words: list[str] = QUESTION, memory: Memory | None = None, **confidences: float) -> Decision:
    guesses = (Guess(intent, confidence) for intent, confidence in confidences.items())
    return decide(Understanding.of(guesses), words, memory or Memory(), LIVE, TELLING, limits=LIMITS)


def test_sure_guess_is_answered() -> None:
    assert decision(**{FEE: LIMITS.sure}) == Answer(FEE, LIMITS.sure)


def test_guess_far_before_the_second_is_answered() -> None:
    assert decision(**{FEE: 0.4, PAPERS: 0.1}) == Answer(FEE, 0.4)
    assert decision(**{FEE: 0.4, PAPERS: 0.3}) == Offer((FEE, PAPERS), 0.4)


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
    assert decision(**{SCAM: LIMITS.scam, FEE: 0.7}) == Answer(SCAM, LIMITS.scam)
    assert decision(memory=TALKED_OF_RESIDENCE, **{SCAM: 0.3, FEE: 0.6}) == Answer(SCAM, 0.3)
    assert decision(**{SCAM: LIMITS.scam - 0.01, FEE: 0.7}) == Answer(FEE, 0.7)


def test_scam_comes_before_what_is_outside_unless_that_is_likelier() -> None:
    assert decision(**{SCAM: 0.5, OUTSIDE: 0.5}) == Answer(SCAM, 0.5)
    assert decision(**{SCAM: 0.3, OUTSIDE: 0.7}) == OutOfScope(0.7)


def test_scams_of_several_kinds_add_up() -> None:
    assert decision(**{SCAM: 0.15, "canh-bao-lua-dao.vneid-gia": 0.14, FEE: 0.6}) == Answer(SCAM, 0.15)


def test_what_is_outside_is_refused_even_if_spread_over_several_kinds() -> None:
    assert decision(**{OUTSIDE: 0.3, "ngoai-pham-vi.thoi-tiet": 0.3, FEE: 0.4}) == OutOfScope(0.6)


@pytest.mark.parametrize("intent", ["da-xoa.roi", "khong-biet", "canh-bao-lua-dao.da-xoa", "chitchat.da-xoa"])
def test_intent_of_no_entry_is_as_if_it_had_not_been_guessed(intent: str) -> None:
    assert decision(**{intent: 0.9, FEE: 0.1, PAPERS: 0.1}) == decision(**{FEE: 0.1, PAPERS: 0.1})


def test_aspect_without_topic_takes_the_topic_talked_of() -> None:
    guessed = {"cap-doi-cap-lai-can-cuoc.le-phi": 0.4, "dang-ky-thuong-tru.le-phi": 0.3, FEE: 0.02}
    words = ["the", "le", "phi", "bao", "nhieu"]

    followed = decision(words, TALKED_OF_RESIDENCE, **guessed)

    assert isinstance(followed, Answer)
    assert followed.entry == FEE
    assert decision(words, **guessed) != followed


def test_topic_without_aspect_takes_the_aspect_talked_of() -> None:
    guessed = {"khai-bao-tam-vang.la-gi": 0.3, "khai-bao-tam-vang.lien-he": 0.3, "khai-bao-tam-vang.ho-so": 0.02}

    followed = decision(["con", "tam", "vang", "thi", "sao"], TALKED_OF_RESIDENCE, **guessed)

    assert followed == Answer("khai-bao-tam-vang.ho-so", pytest.approx(1.0))


def test_long_message_says_itself_what_it_is_about() -> None:
    guessed = {PLACE: 0.6, FEE: 0.1}
    long = ["le", "phi"] * 10

    assert decision(long, TALKED_OF_RESIDENCE, **guessed) == decision(long, **guessed)


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
    confidences=st.dictionaries(st.sampled_from(INTENTS), st.floats(0, 1)),
    memory=st.sampled_from([Memory(), TALKED_OF_RESIDENCE]),
)
def test_only_live_entries_are_ever_given(confidences: dict[str, float], memory: Memory) -> None:
    match decision(memory=memory, **confidences):
        case Answer(entry, _):
            assert entry in LIVE.entries
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
