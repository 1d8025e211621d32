"""Jobs beside the pages run, and stop with them."""

import asyncio

from web.working import working


async def test_jobs_run_until_the_pages_stop() -> None:
    seen: list[str] = []

    async def job() -> None:
        seen.append("began")
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("ended")

    async with working([job]):
        await asyncio.sleep(0)
        assert seen == ["began"]

    assert seen == ["began", "ended"]


async def test_job_that_fails_stops_nothing() -> None:
    async def job() -> None:
        raise RuntimeError

    async with working([job]):
        await asyncio.sleep(0.01)
