"""Signed tokens in the addresses of mails, such as who unsubscribes from what."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from web.settings import chosen


def sign(value: Any, *, purpose: str) -> str:
    """Return a JSON value as a token that can stand in an address.

    Anybody can read it, and only we can write it.
    """
    return _signer(purpose).dumps(value)


def read(token: str, *, purpose: str) -> Any:
    """Return what was signed for this purpose, or None if the token is not one of ours."""
    try:
        return _signer(purpose).loads(token)
    except BadSignature:
        return None


def _signer(purpose: str) -> URLSafeSerializer:
    # With its own salt a token of one purpose, or a cookie, is none of another.
    return URLSafeSerializer(chosen().secret_key, salt=f"lectern mail {purpose}")
