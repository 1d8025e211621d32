"""One turn of a conversation: hide personal data, understand, decide, reply, and note what was asked."""

import datetime as dt
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from dialogue.chats import Mode
from dialogue.composing import Composer, with_warning
from dialogue.correcting import corrected
from dialogue.deciding import Limits
from dialogue.desk import Desk, linked
from dialogue.doing import Deeds
from dialogue.endings import about_the_case, announcing, by_words, carry_out, nothing_left, stopped
from dialogue.english import looks_english
from dialogue.hearing import Ended, Hearing, Speaker
from dialogue.kept import Kept
from dialogue.layout import join
from dialogue.memory import Memories
from dialogue.passing_on import Recogniser, passed_on, searched
from dialogue.personal import PersonalComposer
from dialogue.pressing import opened
from dialogue.reading import LONGEST_MESSAGE, Reader, words_of
from dialogue.replies import Found, Press, Reply, Turn
from dialogue.wording import wording
from faq.database import VIETNAM
from faq.entries import EMERGENCY, SCAM_TOPIC, Entry, topic_of
from faq.live import Live
from faq.notices import NOTHING, Announced
from nlu.rasa_client import NluUnavailableError
from stats.endings import Ending
from stats.masking import Masked, mask, without_marks
from stats.pseudonyms import Pseudonyms
from stats.questions import Asked, InputKind, new_id

__all__ = ["Dialogue", "Recogniser", "Speaker"]

log = logging.getLogger(__name__)

LONGEST_TELEGRAM_MESSAGE = 4_096
_FOUR_DIGITS = re.compile(r"\d{4}")
LONGEST_SEARCH = 200
NO_TEXT = Masked("", frozenset())


class KnowsFaq(Protocol):
    """Whatever gives the FAQ that is live at this moment."""

    async def now(self) -> Live:
        """Return what is live."""
        ...


class Announces(Protocol):
    """Whatever knows what staff have to tell everybody at this moment."""

    async def now(self) -> Announced:
        """Return what holds."""
        ...


class Silent:
    """Nothing to tell."""

    async def now(self) -> Announced:
        """Return that nothing is told."""
        return NOTHING


class Dialogue:
    """Talks with citizens; knows neither Telegram nor the web."""

    def __init__(
        self,
        faq: KnowsFaq,
        recogniser: Recogniser,
        pseudonyms: Pseudonyms,
        record: Callable[[Asked], Awaitable[None]],
        *,
        kept: Kept | None = None,
        notices: Announces | None = None,
        desk: Desk | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        memories: Memories | None = None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        zone: dt.tzinfo = VIETNAM,
    ) -> None:
        self._faq = faq
        self._recogniser = recogniser
        self._pseudonyms = pseudonyms
        self._record = record
        self._kept = kept if kept is not None else Kept()
        self._notices = notices if notices is not None else Silent()
        self._memories = memories if memories is not None else Memories()
        self._clock = clock
        self._zone = zone
        self._reader = Reader(recogniser, limits)
        self._desk = desk
        self._deeds = Deeds(self._kept, self._memories, pseudonyms, desk)

    async def answer(self, speaker: Speaker, text: str) -> Turn:
        """Answer a message in the citizen's own words."""
        masked = mask(text[:LONGEST_TELEGRAM_MESSAGE])
        hearing = await self._hear(speaker, listening=True)
        if hearing.memory.wants_remark and hearing.announced.stop is None and not await self._presses(hearing, masked):
            return await self._finish(hearing, await self._deeds.take_remark(hearing, masked), masked=masked)
        hearing.memory = replace(hearing.memory, wants_remark=False)
        ended = await self._end(hearing, masked)
        if masked.kinds and ended.ending is not Ending.PERSONAL_DATA:
            ended = replace(ended, reply=with_warning(ended.reply, hearing.say.warning()))
        hearing.memory = replace(hearing.memory, question=masked.text[:LONGEST_MESSAGE])
        return await self._finish(hearing, announcing(hearing, ended), masked=masked)

    async def press(self, speaker: Speaker, pressed: str) -> Turn:
        """Do what a button asks for; what it led to may be gone."""
        hearing = await self._hear(speaker)
        kind, _, value = pressed.partition(":")
        doing = self._deeds.by_press.get(kind)
        if hearing.announced.stop is not None and kind not in {Press.KEPT, Press.FORGET, Press.WEEKLY}:
            ended = stopped(hearing)
        else:
            ended = await doing(hearing, value) if doing else opened(hearing, kind, value)
        return await self._finish(hearing, ended, kind="button")

    async def start(self, speaker: Speaker, code: str = "") -> Turn:
        """Welcome somebody; `code` is that of a leaflet, or of an entry that somebody passed on."""
        hearing = await self._hear(speaker)
        if hearing.announced.stop is not None:
            return await self._finish(hearing, stopped(hearing), kind="command")
        known, entry = await self._behind(hearing, code) if _is_code(code) else (False, None)
        if known:
            hearing.memory = replace(hearing.memory, campaign=code)
        if entry is None:
            ended = Ended(hearing.say.welcome(hearing.announced.notices), anonymous=known)
        else:
            hearing.opened(entry)
            reply = hearing.say.answer(entry)
            told = join([*hearing.say.announced(hearing.announced.notices), hearing.say.introduction(), reply.html])
            ended = Ended(Reply(told, reply.buttons), Ending.ANSWERED, entry, anonymous=known)
        return await self._finish(hearing, ended, kind="command")

    async def help(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Explain how to use this."""
        return await self._plain(speaker, lambda hearing: hearing.say.help(hearing.announced.notices))

    async def menu(self, speaker: Speaker, _argument: str = "") -> Turn:
        """List the topics."""
        return await self._plain(speaker, lambda hearing: hearing.say.menu(hearing.announced.notices))

    async def scams(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Say what to do about scams, and list what is known of them."""
        hearing = await self._hear(speaker)
        ended = stopped(hearing) if hearing.announced.stop else Ended(hearing.say.scams(), topic=SCAM_TOPIC)
        return await self._finish(hearing, ended, kind="command")

    async def search(self, speaker: Speaker, words: str = "") -> Turn:
        """List the answers that fit some words."""
        masked = mask(words[:LONGEST_TELEGRAM_MESSAGE])
        hearing = await self._hear(speaker)
        if hearing.announced.stop is not None:
            ended = stopped(hearing)
        elif not words_of(masked.text):
            ended = Ended(hearing.say.how_to_search())
        else:
            entries = await searched(self._recogniser, hearing.live, masked.text[:LONGEST_MESSAGE])
            reply = hearing.say.found(entries)
            reply = with_warning(reply, hearing.say.warning()) if masked.kinds else reply
            ended = Ended(reply, Ending.OFFERED, offered=tuple(entry.key for entry in entries))
        return await self._finish(hearing, ended, kind="command", masked=masked)

    async def languages(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Offer the languages."""
        return await self._plain(speaker, lambda hearing: hearing.say.languages())

    async def large_letters(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Tell one short step at a time from now on."""
        return await self._enter(speaker, Mode.EASY)

    async def help_others(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Answer a volunteer from now on."""
        return await self._enter(speaker, Mode.HELPER)

    async def privacy(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Explain what is kept and what for."""
        return await self._plain(
            speaker, lambda hearing: PersonalComposer(hearing.say).privacy(self._kept.keep_days), always=True
        )

    async def my_data(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Show what is kept about somebody."""
        hearing = await self._hear(speaker)
        return await self._finish(hearing, await self._deeds.show_kept(hearing, "1"), kind="command")

    async def forget(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Remove all that is kept about somebody."""
        hearing = await self._hear(speaker)
        return await self._finish(hearing, await self._deeds.forget(hearing, ""), kind="command")

    async def remark(self, speaker: Speaker, text: str = "") -> Turn:
        """Take a remark on the guide, now or with the next message."""
        masked = mask(text[:LONGEST_TELEGRAM_MESSAGE])
        hearing = await self._hear(speaker)
        if words_of(masked.text):
            return await self._finish(hearing, await self._deeds.take_remark(hearing, masked), kind="command")
        hearing.memory = replace(hearing.memory, wants_remark=True)
        return await self._finish(hearing, Ended(hearing.say.remark_wanted()), kind="command")

    async def only_text(self, speaker: Speaker) -> Turn:
        """Answer what is not text: it is never looked at."""
        return await self._plain(
            speaker, lambda hearing: hearing.say.only_text(), ending=Ending.NOT_UNDERSTOOD, kind="other"
        )

    async def unknown_command(self, speaker: Speaker) -> Turn:
        """Answer a command that does not exist."""
        return await self._plain(speaker, lambda hearing: hearing.say.unknown_command(), ending=Ending.NOT_UNDERSTOOD)

    async def link_staff(self, speaker: Speaker, code: str = "") -> Turn:
        """Take a code from the pages that shows whose of the staff an account is; without one it is no command."""
        hearing = await self._hear(speaker)
        name = await self._desk.link(code, hearing.person) if self._desk and code else None
        if name is None:
            return await self.unknown_command(speaker)
        self._kept.forget_choices(hearing.person)
        await self._kept.leave_out(hearing.asker)
        return await self._finish(hearing, linked(name), kind="command")

    async def figures(self, speaker: Speaker, _argument: str = "") -> Turn:
        """Tell staff what is asked; to everybody else it is no command."""
        hearing = await self._hear(speaker)
        name = await self._desk.whose(hearing.person) if self._desk else None
        if self._desk is None or name is None:
            self._kept.forget_choices(hearing.person)
            # Who was linked until now may still be offered it in their menu.
            return replace(await self.unknown_command(speaker), offered=())
        ended = await self._desk.figures(name, hearing.live, hearing.at)
        return await self._finish(hearing, ended, kind="command")

    async def inline(self, text: str, language: str | None = None) -> tuple[Found, ...]:
        """Return up to ten answers to pass on in any chat; nothing is written down, and nobody is asked for."""
        if (await self._notices.now()).stop is not None:
            return ()
        live = (await self._faq.now()).on(self._today())
        say = Composer(live, wording(language or ""), self._today())
        return await passed_on(self._recogniser, say, mask(text[:LONGEST_TELEGRAM_MESSAGE]).text[:LONGEST_SEARCH])

    async def record(self, turn: Turn) -> None:
        """Write down what was asked, after the reply is on its way."""
        if turn.asked is not None:
            await self._record(turn.asked)

    async def _plain(
        self,
        speaker: Speaker,
        compose: Callable[[Hearing], Reply],
        *,
        ending: Ending = Ending.MENU,
        kind: InputKind = "command",
        always: bool = False,
    ) -> Turn:
        """Answer what needs nothing but words; `always` also while the guide is stopped."""
        hearing = await self._hear(speaker)
        silent = hearing.announced.stop is not None and not always
        ended = stopped(hearing) if silent else Ended(compose(hearing), ending)
        return await self._finish(hearing, ended, kind=kind)

    async def _finish(
        self, hearing: Hearing, ended: Ended, *, kind: InputKind = "text", masked: Masked = NO_TEXT
    ) -> Turn:
        self._remember(hearing, ended)
        asked = self._note(hearing, ended, kind=kind, masked=masked) if ended.counted else None
        return Turn(
            ended.reply,
            asked,
            anew=ended.anew,
            toast=ended.toast,
            enclosed=ended.enclosed,
            offered=ended.offered_commands,
        )

    async def _hear(self, speaker: Speaker, *, listening: bool = False) -> Hearing:
        """Gather what is needed; unless `listening` for it, a remark is no longer waited for."""
        at = self._clock()
        today = at.astimezone(self._zone).date()
        memory = self._memories[speaker.key]
        person = self._pseudonyms.of(speaker.channel, speaker.person)
        asker = self._pseudonyms.in_quarter(speaker.channel, speaker.person, at)
        chat = await self._kept.chat(person)
        if chat.staff is not None:
            await self._kept.leave_out(asker)
        return Hearing(
            speaker=speaker,
            at=at,
            person=person,
            asker=asker,
            live=(await self._faq.now()).on(today),
            memory=memory if listening else replace(memory, wants_remark=False),
            chat=chat,
            today=today,
            announced=await self._notices.now(),
        )

    def _today(self) -> dt.date:
        """Return the day that it is here: rules change at midnight of the place, not of the server."""
        return self._clock().astimezone(self._zone).date()

    async def _end(self, hearing: Hearing, masked: Masked) -> Ended:
        words = words_of(masked.text)
        if hearing.announced.stop is not None:
            return stopped(hearing)
        if not words:
            return nothing_left(hearing, masked)
        if looks_english(words):
            return Ended(Composer(hearing.live, wording("en"), hearing.today).in_english(), Ending.OUT_OF_SCOPE)
        text = without_marks(masked.text)[:LONGEST_MESSAGE]
        asked = corrected(words, words_of(hearing.memory.question))
        text, words = (text, words) if asked is None else (" ".join(asked), asked)
        try:
            decision = await self._reader.read(hearing, text, careful=asked is not None)
        except NluUnavailableError as error:
            # The error's own text may quote what the server was asked.
            log.warning("NLU does not answer: %s", type(error).__name__)
            return by_words(hearing, text)
        return about_the_case(hearing, decision, words) or carry_out(hearing, decision, words)

    async def _presses(self, hearing: Hearing, masked: Masked) -> bool:
        """Whether a message must be answered at once, even if a remark was waited for."""
        try:
            return await self._reader.is_urgent(hearing, masked.text)
        except NluUnavailableError:
            return False

    async def _behind(self, hearing: Hearing, code: str) -> tuple[bool, Entry | None]:
        """Return whether a code is that of a campaign, and the entry that it, or a shared answer's code, opens.

        What else is typed behind /start is kept nowhere: it may be somebody's name.
        """
        direct = hearing.live.entry(code.replace("_", ".", 1))
        if direct is not None:
            return False, direct
        campaign = await self._kept.campaign(code)
        if campaign is None or not campaign.holds(hearing.today):
            return campaign is not None, None
        return True, hearing.live.entry(campaign.entry) if campaign.entry else None

    async def _enter(self, speaker: Speaker, mode: Mode) -> Turn:
        """Answer in that way from now on. A button leads out of it: a command that comes twice does no harm."""
        hearing = await self._hear(speaker)
        return await self._finish(hearing, await self._deeds.change_mode(hearing, mode), kind="command")

    def _remember(self, hearing: Hearing, ended: Ended) -> None:
        memory = hearing.memory
        if ended.entry is not None and (not ended.entry.is_small_talk or ended.entry.key == EMERGENCY):
            entry = ended.entry
            memory = memory.after(topic=entry.topic, aspect=ended.aspect, entry=entry.key)
        elif ended.topic is not None:
            memory = memory.after(topic=ended.topic, aspect=None, entry=None)
        elif len(topics := {topic_of(key) for key in ended.offered}) == 1:
            memory = memory.after(topic=topics.pop(), aspect=None, entry=None)
        elif ended.entry is None and len(aspects := {hearing.live.aspect_of(key) for key in ended.offered}) == 1:
            memory = memory.after(topic=None, aspect=aspects.pop(), entry=None)
        elif ended.entry is None and ended.offered:  # what was offered first is the likeliest
            memory = memory.after(topic=topic_of(ended.offered[0]), aspect=None, entry=None)
        self._memories[hearing.speaker.key] = replace(memory, person=hearing.person)

    def _note(self, hearing: Hearing, ended: Ended, *, kind: InputKind, masked: Masked) -> Asked:
        entry = ended.entry
        return Asked(
            id=new_id(),
            asked_at=hearing.at,
            person=None if ended.anonymous else hearing.asker,
            channel=hearing.speaker.channel,
            kind=kind,
            text=masked.text[:LONGEST_MESSAGE],
            ending=ended.ending,
            entry=entry.key if entry else None,
            topic=entry.topic if entry else ended.topic,
            aspect=ended.aspect,
            offered=ended.offered,
            confidence=ended.confidence,
            release=hearing.live.release,
            milliseconds=round((time.perf_counter() - hearing.started) * 1000),
            campaign=hearing.memory.campaign,
            masked_kinds=tuple(sorted(masked.kinds)),
            language=hearing.language,
        )


def _is_code(campaign: str) -> bool:
    """Whether a `?start=` code has the form that Telegram allows, and is not somebody's number typed behind /start."""
    allowed = 1 <= len(campaign) <= 64 and all(c.isascii() and (c.isalnum() or c in "_-") for c in campaign)  # noqa: PLR2004
    return allowed and not mask(campaign).kinds and not _FOUR_DIGITS.search(campaign)
