"""What a message means: by itself, with what was said before it, and question by question if it asks several."""

from dataclasses import replace

from dialogue.deciding import Answer, Decision, Limits, about_hours, carefully, decide, together, urgent
from dialogue.focusing import DIFFERENT_BY_CASE, asked_aspect, beside_the_aspect, has_part, is_case_of
from dialogue.following import Leaning, asks_on, average, bare_aspects, in_context, is_talk, leaning
from dialogue.hearing import Hearing
from dialogue.memory import Memory
from dialogue.passing_on import Recogniser
from dialogue.several import questions_in
from faq.entries import OUTSIDE_TOPIC, Entry, topic_of
from faq.folding import fold
from faq.live import Live
from nlu.understanding import Understanding
from stats.masking import without_marks

LONGEST_MESSAGE = 1_000
"""Characters of a message that are read: what comes later is story."""
ELSEWHERE = 0.9
"""Share of what is out of scope, from which a message is no follow-up."""
FEWEST_WORDS_OF_A_CASE = 2


class Reader:
    """Reads messages with the NLU. Whatever it is asked raises `NluUnavailableError` while that does not answer."""

    def __init__(self, recogniser: Recogniser, limits: Limits) -> None:
        self._recogniser = recogniser
        self._limits = limits

    async def read(self, hearing: Hearing, text: str, *, careful: bool = False) -> Decision:
        """Decide what a message gets; where it is to be `careful`, rather a question back than a doubtful answer."""
        words = words_of(text)
        understanding = await self._understand(hearing, text, words)
        decision = decide(understanding, words, hearing.live, limits=self._limits)
        parts = [await self._of_part(hearing, part, text) for part in questions_in(text)]
        decision = together(decision, parts, hearing.live, limits=self._limits)
        if careful or _leaves_doubt(hearing, words) or _repeats(decision, hearing.memory):
            decision = carefully(decision, limits=self._limits)
        return await self._of_a_case(about_hours(decision, words, hearing.live), words, hearing.live)

    async def is_urgent(self, hearing: Hearing, text: str) -> bool:
        """Whether a message must be answered at once, whatever else was waited for."""
        understanding = await self._recogniser.parse(text[:LONGEST_MESSAGE])
        return urgent(understanding, hearing.live, self._limits) is not None

    async def _understand(self, hearing: Hearing, text: str, words: list[str]) -> Understanding:
        """Return what a message means by itself or, if it leans on what was said before, together with that."""
        live, alone = hearing.live, await self._recogniser.parse(text)
        if not (hearing.memory.topic or hearing.memory.aspect) or is_talk(alone, live):
            return alone
        first = urgent(alone, live, self._limits)
        if first is not None and first.confidence >= self._limits.urgent_whatever_before:
            return alone
        leans = leaning(alone, text, words, hearing.memory, live=live)
        if leans is None or (_changes_the_subject(alone) and not leans.asks_on):
            return alone
        told = await self._told(leans)
        if first is not None and urgent(told, live, self._limits) is not None:
            return alone
        return in_context(alone, told, leans, live)

    async def _of_a_case(self, decision: Decision, words: list[str], live: Live) -> Decision:
        """Find the particular case in a message that gets a general answer: "mất thẻ, làm lại hết bao nhiêu tiền"."""
        if not isinstance(decision, Answer):
            return decision
        general = live.entries[decision.entry]
        if not general.is_general or general.aspect not in DIFFERENT_BY_CASE:
            return decision
        if asked_aspect(words, live.aspects) != general.aspect:
            return decision
        case = await self._case(beside_the_aspect(words, live.aspects[general.aspect]), live)
        if case is None or not is_case_of(case, general) or not has_part(case.details, general.aspect):
            return decision
        return replace(decision, case=case.key)

    async def _case(self, words: list[str], live: Live) -> Entry | None:
        if len(words) < FEWEST_WORDS_OF_A_CASE:
            return None
        best = (await self._recogniser.parse(" ".join(words))).best
        return live.entries.get(best.intent) if best is not None and best.confidence >= self._limits.case else None

    async def _told(self, leans: Leaning) -> Understanding:
        return average([await self._recogniser.parse(sentence) for sentence in leans.sentences])

    async def _of_part(self, hearing: Hearing, part: str, whole: str) -> Understanding:
        """Return what one of several questions means: what it leaves out, an earlier one of them has said."""
        alone = await self._recogniser.parse(part)
        begins = whole.find(part)
        if sum(bare_aspects(alone).values()) < self._limits.bare:
            return alone
        memory = await self._before(hearing, whole[:begins].strip() if begins > 0 else "")
        leans = leaning(alone, part, words_of(part), memory, live=hearing.live)
        if leans is None:
            return alone
        return in_context(alone, await self._told(leans), leans, hearing.live)

    async def _before(self, hearing: Hearing, text: str) -> Memory:
        """Return what is talked about once `text` has been said."""
        best = (await self._recogniser.parse(text)).best if text else None
        named = best is not None and topic_of(best.intent) in hearing.live.by_topic
        return (
            hearing.memory.after(topic=topic_of(best.intent), aspect=None, entry=None)
            if best and named
            else hearing.memory
        )


def words_of(text: str) -> list[str]:
    """Return the words of a masked text without accents."""
    words = fold(without_marks(text)).split()
    return words if any(c.isalpha() for c in "".join(words)) else []


def _leaves_doubt(hearing: Hearing, words: list[str]) -> bool:
    """Whether a message asks the same of somebody or something else, and names no topic."""
    return hearing.memory.topic is not None and asks_on(words) and not hearing.live.names.named(words)


def _repeats(decision: Decision, memory: Memory) -> bool:
    """Whether a message would get the very answer that was just given: hardly anybody asks for that."""
    return isinstance(decision, Answer) and decision.entry == memory.entry


def _changes_the_subject(alone: Understanding) -> bool:
    """Whether a message is about something else than services, whatever was talked about before."""
    return alone.sums(topic_of).get(OUTSIDE_TOPIC, 0.0) >= ELSEWHERE
