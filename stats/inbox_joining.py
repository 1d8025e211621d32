"""Groups of the inbox that staff put together by hand, and take apart again.

The wordings of each group stay a part of the new one: what comes in later finds it by any of them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from itertools import count

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from stats.inbox import Decision, InboxGroup, hold, messages_of, regroup
from stats.inbox_deciding import NotOpenError


async def join(session: AsyncSession, groups: Collection[int], *, author: str, now: dt.datetime) -> InboxGroup:
    """Make open groups one, the one that ranks highest; raise `NotOpenError` if one of them is open no more."""
    await hold(session)
    into, *others = await _open(session, groups)
    numbers, before, follows = count(), [], into.follows
    for group in (into, *others):
        parts: dict[int, int] = defaultdict(numbers.__next__)
        for message in await messages_of(session, group.id):
            message.group_id, message.part = into.id, parts[message.part]
        before.append({"parts": list(parts.values()), "follows": group.follows})
        follows = follows if follows is not None else group.follows
    into.follows = follows
    into.joined = {"by": author, "at": now.isoformat(), "before": before}
    await regroup(session, groups)
    note(session, author, "inbox.joined", str(into.id), now=now, groups=len(before), wordings=into.wordings)
    return into


async def take_apart(session: AsyncSession, group_id: int, *, author: str, now: dt.datetime) -> InboxGroup:
    """Undo the last `join` of a group; raise `NotOpenError` if there is none or somebody has decided since."""
    await hold(session)
    group = await session.get(InboxGroup, group_id)
    if group is None or group.decision != Decision.OPEN or not group.joined:
        raise NotOpenError(group)
    first, *others = group.joined["before"]
    apart = [InboxGroup(first_at=group.first_at, last_at=group.last_at, follows=one["follows"]) for one in others]
    session.add_all(apart)
    await session.flush()
    home = {part: own.id for own, one in zip(apart, others, strict=True) for part in one["parts"]}
    for message in await messages_of(session, group_id):
        message.group_id = home.get(message.part, group_id)
    group.follows, group.joined = first["follows"], {}
    await regroup(session, [group_id, *(own.id for own in apart)])
    note(session, author, "inbox.taken_apart", str(group_id), now=now, groups=len(apart) + 1)
    return group


async def _open(session: AsyncSession, groups: Collection[int]) -> list[InboxGroup]:
    query = select(InboxGroup).where(InboxGroup.id.in_(groups)).order_by(InboxGroup.rank.desc(), InboxGroup.id)
    found = list(await session.scalars(query.with_for_update()))
    decided = next((group for group in found if group.decision != Decision.OPEN), None)
    if decided is not None or len(found) != len(set(groups)) or not found:
        raise NotOpenError(decided)
    return found
