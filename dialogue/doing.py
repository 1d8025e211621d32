"""What a button or a command does that is remembered or written down: choices, verdicts, remarks, one's own data."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from dialogue.brief import BriefComposer
from dialogue.chats import Mode
from dialogue.composing import REASONS, with_warning
from dialogue.desk import Desk
from dialogue.hearing import Ended, Hearing
from dialogue.kept import FORGOTTEN_DAYS, Kept
from dialogue.memory import Memories, Memory
from dialogue.personal import PersonalComposer
from dialogue.pressing import number_of
from dialogue.replies import Press
from dialogue.wording import wording
from faq.entries import Entry
from stats.feedback import HELPFUL, LONGEST_REMARK, NOT_HELPFUL
from stats.masking import Masked
from stats.pseudonyms import Pseudonyms

Doing = Callable[[Hearing, str], Awaitable[Ended]]


class Deeds:
    """Does what is asked for by a button, and writes it down."""

    def __init__(self, kept: Kept, memories: Memories, pseudonyms: Pseudonyms, desk: Desk | None = None) -> None:
        self._kept = kept
        self._memories = memories
        self._pseudonyms = pseudonyms
        self._desk = desk
        self.by_press: Mapping[str, Doing] = {
            Press.LANGUAGE: self.speak,
            Press.MODE: self.change_mode,
            Press.HELPFUL: self.helpful,
            Press.NOT_HELPFUL: self.not_helpful,
            Press.NEXT_PERSON: self.next_person,
            Press.CARD: self.card,
            Press.KEPT: self.show_kept,
            Press.FORGET: self.forget,
            Press.CANCEL: self.cancel,
            Press.WEEKLY: self.weekly,
        }

    async def change_mode(self, hearing: Hearing, value: str) -> Ended:
        """Answer in another way from now on, `value` being its name; the ordinary one for any other name."""
        mode = Mode(value) if value in set(Mode) else Mode.PLAIN
        await self._choose(hearing, mode=mode)
        hearing.memory = replace(hearing.memory, opened=())
        return Ended(hearing.say.mode_chosen(hearing.chat.helped_today(hearing.today)))

    async def speak(self, hearing: Hearing, value: str) -> Ended:
        """Speak another language from now on."""
        await self._choose(hearing, language=wording(value).language)
        return Ended(hearing.say.menu(), counted=False)

    async def _choose(self, hearing: Hearing, **changes: object) -> None:
        hearing.chat = replace(hearing.chat, **changes)  # type: ignore[arg-type]
        await self._kept.choose(hearing.person, hearing.chat)

    async def helpful(self, hearing: Hearing, value: str) -> Ended:
        """Note that an answer helped."""
        entry = hearing.live.entry(value)
        if entry is None:
            return Ended(hearing.say.gone())
        if not await self._rate(hearing, entry, HELPFUL, None):
            return Ended(hearing.say.not_noted(), counted=False, anew=True)
        return Ended(hearing.say.thanked(), counted=False, toast=hearing.say.thanks(), anew=True)

    async def not_helpful(self, hearing: Hearing, value: str) -> Ended:
        """Ask why an answer did not help, or note the reason."""
        number, _, key = value.rpartition(":")
        entry = hearing.live.entry(key)
        if entry is None:
            return Ended(hearing.say.gone())
        reason = int(number) if number in set(map(str, range(len(REASONS)))) else None
        noted = await self._rate(hearing, entry, NOT_HELPFUL, reason)
        if reason is None:
            return Ended(hearing.say.why_not_helpful(entry), counted=False, anew=True)
        return Ended(hearing.say.noted() if noted else hearing.say.not_noted(), counted=False)

    async def _rate(self, hearing: Hearing, entry: Entry, kind: str, reason: int | None) -> bool:
        question = hearing.memory.question if hearing.memory.entry == entry.key else ""
        return await self._kept.rate(
            hearing.asker,
            hearing.speaker.channel,
            kind=kind,
            entry=entry.key,
            reason=reason,
            question=question,
            release=hearing.live.release,
        )

    async def take_remark(self, hearing: Hearing, masked: Masked) -> Ended:
        """Note a remark on this guide."""
        hearing.memory = replace(hearing.memory, wants_remark=False)
        noted = await self._kept.remark(
            hearing.asker, hearing.speaker.channel, masked.text[:LONGEST_REMARK], hearing.live.release
        )
        reply = hearing.say.remark_noted() if noted else hearing.say.not_noted()
        if masked.kinds:
            reply = with_warning(reply, hearing.say.warning())
        return Ended(reply, counted=False)

    async def cancel(self, hearing: Hearing, _value: str) -> Ended:
        """Wait for no remark any more."""
        hearing.memory = replace(hearing.memory, wants_remark=False)
        return Ended(hearing.say.menu(), counted=False)

    async def next_person(self, hearing: Hearing, _value: str) -> Ended:
        """Count somebody who was helped, and begin anew."""
        await self._kept.helped(hearing.today)
        helped = hearing.chat.helped_today(hearing.today) + 1
        await self._choose(hearing, helped=helped, helped_on=hearing.today)
        hearing.memory = Memory(campaign=hearing.memory.campaign, told=hearing.memory.told)
        return Ended(_for_helpers(hearing).next_person(helped), counted=False, anew=True)

    async def card(self, hearing: Hearing, _value: str) -> Ended:
        """Sum up what was asked for the person beside a volunteer."""
        entries = [entry for key in hearing.memory.opened if (entry := hearing.live.entry(key)) is not None]
        return Ended(_for_helpers(hearing).card(entries), counted=False, anew=True)

    async def show_kept(self, hearing: Hearing, value: str) -> Ended:
        """Show what is kept about somebody."""
        about = await self._kept.about(hearing.person, self._names(hearing), number_of(value))
        tell = PersonalComposer(hearing.say)
        return Ended(tell.about(about, self._kept.keep_days) if about else tell.out_of_reach(), counted=False)

    async def forget(self, hearing: Hearing, _value: str) -> Ended:
        """Remove what is kept about somebody."""
        gone = await self._kept.forget(hearing.person, self._names(hearing), self._waiting(hearing))
        tell = PersonalComposer(hearing.say)
        if gone is None:
            return Ended(tell.out_of_reach(), counted=False)
        self._memories.forget(hearing.person)
        hearing.memory = Memory()
        return Ended(tell.forgotten(gone), counted=False)

    async def weekly(self, hearing: Hearing, _value: str) -> Ended:
        """Hand the latest weekly report to staff; for others there is no such button."""
        name = await self._desk.whose(hearing.person) if self._desk else None
        return await self._desk.weekly(name) if self._desk and name else Ended(hearing.say.gone())

    def _names(self, hearing: Hearing) -> tuple[str, ...]:
        """Return all pseudonyms under which anything of the speaker may be kept."""
        return self._pseudonyms.ever(hearing.speaker.channel, hearing.speaker.person, hearing.at)

    def _waiting(self, hearing: Hearing) -> set[str]:
        """Return those under which questions may still wait on some disk: in a quarter's first days, two."""
        moments = (hearing.at, hearing.at - dt.timedelta(days=FORGOTTEN_DAYS))
        speaker = hearing.speaker
        return {self._pseudonyms.in_quarter(speaker.channel, speaker.person, moment) for moment in moments}


def _for_helpers(hearing: Hearing) -> BriefComposer:
    return BriefComposer(hearing.live, hearing.words, hearing.today)
