"""A citizen without a name: the same person has the same pseudonym, and nobody can go back without the key."""

import hashlib
import hmac

LENGTH = 32


class Pseudonyms:
    """Pseudonyms under a secret that is kept outside the database."""

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("pseudonyms need a secret")
        self._key = secret.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        """Keep the secret out of logs and error reports."""
        return "Pseudonyms()"

    def of(self, channel: str, user_id: int | str) -> str:
        """Return the 32 hex digits that stand for `user_id` on `channel`."""
        # The length keeps ("a", "b:1") and ("a:b", "1") apart.
        person = f"{len(channel)}:{channel}:{user_id}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, person, hashlib.sha256).hexdigest()[:LENGTH]
