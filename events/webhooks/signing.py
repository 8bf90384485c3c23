"""Secrets of webhooks, and the signatures that are made with them.

A secret is computed from SECRET_KEY and a random word that stands with the webhook: who has the database alone, or a
copy of it, cannot sign. With another SECRET_KEY all secrets are others, which `is_as_shown` tells.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

# While a receiver is given the new secret, the old one signs, too.
OLD_SECRET_FOR = timedelta(hours=24)
_PREFIX = "whsec_"


def new_salt() -> str:
    """Return a random word to compute a secret from."""
    return secrets.token_hex(16)


def shown(salt: str, key: str) -> str:
    """Write a secret as its receiver gets it."""
    return _PREFIX + base64.b64encode(_secret(salt, key)).decode()


def check_of(salt: str, key: str) -> str:
    """Return what tells a secret from others, and nothing else about it."""
    return hmac.digest(_secret(salt, key), b"check", "sha256").hex()[:16]


def is_as_shown(webhook: Row[Any], key: str) -> bool:
    """Tell whether the secret is still the one that its receiver was given."""
    return hmac.compare_digest(check_of(webhook.salt, key), webhook.secret_check)


def secrets_of(webhook: Row[Any], key: str, now: datetime) -> list[bytes]:
    """Return what to sign with: the secret, and for a while the one before it."""
    salts = [webhook.salt]
    if webhook.old_salt and webhook.old_until and now < webhook.old_until:
        salts.append(webhook.old_salt)
    return [_secret(salt, key) for salt in salts]


def headers(message_id: str, payload: bytes, keys: Iterable[bytes], now: datetime) -> dict[str, str]:
    """Return the headers of a message, with a signature for each secret."""
    timestamp = str(int(now.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + payload
    made = [base64.b64encode(hmac.digest(key, content, "sha256")).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


def _secret(salt: str, key: str) -> bytes:
    return hmac.digest(key.encode(), f"lectern webhook {salt}".encode(), "sha256")
