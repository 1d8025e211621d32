"""What the office does beside serving its pages, for as long as it is open."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

Job = Callable[[], Coroutine[Any, Any, None]]
"""Goes on until it is cancelled; what goes wrong within, it deals with itself."""


@asynccontextmanager
async def background(*jobs: Job) -> AsyncIterator[None]:
    """Let jobs run beside what is done inside."""
    tasks = [asyncio.create_task(job()) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
