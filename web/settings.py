"""What the office's door needs to know."""

from pathlib import Path

from pydantic import Field

from faq.settings import Settings


class WebSettings(Settings):
    """Settings of the office's pages."""

    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8000, ge=1, le=65535)
    one_person_office: bool = Field(default=False, description="whether authors may approve their own changes")
    web_address: str = Field(default="", description="address as people type it, behind a proxy")

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
