"""Read from a browser's cookie which sign-in it stands for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, cast

from flask import Flask
from flask_login import UserMixin, current_user
from itsdangerous import BadSignature
from werkzeug.http import parse_cookie

from accounts.sign_in.tokens import Credentials
from extensions import login_manager
from web.clock import now
from web.security import cookie_name

# Where Flask-Login keeps it in the session.
_USER_ID = "_user_id"


class SignedIn(NamedTuple):
    """What a signed cookie vouches for: the sign-in, and when that ends by itself, in seconds since 1970."""

    who: Credentials
    expires: int


class BrowserUser(UserMixin):
    """Wrap what Flask-Login keeps in the session cookie.

    It is a sign-in and not a person, and it says when the sign-in ends by itself.
    """

    def __init__(self, credentials: Credentials, expires: int) -> None:
        """Wrap the credentials that the cookie stands for.

        `expires` is in seconds since 1970.
        """
        self.credentials = credentials
        self.expires = expires

    def get_id(self) -> str:
        """Return what the signed cookie carries."""
        return f"{self.credentials.id}.{self.credentials.role}.{self.credentials.sign_in_id}.{self.expires}"


@login_manager.user_loader
def _load_browser_user(text: str) -> BrowserUser | None:
    """Read what the cookie carries.

    Every message to the reader signs it anew, so its own age says nothing.
    """
    signed_in = _parse(text)
    return BrowserUser(*signed_in) if signed_in and signed_in.expires > now().timestamp() else None


def credentials_in_cookie() -> Credentials | None:
    """Return whose sign-in the request's cookie stands for, or None."""
    return cast(Credentials, current_user.credentials) if current_user.is_authenticated else None


class CookieReader:
    """Reads the Cookie headers of one application's requests, before there is a request."""

    def __init__(self, app: Flask) -> None:
        """Read what `app` has signed."""
        self._name = app.config["SESSION_COOKIE_NAME"]
        self._serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        # A signature that was valid stays so; `expires` is checked in each request.
        self.read = lru_cache(maxsize=4096)(self._read)

    def _read(self, header: str, *, secure: bool) -> SignedIn | None:
        """Return what the session in a Cookie header vouches for, None if nobody is signed in there."""
        signed = parse_cookie(header).get(cookie_name(self._name, secure=secure), "")
        try:
            session = self._serializer.loads(signed)
        except BadSignature:
            return None
        return _parse(session.get(_USER_ID, ""))


def _parse(text: str) -> SignedIn | None:
    try:
        user_id, role, sign_in_id, expires = text.split(".")
    except ValueError:
        # From before cookies said when they end.
        return None
    return SignedIn(Credentials(int(user_id), role, int(sign_in_id)), int(expires))
