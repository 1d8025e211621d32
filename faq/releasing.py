"""Publish and roll back: the only way anything becomes live, texts and model together.

Making a candidate may take minutes and is done by one process at a time (`alone`); making it live takes seconds and
has a lock of its own, so that rolling back never waits for a training.
"""

import asyncio
import datetime as dt
import fcntl
import filecmp
import logging
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.audit import note
from faq.checking import check
from faq.content_files import ContentFiles, problems_of
from faq.database import Sessions
from faq.editing import (
    Difference,
    claim_live,
    difference,
    live_pieces,
    live_release,
    next_name,
    pieces_of,
    with_drafts,
)
from faq.entries import CheckSentence, Entry, Faq
from faq.judging import Gate, Report, as_examples, report_on
from faq.models import Draft, DraftVersion, Kind, Publication, PublicationState, Release, ReleaseState, Revision
from faq.problems import BrokenContentError, Problem
from faq.sheets import Piece, assemble
from nlu.rasa_client import Judged, NluUnavailableError, NoModelError, RasaClient
from nlu.training_set import Example, TrainingSet, components_version, read_pipeline, with_short_forms

log = logging.getLogger(__name__)

PIPELINE = Path(__file__).parent.parent / "config.yml"
LIVE_MODEL = "live.tar.gz"
KEPT_MODELS = 100
"""Some 11 MB each: one gigabyte holds about two years of weekly trainings, all of which one can go back to."""
KEPT_REFUSED = dt.timedelta(days=7)
"""For so long a candidate that the gate refused may still be made live by two people."""
JUDGED_AT_ONCE = 400
SWITCH_PATIENCE = 30.0
"""Seconds to wait while another process makes something live."""
SECONDS_A_SENTENCE = 0.01
"""What training takes where nothing has been trained yet: to guess how much of it is done."""
_BEING_MADE = dt.timedelta(hours=1)
"""A model file younger than this may be a candidate that another process has just trained."""

Progress = Callable[[str, float | None], None]
"""Told what is being done and, where it is known, which share of it is done."""
Also = Callable[[AsyncSession, str], Awaitable[None]]
"""What else is written in the transaction that makes a release live; gets its name, and may refuse by raising."""


class NothingToPublishError(Exception):
    """No draft differs from what is live."""


class BusyError(Exception):
    """Another publication is under way."""


class OvertakenError(Exception):
    """What is live is no longer what the candidate was made from."""


class UnknownReleaseError(Exception):
    """No release of that name can be made live."""


class RefusedError(Exception):
    """The candidate did worse than it must; the old release stays live."""

    def __init__(self, reason: str, report: Report) -> None:
        super().__init__(reason)
        self.report = report


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did."""

    release: str
    changes: Difference
    trained: bool
    report: Report
    seconds: float


@dataclass(frozen=True, slots=True)
class Returned:
    """What going back to a release did."""

    release: str
    left: str | None
    """The release that was live before."""
    entries: int
    """How many entries read otherwise now, are there again, or are there no more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a publication would make live, and what it is made from."""

    live: Release | None
    old: Mapping[str, Piece]
    new: Mapping[str, Piece]
    drafts: Mapping[str, Draft]

    @property
    def base(self) -> str | None:
        """Name of the release that it changes."""
        return self.live.name if self.live else None

    @property
    def changes(self) -> Difference:
        """What differs from what is live."""
        return difference(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model for a plan: a new one, judged, or the live one where no example has changed."""

    model_file: str
    fingerprint: str
    report: Report
    trained: bool
    refusal: str | None = None


def training_set(faq: Faq, pipeline: Mapping[str, Any]) -> TrainingSet:
    """Return what a model of `faq` is trained on: one intent per entry, one per thing out of scope."""
    inside = (Example(entry.key, text) for entry in faq.entries for text in entry.examples)
    questions = (Example(entry.key, entry.question) for entry in faq.entries)
    outside = (Example(group.intent, text) for group in faq.outside for text in group.examples)
    bare = (Example(aspect.intent, text) for aspect in faq.taxonomy.aspects for text in aspect.asked)
    forms = {form.short: form.means for form in faq.short_forms}
    return TrainingSet((*inside, *questions, *outside, *bare), with_short_forms(pipeline, forms), components_version())


class Publisher:
    """Turns drafts into releases."""

    def __init__(
        self,
        sessions: Sessions,
        rasa: RasaClient,
        *,
        models: Path,
        pipeline: Mapping[str, Any],
        sentences: tuple[CheckSentence, ...],
        gate: Gate = Gate(),  # noqa: B008 - frozen
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._sessions = sessions
        self._rasa = rasa
        self._models = models.absolute()
        self._pipeline = pipeline
        self._sentences = sentences
        self._gate = gate
        self._clock = clock

    @property
    def models(self) -> Path:
        """The folder of models."""
        return self._models

    @property
    def sentences(self) -> tuple[CheckSentence, ...]:
        """The sentences by which candidates are judged."""
        return self._sentences

    async def publish(self, *, author: str, progress: Progress = lambda _what, _share: None) -> Published:
        """Make the drafts live, after training and judging a candidate if examples or the pipeline changed.

        Raises `NothingToPublishError`, `BrokenContentError`, `RefusedError`, `BusyError`, `OvertakenError`, and what
        the client of the NLU server raises; in each case the old release stays live.
        """
        with alone(self._models):
            try:
                return await self._publish_once(author, progress)
            except OvertakenError:  # a document was replaced meanwhile; the candidate is there, so this is quick
                return await self._publish_once(author, progress)

    async def _publish_once(self, author: str, progress: Progress) -> Published:
        plan = await self.plan()
        training = await self.training(plan)
        if not plan.changes and self._needs_no_training(plan, training):
            raise NothingToPublishError
        return await self._make_live(plan, training, author, progress)

    async def retrain(self, *, author: str, progress: Progress = lambda _what, _share: None) -> Published:
        """Train what is live once more, for a model that is lost or of an older pipeline; drafts stay drafts."""
        with alone(self._models):
            plan = await self.plan(())
            if plan.live is None:
                raise NothingToPublishError
            training = await self.training(plan)
            self._file(_model_file(training)).unlink(missing_ok=True)
            return await self._make_live(plan, training, author, progress)

    async def plan(self, keys: Collection[str] | None = None) -> Plan:
        """Return what would be live if the drafts of `keys` (by default all) were published now."""
        chosen = select(Draft) if keys is None else select(Draft).where(Draft.key.in_(list(keys)))
        async with self._sessions() as session:
            live, old = await live_release(session), await live_pieces(session)
            drafts = {draft.key: draft for draft in await session.scalars(chosen)}
        return Plan(live, old, with_drafts(old, drafts.values()), drafts)

    async def training(self, plan: Plan) -> TrainingSet:
        """Return what a model for `plan` is trained on; raise `BrokenContentError` if it makes no sound FAQ."""
        if not plan.new:
            raise NothingToPublishError
        return await asyncio.to_thread(lambda: training_set(_checked(plan.new), self._pipeline))

    async def prepare(
        self, plan: Plan, training: TrainingSet, progress: Progress = lambda _what, _share: None
    ) -> Candidate:
        """Make and judge a model for `plan`, unless the live one does or one was made before; nothing becomes live.

        To be called `alone`.
        """
        live = plan.live
        if live is not None and self._needs_no_training(plan, training):
            return Candidate(live.model_file, live.fingerprint, Report.from_json(live.report), trained=False)
        name = _model_file(training)
        model, started = self._file(name), time.monotonic()
        if not model.exists():  # one that is there was trained on the very same, by a process that ended meanwhile
            progress(f"Huấn luyện phần hiểu câu: {len(training.examples)} câu, {len(training.intents)} ý", None)
            await self._rasa.train(training, model)
        took = time.monotonic() - started
        judged = await self.judge(model, as_examples(self._sentences), progress, "Thử {} câu kiểm tra")
        report = replace(report_on(self._sentences, judged), seconds=round(took, 1), examples=len(training.examples))
        refusal = self._gate.refusal(report, Report.from_json(live.report) if live else None)
        return Candidate(name, training.fingerprint, report, trained=True, refusal=refusal)

    async def go_live(self, plan: Plan, candidate: Candidate, *, author: str, also: Also | None = None) -> str:
        """Make a prepared candidate and its texts live together; return the release's name.

        Raises `OvertakenError` if something else became live meanwhile, `BusyError`, and what the client of the NLU
        server raises; then what is live stays.
        """
        async with self._switching():
            async with self._sessions() as session:
                live = await live_release(session)
            if (live.name if live else None) != plan.base:
                raise OvertakenError
            if live is not None and candidate.model_file == live.model_file:
                release = await self._record(plan, candidate, author, also)
            else:
                async with self._switched(candidate.model_file, live):
                    release = await self._record(plan, candidate, author, also)
            self._remember(candidate.model_file)
        await self.forget_old_models()
        return release

    async def judge(
        self,
        model: Path,
        examples: Collection[Example],
        progress: Progress = lambda _what, _share: None,
        words: str = "Thử {} câu",
    ) -> tuple[Judged, ...]:
        """Return what the model in a file makes of many sentences."""
        waiting, judged = list(examples), list[Judged]()
        for start in range(0, len(waiting), JUDGED_AT_ONCE):
            progress(words.format(len(waiting)), start / len(waiting))
            judged += await self._rasa.judge(model, waiting[start : start + JUDGED_AT_ONCE])
        return tuple(judged)

    def file_of(self, model_file: str) -> Path | None:
        """Return where a model is; None if it is gone."""
        path = self._file(model_file)
        return path if path.exists() else None

    def expected_seconds(self, live: Release | None, training: TrainingSet) -> float:
        """Guess what training takes, by what it took the last time."""
        last = Report.from_json(live.report) if live else Report()
        known = last.seconds > 0 and last.examples > 0
        return len(training.examples) * (last.seconds / last.examples if known else SECONDS_A_SENTENCE)

    async def roll_back(self, name: str | None = None, *, author: str = "") -> Returned:
        """Make release `name` (by default the one before the live one) live again, texts and model together."""
        async with self._switching():
            async with self._sessions() as session:
                release, live = await self._past_release(session, name), await live_release(session)
            async with self._switched(release.model_file, live), self._sessions.begin() as session:
                done = await self._return_to(session, release.id)
                details = {"left": done.left, "entries": done.entries}
                note(session, author, "release.rolled_back", done.release, now=self._clock(), **details)
            self._remember(release.model_file)
            return done

    async def _return_to(self, session: AsyncSession, release_id: int) -> Returned:
        left, release = await claim_live(session), await session.get_one(Release, release_id)
        before, after = await live_pieces(session), await pieces_of(release)
        await self._mark_live(session, release_id)
        return Returned(
            release.name, left.name if left else None, len(_entries(difference(before, after), before, after))
        )

    async def has_live_model(self) -> bool:
        """Whether the live release's model is there and was trained as the pipeline says now."""
        async with self._sessions() as session:
            live, pieces = await live_release(session), await live_pieces(session)
        if live is None or not self._holds(live):
            return False
        return live.fingerprint == training_set(assemble(pieces), self._pipeline).fingerprint

    async def holds_live_model(self) -> bool:
        """Whether the live release's model is there, however it was trained."""
        async with self._sessions() as session:
            live = await live_release(session)
        return live is not None and self._holds(live)

    async def restore_live_model(self) -> bool:
        """Give the live release's model to each NLU server that answers with another one; say whether one did.

        Raises what the client raises if no server can be given the model.
        """
        async with self._switching():
            async with self._sessions() as session:
                live = await live_release(session)
            if live is None or not self._holds(live):
                return False
            model, servers = self._file(live.model_file), self._rasa.servers
            done = await asyncio.gather(*(self._restored(server, model) for server in servers), return_exceptions=True)
            troubles = [result for result in done if isinstance(result, BaseException)]
            if len(troubles) == len(servers):
                raise troubles[0]
            if troubles:
                log.warning("%d of %d NLU servers cannot be given the live model", len(troubles), len(servers))
            self._remember(live.model_file)
            return any(result is True for result in done)

    async def _restored(self, server: RasaClient, model: Path) -> bool:
        with suppress(NoModelError):
            if await server.has(model):
                return False
        await server.switch(model)
        return True

    def _needs_no_training(self, plan: Plan, training: TrainingSet) -> bool:
        return plan.live is not None and plan.live.fingerprint == training.fingerprint and self._holds(plan.live)

    async def _make_live(self, plan: Plan, training: TrainingSet, author: str, progress: Progress) -> Published:
        started = self._clock()
        candidate = await self.prepare(plan, training, progress)
        if candidate.refusal:
            await self._reject(candidate, author)
            raise RefusedError(candidate.refusal, candidate.report)
        if candidate.trained:
            progress("Chuyển sang bản mới", 1.0)
        release = await self.go_live(plan, candidate, author=author)
        seconds = (self._clock() - started).total_seconds()
        return Published(release, plan.changes, candidate.trained, candidate.report, seconds)

    @asynccontextmanager
    async def _switched(self, model_file: str, live: Release | None) -> AsyncIterator[None]:
        """Let the NLU server answer with another model; if the texts cannot follow, give it the live one back."""
        try:
            await self._rasa.switch(self._file(model_file))
            yield
        except BaseException:
            if live is not None:
                with suppress(NluUnavailableError):
                    await self._rasa.switch(self._file(live.model_file))
            raise

    async def _record(self, plan: Plan, candidate: Candidate, author: str, also: Also | None) -> str:
        now = self._clock()
        async with self._sessions.begin() as session:
            claimed = await claim_live(session)
            if (claimed.name if claimed else None) != plan.base:  # a document was replaced, say
                raise OvertakenError
            release = Release(
                name=await next_name(session, now),
                state=ReleaseState.PAST,
                model_file=candidate.model_file,
                fingerprint=candidate.fingerprint,
                report=candidate.report.as_json(),
                author=author,
                created_at=now,
                live_since=None,
                revisions=[revision async for revision in _freeze(session, plan, author, now)],
            )
            session.add(release)
            await session.flush()
            await self._mark_live(session, release.id)
            for draft in plan.drafts.values():  # one that was edited meanwhile stays
                saved = (DraftVersion.key == draft.key) & (DraftVersion.saved_at <= draft.updated_at)
                await session.execute(delete(DraftVersion).where(saved))
                same = (Draft.key == draft.key) & (Draft.version == draft.version)
                await session.execute(delete(Draft).where(same, Draft.updated_at == draft.updated_at))
            note(session, author, "publication.live", release.name, now=now, keys=sorted(plan.drafts))
            if also is not None:
                await also(session, release.name)
        return release.name

    async def _mark_live(self, session: AsyncSession, release_id: int) -> None:
        await claim_live(session)  # for documents are replaced without the lock of `alone`
        live = update(Release).where(Release.state == ReleaseState.LIVE)
        await session.execute(live.values(state=ReleaseState.PAST))
        chosen = update(Release).where(Release.id == release_id)
        await session.execute(chosen.values(state=ReleaseState.LIVE, live_since=self._clock()))

    async def _reject(self, candidate: Candidate, author: str) -> None:
        now = self._clock()
        async with self._sessions.begin() as session:
            rejected = Release(
                name=await next_name(session, now),
                state=ReleaseState.REJECTED,
                model_file=candidate.model_file,
                fingerprint=candidate.fingerprint,
                report=candidate.report.as_json(),
                author=author,
                created_at=now,
                live_since=None,
            )
            session.add(rejected)
            note(session, author, "publication.refused", rejected.name, now=now, why=candidate.refusal)
        if candidate.model_file not in await self._kept_models():
            self._file(candidate.model_file).unlink(missing_ok=True)

    async def _past_release(self, session: AsyncSession, name: str | None) -> Release:
        past = select(Release).where(Release.state == ReleaseState.PAST)
        if name is not None:
            query = past.where(Release.name == name)
        else:
            live = select(Release.id).where(Release.state == ReleaseState.LIVE).scalar_subquery()
            query = past.where(Release.id < live).order_by(Release.id.desc()).limit(1)
        release = await session.scalar(query)
        if release is None or not self._holds(release):
            raise UnknownReleaseError(name or "")
        return release

    async def forget_old_models(self) -> None:
        """Remove the models of releases long past and of candidates that nobody waits for any more."""
        kept, latest = {*await self._kept_models(), LIVE_MODEL}, (self._clock() - _BEING_MADE).timestamp()
        for path in (*self._models.glob("*.tar.gz"), *self._models.glob("*.part")):
            with suppress(FileNotFoundError):  # another process tidies up too
                if path.name not in kept and path.stat().st_mtime < latest:
                    path.unlink()

    async def _kept_models(self) -> set[str]:
        """Return the models of the latest releases, and the candidates that may still become live."""
        waiting = (PublicationState.PREPARING, PublicationState.PROPOSED, PublicationState.APPROVED)
        refused = Publication.state == PublicationState.REFUSED
        fresh = Publication.created_at > self._clock() - KEPT_REFUSED
        wanted = Publication.state.in_([*waiting, PublicationState.WAITING]) | (refused & fresh)
        used = select(Release.model_file).where(Release.state != ReleaseState.REJECTED)
        async with self._sessions() as session:
            latest = list(dict.fromkeys(await session.scalars(used.order_by(Release.live_since.desc()))))[:KEPT_MODELS]
            candidates = await session.scalars(select(Publication.fingerprint).where(wanted))
            return {*latest, *(f"{fingerprint}.tar.gz" for fingerprint in candidates if fingerprint)}

    def _file(self, name: str) -> Path:
        return self._models / name

    def _holds(self, release: Release) -> bool:
        return self._file(release.model_file).exists()

    def _remember(self, name: str) -> None:
        """Make the model the one that an NLU server loads when it starts."""
        if self._is_remembered(name):
            return
        copy = self._file(f"{LIVE_MODEL}.part")
        copy.unlink(missing_ok=True)
        try:
            copy.hardlink_to(self._file(name))
        except OSError:
            shutil.copyfile(self._file(name), copy)
        copy.replace(self._file(LIVE_MODEL))

    def _is_remembered(self, name: str) -> bool:
        live, model = self._file(LIVE_MODEL), self._file(name)
        return live.exists() and (live.samefile(model) or filecmp.cmp(live, model, shallow=False))

    @asynccontextmanager
    async def _switching(self) -> AsyncIterator[None]:
        """Let one process at a time change what is live; wait a while for another one, then raise `BusyError`."""
        deadline = time.monotonic() + SWITCH_PATIENCE
        with ExitStack() as held:
            while True:
                try:
                    held.enter_context(_locked(self._models, "switching.lock"))
                    break
                except BusyError:
                    if time.monotonic() > deadline:
                        raise
                await asyncio.sleep(0.1)
            yield


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Let one process at a time make candidates, of all that share the folder of models; else raise `BusyError`."""
    with _locked(models, "publishing.lock"):
        yield


@contextmanager
def _locked(models: Path, name: str) -> Iterator[None]:
    models.mkdir(parents=True, exist_ok=True)
    with (models / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError from None
        yield


def _entries(found: Difference, old: Mapping[str, Piece], new: Mapping[str, Piece]) -> list[str]:
    """Return the keys of a difference that are entries, no sheets."""
    return [
        key for key in (*found.new, *found.changed, *found.removed) if (new.get(key) or old[key]).kind == Kind.ENTRY
    ]


def _model_file(training: TrainingSet) -> str:
    return f"{training.fingerprint}.tar.gz"


def usual_publisher(
    sessions: Sessions,
    rasa: RasaClient,
    models: Path,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Publisher:
    """Return a publisher with the shipped pipeline and check sentences."""
    pipeline, sentences = read_pipeline(PIPELINE.read_text("utf-8")), ContentFiles().check_sentences()
    return Publisher(sessions, rasa, models=models, pipeline=pipeline, sentences=sentences, clock=clock)


def faults_of(new: Mapping[str, Piece]) -> tuple[Problem, ...]:
    """Return every fault of the FAQ that some pieces make, the serious ones first."""
    return _examined(new)[1]


def _examined(new: Mapping[str, Piece]) -> tuple[Faq | None, tuple[Problem, ...]]:
    try:
        faq = assemble(new)
    except ValidationError as error:
        return None, tuple(problems_of(error, file="bản nháp", entry=_whose(error, new)))
    return faq, check(faq)


def _whose(error: ValidationError, new: Mapping[str, Piece]) -> str:
    """Return the key of the first piece that is none, else the kind of what is wrong."""
    for key, piece in new.items():
        if piece.kind == Kind.ENTRY:
            try:
                Entry.model_validate(piece.content)
            except ValidationError:
                return key
    return error.title


def _checked(new: Mapping[str, Piece]) -> Faq:
    faq, problems = _examined(new)
    serious = tuple(problem for problem in problems if problem.serious)
    if faq is None or serious:
        raise BrokenContentError(serious)
    return faq


async def _freeze(session: AsyncSession, plan: Plan, author: str, now: dt.datetime) -> AsyncIterator[Revision]:
    """Yield the revisions of a release: those of before where nothing changed, new ones elsewhere."""
    newest: dict[str, Revision] = {}
    for revision in await session.scalars(select(Revision).order_by(Revision.number)):
        newest[revision.key] = revision
    for key, piece in plan.new.items():
        before, draft = newest.get(key), plan.drafts.get(key)
        if before is not None and before.content == piece.content:
            yield before
            continue
        revision = Revision(
            kind=piece.kind,
            key=key,
            number=before.number + 1 if before else 1,
            content=piece.content,
            author=draft.author if draft else author,
            created_at=now,
            why=draft.why if draft else "",
        )
        session.add(revision)
        yield revision
