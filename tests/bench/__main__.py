"""Print the benchmark tables. Rasa's default pipeline takes long to train and is kept in `var/bench` by content."""

import asyncio
import datetime as dt
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

import stats.questions  # noqa: F401 - adds its table
import web.staff  # noqa: F401 - adds its tables
from faq.commands import PIPELINE
from faq.content_files import ContentFiles
from faq.database import Base, connect, sessions
from faq.editing import draft_whole
from faq.entries import CheckSentence, Faq
from faq.releasing import Publisher, training_set
from nlu.training_set import TrainingSet, read_pipeline
from service.environments import ROOT
from tests.bench.servers import Server, rasa_server, resident_megabytes
from tests.bench.speed import Times, WholeBot, parses_one_at_a_time, parses_together, whole_bot
from tests.bench.understanding import Result, measure

KEPT = ROOT / "var/bench"
NEARLY_ALL = 0.97
DEFAULT_PIPELINE = Path(__file__).parent / "rasa_default.yml"
console = Console(width=120, highlight=False)


@dataclass(frozen=True)
class Measured:
    """Everything about one pipeline."""

    training_seconds: float
    result: Result
    single: Times
    together: Times
    megabytes: float
    bot: WholeBot | None = None


async def main() -> None:
    """Measure both and print."""
    files = ContentFiles()
    faq, sentences = files.read(), files.check_sentences()
    examples = sum(len(entry.examples) for entry in faq.entries)
    console.print(
        f"{len(faq.entries)} mục, {examples} câu ví dụ, {len(sentences)} câu kiểm tra (không có trong huấn luyện)"
    )
    with TemporaryDirectory() as folder:
        ours = await _ours(faq, sentences, Path(folder))
    default = None if os.environ.get("BENCH_DEFAULT") == "no" else await _default(faq, sentences)
    _print_understanding(ours, default)
    _print_speed(ours, default)


async def _ours(faq: Faq, sentences: tuple[CheckSentence, ...], folder: Path) -> Measured:
    console.print("Đo cấu hình của dự án …")
    database_url = f"sqlite:///{folder}/bench.db"
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions(engine)
    async with rasa_server(folder) as server:
        async with made.begin() as session:
            await draft_whole(session, faq, author="bench", now=dt.datetime.now(dt.UTC))
        publisher = Publisher(
            made,
            server.client,
            models=folder,
            pipeline=read_pipeline(PIPELINE.read_text("utf-8")),
            sentences=sentences,
        )
        started = time.perf_counter()
        await publisher.publish(author="bench")
        seconds = time.perf_counter() - started
        texts = [sentence.text for sentence in sentences]
        measured = await _measured(server, faq, sentences, seconds)
        bot = await whole_bot(server.url, database_url, texts, folder)
    await engine.dispose()
    return Measured(
        measured.training_seconds, measured.result, measured.single, measured.together, measured.megabytes, bot
    )


async def _default(faq: Faq, sentences: tuple[CheckSentence, ...]) -> Measured:
    candidate = training_set(faq, read_pipeline(DEFAULT_PIPELINE.read_text("utf-8")))
    folder = _kept(candidate)
    async with rasa_server(folder) as server:
        seconds = await _default_model(server, candidate, folder)
        return await _measured(server, faq, sentences, seconds)


def _kept(candidate: TrainingSet) -> Path:
    """Return the folder of a default model of the same sentences, else of nearly the same, else a new one."""
    exact = KEPT / candidate.fingerprint
    now = {example.text for example in candidate.examples}
    for about in sorted(KEPT.glob("*/training.json"), key=lambda path: path.stat().st_mtime, reverse=True):
        then = set(json.loads(about.read_text())["sentences"])
        if about.parent == exact or len(now & then) >= NEARLY_ALL * len(now | then):
            console.print(
                f"Cấu hình mặc định: dùng mô hình đã huấn luyện ({len(now & then)}/{len(now)} câu như hiện nay)"
            )
            return about.parent
    exact.mkdir(parents=True, exist_ok=True)
    return exact


async def _default_model(server: Server, candidate: TrainingSet, folder: Path) -> float:
    """Make the default pipeline's model the live one; return the seconds its training took, now or before."""
    model, about = folder / "default.tar.gz", folder / "training.json"
    if not about.exists():
        console.print("Huấn luyện cấu hình mặc định của Rasa (lâu: 20–60 phút; kết quả được giữ lại) …")
        started = time.perf_counter()
        await server.client.train(candidate, model)
        sentences = [example.text for example in candidate.examples]
        about.write_text(json.dumps({"seconds": time.perf_counter() - started, "sentences": sentences}))
    await server.client.switch(model)
    return float(json.loads(about.read_text())["seconds"])


async def _measured(server: Server, faq: Faq, sentences: tuple[CheckSentence, ...], seconds: float) -> Measured:
    result = await measure(server.client, faq, sentences)
    texts = [sentence.text for sentence in sentences]
    single = await parses_one_at_a_time(server.client, texts)
    together = await parses_together(server.client, texts)
    return Measured(seconds, result, single, together, resident_megabytes(server.pid))


def _print_understanding(ours: Measured, default: Measured | None) -> None:
    table = Table("Hiểu câu hỏi (câu kiểm tra)", "Của dự án", "Mặc định của Rasa")
    rows = {
        "đúng ngay câu đầu": "first",
        "đúng ngay hoặc trong ba lựa chọn": "three",
        "trả lời nhầm chủ đề (càng ít càng tốt)": "wrong_topic",
        "trong phạm vi mà bị từ chối": "refused",
        "câu có dấu: đúng ngay": "accented",
        "cùng các câu ấy, bỏ dấu: đúng ngay": "folded",
        "ngoài phạm vi (gần): không trả lời bừa": "near",
        "ngoài phạm vi (xa): không trả lời bừa": "far",
        "lừa đảo: trả lời bằng cảnh báo": "scam",
    }
    for title, name in rows.items():
        table.add_row(
            title, str(getattr(ours.result, name)), str(getattr(default.result, name)) if default else "chưa đo"
        )
    for way in sorted(ours.result.ways):
        table.add_row(f"  · {way}", str(ours.result.ways[way]), str(default.result.ways[way]) if default else "")
    ours_error = f"{ours.result.calibration_error:.3f}"
    table.add_row("sai số hiệu chuẩn (ECE)", ours_error, f"{default.result.calibration_error:.3f}" if default else "")
    console.print(table)


def _print_speed(ours: Measured, default: Measured | None) -> None:
    table = Table("Tốc độ và bộ nhớ", "Của dự án", "Mặc định của Rasa", "Tỉ lệ")

    def row(title: str, mine: float, other: float | None, form: str, *, more_is_better: bool = False) -> None:
        ratio = (mine / other if more_is_better else other / mine) if other else None
        cells = (form.format(mine), form.format(other) if other else "chưa đo", f"{ratio:.1f} lần" if ratio else "")
        table.add_row(title, *cells)

    other = default
    row(
        "huấn luyện (của dự án: cả kiểm tra và chuyển)",
        ours.training_seconds,
        other and other.training_seconds,
        "{:.0f} s",
    )
    row("hiểu một câu, p50", ours.single.p50, other and other.single.p50, "{:.1f} ms")
    row("hiểu một câu, p95", ours.single.p95, other and other.single.p95, "{:.1f} ms")
    together, theirs = ours.together.per_second, other and other.together.per_second
    row("hiểu câu mỗi giây, 16 câu một lúc", together, theirs, "{:.0f}", more_is_better=True)
    row("bộ nhớ máy hiểu ngôn ngữ", ours.megabytes, other and other.megabytes, "{:.0f} MB")
    if ours.bot:
        row("trả lời mỗi giây qua bot (20 người)", ours.bot.answers.per_second, None, "{:.0f}")
        row("từ lúc hỏi đến lúc trả lời, p50", ours.bot.answers.p50, None, "{:.0f} ms")
        row("từ lúc hỏi đến lúc trả lời, p95", ours.bot.answers.p95, None, "{:.0f} ms")
        row("câu không được trả lời", ours.bot.unanswered, None, "{:.0f}")
        row("bộ nhớ bot", ours.bot.megabytes, None, "{:.0f} MB")
        row("lỗi hợp đồng với Bot API", ours.bot.breaches, None, "{:.0f}")
    console.print(table)


async def default_only() -> None:
    """Train the default pipeline now, so that a later run finds it."""
    files = ContentFiles()
    await _default(files.read(), files.check_sentences())


if __name__ == "__main__":
    asyncio.run(default_only() if sys.argv[1:] == ["default"] else main())
