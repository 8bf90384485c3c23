"""Browsers that have signed in to an account before.

Their attempts are counted apart, so that strangers' attempts do not lock the owner out. Such a browser has a cookie
with a random name of its own, and keyed hashes of the accounts. The cookie is no sign-in.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from accounts.names import normalise_email
from web.security import cookie_name

_COOKIE = "known-browser"
KEPT_FOR = timedelta(days=365)
# A browser that many people share knows those who signed in last.
MOST_ACCOUNTS = 10


@dataclass(frozen=True, slots=True)
class _Browser:
    name: str
    accounts: list[str]


def recognise(email: str) -> str | None:
    """Return the browser's name if it has signed in with this address before."""
    browser = _read()
    return browser.name if browser and _hashed(email) in browser.accounts else None


def remember(email: str) -> None:
    """Remember that this browser has just signed in with this address."""
    browser, account = _read() or _Browser(secrets.token_hex(16), []), _hashed(email)
    others = [known for known in browser.accounts if known != account]
    text = str(_serializer().dumps([browser.name, [*others, account][-MOST_ACCOUNTS:]]))

    @after_this_request
    def write(response: Response) -> Response:
        secure = request.is_secure
        name = cookie_name(_COOKIE, secure=secure)
        response.set_cookie(name, text, max_age=KEPT_FOR, secure=secure, httponly=True, samesite="Lax")
        return response


def _read() -> _Browser | None:
    try:
        return _Browser(*_serializer().loads(request.cookies.get(cookie_name(_COOKIE, secure=request.is_secure), "")))
    except BadSignature:
        return None


def _hashed(email: str) -> str:
    return hmac.digest(str(current_app.secret_key).encode(), normalise_email(email).encode(), "sha256").hex()[:32]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), "a known browser")
