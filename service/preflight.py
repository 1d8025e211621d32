"""What must be right before anything starts, each fault in one clear sentence."""

import errno
import io
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from dotenv.parser import parse_stream

from service.environments import NLU, SetupError


def check_env_file(env: Path) -> None:
    """Refuse a `.env` with a line that cannot be read."""
    if not env.exists():
        return
    try:
        bindings = tuple(parse_stream(io.StringIO(env.read_text(encoding="utf-8"))))
    except UnicodeDecodeError:
        raise SetupError("Tệp .env không phải chữ UTF-8. Mở bằng trình soạn thảo và lưu lại dạng UTF-8.") from None
    for binding in bindings:
        if binding.error or (binding.key is not None and binding.value is None):
            raise SetupError(
                f"Dòng {binding.original.line} của tệp .env không đọc được: cần dạng TÊN=giá trị "
                "(không in lại ở đây vì có thể là mật mã)."
            )


def check_port(address: str, port: int, what: str, setting: str) -> None:
    """Refuse a port that somebody else listens on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise SetupError(f"Không có quyền mở cổng {port} cho {what}. Đặt {setting} khác trong .env.") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SetupError(
                    f"Máy này không có địa chỉ {address} (cho {what}). Sửa {setting} trong .env."
                ) from None
            raise SetupError(
                f"Cổng {port} (cho {what}) đang có chương trình khác dùng. "
                f"Tắt chương trình đó hoặc đặt {setting} khác trong .env."
            ) from None


def check_private(url: str) -> tuple[str, int]:
    """Return address and port of the NLU server; refuse one that strangers could reach."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 5005
    except ValueError:
        raise SetupError("NLU_URL phải có dạng http://127.0.0.1:5005.") from None
    if parts.scheme != "http" or not host:
        raise SetupError("NLU_URL phải có dạng http://127.0.0.1:5005.")
    allowed = {"127.0.0.1", "localhost", "::1"}
    if host not in allowed and os.environ.get("NLU_PRIVATE_NETWORK") != "yes":
        raise SetupError("NLU_URL phải là địa chỉ riêng của máy này (127.0.0.1): máy hiểu ngôn ngữ không có mật khẩu.")
    return host, port


def check_nlu_environment() -> None:
    """Refuse to start Rasa when its environment was not made."""
    if not (NLU / "bin/rasa").exists():
        raise SetupError("Chưa có môi trường .venv-nlu. Chạy `make setup` trước.")
