"""An update that the Telegram library cannot read must not keep all others from being read, again and again."""

import copy
import json
import logging
from typing import Any

from telegram import Update
from telegram.request import HTTPXRequest

log = logging.getLogger(__name__)


class Sifted(HTTPXRequest):
    """Asks for updates; of those that cannot be read it leaves the number, by which Telegram learns they are done."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Ask, and sift what came."""
        status, payload = await super().do_request(*args, **kwargs)
        try:
            reply = json.loads(payload)
            updates = reply["result"]
            sifted = [_readable(update) for update in updates]
        except (ValueError, KeyError, TypeError):
            return status, payload
        return status, payload if sifted == updates else json.dumps({**reply, "result": sifted}).encode()


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    try:
        Update.de_json(copy.deepcopy(update), None)  # reading changes what is read
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over
        log.error("update %s cannot be read (%s)", update["update_id"], type(error).__name__)  # noqa: TRY400 - its text may quote
        return {"update_id": update["update_id"]}
    return update
