"""Settings of the statistics: from the environment and `.env`, with defaults that are right on one machine."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class StatsSettings(BaseSettings):
    """What `python -m stats` needs to know."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    database_url: str = "sqlite:///var/service.db"
    secret_key: str = ""
    var_dir: Path = Path("var")

    @property
    def spool(self) -> Path:
        """Folder where questions wait while the database is away."""
        return self.var_dir / "spool"
