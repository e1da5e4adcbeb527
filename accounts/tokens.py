"""Keys of integrations: 256 random bits, shown once, kept as a keyed digest."""

import hashlib
import hmac
import secrets

PREFIX = "lampa_"


def generate() -> str:
    """A new key."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str, pepper: str) -> str:
    """The keyed digest under which a key is found again."""
    return hmac.new(pepper.encode(), key.encode(), hashlib.sha256).hexdigest()
