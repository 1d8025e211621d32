"""Whether the service is well, for whoever watches it: no log-in, nothing personal."""

import asyncio

from fastapi import Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from dialogue.building import Parts
from nlu.rasa_client import NluUnavailableError
from web.office import office

PATIENCE = 3.0


async def health(request: Request) -> Response:
    """Say what answers; without the NLU it searches by words, without the database it is not ok."""
    parts = office(request).parts
    database, nlu = await asyncio.gather(_database_answers(parts), _nlu_answers(parts))
    return JSONResponse({"ok": database, "database": database, "nlu": nlu}, 200 if database else 503)


async def _database_answers(parts: Parts) -> bool:
    try:
        async with asyncio.timeout(PATIENCE), parts.sessions() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError):
        return False
    return True


async def _nlu_answers(parts: Parts) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await parts.rasa.live_model()
    except (NluUnavailableError, TimeoutError):
        return False
    return True
