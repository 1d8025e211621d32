"""What the citizens' door needs to know."""

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from faq.settings import Settings


class BotSettings(Settings):
    """Settings of the Telegram bot."""

    telegram_bot_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str = Field(default="", description="public address; polling if empty")
    telegram_webhook_secret: str = ""
    telegram_webhook_host: str = "127.0.0.1"
    telegram_webhook_port: int = 8443
    telegram_webhook_path: str = Field(default="/telegram", description="what a proxy asks the bot for")

    @model_validator(mode="after")
    def _webhook_needs_its_secret(self) -> Self:
        if self.telegram_webhook_url and not self.telegram_webhook_secret:
            raise ValueError("TELEGRAM_WEBHOOK_URL cần đi cùng TELEGRAM_WEBHOOK_SECRET")
        return self

    @field_validator("telegram_api_url")
    @classmethod
    def _without_last_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("phải bắt đầu bằng https:// hoặc http://")
        return value.rstrip("/")

    @field_validator("telegram_webhook_path")
    @classmethod
    def _with_first_slash(cls, value: str) -> str:
        return "/" + value.lstrip("/")

    @property
    def replicas(self) -> Path:
        """Folder of the places of the bot's processes."""
        return self.var_dir / "bot"
