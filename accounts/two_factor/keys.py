"""Secrets of apps and codes for recovery, so that the database alone gives neither.

A secret is computed from SECRET_KEY and a random word that stands with the account, as those of webhooks are. With
another SECRET_KEY no code counts any more, and an operator switches two-factor sign-in off for its owners.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode

from hooks import Hook

# What the application's secrets are made with.
application_secret = Hook[[], str]()

# As long as the digest that apps compute with: 160 bits.
_SECRET_BYTES = 20


def new_salt() -> str:
    """Return a random word to compute a secret from."""
    return secrets.token_hex(16)


def secret_of(salt: str) -> str:
    """Return an app's secret, in the letters and digits that apps read."""
    return b32encode(_digest(f"lectern two-factor secret {salt}")[:_SECRET_BYTES]).decode()


def digest_of(user_id: int, recovery_code: str) -> str:
    """Return what is kept of a code for recovery."""
    return _digest(f"lectern recovery code {user_id} {recovery_code}").hex()


def _digest(text: str) -> bytes:
    return hmac.digest(application_secret().encode(), text.encode(), "sha256")
