"""A process that works on publications until it is killed at a step: `python -m tests.faq.dying FOLDER STEP`."""

import asyncio
import sys
from pathlib import Path

import faq.audit  # noqa: F401 - adds its table
from faq.content_files import ContentFiles
from faq.database import connect, sessions
from tests.faq.paper import Desk, sentences_of
from tests.faq.small import small_of


async def main(folder: Path, step: str) -> None:
    desk = Desk(sessions(connect(f"sqlite:///{folder}/desk.db")), folder, dies_at=step)
    desk.sentences = sentences_of(small_of(ContentFiles().read()))
    await desk.worker.run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
