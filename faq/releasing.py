"""Publish and roll back: the only way anything becomes live, texts and model together."""

import datetime as dt
import fcntl
import filecmp
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from faq.checking import check
from faq.content_files import problems_of
from faq.database import Sessions
from faq.editing import Difference, claim_live, difference, drafted_pieces, live_pieces, live_release, next_name
from faq.entries import CheckSentence, Faq
from faq.judging import Gate, Report, as_examples, report_on
from faq.lawmaking import laws_now
from faq.models import Draft, Release, ReleaseState, Revision
from faq.problems import BrokenContentError
from faq.sheets import Piece, assemble
from nlu.rasa_client import Judged, NluUnavailableError, RasaClient
from nlu.training_set import Example, TrainingSet, components_version, with_short_forms

LIVE_MODEL = "live.tar.gz"
KEPT_MODELS = 10
JUDGED_AT_ONCE = 400

Progress = Callable[[str, float | None], None]
"""Told what is being done and, where it is known, which share of it is done."""


class NothingToPublishError(Exception):
    """No draft differs from what is live."""


class BusyError(Exception):
    """Another publication is under way."""


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

    async def publish(self, *, author: str, progress: Progress = lambda _what, _share: None) -> Published:
        """Make the drafts live, after training and judging a candidate if examples or the pipeline changed.

        Raises `NothingToPublishError`, `BrokenContentError`, `RefusedError`, `BusyError`, and what the client of
        the NLU server raises; in each case the old release stays live.
        """
        started = self._clock()
        with alone(self._models):
            async with self._sessions() as session:
                old, new = await live_pieces(session), await drafted_pieces(session)
                live = await live_release(session)
            changes = difference(old, new)
            if not new:
                raise NothingToPublishError
            candidate = training_set(_checked(new), self._pipeline)
            trained = live is not None and live.fingerprint == candidate.fingerprint and self._holds(live)
            if trained and not changes:
                raise NothingToPublishError
            if live is not None and trained:
                release = await self._record(new, live.model_file, candidate.fingerprint, live.report, author)
                self._remember(live.model_file)
                return Published(release, changes, False, Report.from_json(live.report), self._since(started))
            release, report = await self._train_and_go_live(candidate, new, live, author, progress)
            return Published(release, changes, True, report, self._since(started))

    async def retrain(self, *, author: str, progress: Progress = lambda _what, _share: None) -> Published:
        """Train what is live once more, for a model that is lost or of an older pipeline; drafts stay drafts."""
        started = self._clock()
        with alone(self._models):
            async with self._sessions() as session:
                pieces, live = await live_pieces(session), await live_release(session)
            if live is None:
                raise NothingToPublishError
            candidate = training_set(_checked(pieces), self._pipeline)
            release, report = await self._train_and_go_live(candidate, pieces, live, author, progress, keep_drafts=True)
            return Published(release, Difference(), True, report, self._since(started))

    async def roll_back(self, name: str | None = None) -> str:
        """Make release `name` (by default the one before the live one) live again, texts and model together."""
        with alone(self._models):
            async with self._sessions() as session:
                release, live = await self._past_release(session, name), await live_release(session)
            async with self._switched(release.model_file, live), self._sessions.begin() as session:
                await self._mark_live(session, release.id)
            self._remember(release.model_file)
            return release.name

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
        """Give the NLU server the live release's model if it answers with another one; say whether it had to."""
        async with self._sessions() as session:
            live = await live_release(session)
        if live is None or not self._holds(live):
            return False
        try:
            same = await self._rasa.live_model() in {live.model_file, LIVE_MODEL} and self._is_remembered(
                live.model_file
            )
        except NluUnavailableError:
            same = False
        if not same:
            await self._rasa.switch(self._file(live.model_file))
            self._remember(live.model_file)
        return not same

    async def _train_and_go_live(
        self,
        candidate: TrainingSet,
        new: Mapping[str, Piece],
        live: Release | None,
        author: str,
        progress: Progress,
        *,
        keep_drafts: bool = False,
    ) -> tuple[str, Report]:
        name = f"{candidate.fingerprint}.tar.gz"
        progress(f"Huấn luyện mô hình: {len(candidate.examples)} câu, {len(candidate.intents)} ý", None)
        model = await self._rasa.train(candidate, self._file(name))
        report = await self._judge(model, progress)
        refusal = self._gate.refusal(report, Report.from_json(live.report) if live else None)
        if refusal:
            await self._reject(name, candidate.fingerprint, report, author)
            raise RefusedError(refusal, report)
        progress("Chuyển sang mô hình mới", 1.0)
        async with self._switched(name, live):
            release = await self._record(
                new, name, candidate.fingerprint, report.as_json(), author, keep_drafts=keep_drafts
            )
        self._remember(name)
        await self._forget_old_models()
        return release, report

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

    async def _judge(self, model: Path, progress: Progress) -> Report:
        examples = as_examples(self._sentences)
        judged: list[Judged] = []
        for start in range(0, len(examples), JUDGED_AT_ONCE):
            progress(f"Thử {len(examples)} câu kiểm tra", start / len(examples))
            judged += await self._rasa.judge(model, examples[start : start + JUDGED_AT_ONCE])
        return report_on(self._sentences, judged)

    async def _record(
        self,
        new: Mapping[str, Piece],
        model_file: str,
        fingerprint: str,
        report: Mapping[str, Any],
        author: str,
        *,
        keep_drafts: bool = False,
    ) -> str:
        now = self._clock()
        async with self._sessions.begin() as session:
            await claim_live(session)
            new = {**new, **await laws_now(session, drafted=not keep_drafts)}
            release = Release(
                name=await next_name(session, now),
                state=ReleaseState.PAST,
                model_file=model_file,
                fingerprint=fingerprint,
                report=dict(report),
                author=author,
                created_at=now,
                live_since=None,
                revisions=[revision async for revision in _freeze(session, new, author, now)],
            )
            session.add(release)
            await session.flush()
            await self._mark_live(session, release.id)
            if not keep_drafts:
                await session.execute(delete(Draft))
        return release.name

    async def _mark_live(self, session: AsyncSession, release_id: int) -> None:
        await claim_live(session)  # for documents are replaced without the lock of `alone`
        live = update(Release).where(Release.state == ReleaseState.LIVE)
        await session.execute(live.values(state=ReleaseState.PAST))
        chosen = update(Release).where(Release.id == release_id)
        await session.execute(chosen.values(state=ReleaseState.LIVE, live_since=self._clock()))

    async def _reject(self, model_file: str, fingerprint: str, report: Report, author: str) -> None:
        now = self._clock()
        async with self._sessions.begin() as session:
            session.add(
                Release(
                    name=await next_name(session, now),
                    state=ReleaseState.REJECTED,
                    model_file=model_file,
                    fingerprint=fingerprint,
                    report=report.as_json(),
                    author=author,
                    created_at=now,
                    live_since=None,
                )
            )
            used = select(Release.id).where(Release.model_file == model_file, Release.state != ReleaseState.REJECTED)
            keep = await session.scalar(used.limit(1)) is not None
        if not keep:
            self._file(model_file).unlink(missing_ok=True)

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

    async def _forget_old_models(self) -> None:
        query = (
            select(Release.model_file).where(Release.state != ReleaseState.REJECTED).order_by(Release.live_since.desc())
        )
        async with self._sessions() as session:
            kept = list(dict.fromkeys(await session.scalars(query)))[:KEPT_MODELS]
        for path in self._models.glob("*.tar.gz"):
            if path.name not in {*kept, LIVE_MODEL}:
                path.unlink()

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
        live = self._file(LIVE_MODEL)
        return live.exists() and filecmp.cmp(live, self._file(name), shallow=False)

    def _since(self, started: dt.datetime) -> float:
        return (self._clock() - started).total_seconds()


@contextmanager
def alone(models: Path) -> Iterator[None]:
    """Let one publication at a time happen, over all processes that share the folder of models."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / "publishing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError from None
        yield


def _checked(new: Mapping[str, Piece]) -> Faq:
    try:
        faq = assemble(new)
    except ValidationError as error:
        raise BrokenContentError(tuple(problems_of(error, file="bản nháp", entry=error.title))) from None
    serious = tuple(problem for problem in check(faq) if problem.serious)
    if serious:
        raise BrokenContentError(serious)
    return faq


async def _freeze(
    session: AsyncSession, new: Mapping[str, Piece], author: str, now: dt.datetime
) -> AsyncIterator[Revision]:
    """Yield the revisions of a release: those of before where nothing changed, new ones elsewhere."""
    newest: dict[str, Revision] = {}
    for revision in await session.scalars(select(Revision).order_by(Revision.number)):
        newest[revision.key] = revision
    for key, piece in new.items():
        before = newest.get(key)
        if before is not None and before.content == piece.content:
            yield before
            continue
        revision = Revision(
            kind=piece.kind,
            key=key,
            number=before.number + 1 if before else 1,
            content=piece.content,
            author=author,
            created_at=now,
        )
        session.add(revision)
        yield revision
