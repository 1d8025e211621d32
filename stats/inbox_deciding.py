"""What staff decide on a group of the inbox, and how they take it back."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from faq.drafting import add_examples, add_outside, remove_examples, remove_outside, standing
from faq.entries import OUTSIDE_TOPIC
from faq.folding import fold
from faq.live import Live
from faq.models import Draft, Kind
from faq.sheets import OUTSIDE
from stats.inbox import Decision, InboxGroup, InboxMessage, hold, messages_of, regroup

WHY = "từ hộp câu hỏi"
ACTS = {
    Decision.ADDED: "inbox.added",
    Decision.NEW_ENTRY: "inbox.new_entry",
    Decision.OUTSIDE: "inbox.outside",
    Decision.IGNORED: "inbox.ignored",
}
TAUGHT = frozenset({Decision.ADDED, Decision.OUTSIDE})
"""Decisions that make examples."""


class NotOpenError(Exception):
    """Somebody else has decided on the group meanwhile, or it went into another one."""

    def __init__(self, now: InboxGroup | None) -> None:
        super().__init__()
        self.author = now.decided_by if now else None


class NothingChosenError(Exception):
    """None of the wordings was chosen, or none that can be an example."""


class TooLateError(Exception):
    """The draft does not hold the sentences any more: they are published, or somebody took them out."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision."""

    group: InboxGroup
    added: int = 0
    unfit: int = 0
    """Wordings that went with the group but can be no examples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody of the staff decided."""

    decision: Decision
    wordings: Collection[str]
    """Those that the decision is for; all others stay open, in a group of their own."""
    author: str
    now: dt.datetime
    target: str | None = None
    """Key of the entry, or of the group out of scope."""

    @property
    def intent(self) -> str | None:
        """Intent that the examples are for."""
        return f"{OUTSIDE_TOPIC}.{self.target}" if self.decision == Decision.OUTSIDE else self.target


@dataclass(frozen=True, slots=True)
class Owners:
    """Which intent each sentence is an example of, as all drafts have it."""

    live: Live
    drafts: Mapping[str, Draft]
    drafted: Mapping[str, str]
    """Intent by folded text, of what is drafted."""

    @classmethod
    def of(cls, live: Live, drafts: Iterable[Draft]) -> "Owners":
        """Lay drafts over what is live."""
        by_key = {draft.key: draft for draft in drafts}
        found: dict[str, str] = {}
        for draft in by_key.values():
            for intent, examples in _examples(draft):
                found |= dict.fromkeys(_folded(tuple(examples)), intent)
        return cls(live, by_key, found)

    def __call__(self, folded: str) -> str:
        """Return the intent that has a sentence; nothing if none has."""
        owner = self.live.owners.get(folded, "")
        stale = (OUTSIDE if owner.startswith(f"{OUTSIDE_TOPIC}.") else owner) in self.drafts
        return self.drafted.get(folded, "" if stale else owner)


def _examples(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    content = draft.content or {}
    if draft.kind == Kind.ENTRY:
        yield draft.key, content.get("examples", [])
    elif draft.key == OUTSIDE:
        yield from ((f"{OUTSIDE_TOPIC}.{group['key']}", group["examples"]) for group in content.get("groups", ()))


@lru_cache(maxsize=1024)
def _folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Fold the examples of a draft once, not with each page."""
    return tuple(map(fold, texts))


async def decide(session: AsyncSession, group_id: int, choice: Choice, known: Owners) -> Decided:
    """Decide on a group; `known` tells which sentences are examples already.

    Raises `NotOpenError`, `NothingChosenError`, `LookupError` if there is no such target, and what drafting raises.
    """
    await hold(session)
    group = await _claim(session, group_id, choice)
    messages = await messages_of(session, group_id)
    chosen = [message for message in messages if message.folded in choice.wordings]
    if not messages and choice.decision not in {Decision.ADDED, Decision.NEW_ENTRY}:
        return _without_wordings(session, group, choice)
    if not chosen:
        raise NothingChosenError
    group.left = await _left_out(session, group, [m for m in messages if m.folded not in choice.wordings])
    decided = await _taught(session, group, chosen, choice, known) if choice.decision in TAUGHT else Decided(group)
    await regroup(session, [group_id])
    details = {"group": group_id, "wordings": len(chosen), "examples": decided.added}
    # The words themselves are not noted: a log that never forgets would keep what somebody wants forgotten.
    note(session, choice.author, ACTS[choice.decision], choice.target or str(group_id), now=choice.now, **details)
    return decided


def _without_wordings(session: AsyncSession, group: InboxGroup, choice: Choice) -> Decided:
    """Decide on a group whose wordings are gone: there is nothing to teach, but it need not wait for ever."""
    details = {"group": group.id, "wordings": 0, "examples": 0}
    note(session, choice.author, ACTS[choice.decision], choice.target or str(group.id), now=choice.now, **details)
    return Decided(group)


async def undo(session: AsyncSession, group_id: int, *, author: str, now: dt.datetime) -> InboxGroup:
    """Take a decision back; raise `NotOpenError` if there is none, `TooLateError` if the draft has moved on."""
    await hold(session)
    group = await session.get(InboxGroup, group_id, with_for_update=True)
    if group is None or group.decision == Decision.OPEN:
        raise NotOpenError(group)
    decision, target, left = Decision(group.decision), group.target, group.left
    same = (InboxGroup.id == group_id) & (InboxGroup.decision == decision) & (InboxGroup.decided_at == group.decided_at)
    opened = {"decision": Decision.OPEN, "decided_by": None, "decided_at": None, "target": None, "left": None}
    if not (await session.execute(update(InboxGroup).where(same).values(**opened))).rowcount:  # type: ignore[attr-defined]
        raise NotOpenError(None)
    await session.refresh(group)
    messages = await messages_of(session, group_id)
    await _untaught(session, decision, target or "", messages, author=author, now=now)
    if messages:
        await _back(session, group_id, left)
    note(session, author, "inbox.undone", target or str(group_id), now=now, group=group_id, decision=decision)
    return group


async def written_for(session: AsyncSession, group_id: int, key: str) -> None:
    """Note the new entry that was written for a group, unless it has one already or was decided otherwise meanwhile."""
    waits = (InboxGroup.id == group_id) & (InboxGroup.decision == Decision.NEW_ENTRY) & InboxGroup.target.is_(None)
    await session.execute(update(InboxGroup).where(waits).values(target=key))


def unfit(message: InboxMessage, intent: str | None, known: Owners) -> str:
    """Return why a wording can be no example of an intent: a reason of `Unfit`, the intent that has it, or nothing."""
    if message.unfit:
        return message.unfit
    owner = known(message.folded)
    return "" if owner == intent else owner


async def _claim(session: AsyncSession, group_id: int, choice: Choice) -> InboxGroup:
    """Decide before anything else, so that of two who do it at once only one goes on."""
    values = {"decided_by": choice.author, "decided_at": choice.now, "target": choice.target}
    still_open = (InboxGroup.id == group_id) & (InboxGroup.decision == Decision.OPEN)
    done = await session.execute(update(InboxGroup).where(still_open).values(decision=choice.decision, **values))
    group = await session.get(InboxGroup, group_id, populate_existing=True)
    if not done.rowcount or group is None:  # type: ignore[attr-defined]
        raise NotOpenError(group)
    return group


async def _left_out(session: AsyncSession, group: InboxGroup, messages: Sequence[InboxMessage]) -> int | None:
    """Give the wordings that were left out a group of their own."""
    if not messages:
        return None
    own = InboxGroup(first_at=group.first_at, last_at=group.last_at)
    session.add(own)
    await session.flush()
    for message in messages:
        message.group_id = own.id
    await regroup(session, [own.id])
    return own.id


async def _taught(
    session: AsyncSession, group: InboxGroup, chosen: list[InboxMessage], choice: Choice, known: Owners
) -> Decided:
    fit = [message for message in chosen if not unfit(message, choice.intent, known)]
    if not fit:
        raise NothingChosenError
    teach = add_outside if choice.decision == Decision.OUTSIDE else add_examples
    texts = [message.text.strip() for message in fit]
    added = set(await teach(session, choice.target or "", texts, author=choice.author, now=choice.now, why=WHY))
    for message in fit:
        message.taken = message.text.strip() in added
    return Decided(group, len(added), len(chosen) - len(fit))


async def _untaught(
    session: AsyncSession,
    decision: Decision,
    target: str,
    messages: list[InboxMessage],
    *,
    author: str,
    now: dt.datetime,
) -> None:
    """Take the examples out again that the decision made."""
    texts = [message.text.strip() for message in messages if message.taken]
    if decision not in TAUGHT or not texts:
        return
    if not set(texts) <= await _drafted(session, decision, target):
        raise TooLateError
    remove = remove_outside if decision == Decision.OUTSIDE else remove_examples
    await remove(session, target, texts, author=author, now=now)
    for message in messages:
        message.taken = False


async def _drafted(session: AsyncSession, decision: Decision, target: str) -> set[str]:
    """Return the examples of a target that its draft has and what is live has not."""
    outside = decision == Decision.OUTSIDE
    stands = await standing(session, OUTSIDE if outside else target, kind=Kind.SHEET if outside else Kind.ENTRY)
    if not stands.drafted:
        return set()

    def examples(content: Mapping[str, object] | None) -> set[str]:
        held = content
        if content is not None and outside:
            groups: list[dict[str, object]] = content["groups"]  # type: ignore[assignment]
            held = next((group for group in groups if group["key"] == target), None)
        return set(held["examples"]) if held else set()  # type: ignore[call-overload]

    return examples(stands.draft) - examples(stands.live)


async def _back(session: AsyncSession, group_id: int, left: int | None) -> None:
    """Bring the wordings back that were left out, if nobody has decided on them since."""
    own = await session.get(InboxGroup, left) if left is not None else None
    if own is not None and own.decision == Decision.OPEN:
        for message in await messages_of(session, own.id):
            message.group_id = group_id
    await regroup(session, [group_id, *([own.id] if own else [])])
