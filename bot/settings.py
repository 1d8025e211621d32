"""What the citizens' door needs to know."""

from pydantic import Field, field_validator

from faq.settings import Settings


class BotSettings(Settings):
    """Settings of the Telegram bot."""

    telegram_bot_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str = Field(default="", description="public address; polling if empty")
    telegram_webhook_secret: str = ""
    telegram_webhook_host: str = "127.0.0.1"
    telegram_webhook_port: int = 8443

    @field_validator("telegram_api_url")
    @classmethod
    def _without_last_slash(cls, value: str) -> str:
        return value.rstrip("/")
