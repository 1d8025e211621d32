"""Print the benchmark tables. Rasa's default pipeline takes long to train and is kept in `var/bench` by content.

`python -m tests.bench holding` measures how the service holds up; see `holding_up.py`. `python -m tests.bench inbox`
measures how well questions are grouped; `inbox-pages` how long the inbox takes with 200,000 questions behind it;
`pages` how long every page for staff takes; `statistics` how fast the statistics are, see `counting_up.py`.
"""

import asyncio
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

import bot.handled  # noqa: F401 - adds its table
import dialogue.kept  # noqa: F401 - adds its tables and those of the statistics
import web.staff  # noqa: F401 - adds its tables
from faq.content_files import ContentFiles
from faq.database import Base, connect, sessions
from faq.editing import draft_whole
from faq.entries import CheckSentence, Faq
from faq.releasing import PIPELINE, Publisher, training_set
from nlu.training_set import TrainingSet, read_pipeline
from service.environments import ROOT
from tests.bench.baselines import Alike, Bm25
from tests.bench.servers import Server, rasa_server, resident_megabytes
from tests.bench.speed import Times, WholeBot, parses_one_at_a_time, parses_together, whole_bot
from tests.bench.understanding import Ranked, Result, measure, rank

KEPT = ROOT / "var/bench"
NEARLY_ALL = 0.7
"""Share of sentences a kept default model must have in common with today's; the table says how many."""
DEFAULT_PIPELINE = Path(__file__).parent / "rasa_default.yml"
ENTRIES_OF_THE_GOAL, EXAMPLES_OF_THE_GOAL = 240, 25
console = Console(width=140, highlight=False)


@dataclass(frozen=True)
class Training:
    """Seconds a training took, and of how many sentences; the others only where they were measured."""

    seconds: float
    sentences: int
    note: str = ""
    after_an_edit: float | None = None
    of_the_goal: float | None = None


@dataclass(frozen=True)
class Measured:
    """Everything about one pipeline."""

    training: Training
    ranked: Ranked
    result: Result
    single: Times
    together: Times
    megabytes: float
    bot: WholeBot | None = None


async def main() -> None:
    """Measure all and print."""
    files = ContentFiles()
    faq, sentences = files.read(), files.check_sentences()
    examples = sum(len(entry.examples) for entry in faq.entries)
    console.print(
        f"{len(faq.entries)} mục, {examples} câu ví dụ, {len(sentences)} câu kiểm tra (không có trong huấn luyện)"
    )
    with TemporaryDirectory() as folder:
        ours = await _ours(faq, sentences, Path(folder))
    _print_reliability(ours.ranked)
    _keep_failures(ours.result)
    _print_understanding(ours.result, None)  # what comes next may take hours
    _print_speed(ours, None)
    default = None if os.environ.get("BENCH_DEFAULT") == "no" else await _default(faq, sentences)
    searches = await _searches(faq, sentences)
    _print_ranked({"của dự án": ours.ranked, **({"mặc định của Rasa": default.ranked} if default else {}), **searches})
    if default:
        _print_understanding(ours.result, default.result)
        _print_speed(ours, default)


async def _ours(faq: Faq, sentences: tuple[CheckSentence, ...], folder: Path) -> Measured:
    console.print("Đo cấu hình của dự án …")
    database_url = f"sqlite:///{folder}/bench.db"
    engine = connect(database_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    made = sessions(engine)
    pipeline = read_pipeline(PIPELINE.read_text("utf-8"))
    os.environ["NLU_CACHE"] = str(folder / "vectors")  # nothing is known at the beginning
    of_the_goal = await _trained_alone(training_set(_of_the_goal(faq), pipeline), folder / "goal")
    os.environ["NLU_CACHE"] = str(folder / "all-vectors")
    async with rasa_server(folder) as server:
        publisher = Publisher(made, server.client, models=folder, pipeline=pipeline, sentences=sentences)

        async def published(content: Faq) -> float:
            async with made.begin() as session:
                await draft_whole(session, content, author="bench", now=dt.datetime.now(dt.UTC))
            started = time.perf_counter()
            await publisher.publish(author="bench")
            return time.perf_counter() - started

        from_nothing = await published(faq)
        after_an_edit = await published(_edited(faq))
        singles = [sentence for sentence in sentences if not sentence.before]
        single, together = await _speeds(server, singles)
        ranked = await rank(server.client, faq, singles)
        result = await measure(server.client, faq, sentences)
        megabytes = resident_megabytes(server.pid)
        bot = await whole_bot(server.url, database_url, [s.text for s in singles], folder)
    await engine.dispose()
    count = len(training_set(faq, pipeline).examples)
    training = Training(from_nothing, count, after_an_edit=after_an_edit, of_the_goal=of_the_goal)
    return Measured(training, ranked, result, single, together, megabytes, bot)


async def _speeds(server: Server, singles: Sequence[CheckSentence]) -> tuple[Times, Times]:
    """Time parses of sentences that the server has not seen in this form: it remembers the vectors of others."""
    single = await parses_one_at_a_time(server.client, [f"{sentence.text} nhé" for sentence in singles])
    return single, await parses_together(server.client, [f"{sentence.text} vậy" for sentence in singles])


def _of_the_goal(faq: Faq) -> Faq:
    """Return as many entries and examples as the goal for the time of training names."""
    entries = (e.model_copy(update={"examples": e.examples[:EXAMPLES_OF_THE_GOAL]}) for e in faq.entries)
    return faq.model_copy(update={"entries": tuple(entries)[:ENTRIES_OF_THE_GOAL], "outside": faq.outside[:10]})


def _edited(faq: Faq) -> Faq:
    """Return the FAQ with one more example in one entry: the smallest edit that asks for training."""
    first, *rest = faq.entries
    more = first.model_copy(update={"examples": (*first.examples, "thẻ căn cước là cái thẻ chi rứa bà con")})
    return faq.model_copy(update={"entries": (more, *rest)})


async def _trained_alone(training: TrainingSet, folder: Path) -> float:
    folder.mkdir(parents=True)
    async with rasa_server(folder) as server:
        started = time.perf_counter()
        await server.client.train(training, folder / "goal.tar.gz")
        return time.perf_counter() - started


async def _default(faq: Faq, sentences: tuple[CheckSentence, ...]) -> Measured:
    candidate = training_set(faq, read_pipeline(DEFAULT_PIPELINE.read_text("utf-8")))
    folder = _kept(candidate)
    async with rasa_server(folder) as server:
        training = await _default_model(server, candidate, folder)
        singles = [sentence for sentence in sentences if not sentence.before]
        single, together = await _speeds(server, singles)
        ranked = await rank(server.client, faq, singles)
        result = await measure(server.client, faq, sentences)
        return Measured(training, ranked, result, single, together, resident_megabytes(server.pid))


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


async def _default_model(server: Server, candidate: TrainingSet, folder: Path) -> Training:
    """Make the default pipeline's model the live one; return how long its training took, now or before."""
    model, about = folder / "default.tar.gz", folder / "training.json"
    if not about.exists():
        console.print("Huấn luyện cấu hình mặc định của Rasa (lâu: 1–3 giờ; kết quả được giữ lại) …")
        started = time.perf_counter()
        await server.client.train(candidate, model)
        sentences = [example.text for example in candidate.examples]
        about.write_text(json.dumps({"seconds": time.perf_counter() - started, "sentences": sentences}))
    await server.client.switch(model)
    known = json.loads(about.read_text())
    return Training(float(known["seconds"]), len(known["sentences"]), known.get("note", ""))


async def _searches(faq: Faq, sentences: tuple[CheckSentence, ...]) -> dict[str, Ranked]:
    training = training_set(faq, {})
    found = {"BM25": Bm25(training), "rapidfuzz": Alike(training)}
    return {name: await rank(search, faq, sentences) for name, search in found.items()}


def _print_ranked(ranked: dict[str, Ranked]) -> None:
    table = Table("Ý đầu tiên, chưa qua hội thoại", *ranked)
    rows = {
        "đúng ngay ý đầu": lambda r: str(r.first),
        "đúng trong ba ý đầu": lambda r: str(r.three),
        "ngoài phạm vi: nhận ra": lambda r: str(r.outside),
        "lừa đảo: nhận ra": lambda r: str(r.scam),
        "sai số hiệu chuẩn (ECE)": lambda r: f"{r.calibration_error:.3f}",
    }
    for title, shown in rows.items():
        table.add_row(title, *(shown(r) for r in ranked.values()))
    console.print(table)


def _print_understanding(ours: Result, default: Result | None) -> None:
    table = Table("Qua hội thoại, như trên Telegram", "Của dự án", "Mặc định của Rasa")
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
        "hỏi tiếp: đúng ngay": "follow_ups",
    }
    for title, name in rows.items():
        table.add_row(title, str(getattr(ours, name)), str(getattr(default, name)) if default else "chưa đo")
    for heading, name in (("cách gõ", "ways"), ("chủ đề", "topics")):
        for key in sorted(getattr(ours, name)):
            other = str(getattr(default, name)[key]) if default else ""
            table.add_row(f"  · {heading} {key}", str(getattr(ours, name)[key]), other)
    console.print(table)


def _print_reliability(ranked: Ranked) -> None:
    """Draw how often what is said with a confidence is right: on a well calibrated model the bars end at the mark."""
    table = Table("Nói chắc", "Đúng", "Số câu", "0 % … 100 %")
    for count, said, right in ranked.bins:
        bar = "█" * round(right * 40)
        mark = round(said * 40)
        table.add_row(f"{said:.0%}", f"{right:.0%}", str(count), f"{bar:<41}"[:mark] + "│" + f"{bar:<41}"[mark + 1 :])
    console.print(table)


def _keep_failures(result: Result) -> None:
    path = KEPT / "failures.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(str, sorted(result.failures, key=str))) + "\n", "utf-8")
    console.print(f"{len(result.failures)} câu chưa đúng, để đọc: {path.relative_to(ROOT)}")


def _print_speed(ours: Measured, default: Measured | None) -> None:
    table = Table("Tốc độ và bộ nhớ", "Của dự án", "Mặc định của Rasa", "Tỉ lệ")

    def row(title: str, mine: float, other: float | None, form: str, *, more_is_better: bool = False) -> None:
        ratio = (mine / other if more_is_better else other / mine) if other else None
        cells = (form.format(mine), form.format(other) if other else "chưa đo", f"{ratio:.1f} lần" if ratio else "")
        table.add_row(title, *cells)

    other = default
    note = f"; mặc định: {other.training.sentences} câu{other.training.note}" if other else ""
    row(
        f"từ đầu: {ours.training.sentences} câu, cả kiểm tra và chuyển{note}",
        ours.training.seconds,
        other and other.training.seconds,
        "{:.0f} s",
    )
    row("sau khi sửa một mục: cả kiểm tra và chuyển", ours.training.after_an_edit or 0, None, "{:.0f} s")
    row("từ đầu, 240 mục × 25 câu", ours.training.of_the_goal or 0, None, "{:.0f} s")
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


def chosen() -> Coroutine[Any, Any, None]:
    """Return what the command line asks for."""
    if sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    if sys.argv[1:2] == ["statistics"]:
        from tests.bench import counting_up

        del sys.argv[1]
        return counting_up.main()
    if sys.argv[1:2] == ["holding"]:
        from tests.bench import holding_up

        del sys.argv[1]
        return holding_up.main()
    if sys.argv[1:2] == ["pages"]:
        from tests.bench import pages

        return pages.main()
    if sys.argv[1:2] == ["inbox-pages"]:
        from tests.bench import inbox_pages

        return inbox_pages.main()
    if sys.argv[1:2] == ["inbox"]:
        from tests.bench import inbox

        return inbox.main(*sys.argv[2:3])
    return default_only() if sys.argv[1:] == ["default"] else main()


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):  # told to stop
        asyncio.run(chosen())
