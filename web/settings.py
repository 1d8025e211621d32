"""What the office's door needs to know."""

import re
from pathlib import Path

from pydantic import Field, field_validator

from faq.settings import Settings

_BOT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{4,31}")


class WebSettings(Settings):
    """Settings of the office's pages."""

    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8000, ge=1, le=65535)
    telegram_bot_name: str = Field(default="", description="name of the bot on Telegram, for leaflets")
    one_person_office: bool = Field(default=False, description="whether authors may approve their own changes")
    web_address: str = Field(default="", description="address as people type it, behind a proxy")

    @field_validator("telegram_bot_name")
    @classmethod
    def _plain_name(cls, value: str) -> str:
        name = value.strip().removeprefix("https://t.me/").removeprefix("@")
        if name and not _BOT_NAME.fullmatch(name):
            raise ValueError("phải là tên bot trên Telegram, ví dụ hoidap_cualo_bot")
        return name

    @property
    def uploads(self) -> Path:
        """Folder where workbooks wait for a word of whoever sent them."""
        return self.var_dir / "uploads"

    @property
    def address(self) -> str:
        """Address to type into a browser: the public one if there is one, else this machine's."""
        if self.web_address:
            return self.web_address.rstrip("/")
        host = "127.0.0.1" if self.web_host in {"", "0.0.0.0", "::"} else self.web_host  # noqa: S104 - compared only
        return f"http://{f'[{host}]' if ':' in host else host}:{self.web_port}"
