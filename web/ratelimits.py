"""Limits on attempts: how often in which time, by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, request
from flask_limiter.util import get_remote_address

from caching.store import EXTENSION, Store
from config import Settings
from extensions import limiter
from web.attempts import SCHEME

SIGN_INS_PER_ACCOUNT = "10 per minute"
SIGN_INS_PER_ADDRESS = "30 per minute"
NEW_SECRETS_PER_ACCOUNT = "10 per minute"
REGISTRATIONS_PER_ADDRESS = "30 per hour"
WRONG_ADDRESSES_PER_ADDRESS = "30 per minute"


def init_app(app: Flask, settings: Settings) -> None:
    """Count for all processes where the cache lives; without a cache each process counts by itself."""
    store: Store | None = app.extensions[EXTENSION]
    app.config.update(
        RATELIMIT_ENABLED=settings.ratelimit_enabled,
        RATELIMIT_STORAGE_URI=f"{SCHEME}://" if store else "memory://",
        RATELIMIT_STORAGE_OPTIONS={"store": store} if store else {},
        RATELIMIT_KEY_PREFIX="limit",
        RATELIMIT_STRATEGY="fixed-window",
    )
    limiter.init_app(app)


def limit_sign_ins(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit attempts to sign in, per account and per address, over the API and the pages together."""
    per_address = limiter.shared_limit(SIGN_INS_PER_ADDRESS, "sign-in-address", key_func=get_remote_address, **_POSTS)
    per_account = limiter.shared_limit(SIGN_INS_PER_ACCOUNT, "sign-in-account", key_func=_account, **_POSTS)
    return per_address(per_account(view))


def limit_registrations(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit registrations per address."""
    limit = limiter.shared_limit(REGISTRATIONS_PER_ADDRESS, "registration", key_func=get_remote_address, **_POSTS)
    return limit(view)


def limit_password_changes(who: Callable[[], int]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Limit attempts to guess one's present password with a stolen sign-in; `who` returns the id of the signed in."""
    return limiter.shared_limit(
        NEW_SECRETS_PER_ACCOUNT, "password-change", key_func=lambda: str(who()), exempt_when=_keeps_password
    )


def limit_wrong_addresses(view: Callable[..., Any]) -> Callable[..., Any]:
    """Limit attempts to guess a secret address; requests for right ones are not counted."""
    limit = limiter.shared_limit(
        WRONG_ADDRESSES_PER_ADDRESS, "secret-address", key_func=get_remote_address, deduct_when=_is_not_found
    )
    return limit(view)


def _is_not_found(response: Response) -> bool:
    return response.status_code == 404


def _keeps_password() -> bool:
    return not _sent("password")


_POSTS: dict[str, Any] = {"methods": ["POST"]}


def _account() -> str:
    """Return the address that is being tried."""
    return _sent("email").strip().lower()[:254] or "-"


def _sent(field: str) -> str:
    """Return a text that was sent in a JSON body or a form; empty if there is none."""
    body = request.get_json(silent=True) if request.is_json else request.form
    value = body.get(field) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""
