"""Settings from the environment and `.env`, shared by all rooms."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_WHY = {
    "int_parsing": "phải là một số",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "phải từ {le} trở xuống",
}


def explain(error: ValidationError) -> tuple[str, ...]:
    """Say what is wrong with the settings, a sentence each; values are not repeated, for they may be secret."""
    sentences = []
    for fault in error.errors():
        why = _WHY.get(fault["type"], fault["msg"]).format(**fault.get("ctx", {})).removeprefix("Value error, ")
        name = str(fault["loc"][0]).upper() if fault["loc"] else ""
        sentences.append(f"Thiết lập {name} {why}." if name else f"Thiết lập: {why}.")
    return tuple(sentences)


class Settings(BaseSettings):
    """What every part of the service needs to know; each room adds its own."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    database_url: str = "sqlite:///var/service.db"
    nlu_url: str = "http://127.0.0.1:5005"
    nlu_replicas: str = Field(default="", description="further NLU servers with the same folder of models, by commas")
    nlu_token: str = Field(default="", description="what the NLU server asks callers for, if anything")
    secret_key: str = Field(default="", description="keys pseudonyms and sessions; made by `make setup` if empty")
    var_dir: Path = Path("var")
    keep_text_days: int = Field(default=90, ge=1, le=3650, description="masked words are kept so long, counts for ever")

    @property
    def models(self) -> Path:
        """Folder of trained models, shared with the NLU server."""
        return self.var_dir / "models"

    @property
    def spool(self) -> Path:
        """Folder where questions wait while the database is away."""
        return self.var_dir / "spool"

    @property
    def reports(self) -> Path:
        """Folder of the weekly reports."""
        return self.var_dir / "reports"
