"""How well the inbox puts together what wants the same: pairwise F1 on 500 messages of 25 entries.

Twice: with a model that knows the entries, and as if it had never heard of them (their intents are taken out of what it
says). The range of the likeness from which a question joins a group, and of the weight of words beside intents, was
found on other entries' check sentences; within it the values were settled after a look at these 500. A second 500 of 25
other entries were written afterwards by somebody who had seen neither entries nor values: nothing is to be settled by them.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from rich.console import Console
from rich.table import Table

from faq.content_files import ContentFiles
from faq.folding import fold
from nlu.rasa_client import RasaClient
from nlu.understanding import Understanding
from stats.likeness import Groups, Vector, WordWeights, vector

SEEDS, BLIND = (Path(__file__).parent / f"{name}.yml" for name in ("inbox_seeds", "inbox_seeds_blind"))
console = Console(width=120, highlight=False)
Message = tuple[str, str]
"""A text and the entry that answers it."""


def messages(seeds: Path = SEEDS) -> tuple[list[Message], int]:
    """Return the seeds in no order, and how many of them are check sentences."""
    written: dict[str, list[str]] = yaml.safe_load(seeds.read_text("utf-8"))
    files = ContentFiles()
    trained = {fold(text): entry.key for entry in files.read().entries for text in entry.examples}
    checks = [
        (s.text, str(s.entry))
        for s in files.check_sentences()
        if s.entry in written and not s.before and seeds == SEEDS
    ]
    every = [*checks, *((text, key) for key, texts in written.items() for text in texts)]
    every = [(text, key) for text, key in every if trained.get(fold(text)) != key]  # those would be too easy
    random.Random(5).shuffle(every)
    return every, len(checks)


def grouped(vectors: Sequence[Vector], *, merge_every: int = 25) -> list[int]:
    """Put vectors into groups one after the other, as they come in, and merge as the inbox does after each reading."""
    groups, where, count = Groups(), list[int](), 0
    for number, one in enumerate(vectors, start=1):
        group = groups.nearest(one)
        if group is None:
            count += 1
            group = count
        groups.add(group, one)
        where.append(group)
        if number % merge_every == 0 or number == len(vectors):
            where = _merged(groups, where)
    return where


def _merged(groups: Groups, where: list[int]) -> list[int]:
    waiting = set(where)
    while waiting:
        group = min(waiting)
        twin = groups.twin(group)
        if twin is None:
            waiting.discard(group)
            continue
        into, gone = sorted((group, twin))
        groups.merge(gone, into)
        where = [into if one == gone else one for one in where]
        waiting = (waiting - {gone}) | {into}
    return where


def pairwise(where: Sequence[int], wanted: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all pairs of messages."""
    both = _pairs(Counter(zip(where, wanted, strict=True)).values())
    found, all_pairs = _pairs(Counter(where).values()), _pairs(Counter(wanted).values())
    precision, recall = both / max(found, 1), both / max(all_pairs, 1)
    return precision, recall, 2 * both / max(found + all_pairs, 1)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def without(understood: Understanding, intents: Collection[str]) -> Understanding:
    """Return what a model would say that does not know some intents, as near as the others' shares tell it."""
    return understood.only(lambda intent: intent not in intents).weighed(lambda guess: guess.confidence)


async def understood(client: RasaClient, texts: Sequence[str]) -> list[Understanding]:
    """Return what the live model makes of texts."""
    return [await client.parse(text) for text in texts]


async def main(url: str = "") -> None:
    """Measure, with the NLU server at `url` or one of our own with the models in `var/models`."""
    if url:
        async with RasaClient.at(url) as client:
            await _measure(client)
        return
    from service.environments import ROOT
    from tests.bench.programs import rasa

    with TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        (models / "live.tar.gz").write_bytes((ROOT / "var/models/live.tar.gz").read_bytes())
        program, address = rasa(models)
        await program.start()
        try:
            async with RasaClient.at(address) as client:
                await _measure(client)
        finally:
            program.stop()


async def _measure(client: RasaClient) -> None:
    for seeds in (SEEDS, BLIND):
        await _measure_on(client, *messages(seeds))


async def _measure_on(client: RasaClient, seeds: Sequence[Message], checks: int) -> None:
    heard = await understood(client, [text for text, _ in seeds])
    wanted = [key for _, key in seeds]
    faq = await asyncio.to_thread(ContentFiles().read)
    weights = WordWeights.of(text for entry in faq.entries for text in entry.examples)
    unheard = WordWeights.of(text for e in faq.entries if e.key not in set(wanted) for text in e.examples)
    console.print(
        f"{len(seeds)} câu của {len(set(wanted))} mục, {checks} câu kiểm tra và {len(seeds) - checks} câu viết riêng"
    )
    table = Table("Gom câu hỏi trong hộp", "nhóm", "đúng cặp", "đủ cặp", "F1")
    cases = {
        "mục máy đã biết": (heard, weights),
        "mục máy chưa biết": ([without(one, set(wanted)) for one in heard], unheard),
    }
    for title, (guesses, words) in cases.items():
        where = grouped([vector(fold(text), one, words) for (text, _), one in zip(seeds, guesses, strict=True)])
        shares = (f"{share:.3f}" for share in pairwise(where, wanted))
        table.add_row(title, str(len(set(where))), *shares)
    console.print(table)
