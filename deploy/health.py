"""Say by the exit status whether a part of the service is well, asked from inside its own container.

Needs nothing but the standard library, of Python 3.10 as well: the NLU server's image holds nothing else of ours.
"""

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 5
ESTABLISHED = "01"
FORBIDDEN = 403
OK = 200
SOCKETS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))


def nlu_is_well() -> bool:
    """Rasa answers, with a model or without one yet."""
    return _status(f"http://127.0.0.1:{os.environ.get('NLU_PORT', '5005')}/") == OK


def office_is_well() -> bool:
    """The pages answer and reach the database."""
    return _status(f"http://127.0.0.1:{os.environ.get('WEB_PORT', '8000')}/suc-khoe") == OK


def bot_is_well() -> bool:
    """By webhook the bot answers, refusing who lacks the secret; by polling it is connected to Telegram."""
    if os.environ.get("TELEGRAM_WEBHOOK_URL"):
        port = os.environ.get("TELEGRAM_WEBHOOK_PORT", "8443")
        path = os.environ.get("TELEGRAM_WEBHOOK_PATH", "/telegram").lstrip("/")
        return _status(f"http://127.0.0.1:{port}/{path}", b"{}") == FORBIDDEN
    api = urlsplit(os.environ.get("TELEGRAM_API_URL") or "https://api.telegram.org")
    port = api.port or (80 if api.scheme == "http" else 443)
    tables = (table.read_text("ascii") for table in SOCKETS if table.exists())
    return any(has_connection(table, port) for table in tables)


def has_connection(table: str, port: int) -> bool:
    """Whether a table of the kernel's (`/proc/net/tcp`) holds an open connection to `port` of somebody else."""
    for line in table.splitlines()[1:]:
        _, _, remote, state, *_ = line.split()
        if state == ESTABLISHED and int(remote.rpartition(":")[2], 16) == port:
            return True
    return False


def _status(url: str, body: "bytes | None" = None) -> int:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


PARTS = {"nlu": nlu_is_well, "office": office_is_well, "bot": bot_is_well}

if __name__ == "__main__":
    sys.exit(not PARTS[sys.argv[1]]())
