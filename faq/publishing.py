"""The worker that takes publications from the desk: prepares them, and switches to what was approved.

Three loops, so that what was approved (or a lost live model) never waits for a training. Whatever kills the process
leaves a row that says how far it had come; the next process finishes it or begins the step anew.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from faq.database import Sessions
from faq.editing import live_release
from faq.judging import Report
from faq.models import Publication, PublicationState
from faq.problems import BrokenContentError
from faq.proposing import (
    LONGEST_TROUBLE,
    MOVED_ON,
    SERVICE,
    TooLateError,
    let_go_of_refused,
    move,
    prepare_again,
    stamps,
    waiting,
)
from faq.rehearsing import (
    DAYS,
    FEWEST_ASKED,
    MOST_SENTENCES,
    AskedLately,
    Rehearsal,
    Sureness,
    as_said,
    compare,
)
from faq.releasing import BusyError, Candidate, NothingToPublishError, OvertakenError, Plan, Publisher, alone
from nlu.rasa_client import NluUnavailableError, TrainingFailedError
from nlu.training_set import TrainingSet

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
BEAT_SECONDS = 1.0
RESTORE_SECONDS = 30.0
RETRY_SECONDS = 5.0
TRAINED, JUDGED, REHEARSED = 0.7, 0.8, 0.99
"""How much is done after each step."""
NO_NLU = (
    "Máy hiểu ngôn ngữ không trả lời nên chưa chuẩn bị được. Bản đang chạy không bị ảnh hưởng. Anh/chị thử lại sau."
)
NOT_TRAINED = "Huấn luyện không thành công. Bản đang chạy không bị ảnh hưởng. Xin báo người quản trị hệ thống."
NOTHING = "Các bản nháp đã chọn không còn, hoặc không khác bản đang chạy."
BROKEN = "Có lỗi phải sửa trước: "
LATER = "Máy hiểu ngôn ngữ chưa nhận bản mới; hệ thống đang thử lại."
UNEXPECTED = "Gặp sự cố ngoài dự kiến. Bản đang chạy không bị ảnh hưởng. Xin báo người quản trị hệ thống."


@dataclass(slots=True)
class Tracker:
    """How far a preparation has come; the share of a training is guessed from the last one, and never whole."""

    expected: float = 1.0
    doing: str = "Chuẩn bị"
    _from: float = 0.0
    _to: float = 0.0
    _share: float | None = 0.0
    _since: float = field(default_factory=time.monotonic)

    def train(self, what: str, share: float | None) -> None:
        """Take what the publisher tells: a training without a share, then the judging."""
        self._told(what, share, *((0.0, TRAINED) if share is None else (TRAINED, JUDGED)))

    def rehearse(self, what: str, share: float | None) -> None:
        """Take what is told of a rehearsal."""
        self._told(what, share, JUDGED, REHEARSED)

    @property
    def share(self) -> float:
        """The share of all that is done."""
        passed = (time.monotonic() - self._since) / max(self.expected, 1.0)
        # As expected up to nine tenths; what takes longer comes nearer and nearer to the end without reaching it.
        guessed = 0.9 * passed if passed <= 1 else 1 - 0.1 / passed
        return self._from + (self._to - self._from) * (guessed if self._share is None else self._share)

    def _told(self, what: str, share: float | None, start: float, end: float) -> None:
        if what != self.doing:
            self._since = time.monotonic()
        self.doing, self._share, self._from, self._to = what, share, start, end


class PublicationWorker:
    """Works on publications, one at a time."""

    def __init__(
        self,
        publisher: Publisher,
        sessions: Sessions,
        asked: AskedLately,
        *,
        sureness: Sureness = Sureness(),  # noqa: B008 - frozen
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._publisher = publisher
        self._sessions = sessions
        self._asked = asked
        self._sureness = sureness
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_again_and_again(self.prepare_next, LOOK_SECONDS))
            tasks.create_task(_again_and_again(self.switch_next, LOOK_SECONDS))
            tasks.create_task(_again_and_again(self.tidy, RESTORE_SECONDS))

    async def prepare_next(self) -> bool:
        """Prepare the publication that has waited longest; say whether there was one."""
        if await self._next(PublicationState.WAITING, PublicationState.PREPARING) is None:
            return False
        with alone(self._publisher.models):
            # Whoever prepared it before is gone: it would have the lock.
            found = await self._next(PublicationState.PREPARING, PublicationState.WAITING)
            if found is None:
                return False
            return await self._prepare(found)

    async def switch_next(self) -> bool:
        """Make live what was approved; say whether there was something."""
        found = await self._next(PublicationState.APPROVED)
        if found is None:
            return False
        plan, candidate = await self._publisher.plan(found.drafts), _candidate(found)
        as_proposed = (plan.base, stamps(plan.drafts)) == (found.result["base"], found.drafts)
        if not as_proposed or self._publisher.file_of(candidate.model_file) is None:
            await self._again(found)
            return True
        try:
            await self._publisher.go_live(plan, candidate, author=found.author, also=self._is_live(found))
        except OvertakenError:
            await self._again(found)
        except NluUnavailableError:
            await self._tell(found, LATER)
            await asyncio.sleep(RETRY_SECONDS)
        return True

    async def tidy(self) -> bool:
        """Give the live model to NLU servers that answer with another, and let go of what nobody waits for."""
        try:
            await self._publisher.restore_live_model()
        except NluUnavailableError:
            log.warning("no NLU server can be given the live model")
        async with self._sessions.begin() as session:
            await let_go_of_refused(session, self._clock())
        await self._publisher.forget_old_models()
        return False

    async def _prepare(self, found: Publication) -> bool:
        """Prepare a publication, telling its row how far it is; stop if it is withdrawn meanwhile."""
        tracker = Tracker()
        if not await self._beat(found, tracker, PublicationState.WAITING, PublicationState.PREPARING):
            return True
        work = asyncio.create_task(self._outcome(found, tracker))
        try:
            while not (await asyncio.wait({work}, timeout=BEAT_SECONDS))[0]:
                if not await self._beat(found, tracker, PublicationState.PREPARING):
                    return True
            await self._finish(found, work.result())
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await work
        return True

    async def _outcome(self, found: Publication, tracker: Tracker) -> Mapping[str, Any]:
        """Return what becomes of a publication, as values of its row."""
        try:
            return await self._prepared(found, tracker)
        except BrokenContentError as error:
            return _failed(BROKEN + "; ".join(f"{p.entry}: {p.why}" for p in error.problems))
        except NothingToPublishError:
            return _failed(NOTHING)
        except NluUnavailableError:
            return _failed(NO_NLU)
        except TrainingFailedError as error:
            log.warning("training failed: %s", type(error).__name__)
            return _failed(NOT_TRAINED)
        except Exception as error:  # noqa: BLE001 - the row tells; the error's own text may quote drafts
            log.warning("preparing a publication failed: %s", type(error).__name__)
            return _failed(UNEXPECTED)

    async def _prepared(self, found: Publication, tracker: Tracker) -> Mapping[str, Any]:
        plan = await self._publisher.plan(found.drafts)
        if not plan.drafts or not plan.changes:
            raise NothingToPublishError
        training = await self._publisher.training(plan)
        tracker.expected = self._publisher.expected_seconds(plan.live, training)
        await self._keep(found, plan, training, tracker.expected)
        started = time.monotonic()
        candidate = await self._publisher.prepare(plan, training, tracker.train)
        rehearsal = await self._rehearse(plan, candidate, tracker)
        result = _result(plan, candidate, rehearsal, time.monotonic() - started)
        state = PublicationState.REFUSED if candidate.refusal else PublicationState.PROPOSED
        return {"state": state, "result": result, "trouble": candidate.refusal or ""}

    async def _rehearse(self, plan: Plan, candidate: Candidate, tracker: Tracker) -> Rehearsal:
        """Put the last weeks' questions to the live model and to the candidate."""
        since = self._clock() - dt.timedelta(days=DAYS)
        changes = plan.changes
        asked = await self._asked.answered(since, (*changes.changed, *changes.removed))
        live = self._publisher.file_of(plan.live.model_file) if plan.live else None
        new = self._publisher.file_of(candidate.model_file)
        if not candidate.trained or live is None or new is None:
            return Rehearsal(asked_of_changed=asked)
        texts = list(await self._asked.sentences(since, MOST_SENTENCES))
        from_checks = len(texts) < FEWEST_ASKED
        if from_checks:
            texts = [sentence.text for sentence in self._publisher.sentences if not sentence.before][:MOST_SENTENCES]
        said = as_said(texts)
        words = "Diễn tập với {} câu"
        before = await self._publisher.judge(live, said, _half(tracker.rehearse, 0.0), words)
        after = await self._publisher.judge(new, said, _half(tracker.rehearse, 0.5), words)
        found = compare(before, after, self._sureness, from_checks=from_checks)
        return Rehearsal(found.sentences, found.different, from_checks, found.groups, asked)

    async def _keep(self, found: Publication, plan: Plan, training: TrainingSet, expected: float) -> None:
        """Note what is being prepared, so that its candidate is kept whatever happens to this process."""
        async with self._sessions.begin() as session:
            changed = update(Publication).where(Publication.id == found.id)
            begun = {"started": self._clock().isoformat(), "expected": round(expected)}
            values = {"fingerprint": training.fingerprint, "drafts": stamps(plan.drafts), "result": begun}
            await session.execute(changed.values(**values))

    async def _finish(self, found: Publication, values: Mapping[str, Any]) -> None:
        now, state = self._clock(), values["state"]
        ended = now if state is PublicationState.FAILED else None
        async with self._sessions.begin() as session:
            preparing, live = await session.get_one(Publication, found.id), await live_release(session)
            if ended is None and values["result"]["base"] != (live.name if live else None):
                await prepare_again(session, preparing, MOVED_ON, author=SERVICE, now=now)
                return
            await move(session, preparing, **{**values, "ended_at": ended, "share": 1.0, "doing": "", "beat_at": now})
            if state is not PublicationState.PROPOSED:
                note(session, SERVICE, f"publication.{state}", str(found.id), now=now, why=values["trouble"])

    def _is_live(self, found: Publication) -> Callable[[AsyncSession, str], Awaitable[None]]:
        async def also(session: AsyncSession, release: str) -> None:
            values = {"release": release, "ended_at": self._clock(), "doing": "", "share": 1.0, "trouble": ""}
            await move(session, found, PublicationState.LIVE, **values)

        return also

    async def _beat(self, found: Publication, tracker: Tracker, *states: PublicationState) -> bool:
        """Say that the work goes on; False if nobody wants it any more."""
        here = update(Publication).where(Publication.id == found.id, Publication.state.in_(states))
        values = {"doing": tracker.doing, "share": tracker.share, "beat_at": self._clock()}
        async with self._sessions.begin() as session:
            done = await session.execute(here.values(state=PublicationState.PREPARING, **values))
        return isinstance(done, CursorResult) and bool(done.rowcount)

    async def _again(self, found: Publication) -> None:
        async with self._sessions.begin() as session:
            await prepare_again(session, found, MOVED_ON, author=SERVICE, now=self._clock())

    async def _tell(self, found: Publication, doing: str) -> None:
        async with self._sessions.begin() as session:
            await session.execute(update(Publication).where(Publication.id == found.id).values(doing=doing))

    async def _next(self, *states: PublicationState) -> Publication | None:
        async with self._sessions() as session:
            for state in states:
                if (found := await waiting(session, state)) is not None:
                    return found
        return None


async def _again_and_again(work: Callable[[], Awaitable[bool]], pause: float) -> None:
    """Do a piece of work until there is none, look again after a pause, and outlive whatever goes wrong."""
    while True:
        try:
            while await work():
                pass
        except (BusyError, TooLateError):
            pass  # another process is at it, or somebody was quicker
        except Exception as error:  # noqa: BLE001 - the database may be away; the next look tells
            # The error's own text may quote what somebody typed.
            log.warning("work on publications was interrupted: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        await asyncio.sleep(pause)


def _half(told: Callable[[str, float | None], None], start: float) -> Callable[[str, float | None], None]:
    return lambda what, share: told(what, start + (share or 0.0) / 2)


def _failed(trouble: str) -> Mapping[str, Any]:
    return {"state": PublicationState.FAILED, "trouble": trouble[:LONGEST_TROUBLE]}


def _result(plan: Plan, candidate: Candidate, rehearsal: Rehearsal, seconds: float) -> dict[str, Any]:
    changes = plan.changes
    return {
        "base": plan.base,
        "model_file": candidate.model_file,
        "trained": candidate.trained,
        "new": list(changes.new),
        "changed": list(changes.changed),
        "removed": list(changes.removed),
        "report": candidate.report.as_json(),
        "live_report": dict(plan.live.report) if plan.live else {},
        "rehearsal": rehearsal.as_json(),
        "seconds": round(seconds, 1),
    }


def _candidate(found: Publication) -> Candidate:
    result, fingerprint = found.result, found.fingerprint or ""
    report = Report.from_json(result["report"])
    return Candidate(result["model_file"], fingerprint, report, trained=bool(result["trained"]))
