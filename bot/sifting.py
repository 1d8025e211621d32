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

    _noted = -1
    """The last update that was noted: they come again for as long as one before them is not handled."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Ask, and sift what came."""
        status, payload = await super().do_request(*args, **kwargs)
        try:
            reply = json.loads(payload)
            updates = reply["result"]
            sifted = [self._readable(update) for update in updates]
        except (ValueError, KeyError, TypeError):
            return status, payload
        return status, payload if sifted == updates else json.dumps({**reply, "result": sifted}).encode()

    def _readable(self, update: dict[str, Any]) -> dict[str, Any]:
        number = update["update_id"]
        try:
            Update.de_json(copy.deepcopy(update), None)  # reading changes what is read
        except Exception as error:  # noqa: BLE001 - whatever the library stumbles over
            if number > self._noted:
                log.error("update %s cannot be read (%s)", number, type(error).__name__)  # noqa: TRY400 - its text may quote
                self._noted = number
            return {"update_id": number}
        return update
