"""Bring the database's tables up to date (Alembic)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url

from faq.database import MIGRATIONS, async_url


def migrate(url: str, target: str = "head") -> None:
    """Bring the database at `url` to revision `target`. Must not run inside an event loop's thread."""
    command.upgrade(_config(url), target)
    path = make_url(async_url(url)).database
    if path and async_url(url).startswith("sqlite") and Path(path).exists():
        Path(path).chmod(0o600)  # masked questions and hashes are nobody else's business


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", async_url(url).replace("%", "%%"))
    return config
