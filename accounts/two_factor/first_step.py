"""The first step of a sign-in in two, kept in the browser's own cookie until the code is given.

The cookie is signed. It proves that the password was right a moment ago, and signs nobody in.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from flask import current_app, session

from accounts.sign_in import service as sign_ins
from accounts.sign_in.service import Verified

_KEY = "first-step"
LASTS = timedelta(minutes=10)


def keep(verified: Verified, now: datetime) -> None:
    """Remember that this browser has given an account's password."""
    session[_KEY] = [verified.user_id, int(now.timestamp()), _digest(verified)]


def taken(now: datetime) -> Verified | None:
    """Return whose password this browser has given.

    None if it has not, or too long ago, or if the password has changed since.
    """
    try:
        user_id, at, digest = session[_KEY]
    except (KeyError, ValueError):
        return None
    if now.timestamp() - at > LASTS.total_seconds():
        return None
    verified = sign_ins.verified_before(user_id)
    return verified if verified and hmac.compare_digest(digest, _digest(verified)) else None


def forget() -> None:
    """Begin anew."""
    session.pop(_KEY, None)


def _digest(verified: Verified) -> str:
    """Stand for the password's hash, which is not for cookies."""
    return hmac.digest(str(current_app.secret_key).encode(), verified.password_hash.encode(), "sha256").hex()[:32]
