"""What staff do from the command line, with progress and in words."""

import asyncio
import datetime as dt
import getpass
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from faq.checking import check, check_sentences
from faq.content_files import ContentFiles
from faq.database import VIETNAM, connect, sessions
from faq.editing import Difference, changed_fields, difference, draft_whole, live_faq, live_pieces
from faq.entries import Faq
from faq.excel import field_title, read_xlsx, write_xlsx
from faq.judging import Report, percent
from faq.migrating import migrate
from faq.models import Release, ReleaseState
from faq.notices import Notices
from faq.problems import BrokenContentError
from faq.releasing import Progress, Published, Publisher, RefusedError, alone, usual_publisher
from faq.settings import Settings
from faq.sheets import Piece, pieces
from nlu.rasa_client import RasaClient, nlu_at

SHOWN = 30
Write = Callable[[Faq, dt.date, Path], Sequence[Path]]
"""Writes a FAQ, as it reads on a day, into a folder."""


class RefusedToGoOnError(Exception):
    """Somebody said no, or there is nothing to work on; the text says which."""


class Office:
    """The FAQ's database and NLU server, as staff use them from a terminal."""

    def __init__(self, settings: Settings, engine: AsyncEngine, rasa: RasaClient, console: Console) -> None:
        self._settings = settings
        self._engine = engine
        self._sessions = sessions(engine)
        self._rasa = rasa
        self._console = console
        self.notices = Notices(self._sessions)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, console: Console) -> AsyncIterator["Office"]:
        """Connect, and close at the end."""
        settings.var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = connect(settings.database_url)
        try:
            async with nlu_at(settings.nlu_url, settings.nlu_replicas, settings.nlu_token) as rasa:
                yield cls(settings, engine, rasa, console)
        finally:
            await engine.dispose()

    @staticmethod
    def check(folder: Path, console: Console) -> int:
        """Check the files of `folder`; return 1 if something must be mended."""
        if not folder.is_dir():
            raise RefusedToGoOnError(f"{folder} không phải là thư mục; tệp Excel được kiểm tra khi nạp (import).")
        files = ContentFiles(folder)
        faq = files.read()
        sentences = files.check_sentences()
        problems = (*check(faq), *check_sentences(sentences, faq))
        for problem in problems:
            console.print(str(problem), markup=False)
        serious = sum(problem.serious for problem in problems)
        examples = sum(len(entry.examples) for entry in faq.entries)
        unconfirmed = sum(not entry.confirmed for entry in faq.entries)
        console.print(
            f"{len(faq.entries)} mục, {examples} câu ví dụ, {len(sentences)} câu kiểm tra; "
            f"{unconfirmed} mục còn chỗ chờ xác nhận; {serious} lỗi, {len(problems) - serious} lưu ý."
        )
        return int(serious > 0)

    async def migrate(self) -> None:
        """Bring the tables up to date."""
        await asyncio.to_thread(migrate, self._settings.database_url)

    async def load(self, source: Path, *, sure: bool) -> None:
        """Show what `source` would change, ask, and keep it as drafts."""
        faq = await self._read(source)
        serious = tuple(problem for problem in check(faq) if problem.serious)
        if serious:
            raise BrokenContentError(serious)
        async with self._sessions() as session:
            live = await live_pieces(session)
        found = difference(live, pieces(faq))
        if found:
            self._show_difference(found, faq, live)
        if found and not sure and not await self._agrees("Nạp thành bản nháp?"):
            raise RefusedToGoOnError("Đã thôi, chưa đổi gì.")
        with alone(self._settings.models):  # a publication under way would take these drafts for its own
            async with self._sessions.begin() as session:
                await draft_whole(session, faq, author=getpass.getuser(), now=dt.datetime.now(dt.UTC))
        if found:
            self._console.print("Đã nạp thành bản nháp. Chạy `.venv/bin/python -m faq publish` để công bố.")
        else:
            self._console.print("Không có gì khác với bản đang chạy. Bản nháp cũ, nếu có, đã được bỏ.")

    async def save(self, target: Path) -> None:
        """Write what is live to a folder of YAML files or to an Excel file."""
        faq = await self._live()
        if target.suffix.lower() == ".xlsx":
            write_xlsx(faq, target)
        else:
            ContentFiles(target).write(faq)
        self._console.print(f"Đã xuất {len(faq.entries)} mục ra {target}.", markup=False)

    async def print_booklet(self, write: Write, folder: Path | None) -> None:
        """Print what is live, else what the product ships, as of today in Vietnam."""
        faq = await self._live_or_shipped()
        today = dt.datetime.now(VIETNAM).date()
        for path in await asyncio.to_thread(write, faq, today, folder or self._settings.var_dir / "booklet"):
            self._console.print(f"Đã in ra {path} ({path.stat().st_size / 1e6:.1f} MB).", markup=False)

    async def publish(self, *, author: str) -> None:
        """Publish the drafts, with a progress bar."""
        with self._shown_progress() as show:
            published = await self._publisher().publish(author=author, progress=show)
        self._show_published(published)

    async def fill(self, *, author: str) -> None:
        """Fill an empty database with the shipped FAQ and publish it; else make sure the live model answers."""
        async with self._sessions() as session:
            empty = not await live_pieces(session)
        if empty:
            self._console.print("Cơ sở dữ liệu còn trống: nạp bộ hỏi đáp kèm theo.")
            faq = ContentFiles().read()
            async with self._sessions.begin() as session:
                await draft_whole(session, faq, author=author, now=dt.datetime.now(dt.UTC))
            await self.publish(author=author)
        elif not await self._publisher().has_live_model():
            self._console.print("Mô hình đang chạy bị thiếu hoặc cách huấn luyện đã đổi: huấn luyện lại bản đang chạy.")
            await self._retrain(author=author)
        elif await self._publisher().restore_live_model():
            self._console.print("Đã trao mô hình đang chạy cho máy hiểu ngôn ngữ.")

    async def roll_back(self, release: str | None) -> None:
        """Make an earlier release live again."""
        done = await self._publisher().roll_back(release, author=getpass.getuser())
        self._console.print(f"Bản {done.release} đang chạy trở lại, cả câu chữ lẫn mô hình.")

    async def releases(self) -> None:
        """List the releases, newest first."""
        table = Table("Bản", "Trạng thái", "Tạo lúc", "Ai", "Câu kiểm tra đúng")
        words = {ReleaseState.LIVE: "đang chạy", ReleaseState.PAST: "đã qua", ReleaseState.REJECTED: "bị từ chối"}
        async with self._sessions() as session:
            for release in await session.scalars(select(Release).order_by(Release.id.desc()).limit(SHOWN)):
                report = Report.from_json(release.report)
                state = words[ReleaseState(release.state)]
                made = f"{release.created_at.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
                table.add_row(
                    release.name,
                    state,
                    made,
                    release.author,
                    percent(report.right),
                )
        self._console.print(table)

    def _publisher(self) -> Publisher:
        return usual_publisher(self._sessions, self._rasa, self._settings.models)

    async def _read(self, source: Path) -> Faq:
        if source.suffix.lower() == ".xlsx":
            return read_xlsx(source, await self._live())
        return ContentFiles(source).read()

    async def _live(self) -> Faq:
        async with self._sessions() as session:
            faq = await live_faq(session)
        if faq is None:
            raise RefusedToGoOnError("Chưa có bản nào đang chạy. Chạy `make setup` trước.")
        return faq

    async def _live_or_shipped(self) -> Faq:
        try:
            async with self._sessions() as session:
                faq = await live_faq(session)
        except (SQLAlchemyError, OSError):
            faq = None
        if faq is None:
            self._console.print("Chưa đọc được bản nào đang chạy: in bộ hỏi đáp kèm theo phần mềm.")
            faq = await asyncio.to_thread(ContentFiles().read)
        return faq

    async def _agrees(self, question: str) -> bool:
        try:
            answer = await asyncio.to_thread(self._console.input, f"{question} (c = có, k = không) ")
        except EOFError:  # nobody is at the keyboard
            return False
        return answer.strip().lower() in {"c", "có", "co", "y", "yes"}

    def _show_difference(self, found: Difference, faq: Faq, live: Mapping[str, Piece]) -> None:
        wanted = pieces(faq)
        for what, keys in (("mới", found.new), ("đổi", found.changed), ("bỏ", found.removed)):
            self._console.print(f"{what}: {len(keys)}")
            for key in keys[:SHOWN]:
                fields = ""
                if what == "đổi":
                    fields = " (" + ", ".join(map(field_title, changed_fields(live[key], wanted[key]))) + ")"
                self._console.print(f"  {key}{fields}", markup=False)
            if len(keys) > SHOWN:
                self._console.print(f"  … và {len(keys) - SHOWN} mục nữa")

    def _show_published(self, published: Published) -> None:
        report = published.report
        how = "huấn luyện mô hình mới" if published.trained else "chỉ đổi câu chữ, mô hình giữ nguyên"
        self._console.print(
            f"Bản {published.release} đang chạy ({how}, {published.seconds:.0f} giây). Câu kiểm tra: đúng "
            f"{report.inside_right}/{report.inside} trong phạm vi, "
            f"{report.outside_right}/{report.outside} ngoài phạm vi, "
            f"{report.safety_right}/{report.safety} an toàn."
        )

    async def _retrain(self, *, author: str) -> None:
        """Train what is live again; if the result is refused, go on with the model that is there."""
        publisher = self._publisher()
        try:
            with self._shown_progress() as show:
                published = await publisher.retrain(author=author, progress=show)
        except RefusedError as error:
            if not await publisher.holds_live_model():
                raise
            self._console.print(f"Mô hình mới bị từ chối ({error}); tiếp tục dùng mô hình cũ.", markup=False)
            await publisher.restore_live_model()
        else:
            self._show_published(published)

    @contextmanager
    def _shown_progress(self) -> Iterator[Progress]:
        """Give what publishing tells its progress to: a bar for a person, a line a step for a log."""
        said: list[str] = []
        with self._bar() as bar:
            task = bar.add_task("Chuẩn bị", total=None)

            def show(what: str, share: float | None) -> None:
                if not self._console.is_terminal and what not in said:
                    said.append(what)
                    self._console.print(f"{what} …", markup=False)
                bar.update(task, description=what, total=1.0 if share is not None else None, completed=share or 0)

            yield show

    def _bar(self) -> ProgressBar:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        return ProgressBar(*columns, console=self._console, disable=not self._console.is_terminal)
